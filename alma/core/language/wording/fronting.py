"""What English puts before an order although it belongs behind it: "On Kubernetes, run nginx", "with 4 replicas, …".

An order is found where it begins. So what stands before it is put behind it, where the grammar looks for places and
amounts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from alma.core.language.vocabulary.defaults import ENVIRONMENTS
from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.wording.sentences import sentences_of
from alma.core.language.words.tokens import Kind, Token

_FRONTED = frozenset("on in onto inside with using via at under for".split())
_LONGEST = 8


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
    place = sentence[-1].end
    return (*sentence[sign + 1 :], *(replace(token, start=place, end=place) for token in front))
