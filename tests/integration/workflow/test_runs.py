"""Deployments on the simulation: what fails is undone, what is cancelled stops, what moved is refused."""

from __future__ import annotations

import pytest

from alma.core.model.deployment import DeploymentState, OnFailure, StepState
from alma.core.model.errors import (
    ApprovalRequired,
    Conflict,
    DatabaseUnavailable,
    Forbidden,
    PlanStale,
    StackLocked,
)
from alma.core.model.event import EventType
from alma.core.model.ipr import IPRState, ReviewAction
from alma.core.model.plan import Action, PlanKind
from alma.core.model.principal import LOCAL
from alma.core.services.reviewing import ReviewRules
from tests.people import somebody
from tests.world import SHOP, SHOP_ADDRESSES, world

BOB = somebody("bob")


def with_web(**changes):
    first, *rest = SHOP["resources"]
    return SHOP | {"resources": [first | changes, *rest]}


def broken(address, action="create", kind="rejected", **more):
    return {"faults": [{"kind": kind, "action": action, "address": address, **more}]}


async def objects(here, deployment):
    return {thing.address for thing in await here.simulation.objects(deployment.plan.stack)}


async def test_a_second_deployment_changes_nothing(tmp_path):
    async with world(tmp_path) as here:
        first = await here.run(await here.request())
        again = await here.request(blueprint_id=1)
        assert first.state is DeploymentState.SUCCEEDED
        assert again.plan.effective == ()
        assert (await here.run(again)).state is DeploymentState.SUCCEEDED


async def test_a_first_deployment_that_fails_leaves_nothing_behind(tmp_path):
    async with world(tmp_path, simulation=broken("lb")) as here:
        ipr = await here.request()
        ended = await here.run(ipr)
        assert ended.state is DeploymentState.ROLLED_BACK
        assert await objects(here, ended) == set()
        assert here.iprs.get(LOCAL, ipr.id).state is IPRState.FAILED
        assert ended.error is not None
        assert ended.error["address"] == "lb"


async def test_what_was_made_can_be_kept_for_a_look(tmp_path):
    async with world(tmp_path, simulation=broken("lb")) as here:
        ended = await here.run(await here.request(), on_failure=OnFailure.KEEP)
        assert ended.state is DeploymentState.FAILED
        assert await objects(here, ended) == SHOP_ADDRESSES - {"lb"}


async def test_a_failed_update_goes_back_to_the_revision_before(tmp_path):
    async with world(tmp_path, simulation=broken("web-2", "replace")) as here:
        before = await here.run(await here.request())
        told = {t.address: t.properties for t in await here.simulation.objects(before.plan.stack)}
        ended = await here.run(
            await here.request(with_web(version="1.26", count=4), blueprint_id=1)
        )
        after = {t.address: t.properties for t in await here.simulation.objects(ended.plan.stack)}
        assert ended.state is DeploymentState.ROLLED_BACK
        assert after == told


async def test_a_volume_that_was_there_before_survives_a_rollback(tmp_path):
    async with world(tmp_path, simulation=broken("web", "replace")) as here:
        await here.run(await here.request())
        ended = await here.run(await here.request(with_web(version="1.26"), blueprint_id=1))
        assert ended.state is DeploymentState.ROLLED_BACK
        assert "db-data" in await objects(here, ended)


async def test_a_workload_that_never_gets_healthy_fails_the_deployment(tmp_path):
    async with world(tmp_path, simulation=broken("db", kind="unhealthy")) as here:
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.ROLLED_BACK
        assert "'db' does not work" in ended.error["message"]


@pytest.mark.parametrize("kind", ["lost_reply", "timeout", "locked"])
async def test_what_may_pass_is_tried_again_and_made_once(tmp_path, kind):
    async with world(tmp_path, simulation=broken("web", kind=kind, times=2)) as here:
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.SUCCEEDED
        operations = await here.simulation.operations(ended.plan.stack)
        assert [o.action for o in operations if o.address == "web"].count("create") == 1


async def test_a_warning_of_the_engine_is_shown_and_no_failure(tmp_path):
    async with world(
        tmp_path, simulation=broken("db", kind="warning", message="slow disk")
    ) as here:
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.SUCCEEDED
        assert any("slow disk" in event.message for event in here.log(ended.id))


