"""Amounts told by others: "add a second container called archive with twice that", "a VM with half as much memory as
web", "and one for staging, with a quarter of the memory".

Read by itself, "half as much memory as web" halves that of web, and "three times that" makes three of something. So
such amounts are worked out, and put as what they come to.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from alma.core.language.changing.relative import FACTORS
from alma.core.language.changing.targets import Focus
from alma.core.language.followups.another import wants_another
from alma.core.language.followups.properties import PROPERTY, WORDS, property_of
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint, Resource

_FACTORS = {
    **FACTORS, "quarter": 0.25, "third": 1 / 3, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8,
    "ten": 10,
}  # fmt: skip
_FACTOR = (
    r"(?P<f>twice|double|triple|thrice|(?:a |one |only |just )*(?:half|quarter|third)|"
    r"(?:two|three|four|five|six|eight|ten|\d{1,2}) times)"
)
_OF_THAT = seldom(
    rf"\b{_FACTOR}(?: of)? (?:that|as much|as many|the amount)"
    r"(?=\s*(?:$|[.,;:!)]|(?:and|for|too|please|as well|but|so)\b))",
    re.IGNORECASE,
)
_OF_OTHER = seldom(
    rf"\b{_FACTOR}(?: of)? (?P<many>as much |as many |(?:the )?amount of )?(?:the )?(?:{PROPERTY})\s+"
    r"(?:(?P<as>as)|of|like|that of|compared to)\s+(?:the )?(?P<owner>[\w.-]*\w)",
    re.IGNORECASE,
)
_OF_IT = seldom(
    rf"(?P<with>\b(?:with|has|having|but|at)\s+|,\s*)(?:only |just )?{_FACTOR}(?: of)? (?:as much |as many |the |its )?"
    rf"(?:{PROPERTY})(?! (?:as|of|like)\b)\b",
    re.IGNORECASE,
)
_FOR_ANOTHER = seldom(
    r"\b(?:with|has|have|having|gets?|needs?|give|called|named|add|another|new|second|create|one)\b",
    re.IGNORECASE,
)
_SAID = seldom(
    rf"(?P<n>\d+(?:\.\d+)?)\s*(?:(?P<unit>[kmgt]i?b?|gigs?)\b)?\s*(?:of )?(?:{PROPERTY})?(?![\w.-])",
    re.IGNORECASE,
)
_AMOUNT = seldom(r"^\s*(?P<n>\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-z]*)\s*$")
_SMALLER = {"T": ("G", 1000), "G": ("M", 1000), "TI": ("Gi", 1024), "GI": ("Mi", 1024)}


def tells_by_others(message: str) -> bool:
    """Whether a message may tell an amount by another."""
    folded = message.casefold()
    return any(word in folded for word in _BEGINNINGS)


_BEGINNINGS = (
    "twice", "double", "triple", "thrice", "half", "quarter", "third", " times ",
)  # fmt: skip


def in_amounts(message: str, blueprint: Blueprint, focus: Focus, said: Sequence[str]) -> str:
    """The message with such amounts worked out; as it is, where what they are told by is not known."""
    last = said[-1] if said else ""
    message = _OF_OTHER.sub(lambda found: _of_other(found, message, blueprint), message)
    spoken = focus.spoken(blueprint)
    if len(spoken) == 1 and wants_another(message):
        message = _OF_IT.sub(lambda found: _of_it(found, spoken[0]), message)
    return _OF_THAT.sub(
        lambda found: (
            _of_that(found, message[: found.start()]) or _of_that(found, last) or found[0]
        ),
        message,
    )


def _of_other(found: re.Match[str], message: str, blueprint: Blueprint) -> str:
    """`Half as much memory as web`, said of another than web."""
    owner = blueprint.resource(found["owner"])
    given = found["as"] or found["many"] or _FOR_ANOTHER.search(message[: found.start()])
    if owner is None or not (given or message[: found.start()].rstrip().endswith(",")):
        return found[0]
    return _times_of(found, owner) or found[0]


def _of_it(found: re.Match[str], like: Resource) -> str:
    """`With a quarter of the memory`, of one more like it."""
    amount = _times_of(found, like)
    return f"{found['with']}{amount}" if amount else found[0]


def _times_of(found: re.Match[str], resource: Resource) -> str:
    path = property_of(found)
    value = getattr(resource.specs, path) if path else None
    amount = _AMOUNT.match(str(value)) if value is not None else None
    return _told(float(amount["n"]), amount["unit"], path, _factor(found)) if amount else ""


def _of_that(found: re.Match[str], said: str) -> str:
    """`Twice that`: of every amount that was said right before."""
    told = []
    for amount in _SAID.finditer(said):
        path = property_of(amount) or ("memory" if amount["unit"] else "")
        if path and bool(amount["unit"]) == (path != "cpu"):
            unit = "GB" if (amount["unit"] or "").casefold().startswith("gig") else amount["unit"]
            told.append(_told(float(amount["n"]), unit or "", path, _factor(found)))
    return listed(told) if told else ""


def _factor(found: re.Match[str]) -> float:
    words = found["f"].casefold().split()
    word = words[0] if words[-1] == "times" else words[-1]
    return float(word) if word.isdigit() else _FACTORS[word]


def _told(number: float, unit: str, path: str, factor: float) -> str:
    """So much of it, in words that can be read: no part of a core, and no part of a gigabyte."""
    value = number * factor
    if path == "cpu":
        return f"{max(1, math.ceil(value))} cores"
    unit = unit if unit.casefold().endswith("b") else f"{unit}B"
    smaller = _SMALLER.get(unit[:-1].upper())
    if smaller is not None and value != int(value):
        value, unit = value * smaller[1], f"{smaller[0]}B"
    return f"{round(value):g}{unit} {WORDS[path]}"
