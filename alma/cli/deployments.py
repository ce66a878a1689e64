"""`alma deployments`: the runs of approved plans. Look, follow, cancel, try again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.client import Client
    from alma.cli.shapes import Event

EPILOG = """
\b
Examples:
  alma deployments list
  alma deployments show                  the last one
  alma deployments logs 3f2a9c1b --follow
  alma deployments cancel 3f2a9c1b

\b
The beginning of an ID is enough. logs --json prints one JSON document a line.
"""

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="The runs of approved plans: list, follow and cancel them.",
    epilog=EPILOG,
)

MaybeId = Annotated[
    str | None, typer.Argument(metavar="ID", help="The last one without it.", show_default=False)
]
Id = Annotated[str, typer.Argument(metavar="ID", help="Or its beginning.", show_default=False)]


@app.command("list", epilog=EPILOG)
def list_deployments(
    status: Annotated[
        str | None,
        typer.Option(
            metavar="STATE", help="running, succeeded, failed, cancelled, …", show_default=False
        ),
    ] = None,
    limit: options.Limit = 20,
    everything: options.All = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List deployments, newest first."""
    from alma.cli.connect import connected
    from alma.cli.listing import most, tell
    from alma.cli.render.tables import ago, state, table
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma deployments list") as client:
        found = client.deployments(status, limit=most(limit, everything=everything))
    rows = [
        (
            d["id"][:8],
            state(d["status"]),
            d["kind"],
            d["stack"],
            d["engine"],
            d["ipr_id"],
            ago(d["created_at"]),
        )
        for d in found
    ]
    headings = ["ID", "STATE", "KIND", "STACK", "ENGINE", "IPR", "STARTED"]
    tell(term, found, table(headings, rows) if rows else "There are no such deployments.")


@app.command("show", epilog=EPILOG)
def show(
    id_: MaybeId = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show a deployment: each step, the proofs, where it answers."""
    from alma.cli.connect import connected
    from alma.cli.render.outcome import render_outcome
    from alma.cli.render.tables import state, table
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma deployments show") as client:
        found = client.deployment(_resolve(client, id_))
    rows = [
        (s["address"], s["action"], state(s["state"]), s["attempts"], s["error"] or "")
        for s in found.get("steps") or []
    ]
    term.say(f"deployment {found['id']} of IPR {found['ipr_id']}")
    term.say(table(["RESOURCE", "ACTION", "STATE", "ATTEMPTS", "ERROR"], rows), "")
    term.say(render_outcome(found))
    if term.as_json:
        term.answer(found)


@app.command("logs", epilog=EPILOG)
def logs(
    id_: MaybeId = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Until it has ended.")] = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Print a deployment's log. Ctrl-C stops following, not the deployment."""
    from rich.text import Text

    from alma.cli.connect import connected
    from alma.cli.render.tables import clock
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    styles = {"error": "red", "complete": "bold", "status_change": "cyan"}
    with connected(server, term, doing="alma deployments logs") as client:
        found = _resolve(client, id_)
        for event in client.follow(found) if follow else client.events(found):
            if term.as_json:
                term.line(event)
                continue
            words = (f"{_where(event)}{event['message']}", styles.get(event["type"], ""))
            term.say(Text.assemble((f"{clock(event['time'])}  ", "dim"), words))


@app.command("cancel", epilog=EPILOG)
def cancel(
    id_: Id,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Ask a run to stop: what is in flight is finished, then undone unless it is to be kept."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma deployments cancel") as client:
        found = client.cancel_deployment(_resolve(client, id_))
    term.say(
        f"deployment {found['id'][:8]} stops; follow it: alma deployments logs {found['id'][:8]} --follow"
    )
    if term.as_json:
        term.answer(found)


@app.command("retry", epilog=EPILOG)
def retry(
    id_: Id,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Deploy the request of a failed deployment again, if its plan still holds."""
    from alma.cli.connect import connected
    from alma.cli.render.outcome import render_outcome
    from alma.cli.terminal import terminal
    from alma.cli.watch import watch

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma deployments retry") as client:
        failed = client.deployment(_resolve(client, id_))
        plan = client.ipr(failed["ipr_id"])["plan"]
        found, code = watch(client, term, client.retry(failed["id"]), plan)
    term.say("", render_outcome(found))
    if term.as_json:
        term.answer(found)
    raise typer.Exit(code)


def _where(event: Event) -> str:
    """The resource an engine's word is about; a proof names it itself."""
    own = event["type"] == "log" and "passed" not in event["data"]
    return f"{event['address']}: " if event["address"] and own else ""


def _resolve(client: Client, beginning: str | None) -> str:
    """The whole id. Raises CliError when none or several begin like that."""
    from alma.cli.errors import CliError

    if beginning is not None and len(beginning) == 36:
        return beginning
    found = client.deployments(limit=1 if beginning is None else 1_000_000)
    matching = [str(i["id"]) for i in found if i["id"].startswith(beginning or "")]
    if len(matching) == 1:
        return matching[0]
    what = f"{len(matching)} deployments begin" if matching else "no deployment begins"
    raise CliError(
        f"{what} with '{beginning}'" if beginning else "there are no deployments yet",
        hint="alma deployments list shows them",
        code="not_found",
    )
