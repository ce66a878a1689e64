"""Names as REST has them, so that an answer reads the same on both ways."""

from __future__ import annotations

import re
from typing import Any

from strawberry.schema.name_converter import NameConverter
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition

_FOREIGN = re.compile(r"[^A-Za-z0-9_]")
_KEPT = frozenset({"true", "false", "null"})


class Names(NameConverter):
    """Fields in snake case, and the values of enumerations as they are sent over REST: `all-at-once` is
    `all_at_once`, for GraphQL knows no hyphens in names."""

    def from_enum_value(self, enum: StrawberryEnumDefinition, enum_value: EnumValue) -> str:
        """The value itself, as far as it is a name."""
        value: Any = enum_value.value
        name = _FOREIGN.sub("_", str(value))
        return f"{name}_" if name in _KEPT or not name or name[0].isdigit() else name
