"""Tools: what there is to ask, and asking it, by name or in words. None of them touches infrastructure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import APIRouter

from alma.api.bodies import BodyRoute
from alma.api.deps import Alma, Caller, Wired
from alma.api.paging import Order, Part
from alma.api.progress import progress_frames
from alma.api.schemas.common import PREFIX, failures, stream_failures
from alma.api.schemas.tools import (
    Execution,
    ToolCall,
    ToolList,
    ToolView,
    execution,
    tool_view,
    unavailable,
)
from alma.api.streams import EVENT_STREAM, EventStream
from alma.core.model.access import Permission
from alma.core.model.errors import AlmaError
from alma.core.model.principal import Principal
from alma.core.tools.chains import Done, ask, run_chain
from alma.core.tools.choosing import Choice, Question
from alma.core.tools.registry import Progress, unheard
from alma.core.tools.tool import Tool

router = APIRouter(prefix=f"{PREFIX}/tools", tags=["tools"], route_class=BodyRoute)

_TOOLS = Order[Tool[Any, Any], str]("tools", lambda tool: tool.name, str)

_STREAM = {
    "description": "Events with a `type`: `progress`, then `complete` (the whole answer) or `error`.",
    "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
}


@router.get("", response_description="Every tool with the schema of its parameters.")
def list_tools(alma: Wired, caller: Caller, part: Part) -> ToolList:
    """Lists the tools."""
    found = part.of(_TOOLS, alma.tools.usable())
    missing = [unavailable(tool) for tool in alma.tools.unusable()]
    return ToolList(
        tools=[tool_view(tool) for tool in found.items],
        count=found.total,
        unavailable=missing,
        next_cursor=found.next,
    )


@router.get("/{name}", responses=failures(404, 503))
def read_tool(alma: Wired, caller: Caller, name: str) -> ToolView:
    """One tool: what it takes, what it answers, and examples."""
    return tool_view(alma.tools.get(name))


@router.post(
    "/execute",
    response_description="The tool's answer; or, to words that are unclear, a question.",
    responses=failures(404, 422, 502, 503),
)
async def execute_tool(alma: Wired, caller: Caller, call: ToolCall) -> Execution:
    """Uses a tool by its name, or those that a query asks for, one after the other."""
    return await _executed(alma, caller, call, unheard)


@router.post(
    "/execute-direct",
    response_description="The tool's answer.",
    responses=failures(404, 422, 502, 503),
)
async def execute_tool_direct(alma: Wired, caller: Caller, call: ToolCall) -> Execution:
    """Uses a tool by its name."""
    return await _executed(alma, caller, call, unheard)


@router.post(
    "/execute-stream",
    response_class=EventStream,
    responses={200: _STREAM, **stream_failures(404, 422)},
)
async def execute_tool_stream(alma: Wired, caller: Caller, call: ToolCall) -> EventStream:
    """Uses a tool and tells how far it is. What is wrong with the request is an answer, no stream."""
    if call.tool_name is not None:
        with _telling(call):
            alma.tools.require(caller, call.tool_name)
            alma.tools.get(call.tool_name).checked(call.parameters)
    else:
        alma.tools.require(caller)
    work = partial(_executed, alma, caller, call)
    return EventStream(progress_frames(work), needs=Permission.TOOL)


async def _executed(alma: Alma, caller: Principal, call: ToolCall, progress: Progress) -> Execution:
    return execution(await _done(alma, caller, call, progress))


async def _done(
    alma: Alma, caller: Principal, call: ToolCall, progress: Progress
) -> Done | Question:
    with _telling(call):
        if call.tool_name is None:
            return await ask(
                alma.tools, caller, call.query or "", context=call.context, progress=progress
            )
        choice = Choice(alma.tools.get(call.tool_name), call.parameters)
        return await run_chain(
            alma.tools, caller, [choice], context=call.context, progress=progress
        )


@contextmanager
def _telling(call: ToolCall) -> Iterator[None]:
    """A failure's body has the fields of an answer, too: callers look at `success` first."""
    try:
        yield
    except AlmaError as error:
        facts = {
            "success": False,
            "tool": error.details.get("tool", call.tool_name),
            "result": None,
        }
        told = {"error": error.message, "timestamp": datetime.now(UTC).isoformat()}
        error.details = {**error.details, **facts, **told}
        raise