async def test_a_cancelled_deployment_stops_at_a_step_and_undoes_what_it_made(tmp_path):
    async with world(tmp_path, simulation={"time_scale": 0.3}) as here:
        queued = await here.iprs.deploy(LOCAL, (await here.request()).id)
        async for event in here.deployments.follow(LOCAL, queued.id):
            if event.type is EventType.PROGRESS and event.message.startswith("created"):
                here.deployments.cancel(LOCAL, queued.id)
                break
        ended = await here.ended(queued.id)
        assert ended.state is DeploymentState.CANCELLED
        assert await objects(here, ended) == set()
        assert StepState.SKIPPED in {step.state for step in ended.steps}
        assert here.iprs.get(LOCAL, ended.ipr_id).state is IPRState.CANCELLED


async def test_one_stack_has_one_deployment_at_a_time(tmp_path):
    async with world(tmp_path, simulation={"time_scale": 0.3}) as here:
        one, other = await here.request(), await here.request(blueprint_id=1)
        queued = await here.iprs.deploy(LOCAL, one.id)
        with pytest.raises((StackLocked, PlanStale)):
            await here.iprs.deploy(LOCAL, other.id)
        here.deployments.cancel(LOCAL, queued.id)
        await here.ended(queued.id)


async def test_a_world_that_moved_since_the_approval_is_refused_with_the_difference(tmp_path):
    async with world(tmp_path) as here:
        first = await here.run(await here.request())
        ipr = await here.request(with_web(version="1.26"), blueprint_id=1)
        await here.simulation.tamper(first.plan.stack, "web-2", remove=True)
        with pytest.raises(PlanStale) as refused:
            await here.iprs.deploy(LOCAL, ipr.id)
        assert any(
            line.startswith("web-2: replace became create")
            for line in refused.value.details["differences"]
        )


async def test_a_world_that_moves_between_queue_and_run_is_refused_too(tmp_path):
    async with world(tmp_path) as here:
        first = await here.run(await here.request())
        ipr = await here.request(with_web(version="1.26"), blueprint_id=1)
        await here.worker.stop()
        queued = await here.iprs.deploy(LOCAL, ipr.id)
        await here.simulation.tamper(first.plan.stack, "web-2", remove=True)
        await here.worker.start()
        ended = await here.ended(queued.id)
        assert ended.state is DeploymentState.FAILED
        assert ended.error["code"] == "plan_stale"
        assert {step.state for step in ended.steps} == {StepState.SKIPPED}


async def test_drift_is_planned_back_and_named_as_drift(tmp_path):
    async with world(tmp_path) as here:
        first = await here.run(await here.request())
        await here.simulation.tamper(first.plan.stack, "web", properties={"image": "evil:1"})
        ipr = await here.request(blueprint_id=1)
        (change,) = ipr.plan.effective
        assert (change.address, change.action) == ("web", Action.REPLACE)
        assert change.fields[0].drift


async def test_destroy_keeps_volumes_and_their_secrets_until_asked(tmp_path):
    async with world(tmp_path) as here:
        first = await here.run(await here.request())
        with here.database.write() as transaction:
            before = transaction.secrets.get(first.plan.stack.id, "db.password")
        kept = await here.run(await here.request(blueprint_id=1, kind=PlanKind.DESTROY))
        assert await objects(here, kept) == {"db-data"}
        again = await here.run(await here.request(blueprint_id=1))
        with here.database.write() as transaction:
            assert transaction.secrets.get(first.plan.stack.id, "db.password") == before
        assert again.state is DeploymentState.SUCCEEDED
        gone = await here.run(
            await here.request(blueprint_id=1, kind=PlanKind.DESTROY, volumes=True)
        )
        assert await objects(here, gone) == set()
        with here.database.write() as transaction:
            assert transaction.secrets.get(first.plan.stack.id, "db.password") is None


