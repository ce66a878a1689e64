"""`alma members`: who holds which role in a project. List, grant, revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.client import Client

EPILOG = """
\b
Examples:
  alma members list
  alma members grant bob editor --project shop
  alma members grant bob approver --project shop
  alma members revoke bob editor --project shop

\b
Roles add up: viewer, editor, approver, operator, admin, and the project's own (see
`alma roles list`). What is granted or taken back holds from the next request on.
"""
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="The account: ada, or user:ada.", show_default=False)
]
Role = Annotated[str, typer.Argument(metavar="ROLE", help="Which.", show_default=False)]

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Who holds which role in a project: list, grant, revoke.",
    epilog=EPILOG,
)


@app.command("list", epilog=EPILOG)
def list_members(
    limit: options.Limit = 100,
    everything: options.All = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List every role that somebody holds, by person."""
    from alma.cli.connect import connected
    from alma.cli.listing import most, tell
    from alma.cli.render.projects import render_members
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma members list") as client:
        project = client.project_at_hand()
        found = client.members(project, limit=most(limit, everything=everything))
    tell(term, found, render_members(found, project), project=project)


@app.command("grant", epilog=EPILOG)
def grant(
    name: Name,
    role: Role,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Give somebody a role. Nobody grants what they do not hold."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma members grant") as client:
        found = client.grant(client.project_at_hand(), account(name), role)
    term.say(f"{found['principal']} is {found['role']} in project {found['project']}")
    if term.as_json:
        term.answer(found)


@app.command("revoke", epilog=EPILOG)
def revoke(
    name: Name,
    role: Role,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Don't ask where it is your own.")
    ] = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Take a role back. The last administrator of a project stays."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    who = account(name)
    with connected(server, term, doing="alma members revoke") as client:
        project = client.project_at_hand()
        question = f"Give up your own role {role} in project {project}?"
        if not yes and _is_me(client, who) and not term.confirm(question):
            term.say("Nothing was changed.")
            return
        client.revoke(project, who, role)
    term.say(f"{who} is {role} in project {project} no longer")
    if term.as_json:
        term.answer({"project": project, "principal": who, "role": role, "revoked": True})


def account(name: str) -> str:
    """An account as the API names it."""
    return name if ":" in name else f"user:{name}"


def _is_me(client: Client, who: str) -> bool:
    me = client.me()
    return who in {me["id"], me["owner"]}
