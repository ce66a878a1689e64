"""The desired side of every comparison: pure, deterministic, and silent about nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alma.core.model.base import canonical_json
from alma.core.model.blueprint import ClusterPolicies, Resource, ResourceType, SecretRef
from alma.core.model.plan import Effect, SupportLevel
from alma.core.model.state import DesiredResource, RenderedFile, ResolvedMount
from alma.core.model.units import Port, Size
from alma.engines.base import base_shape
from tests.contract.harness import World, new_stack

HARD = {"network": "default-deny", "pod_security": "restricted"}


def rich(desired: DesiredResource) -> DesiredResource:
    """A workload with something of everything."""
    resource = desired.resource.model_copy(update={"labels": {"team": "shop", "empty": ""}})
    files = (
        RenderedFile(path="/etc/motd", content="hello\n"),
        RenderedFile(path="/etc/alma-token", secret="web-1.token", mode=0o600),
    )
    return desired.model_copy(
        update={
            "resource": resource,
            "env": {**desired.env, "MODE": "a", "TOKEN": SecretRef(secret="web-1.token")},
            "files": (*desired.files, *files),
            "mounts": (ResolvedMount(volume="data", path="/srv/data", read_only=True),),
            "memory": Size("128MiB"),
            "cpu": 0.5,
            "secrets": {"token": 32},
        }
    )


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_order_and_spelling_of_a_wish_do_not_change_its_shape(
    world: World, data: st.DataObject
) -> None:
    desired = rich(world.harness.workload())
    ports = (*desired.ports, Port("8080:81"), Port("53/udp"))
    env = {**desired.env, "A": "1", "B": "2"}
    written = {"ports": ports, "env": env, "memory": Size("1000MB")}
    shuffled: dict[str, Any] = {
        "ports": tuple(data.draw(st.permutations(ports))),
        "env": {name: env[name] for name in data.draw(st.permutations(sorted(env)))},
        "networks": tuple(data.draw(st.permutations(desired.networks))),
        "memory": Size(data.draw(st.sampled_from(["1GB", "1000MB", "1000000 kB"]))),
    }
    one = desired.model_copy(update=written)
    other = desired.model_copy(update=shuffled)
    assert canonical_json(world.shape(one)) == canonical_json(world.shape(other))


async def test_a_shape_is_plain_json_and_the_same_every_time(world: World) -> None:
    desired = rich(world.harness.workload())
    first = world.shape(desired)
    assert json.loads(canonical_json(first)) == first
    assert world.shape(desired) == first
    fresh = await world.harness.engine()
    assert dict(fresh.shape(desired, world.stack)) == first


async def test_a_shape_does_not_depend_on_which_stack_it_is_in(world: World) -> None:
    desired = rich(world.harness.workload())
    other = new_stack(world.engine.name)
    assert dict(world.engine.shape(desired, other)) == world.shape(desired)


async def test_asking_for_a_shape_makes_nothing(world: World) -> None:
    desired = rich(world.harness.workload())
    world.shape(desired)
    world.engine.support(desired)
    assert await world.objects(desired.address) == 0


async def test_what_a_shape_leaves_out_or_alters_is_said_by_support(world: World) -> None:
    """Silent loss is an error."""
    for desired in (rich(world.harness.workload()), *_samples(world)):
        said = tuple(item.path for item in world.engine.support(desired))
        shape = world.shape(desired)
        for path, value in base_shape(desired).items():
            if shape.get(path) != value:
                assert any(path == item or path.startswith(f"{item}.") for item in said), path


def _samples(world: World) -> list[DesiredResource]:
    types = sorted(world.engine.traits.resource_types)
    return [world.harness.sample(type_) for type_ in types]


@pytest.mark.parametrize("policies", [{}, {"network": "open", "pod_security": "privileged"}, HARD])
async def test_what_becomes_of_a_clusters_policies_is_told_and_they_change_in_place(
    world: World, policies: dict[str, str]
) -> None:
    cluster = world.harness.sample(ResourceType.KUBERNETES_CLUSTER)
    resource = cluster.resource.model_copy(
        update={"policies": ClusterPolicies.model_validate(policies)}
    )
    desired = cluster.model_copy(update={"resource": resource})
    levels = {item.path: item.level for item in world.engine.support(desired)}
    if levels.get("type") is SupportLevel.UNSUPPORTED:
        assert ResourceType.KUBERNETES_CLUSTER not in world.engine.traits.resource_types
        return
    shape = world.shape(desired)
    told = {f"policies.{name}" for name in policies}
    assert {path for path in shape if path.startswith("policies")} == {
        path for path in told if levels.get(path) is not SupportLevel.UNSUPPORTED
    }
    assert {path for path in levels if path.startswith("policies")} <= told
    assert {world.engine.effect(desired, path) for path in told} <= {Effect.IN_PLACE}


async def test_what_is_unsupported_is_not_in_the_shape_and_has_a_reason(world: World) -> None:
    for desired in (rich(world.harness.workload()), *_samples(world)):
        for item in world.engine.support(desired):
            assert item.reason
            if item.level is SupportLevel.UNSUPPORTED:
                assert item.path not in world.shape(desired)


async def test_every_property_of_a_shape_has_an_effect(world: World) -> None:
    desired = rich(world.harness.workload())
    for path in (*world.shape(desired), "something.nobody.thought.of"):
        assert world.engine.effect(desired, path) in set(Effect)
    assert world.engine.effect(desired, "something.nobody.thought.of") is Effect.REPLACE


async def test_a_workload_with_something_of_everything_is_read_back_in_its_shape(
    world: World,
) -> None:
    if world.engine.traits.separate_volumes:
        resource = Resource(name="data", type=ResourceType.VOLUME)
        await world.create(
            DesiredResource(address="data", type=ResourceType.VOLUME, resource=resource)
        )
    desired = rich(world.harness.workload())
    await world.create(desired)
    assert dict((await world.see(desired.address)).properties) == world.shape(desired)


@pytest.mark.parametrize("path", ["env.MODE", "files./etc/motd", "labels.team"])
async def test_a_wish_that_changes_changes_the_shape(world: World, path: str) -> None:
    desired = rich(world.harness.workload())
    wishes: dict[str, dict[str, Any]] = {
        "env.MODE": {"env": {**desired.env, "MODE": "b"}},
        "files./etc/motd": {"files": (RenderedFile(path="/etc/motd", content="bye\n"),)},
        "labels.team": {
            "resource": desired.resource.model_copy(update={"labels": {"team": "bakery"}})
        },
    }
    before = world.shape(desired)
    after = world.shape(desired.model_copy(update=wishes[path]))
    assert path in before
    assert before[path] != after[path]
