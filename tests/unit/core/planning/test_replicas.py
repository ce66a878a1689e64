"""On an engine that replicates, equal instances without data are one object that is told how many there are to be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.plan import Action, Effect, Target
from alma.core.model.state import (
    Backend,
    DesiredResource,
    Observation,
    ObservedResource,
    Properties,
    StackRef,
    StateRecord,
    recorded_names,
)
from alma.core.planning.planner import make_plan
from alma.core.planning.resolve import resolve
from alma.engines import base
from tests.unit.core.planning.worlds import (
    CATALOGUE,
    STACK,
    TRAITS,
    PaperEngine,
    blueprint,
)

REPLICATES = TRAITS.model_copy(update={"replicates": True})
WEB = {"name": "web", "type": "service", "engine": "nginx"}
DB = {"name": "db", "type": "database"}


class Replicating(PaperEngine):
    """Reports every property in its normal form, and how many of one there are."""

    def shape(self, desired: DesiredResource, stack: StackRef) -> Properties:
        return base.base_shape(desired)

    def effect(self, desired: DesiredResource, path: str) -> Effect:
        return base.effect_of(path)


def by_address(*resources):
    resolution = resolve(blueprint(*resources), CATALOGUE, REPLICATES)
    assert not resolution.diagnostics
    return {item.address: item for item in resolution.resources}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_equal_instances_are_one_address_however_many_there_are(count):
    made = by_address(WEB | {"count": count})
    assert set(made) == {"network", "web"}
    assert made["web"].replicas == count


def test_where_instances_are_objects_of_their_own_each_has_an_address_and_is_one():
    made = resolve(blueprint(WEB | {"count": 3}), CATALOGUE, TRAITS).resources
    assert [item.address for item in made] == ["network", "web", "web-2", "web-3"]
    assert {item.replicas for item in made} == {1}


@pytest.mark.parametrize(
    ("more", "extra"),
    [
        ({"type": "database", "engine": "postgresql"}, []),
        ({"type": "vm"}, []),
        ({"engine": "postgresql"}, []),
        ({"mounts": [{"volume": "files", "path": "/f"}]}, [{"name": "files", "type": "volume"}]),
        (
            {"mounts": [{"volume": "files", "path": "/f", "read_only": True}]},
            [{"name": "files", "type": "volume", "count": 3}],
        ),
    ],
    ids=["a database", "machines", "data of software", "a volume it writes", "a volume for each"],
)
def test_what_has_data_or_a_machine_of_its_own_is_never_one_of_several(more, extra):
    made = by_address(WEB | {"count": 3} | more, *extra)
    assert {"web", "web-2", "web-3"} <= set(made)
    assert made["web"].replicas == 1


def test_what_only_reads_a_volume_may_be_several():
    mount = {"volume": "files", "path": "/f", "read_only": True}
    made = by_address(WEB | {"count": 3, "mounts": [mount]}, {"name": "files", "type": "volume"})
    assert made["web"].replicas == 3
    assert "web-2" not in made


def test_a_load_balancer_has_one_backend_for_all_of_them_and_waits_for_it_alone():
    balancer = {"name": "lb", "type": "load_balancer", "backends": ["web"]}
    made = by_address(WEB | {"count": 3}, balancer)["lb"]
    assert made.backends == (Backend(address="web", port=80),)
    assert made.depends_on == ("network", "web")


def test_who_depends_on_them_waits_for_one_address():
    app = {"name": "app", "type": "container", "image": "app", "depends_on": ["web"]}
    assert by_address(WEB | {"count": 3}, app)["app"].depends_on == ("network", "web")


def test_the_secret_of_one_of_them_is_that_of_all():
    app = {"name": "app", "type": "container", "image": "app"}
    asks = {"env": {"TOKEN": {"secret": "web-2.token"}}}
    made = by_address(WEB | {"count": 3}, app | asks)["app"]
    assert made.secret_names == ("web.token",)
    assert "web" in made.depends_on


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 1), (3, 5)])
def test_scaling_updates_the_one_object_and_never_renames_or_replaces(before, after):
    wanted = by_address(WEB | {"count": after}).values()
    made = make_plan(
        target=Target(blueprint_id=1, revision=1, engine="paper"),
        blueprint_name="shop",
        revision_digest="sha256:1",
        desired=tuple(wanted),
        observation=Observation(
            stack=STACK,
            place="here",
            resources=tuple(
                ObservedResource(
                    address=item.address,
                    type=item.type,
                    object_id=item.address,
                    name=item.address,
                    key="k",
                    properties=base.base_shape(item),
                    depends_on=item.depends_on,
                )
                for item in by_address(WEB | {"count": before}).values()
            ),
        ),
        records=(),
        engine=Replicating(),
    )
    changes = {change.address: change for change in made.effective}
    assert {address: change.action for address, change in changes.items()} == {"web": Action.UPDATE}
    assert [field.path for field in changes["web"].fields] == ["count"]
    assert not changes["web"].destructive


def record(address: str, **properties) -> StateRecord:
    return StateRecord(
        address=address,
        type=ResourceType.SERVICE,
        object_id="1",
        properties=properties,
        deployment_id="d",
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_what_is_recorded_tells_under_which_addresses_instances_are():
    web = Resource.model_validate(WEB | {"count": 3})
    assert recorded_names(web, [record("web", count=3)]) == ("web",)
    assert recorded_names(web, [record("web")]) == ("web", "web-2", "web-3")
    assert recorded_names(web, []) == ("web", "web-2", "web-3")
