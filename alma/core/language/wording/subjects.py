"""Words that point at something that is there: `the web servers`, `api`, `web-1 and web-2`, `mysql`."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind, Token

AMOUNTS = {Kind.NUMBER, Kind.SIZE, Kind.PERCENT}
COPIES = {"replica", "instance", "copy", "time", "pod", "unit"}
INDEFINITE = {"a", "an", "another", "some", "one"}
KNOWN = {"the", "our", "my", "this", "that", "its", "their", "both", "all"}
_CHOOSING = frozenset(
    "first second third fourth last other others bigger biggest larger largest smaller smallest".split()
)
_NOUNS = {Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE, Sort.GROUP, Sort.ROLE}
LISTING = {"and", ",", "&"}


def subject_of(items: Sequence[Item]) -> int:
    """How many items at the beginning name something known: `the web servers`, `api`, `mysql`."""
    if [item.norm for item in items[:2]] == ["everything", "except"]:
        return _excepted(items, 1)
    index = 0
    definite = bool(items) and items[0].norm in KNOWN
    index += definite
    begun = index
    chosen = definite and index + 1 < len(items) and items[index].norm in _CHOOSING
    if chosen and items[index + 1].text.casefold() in {"one", "ones"}:
        return _excepted(items, index + 2)  # "32GB for the second one"
    index += definite and _says_system(items[index : index + 2])
    while index < len(items) and (items[index].existing or items[index].terms.keys() & _NOUNS):
        if items[index].existing:
            return _listed(items, index + 1)
        index += 1
    if index == begun:
        return 0
    software = all(Sort.SOFTWARE in item.terms for item in items[begun:index])
    plural = items[index - 1].plural
    return _excepted(items, index) if definite or software or plural else 0


def _says_system(items: Sequence[Item]) -> bool:
    """`The ubuntu vm`: which of the machines, by what it is made from."""
    machine = len(items) > 1 and items[1].terms.keys() & {Sort.TYPE, Sort.COMPUTE}
    return bool(machine) and Sort.IMAGE in items[0].terms and not items[0].existing


def _excepted(items: Sequence[Item], index: int) -> int:
    """Where the subject ends with what is left out of it: `all containers except plex`."""
    if items[index : index + 1] and items[index].norm == "except":
        return index + 1 + subject_of(items[index + 1 :])
    return index


def _listed(items: Sequence[Item], index: int) -> int:
    """The end of a list of names of which the first ends at `index`."""
    place = index
    while place < len(items) and items[place].norm in {*LISTING, "the"}:
        place += 1
    if place == index or place >= len(items) or items[place].existing is None:
        return index
    return _listed(items, place + 1)


def definite(subject: list[Token], first: Item) -> list[Token]:
    """`mysql` as `the mysql`, where it is spoken of as something that is there."""
    known = first.norm in KNOWN or first.existing is not None or first.plural
    return subject if known else [order_word("the", subject[0]), *subject]


def tokens_of(items: Sequence[Item]) -> list[Token]:
    return [token for item in items for token in item.tokens]


def order_word(text: str, near: Token) -> Token:
    return Token(text, text, near.start, near.start, Kind.WORD)
