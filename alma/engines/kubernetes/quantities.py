"""Amounts as Kubernetes writes them, to and from ALMA's. Source: the Quantity type of Kubernetes' API machinery.

The server writes an amount in its own way (`0.5` becomes `500m`), so amounts are compared as numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final

from alma.core.model.base import Json
from alma.core.model.units import MAX_BYTES, Size

# A claim must ask for something, and it can grow later.
UNSAID: Final = Size("10GB")
_QUANTITY = re.compile(r"([+-]?[0-9.]+)(?:([eE][+-]?[0-9]+)|([numkMGTPE]|[KMGTPE]i)?)")
_FACTORS: Final = {
    "n": Decimal(1).scaleb(-9),
    "u": Decimal(1).scaleb(-6),
    "m": Decimal(1).scaleb(-3),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", start=1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", start=1)},
}


def parsed(text: object) -> Decimal | None:
    """The number behind a quantity; None for what is none."""
    found = _QUANTITY.fullmatch(str(text))
    if found is None:
        return None
    number, exponent, unit = found.groups()
    try:
        amount = Decimal(number + (exponent or ""))
    except ArithmeticError:
        return None
    return amount * _FACTORS[unit] if unit else amount


def cpu_quantity(cores: float) -> str:
    """Cores, in thousandths: a finer part is rounded up, as the server does it."""
    return f"{_thousandths(cores)}m"


def _thousandths(cores: float) -> int:
    return int((Decimal(str(cores)) * 1000).to_integral_value(ROUND_CEILING))


def memory_quantity(size: Size) -> str:
    """Bytes."""
    return str(size.bytes)


def text_of(size: str) -> str:
    """A size of a property, in bytes."""
    return memory_quantity(Size(size))


def held_to(
    cpu: float | None, memory: Size | None, more: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The `resources` of a container: limits are what is asked for, and are asked for in full."""
    asked = {
        **({} if cpu is None else {"cpu": cpu_quantity(cpu)}),
        **({} if memory is None else {"memory": memory_quantity(memory)}),
        **(more or {}),
    }
    return {"limits": asked, "requests": dict(asked)} if asked else {}


def cpu_property(text: object, said: Json = None) -> Json:
    """Cores as a property has them. `said` is what was declared: finer than the server can say, it is that still."""
    amount = parsed(text) if text is not None else None
    if amount is None:
        return None
    if isinstance(said, int | float) and _thousandths(said) == amount * 1000:
        return said
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def size_property(text: object) -> Json:
    """Bytes as a property has them."""
    amount = parsed(text) if text is not None else None
    if amount is None or not 0 < amount <= MAX_BYTES or amount != amount.to_integral_value():
        return None if text is None else str(text)
    return str(Size.of_bytes(int(amount)))
