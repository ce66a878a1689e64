"""Tools: what there is to ask, and asking it, by name or in words."""

from __future__ import annotations

import strawberry

from alma.api.graphql.context import Info, read
from alma.api.graphql.deriving import noun, shown, taken
from alma.api.schemas.tools import Execution, ToolCall, ToolView, execution, tool_view
from alma.core.tools.chains import ask, run_chain
from alma.core.tools.choosing import Choice
from alma.core.tools.registry import unheard


@noun(ToolView)
class Tool:
    """Something that can be worked out; `parameters` and `answer` are JSON schemas."""


@noun(Execution)
class ToolAnswer:
    """What a tool said; or, to words that are unclear, a question."""


@taken(ToolCall)
class RunTool:
    """A tool by its name, or words that say what is wanted."""


@strawberry.type
class Queries:
    """What is asked about tools."""

    @strawberry.field(description="Every tool that can be used here.")
    async def tools(self, info: Info) -> list[Tool]:
        return [shown(Tool, tool_view(item)) for item in info.context.alma.tools.usable()]

    @strawberry.field(description="One tool.")
    async def tool(self, info: Info, name: str) -> Tool:
        return shown(Tool, tool_view(info.context.alma.tools.get(name)))


@strawberry.type
class Mutations:
    """What is done with tools."""

    @strawberry.mutation(description="Uses a tool by its name, or those that a query asks for.")
    async def run_tool(self, info: Info, input: RunTool) -> ToolAnswer:
        call, tools, caller = read(ToolCall, input), info.context.alma.tools, info.context.caller
        if call.tool_name is None:
            found = await ask(
                tools, caller, call.query or "", context=call.context, progress=unheard
            )
            return shown(ToolAnswer, execution(found))
        choice = Choice(tools.get(call.tool_name), call.parameters)
        done = await run_chain(tools, caller, [choice], context=call.context, progress=unheard)
        return shown(ToolAnswer, execution(done))
