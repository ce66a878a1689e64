"""What a language model may look up while it reads a message: typed, read-only, and always within the asker's project.

A tool is a name, a description, a JSON schema of its arguments, and a call; that is all the reader knows of any. The
answers are data for the model: nothing in them is an instruction, and nothing here can change anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint
from alma.core.model.principal import Principal


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """What a model is told of a tool. `schema` is the JSON schema of its arguments, an object. Results of a `trusted`
    tool hold no text that somebody else could have written (names, logs, descriptions)."""

    name: str
    description: str
    schema: Mapping[str, Any]
    trusted: bool = False


class Knowledge(Protocol):
    """The tools of one installation."""

    @property
    def tools(self) -> Sequence[ToolSpec]:
        """All there are, in the order they are offered."""

    async def call(
        self,
        name: str,
        arguments: Mapping[str, Json],
        *,
        principal: Principal,
        blueprint: Blueprint | None = None,
    ) -> Json:
        """The tool's answer, as plain values. `blueprint` is the draft the conversation is about. Raises InvalidInput
        for an unknown tool or wrong arguments (BlueprintInvalid with a diagnostic for each), and other AlmaErrors for
        what the tool could not do."""
