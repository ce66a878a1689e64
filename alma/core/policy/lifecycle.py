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

    def system_days_left(self, name: str | None, version: str | None, *, today: date) -> int | None:
        """The same of an operating system."""
        return _days(self.systems.get(name or ""), version, today)


def _days(product: Product | None, version: Version | None, today: date) -> int | None:
    if product is None or version is None:
        return None
    match = re.match(r"v?([0-9]+(?:\.[0-9]+)*)", version)
    parts = match[1].split(".") if match else []
    for length in range(len(parts), 0, -1):
        end = product.ends.get(".".join(parts[:length]))
        if end is not None:
            return (end - today).days
    return None
