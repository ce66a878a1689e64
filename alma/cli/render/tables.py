"""Plain tables: a heading, columns as wide as they need, no frames, so that they can be read and cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from alma.cli.shapes import Json

_STATES = {
    "pending": "yellow",
    "approved": "cyan",
    "rejected": "red",
    "deploying": "cyan",
    "deployed": "green",
    "failed": "red",
    "cancelled": "dim",
    "succeeded": "green",
    "rolled_back": "red",
    "running": "cyan",
    "low": "green",
    "medium": "yellow",
    "high": "red",
}


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """Rows under headings. The last column gets the rest of the line; the first names the row and is never cut."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    cells = [[c if isinstance(c, Text) else Text(str(c)) for c in row] for row in rows]
    names = max((row[0].cell_len for row in cells), default=0)
    for number, heading in enumerate(headings):
        least = None if number else max(names, len(heading))
        made.add_column(heading, no_wrap=number < len(headings) - 1, min_width=least)
    for row in cells:
        made.add_row(*row)
    return made


def state(word: str) -> Text:
    """A state in its colour."""
    return Text(word, style=_STATES.get(word, ""))


def ago(moment: str, *, now: datetime | None = None) -> str:
    """`just now`, `5 min ago`, `3 h ago`, `2026-01-31 14:05`."""
    then = datetime.fromisoformat(moment)
    passed = ((now or datetime.now(then.tzinfo)) - then).total_seconds()
    if passed < 60:
        return "just now"
    if passed < 3600:
        return f"{passed // 60:.0f} min ago"
    if passed < 86_400:
        return f"{passed // 3600:.0f} h ago"
    return then.astimezone().strftime("%Y-%m-%d %H:%M")


def clock(moment: str) -> str:
    """The time of day where this machine is."""
    return datetime.fromisoformat(moment).astimezone().strftime("%H:%M:%S")


def changes(summary: Json) -> str:
    """`+3 ~1 -0`."""
    return " ".join(
        f"{sign}{len(summary.get(key) or [])}"
        for sign, key in (("+", "added"), ("~", "modified"), ("-", "removed"))
    )


def blueprint_rows(blueprint: Json) -> list[list[str]]:
    """Each resource: how many, what it is, how big."""
    return [
        [
            f"{item['name']}" + (f" ×{item['count']}" if item.get("count", 1) > 1 else ""),
            str(item["type"]),
            _software(item),
            _specs(item.get("specs") or {}),
            ", ".join(map(str, (item.get("network") or {}).get("ports") or [])),
        ]
        for item in blueprint.get("resources") or []
    ]


def blueprint_table(blueprint: Json) -> Table:
    """A blueprint's resources."""
    return table(["NAME", "TYPE", "SOFTWARE", "SIZE", "PORTS"], blueprint_rows(blueprint))


def _software(item: Json) -> str:
    name = item.get("engine") or item.get("image") or ""
    return f"{name} {item.get('version') or ''}".strip()


def _specs(specs: Json) -> str:
    words = {
        "cpu": "{} CPU",
        "memory": "{} RAM",
        "disk": "{} disk",
        "storage": "{} disk",
        "gpu": "{} GPU",
        "nodes": "{} nodes",
        "control_plane": "{} control plane",
        "workers": "{} workers",
    }
    return ", ".join(text.format(specs[key]) for key, text in words.items() if specs.get(key))
