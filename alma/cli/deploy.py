"""`alma deploy`: from a blueprint in a file to what runs, with the plan in between."""

from __future__ import annotations

from typing import Annotated

import typer

from alma.cli import options

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """
\b
Examples:
  alma deploy app.yaml                       plan, ask, deploy, verify
  alma deploy app.yaml --engine docker       on another engine
  alma deploy app.yaml --dry-run             only the plan; nothing is saved
  alma deploy app.yaml --strategy rolling --batch 2    two of each at a time
  alma deploy app.yaml --yes --json          for scripts
  alma deploy --template redis-cluster       straight from a template
  alma deploy --blueprint 4                  what a chat has made
  alma templates customize simple-web-app instance_count=3 | alma deploy - --yes

\b
A blueprint of the same name gets a new revision; what runs of it is changed, not
made twice. If a step fails, what this deployment did is undone.
Ctrl-C cancels: what is in flight is finished, then undone. Twice: leaves it alone.

\b
Exit codes: 0 deployed or nothing to change, 1 failed, 2 invalid, 4 not approved,
5 unavailable, 130 cancelled with Ctrl-C; with --dry-run --exit-code: 3 for changes.
"""


@app.command(epilog=EPILOG)
def deploy(
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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the plan.")] = False,
    exit_code: options.ExitCodeOption = False,
    yes: options.Yes = False,
    keep_on_failure: options.KeepOnFailure = False,
    title: options.Title = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Plan a blueprint, ask, deploy it and prove that it works."""
    from alma.cli.carry_out import Choices, carry_out, runs_already, save
    from alma.cli.connect import connected
    from alma.cli.plan import pace_of, show_plan
    from alma.cli.sources import given
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    source, pace = given(file, template, blueprint), pace_of(strategy, batch)
    with connected(server, term, doing="alma deploy") as client:
        document = source(client)
        if dry_run:
            code = show_plan(client, term, document, engine=engine, pace=pace, exit_code=exit_code)
        else:
            saved = save(client, term, document)
            if runs_already(client, term, saved, engine):
                return
            ipr = client.open_ipr(
                title=title or f"Deploy {saved['name']}",
                description=f"from {document.source}",
                blueprint_id=saved["id"],
                engine=engine,
                pace=pace,
            )
            code = carry_out(client, term, ipr, Choices(yes=yes, keep_on_failure=keep_on_failure))
    raise typer.Exit(code)
