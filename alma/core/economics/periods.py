"""Lengths of time as people say them: "90 days", "6 months", "2 years"."""

from __future__ import annotations

import re
from typing import Any

from pydantic_core import PydanticCustomError

DAY = 86_400
MONTH = DAY * 365.25 / 12
LONGEST_YEARS = 10
_UNITS = {
    "h": 3600, "hour": 3600, "d": DAY, "day": DAY, "w": 7 * DAY, "week": 7 * DAY, "mo": MONTH, "month": MONTH,
    "quarter": 3 * MONTH, "y": 12 * MONTH, "year": 12 * MONTH,
}  # fmt: skip
_WORDS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "six": 6, "nine": 9, "twelve": 12}
_PERIOD = re.compile(r"^(?:(\d{1,9}(?:\.\d{1,6})?)|([a-z]+)[\s-]+)?[\s-]*([a-z]+)$")
HINT = 'write it like "24 hours", "90 days", "6 months" or "2 years"; ten years at most'


def period(text: Any) -> float:
    """Seconds. A bare number is days; a month is a twelfth of a year. Raises PydanticCustomError with examples for what
    can't be read, for nothing, and for more than ten years."""
    said = " ".join(str(text).casefold().replace("next", " ").split())
    if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", said) and not isinstance(text, bool):
        said = f"{said} days"
    found = _PERIOD.match(said)
    unit = _UNITS.get(found[3]) or _UNITS.get(found[3].removesuffix("s")) if found else None
    number = (
        float(found[1]) if found and found[1] else _WORDS.get(found[2] or "a") if found else None
    )
    if not unit or not number or number * unit > LONGEST_YEARS * 12 * MONTH * (1 + 1e-9):
        raise PydanticCustomError("invalid_period", "not a length of time", {"hint": HINT})
    return number * unit


def in_words(seconds: float) -> str:
    """`90 days`, `6 months`: in the greatest unit of which it is a whole number, else in days."""
    for unit, name in (
        (12 * MONTH, "year"),
        (MONTH, "month"),
        (7 * DAY, "week"),
        (DAY, "day"),
        (3600.0, "hour"),
    ):
        if abs(seconds / unit - round(seconds / unit)) < 1e-9 and seconds >= unit:
            return f"{round(seconds / unit)} {name}{'' if round(seconds / unit) == 1 else 's'}"
    return f"{seconds / DAY:.3g} days"
