"""What is there already becomes part of a stack as it is: only the marker is new, and nobody else's is touched."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from alma.core.model.blueprint import Blueprint
from alma.core.model.engine import Candidate, Outcome
from alma.core.model.errors import ChangeRejected, EngineAuthFailed, EngineUnavailable
from alma.core.model.plan import Action, Change, Plan, Target
from alma.core.model.state import StackRef, Status
from alma.core.planning.described import Described, described
from alma.core.planning.planner import make_plan
from alma.core.planning.resolve import resolve
from alma.core.ports import Imports
from tests.contract.conftest import importers
from tests.contract.harness import Context, Harness, Outsiders, World, new_key
from tests.unit.core.planning.worlds import CATALOGUE

pytestmark = pytest.mark.parametrize("harness", importers(), indirect=True)


@pytest.fixture
async def world(harness: Harness) -> World:
    """A new stack with nothing in it: whatever were there besides, an import would not describe."""
    return World(harness, await harness.engine())


def _importer(world: World) -> Imports:
    assert isinstance(world.engine, Imports)
    return world.engine


def _outsiders(world: World) -> Outsiders:
    assert isinstance(world.harness, Outsiders), "a harness of an engine that imports plants"
    return world.harness


async def _planted(world: World) -> str:
    """A guest that nobody else has, in the world of an engine that imports."""
    return await _outsiders(world).plant(f"old-{uuid.uuid4().hex[:8]}")


async def _inspected(world: World, object_id: str) -> Candidate:
    (found,) = await _importer(world).inspect([object_id])
    return found


async def _described(world: World, object_id: str) -> Described:
    candidate = await _inspected(world, object_id)
    return described(Blueprint(name="legacy"), [candidate], {object_id: "web-1"})


async def _plan(world: World, found: Described, *, stack: StackRef | None = None) -> Plan:
    """Towards the description, as the next plan would be made."""
    stack = stack or world.stack
    observation = await world.engine.read(stack)
    mine = {item.object_id for item in observation.resources}
    candidates = await _importer(world).inspect(sorted(set(found.addresses.values()) - mine))
    return make_plan(
        target=Target(blueprint_id=1, revision=1, engine=stack.engine, adopt=found.addresses),
        blueprint_name=found.blueprint.name,
        revision_digest="sha256:1",
        desired=resolve(found.blueprint, CATALOGUE, world.engine.traits).resources,
        observation=observation,
        records=(),
        engine=world.engine,
        candidates={item.object_id: item for item in candidates},
    )


def _errors(plan: Plan) -> list[str]:
    return [str(item) for item in plan.diagnostics if item.severity == "error"]


async def _run(
    world: World, plan: Plan, *, prefix: str = "run", stack: StackRef | None = None
) -> dict[str, Outcome]:
    context = Context(stack or world.stack)
    return {
        change.address: await world.engine.apply(
            change, f"{prefix}:{change.address}", context.under(change.address)
        )
        for change in plan.effective
    }


def _release(change: Change) -> Change:
    return Change(
        address=change.address,
        type=change.type,
        action=Action.RELEASE,
        reason="a test asks for it",
        object_id=change.object_id,
    )


async def test_what_belongs_to_nobody_is_offered_and_what_belongs_to_a_stack_is_not(
    world: World,
) -> None:
    object_id = await _planted(world)
    await world.prepare()
    made = await world.create(world.harness.workload())
    offered = {item.object_id: item for item in await _importer(world).discover()}
    assert offered[object_id].status is Status.RUNNING
    assert offered[object_id].obstacle is None
    assert made.resource
    assert made.resource.object_id not in offered
    assert await _importer(world).inspect([made.resource.object_id]) == []


async def test_a_look_that_cannot_know_raises_and_is_never_empty(harness: Harness) -> None:
    engine = await harness.down()
    assert isinstance(engine, Imports)
    with pytest.raises((EngineUnavailable, EngineAuthFailed)):
        await engine.discover()
    with pytest.raises((EngineUnavailable, EngineAuthFailed)):
        await engine.inspect(["anything"])


async def test_the_plan_of_an_import_adopts_and_does_nothing_else(world: World) -> None:
    plan = await _plan(world, await _described(world, await _planted(world)))
    assert _errors(plan) == []
    assert {change.action for change in plan.effective} == {Action.ADOPT}
    assert plan.destructive == ()


async def test_adopting_changes_nothing_but_the_marker_and_the_next_plan_is_empty(
    world: World,
) -> None:
    object_id = await _planted(world)
    before = await _outsiders(world).facts(object_id)
    found = await _described(world, object_id)
    outcomes = await _run(world, await _plan(world, found))
    assert await _outsiders(world).facts(object_id) == before
    again = await _plan(world, found)
    assert (again.effective, _errors(again)) == ((), [])
    seen = await world.see("web-1")
    assert seen.object_id == object_id
    assert outcomes["web-1"].resource is not None
    assert outcomes["web-1"].resource.properties == seen.properties


async def test_what_was_adopted_is_retained_also_after_a_change(world: World) -> None:
    found = await _described(world, await _planted(world))
    await _run(world, await _plan(world, found))
    assert (await world.see("web-1")).retain
    wanted = resolve(found.blueprint, CATALOGUE, world.engine.traits).resources
    web = next(item for item in wanted if item.address == "web-1")
    more = web.model_copy(update={"cpu": (web.cpu or 1) + 1})
    await world.apply(Action.UPDATE, more)
    seen = await world.see("web-1")
    assert seen.properties == world.shape(more)
    assert seen.retain


async def test_a_repeat_of_an_adoption_finds_that_it_is_done(world: World) -> None:
    found = await _described(world, await _planted(world))
    plan = await _plan(world, found)
    await _run(world, plan)
    second = await _run(world, plan)
    assert all(outcome.adopted for outcome in second.values())
    assert sorted(await world.harness.objects(world.stack)) == sorted(found.addresses)


async def test_an_adoption_whose_reply_was_lost_is_found_by_its_repeat(world: World) -> None:
    found = await _described(world, await _planted(world))
    plan = await _plan(world, found)
    world.engine = await _outsiders(world).losing_mark()
    for change in plan.effective:
        await asyncio.gather(
            world.engine.apply(change, "run:x", Context(world.stack)), return_exceptions=True
        )
    world.engine = await world.harness.engine()
    await _run(world, plan)
    assert (await _plan(world, found)).effective == ()


async def test_what_another_stack_adopted_meanwhile_is_refused_and_left_alone(world: World) -> None:
    object_id = await _planted(world)
    found = await _described(world, object_id)
    mine, theirs = await _plan(world, found), world.harness.stack()
    await _run(world, await _plan(world, found, stack=theirs), stack=theirs)
    before = await _outsiders(world).facts(object_id)
    with pytest.raises(ChangeRejected):
        await _run(world, mine)
    assert await _outsiders(world).facts(object_id) == before
    assert {item.object_id for item in (await world.engine.read(theirs)).resources} >= {object_id}
    assert "web-1" not in await world.read()


async def test_adopting_what_is_gone_is_refused_and_makes_nothing(world: World) -> None:
    found = await _described(world, await _planted(world))
    plan = await _plan(world, found)
    change = next(item for item in plan.effective if item.address == "web-1")
    gone = change.model_copy(update={"object_id": "nobody-999"})
    with pytest.raises(ChangeRejected):
        await world.engine.apply(gone, new_key(), world.context)
    assert "web-1" not in await world.read()


async def test_a_release_gives_back_exactly_what_was_there_and_its_repeat_succeeds(
    world: World,
) -> None:
    object_id = await _planted(world)
    before = await _outsiders(world).facts(object_id)
    found = await _described(world, object_id)
    plan = await _plan(world, found)
    await _run(world, plan)
    for _ in range(2):
        for change in plan.effective:
            outcome = await world.engine.apply(
                _release(change), f"run:undo:{change.address}", Context(world.stack)
            )
            assert outcome.resource is None
    assert await _outsiders(world).facts(object_id) == before
    assert await world.harness.objects(world.stack) == []
    assert "web-1" not in await world.read()
    assert object_id in {item.object_id for item in await _importer(world).discover()}


async def test_a_release_leaves_another_stacks_object_alone(world: World) -> None:
    await world.prepare()
    made = await world.create(world.harness.workload())
    assert made.resource
    change = Change(
        address="web-1",
        type=made.resource.type,
        action=Action.RELEASE,
        reason="a test asks for it",
        object_id=made.resource.object_id,
    )
    await world.engine.apply(change, new_key(), Context(world.harness.stack()))
    assert (await world.see("web-1")).object_id == made.resource.object_id
