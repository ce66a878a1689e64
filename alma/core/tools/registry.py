"""The tools of one installation by name: what REST, the command line, MCP, models and chains all go through."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

from alma.core.model.access import Permission
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint
from alma.core.model.errors import AlmaError, NotFound, ToolUnavailable
from alma.core.model.principal import Principal
from alma.core.model.suggest import did_you_mean
from alma.core.ports.telemetry import Meters, NoMeters, NoTracing, Tracing
from alma.core.tools.entries import Entry, load, own, plain, third_party, unusable
from alma.core.tools.infrastructure_tools import InfrastructureTools, tools_of
from alma.core.tools.kit import Call, Kit
from alma.core.tools.tool import Answer, AnyTool, Tool

Progress = Callable[[str, float | None], None]


def unheard(message: str, share: float | None) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A tool that is registered and can't be used, why, and what to do about it."""

    name: str
    reason: str
    hint: str | None


class Toolbox:
    """Every registered tool, ready to be used with the services of this installation.

    A name is found however it is written: `Validate-Blueprint` is `validate_blueprint`. `table` are ALMA's own tools,
    `others` what else is installed: a tool, a class with several, or a module of such, for each name.
    """

    def __init__(
        self,
        kit: Kit,
        *,
        table: Mapping[str, Entry] | None = None,
        others: Mapping[str, Entry] | None = None,
        meters: Meters | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self.kit = kit
        self._meters = meters or NoMeters()
        self._tracing = tracing or NoTracing()
        self._own = dict(own() if table is None else table)
        self._others = dict(third_party() if others is None else others)
        self._tools: dict[str, AnyTool] = {}

    # ── what there is ────────────────────────────────────────────────────────────────────────────────

    def names(self) -> list[str]:
        """Every tool there is, in the order of registration, whether or not it can be used."""
        return list(dict.fromkeys([*self._own, *self._brought, *self._tools]))

    def get(self, name: str) -> AnyTool:
        """The tool. Raises NotFound with the nearest name, ToolUnavailable saying what is the matter with it."""
        wanted = plain(name)
        if wanted in self._own and wanted not in self._tools:
            self._tools[wanted] = self._loaded(wanted)
        found = self._tools.get(wanted) or self._brought.get(wanted)
        if isinstance(found, Unusable):
            raise unusable(wanted, found.reason, hint=found.hint)
        if found is None:
            hint = did_you_mean(wanted, self.names(), shown=20)
            raise NotFound(f"there is no tool '{name}'", hint=hint, details={"tool": name})
        return found

    def usable(self) -> Sequence[AnyTool]:
        """Every tool that can be used, in the order of registration."""
        return [self.get(name) for name in self.names() if self._why_not(name) is None]

    def unusable(self) -> Sequence[Unusable]:
        """What is registered and can't be used."""
        return [why for name in self.names() if (why := self._why_not(name)) is not None]

    def add(self, found: object) -> Sequence[AnyTool]:
        """Registers a `Tool`, a subclass of `InfrastructureTools`, or an iterable of tools; what was added. Raises
        ToolUnavailable for a name that is taken, and for anything else."""
        added = list(self._expanded(getattr(found, "__name__", str(found)), found))
        for tool in added:
            if plain(tool.name) in self.names():
                raise unusable(tool.name, "is registered already", hint="give it another name")
            self._tools[plain(tool.name)] = tool
        return added

    # ── using one ────────────────────────────────────────────────────────────────────────────────────

    async def execute(
        self,
        principal: Principal,
        name: str,
        arguments: Mapping[str, Json],
        *,
        context: Mapping[str, Json] | None = None,
        progress: Progress = unheard,
        draft: Blueprint | None = None,
    ) -> Answer:
        """The tool's answer. `draft` is meant where the arguments name no blueprint. Raises as `get` does, Forbidden,
        ArgumentsInvalid naming every argument that does not fit, and what the tool raises."""
        call = Call(
            principal=principal,
            kit=self.kit,
            draft=draft,
            context=context or {},
            progress=progress,
        )
        known, began, status = self._label(name), time.perf_counter(), "error"
        try:
            with self._tracing.span(f"tool {known}"):
                self.require(principal, name)
                answer: Answer = await self.get(name)(arguments, call)
            status = "success"
            return answer
        except AlmaError as error:
            status = error.code
            raise
        finally:
            self._meters.count("tool_executions_total", tool_name=known, status=status)
            self._meters.observe(
                "tool_execution_duration_seconds", time.perf_counter() - began, tool_name=known
            )

    def require(self, principal: Principal, *names: str) -> None:
        """Raises Forbidden unless the caller may use all of these tools: what stores something takes the permission to
        write blueprints, too. Raises as `get` does."""
        principal.require(Permission.TOOL)
        if any(self.get(name).writes for name in names):
            principal.require(Permission.BLUEPRINT_WRITE)

    def _label(self, name: str) -> str:
        """How uses of the tool are counted: names that anybody may make up are all one."""
        wanted = plain(name)
        return wanted if wanted in self._own or wanted in self.names() else "other"

    # ── where tools come from ────────────────────────────────────────────────────────────────────────

    def _loaded(self, name: str) -> AnyTool:
        found = load(name, self._own[name])
        if not isinstance(found, Tool):
            raise unusable(name, f"is a {type(found).__name__}, and no Tool")
        if found.name != name:
            raise unusable(name, f"calls itself '{found.name}'", hint="register it by that name")
        return found

    @cached_property
    def _brought(self) -> dict[str, AnyTool | Unusable]:
        """What others bring, by name; who can't be used keeps the name of its entry. The first of a name has it."""
        brought: dict[str, AnyTool | Unusable] = {}
        for name, entry in self._others.items():
            try:
                tools = list(self._expanded(name, load(name, entry)))
            except ToolUnavailable as error:
                brought.setdefault(name, _unusable(name, error))
                continue
            for tool in tools:
                if plain(tool.name) not in self._own:
                    brought.setdefault(plain(tool.name), tool)
        return brought

    def _expanded(self, name: str, found: object) -> Iterable[AnyTool]:
        if isinstance(found, Tool):
            return [found]
        if inspect.isclass(found) and issubclass(found, InfrastructureTools):
            return tools_of(found(self))
        if isinstance(found, InfrastructureTools):
            return tools_of(found)
        if isinstance(found, ModuleType):
            return [tool for item in _defined(found) for tool in self._expanded(name, item)]
        if isinstance(found, list | tuple):
            return [tool for item in found for tool in self._expanded(name, item)]
        raise unusable(name, f"is a {type(found).__name__}, and no Tool")

    def _why_not(self, name: str) -> Unusable | None:
        try:
            self.get(name)
        except ToolUnavailable as error:
            return _unusable(name, error)
        return None


def _defined(module: ModuleType) -> list[object]:
    """The tools and classes of tools that a module defines itself."""
    return [
        item
        for item in vars(module).values()
        if isinstance(item, Tool)
        or (
            inspect.isclass(item)
            and issubclass(item, InfrastructureTools)
            and item.__module__ == module.__name__
        )
    ]


def _unusable(name: str, error: ToolUnavailable) -> Unusable:
    return Unusable(name, error.message.removeprefix(f"Tool '{name}' "), error.hint)
