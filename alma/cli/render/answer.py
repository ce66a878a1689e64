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

from alma.cli.render.parts import (
    MORE,
    MOST_ROWS,
    bullets,
    cell,
    clause,
    heading,
    headline,
    more,
    pairs,
    plain,
    resting,
    words,
)
from alma.cli.render.tables import blueprint_table, table
from alma.cli.shapes import Json

Renderer = Callable[[Json], Sequence[RenderableType]]

_OF = "alma.cli.render"
RENDERERS: Mapping[str, str] = {
    "security_audit": f"{_OF}.audits:audit",
    "check_compliance": f"{_OF}.audits:compliance",
    "estimate_resources": f"{_OF}.estimates:estimate",
    "optimize_costs": f"{_OF}.estimates:savings",
    "suggest_architecture": f"{_OF}.designs:suggestion",
    "generate_deployment_plan": f"{_OF}.designs:rollout",
    "forecast_metrics": f"{_OF}.forecasts:forecast",
    "migrate_infrastructure": f"{_OF}.moves:move",
}
"""By the name of a tool, `module:function` that gives the lines of its answer."""

_WIDEST = 60
_FEW = 4
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
    rows = [(item["tool"], clause(item["description"])) for item in result["candidates"]]
    return [Text(result["question"], style="bold"), "", table(["TOOL", "WHAT IT DOES"], rows)]


def described(tool: Json) -> Sequence[RenderableType]:
    """A tool: what it does, what it takes, and examples."""
    rows = list(_parameters(tool["parameters"], tool["parameters"].get("$defs") or {}))
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


def _parameters(
    schema: Mapping[str, Any], known: Mapping[str, Any], within: str = ""
) -> Iterator[tuple[str, str, str, str]]:
    """A row for each; what is inside an object of a known shape is indented below it."""
    required = set(schema.get("required") or [])
    for name, item in (schema.get("properties") or {}).items():
        inner = _meant(item, known)
        fields = inner.get("properties")
        default = item.get("default")
        yield (
            f"{within}{name}{'*' if name in required else ''}",
            _type(item, known),
            plain(default) if default is not None and not fields else "",
            "" if fields else str(item.get("description") or ""),
        )
        if fields and not within:
            yield from _parameters(inner, known, "  ")


def _meant(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference stands for; anything else as it is."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found = known.get(name, schema)
    return found if isinstance(found, Mapping) else schema


def _type(schema: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    schema = _meant(schema, known)
    choices = schema.get("enum")
    if choices:
        return "|".join(map(str, choices))
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        kinds = (_type(option, known) for option in options if option.get("type") != "null")
        return " or ".join(dict.fromkeys(kinds))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items') or {}, known)}"
    return str(schema.get("type") or str(schema.get("$ref", "anything")).rpartition("/")[2].lower())


# ── any answer ───────────────────────────────────────────────────────────────────────────────────────


def _generic(result: Json) -> Iterator[RenderableType]:
    yield from headline(result)
    rest = {key: value for key, value in result.items() if key not in {"summary", *_TAIL}}
    figures = {key: value for key, value in rest.items() if _single(value) and _says(key, value)}
    if figures:
        yield ""
        yield pairs(figures)
    for key, value in rest.items():
        if value and key not in figures and not _single(value):
            yield from _section(words(key), _without(value, result))
    yield from resting(result)


def _says(key: str, value: Any) -> bool:
    """Whether a figure is worth a line: nothing left out is not."""
    return value is not None and not (key.endswith("left_out") and not value)


def _without(value: Any, result: Json) -> Any:
    """A part without the lists that the answer has at its top as well."""
    if not isinstance(value, Mapping):
        return value
    return {
        key: inner
        for key, inner in value.items()
        if not (isinstance(inner, list) and inner and inner == result.get(key))
    }


def _section(title: str, value: Any) -> Iterator[RenderableType]:
    """A heading, and below it a list as a table or as lines, a mapping as a table, a blueprint as blueprints are."""
    yield from heading(title)
    if isinstance(value, Mapping):
        if isinstance(value.get("resources"), list) and "name" in value:
            yield blueprint_table(dict(value))
        else:
            yield from _facts(title, value)
    elif isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
        yield from _rows(title, value)
    elif isinstance(value, list):
        yield from bullets(value, most=MOST_ROWS)
    else:
        yield Text(plain(value))


def _facts(title: str, values: Mapping[str, Any]) -> Iterator[RenderableType]:
    told = {key: value for key, value in values.items() if value and not _nested(value)}
    long = [key for key, value in told.items() if _wordy(value)]
    short = {key: value for key, value in told.items() if key not in long}
    if short:
        yield pairs(short)
    for key, value in values.items():
        if value and (key in long or _nested(value)):
            yield from _section(f"{title} · {words(str(key))}", value)


def _wordy(value: Any) -> bool:
    """A list of sentences: each is a line, not all of them one."""
    return isinstance(value, list) and len(value) > 1 and len(plain(value)) > _WIDEST


def _rows(title: str, items: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    """A table of what fits in one, then for each of a few rows the tables within it."""
    columns, left_out = _columns(items)
    if columns:
        yield table(
            [words(column).upper() for column in columns],
            [[cell(item.get(column), column) for column in columns] for item in items[:MOST_ROWS]],
        )
    yield from more(len(items), MOST_ROWS)
    within = [(n, key) for n, item in enumerate(items) for key in item if _tabular(item[key])]
    if len(within) > _FEW:
        left_out += [key for key in dict.fromkeys(key for _, key in within) if key not in left_out]
        within = []
    if left_out:
        yield Text(f"not shown: {', '.join(map(words, left_out))}; {MORE}", style="dim")
    for at, key in within:
        name = next(
            (plain(items[at][first]) for first in _FIRST if items[at].get(first)), str(at + 1)
        )
        yield from _section(f"{title} · {name} · {words(key)}", items[at][key])


def _tabular(value: Any) -> bool:
    return bool(value) and _nested(value)


def _columns(items: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Those that say something, the ones that name a row first; of long texts the first one, last. And what is left
    out for the sake of the width."""
    said = dict.fromkeys(
        key
        for item in items
        for key, value in item.items()
        if value not in (None, [], {}) and not _nested(value)
    )
    width = {key: max(len(plain(item.get(key))) for item in items[:MOST_ROWS]) for key in said}
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


def _single(value: Any) -> bool:
    return not isinstance(value, list | Mapping)
