"""What an engine says of the world is true, whole, and its own stack's only; what it can't know it does not make up."""

from __future__ import annotations

import pytest

from alma.core.model.blueprint import ResourceType
from alma.core.model.errors import EngineAuthFailed, EngineUnavailable
from alma.core.model.plan import Action
from alma.core.model.state import Status
from tests.contract.harness import NETWORK, Harness, World, network, volume


async def test_check_says_that_a_working_engine_is_available(harness: Harness) -> None:
    engine = await harness.engine()
    health = await engine.check()
    assert (health.engine, health.available, health.problems) == (engine.name, True, ())
    assert health.detail


async def test_check_of_an_engine_that_is_down_says_so_and_does_not_raise(harness: Harness) -> None:
    health = await (await harness.down()).check()
    assert not health.available
    assert health.detail
    assert health.problems, "what is missing and what to do about it"


async def test_reading_a_stack_nobody_deployed_finds_nothing(harness: Harness) -> None:
    stack = harness.stack()
    observation = await (await harness.engine()).read(stack)
    assert observation.stack == stack
    assert observation.resources == ()


async def test_a_read_that_cannot_know_raises_and_is_never_empty(harness: Harness) -> None:
    engine = await harness.down()
    with pytest.raises((EngineUnavailable, EngineAuthFailed)) as raised:
        await engine.read(harness.stack())
    assert raised.value.hint


async def test_what_was_created_is_read_back_in_exactly_its_shape(world: World) -> None:
    desired = world.harness.workload()
    outcome = await world.create(desired)
    seen = await world.see(desired.address)
    assert dict(seen.properties) == world.shape(desired)
    assert (seen.type, seen.object_id) == (
        desired.type,
        outcome.resource and outcome.resource.object_id,
    )
    assert seen.status in {Status.RUNNING, Status.STARTING}
    assert seen.name


async def test_what_an_apply_answers_is_what_a_read_sees(world: World) -> None:
    desired = world.harness.workload()
    answered = (await world.create(desired)).resource
    seen = await world.see(desired.address)
    assert answered is not None
    assert (answered.address, answered.name, answered.properties, answered.depends_on) == (
        seen.address,
        seen.name,
        seen.properties,
        seen.depends_on,
    )


@pytest.mark.parametrize("kind", ["workload", "volume"])
async def test_what_is_there_says_which_change_made_it(world: World, kind: str) -> None:
    """So that an undo can tell the old object from one that was made in its place."""
    if kind == "volume" and not world.engine.traits.separate_volumes:
        pytest.skip(
            "a volume is a disk of its guest here, which this test asks about as a workload"
        )
    desired = world.harness.workload() if kind == "workload" else volume()
    answered = await world.create(desired, key="run-1:it")
    await world.apply(Action.REPLACE, desired, key="run-2:it")
    assert answered.resource
    assert answered.resource.key == "run-1:it"
    assert (await world.see(desired.address)).key == "run-2:it"


async def test_another_process_sees_the_same(world: World) -> None:
    desired = world.harness.workload()
    await world.create(desired)
    before = await world.see(desired.address)
    world.engine = await world.harness.engine()
    after = await world.see(desired.address)
    assert (after.object_id, after.properties) == (before.object_id, before.properties)


async def test_every_process_names_the_place_alike(harness: Harness) -> None:
    places = {(await (await harness.engine()).read(harness.stack())).place for _ in range(2)}
    assert len(places) == 1
    assert places != {""}, "without a name of the place, an approval for one host holds for another"


async def test_dependencies_come_back_in_their_order(world: World) -> None:
    first = world.harness.workload("zebra-1")
    second = world.harness.workload("ant-1")
    third = world.harness.workload("web-1").model_copy(update={"depends_on": ("zebra-1", "ant-1")})
    for desired in (first, second, third):
        await world.create(desired)
    assert (await world.see("web-1")).depends_on == ("zebra-1", "ant-1")
    assert (await world.see("ant-1")).depends_on == ()


async def test_what_is_to_be_retained_comes_back_as_such(world: World) -> None:
    """A volume; or, where a disk belongs to its guest, the guest that holds data."""
    if world.engine.traits.separate_volumes:
        await world.create(volume())
    else:
        await world.create(world.harness.workload("data").model_copy(update={"retain": True}))
    await world.create(world.harness.workload())
    seen = await world.read()
    assert seen["data"].retain
    assert not seen["web-1"].retain


async def test_two_stacks_never_see_or_touch_each_others_objects(world: World) -> None:
    other = World(world.harness, world.engine)
    await other.prepare()
    desired = world.harness.workload()
    mine = await world.create(desired)
    assert desired.address not in await other.read()
    theirs = await other.create(desired)
    assert mine.resource is not None
    assert theirs.resource is not None
    assert mine.resource.object_id != theirs.resource.object_id

    await other.delete(desired.address, desired.type)
    assert desired.address not in await other.read()
    assert (await world.see(desired.address)).object_id == mine.resource.object_id
    assert (await world.objects(desired.address), await other.objects(desired.address)) == (1, 0)


async def test_a_property_changed_outside_shows_as_a_difference_to_the_shape(world: World) -> None:
    desired = world.harness.workload()
    await world.create(desired)
    path = await world.harness.tamper(world.stack, desired.address)
    seen, wanted = dict((await world.see(desired.address)).properties), world.shape(desired)
    assert seen.pop(path, None) != wanted.pop(path, None)
    assert seen == wanted, "nothing else differs"


async def test_a_workload_stopped_outside_is_reported_as_stopped(world: World) -> None:
    desired = world.harness.workload()
    await world.create(desired)
    await world.harness.halt(world.stack, desired.address)
    seen = await world.see(desired.address)
    assert seen.status in {Status.STOPPED, Status.FAILED}
    assert dict(seen.properties) == world.shape(desired), "it is stopped, not changed"


async def test_an_object_removed_outside_is_read_as_gone(world: World) -> None:
    desired = world.harness.workload()
    await world.create(desired)
    await world.harness.remove(world.stack, desired.address)
    assert desired.address not in await world.read()


async def test_a_stack_network_is_an_object_of_its_own_where_the_engine_says_so(
    world: World,
) -> None:
    seen = await world.read()
    if not world.engine.traits.separate_networks:
        assert NETWORK not in seen
        return
    assert (seen[NETWORK].type, seen[NETWORK].status) == (ResourceType.NETWORK, Status.PRESENT)
    assert dict(seen[NETWORK].properties) == world.shape(network())
