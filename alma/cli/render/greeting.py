"""What `alma serve` says when it is ready."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from alma.cli.shapes import Engine


def greeting(
    *,
    version: str,
    url: str,
    home: str,
    database: str | None,
    engines: Sequence[Engine],
    command: str,
    sentence: str,
    pid: int,
) -> Table:
    """The address, what works, and one thing to try."""
    facts = Table.grid(padding=(0, 2))
    facts.add_row(Text("ALMA", style="bold green"), Text(f"{version}, ready (pid {pid})"))
    facts.add_row("URL", Text(url, style="bold"))
    facts.add_row("API", f"{url}/docs")
    facts.add_row("data", home)
    if database:
        facts.add_row("database", database)
    for number, engine in enumerate(engines):
        facts.add_row("" if number else "engines", engine_line(engine))
    facts.add_row()
    facts.add_row("try", f'{command} chat "{sentence}"')
    facts.add_row(
        "", f'curl -X POST {url}/api/v1/conversation/chat -d \'{{"message": "{sentence}"}}\''
    )
    facts.add_row()
    facts.add_row("", Text("Ctrl-C stops it.", style="dim"))
    return facts


def engine_line(engine: Engine) -> Text:
    """One engine and whether it answers."""
    sign = ("✓ ", "green") if engine["available"] else ("✗ ", "yellow")
    line = Text.assemble(sign, (engine["engine"], "bold"), f": {engine['detail']}")
    if engine["default"]:
        line.append(" (default)", style="dim")
    return line
