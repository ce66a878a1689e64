"""Fixed phrases by group, found in a token list: the longest at a place wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from alma.core.language.words.tokens import Kind, Token


class Phrases:
    """Finds the longest of some phrases at a place of the token list."""

    def __init__(self, phrases: Mapping[str, str]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for phrase, group in phrases.items():
            words = tuple(phrase.replace("-", " ").split())
            self._by_first.setdefault(words[0], []).append((words, group))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    @classmethod
    def flat(cls, phrases: Iterable[Any]) -> Phrases:
        """Phrases without groups."""
        return cls({str(phrase): "" for phrase in phrases})

    @classmethod
    def grouped(cls, groups: Mapping[str, Iterable[Any]]) -> Phrases:
        """Phrases by group; a phrase in two groups counts for the first."""
        found: dict[str, str] = {}
        for group, phrases in groups.items():
            for phrase in phrases:
                found.setdefault(str(phrase), group)
        return cls(found)

    def at(self, tokens: Sequence[Token], index: int) -> tuple[str, str, int] | None:
        """(phrase, group, length) of the longest phrase starting there."""
        if index >= len(tokens) or tokens[index].kind is Kind.QUOTED:
            return None
        norm, said = tokens[index].norm, _as_said(tokens[index])
        found = self._longest(norm, tokens, index) if norm in self._by_first else None
        if found is None and said != norm and said in self._by_first:
            return self._longest(said, tokens, index)
        return found

    def _longest(
        self, first: str, tokens: Sequence[Token], index: int
    ) -> tuple[str, str, int] | None:
        left = len(tokens) - index
        for words, group in self._by_first[first]:
            length = len(words)
            if length == 1:
                return words[0], group, 1
            begins = length <= left and _same(tokens[index + 1], words[1])
            if begins and all(_same(tokens[index + n], words[n]) for n in range(2, length)):
                return " ".join(words), group, length
        return None

    def groups(self, tokens: Sequence[Token]) -> dict[str, int]:
        """Every group found anywhere, with its first place."""
        found: dict[str, int] = {}
        for index in range(len(tokens)):
            hit = self.at(tokens, index)
            if hit is not None:
                found.setdefault(hit[1], index)
        return found


def _same(token: Token, word: str) -> bool:
    return word == token.norm or word == _as_said(token)


def _as_said(token: Token) -> str:
    """The word as it was said, without regard to case: before what it was mended to."""
    return token.text.casefold().replace("’", "'")
