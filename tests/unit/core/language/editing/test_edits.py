from __future__ import annotations

import pytest

from alma.core.language.editing.edits import apply_edits
from alma.core.model.blueprint import Blueprint, Constraints, Origin, Resource
from alma.core.model.conversation import (
    AddResource,
    RemoveResource,
    RenameResource,
    SetBlueprint,
    SetField,
    UseTemplate,
)
from alma.core.model.errors import BlueprintInvalid, InvalidInput

SHOP = Blueprint.model_validate(
    {
        "name": "shop",
        "resources": [
            {
                "name": "web",
                "type": "service",
                "depends_on": ["db"],
                "env": {"PASSWORD": {"secret": "db.password"}, "A": "b"},
            },
            {
                "name": "db",
                "type": "database",
                "specs": {"storage": "10GB"},
                "mounts": [{"volume": "data", "path": "/d"}],
            },
            {"name": "data", "type": "volume"},
            {"name": "lan", "type": "network"},
            {
                "name": "lb",
                "type": "load_balancer",
                "backends": ["web"],
                "network": {"attach": ["lan"]},
            },
            {
                "name": "fw",
                "type": "firewall",
                "rules": [{"source": "web", "target": "db", "ports": [5432]}],
            },
        ],
    }
)


def resource(blueprint: Blueprint, name: str) -> Resource:
    found = blueprint.resource(name)
    assert found is not None
    return found


def test_nothing_is_changed_in_place() -> None:
    before = SHOP.model_dump_json()
    apply_edits(SHOP, [RemoveResource(name="db"), SetBlueprint(name="other")])
    assert SHOP.model_dump_json() == before


def test_a_conversation_without_a_blueprint_gets_one_with_a_default_name() -> None:
    blueprint, origins = apply_edits(
        None, [SetBlueprint(constraints=Constraints(max_monthly_cost=800))]
    )
    assert blueprint.constraints == Constraints(max_monthly_cost=800)
    assert origins["name"] is Origin.DEFAULT
    assert origins["constraints.max_monthly_cost"] is Origin.WORDS


def test_removing_a_resource_removes_every_reference_to_it() -> None:
    blueprint, _ = apply_edits(
        SHOP, [RemoveResource(name="db"), RemoveResource(name="lan"), RemoveResource(name="data")]
    )
    assert resource(blueprint, "web").depends_on == ()
    assert dict(resource(blueprint, "web").env) == {"A": "b"}
    assert resource(blueprint, "lb").network.attach == ()
    assert resource(blueprint, "fw").rules == ()
    without_data, _ = apply_edits(SHOP, [RemoveResource(name="data")])
    assert resource(without_data, "db").mounts == ()


def test_renaming_a_resource_renames_every_reference_to_it() -> None:
    edits = [
        RenameResource(name="db", to="orders"),
        RenameResource(name="web", to="front"),
        RenameResource(name="data", to="disk"),
    ]
    blueprint, _ = apply_edits(SHOP, [*edits, RenameResource(name="lan", to="office")])
    assert resource(blueprint, "front").depends_on == ("orders",)
    assert resource(blueprint, "front").env["PASSWORD"].secret == "orders.password"  # type: ignore[union-attr]
    assert resource(blueprint, "lb").backends == ("front",)
    assert resource(blueprint, "lb").network.attach == ("office",)
    assert resource(blueprint, "orders").mounts[0].volume == "disk"
    assert (
        resource(blueprint, "fw").rules[0].source,
        resource(blueprint, "fw").rules[0].target,
    ) == ("front", "orders")
    assert [r.name for r in blueprint.resources][:2] == ["front", "orders"]


def test_origins_follow_a_rename_and_go_with_a_removal() -> None:
    origins = {"resources.db.engine": Origin.DEFAULT, "resources.web.image": Origin.WORDS}
    _, renamed = apply_edits(SHOP, [RenameResource(name="db", to="orders")], origins=origins)
    assert renamed["resources.orders.engine"] is Origin.DEFAULT
    assert renamed["resources.orders.name"] is Origin.WORDS
    _, removed = apply_edits(SHOP, [RemoveResource(name="db")], origins=origins)
    assert removed == {"resources.web.image": Origin.WORDS}


def test_every_value_of_an_added_resource_has_an_origin() -> None:
    new = Resource.model_validate({"name": "c", "type": "cache", "specs": {"memory": "1GB"}})
    blueprint, origins = apply_edits(
        SHOP, [AddResource(resource=new, origins={"specs.memory": Origin.WORDS})]
    )
    assert resource(blueprint, "c") == new
    assert origins == {
        "resources.c.name": Origin.INFERRED,
        "resources.c.type": Origin.INFERRED,
        "resources.c.specs.memory": Origin.WORDS,
    }


def test_a_field_is_set_with_its_origin_and_removed_with_none() -> None:
    blueprint, origins = apply_edits(
        SHOP, [SetField(name="web", path="specs.memory", value="8GB", origin=Origin.MODEL)]
    )
    assert str(resource(blueprint, "web").specs.memory) == "8GB"
    assert origins["resources.web.specs.memory"] is Origin.MODEL
    blueprint, origins = apply_edits(
        blueprint, [SetField(name="web", path="specs.memory")], origins=origins
    )
    assert resource(blueprint, "web").specs.memory is None
    assert origins == {}


