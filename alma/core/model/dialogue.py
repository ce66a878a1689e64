"""What is asked of a language model and what it answers: plain values, the same for every provider.

A model is asked for one document of a given JSON schema. It gets its text in parts that say who they are from, so that
words out of logs, names or state are never taken for what a person asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from alma.core.model.base import Frozen, Json


class Speaker(StrEnum):
    """Who a part of the conversation is from."""

    PERSON = "person"
    MODEL = "model"
    DATA = "data"
    """What ALMA has read somewhere: never an instruction."""
    ALMA = "alma"
    """ALMA's own remarks to the model, such as what was wrong with its last answer."""


class Part(Frozen):
    """One part of what a model is shown."""

    speaker: Speaker
    text: str


class Ask(Frozen):
    """One question to a model. `schema_` is the JSON schema of the answer; every text and list in it has a bound, for
    small models run on without one."""

    purpose: str = Field(
        max_length=40, description="For metrics and logs: interpret, explain, council …"
    )
    system: str
    parts: tuple[Part, ...]
    schema_: Mapping[str, Any]
    schema_name: str = "answer"
    project: str = "default"
    max_tokens: int = Field(default=2_000, ge=1)


class Usage(Frozen):
    """What one answer took. `cost` is in US dollars, None where no price is configured."""

    consumed: int = Field(default=0, ge=0, description="Tokens read by the model.")
    generated: int = Field(default=0, ge=0, description="Tokens written by it.")
    cost: float | None = None

    def __add__(self, other: Usage) -> Usage:
        costs = [cost for cost in (self.cost, other.cost) if cost is not None]
        return Usage(
            consumed=self.consumed + other.consumed,
            generated=self.generated + other.generated,
            cost=sum(costs) if costs else None,
        )


class Partial(Frozen):
    """The answer as far as it has come; each one replaces the one before. Not validated."""

    kind: Literal["partial"] = "partial"
    document: Mapping[str, Json]


class Reply(Frozen):
    """The whole answer, a JSON object; whether it keeps to the schema is for the caller to check."""

    kind: Literal["reply"] = "reply"
    document: Mapping[str, Json]
    model: str = Field(description="Who answered: provider:model, never with a key.")
    usage: Usage = Usage()
