"""`alma engines`: where blueprints can land, and what is missing where they can't."""

from __future__ import annotations

from typing import Annotated

import typer

from alma.cli import options

EPILOG = """
\b
Examples:
  alma engines list
  alma engines check docker

Exit codes of check: 0 when it can be used, 5 when not, 2 for an unknown engine.
"""

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Where blueprints can land, and whether it answers.",
    epilog=EPILOG,
)


@app.command("list", epilog=EPILOG)
def list_engines(
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List the engines, each asked now."""
    from alma.cli.connect import connected
    from alma.cli.render.greeting import engine_line
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma engines list") as client:
        found = client.engines()
    for engine in found:
        term.say(engine_line(engine))
    if term.as_json:
        term.answer({"items": found})


@app.command("check", epilog=EPILOG)
def check(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="An engine's name.", show_default=False)
    ],
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Ask one engine whether it can be used, and what is missing."""
    from rich.text import Text

    from alma.cli.connect import connected
    from alma.cli.errors import ExitCode
    from alma.cli.render.greeting import engine_line
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma engines check") as client:
        engine = client.engine(name)
    term.say(engine_line(engine))
    for problem in engine["problems"]:
        term.say(Text(f"  - {problem}"))
    if term.as_json:
        term.answer(engine)
    if not engine["available"]:
        raise typer.Exit(ExitCode.UNAVAILABLE)
