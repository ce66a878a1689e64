"""`InfrastructureTools`: the class that people extend with tools of their own, next to the registry's.

A subclass describes its tools in `get_available_tools` and answers each in a method of the tool's name with `_` before
it. The descriptions become typed arguments, so that what a caller got wrong is told like everywhere else. New code may
as well define a `Tool`: that is what a subclass's tools become here.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, create_model

from alma.core.model.base import Json
from alma.core.model.errors import AlmaError, BlueprintInvalid, ToolError, ToolUnavailable
from alma.core.model.principal import LOCAL, Principal
from alma.core.tools import TOOLS
from alma.core.tools.entries import load, own, plain
from alma.core.tools.kit import Call
from alma.core.tools.tool import Answer, AnyTool, Arguments, Tool

if TYPE_CHECKING:
    from alma.core.tools.registry import Toolbox

Definition = dict[str, Any]
# What code of others raises for input it did not expect. Anything else is a fault that the edge's boundary tells.
_RAISED = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    OSError,
)
_KINDS: Mapping[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list[Json],
    "object": dict[str, Json],
}


# On whose behalf a subclass answers now. What it asks of other tools is asked as that one: the class is made once, by
# nobody in particular, and must lend nobody its own rights.
_CALLER: ContextVar[Principal | None] = ContextVar("caller", default=None)


class Free(Answer):
    """What a tool of others says: its own keys beside the summary."""

    model_config = ConfigDict(extra="allow")


class InfrastructureTools:
    """The tools of an installation, and those a subclass adds.

    `toolbox` are the tools of the installation the class is registered with; without it only the subclass's own tools
    can be used. A tool is `_name(params)` or `_name(params, context)`: a method, static or not, sync or async. A sync
    one runs in a thread.
    """

    def __init__(self, toolbox: Toolbox | None = None, *, principal: Principal = LOCAL) -> None:
        self.toolbox = toolbox
        self.principal = principal

    @classmethod
    def get_available_tools(cls) -> list[Definition]:
        """Name, description and JSON schema of each tool; a subclass appends its own."""
        return [_definition(tool) for tool in _own_tools()]

    def execute_tool(
        self, tool_name: str, arguments: Mapping[str, Any], context: Mapping[str, Any] | None = None
    ) -> Definition:
        """The tool's answer as `{success, tool, result, error, timestamp}`; what went wrong is in `error`. Waits for
        async tools, so it can't be called from a running event loop: await `execute` there."""
        return asyncio.run(self.execute(tool_name, arguments, context))

    async def execute(
        self, tool_name: str, arguments: Mapping[str, Any], context: Mapping[str, Any] | None = None
    ) -> Definition:
        """The same, awaited."""
        try:
            result = await self._answered(tool_name, arguments, context or {})
        except AlmaError as error:
            return _envelope(tool_name, error=_told(error))
        return _envelope(tool_name, result=result)

    async def _answered(
        self, name: str, arguments: Mapping[str, Any], context: Mapping[str, Any]
    ) -> Definition:
        answers = method_of(self, name)
        if answers is not None:
            return _free(plain(name), await called(name, answers, arguments, context)).plain()
        if self.toolbox is None:
            raise ToolUnavailable(
                f"Tool '{name}' needs an installation",
                hint="give InfrastructureTools the toolbox of one",
                details={"tool": name},
            )
        answer = await self.toolbox.execute(
            _CALLER.get() or self.principal, name, arguments, context=context
        )
        return answer.plain()


# ── a subclass's tools as tools of the registry ──────────────────────────────────────────────────────


def tools_of(owner: InfrastructureTools) -> list[AnyTool]:
    """What a subclass adds to the registry's tools. Raises ToolUnavailable for a description without a name."""
    return [_tool(owner, item) for item in owner.get_available_tools() if _added(item)]


@contextmanager
def _as(principal: Principal) -> Iterator[None]:
    before = _CALLER.set(principal)
    try:
        yield
    finally:
        _CALLER.reset(before)


def _added(item: Mapping[str, Any]) -> bool:
    name = item.get("name")
    if not isinstance(name, str) or not plain(name).isidentifier():
        raise ToolUnavailable(
            f"a custom tool is described by {item!r:.80}, which has no usable name",
            hint="give it a name of letters, digits and underscores",
        )
    return plain(name) not in TOOLS


def _tool(owner: InfrastructureTools, item: Mapping[str, Any]) -> AnyTool:
    name = plain(item["name"])
    description = str(item.get("description") or name.replace("_", " "))

    async def run(given: Arguments, call: Call) -> Free:
        arguments = given.model_dump(mode="json", exclude_unset=True, by_alias=True)
        with _as(call.principal):
            found = await _asked(owner, name, arguments, call)
        return _free(name, found)

    return Tool(
        name=name,
        title=name.replace("_", " ").capitalize(),
        description=description,
        arguments=arguments_of(name, item.get("parameters")),
        answer=Free,
        run=run,
        words=(name.replace("_", " "),),
        # Nobody here knows what a stranger's tool does: it is offered to people, not to a model.
        writes=bool(item.get("writes", True)),
        tags=frozenset({"custom"}),
    )


