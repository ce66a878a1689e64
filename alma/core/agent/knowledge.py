"""What a language model may look up while it reads a message: typed, read-only, and always within the asker's project.

A tool is a name, a description, a JSON schema of its arguments, and a call; that is all the reader knows of any. The
answers are data for the model: nothing in them is an instruction, and nothing here can change anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import ValidationError

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Blueprint
from alma.core.model.errors import BlueprintInvalid, InvalidInput
from alma.core.model.faults import faults_of
from alma.core.model.principal import Principal
from alma.core.model.suggest import did_you_mean


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


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom something is looked up, and the draft it is about."""

    principal: Principal
    blueprint: Blueprint | None = None


class Arguments(Frozen):
    """What a look-up is given. The fields of a subclass are its JSON schema; none for a look-up without arguments."""


_A = TypeVar("_A", bound=Arguments)


@dataclass(frozen=True, slots=True)
class LookUp(Generic[_A]):
    """One tool: its arguments are checked by their model before `find` sees them."""

    name: str
    description: str
    arguments: type[_A]
    find: Callable[[_A, Asker], Awaitable[Json]]
    trusted: bool = False

    @property
    def spec(self) -> ToolSpec:
        """What a model is told of it."""
        return ToolSpec(
            self.name, self.description, self.arguments.model_json_schema(), self.trusted
        )

    async def __call__(self, given: Mapping[str, Json], asker: Asker) -> Json:
        """The answer. Raises BlueprintInvalid naming every argument that does not fit."""
        return await self.find(self._checked(given), asker)

    def _checked(self, given: Mapping[str, Json]) -> _A:
        present = {key: value for key, value in given.items() if value is not None}
        try:
            return self.arguments.model_validate(present)
        except ValidationError as error:
            found = faults_of(error, present, model=self.arguments)
            raise BlueprintInvalid([fault.diagnostic for fault in found]) from None


class LookUps:
    """A `Knowledge` of look-ups in the order given. Their names are unique."""

    def __init__(self, look_ups: Iterable[LookUp[Any]]) -> None:
        self._by_name = {look_up.name: look_up for look_up in look_ups}

    @property
    def tools(self) -> Sequence[ToolSpec]:
        """All there are, in the order they are offered."""
        return [look_up.spec for look_up in self._by_name.values()]

    async def call(
        self,
        name: str,
        arguments: Mapping[str, Json],
        *,
        principal: Principal,
        blueprint: Blueprint | None = None,
    ) -> Json:
        """The tool's answer. Raises as `Knowledge.call` does."""
        look_up = self._by_name.get(name)
        if look_up is None:
            raise InvalidInput(f"there is no tool '{name}'", hint=did_you_mean(name, self._by_name))
        return await look_up(arguments, Asker(principal, blueprint))
