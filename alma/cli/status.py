"""`alma status`: what runs where, asked of the engines now."""

from __future__ import annotations

import typer

from alma.cli import options

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """
\b
Examples:
  alma status
  alma status simple-web-app
  alma status --json | jq -r '.stacks[].observed[] | .address + " " + .status'

\b
Exit codes: 0, 2 for a name that nothing has, 5 when an engine can't be read.
Whether something does its work, and not only runs, is for `alma verify` to say.
"""


@app.command(epilog=EPILOG)
def status(
    name: options.MaybeStack = None,
    engine: options.OnlyThere = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show what runs where, whether it is well, and where it answers."""
    from alma.cli.connect import connected
    from alma.cli.errors import ExitCode
    from alma.cli.render.status import mending, render_stack, troubled
    from alma.cli.stacks import find_stacks
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma status") as client:
        project = client.project_at_hand()
        found = [client.stack(stack["id"]) for stack in find_stacks(client, name, engine=engine)]
    if project != "default":
        term.say(f"project {project}", "")
    for number, stack in enumerate(found):
        term.say(*([""] if number else []), render_stack(stack))
    if not found:
        term.say("Nothing is deployed. Try: alma deploy --template simple-web-app")
    for stack in found:
        if bad := troubled(stack):
            term.warn(
                f"{stack['name']} is not well: {', '.join(bad)}; what would mend it: {mending(stack)}"
            )
    if term.as_json:
        term.answer({"project": project, "stacks": found})
    if any(stack.get("problem") for stack in found):
        raise typer.Exit(ExitCode.UNAVAILABLE)
