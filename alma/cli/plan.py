"""`alma plan`: what a deployment would change, without saving or changing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alma.cli.client import Client
    from alma.cli.sources import Source
    from alma.cli.terminal import Terminal

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """
\b
Examples:
  alma plan app.yaml
  alma plan app.yaml --engine docker
  alma plan app.yaml --strategy canary
  alma plan app.yaml --exit-code || echo "there is something to do"
  alma plan app.yaml --json | jq '.changes[] | select(.destructive)'

\b
  +    is created            ~  is changed in place
  -/+  is removed and made anew    -  is deleted
  =    is there already and becomes part of the stack as it is
What goes away comes first. Nothing is saved and nothing is changed.

\b
Exit codes: 0; with --exit-code 3 when there are changes; 2 for an invalid blueprint
or a plan that can't run, 5 when the engine does not answer.
"""


@app.command(epilog=EPILOG)
def plan(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE",
            help="A blueprint in YAML or JSON; - reads standard input.",
            show_default=False,
        ),
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(metavar="ID", help="A template instead of a file.", show_default=False),
    ] = None,
    blueprint: options.Blueprint = None,
    engine: options.EngineOption = None,
    strategy: options.Strategy = None,
    batch: options.Batch = None,
    exit_code: options.ExitCodeOption = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show what deploying a blueprint would change, against what runs now."""
    from alma.cli.connect import connected
    from alma.cli.sources import given
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    source, pace = given(file, template, blueprint), pace_of(strategy, batch)
    with connected(server, term, doing="alma plan") as client:
        code = show_plan(
            client, term, source(client), engine=engine, pace=pace, exit_code=exit_code
        )
    raise typer.Exit(code)


def pace_of(strategy: str | None, batch: int | None) -> dict[str, str | int]:
    """The pace as the API takes it; a batch alone means rolling. Raises CliError, before anything is saved, for what
    one deployment can't do."""
    from alma.cli.errors import CliError
    from alma.core.model.plan import Strategy

    if strategy is None:
        return {} if batch is None else {"strategy": Strategy.ROLLING.value, "batch": batch}
    try:
        chosen = Strategy(strategy)
    except ValueError:
        known = ", ".join(item.value for item in Strategy)
        raise CliError(
            f"there is no strategy '{strategy}'", hint=f"known are {known}", code="invalid_input"
        ) from None
    if chosen is Strategy.BLUE_GREEN:
        raise CliError(
            "blue-green takes several deployments, one after the other",
            hint="its stages: alma tools run generate_deployment_plan -p strategy=blue-green --blueprint FILE",
            code="invalid_input",
        )
    return {"strategy": chosen.value} | ({} if batch is None else {"batch": batch})


def show_plan(
    client: Client,
    term: Terminal,
    document: Source,
    *,
    engine: str | None,
    pace: Mapping[str, str | int],
    exit_code: bool,
) -> int:
    """Shows the plan of a blueprint; the exit code."""
    from alma.cli.errors import ExitCode
    from alma.cli.render.plan import has_changes, render_plan
    from alma.cli.sources import Saved

    if isinstance(document, Saved):
        found = client.plan_blueprint(document.blueprint["id"], engine=engine, pace=pace)
    else:
        found = client.plan(document, engine=engine, pace=pace)
    term.say(render_plan(found))
    if term.as_json:
        term.answer(found)
    if found["blocked"]:
        return ExitCode.INVALID
    return ExitCode.CHANGES if exit_code and has_changes(found) else ExitCode.DONE
