"""The corners around a run: blueprints that go away, requests planned twice, looks that must leave nothing behind."""

from __future__ import annotations

import asyncio
import threading

import pytest

from alma.core.model.deployment import Deployment, DeploymentState
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.errors import ApprovalRequired, Conflict, NotFound, PlanStale
from alma.core.model.ipr import IPRState, ReviewAction
from alma.core.model.plan import PlanKind
from alma.core.model.principal import LOCAL
from alma.core.planning.planner import make_plan
from alma.core.services.deploying import refuse_if_moved
from alma.core.services.reviewing import ReviewRules
from alma.core.services.stacks import Stacks
from tests.integration.workflow.meddling import applying
from tests.integration.workflow.test_runs import broken, objects, with_web
from tests.people import somebody
from tests.postgres import create_database, database_url, postgres_server
from tests.world import SHOP, SHOP_ADDRESSES, world

__all__ = ["postgres_server"]


def stacks_of(here):
    return Stacks(repositories=here.database, engines=here.engines)


# ── blueprints that go away ──────────────────────────────────────────────────────────────────────


async def test_a_blueprint_of_which_something_is_being_made_can_t_be_deleted(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        arrived, gate = asyncio.Event(), asyncio.Event()

        async def wait(address):
            arrived.set()
            await gate.wait()

        applying(here, monkeypatch, wait)
        queued = await here.iprs.deploy(LOCAL, (await here.request()).id)
        await arrived.wait()
        with pytest.raises(Conflict) as refused:
            here.blueprints.delete(LOCAL, 1)
        assert refused.value.details["deployment_id"] == queued.id
        gate.set()
        await here.ended(queued.id)


async def test_what_was_approved_of_a_deleted_blueprint_never_runs(tmp_path):
    async with world(tmp_path) as here:
        ipr = await here.request()
        here.blueprints.delete(LOCAL, 1)
        with pytest.raises(NotFound):
            await here.iprs.deploy(LOCAL, ipr.id)
        assert here.iprs.cancel(LOCAL, ipr.id).state is IPRState.CANCELLED


async def test_what_is_left_of_a_deleted_blueprint_can_be_seen_and_destroyed(tmp_path):
    async with world(tmp_path) as here:
        made = await here.run(await here.request())
        stack = made.plan.stack
        # Nothing is recorded, though something is there: a lost reply of a run that kept what it made.
        with here.database.write() as transaction:
            for address in SHOP_ADDRESSES:
                transaction.stacks.forget(stack.id, address)
        here.blueprints.delete(LOCAL, 1)
        seen = await stacks_of(here).status(LOCAL, stack.id)
        assert (seen.blueprint_name, len(seen.resources)) == ("shop", len(SHOP_ADDRESSES))
        gone = await here.run(
            await here.request(blueprint_id=1, kind=PlanKind.DESTROY, volumes=True)
        )
        assert gone.state is DeploymentState.SUCCEEDED
        assert await objects(here, gone) == set()


# ── looks that leave nothing behind ──────────────────────────────────────────────────────────────


async def test_a_plan_that_is_only_looked_at_makes_no_stack(tmp_path):
    async with world(tmp_path, started=False) as here:
        blueprint = here.blueprints.create(LOCAL, SHOP)
        plan = await here.plans.make(LOCAL, await here.plans.target(LOCAL, blueprint.id))
        assert plan.count()["create"] == len(SHOP_ADDRESSES)
        assert stacks_of(here).list(LOCAL) == []


async def test_what_is_deployed_is_what_a_look_shows_from_then_on(tmp_path):
    async with world(tmp_path) as here:
        ipr = await here.request()
        looked = await here.iprs.dry_run(LOCAL, ipr.id)
        assert looked.digest == ipr.plan.digest
        await here.run(ipr)
        assert (await here.iprs.dry_run(LOCAL, ipr.id)).effective == ()


# ── approvals ────────────────────────────────────────────────────────────────────────────────────


async def test_an_approval_that_lapsed_does_not_come_back_with_an_old_plan(tmp_path):
    async with world(tmp_path) as here:
        first = await here.run(await here.request())
        ipr = await here.request(with_web(version="1.26"), blueprint_id=1)
        await here.simulation.tamper(first.plan.stack, "web", properties={"labels.x": "1"})
        assert (await here.iprs.replan(LOCAL, ipr.id)).state is IPRState.PENDING
        await here.simulation.tamper(first.plan.stack, "web", properties={"labels.x": None})
        again = await here.iprs.replan(LOCAL, ipr.id)
        assert (again.plan.digest, again.state) == (ipr.plan.digest, IPRState.PENDING)
        with pytest.raises(ApprovalRequired):
            await here.iprs.deploy(LOCAL, ipr.id)


async def test_one_s_own_approval_stops_counting_where_reviews_become_required(tmp_path):
    async with world(tmp_path) as here:
        ipr = await here.request()
    async with world(tmp_path, rules=ReviewRules(require_review=True)) as here:
        with pytest.raises(ApprovalRequired) as refused:
            await here.iprs.deploy(LOCAL, ipr.id)
        assert "unset ALMA_IPR_REQUIRE_REVIEW" in (refused.value.hint or "")


@pytest.mark.parametrize("action", [ReviewAction.APPROVE, ReviewAction.REJECT])
async def test_a_failed_request_is_reviewed_again_like_any_that_may_still_run(tmp_path, action):
    async with world(tmp_path, simulation=broken("lb")) as here:
        ipr = await here.request()
        await here.run(ipr)
    async with world(tmp_path, rules=ReviewRules(require_review=True)) as here:
        with pytest.raises(ApprovalRequired):
            await here.iprs.deploy(LOCAL, ipr.id)
        here.iprs.review(somebody("bob"), ipr.id, action=action)
        if action is ReviewAction.APPROVE:
            assert (await here.run(ipr)).state is DeploymentState.SUCCEEDED
        else:
            with pytest.raises(Conflict):
                await here.iprs.deploy(LOCAL, ipr.id)


async def test_a_plan_that_an_engine_refuses_by_now_is_stale_whatever_its_digest(tmp_path):
    async with world(tmp_path, started=False) as here:
        plan = (await here.request()).plan
        fault = Diagnostic(code="unsupported", path="web.type", message="not any more")
        refuse_if_moved(plan, plan, ipr_id=1)
        with pytest.raises(PlanStale) as refused:
            refuse_if_moved(plan, plan.model_copy(update={"diagnostics": (fault,)}), ipr_id=1)
        assert "not any more" in str(refused.value.details["differences"])


async def test_planning_again_does_not_pretend_that_somebody_chose_the_engine(tmp_path):
    async with world(tmp_path, started=False) as here:
        ipr = await here.request()
        assert not (await here.iprs.replan(LOCAL, ipr.id)).engine_chosen
        chosen = await here.iprs.replan(LOCAL, ipr.id, engine="simulation")
        assert chosen.engine_chosen


async def test_a_changes_request_takes_the_approval_back(tmp_path):
    async with world(tmp_path, started=False) as here:
        ipr = await here.request()
        here.iprs.review(LOCAL, ipr.id, action=ReviewAction.REQUEST_CHANGES)
        with pytest.raises(ApprovalRequired):
            await here.iprs.deploy(LOCAL, ipr.id)


async def test_of_two_who_deploy_one_request_at_once_one_does(tmp_path):
    async with world(tmp_path) as here:
        ipr = await here.request()
        answers = await asyncio.gather(
            *(here.iprs.deploy(LOCAL, ipr.id) for _ in range(4)), return_exceptions=True
        )
        (queued,) = (answer for answer in answers if isinstance(answer, Deployment))
        assert all(a is queued or isinstance(a, Conflict) for a in answers)
        assert (await here.ended(queued.id)).state is DeploymentState.SUCCEEDED
        assert len(here.deployments.list(LOCAL)[0]) == 1


@pytest.mark.parametrize("same", [True, False])
async def test_of_many_who_deploy_on_one_stack_at_once_one_does(tmp_path, postgres_server, same):
    url = database_url(postgres_server, create_database(postgres_server))
    async with world(tmp_path, url=url) as here:
        first = await here.request()
        iprs = (
            [first] * 64
            if same
            else [first, *[await here.request(blueprint_id=1) for _ in range(15)]]
        )
        answers = await asyncio.gather(
            *(here.iprs.deploy(LOCAL, ipr.id) for ipr in iprs), return_exceptions=True
        )
        (queued,) = (answer for answer in answers if isinstance(answer, Deployment))
        assert all(a is queued or isinstance(a, Conflict) for a in answers)
        assert (await here.ended(queued.id)).state is DeploymentState.SUCCEEDED


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_of_64_requests_that_are_deployed_at_once_all_are(
    tmp_path, postgres_server, database
):
    """The very first ones too, when everybody is in the middle of a transaction."""
    url = database_url(postgres_server, create_database(postgres_server))
    async with world(tmp_path, url=url if database == "postgresql" else None) as here:
        document = {"name": "one", "resources": [{"name": "data", "type": "volume"}]}
        iprs = [await here.request(document) for _ in range(64)]
        queued = await asyncio.gather(*(here.iprs.deploy(LOCAL, ipr.id) for ipr in iprs))
        ended = await asyncio.gather(*(here.ended(deployment.id) for deployment in queued))
        assert {deployment.state for deployment in ended} == {DeploymentState.SUCCEEDED}
        assert {here.iprs.get(LOCAL, ipr.id).state for ipr in iprs} == {IPRState.DEPLOYED}


# ── many ─────────────────────────────────────────────────────────────────────────────────────────


async def test_verifying_a_stack_asks_no_more_at_once_than_the_engine_takes(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        made = await here.run(await here.request(with_web(count=30)))
        real, now, most = here.simulation.verify, 0, 0

        async def verify(desired, stack):
            nonlocal now, most
            now += 1
            most = max(most, now)
            try:
                return await real(desired, stack)
            finally:
                now -= 1

        monkeypatch.setattr(here.simulation, "verify", verify)
        checks = await stacks_of(here).verify(LOCAL, made.plan.stack.id)
        assert all(check.passed for check in checks)
        assert most <= here.simulation.traits.max_parallel


async def test_of_a_stack_that_was_never_deployed_in_full_nothing_is_proved(tmp_path):
    async with world(tmp_path) as here:
        ipr = await here.request()
        with pytest.raises(Conflict):
            await stacks_of(here).verify(LOCAL, ipr.plan.stack.id)


async def test_following_a_run_costs_no_more_the_more_steps_it_has(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        ipr = await here.request(with_web(count=40))
        looks, real = 0, here.deployments.get

        def get(*args, **kwargs):
            nonlocal looks
            looks += 1
            return real(*args, **kwargs)

        monkeypatch.setattr(here.deployments, "get", get)
        queued = await here.iprs.deploy(LOCAL, ipr.id)
        log = [event async for event in here.deployments.follow(LOCAL, queued.id)]
        assert log[-1].type == "complete"
        assert len(log) > 100
        assert looks < 5


async def test_who_comes_after_the_end_gets_the_log_and_no_more(tmp_path):
    async with world(tmp_path) as here:
        ended = await here.run(await here.request())
        log = [event async for event in here.deployments.follow(LOCAL, ended.id)]
        rest = [
            event async for event in here.deployments.follow(LOCAL, ended.id, after=log[-1].seq)
        ]
        assert (log[-1].type, rest) == ("complete", [])


async def test_many_instances_are_planned_off_the_event_loop_however_few_resources_name_them(
    tmp_path, monkeypatch
):
    async with world(tmp_path, started=False) as here:
        threads = []

        def noting(real):
            def noted(*args, **named):
                threads.append(threading.current_thread())
                return real(*args, **named)

            return noted

        monkeypatch.setattr(here.plans, "_resolved", noting(here.plans._resolved))
        monkeypatch.setattr("alma.core.services.plans.make_plan", noting(make_plan))
        await here.request(with_web(count=1000))
        assert len(threads) >= 2
        assert threading.main_thread() not in threads
