"""What could be imported: one line for each object that belongs to no stack, and why some can't be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from alma.cli.render.plan import shown
from alma.cli.render.status import STATUS_STYLES
from alma.cli.render.tables import table
from alma.cli.shapes import Discovered


def render_discovery(items: Sequence[Discovered], engine: str) -> RenderableType:
    """All of them, and what to type next."""
    return Group(*_lines(items, engine))


def _lines(items: Sequence[Discovered], engine: str) -> Iterator[RenderableType]:
    if not items:
        yield Text(f"Everything on {engine} belongs to a stack, or nothing is there.")
        return
    free = [item for item in items if not item["obstacle"]]
    headings = ["OBJECT", "NAME", "TYPE", "STATUS", "WHERE", "SIZE"]
    if free:
        yield table(headings, [_cells(item) for item in free])
    for item in items:
        if item["obstacle"]:
            name = f"{item['object_id']} ({item['name']})"
            yield Text(f"  ! {name} can't be imported: {item['obstacle']}", style="yellow")
    if free:
        yield Text("")
        yield Text(f"import: alma import {engine} {free[0]['object_id']} --name NAME", style="dim")


def _cells(item: Discovered) -> list[Text | str]:
    _, style = STATUS_STYLES.get(item["status"], STATUS_STYLES["unknown"])
    where = ", ".join(str(value) for _, value in sorted(item["site"].items()))
    size = ", ".join(
        f"{path.rpartition('.')[2]} {shown(value)}" for path, value in item["facts"].items()
    )
    status = Text(item["status"], style=style)
    return [item["object_id"], item["name"], item["type"], status, where, size]
