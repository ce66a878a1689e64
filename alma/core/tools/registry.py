"""The tools of one installation by name: what REST, the command line, MCP, models and chains all go through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint
from alma.core.model.errors import NotFound, ToolUnavailable
from alma.core.model.principal import Principal
from alma.core.model.suggest import did_you_mean
from alma.core.tools.entries import Entry, load, own, third_party, unusable
from alma.core.tools.kit import Call, Kit
from alma.core.tools.tool import Answer, Tool

AnyTool = Tool[Any, Any]
Progress = Callable[[str, float | None], None]


def _unheard(message: str, share: float | None) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A tool that is registered and can't be used, why, and what to do about it."""

    name: str
    reason: str
    hint: str | None


class Toolbox:
    """Every registered tool, ready to be used with the services of this installation.

    A name is found however it is written: `Validate-Blueprint` is `validate_blueprint`.
    """

    def __init__(self, kit: Kit, *, table: Mapping[str, Entry] | None = None) -> None:
        self.kit = kit
        self._entries = dict({**own(), **third_party()} if table is None else table)
        self._tools: dict[str, AnyTool] = {}

    def names(self) -> list[str]:
        """Every tool there is, in the order of registration, whether or not it can be used."""
        return [*self._entries, *(name for name in self._tools if name not in self._entries)]

    def get(self, name: str) -> AnyTool:
        """The tool. Raises NotFound with the nearest name, ToolUnavailable naming what has to be installed."""
        wanted = plain(name)
        if wanted in self._tools:
            return self._tools[wanted]
        if wanted not in self._entries:
            raise NotFound(
                f"there is no tool '{name}'",
                hint=did_you_mean(wanted, self.names(), shown=20),
                details={"tool": name},
            )
        self._tools[wanted] = self._loaded(wanted)
        return self._tools[wanted]

    def specs(self) -> Sequence[AnyTool]:
        """Every tool that can be used, in the order of registration: names, schemas, examples. See `unusable`."""
        return [self.get(name) for name in self.names() if self._why_not(name) is None]

    def unusable(self) -> Sequence[Unusable]:
        """What is registered and can't be used."""
        return [why for name in self.names() if (why := self._why_not(name)) is not None]

    def add(self, tools: Iterable[AnyTool]) -> None:
        """Registers further tools. Raises ToolUnavailable for a name that is taken."""
        for tool in tools:
            if plain(tool.name) in self.names():
                raise unusable(
                    tool.name, "is registered twice", hint="give one of them another name"
                )
            self._tools[plain(tool.name)] = tool

    async def execute(
        self,
        principal: Principal,
        name: str,
        arguments: Mapping[str, Json],
        *,
        context: Mapping[str, Json] | None = None,
        progress: Progress = _unheard,
        draft: Blueprint | None = None,
    ) -> Answer:
        """The tool's answer. `draft` is meant where the arguments name no blueprint. Raises as `get` does,
        BlueprintInvalid naming every argument that does not fit, and what the tool raises."""
        call = Call(
            principal=principal, kit=self.kit, draft=draft, context=context or {}, progress=progress
        )
        answer: Answer = await self.get(name)(arguments, call)
        return answer

    def _loaded(self, name: str) -> AnyTool:
        found = load(name, self._entries[name])
        if not isinstance(found, Tool):
            raise unusable(name, f"is a {type(found).__name__}, and no Tool")
        if plain(found.name) != name:
            raise unusable(name, f"calls itself '{found.name}'", hint="register it by that name")
        return found

    def _why_not(self, name: str) -> Unusable | None:
        try:
            self.get(name)
        except ToolUnavailable as error:
            return Unusable(name, error.message, error.hint)
        return None


def plain(name: str) -> str:
    """The name as tools are registered: lower case, words joined by `_`."""
    return "_".join(name.strip().lower().replace("-", " ").replace("_", " ").split())
