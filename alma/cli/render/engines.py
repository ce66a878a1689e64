"""What an engine says of itself: whether it can be used, what is missing, and what there is, in sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from alma.cli.render.greeting import engine_line
from alma.cli.render.tables import table
from alma.cli.shapes import Connection, Engine


def engine_report(engine: Engine) -> Iterator[RenderableType]:
    """All of a check, problems before facts."""
    yield engine_line(engine)
    for problem in engine["problems"]:
        yield Text.assemble("  ", ("- ", "yellow"), problem)
    if not engine.get("configured", True):
        yield Text(f"  next: alma engines configure {engine['engine']} --help", style="dim")
    yield from _sections(engine.get("facts", {}))


def connection_lines(connection: Connection) -> Iterator[RenderableType]:
    """What was saved, secrets by name only."""
    for name, value in connection["settings"].items():
        yield Text(f"  {_words(name)}: {_cell(value)}")
    for name in connection["secrets"]:
        yield Text(f"  {_words(name)}: (kept, never shown)")


def _sections(facts: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Short facts in lines, then a section for each list of things."""
    for name, value in facts.items():
        if not _is_section(value):
            yield Text(f"  {_words(name)}: {_cell(value)}")
    for name, value in facts.items():
        if _is_section(value):
            yield Text(f"  {_words(name)}", style="bold")
            yield Padding(_section(value), (0, 0, 0, 4))


def _is_section(value: Any) -> bool:
    """Things with properties of their own. An empty list is told in its line."""
    if isinstance(value, Mapping):
        return bool(value)
    return bool(value) and isinstance(value, list) and any(isinstance(i, Mapping) for i in value)


def _section(value: Any) -> RenderableType:
    if isinstance(value, Mapping):
        return Text("\n".join(f"{_words(name)}: {_cell(inner)}" for name, inner in value.items()))
    rows = [item if isinstance(item, Mapping) else {"name": item} for item in value]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_cell(row.get(name)) for name in columns] for row in rows]
    return table([_words(name) for name in columns], cells)


def _cell(value: Any) -> str:
    match value:
        case None | [] | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(_cell, value))
        case dict():
            return ", ".join(f"{_words(name)} {_cell(inner)}" for name, inner in value.items())
        case _:
            return str(value)


def _words(name: str) -> str:
    return str(name).replace("_", " ")
