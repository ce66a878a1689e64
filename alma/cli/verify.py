"""`alma verify`: proof that what runs does its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.client import Client
    from alma.cli.shapes import Json, Stack

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """
\b
Examples:
  alma verify
  alma verify simple-web-app
  alma verify simple-web-app --json | jq .passed

\b
Each workload is asked as its software wants to be asked: HTTP, a connection, or a
command inside it. Exit codes: 0 when everything works, 1 when a check fails, 2 for a
name that nothing has, 5 when an engine does not answer.
"""


@app.command(epilog=EPILOG)
def verify(
    name: options.MaybeStack = None,
    engine: options.OnlyThere = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Ask everything that runs whether it does its work."""
    from rich.text import Text

    from alma.cli.connect import connected
    from alma.cli.errors import ExitCode
    from alma.cli.render.outcome import check_counts, render_checks
    from alma.cli.stacks import find_stacks
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    answers = []
    with connected(server, term, doing="alma verify") as client:
        for stack in find_stacks(client, name, engine=engine):
            with term.busy(f"asking {stack['name']} on {stack['engine']}"):
                answer = _asked(client, stack, alone=name is not None)
            if answer is None:
                continue
            answers.append({"stack": stack["name"], "engine": stack["engine"], **answer})
            passed, total = check_counts(answer["checks"])
            style = "bold green" if answer["passed"] else "bold red"
            heading = f"{stack['name']} on {stack['engine']}: {passed} of {total} checks passed"
            term.say(Text(heading, style=style), render_checks(answer["checks"]))
            if answer.get("problem"):
                term.say(Text(f"  ✗ {answer['problem']}", style="red"))
    passed_all = all(answer["passed"] for answer in answers)
    if not answers:
        term.say("Nothing runs, so there is nothing to verify.")
    if term.as_json:
        term.answer({"passed": passed_all, "stacks": answers})
    if not passed_all:
        raise typer.Exit(ExitCode.FAILED)


def _asked(client: Client, stack: Stack, *, alone: bool) -> Json | None:
    """The proofs of one stack. Of several, one that is destroyed has none, and one that is half deployed fails without
    keeping the others from being asked. Raises CliError."""
    from alma.cli.errors import CliError

    try:
        return client.verify(stack["id"])
    except CliError as error:
        if alone or error.code != "conflict":
            raise
        if error.details.get("destroyed"):
            return None
        return {"passed": False, "checks": [], "problem": error.message}
