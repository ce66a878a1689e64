"""`alma mcp`: ALMA's tools for MCP clients, such as assistants and editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.client import Client
    from alma.cli.terminal import Terminal

app = typer.Typer(rich_markup_mode=None, add_completion=False)

# Named, not imported: the two edges don't know each other.
_SERVER = "alma.mcp.server"

EPILOG = """
\b
Examples:
  alma mcp                          on standard input and output, for a client that starts it
  alma mcp --http                   on http://127.0.0.1:8765/mcp, for any number of clients
  alma mcp --server http://alma:8000

\b
A client's configuration:
  {"mcpServers": {"alma": {"command": "alma", "args": ["mcp"]}}}

Over HTTP each client shows its own key or token (Authorization: Bearer …), as it would to ALMA itself.

\b
Nothing here touches infrastructure: a tool that asks for a change opens a request that people approve.
"""


@app.command(epilog=EPILOG)
def mcp(
    http: Annotated[
        bool, typer.Option("--http", help="Serve over HTTP instead of standard input and output.")
    ] = False,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="With --http: where to listen.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="NUMBER", help="With --http.")
    ] = 8765,
    no_auth: Annotated[
        bool,
        typer.Option(
            "--no-auth",
            help="With --http: let other machines in although ALMA asks nobody who they are.",
        ),
    ] = False,
    server: options.Server = None,
    no_color: options.NoColor = False,
) -> None:
    """Serve the tools to MCP clients."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    # Standard output is the client's.
    term = terminal(as_json=True, no_color=no_color)
    serving = _serving()
    with connected(server, term, doing="alma mcp") as client:
        if http:
            _serve_http(serving, client, term, (host, port), open_to_all=no_auth)
        else:
            serving.serve_stdio(**_address(client))


def _serve_http(
    serving: Any, client: Client, term: Terminal, at: tuple[str, int], *, open_to_all: bool
) -> None:
    """Each client is who it shows ALMA to be: what this command shows is nobody's but its own."""
    from alma.cli.errors import CliError

    host, port = at
    _, headers = client.shown
    where = {"url": client.base_url, "socket": client.socket, "headers": headers}
    term.note(f"MCP on http://{host}:{port}/mcp, in front of {client.where}")
    try:
        serving.serve_http(**where, host=host, port=port, open_to_all=open_to_all)
    except serving.Refused as refused:
        raise CliError(refused.message, hint=refused.hint, code="invalid_input") from refused


def _serving() -> Any:
    """The module that serves. Raises CliError when what it needs is not installed."""
    import importlib

    from alma.cli.errors import CliError, ExitCode

    try:
        return importlib.import_module(_SERVER)
    except ModuleNotFoundError as error:
        raise CliError(
            f"MCP is not installed completely: there is no '{error.name}'",
            hint='install what it needs: pip install "alma[mcp]"',
            exit_code=ExitCode.UNAVAILABLE,
        ) from error


def _address(client: Client) -> dict[str, Any]:
    return {"url": client.base_url, "socket": client.socket, "shown": client.shown}
