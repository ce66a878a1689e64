"""Slips that only the words around them give away: "tree web servers", "want host a wiki", "4GB for sonar".

Each is a word of its own, and therefore no typo to a spelling checker: what stands beside it says what was meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.words.tokens import Kind, Token

_THINGS = {Sort.SOFTWARE, Sort.PRODUCT, Sort.COMPUTE, Sort.TYPE, Sort.ROLE}
_PIECES = frozenset(
    "piece pieces pc pcs nos no unit units pce ea item items number numbers".split()
)
_WISHING = frozenset("want wants to like need please can will would".split())
_OWN = frozenset("our my a an the some this".split())
_SEPARATE = frozenset("separate own dedicated different distinct".split())
_APART = _SEPARATE | {"a", "an", "its", "their", "another"}
_STORES = {"database", "cache", "queue"}
_NEAR = 4
_SHORTEST = 4


def without_slips(tokens: Sequence[Token], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """The tokens of a first message with such words as they were meant."""
    read = _on_its_own(tuple(_without_pieces(tuple(_hosted(tokens)))), gazetteer)
    return tuple(_shortened(_numbered(read, gazetteer), gazetteer))


def _word(tokens: Sequence[Token], index: int) -> str:
    if not 0 <= index < len(tokens):
        return ""
    return tokens[index].text.casefold().replace("’", "'")


def _without_pieces(tokens: Sequence[Token]) -> Iterator[Token]:
    """`five pieces of VM`, `3 pcs ubuntu server` as `five VM`, `3 ubuntu server`."""
    index = 0
    while index < len(tokens):
        yield tokens[index]
        counted = tokens[index].kind is Kind.NUMBER and _word(tokens, index + 1) in _PIECES
        following = index + 2
        while counted and _word(tokens, following) in {"of", "."}:
            following += 1
        ends = following >= len(tokens) or tokens[following].kind is Kind.PUNCTUATION
        index = following if counted and not ends else index + 1


def _hosted(tokens: Sequence[Token]) -> Iterator[Token]:
    """`we want host our moodle` as `we want run our moodle`: a verb, where nobody says a host."""
    for index, token in enumerate(tokens):
        wished = _word(tokens, index - 1) in _WISHING
        verb = wished and _word(tokens, index) == "host" and _word(tokens, index + 1) in _OWN
        yield replace(token, norm="run") if verb else token


def _on_its_own(tokens: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`MariaDB on a separate machine`: a database is a machine of its own anyway."""
    for index in range(1, len(tokens)):
        place = index + 1
        while _word(tokens, place) in _APART:
            place += 1
        apart = bool({_word(tokens, n) for n in range(index + 1, place)} & _SEPARATE)
        if _word(tokens, index) != "on" or not apart or place >= len(tokens):
            continue
        machine = gazetteer.tag(tokens[place : place + 1])[0]
        before = index - 1 - (tokens[index - 1].kind is Kind.NUMBER and index > 1)
        stored = gazetteer.tag(tokens[before : before + 1])[0].terms.get(Sort.SOFTWARE)
        data = stored is not None and stored.data.get("type") in _STORES
        if data and (Sort.COMPUTE in machine.terms or machine.id_of(Sort.TYPE) == "vm"):
            return _on_its_own((*tokens[:index], *tokens[place + 1 :]), gazetteer)
    return tokens


def _numbered(tokens: Sequence[Token], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`tree web servers` as `three web servers`: nobody has trees of them."""
    out = list(tokens)
    for index, token in enumerate(tokens[:-1]):
        if _word(tokens, index) != "tree" or token.kind is not Kind.WORD:
            continue
        items = gazetteer.tag(tokens[index + 1 : index + 1 + _NEAR])
        if any(item.plural and item.terms.keys() & _THINGS for item in items[:2]):
            out[index] = replace(token, norm="three", kind=Kind.NUMBER, value=3)
    return tuple(out)


def _shortened(tokens: Sequence[Token], gazetteer: Gazetteer) -> Iterator[Token]:
    """`sonarqube …, 4GB for sonar`: the beginning of what was named in full is that again."""
    named = {
        item.norm
        for item in gazetteer.tag(tokens)
        if len(item.tokens) == 1 and Sort.SOFTWARE in item.terms
    }
    for token in tokens:
        plain = token.kind is Kind.WORD and token.norm not in named
        meant = [
            name for name in named if plain and name != token.norm and name.startswith(token.norm)
        ]
        known = len(token.norm) < _SHORTEST or bool(meant and gazetteer.means(token.norm))
        yield replace(token, norm=meant[0]) if len(meant) == 1 and not known else token
