"""`alma iprs`: Infrastructure Pull Requests. Look at a plan, decide, deploy it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.client import Client
    from alma.cli.shapes import IPR
    from alma.cli.terminal import Terminal

EPILOG = """
\b
Examples:
  alma iprs list --status pending
  alma iprs show 7
  alma iprs approve 7 --comment "sizes are right"
  alma iprs deploy 7

An approval is for exactly the plan that was shown: a plan that moved needs another.
"""

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Infrastructure Pull Requests: a plan, and people's words on it.",
    epilog=EPILOG,
)

Id = Annotated[
    int, typer.Argument(metavar="ID", min=1, help="The request's number.", show_default=False)
]
Comment = Annotated[
    str,
    typer.Option(
        "--comment", "-m", metavar="TEXT", help="Kept with the review.", show_default=False
    ),
]


@app.command("list", epilog=EPILOG)
def list_iprs(
    status: Annotated[
        str | None,
        typer.Option(
            metavar="STATE",
            help="pending, approved, rejected, deploying, deployed, failed or cancelled.",
            show_default=False,
        ),
    ] = None,
    limit: options.Limit = 50,
    everything: options.All = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List requests, newest first."""
    from alma.cli.connect import connected
    from alma.cli.listing import most, tell
    from alma.cli.render.tables import ago, changes, state, table
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma iprs list") as client:
        found = client.iprs(status, limit=most(limit, everything=everything))
    rows = [
        (
            i["id"],
            state(i["status"]),
            i["stack"],
            i["engine"],
            changes(i["changes_summary"]),
            ago(i["created_at"]),
            i["title"],
        )
        for i in found
    ]
    headings = ["ID", "STATE", "STACK", "ENGINE", "CHANGES", "OPENED", "TITLE"]
    tell(term, found, table(headings, rows) if rows else "There are no such requests.")


@app.command("show", epilog=EPILOG)
def show(
    id_: Id,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show a request: its plan, the reviews, and the deployment."""
    from alma.cli.connect import connected
    from alma.cli.render.ipr import render_ipr
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma iprs show") as client:
        found = client.ipr(id_)
    term.say(render_ipr(found))
    if term.as_json:
        term.answer(found)


@app.command("approve", epilog=EPILOG)
def approve(
    id_: Id,
    comment: Comment = "",
    yes: options.Yes = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show the plan, ask, and approve exactly that plan."""
    from alma.cli.approving import after_them, waits_for
    from alma.cli.connect import connected
    from alma.cli.errors import ExitCode
    from alma.cli.render.ipr import render_ipr
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma iprs approve") as client:
        found = client.ipr(id_)
        term.say(render_ipr(found))
        if not yes and not term.confirm(f"Approve this plan of IPR {id_}?"):
            term.note("Not approved.")
            raise typer.Exit(ExitCode.DENIED)
        decided = client.review(found, "approve", comments=comment)
    _decided(term, decided)
    if waits := waits_for(decided):
        term.note(f"it still waits for {waits}: {after_them(id_)}")
    else:
        term.note(f"deploy it with: alma iprs deploy {id_}")


@app.command("reject", epilog=EPILOG)
def reject(
    id_: Id,
    comment: Comment = "",
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Reject a request. It can't be deployed any more."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma iprs reject") as client:
        _decided(term, client.review(client.ipr(id_), "reject", comments=comment))


@app.command("cancel", epilog=EPILOG)
def cancel(
    id_: Id,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Withdraw a request that is pending or approved."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma iprs cancel") as client:
        _decided(term, client.cancel_ipr(id_))


@app.command("replan", epilog=EPILOG)
def replan(
    id_: Id,
    engine: options.EngineOption = None,
    strategy: options.Strategy = None,
    batch: options.Batch = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Plan a request again, from the newest revision and what runs now."""
    from alma.cli.connect import connected
    from alma.cli.plan import pace_of
    from alma.cli.render.ipr import render_ipr
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma iprs replan") as client:
        found = client.replan(id_, engine=engine, pace=pace_of(strategy, batch))
    term.say(render_ipr(found))
    if term.as_json:
        term.answer(found)


@app.command("deploy", epilog=EPILOG)
def deploy(
    id_: Id,
    yes: options.Yes = False,
    keep_on_failure: options.KeepOnFailure = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Deploy an approved request and follow it to its end."""
    from alma.cli.carry_out import Choices, carry_out
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma iprs deploy") as client:
        found = client.ipr(id_)
        _require_deployable(client, found)
        choices = Choices(yes=yes, keep_on_failure=keep_on_failure, withdraw=False)
        code = carry_out(client, term, found, choices)
    raise typer.Exit(code)


def _require_deployable(client: Client, ipr: IPR) -> None:
    """Says early what the server would say after the question."""
    from alma.cli.approving import after_them, lacks, told_missing, waits_for
    from alma.cli.errors import CliError

    number, waits = ipr["id"], waits_for(ipr)
    if ipr["status"] in {"approved", "failed"} and ipr["approved"] and not waits:
        return
    if waits and (items := told_missing(lacks(ipr))):
        raise CliError(
            f"IPR {number} is {ipr['status']}: its plan is not approved by everybody who has to",
            hint=after_them(number),
            code="approval_required",
            items=items,
            details=lacks(ipr),
        )
    if ipr["status"] in {"pending", "failed"}:
        raise CliError(
            f"IPR {number} is {ipr['status']}: its plan is not approved",
            hint=f"look and decide: alma iprs approve {number}",
            code="approval_required",
            details=lacks(ipr),
        )
    hint = "open a new one: alma deploy FILE"
    if ipr["status"] == "deploying" and ipr["deployment_id"]:
        hint = f"follow it: alma deployments logs {ipr['deployment_id'][:8]} --follow"
    raise CliError(f"IPR {number} is {ipr['status']}", hint=hint, code="illegal_transition")


def _decided(term: Terminal, ipr: IPR) -> None:
    from rich.text import Text

    from alma.cli.render.tables import state

    term.say(Text(f"IPR {ipr['id']} is ").append_text(state(ipr["status"])))
    if term.as_json:
        term.answer(ipr)
