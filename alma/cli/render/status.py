"""What runs where: one block for each stack, one line for each resource."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from alma.cli.render.plan import drift_line
from alma.cli.shapes import Observed, Stack

STATUS_STYLES = {
    "running": ("●", "green"),
    "present": ("●", "green"),
    "starting": ("◐", "yellow"),
    "stopped": ("○", "red"),
    "unhealthy": ("●", "red"),
    "failed": ("✗", "red"),
    "gone": ("✗", "red"),
    "unknown": ("?", "yellow"),
}


def render_stack(stack: Stack) -> RenderableType:
    """One stack as its engine sees it now."""
    return Group(*_lines(stack))


def _lines(stack: Stack) -> Iterator[RenderableType]:
    revision = f"revision {stack['revision']}" if stack["revision"] else _why_none(stack)
    name = stack.get("blueprint_name") or stack["name"]
    yield Text.assemble(
        (name, "bold"), " on ", (stack["engine"], "bold"), (f" · {revision}", "dim")
    )
    if stack.get("problem"):
        yield Text(f"  ✗ {stack['engine']} can't be read: {stack['problem']}", style="red")
        yield from _recorded(stack)
        yield Text(f"  hint: alma engines check {stack['engine']}")
        return
    rows = _rows(stack)
    if not rows:
        yield Text("  nothing runs", style="dim")
        return
    table = Table.grid(padding=(0, 2))
    # In a narrow terminal endpoints and the engine's own names are broken: cut, they would lead nowhere.
    table.add_column(no_wrap=True, min_width=len("  ●"))
    table.add_column(no_wrap=True, min_width=max(len(row["address"]) for row in rows))
    for _ in ("type", "status"):
        table.add_column(no_wrap=True)
    for _ in ("endpoints", "name"):
        table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*_cells(row))
    yield table
    # What is gone stands in the table.
    yield from (drift_line(item) for item in stack.get("drift", []) if item["kind"] != "gone")


def _why_none(stack: Stack) -> str:
    """What a stack without a revision is: after a destroy only its data is left."""
    seen = stack.get("observed") or []
    return "destroyed, data kept" if all(row["retain"] for row in seen) else "not deployed in full"


def _recorded(stack: Stack) -> Iterator[Text]:
    recorded = stack.get("recorded") or []
    if recorded:
        names = ", ".join(str(item["address"]) for item in recorded)
        yield Text(f"  recorded there last: {names}", style="dim")


def _rows(stack: Stack) -> list[Observed]:
    """What is seen, and what is recorded but no longer seen."""
    seen = list(stack.get("observed") or [])
    known = {item["address"] for item in seen}
    for record in stack.get("recorded") or []:
        if record["address"] not in known:
            gone: Observed = {
                "address": record["address"],
                "type": record["type"],
                "object_id": record["object_id"] or "",
                "name": "",
                "status": "gone",
                "endpoints": [],
                "retain": False,
            }
            seen.append(gone)
    return sorted(seen, key=lambda item: (item["type"] in {"network", "volume"}, item["address"]))


def _cells(row: Observed) -> Iterator[RenderableType]:
    sign, style = STATUS_STYLES.get(row["status"], STATUS_STYLES["unknown"])
    yield Text(f"  {sign}", style=style)
    yield Text(row["address"], style="bold")
    yield Text(row["type"], style="dim")
    yield Text(row["status"], style=style)
    yield Text(" ".join(row["endpoints"]), style="cyan")
    yield Text(row["name"], style="dim")


def troubled(stack: Stack) -> list[str]:
    """The resources that are not well."""
    bad = {"stopped", "unhealthy", "failed", "gone"}
    rows = [] if stack.get("problem") else _rows(stack)
    return [row["address"] for row in rows if row["status"] in bad]


def mending(stack: Stack) -> str:
    """The command that shows what a deployment would mend."""
    return f"alma plan --blueprint {stack['blueprint_id']} --engine {stack['engine']}"