def test_disk_and_storage_are_one_property() -> None:
    blueprint, _ = apply_edits(SHOP, [SetField(name="db", path="specs.disk", value="20GB")])
    assert str(resource(blueprint, "db").specs.disk_size) == "20GB"
    assert resource(blueprint, "db").specs.disk is None


def test_a_value_that_is_not_valid_is_refused_with_its_place() -> None:
    with pytest.raises(BlueprintInvalid) as caught:
        apply_edits(SHOP, [SetField(name="db", path="specs.memory", value="lots")])
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.path == "resources.1.specs.memory"
    assert diagnostic.hint


@pytest.mark.parametrize(
    "edit",
    [
        RemoveResource(name="nothing"),
        RenameResource(name="nothing", to="x"),
        RenameResource(name="web", to="DB"),
        SetField(name="nothing", path="version", value="1"),
        AddResource(resource=Resource.model_validate({"name": "Web", "type": "vm"})),
        UseTemplate(template="nothing"),
    ],
)
def test_edits_of_what_is_not_there_or_taken_are_refused_with_a_hint_or_reason(
    edit: RemoveResource,
) -> None:
    with pytest.raises(InvalidInput) as caught:
        apply_edits(SHOP, [edit])
    assert caught.value.message


def test_a_template_is_marked_as_such_and_its_parameters_reach_it() -> None:
    seen: list[object] = []

    def templates(template: str, parameters: object) -> Blueprint:
        seen.extend([template, parameters])
        return Blueprint.model_validate(
            {"name": "t", "resources": [{"name": "web", "type": "vm"}], "metadata": {"a": 1}}
        )

    edit = UseTemplate(template="t", parameters={"instance_count": 3})
    blueprint, origins = apply_edits(
        None, [SetBlueprint(name="mine", origin=Origin.INFERRED), edit], templates=templates
    )
    assert seen == ["t", {"instance_count": 3}]
    assert blueprint.name == "mine"
    assert origins["resources.web.type"] is Origin.TEMPLATE
    assert origins["metadata.a"] is Origin.TEMPLATE
    assert origins["name"] is Origin.INFERRED


def test_a_template_beside_what_is_there_takes_nothing_away() -> None:
    template = Blueprint.model_validate(
        {
            "name": "t",
            "resources": [
                {"name": "web", "type": "vm"},
                {"name": "x", "type": "load_balancer", "backends": ["web"]},
            ],
        }
    )
    blueprint, _ = apply_edits(
        SHOP, [UseTemplate(template="t")], templates=lambda _id, _parameters: template
    )
    assert blueprint.resources[: len(SHOP.resources)] == SHOP.resources
    assert resource(blueprint, "web-2").type == "vm"
    assert resource(blueprint, "x").backends == ("web-2",)
    assert blueprint.name == "shop"


def test_limits_are_added_to_those_there_are() -> None:
    blueprint, _ = apply_edits(SHOP, [SetBlueprint(constraints=Constraints(region="eu-west-1"))])
    blueprint, _ = apply_edits(
        blueprint, [SetBlueprint(constraints=Constraints(max_monthly_cost=5))]
    )
    assert blueprint.constraints == Constraints(max_monthly_cost=5, region="eu-west-1")


def test_what_is_cleared_is_gone_with_its_origin_and_the_rest_stays() -> None:
    limits = Constraints(max_monthly_cost=300, region="eu-west-1")
    limited, origins = apply_edits(SHOP, [SetBlueprint(constraints=limits, engine="docker")])
    after, left = apply_edits(
        limited,
        [SetBlueprint(cleared=("constraints.max_monthly_cost", "engine"))],
        origins=origins,
    )
    assert after.constraints == Constraints(region="eu-west-1")
    assert after.engine is None
    assert set(left) == {"constraints.region"}


def test_clearing_the_last_limit_or_one_that_is_not_there_leaves_none() -> None:
    limited, _ = apply_edits(SHOP, [SetBlueprint(constraints=Constraints(max_monthly_cost=300))])
    clear = SetBlueprint(cleared=("constraints.max_monthly_cost", "metadata.owner"))
    assert apply_edits(limited, [clear])[0].constraints is None
    assert apply_edits(SHOP, [clear])[0] == SHOP


def test_where_values_come_from_is_kept_apart_for_names_that_begin_alike() -> None:
    draft = Blueprint.model_validate(
        {
            "name": "shop",
            "resources": [{"name": name, "type": "vm"} for name in ("a", "a.b", "a-b")],
        }
    )
    edits = [SetField(name=name, path="specs.cpu", value=2) for name in ("a", "a.b", "a-b")]

    _, origins = apply_edits(draft, [*edits, SetField(name="a", path="specs")])

    assert sorted(origins) == ["resources.a-b.specs.cpu", "resources.a.b.specs.cpu"]
