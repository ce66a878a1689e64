"""The form of a model's answer: bounded everywhere, and true to the blueprint's own language."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from alma.config import load_catalogue, load_templates
from alma.core.agent.asking import prompt
from alma.core.agent.proposal import FIELDS, Facts, Form, proposal_of
from alma.core.agent.schemas import MAX_ITEMS, MAX_TEXT, bounded
from alma.core.language.editing.edits import apply_edits
from alma.core.model.base import Frozen
from alma.core.model.conversation import SetField
from tests.unit.core.agent.hearing import draft, knowledge


class Tree(Frozen):
    """Refers to itself."""

    name: str
    leaves: tuple[str, ...] = ()
    below: Tree | None = None


def form(*, edits: bool = True) -> dict[str, Any]:
    made = Form(load_catalogue(), list(load_templates()))
    return made.schema(edits=edits, tools=knowledge().tools)


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for inner in schema.values():
            yield from parts(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from parts(inner)


@pytest.mark.parametrize("edits", [True, False])
def test_every_text_and_list_of_an_answer_has_a_bound(edits):
    schema = form(edits=edits)
    Draft202012Validator.check_schema(schema)
    for part in parts(schema):
        assert "$ref" not in part
        if part.get("type") == "string":
            assert "maxLength" in part or "enum" in part
        if part.get("type") == "array":
            assert "maxItems" in part
        if part.get("type") == "object" and "properties" in part:
            assert part["additionalProperties"] is False


def test_any_schema_becomes_bounded_and_a_recursive_one_ends():
    schema = bounded(Tree.model_json_schema())
    assert schema["properties"]["name"] == {"type": "string", "maxLength": MAX_TEXT}
    assert schema["properties"]["leaves"]["maxItems"] == MAX_ITEMS
    assert len(list(parts(schema))) < 200


def test_every_property_a_model_may_set_is_one_of_a_resource():
    values = {
        "software": "nginx", "version": "1", "image": "debian", "description": "x", "count": 2, "cpu": 2,
        "memory": "4GB", "disk": "8GB", "gpu": 1, "nodes": 3, "control_plane": 1, "workers": 2, "ports": [80],
        "public": True, "private_ip": "10.0.0.9", "attach": ["lan"], "depends_on": ["a"], "backends": ["a"],
        "backup": "daily", "cidr": "10.0.0.0/24", "vlan": 5,
    }  # fmt: skip
    assert set(values) == set(FIELDS) == set(Facts.model_fields)
    given = dict(Facts.model_validate(values).values())
    assert set(given) == set(FIELDS.values())
    blueprint = draft({"name": "a", "type": "vm"})
    for path, value in given.items():
        after, _ = apply_edits(blueprint, [SetField(name="a", path=path, value=value)])
        assert after != blueprint


def test_the_examples_shown_to_a_model_are_valid_answers():
    schema = form()
    for example in json.loads(prompt("examples.json")):
        Draft202012Validator(schema).validate(example["document"])
        assert proposal_of(example["document"]).say


def test_a_document_that_keeps_to_the_form_can_be_read():
    document = {
        "calls": [{"tool": "about_port", "arguments": {"port": 80}}],
        "say": "x",
        "edits": [{"op": "add", "name": "db", "type": "database", "software": "postgresql"}],
    }
    Draft202012Validator(form()).validate(document)
    proposal = proposal_of(document)
    assert proposal.calls[0].arguments == {"port": 80}
    assert [edit.op for edit in proposal.edits] == ["add"]


def test_software_templates_and_tools_are_those_of_the_installation():
    schema = form()
    add, change, *_, template = schema["properties"]["edits"]["items"]["anyOf"]
    assert set(add["properties"]["software"]["enum"]) == set(load_catalogue().names())
    assert change["properties"]["clear"]["items"]["enum"] == list(FIELDS)
    assert template["properties"]["template"]["enum"] == sorted(load_templates())
    tools = schema["properties"]["calls"]["items"]["anyOf"]
    assert [tool["properties"]["tool"]["enum"] for tool in tools] == [["read_log"], ["about_port"]]
    assert list(add["properties"])[:3] == ["op", "name", "type"]
