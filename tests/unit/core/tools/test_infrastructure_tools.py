"""Tools that people write: the documented class to extend, and a `Tool` behind an entry point."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from alma.core.model.errors import BlueprintInvalid, NotFound, ToolError, ToolUnavailable
from alma.core.model.principal import LOCAL
from alma.core.tools import TOOLS, InfrastructureTools
from alma.core.tools.entries import Entry
from alma.core.tools.kit import Call
from alma.core.tools.registry import Toolbox
from alma.core.tools.tool import Answer, Arguments, Tool
from tests.unit.core.tools.kit import SHOP, calling

GREET = {
    "name": "greet",
    "description": "Greets somebody.",
    "parameters": {
        "type": "object",
        "properties": {
            "who": {"type": "string", "description": "Whom to greet."},
            "times": {"type": "integer", "default": 1},
            "mood": {"type": "string", "enum": ["kind", "gruff"]},
        },
        "required": ["who"],
    },
}


class Greetings(InfrastructureTools):
    """As the documentation shows it: a description, and a method of its name."""

    def _greet(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"words": [f"hello {params['who']}"] * (params.get("times") or 1)}

    @classmethod
    def get_available_tools(cls) -> list[dict[str, Any]]:
        return [*super().get_available_tools(), GREET]


class Others(InfrastructureTools):
    """Everything else that subclasses do."""

    async def _wait(self, params: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
        return {"summary": "Waited.", "for": context.get("who"), "given": params}

    @staticmethod
    def _static(params: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
        return {"given": params}

    def _broken(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"share": 1 / params["parts"]}

    def _strange(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"it": object()}

    async def _checked(self, params: dict[str, Any]) -> dict[str, Any]:
        assert self.toolbox is not None
        found = await self.execute("validate_blueprint", {"blueprint": SHOP})
        return {"valid": found["result"]["valid"]}

    def execute_tool(
        self, tool_name: str, arguments: Mapping[str, Any], context: Any = None
    ) -> dict[str, Any]:
        if tool_name == "by_hand":
            return {"success": True, "tool": tool_name, "result": {"given": dict(arguments)}}
        return {"success": False, "tool": tool_name, "error": "nothing like that"}

    @classmethod
    def get_available_tools(cls) -> list[dict[str, Any]]:
        names = ("wait", "static", "broken", "strange", "checked", "by_hand", "forgotten")
        mine = [{"name": name, "description": name, "parameters": {...}} for name in names]
        return [*super().get_available_tools(), *mine]


async def test_a_subclass_describes_the_registrys_tools_and_its_own() -> None:
    names = [item["name"] for item in Greetings.get_available_tools()]
    assert names == [*TOOLS, "greet"]


async def test_a_tool_of_a_subclass_is_a_tool_like_any_other(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        added = calls.alma.tools.add(Greetings)
        assert [tool.name for tool in added] == ["greet"]
        found = await calls.use("greet", who="world", times=2)
    assert found["words"] == ["hello world", "hello world"]
    assert added[0].schema()["required"] == ["who"]
    assert added[0].schema()["properties"]["who"]["description"] == "Whom to greet."


@pytest.mark.parametrize(
    ("given", "path"),
    [({}, "who"), ({"who": "x", "mood": "sad"}, "mood"), ({"who": "x", "whom": 1}, "whom")],
)
async def test_what_does_not_fit_the_description_is_told_before_the_method_runs(
    tmp_path: Path, given: dict[str, Any], path: str
) -> None:
    async with calling(tmp_path) as calls:
        calls.alma.tools.add(Greetings)
        with pytest.raises(BlueprintInvalid) as raised:
            await calls.use("greet", **given)
    assert [item.path for item in raised.value.diagnostics] == [path]


async def test_methods_may_be_async_static_take_the_context_and_use_other_tools(
    tmp_path: Path,
) -> None:
    async with calling(tmp_path) as calls:
        calls.alma.tools.add(Others)
        waited = await calls.alma.tools.execute(LOCAL, "wait", {"a": 1}, context={"who": "me"})
        assert waited.summary == "Waited."
        assert waited.model_dump()["for"] == "me"
        assert waited.model_dump()["given"] == {"a": 1}
        assert (await calls.use("static", b=2))["given"] == {"b": 2}
        assert (await calls.use("by_hand", c=3))["given"] == {"c": 3}
        assert (await calls.use("checked"))["valid"] is True


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("broken", {"parts": 0}, "ZeroDivisionError"),
        ("strange", {}, "no JSON"),
        ("forgotten", {}, "nothing like that"),
    ],
)
async def test_what_goes_wrong_in_a_strangers_code_is_a_failure_of_that_tool(
    tmp_path: Path, name: str, given: dict[str, Any], words: str
) -> None:
    async with calling(tmp_path) as calls:
        calls.alma.tools.add(Others)
        with pytest.raises(ToolError, match=words):
            await calls.use(name, **given)


async def test_the_class_alone_answers_its_own_tools_and_says_what_the_others_need() -> None:
    tools = Greetings()
    greeted = await tools.execute("greet", {"who": "you"})
    assert greeted["success"] is True
    assert greeted["result"]["words"] == ["hello you"]
    assert set(greeted) == {"success", "tool", "result", "error", "timestamp"}
    checked = await tools.execute("validate_blueprint", {"blueprint": SHOP})
    assert checked["success"] is False
    assert "installation" in checked["error"]


def test_a_program_without_a_loop_calls_it_as_it_always_did() -> None:
    assert Greetings().execute_tool("greet", {"who": "you"})["success"] is True


async def test_a_subclass_without_a_usable_name_is_refused(tmp_path: Path) -> None:
    class Nameless(InfrastructureTools):
        @classmethod
        def get_available_tools(cls) -> list[dict[str, Any]]:
            return [{"name": "no name!"}]

    async with calling(tmp_path) as calls:
        with pytest.raises(ToolUnavailable, match="no usable name"):
            calls.alma.tools.add(Nameless)
        calls.alma.tools.add(Greetings)
        with pytest.raises(ToolUnavailable, match="registered already"):
            calls.alma.tools.add(Greetings)


# ── entry points ─────────────────────────────────────────────────────────────────────────────────────


class Sum(Arguments):
    numbers: tuple[int, ...]


class Total(Answer):
    total: int


async def add_up(given: Sum, call: Call) -> Total:
    return Total(summary="Added up.", total=sum(given.numbers))


ADD_UP = Tool(
    name="add_up",
    title="Add up",
    description="Adds numbers.",
    arguments=Sum,
    answer=Total,
    run=add_up,
)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module of another distribution."""
    module = ModuleType("some_shop")
    Greetings.__module__, before = "some_shop", Greetings.__module__
    vars(module).update(TOOL=ADD_UP, Greetings=Greetings, NOTHING=3)
    monkeypatch.setitem(sys.modules, "some_shop", module)
    yield module
    Greetings.__module__ = before


