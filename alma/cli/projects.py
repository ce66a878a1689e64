"""`alma projects`: who works apart from whom, and by which rules."""

from __future__ import annotations

from typing import Annotated

import typer

from alma.cli import options

EPILOG = """
\b
Examples:
  alma projects create shop --name "The shop" --admin ada
  alma projects list
  alma projects show shop
  alma projects rules shop --approvals 2 --engine proxmox --approvers role:approver,user:ada
  alma projects rules shop --no-author-may-approve --no-approver-may-deploy
  alma projects archive shop

\b
Every command is about one project: --project, else ALMA_PROJECT, else the key's own,
else default. `alma members` says who is in it, `alma roles` what their roles allow.
"""
RULES_EPILOG = """
\b
Examples:
  alma projects rules                        how the project at hand decides
  alma projects rules shop --approvals 2 --engine proxmox --approvers role:approver,user:ada
  alma projects rules shop --approvals 1 --environment production --approvers role:security
  alma projects rules shop --approvals 0 --engine proxmox       takes that entry away
  alma projects rules shop --no-author-may-approve --no-approver-may-deploy
  alma projects rules shop --only-engines docker,proxmox@lab    for administrators

\b
There is one entry for each engine and environment; every one that fits a request holds.
What an option does not name stays as it is.
"""
Id = Annotated[str, typer.Argument(metavar="PROJECT", help="Its id.", show_default=False)]
MaybeId = Annotated[
    str | None,
    typer.Argument(metavar="PROJECT", help="The one at hand without it.", show_default=False),
]
Sure = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Who works apart, by which rules: list, show, create, rename, archive, rules.",
    epilog=EPILOG,
)


@app.command("list", epilog=EPILOG)
def list_projects(
    limit: options.Limit = 100,
    everything: options.All = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List the projects that you have a role in; for administrators of the installation, all."""
    from alma.cli.connect import connected
    from alma.cli.listing import most, tell
    from alma.cli.render.projects import render_projects
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma projects list") as client:
        found = client.projects(limit=most(limit, everything=everything))
    tell(term, found, render_projects(found))


@app.command("show", epilog=EPILOG)
def show(
    id_: MaybeId = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show a project and how it decides."""
    from alma.cli.connect import connected
    from alma.cli.render.projects import render_project
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma projects show") as client:
        found = client.project(id_ or client.project_at_hand())
    term.say(render_project(found))
    if term.as_json:
        term.answer(found)


@app.command("create", epilog=EPILOG)
def create(
    id_: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="For good: lower-case letters, digits, hyphens.", show_default=False
        ),
    ],
    name: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What it is called.", show_default=False)
    ] = None,
    admin: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The account that administers it.", show_default=False),
    ] = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Make a project. For administrators of the installation."""
    from alma.cli.connect import connected
    from alma.cli.members import account
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    body = {"id": id_, "name": name, "admin": account(admin) if admin else None}
    with connected(server, term, doing="alma projects create") as client:
        found = client.create_project(body)
    term.say(f"project {found['id']} is there")
    if admin is None:
        term.note(f"let people in with: alma members grant NAME ROLE --project {found['id']}")
    if term.as_json:
        term.answer(found)


@app.command("rename", epilog=EPILOG)
def rename(
    id_: Id,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What it is called now.", show_default=False)
    ],
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Call a project something else; its id stays."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma projects rename") as client:
        found = client.change_project(id_, name=name)
    term.say(f"project {found['id']} is called '{found['name']}'")
    if term.as_json:
        term.answer(found)


@app.command("archive", epilog=EPILOG)
def archive(
    id_: Id,
    yes: Sure = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Close a project of which nothing is deployed. For administrators of the installation."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    if not yes and not term.confirm(f"Close project {id_} to its members, for good?"):
        term.say("Nothing was changed.")
        return
    with connected(server, term, doing="alma projects archive") as client:
        found = client.archive_project(id_)
    term.say(f"project {found['id']} is archived: its members get into it no more")
    if term.as_json:
        term.answer(found)


@app.command("rules", epilog=RULES_EPILOG)
def rules(
    id_: MaybeId = None,
    approvals: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            max=20,
            help="So many different people have to approve; 0 takes the entry away.",
            show_default=False,
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="What lands there: proxmox, proxmox@lab.", show_default=False
        ),
    ] = None,
    environment: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="What a blueprint says it is for: production.", show_default=False
        ),
    ] = None,
    approvers: Annotated[
        str | None,
        typer.Option(
            metavar="WHO",
            help="Only these count: role:NAME and user:NAME with commas between, or anybody.",
            show_default=False,
        ),
    ] = None,
    author_may_approve: Annotated[
        bool | None,
        typer.Option(
            "--author-may-approve/--no-author-may-approve",
            help="Whether an author's own approval counts.",
            show_default=False,
        ),
    ] = None,
    auto_approve: Annotated[
        bool | None,
        typer.Option(
            "--auto-approve/--no-auto-approve",
            help="Whether requests that no entry fits need nobody.",
            show_default=False,
        ),
    ] = None,
    approver_may_deploy: Annotated[
        bool | None,
        typer.Option(
            "--approver-may-deploy/--no-approver-may-deploy",
            help="Whether who approved a request may start it, too.",
            show_default=False,
        ),
    ] = None,
    only_engines: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES", help="The only engines it may use, or any.", show_default=False
        ),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take away every rule there is.")] = False,
    yes: Sure = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show who has to approve what in a project, or say it."""
    from alma.cli.connect import connected
    from alma.cli.render.projects import render_rules
    from alma.cli.rules import Wanted, changed, cleared
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    wanted = Wanted(
        approvals=approvals,
        engine=engine,
        environment=environment,
        approvers=approvers,
        author_may_approve=author_may_approve,
        auto_approve=auto_approve,
        approver_may_deploy=approver_may_deploy,
        engines=only_engines,
    )
    with connected(server, term, doing="alma projects rules") as client:
        found = client.project(id_ or client.project_at_hand())
        id_ = str(found["id"])
        if clear and not yes and not term.confirm(f"Take away every rule of project {id_}?"):
            term.say("Nothing was changed.")
            return
        before = cleared(found["rules"]) if clear else found["rules"]
        if clear or wanted.anything:
            # Rules are sent all at once: somebody else's change between the two calls would be taken back.
            found = client.change_project(
                id_, rules=changed(before, wanted), seen=found.get("version")
            )
    term.say(f"project {id_}", "", render_rules(found["rules"]))
    if term.as_json:
        term.answer({"project": id_, "rules": found["rules"]})
