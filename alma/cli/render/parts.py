"""What answers of tools are put together from: headings, figures, lists that end, numbers as people write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from alma.cli.render.tables import state, table
from alma.cli.shapes import Json

MOST_ROWS = 40
MOST_LINES = 12
MORE = "--json has all"


def heading(title: str) -> Iterator[RenderableType]:
    """An empty line, and the title in capitals."""
    yield ""
    yield Text(title.upper(), style="bold")


def headline(result: Json) -> Iterator[RenderableType]:
    """The sentence or two that an answer begins with."""
    if result.get("summary"):
        yield Text(str(result["summary"]), style="bold")


def bullets(items: Sequence[Any], *, most: int = MOST_LINES) -> Iterator[RenderableType]:
    """A line for each, and how many more there are."""
    yield from (Text(f"- {plain(item)}") for item in items[:most])
    yield from more(len(items), most)


def listed(title: str, items: Sequence[Any], *, most: int = MOST_LINES) -> Iterator[RenderableType]:
    """A heading with bullets; nothing where there is nothing."""
    if items:
        yield from heading(title)
        yield from bullets(items, most=most)


def tabled(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]], *, most: int = MOST_ROWS
) -> Iterator[RenderableType]:
    """A heading with a table, without the columns that say nothing in any row; nothing where there is no row."""
    if not rows:
        return
    yield from heading(title)
    told = [
        number
        for number in range(len(headings))
        if any(str(row[number]).strip() for row in rows[:most])
    ]
    yield table(
        [headings[number] for number in told],
        [[row[number] for number in told] for row in rows[:most]],
    )
    yield from more(len(rows), most)


def more(many: int, most: int) -> Iterator[RenderableType]:
    """How many were left out."""
    if many > most:
        yield Text(f"… and {many - most} more; {MORE}", style="dim")


def resting(result: Json) -> Iterator[RenderableType]:
    """What an answer rests on: its sources on a line, its assumptions as a list unless there is but one."""
    assumptions = result.get("assumptions") or []
    if result.get("sources"):
        yield ""
        yield Text(f"sources: {'; '.join(map(str, result['sources']))}", style="dim")
    if len(assumptions) == 1:
        yield Text(f"assumptions: {assumptions[0]}", style="dim")
    elif assumptions:
        yield Text("assumptions:", style="dim")
        yield from (Text(f"- {item}", style="dim") for item in assumptions[:MOST_LINES])
        yield from more(len(assumptions), MOST_LINES)


def pairs(values: Mapping[str, Any]) -> RenderableType:
    """Names and figures."""
    found = table(["", ""], [(words(str(key)), cell(value, key)) for key, value in values.items()])
    found.show_header = False
    return found


def cell(value: Any, key: str = "") -> Text:
    """What stands in a table, coloured where it is a state."""
    text = plain(value, key)
    return state(text) if isinstance(value, str) else Text(text)


def plain(value: Any, key: str = "") -> str:
    """A value in words. What it is called says the unit of a number: seconds and bytes are told as people tell them."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _measured(value, key)
    if isinstance(value, Mapping):
        told = {name: plain(inner, str(name)) for name, inner in value.items()}
        return ", ".join(f"{words(str(name))} {text}" for name, text in told.items() if text)
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, (plain(item) for item in value)))
    return str(value)


def _measured(value: float, key: str) -> str:
    if key == "seconds" or key.endswith("_seconds"):
        return duration(value)
    if key == "bytes" or key.endswith("_bytes"):
        return data(value)
    return str(value) if isinstance(value, int) else number(value)


def number(value: float) -> str:
    """At most two places, and as many more as a small number needs; 0.9990 never becomes 1."""
    if value == 0 or abs(value) >= 1:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) >= 0.001 else f"{value:.3g}"


def money(value: float | None, currency: str = "USD") -> str:
    """An amount: `$1,234.50`, `1,234.50 EUR`."""
    if value is None:
        return ""
    sign = "-" if value < 0 else ""
    return f"{sign}${abs(value):,.2f}" if currency == "USD" else f"{value:,.2f} {currency}"


def gib(value: float | None) -> str:
    """An amount of memory or disk in GiB; nothing for none."""
    return f"{value:,.1f}".removesuffix(".0") + " GiB" if value else ""


def data(value: float) -> str:
    """An amount of bytes in decimal units."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= size:
            return f"{number(value / size)} {unit}"
    return f"{number(value)} B"


def duration(seconds: float) -> str:
    """`45 s`, `4 min`, `3 min 49 s`, `2 h 5 min`, `3 d 4 h`: the two greatest units."""
    units = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
    if seconds < 1:
        return f"{number(seconds)} s"
    left = round(seconds)
    told: list[tuple[int, str]] = []
    for unit, size in units:
        if left >= size or told:
            told.append((left // size, unit))
            left %= size
    return " ".join(f"{count} {unit}" for count, unit in told[:2] if count)


def words(key: str) -> str:
    """A key as words."""
    return key.replace("_", " ")


def clause(text: str) -> str:
    """What a description says first: up to its first full stop, semicolon or colon."""
    ends = [text.find(mark) for mark in (". ", "; ", ": ") if mark in text]
    return text[: min(ends)] if ends else text.removesuffix(".")