@pytest.mark.usefixtures("shop")
async def test_others_bring_tools_classes_and_modules_by_entry_points(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:

        def brought(attribute: str) -> Toolbox:
            return Toolbox(calls.kit, others={"x": Entry("some_shop", attribute)})

        assert set(brought("TOOL").names()) - set(TOOLS) == {"add_up"}
        assert set(brought("Greetings").names()) - set(TOOLS) == {"greet"}
        tools = brought("")
        assert set(tools.names()) - set(TOOLS) == {"add_up", "greet"}
        answer = await tools.execute(LOCAL, "Add-Up", {"numbers": [1, 2]})
    assert answer.model_dump()["total"] == 3


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("entry", "words", "hint"),
    [
        (
            Entry("not_there_at_all", extra="charts", distribution="some-shop"),
            "not installed completely",
            'pip install "some-shop[charts]"',
        ),
        (Entry("some_shop", "MISSING"), "has no 'MISSING'", None),
        (Entry("some_shop", "NOTHING"), "is a int, and no Tool", None),
    ],
)
async def test_a_tool_that_cant_be_used_is_named_with_what_it_needs_and_the_rest_works(
    tmp_path: Path, entry: Entry, words: str, hint: str | None
) -> None:
    async with calling(tmp_path) as calls:
        tools = Toolbox(calls.kit, others={"charts": entry})
        assert [item.name for item in tools.unusable()] == ["charts"]
        assert {tool.name for tool in tools.usable()} == set(TOOLS)
        with pytest.raises(ToolUnavailable, match=words) as raised:
            tools.get("charts")
        assert hint is None or hint in (raised.value.hint or "")


async def test_an_unknown_tool_is_not_found_and_the_nearest_is_named(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        with pytest.raises(NotFound) as raised:
            calls.alma.tools.get("validate_blueprnt")
    assert "validate_blueprint" in (raised.value.hint or "")
