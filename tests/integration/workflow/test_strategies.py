"""A strategy holds back what runs: proven a few at a time, stopped at the first that does not work, and undone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from alma.core.model.deployment import DeploymentState, StepState
from alma.core.model.errors import ApprovalRequired, InvalidInput
from alma.core.model.ipr import IPRState, ReviewAction
from alma.core.model.plan import Pace, Strategy
from alma.core.model.principal import LOCAL
from tests.world import world

FOUR: dict[str, Any] = {
    "name": "site",
    "resources": [{"name": "web", "type": "vm", "engine": "nginx", "count": 4}],
}
NAMES = ["web", "web-2", "web-3", "web-4"]
BIGGER = {"name": "site", "resources": [{**FOUR["resources"][0], "specs": {"memory": "2GB"}}]}
ROLLING = Pace(strategy=Strategy.ROLLING, batch=2)
CANARY = Pace(strategy=Strategy.CANARY)


async def going(here, pace, document=BIGGER):
    """An approved request to change what runs, at that pace."""
    here.blueprints.update(LOCAL, 1, document)
    ipr = await here.iprs.open(LOCAL, title="bigger", blueprint_id=1, pace=pace)
    return here.iprs.review(LOCAL, ipr.id, action=ReviewAction.APPROVE)


def watched(here, monkeypatch):
    """What is told of every change that begins, in order: who, and who was being changed just then."""
    real, under_way, begun = here.simulation.apply, set(), []

    async def apply(change, key, context):
        under_way.add(change.address)
        begun.append((change.address, frozenset(under_way), ":undo:" in key))
        return await real(change, key, context)

    verify = here.simulation.verify

    async def proven(desired, stack):
        checks = await verify(desired, stack)
        under_way.discard(desired.address)
        return checks

    monkeypatch.setattr(here.simulation, "apply", apply)
    monkeypatch.setattr(here.simulation, "verify", proven)
    return begun


async def test_rolling_proves_a_few_before_the_next_few_begin(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        await here.run(await here.request(FOUR))
        ipr = await going(here, ROLLING)
        begun = watched(here, monkeypatch)
        ended = await here.run(ipr)
        assert ended.state is DeploymentState.SUCCEEDED
        order = [name for name, _, _ in begun]
        assert (set(order[:2]), set(order[2:4])) == ({"web", "web-2"}, {"web-3", "web-4"})
        assert all(beside <= set(NAMES[:2]) or beside <= set(NAMES[2:]) for _, beside, _ in begun)


async def test_all_at_once_waits_for_nobody(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        await here.run(await here.request(FOUR))
        ipr = await going(here, Pace())
        real, all_four = here.simulation.apply, asyncio.Barrier(4)

        async def apply(change, key, context):
            await all_four.wait()  # nobody goes on before all have begun
            return await real(change, key, context)

        monkeypatch.setattr(here.simulation, "apply", apply)
        assert (await here.run(ipr)).state is DeploymentState.SUCCEEDED


async def test_a_canary_that_does_not_work_stops_the_rest_and_is_rolled_back(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        first = await here.run(await here.request(FOUR))
    # From now on the first look at the server says that it does not work.
    faults = [{"kind": "unhealthy", "operation": "verify", "address": "web", "times": 1}]
    async with world(tmp_path, simulation={"faults": faults}) as here:
        before = await here.simulation.read(first.plan.stack)
        ipr = await going(here, CANARY)
        begun = watched(here, monkeypatch)
        ended = await here.run(ipr)
        assert ended.state is DeploymentState.ROLLED_BACK
        assert "web" in ended.error["message"]
        assert [(name, undone) for name, _, undone in begun] == [("web", False), ("web", True)]
        states = {step.address: step.state for step in ended.steps}
        assert states["web"] is StepState.ROLLED_BACK
        assert {states[name] for name in NAMES[1:]} <= {StepState.PENDING, StepState.SKIPPED}
        after = await here.simulation.read(first.plan.stack)
        assert {item.address: item.properties for item in after.resources} == {
            item.address: item.properties for item in before.resources
        }


async def test_blue_green_is_no_pace_of_one_plan(tmp_path):
    async with world(tmp_path, started=False) as here:
        made = here.blueprints.create(LOCAL, FOUR)
        with pytest.raises(InvalidInput, match="several plans"):
            await here.iprs.open(
                LOCAL, title="x", blueprint_id=made.id, pace=Pace(strategy=Strategy.BLUE_GREEN)
            )
        with pytest.raises(InvalidInput, match="batch of 3"):
            await here.iprs.open(LOCAL, title="x", blueprint_id=made.id, pace=Pace(batch=3))


async def test_a_replan_keeps_the_pace_unless_another_is_asked_for(tmp_path):
    async with world(tmp_path) as here:
        await here.run(await here.request(FOUR))
        ipr = await going(here, ROLLING)
        again = await here.iprs.replan(LOCAL, ipr.id)
        assert again.plan.digest == ipr.plan.digest
        assert again.state is IPRState.APPROVED
        slower = await here.iprs.replan(LOCAL, ipr.id, pace=Pace(batch=1))
        assert (slower.plan.target.strategy, slower.plan.target.batch) == (Strategy.ROLLING, 1)
        assert slower.state is IPRState.PENDING


async def test_a_pace_named_at_deployment_counts_as_its_approval_for_who_may_approve_alone(
    tmp_path,
):
    async with world(tmp_path) as here:
        await here.run(await here.request(FOUR))
        ipr = await going(here, Pace())
        ended = await here.ended((await here.iprs.deploy(LOCAL, ipr.id, pace=CANARY)).id)
        assert ended.state is DeploymentState.SUCCEEDED
        assert ended.plan.target.strategy is Strategy.CANARY
        said = here.iprs.get(LOCAL, ipr.id).reviews[-1]
        assert (said.comments, said.plan_digest) == (
            "canary named at deployment",
            ended.plan.digest,
        )


async def test_a_pace_named_at_deployment_does_not_approve_what_is_destroyed_or_newer(tmp_path):
    async with world(tmp_path) as here:
        await here.run(await here.request(FOUR))
        ipr = await going(here, Pace())
        newer = {"name": "site", "resources": [{**BIGGER["resources"][0], "count": 5}]}
        here.blueprints.update(LOCAL, 1, newer)
        with pytest.raises(ApprovalRequired, match="planned for all-at-once"):
            await here.iprs.deploy(LOCAL, ipr.id, pace=CANARY)
        assert here.iprs.get(LOCAL, ipr.id).state is IPRState.PENDING


async def test_a_pace_that_changes_no_step_needs_no_other_approval(tmp_path):
    async with world(tmp_path) as here:
        ipr = await here.request(FOUR)
        queued = await here.iprs.deploy(LOCAL, ipr.id, pace=ROLLING)
        assert (await here.ended(queued.id)).state is DeploymentState.SUCCEEDED
        assert len(here.iprs.get(LOCAL, ipr.id).reviews) == 1
