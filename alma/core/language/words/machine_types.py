"""Sizes by the names that providers sell them under: who asks for a `t3.medium` knows what that is.

The figures are the providers' public ones and stand in `machine_types.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from alma.core.model.yaml_reader import read_yaml

_AWS = re.compile(
    r"^(?:db\.|cache\.)?([a-z]\w{1,4})\.(nano|micro|small|medium|large|xlarge|(\d{1,2})xlarge)$"
)
_STEPS = {"medium": 1, "large": 2, "xlarge": 4}
_CANDIDATE = re.compile(r"[a-z][\w-]*\d[\w.-]*|(?:db|cache)\.\w+\.\w+")


@cache
def _data() -> Mapping[str, Any]:
    text = (
        files("alma.core.language.words").joinpath("machine_types.yaml").read_text(encoding="utf-8")
    )
    data: Mapping[str, Any] = read_yaml(text)
    return data


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], float | None], ...]:
    return tuple((re.compile(p["like"]), p.get("memory")) for p in _data()["patterns"])


def machine_type(name: str) -> tuple[int | float, str] | None:
    """Cores and memory (as a size) of a provider's machine type, or None if it is no such name."""
    text = name.casefold()
    if text.isalpha() or not _CANDIDATE.fullmatch(text):
        return None
    found = _fixed(text) or _amazon(text) or _patterned(text)
    return (found[0], f"{found[1]:g}GB") if found is not None else None


def _fixed(text: str) -> tuple[int, float] | None:
    entry = _data()["fixed"].get(text)
    family, _, size = text.partition("-")
    entry = entry or (_data()["named"].get(family, {}).get(size) if size else None)
    return (entry[0], entry[1]) if entry else None


def _amazon(text: str) -> tuple[int, float] | None:
    match = _AWS.match(text)
    if match is None:
        return None
    family, size = _data()["aliases"].get(match[1], match[1]), match[2]
    entry = _data()["named"].get(family, {}).get(size)
    if entry:
        return entry[0], entry[1]
    each = _data()["doubling"].get(family[0])
    cores = _STEPS.get(size) or (4 * int(match[3]) if match[3] else None)
    return (cores, cores * each) if each and cores and family[1:2].isdigit() else None


def _patterned(text: str) -> tuple[int, float] | None:
    for pattern, each in _patterns():
        if match := pattern.fullmatch(text):
            cores = int(match["n"])
            return cores, float(match["gb"]) if each is None else cores * float(each)
    return None
