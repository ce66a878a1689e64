"""Writes the second half of docs/tools.md from the tools' definitions: `python -m tests.record_tools`.

Run it when a tool has changed. Every example is really run, on an installation that has nothing but one blueprint.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console

from alma.cli.render.answer import shown
from alma.core.model.principal import LOCAL
from alma.core.tools.chains import Done, ask
from alma.core.tools.tool import AnyTool, Example
from tests.unit.core.tools.kit import SHOP, Calls, calling

PAGE = Path(__file__).resolve().parents[1] / "docs" / "tools.md"
MARK = "<!-- From here on written by `python -m tests.record_tools`. -->\n"
CHAIN = "estimate it, then cut costs by 30%"
_MOST_LINES = 45
_WIDTH = 118


async def page(home: Path) -> str:
    """The whole page: what people wrote, and after the mark what is generated."""
    written = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    async with calling(home) as calls:
        calls.saved(SHOP)
        generated = [part async for part in _parts(calls)]
    return f"{written}{MARK}\n{''.join(generated)}".rstrip() + "\n"


async def _parts(calls: Calls) -> Any:
    yield "## The tools\n\n| tool | what it does |\n|---|---|\n"
    tools = calls.alma.tools.usable()
    for tool in tools:
        yield f"| [`{tool.name}`](#{tool.name}) | {tool.description} |\n"
    for tool in tools:
        yield "".join(_definition(tool))
        for example in tool.examples:
            yield await _example(calls, tool, example)
    if {"estimate_resources", "optimize_costs"} <= {tool.name for tool in tools}:
        yield await _chain(calls)


def _definition(tool: AnyTool) -> Iterator[str]:
    stores = " It stores what it makes." if tool.writes else ""
    yield f"\n### {tool.name}\n\n{tool.description}{stores}\n\n"
    yield "| parameter | type | default | |\n|---|---|---|---|\n"
    schema = tool.schema()
    for name, item in (schema.get("properties") or {}).items():
        needed = "**" if name in (schema.get("required") or []) else ""
        default = item.get("default")
        told = "" if default in (None, [], {}) else f"`{json.dumps(default)}`"
        yield f"| {needed}`{name}`{needed} | {_type(item)} | {told} | {_cell(item.get('description'))} |\n"
    yield "\n| in the answer | |\n|---|---|\n"
    answer = tool.answer.model_json_schema(mode="serialization")
    for name, item in answer["properties"].items():
        if name not in {"summary", "sources", "assumptions"}:
            yield f"| `{name}` | {_cell(item.get('description')) or _type(item)} |\n"


def _type(item: dict[str, Any]) -> str:
    if item.get("enum"):
        return ", ".join(map(str, item["enum"]))
    choices = item.get("anyOf") or item.get("oneOf")
    if choices:
        kinds = dict.fromkeys(_type(choice) for choice in choices if choice.get("type") != "null")
        return " or ".join(kinds)
    if item.get("type") == "array":
        return f"list of {_type(item.get('items') or {})}"
    return str(item.get("type") or str(item.get("$ref", "any")).rpartition("/")[2])


def _cell(text: Any) -> str:
    return str(text or "").replace("|", "\\|").replace("\n", " ")


async def _example(calls: Calls, tool: AnyTool, example: Example) -> str:
    answer = await calls.alma.tools.execute(LOCAL, tool.name, example.arguments)
    given = json.dumps(example.arguments, ensure_ascii=False)
    told = _lines(tool.name, answer.plain())
    return f"\n**{example.title}.**\n\n```json\n{_wrapped(given)}\n```\n\n```text\n{told}\n```\n"


async def _chain(calls: Calls) -> str:
    done = await ask(calls.alma.tools, LOCAL, CHAIN, context={"blueprint": SHOP})
    assert isinstance(done, Done), done
    steps = "".join(f"{step.tool}: {step.result['summary']}\n" for step in done.steps)
    return f"\n### Several in a row\n\n`{CHAIN}`, of the shop with three servers:\n\n```text\n{steps}```\n"


def _wrapped(text: str) -> str:
    """Short arguments on a line, long ones as JSON over several."""
    if len(text) <= _WIDTH:
        return text
    lines = json.dumps(json.loads(text), ensure_ascii=False, indent=1).splitlines()
    return "\n".join(lines) if len(lines) <= _MOST_LINES else f"{text[:_WIDTH]}…"


def _lines(name: str, result: dict[str, Any]) -> str:
    """What the command line shows of it, to a bounded length."""
    console = Console(width=_WIDTH, no_color=True, highlight=False, markup=False, emoji=False)
    with console.capture() as capture:
        for part in shown(name, result):
            console.print(part)
    lines = [line.rstrip() for line in capture.get().rstrip().splitlines()]
    return "\n".join([*lines[:_MOST_LINES], "…"] if len(lines) > _MOST_LINES else lines)


def main() -> None:
    """Writes the page."""
    with tempfile.TemporaryDirectory() as home:
        PAGE.write_text(asyncio.run(page(Path(home))), encoding="utf-8")


if __name__ == "__main__":
    main()
