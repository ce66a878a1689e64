"""A number never goes alone: it says what kind of figure it is, where it comes from and from which day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from alma.core.model.base import Frozen
from alma.core.model.cost import PriceKind


def exact(value: Any) -> Any:
    """YAML's 0.1 means the decimal number, not the nearest binary one."""
    return str(value) if isinstance(value, float) else value


def entered(value: Any) -> Any:
    """A bare number is what somebody entered in a book of their own."""
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        return {"value": value, "kind": PriceKind.DERIVED, "source": "entered by you"}
    return value


Positive = Annotated[Decimal, BeforeValidator(exact), Field(gt=0, allow_inf_nan=False)]
Amount = Annotated[Decimal, BeforeValidator(exact), Field(ge=0, allow_inf_nan=False)]


class Figure(Frozen):
    """A number and how anybody knows it."""

    value: Amount
    kind: PriceKind
    source: str
    date: dt.date | None = None


Given = Annotated[Figure, BeforeValidator(entered)]


def shown(value: Decimal) -> str:
    """A number for people: no zeros at its end, no exponent, thousands apart."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
