"""Sentences of tokens: where each ends, and with what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alma.core.language.words.tokens import Kind, Token

_ENDS = {".", "!", "?", ";", "…", "\n"}


def sentences_of(
    tokens: Sequence[Token],
) -> Iterator[tuple[tuple[Token, ...], Token | None]]:
    """Each sentence or line, with the sign that ends it, if there is one."""
    start = 0
    for index, token in enumerate(tokens):
        if token.kind is Kind.PUNCTUATION and token.text in _ENDS:
            yield tuple(tokens[start:index]), token
            start = index + 1
    if start < len(tokens):
        yield tuple(tokens[start:]), None
