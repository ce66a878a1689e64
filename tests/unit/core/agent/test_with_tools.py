"""A model may use the tools that read, as people do, and no other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from alma.config import load_catalogue, load_templates
from alma.core.agent.knowledge import LookUp, LookUps
from alma.core.agent.lookups import Nothing
from alma.core.agent.proposal import Form
from alma.core.agent.with_tools import WithTools
from alma.core.model.base import Json
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import BlueprintInvalid, InvalidInput
from alma.core.model.principal import LOCAL
from alma.core.tools.kit import Call
from alma.core.tools.tool import Answer, Arguments, Tool
from tests.unit.core.tools.kit import SHOP, Calls, calling


class Noted(Answer):
    """What is kept."""

    note: str = ""


async def write(given: Arguments, call: Call) -> Noted:
    raise AssertionError("a model reached a tool that writes")


async def read(given: Arguments, call: Call) -> Noted:
    return Noted(summary="Read.", note="kept", sources=("a book",), assumptions=("none",))


def tool(name: str, *, writes: bool, trusted: bool = False) -> Tool[Arguments, Noted]:
    return Tool(
        name=name,
        title=name,
        description=f"It is called {name}.",
        arguments=Arguments,
        answer=Noted,
        run=write if writes else read,
        writes=writes,
        trusted=trusted,
    )


async def nothing(_: Nothing, __: object) -> Json:
    return "looked up"


LOOK = LookUp("look_at_state", "What runs.", Nothing, nothing)


@pytest.fixture
async def calls(tmp_path: Path) -> AsyncIterator[Calls]:
    async with calling(tmp_path) as made:
        tools = (tool("keep_it", writes=True), tool("read_it", writes=False, trusted=True))
        made.alma.tools.add([*tools, tool("look_at_state", writes=False)])
        yield made


@pytest.fixture
def knowledge(calls: Calls) -> WithTools:
    return WithTools(LookUps([LOOK]), calls.alma.tools)


async def test_every_tool_that_reads_is_offered_as_people_see_it(
    calls: Calls, knowledge: WithTools
) -> None:
    offered = {spec.name: spec for spec in knowledge.tools}
    for found in calls.alma.tools.usable():
        if found.name == "look_at_state":
            continue
        assert (found.name in offered) is not found.writes
        if not found.writes:
            spec = offered[found.name]
            assert (spec.schema, spec.description) == (found.schema(), found.description)
            assert spec.trusted is found.trusted


async def test_a_tool_that_writes_does_not_exist_for_a_model(knowledge: WithTools) -> None:
    with pytest.raises(InvalidInput, match="there is no tool 'keep_it'"):
        await knowledge.call("keep_it", {}, principal=LOCAL)
    for name in ("create_blueprint", "Keep-It"):
        with pytest.raises(InvalidInput, match="there is no tool"):
            await knowledge.call(name, {}, principal=LOCAL)


async def test_a_look_up_has_its_name_before_a_tool(knowledge: WithTools) -> None:
    assert await knowledge.call("look_at_state", {}, principal=LOCAL) == "looked up"
    assert [spec.name for spec in knowledge.tools].count("look_at_state") == 1


async def test_what_an_answer_rests_on_comes_last(knowledge: WithTools) -> None:
    found = await knowledge.call("read_it", {}, principal=LOCAL)
    assert isinstance(found, dict)
    assert list(found) == ["summary", "note", "assumptions", "sources"]


async def test_the_draft_of_the_conversation_is_meant(knowledge: WithTools) -> None:
    draft = parse_blueprint(SHOP)
    found = await knowledge.call("validate_blueprint", {}, principal=LOCAL, blueprint=draft)
    assert isinstance(found, dict)
    assert found["valid"] is True
    with pytest.raises(BlueprintInvalid):
        await knowledge.call("validate_blueprint", {"strict": "very"}, principal=LOCAL)


async def test_the_form_of_an_answer_stays_a_valid_schema_with_every_tool(
    knowledge: WithTools,
) -> None:
    form = Form(load_catalogue(), list(load_templates()))
    Draft202012Validator.check_schema(form.schema(edits=True, tools=knowledge.tools))
