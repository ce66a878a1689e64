"""The MCP server: what it lists, what it calls, and how it is served on standard input and output or over HTTP."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from alma import __version__
from alma.mcp.door import Door, is_loopback, names_of, require_callers, shown_by
from alma.mcp.guests import GUEST_TOOLS, GuestTool, guests
from alma.mcp.rest import NOTHING, Refused, Rest, Shown, reaching

_INSTRUCTIONS = (
    "ALMA plans, reviews and deploys infrastructure. These tools work things out: costs, security, capacity, "
    "plans. None of them changes infrastructure; those that ask for a change open a request that people approve."
)
_VMS_URI = re.compile(r"^([a-z]+(?:@[\w.-]+)?)://([^/]+)/vms$")
_PATH = "/mcp"


def make_server(rest: Rest) -> Server[Any]:
    """A server in front of one ALMA."""
    published = _Published(rest)
    return Server(
        "alma",
        version=__version__,
        title="ALMA",
        instructions=_INSTRUCTIONS,
        on_list_tools=published.list_tools,
        on_call_tool=published.call_tool,
        on_list_resources=published.list_resources,
        on_list_resource_templates=published.list_templates,
        on_read_resource=published.read_resource,
    )


class _Published:
    """What clients see of one ALMA. A tool of the registry wins over an older one of the same name."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._older = {tool.name: tool for tool in GUEST_TOOLS}

    async def list_tools(
        self, context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        registry = (await _asked(self._of(context), "/tools"))["tools"]
        names = {tool["name"] for tool in registry}
        older = [_older(tool) for name, tool in self._older.items() if name not in names]
        return types.ListToolsResult(tools=[*map(_of_registry, registry), *older])

    async def call_tool(
        self, context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        try:
            result = await self._result(context, params.name, params.arguments or {})
        except Refused as refused:
            # In the result and not as a fault of the protocol: a model reads it, and mends its call.
            return _said(str(refused), None, failed=True)
        return _said(_text(result), result)

    async def _result(
        self, context: ServerRequestContext[Any], name: str, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        rest = self._of(context)
        if name in self._older:
            return await self._older[name](rest, given)

        async def told(message: str, share: float | None) -> None:
            await context.session.report_progress(share or 0.0, 1.0, message)

        return await rest.execute(name, given, told)

    async def list_resources(
        self, context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=[])

    async def list_templates(
        self, context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        template = types.ResourceTemplate(
            name="vms",
            title="Machines of a node",
            uri_template="proxmox://{node}/vms",
            description="What runs on one node: of stacks, and what belongs to none.",
            mime_type="application/json",
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read_resource(
        self, context: ServerRequestContext[Any], params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        found = _VMS_URI.match(str(params.uri))
        if found is None:
            raise MCPError(types.INVALID_PARAMS, f"there is no resource {params.uri}")
        engine, node = found.groups()
        try:
            there = await guests(self._of(context), engine)
        except Refused as refused:
            raise MCPError(types.INTERNAL_ERROR, str(refused)) from refused
        on_node = [item for item in there if item["node"] == node]
        text = json.dumps(on_node, ensure_ascii=False)
        content = types.TextResourceContents(
            uri=str(params.uri), mime_type="application/json", text=text
        )
        return types.ReadResourceResult(contents=[content])

    def _of(self, context: ServerRequestContext[Any, Any]) -> Rest:
        """ALMA as the one asks who called: over HTTP each request shows for itself who that is."""
        request = context.request
        return self._rest if request is None else self._rest.speaking_for(shown_by(request.scope))


async def _asked(rest: Rest, path: str) -> Any:
    try:
        return await rest.get(path)
    except Refused as refused:
        raise MCPError(types.INTERNAL_ERROR, str(refused)) from refused


def _of_registry(tool: Mapping[str, Any]) -> types.Tool:
    return types.Tool(
        name=tool["name"],
        title=tool["title"],
        description=tool["description"],
        input_schema=dict(tool["parameters"]),
        annotations=_hints(reads=not tool["writes"]),
    )


def _older(tool: GuestTool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        description=tool.description,
        input_schema=tool.arguments.model_json_schema(),
        annotations=_hints(reads=not tool.drafts),
    )


def _hints(*, reads: bool) -> types.ToolAnnotations:
    """What writes stores a revision or a request: nothing is lost by it, and nothing outside is changed."""
    return types.ToolAnnotations(
        read_only_hint=reads, destructive_hint=False, open_world_hint=False
    )


def _said(
    text: str, result: dict[str, Any] | None, *, failed: bool = False
) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)],
        structured_content=result,
        is_error=failed,
    )


def _text(result: Mapping[str, Any]) -> str:
    """The whole answer for clients that read text only, the sentence for people first."""
    head = result.get("summary") or result.get("message")
    body = json.dumps(dict(result), ensure_ascii=False, indent=1)
    return f"{head}\n\n{body}" if head else body


# ── serving ──────────────────────────────────────────────────────────────────────────────────────────


def serve_stdio(url: str, *, socket: str | None = None, shown: Shown = NOTHING) -> None:
    """Serves one client on standard input and output until it leaves, in front of the ALMA at the URL."""
    asyncio.run(_stdio(url, socket, shown))


async def _stdio(url: str, socket: str | None, shown: Shown) -> None:
    async with (
        reaching(url, socket=socket, shown=shown) as rest,
        stdio_server() as (reading, writing),
    ):
        server = make_server(rest)
        await server.run(reading, writing, server.create_initialization_options())


def serve_http(
    url: str,
    *,
    socket: str | None = None,
    headers: Mapping[str, str] | None = None,
    host: str,
    port: int,
    open_to_all: bool = False,
) -> None:
    """Serves any number of clients over HTTP, at `/mcp`, until the process is asked to end. Each is who it shows itself
    to be; nothing is done in the name of whoever started this. `headers` go along for clients that send none of these.
    Raises Refused for an address that others can reach while ALMA asks nobody who they are, unless `open_to_all`."""
    asyncio.run(_http(url, socket, (None, headers or {}), (host, port), open_to_all))


async def _http(
    url: str, socket: str | None, shown: Shown, at: tuple[str, int], open_to_all: bool
) -> None:
    import uvicorn

    host, port = at
    async with reaching(url, socket=socket, shown=shown) as rest:
        if not (open_to_all or is_loopback(host)):
            await require_callers(rest)
        server = make_server(rest).streamable_http_app(
            streamable_http_path=_PATH, host=host, transport_security=names_of(host)
        )
        config = uvicorn.Config(
            Door(server, rest),
            host=host,
            port=port,
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
        )
        await uvicorn.Server(config).serve()
