"""When versions stop being maintained: data with its source, not memory. What is shipped: `config/lifecycle.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from pydantic import Field

from alma.core.model.base import Frozen
from alma.core.model.blueprint import Version


class Product(Frozen):
    """One product's cycles: the beginning of a version, and the last day on which it gets security fixes free of
    charge. `source` is where that is published."""

    source: str
    ends: Mapping[str, date]


class Lifecycle(Frozen):
    """All that is known. `as_of` is the day on which the sources were read."""

    as_of: date
    software: Mapping[str, Product] = Field(default_factory=dict)
    systems: Mapping[str, Product] = Field(default_factory=dict)

    def days_left(self, product: str | None, version: str | None, *, today: date) -> int | None:
        """Days of maintenance left to that version of a software; negative after its end; None where nothing is
        known."""
        return _days(self.software.get(product or ""), version, today)

    def told(self, product: str | None, version: str | None, *, today: date) -> str | None:
        """The same in words: `ended on 2024-11-21, 2 years ago`."""
        return _told(_end(self.software.get(product or ""), version), today)

    def system_days_left(self, name: str | None, version: str | None, *, today: date) -> int | None:
        """The same of an operating system."""
        return _days(self.systems.get(name or ""), version, today)

    def system_told(self, name: str | None, version: str | None, *, today: date) -> str | None:
        """The same of an operating system, in words."""
        return _told(_end(self.systems.get(name or ""), version), today)


def _days(product: Product | None, version: Version | None, today: date) -> int | None:
    end = _end(product, version)
    return None if end is None else (end - today).days


def _told(end: date | None, today: date) -> str | None:
    """On which day it ends or has ended, and how far that is away."""
    if end is None:
        return None
    days = (end - today).days
    if days == 0:
        return f"end today, {end.isoformat()}"
    if days < 0:
        return f"ended on {end.isoformat()}, {_length(-days)} ago"
    return f"end on {end.isoformat()}, in {_length(days)}"


def _length(days: int) -> str:
    """Days, from two months on whole months, from two years on whole years."""
    for unit, length, least in (("year", 365, 730), ("month", 30, 60)):
        if days >= least:
            return f"{days // length} {unit}s"
    return f"{days} day{'s' if days > 1 else ''}"


def _end(product: Product | None, version: Version | None) -> date | None:
    if product is None or version is None:
        return None
    match = re.match(r"v?([0-9]+(?:\.[0-9]+)*)", version)
    parts = match[1].split(".") if match else []
    for length in range(len(parts), 0, -1):
        end = product.ends.get(".".join(parts[:length]))
        if end is not None:
            return end
    return None
