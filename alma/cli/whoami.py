"""`alma whoami`: as whom a server knows this command, and what that one may do."""

from __future__ import annotations

import typer

from alma.cli import options

EPILOG = """
\b
Examples:
  alma whoami
  alma whoami --project shop --json

What is shown to a server: ALMA_API_KEY if it is set, else what `alma login` stored for
it, else the token of the data directory, where the server runs on this machine.
"""

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG)
def whoami(
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Say who one is for a server, in which project, and with which rights."""
    from alma.cli.connect import connected
    from alma.cli.render.access import render_caller
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma whoami") as client:
        found = client.me()
    term.say(render_caller(found, where=client.where))
    if term.as_json:
        term.answer(found)
