"""The vocabulary as it stands in the data files, and the forms of its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from alma.core.model.yaml_reader import read_yaml

REMEMBERED = 8192
"""How many words are remembered with what was found out about each: people say the same ones again and again, and one
message is read in several ways."""


@cache
def load_data() -> Mapping[str, Any]:
    """The data file, read once."""
    data = _file("gazetteer.yaml")
    apps = _file("apps.yaml")
    software = {id_: entry for type_, text in apps.items() for id_, entry in _apps(type_, text)}
    software |= data["software"]
    for family, ids in data["families"].items():
        software |= {id_: {**software[id_], "family": family} for id_ in ids}
    software |= {id_: {**software[id_], "serves": True} for id_ in data["web_servers"]}
    return {**data, "software": software}


@cache
def english() -> frozenset[str]:
    """Ordinary English words of four letters and more, in the form that dictionaries have, read once."""
    lines = _text("english.txt").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _file(name: str) -> dict[str, Any]:
    data: dict[str, Any] = read_yaml(_text(name))
    return data


def _text(name: str) -> str:
    return files("alma.core.language.vocabulary").joinpath(name).read_text(encoding="utf-8")


_APP = re.compile(r"\s*(?P<id>[\w-]+)=(?P<title>[^\[]+?)\s*(?:\[(?P<phrases>[^\]]*)\])?\s*")


def _apps(type_: str, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each application of one line of the list, as the gazetteer's own entries are written."""
    for entry in text.split(";"):
        match = _APP.fullmatch(entry)
        assert match is not None, entry
        more = [phrase.strip() for phrase in (match["phrases"] or "").split(",") if phrase.strip()]
        yield (
            match["id"],
            {"type": type_, "title": match["title"], "phrases": [match["id"], *more], "app": True},
        )


@lru_cache(maxsize=REMEMBERED)
def singulars(word: str) -> tuple[str, ...]:
    """The word and what it may be the plural or genitive of, the likeliest last."""
    forms = [word]
    if word.endswith("'s"):
        forms.append(word[:-2])
    if len(word) > 2 and word.endswith("s"):
        forms.append(word[:-1])
    if len(word) > 4 and word.endswith("es"):
        forms.append(word[:-2])
    if len(word) > 4 and word.endswith("ies"):
        forms.append(word[:-3] + "y")
    return tuple(forms)


@lru_cache(maxsize=REMEMBERED)
def stems(word: str) -> tuple[str, ...]:
    """The same with the endings of verbs taken off."""
    forms = list(singulars(word))
    for tail in ("ing", "ed", "ly", "er", "d"):
        if len(word) > len(tail) + 3 and word.endswith(tail):
            forms += [word[: -len(tail)], word[: -len(tail)] + "e"]
    return tuple(forms)
