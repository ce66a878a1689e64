"""Amounts as people write them: exact inside, and shown back the way they were written.

`8GB` is 8·10⁹ bytes, `8GiB` is 8·2³⁰: decimal and binary are different amounts; ALMA never turns one into the other.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import total_ordering
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_FACTORS: dict[str, int] = {"b": 1}
for _power, _letter in enumerate("kmgtp", start=1):
    _FACTORS[_letter] = _FACTORS[_letter + "b"] = 1000**_power
    _FACTORS[_letter + "i"] = _FACTORS[_letter + "ib"] = 1024**_power

SIZE_PATTERN = r"^\s*(\d+(?:\.\d+)?)\s*([kKmMgGtTpP]?i?[bB]?)\s*$"
_SIZE = re.compile(SIZE_PATTERN)
_CPU = re.compile(r"^\s*(\d+(?:\.\d+)?)(m?)\s*$")
_PORT = re.compile(r"^(?:(\d{1,5}):)?(\d{1,5})(?:/(tcp|udp))?$")
MAX_BYTES = 1024**6
MAX_CPU = 4096
MAX_TEXT = 28  # longer numbers would not be exact in decimal arithmetic


def _invalid(hint: str) -> PydanticCustomError:
    return PydanticCustomError("invalid_format", "invalid format", {"hint": hint})


@total_ordering
class Size:
    """A positive amount of memory or disk. `bytes` is exact; `str()` is what the user wrote.

    Two sizes are equal when they are the same number of bytes, however they are written.
    """

    __slots__ = ("bytes", "text")

    def __init__(self, text: str) -> None:
        """Raises `PydanticCustomError` ("invalid format", with a hint) on anything but `<number><unit>`, a zero, or
        an amount that is no whole number of bytes or beyond one exbibyte."""
        match = _SIZE.match(text) if len(text) <= MAX_TEXT else None
        hint = "write a number and a unit, such as 8GB (decimal) or 512MiB (binary)"
        if match is None or not match[2]:
            raise _invalid(hint)
        amount = Decimal(match[1]) * _FACTORS[match[2].lower()]
        if amount != amount.to_integral_value():
            raise _invalid("the amount must be a whole number of bytes")
        if amount <= 0:
            raise _invalid("the amount must be more than zero")
        if amount > MAX_BYTES:
            raise _invalid("the amount is beyond 1EiB")
        self.bytes = int(amount)
        self.text = text.strip()

    @classmethod
    def of_bytes(cls, amount: int) -> Size:
        """The shortest exact text for a number of bytes, decimal units first: equal amounts give equal texts."""
        texts = [f"{amount}B"]
        for base, units in (
            (1000, ("kB", "MB", "GB", "TB", "PB")),
            (1024, ("KiB", "MiB", "GiB", "TiB", "PiB")),
        ):
            for power, unit in enumerate(units, start=1):
                if amount % base**power == 0:
                    texts.append(f"{amount // base**power}{unit}")
        return cls(min(texts, key=len))

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Size({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Size) and self.bytes == other.bytes

    def __lt__(self, other: Size) -> bool:
        return self.bytes < other.bytes

    def __hash__(self) -> int:
        return hash(self.bytes)

    def __deepcopy__(self, memo: dict[int, Any]) -> Size:
        return self

    @classmethod
    def _validate(cls, value: Any) -> Size:
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            shown = value if value > 0 else 8
            raise _invalid(f"a bare number has no unit: write {shown}MiB or {shown}GB")
        raise _invalid("write a number and a unit, such as 8GB or 512MiB")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate,
            serialization=core_schema.plain_serializer_function_ser_schema(
                str, return_schema=core_schema.str_schema()
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": r"^\s*\d+(\.\d+)?\s*([kKmMgGtTpP]i?[bB]?|[bB])\s*$",
            "description": "An amount with its unit: 8GB is decimal (10^9), 8GiB binary (2^30).",
            "examples": ["8GB", "512MiB", "1.5TB"],
        }


def parse_cpu(value: Any) -> int | float:
    """CPUs as a number of cores: `2`, `0.5`, `"2"` or `"500m"` (thousandths). At least one thousandth, at most 4096."""
    if isinstance(value, bool):
        raise _invalid("write a number of cores, such as 2, 0.5 or 500m")
    if isinstance(value, str):
        match = _CPU.match(value) if len(value) <= MAX_TEXT else None
        if match is None:
            raise _invalid("write a number of cores, such as 2, 0.5 or 500m")
        amount = Decimal(match[1]) / (1000 if match[2] else 1)
    elif isinstance(value, int | float):
        amount = Decimal(str(value))
    else:
        raise _invalid("write a number of cores, such as 2, 0.5 or 500m")
    if not amount.is_finite() or amount < Decimal("0.001"):
        raise _invalid("the number of cores must be more than zero")
    if amount > MAX_CPU:
        raise _invalid(f"at most {MAX_CPU} cores")
    return int(amount) if amount == amount.to_integral_value() else float(amount)


class Port:
    """A port a resource listens on, and where it is published: `80`, `"8080:80"`, `"53/udp"`.

    `published` is None when the engine may choose where to publish, if it publishes at all.
    """

    __slots__ = ("protocol", "published", "target")

    def __init__(self, text: str | int) -> None:
        match = _PORT.match(str(text).strip())
        hint = 'write a port (80), a published and an inner port ("8080:80"), or with a protocol ("53/udp")'
        if match is None:
            raise _invalid(hint)
        self.published = int(match[1]) if match[1] else None
        self.target = int(match[2])
        self.protocol = match[3] or "tcp"
        for number in (self.published, self.target):
            if number is not None and not 1 <= number <= 65535:
                raise _invalid("ports are 1 to 65535")

    def __str__(self) -> str:
        published = f"{self.published}:" if self.published else ""
        return f"{published}{self.target}{'/udp' if self.protocol == 'udp' else ''}"

    def __repr__(self) -> str:
        return f"Port({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Port) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Port:
        return self

    def dump(self) -> int | str:
        """The plainest form: a number where the number says it all."""
        return int(str(self)) if str(self).isdigit() else str(self)

    @classmethod
    def _validate(cls, value: Any) -> Port:
        if isinstance(value, cls):
            return value
        if isinstance(value, int | str) and not isinstance(value, bool):
            return cls(value)
        raise _invalid("write a port (80) or a published and an inner port ('8080:80')")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda port: port.dump()
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 65535},
                {"type": "string", "pattern": r"^(\d{1,5}:)?\d{1,5}(/(tcp|udp))?$"},
            ],
            "description": 'A port, or "published:inner", optionally with /udp.',
        }
