"""Every tool is told in full, the same everywhere, and its page in the documentation is what it really says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from alma.api.schemas.tools import tool_view
from alma.core.agent.knowledge import LookUps
from alma.core.agent.with_tools import WithTools
from alma.core.model.principal import LOCAL
from alma.core.tools import TOOLS
from alma.core.tools.entries import load, own
from alma.core.tools.infrastructure_tools import InfrastructureTools
from alma.core.tools.tool import AnyTool, Tool
from tests.record_tools import PAGE, page
from tests.unit.core.tools.kit import SHOP, calling

DEFINED: dict[str, AnyTool] = {name: load(name, entry) for name, entry in own().items()}


@pytest.fixture(params=sorted(DEFINED))
def tool(request: pytest.FixtureRequest) -> AnyTool:
    return DEFINED[request.param]


def test_a_tool_is_registered_under_its_own_name() -> None:
    assert [tool.name for tool in DEFINED.values()] == list(TOOLS)


def test_a_tool_says_what_it_does_what_it_takes_and_when_people_want_it(tool: AnyTool) -> None:
    assert tool.title
    assert len(tool.description) > 30
    assert tool.description.endswith(".")
    assert len(tool.words) >= 3
    assert tool.examples
    schema = tool.schema()
    Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    for name, item in schema["properties"].items():
        assert item.get("description"), f"{tool.name}.{name} is not described"


def test_an_answer_begins_with_a_summary_and_names_what_it_rests_on(tool: AnyTool) -> None:
    fields = tool.answer.model_json_schema(mode="serialization")["properties"]
    assert {"summary", "sources", "assumptions"} <= set(fields)


def test_the_schema_is_the_same_for_every_surface(tool: AnyTool) -> None:
    assert tool_view(tool).parameters == tool.schema()
    described = {
        item["name"]: item["parameters"] for item in InfrastructureTools.get_available_tools()
    }
    assert described[tool.name] == tool.schema()


async def test_a_model_is_offered_every_tool_that_reads(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        offered = WithTools(LookUps([]), calls.alma.tools).tools
    assert {spec.name: spec.schema for spec in offered} == {
        tool.name: tool.schema() for tool in DEFINED.values() if not tool.writes
    }


async def test_every_example_runs_and_its_answer_is_json(tool: AnyTool, tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        calls.saved(SHOP)
        for example in tool.examples:
            answer = await calls.alma.tools.execute(LOCAL, tool.name, example.arguments)
            assert answer.summary
            json.dumps(answer.plain(), allow_nan=False)


async def test_the_page_shows_what_the_tools_say_now(tmp_path: Path) -> None:
    """If not: `python -m tests.record_tools`."""
    assert PAGE.read_text(encoding="utf-8") == await page(tmp_path)


# ── the examples of the page ─────────────────────────────────────────────────────────────────────────


def example(kind: str) -> dict[str, Any]:
    """The names that a Python example of the page defines."""
    found = re.search(rf"^```python {kind}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    names: dict[str, Any] = {"__name__": "an_example"}
    exec(compile(f"from __future__ import annotations\n{found[1]}", "docs/tools.md", "exec"), names)
    return names


async def test_the_example_of_a_tool_of_ones_own_works(tmp_path: Path) -> None:
    made = example("tool")["TOOL"]
    assert isinstance(made, Tool)
    async with calling(tmp_path) as calls:
        calls.alma.tools.add(made)
        assert (await calls.use("count_instances", blueprint=SHOP))["total"] == 5


async def test_the_example_of_a_class_of_ones_own_works(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        calls.alma.tools.add(example("custom_tools")["CustomTools"])
        found = await calls.use("naming", team="shop", names=["shop-web", "db"])
    assert (found["summary"], found["wrong"]) == ("1 names break the rule.", ["db"])
