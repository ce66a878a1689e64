"""`alma render`: a blueprint as files for other tools, so that nobody is locked in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.shapes import Json
    from alma.cli.terminal import Terminal

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """
\b
Examples:
  alma render app.yaml --engine kubernetes | kubectl apply -f -
  alma render shop --engine docker --output shop/
  alma render shop --engine aws --output infra/ && tofu -chdir=infra plan
  alma render app.yaml -e proxmox --json | jq '.notes[]'

\b
  kubernetes   manifests (one file), files (one for each object)
  docker       compose, compose-inline (one file, Docker Compose 2.23.1 and later)
  proxmox      opentofu, with the provider bpg/proxmox
  aws          opentofu, with the provider hashicorp/aws

\b
One file goes to standard output, several take --output. No secret is written:
what has to be filled in is told on standard error, with all that the other tool
can't be told.

\b
Exit codes: 0 rendered (look at the notes), 2 an invalid blueprint, an unknown
engine, or files that are there already.
"""
_SHOWN = 60


@app.command(epilog=EPILOG)
def render(
    blueprint: Annotated[
        str,
        typer.Argument(
            metavar="BLUEPRINT",
            help="A file, a saved blueprint's name or number; - reads standard input.",
            show_default=False,
        ),
    ],
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            "-e",
            metavar="NAME",
            help="aws, docker, kubernetes or proxmox; else as the blueprint says.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="FORMAT", help="Else the engine's usual one.", show_default=False
        ),
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="DIR", help="A folder for the files; - is standard output."
        ),
    ] = "-",
    force: Annotated[
        bool, typer.Option("--force", help="Write over files that are there already.")
    ] = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Write a blueprint down for Kubernetes, Docker Compose or OpenTofu."""
    from alma.cli.connect import connected
    from alma.cli.files import check_free, write_files
    from alma.cli.sources import Saved, either
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    source = either(blueprint)
    with connected(server, term, doing="alma render") as client:
        given = source(client)
        if isinstance(given, Saved):
            found = client.render_blueprint(given.blueprint["id"], engine=engine, format=format)
        else:
            found = client.render(given, engine=engine, format=format)
    if output == "-":
        _print(term, found)
    else:
        folder = Path(output).expanduser()
        check_free(folder, found["files"], force=force)
        write_files(folder, found["files"])
        _answer(term, found, folder)
    _tell(term, found)


def _print(term: Terminal, found: Json) -> None:
    """The one file. Raises CliError for several: nobody could take them apart again."""
    from alma.cli.errors import CliError

    if term.as_json:
        term.answer(found)
        return
    if len(found["files"]) > 1:
        raise CliError(
            f"there are {len(found['files'])} files",
            items=[item["path"] for item in found["files"]][:_SHOWN],
            hint="say with --output which folder they go to"
            + (
                "; or --format compose-inline makes one of them"
                if found["engine"] == "docker"
                else ""
            ),
            code="invalid_input",
        )
    term.raw(found["files"][0]["content"])


def _answer(term: Terminal, found: Json, folder: Path) -> None:
    if term.as_json:
        term.answer(found | {"folder": str(folder)})
        return
    for item in found["files"]:
        term.raw(f"{folder / item['path']}\n")


def _tell(term: Terminal, found: Json) -> None:
    """What to do by hand comes last, where people look."""
    from alma.cli.errors import diagnostic_line

    todo = [item for item in found["notes"] if item["code"] == "left_to_you"]
    others = [item for item in found["notes"] if item["code"] != "left_to_you"]
    for item in others[:_SHOWN]:
        tell = term.note if item["severity"] == "info" else term.warn
        tell(f"{item['code']}: {diagnostic_line(item)}")
    if len(others) > _SHOWN:
        term.note(f"and {len(others) - _SHOWN} more: --json has all")
    for item in todo:
        term.warn(f"to do: {diagnostic_line(item)}")
