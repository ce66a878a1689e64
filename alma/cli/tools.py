"""`alma tools`: what ALMA can work out about infrastructure, by the name of a tool or in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.client import Client
    from alma.cli.shapes import Json
    from alma.cli.terminal import Terminal

EPILOG = """
\b
Examples:
  alma tools list
  alma tools show estimate_resources
  alma tools run security_audit --blueprint app.yaml
  alma tools run optimize_costs --blueprint 5 -p target_reduction=0.3
  alma tools run troubleshoot_issue -p logs=@task.log -p error_message="VM creation failed"
  alma tools ask "estimate it, then cut costs by 30%" --blueprint app.yaml

-p KEY=@FILE takes the value from a file. Nothing here touches infrastructure.
"""

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Work out costs, security, capacity and more.",
    epilog=EPILOG,
)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A tool, as in the list.", show_default=False)
]
Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "--param",
        "-p",
        metavar="KEY=VALUE",
        help="A parameter; several times for several.",
        show_default=False,
    ),
]
File = Annotated[
    str | None,
    typer.Option(
        "--file",
        metavar="FILE",
        help="All parameters as one JSON or YAML document; - reads standard input.",
        show_default=False,
    ),
]
About = Annotated[
    str | None,
    typer.Option(
        "--blueprint",
        "-b",
        metavar="FILE|NAME",
        help="The blueprint it is about: a file, or a saved one by name or number.",
        show_default=False,
    ),
]


@app.command("list", epilog=EPILOG)
def list_tools(
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List the tools."""
    from alma.cli.connect import connected
    from alma.cli.render.tables import table
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma tools list") as client:
        found = client.tools()
    term.say(
        table(["NAME", "WHAT IT DOES"], [(t["name"], t["title"]) for t in found["tools"]]),
        "",
        "more of each: alma tools show NAME",
    )
    for item in found["unavailable"]:
        hint = f" ({item['hint']})" if item["hint"] else ""
        term.warn(f"{item['name']} can't be used: it {item['reason']}{hint}")
    if term.as_json:
        term.answer(found)


@app.command("show", epilog=EPILOG)
def show(
    name: Name,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show what a tool takes and answers, with examples."""
    from alma.cli.connect import connected
    from alma.cli.render.answer import described
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma tools show") as client:
        found = client.tool(name)
    term.say(*described(found))
    if term.as_json:
        term.answer(found)


@app.command("run", epilog=EPILOG)
def run(
    name: Name,
    parameters: Parameters = None,
    file: File = None,
    blueprint: About = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Use a tool."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    given = _given(parameters, file)
    with connected(server, term, doing="alma tools run") as client:
        given |= _about(client, blueprint)
        _answer(term, client, {"tool_name": name, "parameters": given})


@app.command("ask", epilog=EPILOG)
def ask(
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORDS", help="What should be worked out.", show_default=False),
    ],
    parameters: Parameters = None,
    file: File = None,
    blueprint: About = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Say in words what should be worked out; several things after one another, too."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    context = _given(parameters, file)
    with connected(server, term, doing="alma tools ask") as client:
        context |= _about(client, blueprint)
        _answer(term, client, {"query": " ".join(words), "context": context})


def _given(parameters: list[str] | None, file: str | None) -> dict[str, Any]:
    """What the file says, and over it the single parameters."""
    from alma.cli.documents import read_document
    from alma.cli.errors import CliError
    from alma.cli.parameters import parameter

    values = read_document(file).values() if file is not None else {}
    if not isinstance(values, dict):
        raise CliError(
            f"{file} holds no parameters",
            hint="write them like {target_reduction: 0.3}",
            code="invalid_input",
        )
    return {**values, **dict(parameter(text) for text in parameters or [])}


def _about(client: Client, blueprint: str | None) -> dict[str, Any]:
    """A file's content, or the number of a saved blueprint."""
    if blueprint is None:
        return {}
    if blueprint == "-" or Path(blueprint).expanduser().is_file():
        from alma.cli.documents import read_document

        return {"blueprint": read_document(blueprint).values()}
    from alma.cli.sources import saved

    return {"blueprint_id": saved(client, blueprint)["id"]}


def _answer(term: Terminal, client: Client, call: Json) -> None:
    """Uses it and shows the answer. Leaves with 2 where it is not clear which tool is meant."""
    from alma.cli.errors import ExitCode
    from alma.cli.render.answer import asked, shown

    with term.busy("working it out") as status:

        def progress(message: str, share: float | None) -> None:
            percent = "" if share is None else f" ({share:.0%})"
            if status is not None:
                status.update(f"{message}{percent} …")  # type: ignore[attr-defined]  # of rich

        found = client.execute(call, on_progress=progress)
    for step in found["steps"] or ([found] if found["success"] else []):
        if found["steps"]:
            term.say(f"── {step['tool']}")
        term.say(*shown(step["tool"], step["result"]), "")
    if not found["success"]:
        term.say(*asked(found["result"]))
    if term.as_json:
        term.answer(found)
    if not found["success"]:
        raise typer.Exit(ExitCode.INVALID)
