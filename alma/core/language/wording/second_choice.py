"""Things that were said first and then thought better of: `mysql, no, postgres`, `a redis. Wait no, valkey`.

Two of a kind with nothing but second thoughts between them are one thing, and the last word counts. "Mysql, no
postgres" says what is not wanted, and "redis, actually valkey too" wants both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind, Token

_MIND = frozenset(
    "wait sorry actually mean meant scratch rather oops whoops nah nope correction hang".split()
)
_PROPOSING = frozenset(
    "first have start begin try take go do just plain simple small normal regular good old i'd we'd we like prefer "
    "then now instead perhaps maybe".split()
) | {"start with", "begin with", "go with", "for now"}
_BETWEEN = _MIND | _PROPOSING | frozenset(
    "no , . … - – — ; : i that make it or on hmm er uh um a an the some better let's lets say go with use well".split()
)  # fmt: skip
_SIGNS = frozenset(", . … - – — ; :".split())
_ARTICLES = {"a", "an", "the", "some"}
_TOO = {"too", "also", "as", "both"}
# "Scrap the VMs, we'd rather have a cluster" wants one gone and the other made.
_REMOVING = frozenset(
    "scrap remove delete drop kill ditch bin axe lose destroy discard retire decommission forget chuck dump skip "
    "trash rid".split()
)
_WISHING = frozenset("i'd we'd i we like prefer have take use go".split())
_LONGEST = 12
_LOOK_AHEAD = 3


def without_first_choice(
    tokens: Sequence[Token], tag: Callable[[Sequence[Token]], Sequence[Item]]
) -> list[Token]:
    """The tokens with only the last of such things."""
    if not any(token.norm in _MIND or token.norm == "no" for token in tokens):
        return list(tokens)
    items = list(tag(tokens))
    out: list[Item] = []
    index = 0
    while index < len(items):
        end = _better(items, index)
        if end is None:
            out.append(items[index])
            index += 1
            continue
        if out and out[-1].norm in _ARTICLES and items[end].norm in _ARTICLES:
            out.pop()
        index = end
    return [token for item in out for token in item.tokens]


def _better(items: Sequence[Item], index: int) -> int | None:
    """Where what is wanted in the place of the thing there begins."""
    if _kind(items[index]) is None:
        return None
    place = index + 1
    if place < len(items) and items[place].kind is Kind.NUMBER:
        place += 1  # its version
    start = place
    while place < len(items) and place - start < _LONGEST and items[place].norm in _BETWEEN:
        place += 1
    between = [item.norm for item in items[start:place]]
    if place == start or place >= len(items) or not _has_second_thoughts(between):
        return None
    same = _kind(items[place]) == _kind(items[index]) and items[place].norm != items[index].norm
    after = {item.norm for item in items[place + 1 : place + 1 + _LOOK_AHEAD]}
    wished = len(_WISHING.intersection(between)) > 1 and _removed(items, index)
    if not same or after & _TOO or wished:
        return None
    return place - (items[place - 1].norm in _ARTICLES)


def _removed(items: Sequence[Item], index: int) -> bool:
    """Whether the thing there is what an order takes away: `drop the two old VMs`."""
    for item in reversed(items[:index]):
        if item.norm in _SIGNS:
            return False
        if item.norm in _REMOVING:
            return True
    return False


def _has_second_thoughts(between: Sequence[str]) -> bool:
    """Whether somebody changes their mind there: a "no" that stands alone does so, "no postgres" does not."""
    if _MIND & set(between):
        return True
    return any(
        word == "no" and after in _SIGNS | {"make", "let's", "lets", *_ARTICLES}
        for word, after in zip(between, [*between[1:], ""], strict=True)
    )


def _kind(item: Item) -> str | None:
    """What two things have in common that can stand in each other's place."""
    if software := item.terms.get(Sort.SOFTWARE):
        return str(software.data.get("type"))
    if Sort.IMAGE in item.terms:
        return "image"
    return "type" if item.id_of(Sort.TYPE) else None
