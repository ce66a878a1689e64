"""Turns of phrase put into the words that the grammar knows: "I'd rather have valkey than redis" is "use valkey instead
of redis". What stands for what is data (`idioms.yaml`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from alma.core.language.words.tokens import Kind, Token
from alma.core.model.yaml_reader import read_yaml

_LONGEST = 7
_STOPS = {",", "and", "then", "but", ";", ".", "!", "?", "\n"}
_AFTER_PARTICLE = _STOPS | set(
    "to by please now for again with completely entirely instead today asap every daily nightly weekly hourly each "
    "once at too as also immediately if then thanks until".split()
)


@dataclass(frozen=True, slots=True)
class Idiom:
    """One turn of phrase: each place is a set of words, or the name of a slot."""

    places: tuple[frozenset[str] | str, ...]
    optional: tuple[bool, ...]
    instead: tuple[str, ...]

    @property
    def ends_in_word(self) -> bool:
        """Whether a word closes it, after a slot: such a word may belong to what follows ("turn it up to 11", "make one
        of them bigger")."""
        slots = [place for place, word in enumerate(self.places) if isinstance(word, str)]
        if not slots or not isinstance(self.places[-1], frozenset):
            return False
        return slots[-1] == len(self.places) - 2 or "of" in self.places[-2]


@cache
def _idioms() -> dict[str, list[Idiom]]:
    text = files("alma.core.language.wording").joinpath("idioms.yaml").read_text(encoding="utf-8")
    found: dict[str, list[Idiom]] = {}
    for pattern, instead in read_yaml(text).items():
        words = str(pattern).split()
        places = tuple(_place(word.removesuffix("?")) for word in words)
        idiom = Idiom(
            places, tuple(word.endswith("?") for word in words), tuple(str(instead).split())
        )
        for first in places[0]:
            found.setdefault(first, []).append(idiom)
    return found


def _place(word: str) -> frozenset[str] | str:
    return word[1:-1] if word.startswith("{") else frozenset(word.split("|"))


def reword(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens with every turn of phrase replaced, from the left."""
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        hit = _at(tokens, index)
        if hit is None:
            out.append(tokens[index])
            index += 1
        else:
            out += hit[0]
            index = hit[1]
    return tuple(out)


def _at(tokens: Sequence[Token], index: int) -> tuple[list[Token], int] | None:
    if tokens[index].kind is Kind.QUOTED:
        return None
    for idiom in _idioms().get(_word(tokens[index]), ()):
        slots: dict[str, Sequence[Token]] = {}
        end = _match(tokens, index, idiom, 0, slots)
        if end is not None and not (idiom.ends_in_word and not _closes(tokens, end)):
            return _written(idiom, slots, tokens[index]), end
    return None


def _word(token: Token) -> str:
    return token.text.casefold().replace("’", "'")


def _closes(tokens: Sequence[Token], end: int) -> bool:
    return end >= len(tokens) or _word(tokens[end]) in _AFTER_PARTICLE


def _match(
    tokens: Sequence[Token], index: int, idiom: Idiom, place: int, slots: dict[str, Sequence[Token]]
) -> int | None:
    """Where the idiom ends if it stands there, from one of its places on."""
    if place == len(idiom.places):
        return index
    wanted = idiom.places[place]
    if isinstance(wanted, str):
        return _slot(tokens, index, idiom, place, slots)
    plain = index < len(tokens) and tokens[index].kind is not Kind.QUOTED  # a name may be any word
    if plain and {tokens[index].norm, _word(tokens[index])} & wanted:
        end = _match(tokens, index + 1, idiom, place + 1, slots)
        if end is not None:
            return end
    return _match(tokens, index, idiom, place + 1, slots) if idiom.optional[place] else None


def _slot(
    tokens: Sequence[Token], index: int, idiom: Idiom, place: int, slots: dict[str, Sequence[Token]]
) -> int | None:
    last = place + 1 == len(idiom.places)
    end = index
    while end < len(tokens) and end - index < _LONGEST and tokens[end].norm not in _STOPS:
        end += 1
        if last and end < len(tokens) and end - index < _LONGEST and tokens[end].norm not in _STOPS:
            continue
        reached = _match(tokens, end, idiom, place + 1, slots)
        if reached is not None:
            slots[str(idiom.places[place])] = tokens[index:end]
            return reached
    return None


def _written(idiom: Idiom, slots: dict[str, Sequence[Token]], first: Token) -> list[Token]:
    out: list[Token] = []
    for word in idiom.instead:
        if word.startswith("{"):
            out += slots[word[1:-1]]
        else:
            out.append(Token(word, word, first.start, first.end, Kind.WORD))
    return out
