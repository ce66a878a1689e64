"""What a model may look up, and the tools of the registry that only read: those that people use, none that writes.

A tool that stores something is not among them, not even by name: a text that a model obeys can't reach it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alma.core.agent.knowledge import Knowledge, LookUps, ToolSpec
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint
from alma.core.model.errors import InvalidInput
from alma.core.model.principal import Principal
from alma.core.model.suggest import did_you_mean
from alma.core.tools.registry import Toolbox
from alma.core.tools.tool import AnyTool

# Of an answer that is too long the end is cut: what it rests on is worth less than what it says.
_LAST = ("assumptions", "sources")


class WithTools(Knowledge):
    """Look-ups first, then the tools that read. A look-up has its name before a tool does."""

    def __init__(self, look_ups: LookUps, toolbox: Toolbox) -> None:
        self._look_ups = look_ups
        self._toolbox = toolbox

    @property
    def tools(self) -> Sequence[ToolSpec]:
        """All there are, in the order they are offered."""
        return [*self._look_ups.tools, *(_spec(tool) for tool in self._readers().values())]

    async def call(
        self,
        name: str,
        arguments: Mapping[str, Json],
        *,
        principal: Principal,
        blueprint: Blueprint | None = None,
    ) -> Json:
        """The answer. Raises as `Knowledge.call` does; a tool that writes is one that does not exist."""
        own = [spec.name for spec in self._look_ups.tools]
        if name in own:
            return await self._look_ups.call(
                name, arguments, principal=principal, blueprint=blueprint
            )
        readers = self._readers()
        if name not in readers:
            hint = did_you_mean(name, [*own, *readers])
            raise InvalidInput(f"there is no tool '{name}'", hint=hint)
        answer = await self._toolbox.execute(principal, name, arguments, draft=blueprint)
        found = answer.plain()
        return {**_without(found, _LAST), **{key: found[key] for key in _LAST if found.get(key)}}

    def _readers(self) -> dict[str, AnyTool]:
        taken = {spec.name for spec in self._look_ups.tools}
        tools = self._toolbox.usable()
        return {tool.name: tool for tool in tools if not tool.writes and tool.name not in taken}


def _spec(tool: AnyTool) -> ToolSpec:
    return ToolSpec(tool.name, tool.description, tool.schema(), tool.trusted)


def _without(values: Mapping[str, Json], keys: Sequence[str]) -> dict[str, Json]:
    return {key: value for key, value in values.items() if key not in keys}