async def _asked(
    owner: InfrastructureTools, name: str, arguments: Mapping[str, Any], call: Call
) -> Any:
    """The method of that name; else `execute_tool`, where a subclass answers by itself."""
    answers = method_of(owner, name)
    if answers is not None:
        return await called(name, answers, arguments, call.context)
    if type(owner).execute_tool is InfrastructureTools.execute_tool:
        raise ToolError(
            f"Tool '{name}' is described and not written",
            hint=f"write a method _{name}(self, params)",
            details={"tool": name},
        )

    def executed(params: Any, context: Any) -> Any:
        return owner.execute_tool(name, params, context)

    return _unwrapped(name, await called(name, executed, arguments, call.context))


def _unwrapped(name: str, found: Any) -> Any:
    if not isinstance(found, Mapping) or "success" not in found:
        return found
    if not found["success"]:
        raise ToolError(f"Tool '{name}' failed: {found.get('error') or 'it does not say why'}")
    return found.get("result", {})


def method_of(owner: InfrastructureTools, name: str) -> Callable[..., Any] | None:
    """The method that answers a tool of the subclass, if it has one."""
    found = getattr(owner, f"_{plain(name)}", None)
    mine = callable(found) and not hasattr(InfrastructureTools, f"_{plain(name)}")
    return found if mine else None


async def called(
    name: str,
    answers: Callable[..., Any],
    arguments: Mapping[str, Any],
    context: Mapping[str, Any],
) -> Any:
    """What the method says, sync or async. Raises ToolError for what it raises, unless that is ALMA's own."""
    given = [dict(arguments), dict(context)][: _taken(answers)]
    try:
        if inspect.iscoroutinefunction(answers):
            return await answers(*given)
        found = await asyncio.to_thread(answers, *given)
        return await found if inspect.isawaitable(found) else found
    except AlmaError:
        raise
    except _RAISED as error:
        raise ToolError(
            f"Tool '{name}' failed: {type(error).__name__}: {error}", details={"tool": name}
        ) from error


def _taken(answers: Callable[..., Any]) -> int:
    """How many of parameters and context it takes."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(item.kind in kinds for item in inspect.signature(answers).parameters.values())


def _free(name: str, found: Any) -> Free:
    values = dict(found) if isinstance(found, Mapping) else {"result": found}
    summary = str(values.pop("summary", None) or f"{name} has answered.")
    try:
        answer = Free.model_validate({"summary": summary, **values})
        answer.model_dump_json()
    except (ValidationError, ValueError, TypeError) as error:
        raise ToolError(f"Tool '{name}' answered with what is no JSON: {error!s:.200}") from error
    return answer


# ── described arguments as a model ───────────────────────────────────────────────────────────────────


def arguments_of(name: str, schema: Any) -> type[Arguments]:
    """A model of the arguments that a JSON schema describes: names, plain types, choices and defaults. What it does not
    describe may be anything."""
    schema = schema if isinstance(schema, Mapping) else {}
    properties = schema.get("properties")
    described = properties if isinstance(properties, Mapping) else {}
    required = {str(item) for item in schema.get("required") or ()}
    fields: dict[str, Any] = dict(_fields(described, required))
    base = _Open if not described or schema.get("additionalProperties") else Arguments
    return create_model(f"{name.title().replace('_', '')}Arguments", __base__=base, **fields)


class _Open(Arguments):
    """Arguments that nobody described."""

    model_config = ConfigDict(extra="allow")


def _fields(described: Mapping[str, Any], required: set[str]) -> Iterator[tuple[str, Any]]:
    for number, (key, item) in enumerate(described.items()):
        item = item if isinstance(item, Mapping) else {}
        kind = _kind(item)
        about = str(item.get("description") or "") or None
        if key in required:
            yield f"p{number}", (kind, Field(alias=key, description=about))
        else:
            default = item.get("default")
            yield f"p{number}", (kind | None, Field(default=default, alias=key, description=about))


def _kind(item: Mapping[str, Any]) -> Any:
    choices = item.get("enum")
    if isinstance(choices, list | tuple) and choices:
        return Literal[tuple(choices)]
    return _KINDS.get(str(item.get("type")), Json)


# ── what callers of the class see ────────────────────────────────────────────────────────────────────


def _own_tools() -> Iterator[AnyTool]:
    for name, entry in own().items():
        yield load(name, entry)


def _definition(tool: AnyTool) -> Definition:
    return {"name": tool.name, "description": tool.description, "parameters": tool.schema()}


def _told(error: AlmaError) -> str:
    faults = (
        [str(item) for item in error.diagnostics] if isinstance(error, BlueprintInvalid) else []
    )
    told = "; ".join([error.message, *faults])
    return f"{told} ({error.hint})" if error.hint else told


def _envelope(tool: str, *, result: Any = None, error: str | None = None) -> Definition:
    return {
        "success": error is None,
        "tool": tool,
        "result": result,
        "error": error,
        "timestamp": datetime.now(UTC).isoformat(),
    }
