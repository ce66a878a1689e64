"""`alma council`: Architect, SecOps and FinOps on a blueprint and its plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.client import Client
    from alma.cli.shapes import Json

EPILOG = """
\b
Examples:
  alma council convene "web app with database"
  alma council convene --blueprint app.yaml
  alma council convene --blueprint shop         a saved one, by number or name
  alma council convene --ipr 7 --json
  alma council show

\b
Nothing is saved, and nothing is changed. Exit codes: 0 nothing shuts the gate,
1 a mandatory rule is broken or the rules could not be asked, 2 wrong usage.
"""

_SHOWN = 20

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Let Architect, SecOps and FinOps look at a blueprint and its plan.",
    epilog=EPILOG,
)


@app.command("convene", epilog=EPILOG)
def convene(
    words: Annotated[
        str | None,
        typer.Argument(metavar="[WORDS]", help="What you want to run.", show_default=False),
    ] = None,
    blueprint: Annotated[
        str | None,
        typer.Option(
            "--blueprint",
            metavar="FILE|ID|NAME",
            help="A file, - for standard input, or a saved blueprint.",
            show_default=False,
        ),
    ] = None,
    ipr: Annotated[
        int | None,
        typer.Option("--ipr", metavar="ID", min=1, help="A request.", show_default=False),
    ] = None,
    engine: options.EngineOption = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Say what speaks for and against it: rules, the plan, the costs."""
    from alma.cli.connect import connected
    from alma.cli.errors import ExitCode
    from alma.cli.render.council import council_lines
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma council convene") as client:
        matter = _matter(client, words, blueprint, ipr)
        found = client.convene({**matter, "engine": engine})
    looked_at = found.get("blueprint") or {}
    names = [resource["name"] for resource in looked_at.get("resources", [])]
    term.say(f"{found['blueprint_name']}: {', '.join(names[:_SHOWN])}")
    term.say(*council_lines(found, shown=_SHOWN))
    if term.as_json:
        term.answer({**found})
    if found["shut"]:
        raise typer.Exit(ExitCode.FAILED)


@app.command("show", epilog=EPILOG)
def show(
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show who sits in the council, and what findings call for."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma council show") as client:
        found = client.council()
    for seat in found["agents"]:
        term.say(f"{seat['title']}: {seat['concerns']}")
    calls = [f"{severity} {verdict}" for severity, verdict in found["calls_for"].items()]
    term.say(f"Findings call for: mandatory block, {', '.join(calls)}")
    if term.as_json:
        term.answer(found)


def _matter(client: Client, words: str | None, blueprint: str | None, ipr: int | None) -> Json:
    """The one thing to look at. Raises CliError unless exactly one is given."""
    from alma.cli.errors import CliError
    from alma.cli.sources import Saved, either

    if sum(item is not None for item in (words, blueprint, ipr)) != 1:
        raise CliError(
            "give one thing to look at: words, --blueprint or --ipr",
            hint='alma council convene "web app with database"',
            code="invalid_input",
        )
    if ipr is not None:
        return {"ipr_id": ipr}
    if blueprint is None:
        return {"request": words}
    source = either(blueprint)(client)
    if isinstance(source, Saved):
        return {"blueprint_id": source.blueprint["id"]}
    return {"blueprint": source.values()}
