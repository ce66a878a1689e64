"""`alma destroy`: removes what a blueprint runs, through a plan that is approved like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.shapes import Stack

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """
\b
Examples:
  alma destroy simple-web-app
  alma destroy simple-web-app --engine docker --volumes
  alma destroy simple-web-app --yes --json

\b
Volumes keep their data unless --volumes is given; there is no way back from that.
The blueprint itself stays. Exit codes: 0 removed or nothing there, 1 failed,
2 no such thing, 4 not approved, 5 unavailable, 130 cancelled with Ctrl-C.
"""


@app.command(epilog=EPILOG)
def destroy(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A stack or blueprint, as in `alma status`.", show_default=False
        ),
    ],
    engine: options.OnlyThere = None,
    volumes: Annotated[bool, typer.Option("--volumes", help="Delete the data, too.")] = False,
    yes: options.Yes = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Remove everything a blueprint runs on an engine."""
    from alma.cli.carry_out import Choices, carry_out
    from alma.cli.connect import connected
    from alma.cli.stacks import find_stacks
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma destroy") as client:
        stack = _only(find_stacks(client, name, engine=engine), name)
        ipr = client.open_destroy(stack["id"], volumes=volumes)
        # What could not be removed is not made again: there is nothing to go back to.
        code = carry_out(client, term, ipr, Choices(yes=yes, keep_on_failure=True))
    raise typer.Exit(code)


def _only(stacks: list[Stack], name: str) -> Stack:
    """The one that is meant: nothing is destroyed on a guess."""
    from alma.cli.errors import CliError
    from alma.cli.stacks import lives

    if len(stacks) > 1 and lives(stacks[0]):
        raise CliError(
            f"'{name}' is deployed {len(stacks)} times",
            items=[f"{item['name']} on {item['engine']} (id {item['id']})" for item in stacks],
            hint="name the engine with --engine, or the stack by its id",
            code="invalid_input",
        )
    return stacks[0]
