"""What a tool is: typed arguments, a typed answer, and a function. Every surface is made from this one definition.

REST, the command line, MCP and a language model see the same name, the same schema and the same answer. A tool is thin:
what it computes lives in a layer below, so that the conversation answers from the same figures.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import Field, ValidationError

from alma.core.model.base import Frozen, Json
from alma.core.model.errors import ArgumentsInvalid
from alma.core.model.faults import faults_of
from alma.core.tools.kit import Call


class Arguments(Frozen):
    """What a tool is given. The fields of a subclass are its JSON schema; descriptions are for people and models."""


class Answer(Frozen):
    """What a tool says: one or two sentences for people, and where the figures come from."""

    summary: str = Field(description="The answer in a sentence or two.")
    sources: tuple[str, ...] = Field(
        default=(), description="What the figures rest on: price book, policy bundle, model, data."
    )
    assumptions: tuple[str, ...] = Field(
        default=(), description="What nobody said and was assumed."
    )

    def plain(self) -> dict[str, Json]:
        """The answer as JSON values; a figure that is no number is null."""
        values: dict[str, Json] = json.loads(self.model_dump_json())
        return values


A = TypeVar("A", bound=Arguments)
R = TypeVar("R", bound=Answer)


@dataclass(frozen=True, slots=True)
class Example:
    """Arguments that show what a tool is good for; docs/tools.md runs them."""

    title: str
    arguments: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Tool(Generic[A, R]):
    """One tool. `writes` says that it stores something of ALMA's own; no tool ever touches infrastructure.

    Results of a `trusted` tool hold no text that somebody else could have written (names, logs, descriptions).
    """

    name: str
    title: str
    description: str
    arguments: type[A]
    answer: type[R]
    run: Callable[[A, Call], Awaitable[R]]
    words: tuple[str, ...] = ()
    """What people say when they want it, for choosing a tool from words."""
    examples: tuple[Example, ...] = ()
    writes: bool = False
    trusted: bool = False
    tags: frozenset[str] = field(default_factory=frozenset)

    def schema(self) -> dict[str, Any]:
        """The JSON schema of the arguments."""
        return self.arguments.model_json_schema()

    async def __call__(self, given: Mapping[str, Json], call: Call) -> R:
        """The answer. Raises ArgumentsInvalid naming every argument that does not fit, and what the tool raises."""
        return await self.run(self.checked(given), call)

    def checked(self, given: Mapping[str, Json]) -> A:
        """The arguments, typed; null is the same as nothing. Raises ArgumentsInvalid naming every fault."""
        present = {key: value for key, value in given.items() if value is not None}
        try:
            return self.arguments.model_validate(present)
        except ValidationError as error:
            found = faults_of(error, present, model=self.arguments)
            raise ArgumentsInvalid(self.name, [fault.diagnostic for fault in found]) from None


AnyTool = Tool[Any, Any]
