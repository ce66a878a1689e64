"""Two amounts made into one: sums, products, and what of them a resource can have."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from alma.core.language.editing.outcome import Asks
from alma.core.language.editing.sketch import amount
from alma.core.language.vocabulary.defaults import title
from alma.core.model.base import Json
from alma.core.model.blueprint import Resource
from alma.core.model.units import MAX_BYTES, Size


def combined(present: Json, value: Json, combine: Callable[[Decimal, Decimal], Decimal]) -> Json:
    """Two amounts of one kind made into one; None when there is no such amount."""
    if isinstance(present, str):
        factor = Decimal(amount(value).bytes) if isinstance(value, str) else Decimal(str(value))
        combined = int(combine(Decimal(amount(present).bytes), factor))
        return str(amount(str(Size.of_bytes(combined)))) if 0 < combined <= MAX_BYTES else None
    total = combine(Decimal(str(present)), Decimal(str(value)))
    return int(total) if total == total.to_integral_value() else float(total)


def possible(value: Json, resource: Resource, path: str) -> Json:
    """The amount, if a resource can have it. Raises Asks."""
    if value is None or (isinstance(value, int | float) and value <= 0):
        raise Asks(
            f"The {title(path)} of {resource.name} can't become that. How much should it have?",
            open=True,
        )
    return value
