"""`alma import`: takes what runs already into a stack, as it is, through a plan that is approved like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.client import Client
    from alma.cli.shapes import Json
    from alma.cli.terminal import Terminal

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """
\b
Examples:
  alma import proxmox                              what could be imported
  alma import proxmox 105 --name legacy            plan, ask, adopt
  alma import proxmox 105 web-1=106 --name legacy  106 is web-1 in the blueprint
  alma import proxmox web-2=107 --blueprint shop   into what is there
  alma import proxmox 105 --name legacy --yes --json

\b
Objects are named by their id, or by their name if no other has it. Nothing of them
changes but that they carry the stack's mark; the next plan is empty. What was
imported is kept by `alma destroy`, unless --volumes is given.

\b
Exit codes: 0 listed or imported, 1 failed, 2 no such object or a plan that can't
run, 4 not approved, 5 unavailable, 130 cancelled with Ctrl-C.
"""


@app.command(epilog=EPILOG)
def import_(
    engine: Annotated[
        str, typer.Argument(metavar="ENGINE", help="Where it runs.", show_default=False)
    ],
    objects: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=]OBJECT...",
            help="What to import; without any, what there is.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            metavar="NAME",
            help="The blueprint that describes it: of that name, or a new one.",
            show_default=False,
        ),
    ] = None,
    blueprint: options.Blueprint = None,
    yes: options.Yes = False,
    keep_on_failure: options.KeepOnFailure = False,
    title: options.Title = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Take what runs already into a stack, as it is."""
    from alma.cli.carry_out import Choices, carry_out
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    wishes = [_wish(text) for text in objects or []]
    if wishes:
        _require_one(name, blueprint)
    with connected(server, term, doing="alma import") as client:
        if not wishes:
            _list(client, term, engine)
            return
        into = _into(client, name, blueprint)
        ipr = client.open_import({"engine": engine, "objects": wishes, "title": title, **into})
        code = carry_out(client, term, ipr, Choices(yes=yes, keep_on_failure=keep_on_failure))
    raise typer.Exit(code)


def _wish(text: str) -> Json:
    name, equals, what = text.partition("=")
    return {"object": what, "name": name} if equals else {"object": text}


def _require_one(name: str | None, blueprint: str | None) -> None:
    from alma.cli.errors import CliError

    if (name is None) is (blueprint is None):
        raise CliError(
            "give the blueprint that shall describe it: --name or --blueprint",
            hint="--name legacy makes a new one, --blueprint extends one that is there",
            code="invalid_input",
        )


def _into(client: Client, name: str | None, blueprint: str | None) -> Json:
    """The blueprint of that name gets what it does not describe yet; a name that none has makes a new one."""
    from alma.cli.sources import saved

    if blueprint is not None:
        return {"blueprint_id": saved(client, blueprint)["id"]}
    found = client.blueprints_named(str(name))
    return {"blueprint_id": saved(client, str(name))["id"]} if found else {"name": name}


def _list(client: Client, term: Terminal, engine: str) -> None:
    from alma.cli.render.imports import render_discovery

    found = client.discover(engine)
    term.say(render_discovery(found["items"], engine))
    if term.as_json:
        term.answer(found)
