"""`alma validate`: every mistake in a blueprint, with its place."""

from __future__ import annotations

from typing import Annotated

import typer

from alma.cli import options

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """
\b
Examples:
  alma validate app.yaml
  cat app.yaml | alma validate -
  alma validate app.yaml --json | jq -r '.errors[]'

Exit codes: 0 valid (there may be warnings), 2 invalid.
"""


@app.command(epilog=EPILOG)
def validate(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A blueprint in YAML or JSON; - reads standard input.",
            show_default=False,
        ),
    ],
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Check a blueprint without saving it."""
    from rich.text import Text

    from alma.cli.connect import connected
    from alma.cli.documents import read_document
    from alma.cli.errors import ExitCode, diagnostic_line
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    document = read_document(file)
    with connected(server, term, doing="alma validate") as client:
        found = client.validate(document)
    words = ("✓ ", "bold green", "valid") if found["valid"] else ("✗ ", "bold red", "invalid")
    term.say(Text.assemble(words[:2], f"{document.source}: {words[2]}"))
    for item in found["diagnostics"]:
        style = {"error": "red", "warning": "yellow"}.get(item["severity"], "")
        term.say(Text.assemble("  ", (f"{item['severity']}: ", style), diagnostic_line(item)))
    if term.as_json:
        term.answer(found)
    if not found["valid"]:
        raise typer.Exit(ExitCode.INVALID)
