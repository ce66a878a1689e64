"""ALMA's own words, and how things are done with it, read from `glossary.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from alma.core.model.base import Frozen
from alma.core.model.yaml_reader import read_yaml
from alma.core.services.answers.named import said


class Entry(Frozen):
    """One notion, or one way to do something. `try_` can be said next."""

    words: tuple[str, ...]
    says: str
    try_: str | None = None


def notion(message: str) -> Entry | None:
    """The notion that the message names by the longest word."""
    return _named(_glossary()["notions"], message)


def way(message: str) -> Entry | None:
    """The way to do what the message names."""
    return _named(_glossary()["ways"], message)


def ways() -> Mapping[str, Entry]:
    """All ways, by name."""
    return _glossary()["ways"]


def _named(entries: Mapping[str, Entry], message: str) -> Entry | None:
    words = {word: entry for entry in entries.values() for word in entry.words}
    found = said(words, message)
    return words[found[0]] if found else None


@cache
def _glossary() -> Mapping[str, Mapping[str, Entry]]:
    """Read when somebody first asks: most processes never do."""
    text = files("alma.core.services.answers").joinpath("glossary.yaml").read_text(encoding="utf-8")
    data: Mapping[str, Any] = read_yaml(text)
    return {kind: {name: _entry(item) for name, item in data[kind].items()} for kind in data}


def _entry(item: Mapping[str, Any]) -> Entry:
    return Entry(words=item["words"], says=item["says"], try_=item.get("try"))
