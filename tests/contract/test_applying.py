"""One change a call, idempotent by its key, whatever happens in between."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from alma.core.model.blueprint import ResourceType, SecretRef
from alma.core.model.errors import ChangeRejected, EngineUnavailable, NotFound, OutcomeUnknown
from alma.core.model.plan import Action, Change, Effect, SupportLevel
from alma.core.model.state import DesiredResource, Status
from tests.contract.harness import Context, Harness, World, new_key, volume


def _changed(world: World, *effects: Effect) -> list[tuple[DesiredResource, DesiredResource]]:
    """A workload before and after, for every property the harness can change with one of these effects."""
    pairs = []
    for number, path in enumerate(world.harness.variants(world.harness.workload()), start=1):
        before = world.harness.workload(f"web-{number}")
        if world.engine.effect(before, path) in effects:
            pairs.append((before, world.harness.variants(before)[path]))
    assert pairs, f"the harness has no variant for {effects}"
    return pairs


async def test_applying_twice_with_the_same_key_makes_one_object_and_says_adopted(
    world: World,
) -> None:
    desired, key = world.harness.workload(), new_key()
    first = await world.create(desired, key=key)
    second = await world.create(desired, key=key)
    assert (first.adopted, second.adopted) == (False, True)
    assert first.resource is not None
    assert second.resource is not None
    assert first.resource.object_id == second.resource.object_id
    assert await world.objects(desired.address) == 1


async def test_a_create_whose_reply_was_lost_is_found_and_adopted(world: World) -> None:
    desired, key = world.harness.workload(), new_key()
    world.engine = await world.harness.losing_reply()
    with pytest.raises(OutcomeUnknown):
        await world.create(desired, key=key)
    assert await world.objects(desired.address) == 1, "it was carried out"

    world.engine = await world.harness.engine()
    assert desired.address in await world.read(), "its marker was on it from the first moment"
    assert (await world.create(desired, key=key)).adopted
    assert await world.objects(desired.address) == 1
    seen = await world.see(desired.address)
    assert dict(seen.properties) == world.shape(desired)
    assert seen.status in {Status.RUNNING, Status.STARTING}


async def test_a_delete_whose_reply_was_lost_is_repeated_in_peace(world: World) -> None:
    desired, key = world.harness.workload(), new_key()
    await world.create(desired)
    world.engine = await world.harness.losing_reply()
    with pytest.raises(OutcomeUnknown):
        await world.delete(desired.address, desired.type, key=key)
    world.engine = await world.harness.engine()
    assert (await world.delete(desired.address, desired.type, key=key)).resource is None
    assert await world.objects(desired.address) == 0


async def test_a_create_over_an_equal_object_of_another_change_adopts_it(world: World) -> None:
    desired = world.harness.workload()
    first = await world.create(desired)
    second = await world.create(desired, key=new_key())
    assert second.adopted
    assert first.resource is not None
    assert second.resource is not None
    assert first.resource.object_id == second.resource.object_id
    assert await world.objects(desired.address) == 1


async def test_a_create_over_a_different_object_of_another_change_is_refused(world: World) -> None:
    before, after = _changed(world, Effect.REPLACE)[0]
    await world.create(before)
    with pytest.raises(ChangeRejected):
        await world.create(after, key=new_key())
    assert dict((await world.see(before.address)).properties) == world.shape(before)
    assert await world.objects(before.address) == 1


async def test_a_repeat_finishes_what_was_left_half_done(world: World) -> None:
    """A process that died between making and starting leaves a stopped object: the repeat starts it."""
    desired, key = world.harness.workload(), new_key()
    first = await world.create(desired, key=key)
    await world.harness.halt(world.stack, desired.address)
    await world.create(desired, key=key)
    seen = await world.see(desired.address)
    assert seen.status in {Status.RUNNING, Status.STARTING}
    assert first.resource is not None
    assert seen.object_id == first.resource.object_id


async def test_an_update_in_place_keeps_the_object_and_gives_it_its_new_shape(world: World) -> None:
    for before, after in _changed(world, Effect.IN_PLACE, Effect.REBOOT):
        made = (await world.create(before)).resource
        key = new_key()
        await world.apply(Action.UPDATE, after, key=key)
        await world.apply(Action.UPDATE, after, key=key)
        seen = await world.see(after.address)
        assert made is not None
        assert seen.object_id == made.object_id
        assert dict(seen.properties) == world.shape(after) != world.shape(before)
        assert seen.status in {Status.RUNNING, Status.STARTING}


async def test_a_replace_puts_another_object_in_the_place_of_the_old(world: World) -> None:
    for before, after in _changed(world, Effect.REPLACE):
        made = (await world.create(before)).resource
        key = new_key()
        first = await world.apply(Action.REPLACE, after, key=key)
        second = await world.apply(Action.REPLACE, after, key=key)
        seen = await world.see(after.address)
        assert made is not None
        assert first.resource is not None
        assert seen.object_id == first.resource.object_id != made.object_id
        assert second.adopted
        assert dict(seen.properties) == world.shape(after)
        assert await world.objects(after.address) == 1


async def test_a_replace_goes_on_when_the_old_object_is_already_gone(world: World) -> None:
    before, after = _changed(world, Effect.REPLACE)[0]
    await world.create(before)
    await world.harness.remove(world.stack, before.address)
    await world.apply(Action.REPLACE, after)
    assert dict((await world.see(after.address)).properties) == world.shape(after)
    assert await world.objects(after.address) == 1


async def test_an_update_of_what_is_gone_is_refused_and_makes_nothing(world: World) -> None:
    desired = world.harness.workload()
    with pytest.raises(ChangeRejected):
        await world.apply(Action.UPDATE, desired)
    assert await world.objects(desired.address) == 0


async def test_a_delete_removes_and_its_repeat_succeeds(world: World) -> None:
    desired, key = world.harness.workload(), new_key()
    await world.create(desired)
    first = await world.delete(desired.address, desired.type, key=key)
    second = await world.delete(desired.address, desired.type, key=key)
    assert (first.resource, second.resource) == (None, None)
    assert desired.address not in await world.read()
    assert await world.objects(desired.address) == 0


async def test_a_delete_of_what_was_never_there_succeeds(world: World) -> None:
    outcome = await world.delete("nobody-1", world.harness.workload().type)
    assert outcome.resource is None


async def test_everything_made_can_be_taken_away_again(world: World) -> None:
    if world.engine.traits.separate_volumes:
        await world.create(volume())
    await world.create(world.harness.workload())
    while seen := await world.read():
        for address in sorted(seen, key=lambda address: seen[address].type in _BASE):
            await world.delete(address, seen[address].type)
    assert await world.harness.objects(world.stack) == []


_BASE = {ResourceType.NETWORK, ResourceType.VOLUME}  # last: others stand on them


async def test_an_unknown_type_is_refused_and_nothing_is_made(world: World) -> None:
    desired = world.harness.workload().model_copy(update={"type": "teapot"})
    fields: dict[str, Any] = {"address": desired.address, "type": "teapot", "desired": desired}
    change = Change.model_construct(action=Action.CREATE, reason="tea", **fields)
    with pytest.raises(ChangeRejected) as raised:
        await world.engine.apply(change, new_key(), world.context)
    assert "teapot" in raised.value.message
    assert raised.value.hint
    assert await world.objects(desired.address) == 0


@pytest.mark.parametrize("type_", list(ResourceType))
async def test_every_type_is_made_in_its_shape_or_refused_clearly(
    world: World, type_: ResourceType
) -> None:
    desired = world.harness.sample(type_)
    for name in {mount.volume for mount in desired.mounts}:
        await world.create(volume(name))
    says_no = any(
        item.path == "type" and item.level is SupportLevel.UNSUPPORTED
        for item in world.engine.support(desired)
    )
    if type_ not in world.engine.traits.resource_types or says_no:
        with pytest.raises(ChangeRejected):
            await world.create(desired)
        assert await world.objects(desired.address) == 0
        return
    await world.create(desired)
    seen = await world.see(desired.address)
    assert seen.type is type_
    assert dict(seen.properties) == world.shape(desired)
    await world.delete(desired.address, type_)
    assert await world.objects(desired.address) == 0


async def test_a_change_on_an_engine_that_is_down_is_unavailable(harness: Harness) -> None:
    world = World(harness, await harness.down())
    with pytest.raises(EngineUnavailable):
        await world.create(harness.workload())


async def test_a_missing_secret_stops_the_change_before_anything_is_made(world: World) -> None:
    class Without(Context):
        def secret(self, name: str) -> str:
            raise NotFound(f"There is no secret '{name}'")

    world.context = Without(world.stack)
    desired = world.harness.workload()
    env = {**desired.env, "PASSWORD": SecretRef(secret="web-1.password")}
    wanting = desired.model_copy(update={"env": env})
    with pytest.raises(NotFound):
        await world.create(wanting)
    assert await world.objects(desired.address) == 0


async def test_ten_creates_at_once_make_ten_objects(world: World) -> None:
    wanted = [world.harness.workload(f"web-{number}") for number in range(1, 11)]
    outcomes = await asyncio.gather(*(world.create(desired) for desired in wanted))
    seen = await world.read()
    assert {desired.address for desired in wanted} <= set(seen)
    assert len({outcome.resource and outcome.resource.object_id for outcome in outcomes}) == 10
    for desired in wanted:
        assert dict(seen[desired.address].properties) == world.shape(desired)


async def test_the_same_change_twice_at_once_makes_one_object(world: World) -> None:
    """What happens when a worker is thought dead and is not."""
    desired, key = world.harness.workload(), new_key()
    await asyncio.gather(
        world.create(desired, key=key), world.create(desired, key=key), return_exceptions=True
    )
    await world.create(desired, key=key)
    assert await world.objects(desired.address) == 1
    assert dict((await world.see(desired.address)).properties) == world.shape(desired)


async def test_a_cancelled_create_is_never_swallowed_and_its_repeat_makes_one_object(
    world: World,
) -> None:
    for number, moment in enumerate(world.harness.cancel_moments(), start=1):
        desired, key = world.harness.workload(f"web-{number}"), new_key()
        task = asyncio.create_task(world.create(desired, key=key))
        await asyncio.wait({task}, timeout=moment)
        if not task.done():
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        unseen: set[str] = set()
        for _ in range(100):
            # What was under way when it was cancelled may still arrive, or be taken back by the place itself between
            # the two looks: only what stays and is not seen was left behind.
            unseen = set(await world.harness.objects(world.stack)) - set(await world.read())
            if not unseen:
                break
            await asyncio.sleep(0.1)
        assert not unseen, "a leftover is seen by its marker"
        await world.create(desired, key=key)
        assert await world.objects(desired.address) == 1
        assert dict((await world.see(desired.address)).properties) == world.shape(desired)
