"""A tool's answer for people: the summary, then figures, then tables, then what it rests on.

Any answer can be shown, also one of a tool that others brought: its keys are its headings. A tool whose answer deserves
more has a function in `RENDERERS`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from rich.console import RenderableType
from rich.text import Text

from alma.cli.render.tables import blueprint_table, state, table
from alma.cli.shapes import Json

Renderer = Callable[[Json], Sequence[RenderableType]]

RENDERERS: Mapping[str, str] = {}
"""By the name of a tool, `module:function` that gives the lines of its answer."""

_MOST_ROWS = 40
_WIDEST = 60
_TAIL = ("sources", "assumptions")
# What a row is told by comes first.
_FIRST = (
    "name", "provider", "resource", "address", "tier", "title", "severity", "id", "rule", "kind", "path",
)  # fmt: skip


def shown(tool: str | None, result: Json) -> Sequence[RenderableType]:
    """The lines of an answer."""
    own = RENDERERS.get(tool or "")
    if own is not None:
        module, _, function = own.partition(":")
        return cast("Renderer", getattr(importlib.import_module(module), function))(result)
    return list(_generic(result))


def asked(result: Json) -> Sequence[RenderableType]:
    """A question, and what may be answered."""
    rows = [(item["tool"], item["description"]) for item in result["candidates"]]
    return [Text(result["question"], style="bold"), "", table(["TOOL", "WHAT IT DOES"], rows)]


def described(tool: Json) -> Sequence[RenderableType]:
    """A tool: what it does, what it takes, and examples."""
    required = set(tool["parameters"].get("required") or [])
    rows = [
        (
            name + ("*" if name in required else ""),
            _type(schema),
            _plain(schema.get("default")) if schema.get("default") is not None else "",
            str(schema.get("description") or ""),
        )
        for name, schema in (tool["parameters"].get("properties") or {}).items()
    ]
    lines: list[RenderableType] = [
        Text.assemble((tool["name"], "bold"), f"  {tool['title']}"),
        Text(tool["description"]),
        "",
        table(["PARAMETER", "TYPE", "DEFAULT", "WHAT IT SAYS"], rows),
    ]
    for example in tool["examples"]:
        lines += ["", Text(example["title"], style="dim"), Text(_line(tool["name"], example))]
    return lines


def _line(name: str, example: Json) -> str:
    import json
    from shlex import quote

    given = [
        f"-p {quote(f'{key}={value if isinstance(value, str) else json.dumps(value)}')}"
        for key, value in example["parameters"].items()
    ]
    return " ".join(["alma tools run", name, *given])


def _type(schema: Mapping[str, Any]) -> str:
    choices = schema.get("enum")
    if choices:
        return "|".join(map(str, choices))
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return " or ".join(dict.fromkeys(_type(o) for o in options if o.get("type") != "null"))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items') or {})}"
    return str(schema.get("type") or str(schema.get("$ref", "anything")).rpartition("/")[2].lower())


# ── any answer ───────────────────────────────────────────────────────────────────────────────────────


def _generic(result: Json) -> Iterator[RenderableType]:
    if result.get("summary"):
        yield Text(str(result["summary"]), style="bold")
    rest = {key: value for key, value in result.items() if key not in {"summary", *_TAIL}}
    figures = {key: value for key, value in rest.items() if _single(value) and value is not None}
    if figures:
        yield ""
        yield _pairs(figures)
    for key, value in rest.items():
        if value and key not in figures:
            yield from _section(_words(key), value)
    for key in _TAIL:
        if result.get(key):
            yield ""
            yield Text(f"{_words(key)}: {'; '.join(map(str, result[key]))}", style="dim")


def _section(title: str, value: Any) -> Iterator[RenderableType]:
    """A heading, and below it a list as a table or as lines, a mapping as a table, a blueprint as blueprints are."""
    yield ""
    yield Text(title.upper(), style="bold")
    if isinstance(value, Mapping):
        if isinstance(value.get("resources"), list) and "name" in value:
            yield blueprint_table(dict(value))
        else:
            yield from _facts(title, value)
    elif isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
        yield from _rows(title, value)
    elif isinstance(value, list):
        yield from (Text(f"- {_plain(item)}") for item in value[:_MOST_ROWS])
        yield from _more(len(value))
    else:
        yield Text(_plain(value))


def _facts(title: str, values: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield _pairs({key: value for key, value in values.items() if value and not _nested(value)})
    for key, value in values.items():
        if value and _nested(value):
            yield from _section(f"{title} · {_words(str(key))}", value)


def _pairs(values: Mapping[str, Any]) -> RenderableType:
    found = table(["", ""], [(_words(str(key)), _cell(value)) for key, value in values.items()])
    found.show_header = False
    return found


def _rows(title: str, items: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    """A table of what fits in one, then for each row the tables within it."""
    columns, left_out = _columns(items)
    shown_ = items[:_MOST_ROWS]
    if columns:
        yield table(
            [_words(column).upper() for column in columns],
            [[_cell(item.get(column)) for column in columns] for item in shown_],
        )
    yield from _more(len(items))
    if left_out:
        told = ", ".join(map(_words, left_out))
        yield Text(f"not shown: {told}; --json has all", style="dim")
    for number, item in enumerate(shown_, start=1):
        name = next((_plain(item[key]) for key in _FIRST if item.get(key)), str(number))
        for key, value in item.items():
            if value and _nested(value):
                yield from _section(f"{title} · {name} · {_words(key)}", value)


def _columns(items: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Those that say something, the ones that name a row first; of long texts the first one, last. And what is left
    out for the sake of the width."""
    said = dict.fromkeys(
        key
        for item in items
        for key, value in item.items()
        if value not in (None, [], {}) and not _nested(value)
    )
    width = {key: max(len(_plain(item.get(key))) for item in items[:_MOST_ROWS]) for key in said}
    named = [key for key in _FIRST if key in said]
    rest = [key for key in said if key not in named]
    short = [key for key in rest if width[key] <= _WIDEST]
    long = [key for key in rest if width[key] > _WIDEST]
    return [*named, *short, *long[:1]], long[1:]


def _nested(value: Any) -> bool:
    """Whether it is a table in itself."""
    if isinstance(value, Mapping):
        return any(not _single(inner) for inner in value.values())
    return isinstance(value, list) and any(isinstance(item, Mapping) for item in value)


def _more(many: int) -> Iterator[RenderableType]:
    if many > _MOST_ROWS:
        yield Text(f"… and {many - _MOST_ROWS} more; --json has all", style="dim")


def _cell(value: Any) -> Text:
    text = _plain(value)
    return state(text) if isinstance(value, str) else Text(text)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if isinstance(value, Mapping):
        return ", ".join(f"{_words(str(key))} {_plain(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_plain(item) for item in value)
    return str(value)


def _single(value: Any) -> bool:
    return not isinstance(value, list | Mapping)


def _words(key: str) -> str:
    return key.replace("_", " ")
