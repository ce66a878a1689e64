"""`alma roles`: what roles allow, those that every project has and those that it makes. List, show, create, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alma.cli.errors import CliError
    from alma.cli.shapes import Json
    from alma.cli.terminal import Terminal

EPILOG = """
\b
Examples:
  alma roles list
  alma roles show approver                   what it allows, permission by permission
  alma roles create planner --allow blueprint:read --allow plan:make --project shop
  alma roles delete planner --project shop

\b
A role means something in its project only. `alma roles show admin` names every
permission there is.
"""
Name = Annotated[str, typer.Argument(metavar="NAME", help="The role.", show_default=False)]
Sure = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="What roles allow: list, show, create, delete.",
    epilog=EPILOG,
)


@app.command("list", epilog=EPILOG)
def list_roles(
    limit: options.Limit = 100,
    everything: options.All = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List the roles of a project with what they allow."""
    from alma.cli.connect import connected
    from alma.cli.listing import most, tell
    from alma.cli.render.projects import render_roles
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma roles list") as client:
        project = client.project_at_hand()
        found = client.roles(project, limit=most(limit, everything=everything))
    tell(term, found, render_roles(found), project=project)


@app.command("show", epilog=EPILOG)
def show(
    name: Name,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show what a role allows, permission by permission."""
    from alma.cli.connect import connected
    from alma.cli.render.projects import render_role
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma roles show") as client:
        project = client.project_at_hand()
        known = client.roles(project)
    found = _named(known, name)
    if found is None:
        raise _missing(known, name, project)
    term.say(render_role(found))
    if term.as_json:
        term.answer(found)


@app.command("create", epilog=EPILOG)
def create(
    name: Name,
    allow: Annotated[
        list[str],
        typer.Option(
            "--allow",
            metavar="PERMISSION",
            help="What it lets one do, once for each.",
            show_default=False,
        ),
    ],
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Don't ask where there is one of that name.")
    ] = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Make a role of the project's own, or make it allow something else."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma roles create") as client:
        project = client.project_at_hand()
        before = _named(client.roles(project), name)
        if before and not before["builtin"] and not (yes or _replaces(term, before, project)):
            term.say("Nothing was changed.")
            return
        found = client.save_role(project, name, allow)
    term.say(f"role {name} of project {project} allows {', '.join(found['permissions'])}")
    if term.as_json:
        term.answer(found)


@app.command("delete", epilog=EPILOG)
def delete(
    name: Name,
    yes: Sure = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Remove a role of the project's own that nobody holds."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma roles delete") as client:
        project = client.project_at_hand()
        if not yes and not term.confirm(f"Remove the role {name} of project {project}?"):
            term.say("Nothing was changed.")
            return
        client.remove_role(project, name)
    term.say(f"role {name} of project {project} is gone")
    if term.as_json:
        term.answer({"project": project, "role": name, "removed": True})


def _replaces(term: Terminal, before: Json, project: str) -> bool:
    term.note(
        f"project {project} has the role {before['name']} already; it allows "
        f"{', '.join(before['permissions'])}"
    )
    return term.confirm("Make it allow something else, for all who hold it?")


def _named(known: Sequence[Json], name: str) -> Json | None:
    return next((role for role in known if role["name"] == name), None)


def _missing(known: Sequence[Json], name: str, project: str) -> CliError:
    from alma.cli.errors import CliError
    from alma.core.model.suggest import did_you_mean

    names = [role["name"] for role in known]
    return CliError(
        f"project {project} has no role '{name}'",
        hint=did_you_mean(name, names) or f"there are {', '.join(names)}",
        code="not_found",
    )
