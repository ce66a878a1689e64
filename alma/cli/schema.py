"""`alma schema`: what a blueprint may contain, for editors and other programs."""

from __future__ import annotations

from typing import Annotated

import typer

from alma.cli import options

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """
\b
Examples:
  alma schema > blueprint.schema.json
  alma schema --output blueprint.schema.json

\b
Editors with a YAML language server complete and check a file that begins with
  # yaml-language-server: $schema=blueprint.schema.json
"""


@app.command(epilog=EPILOG)
def schema(
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write it there.", show_default=False),
    ] = None,
    server: options.Server = None,
    as_json: Annotated[bool, typer.Option("--json", help="It always is JSON.")] = False,
    no_color: options.NoColor = False,
) -> None:
    """Print the JSON Schema of blueprints."""
    import json
    from pathlib import Path

    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma schema") as client:
        found = client.schema()
    if output is None:
        term.answer(found)
        return
    Path(output).write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    term.note(f"written to {output}")
