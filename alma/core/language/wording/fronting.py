"""What English puts before an order although it belongs behind it: "On Kubernetes, run nginx", "with 4 replicas, …".

An order is found where it begins. So what stands before it is put behind it, where the grammar looks for places and
amounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from alma.core.language.vocabulary.defaults import ENVIRONMENTS
from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.wording.sentences import sentences_of
from alma.core.language.words.tokens import Kind, Token

_FRONTED = frozenset("on in onto inside with using via at under for".split())
_LONGEST = 8
_PERSONS = frozenset({"i", "we"})
_DUTIES = frozenset("have must need should gotta am are".split())


def fronted(
    tokens: Sequence[Token], gazetteer: Gazetteer, begins: Callable[[Sequence[Token], int], bool]
) -> tuple[Token, ...]:
    """The tokens with such words behind the order. `begins` says whether an order begins at a place."""
    out: list[Token] = []
    for sentence, end in sentences_of(tokens):
        out += _behind(sentence, gazetteer, begins)
        out += [end] if end is not None else []
    return tuple(out)


def _behind(
    sentence: tuple[Token, ...],
    gazetteer: Gazetteer,
    begins: Callable[[Sequence[Token], int], bool],
) -> tuple[Token, ...]:
    if not sentence or sentence[0].norm not in _FRONTED:
        return sentence
    if sentence[0].norm == "for" and (start := _duty(sentence)):
        return (*sentence[start:], *_at_the_end(sentence, start))
    sign = next((n for n, t in enumerate(sentence[:_LONGEST]) if t.norm in {",", ":"}), 0)
    if sign < 2 or sign + 1 >= len(sentence) or not begins(sentence, sign + 1):
        return sentence
    front = sentence[:sign]
    items = gazetteer.tag(front[1:])
    placed = any(
        item.id_of(Sort.ENGINE) or item.id_of(Sort.MODIFIER) in ENVIRONMENTS for item in items
    )
    loaded = any(token.kind is Kind.NUMBER for token in front)
    if front[0].norm == "for" and (loaded or not placed):
        return sentence  # "for 500 users, …" says how big, and nothing about where
    return (*sentence[sign + 1 :], *_at_the_end(sentence, sign))


def _at_the_end(sentence: tuple[Token, ...], many: int) -> Iterator[Token]:
    """The first words of a sentence, as they stand behind it."""
    place = sentence[-1].end
    return (replace(token, start=place, end=place) for token in sentence[:many])


def _duty(sentence: tuple[Token, ...]) -> int:
    """Where somebody says what has to be done, right behind what for: `for my course I have to hand in …`."""
    for index in range(2, min(len(sentence) - 2, _LONGEST)):
        if sentence[index].kind is not Kind.WORD:
            return 0
        if sentence[index].norm in _PERSONS:
            return index if sentence[index + 1].norm in _DUTIES else 0
    return 0
