"""The piece that messages are cut into: known by itself, because every reader of words needs it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Value = str | int | float | None


class Kind(StrEnum):
    """What a token is by its shape alone."""

    WORD = "word"
    NUMBER = "number"
    SIZE = "size"
    MONEY = "money"
    PERCENT = "percent"
    CIDR = "cidr"
    ADDRESS = "address"
    REGION = "region"
    QUOTED = "quoted"
    PATH = "path"
    IMAGE = "image"
    VARIABLE = "variable"
    MACHINE = "machine"
    RULES = "rules"
    PUNCTUATION = "punctuation"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the message: `text` as written between `start` and `end`, `norm` case folded, `value` if it is an
    amount: a size is the text `Size` takes, rules are JSON. `rounded` marks those that are roughly meant ("a few"),
    `glued` what hung on the word before by a hyphen."""

    text: str
    norm: str
    start: int
    end: int
    kind: Kind
    value: Value = None
    rounded: bool = False
    glued: bool = False
