"""A cluster takes a schema only when it is structural, and people only rely on one that says what ALMA does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from alma.core.model.blueprint import Blueprint, Resource, ResourceType
from alma.operator.crds import crds
from alma.operator.documents import BlueprintStatus, Deploy, RequestStatus
from alma.operator.structural import structural
from alma.operator.writing import crds_text

ROOT = Path(__file__).parents[3]
ALLOWED = {
    "type", "description", "properties", "required", "items", "enum", "pattern", "nullable",
    "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "minItems", "maxItems", "additionalProperties", "x-kubernetes-int-or-string",
    "x-kubernetes-preserve-unknown-fields", "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
}  # fmt: skip


def schema_of(crd: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return found


def nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for inner in schema.get("properties", {}).values():
        yield from nodes(inner)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from nodes(schema[key])


BLUEPRINT, REQUEST = crds()
SPEC = schema_of(BLUEPRINT)["properties"]["spec"]["properties"]


def test_the_file_that_is_shipped_is_what_is_generated() -> None:
    assert (ROOT / "deploy/operator/crds.yaml").read_text(encoding="utf-8") == crds_text()


@pytest.mark.parametrize("crd", [BLUEPRINT, REQUEST], ids=["blueprint", "request"])
def test_the_schemas_are_structural(crd: dict[str, Any]) -> None:
    for node in nodes(schema_of(crd)):
        assert not set(node) - ALLOWED
        free = node.get("x-kubernetes-preserve-unknown-fields")
        either = node.get("x-kubernetes-int-or-string")
        assert ("type" in node) is not (bool(free) or bool(either)), node
        assert not {"properties", "additionalProperties"} <= set(node)


def test_every_field_of_the_language_is_known() -> None:
    assert set(SPEC) == {*Blueprint.model_fields, "deploy"}
    assert set(SPEC["resources"]["items"]["properties"]) == set(Resource.model_fields)
    assert SPEC["resources"]["items"]["properties"]["type"]["enum"] == list(ResourceType)


def test_what_may_be_a_number_or_a_text_is_said_to_be_either() -> None:
    rule = SPEC["resources"]["items"]["properties"]["rules"]["items"]["properties"]
    assert rule["ports"]["items"]["x-kubernetes-int-or-string"] is True
    specs = SPEC["resources"]["items"]["properties"]["specs"]["properties"]
    assert specs["cpu"] == {
        "x-kubernetes-preserve-unknown-fields": True,
        "nullable": True,
        "description": "Cores: 2, 0.5 or 500m.",
    }
    assert specs["gpu"] == {
        "type": "integer", "minimum": 0, "maximum": 64, "nullable": True,
        "description": "Number of GPUs.",
    }  # fmt: skip


def test_bounds_that_leave_their_end_out_are_written_as_kubernetes_does() -> None:
    cost = SPEC["constraints"]["properties"]["max_monthly_cost"]
    assert cost == {
        "type": "number", "minimum": 0, "exclusiveMinimum": True, "nullable": True
    }  # fmt: skip


def test_a_blueprint_needs_no_name_of_its_own() -> None:
    spec = schema_of(BLUEPRINT)["properties"]["spec"]
    assert "required" not in spec
    assert SPEC["resources"]["items"]["required"] == ["name", "type"]


def test_the_status_has_conditions_by_type_and_is_a_subresource() -> None:
    version = BLUEPRINT["spec"]["versions"][0]
    assert version["subresources"] == {"status": {}}
    status = schema_of(BLUEPRINT)["properties"]["status"]["properties"]
    assert status["conditions"]["x-kubernetes-list-map-keys"] == ["type"]
    assert set(status["conditions"]["items"]["properties"]) == {
        "type", "status", "reason", "message", "observedGeneration", "lastTransitionTime",
    }  # fmt: skip
    assert "observedGeneration" in status


def test_people_find_both_by_short_names_and_together() -> None:
    assert [crd["spec"]["names"]["shortNames"] for crd in (BLUEPRINT, REQUEST)] == [["bp"], ["ipr"]]
    assert {tuple(crd["spec"]["names"]["categories"]) for crd in (BLUEPRINT, REQUEST)} == {
        ("alma",)
    }


@pytest.mark.parametrize(("crd", "model"), [(BLUEPRINT, BlueprintStatus), (REQUEST, RequestStatus)])
def test_every_column_shows_a_field_that_there_is(
    crd: dict[str, Any], model: type[BaseModel]
) -> None:
    known = {field.alias for field in model.model_fields.values()}
    for column in crd["spec"]["versions"][0]["additionalPrinterColumns"]:
        path = column["jsonPath"].split(".")
        if path[1] == "status":
            assert path[2].partition("[")[0] in known


def test_how_it_is_deployed_is_written_as_kubernetes_writes() -> None:
    assert set(SPEC["deploy"]["properties"]) == {f.alias for f in Deploy.model_fields.values()}
    assert SPEC["deploy"]["properties"]["deletionPolicy"]["enum"] == ["retain", "destroy"]


class Folder(BaseModel):
    inner: Folder | None = None


def test_what_contains_itself_can_not_be_described() -> None:
    with pytest.raises(ValueError, match="Folder contains itself"):
        structural(Folder)