async def test_no_secret_is_ever_written_down_in_the_open(tmp_path):
    async with world(tmp_path) as here:
        ended = await here.run(await here.request())
        with here.database.read() as transaction:
            secret = transaction.secrets.get(ended.plan.stack.id, "db.password")
        assert secret
        assert secret not in ended.model_dump_json()
        assert all(secret not in event.model_dump_json() for event in here.log(ended.id))
    assert all(
        secret.encode() not in path.read_bytes() for path in tmp_path.iterdir() if path.is_file()
    )


async def test_two_stacks_on_one_engine_never_touch_each_other(tmp_path):
    async with world(tmp_path) as here:
        one = await here.run(await here.request())
        other = await here.run(await here.request())
        assert one.plan.stack.name != other.plan.stack.name
        gone = await here.run(
            await here.request(blueprint_id=1, kind=PlanKind.DESTROY, volumes=True)
        )
        assert await objects(here, gone) == set()
        assert await objects(here, other) == SHOP_ADDRESSES


async def test_a_database_that_goes_away_for_a_moment_delays_the_run_and_no_more(
    tmp_path, monkeypatch
):
    async with world(tmp_path) as here:
        away = {"intend": 2, "made": 2, "finish": 2, "conclude": 2}
        for name in away:
            real = getattr(here.journal, name)

            def flaky(*args, _name=name, _real=real, **kwargs):
                away[_name] -= 1
                if away[_name] >= 0:
                    raise DatabaseUnavailable("the database is away")
                return _real(*args, **kwargs)

            monkeypatch.setattr(here.journal, name, flaky)
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.SUCCEEDED
        operations = await here.simulation.operations(ended.plan.stack)
        assert len(operations) == len(SHOP_ADDRESSES)


# ── requests ─────────────────────────────────────────────────────────────────────────────────────


async def test_an_unapproved_plan_never_runs(tmp_path):
    async with world(tmp_path) as here:
        blueprint = here.blueprints.create(LOCAL, SHOP)
        ipr = await here.iprs.open(LOCAL, title="t", blueprint_id=blueprint.id)
        with pytest.raises(ApprovalRequired):
            await here.iprs.deploy(LOCAL, ipr.id)


async def test_approving_one_s_own_request_is_recorded_as_such(tmp_path):
    async with world(tmp_path, started=False) as here:
        ipr = await here.request()
        assert [review.self_review for review in ipr.reviews] == [True]


async def test_where_reviews_are_required_the_author_s_own_does_not_count(tmp_path):
    async with world(tmp_path, started=False, rules=ReviewRules(require_review=True)) as here:
        blueprint = here.blueprints.create(LOCAL, SHOP)
        ipr = await here.iprs.open(LOCAL, title="t", blueprint_id=blueprint.id)
        with pytest.raises(Forbidden) as refused:
            here.iprs.review(LOCAL, ipr.id, action=ReviewAction.APPROVE)
        assert "unset ALMA_IPR_REQUIRE_REVIEW" in (refused.value.hint or "")
        assert here.iprs.review(BOB, ipr.id, action=ReviewAction.APPROVE).state is IPRState.APPROVED


async def test_a_deployed_request_is_not_deployed_again(tmp_path):
    async with world(tmp_path) as here:
        ipr = await here.request()
        ended = await here.run(ipr)
        with pytest.raises(Conflict) as refused:
            await here.iprs.deploy(LOCAL, ipr.id)
        assert refused.value.details["deployment_id"] == ended.id


async def test_a_new_plan_needs_a_new_approval(tmp_path):
    async with world(tmp_path, started=False) as here:
        ipr = await here.request()
        here.blueprints.update(LOCAL, 1, with_web(count=1))
        moved = await here.iprs.replan(LOCAL, ipr.id)
        assert moved.state is IPRState.PENDING
        assert moved.approval is None


async def test_a_failed_request_can_be_deployed_again_as_approved(tmp_path):
    async with world(tmp_path, simulation=broken("lb", times=1)) as here:
        ipr = await here.request()
        assert (await here.run(ipr)).state is DeploymentState.ROLLED_BACK
        # The fault is counted for each change by itself, and a new deployment is a new change.
        assert here.iprs.get(LOCAL, ipr.id).state is IPRState.FAILED
        again = await here.iprs.deploy(LOCAL, ipr.id)
        assert again.ipr_id == ipr.id
        await here.ended(again.id)
