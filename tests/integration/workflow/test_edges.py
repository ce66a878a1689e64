"""The corners of a run: what fails while something else fails, is cancelled late, is replayed in another order or is
undone without a revision to go back to."""

from __future__ import annotations

import asyncio
import threading

from dbos import DBOS
from dbos._sys_db import SystemDatabase
from sqlalchemy import text

from alma.core.model.deployment import DeploymentState, OnFailure, StepState
from alma.core.model.errors import (
    ChangeRejected,
    DatabaseUnavailable,
    EngineUnavailable,
    SecretUnreadable,
)
from alma.core.model.ipr import IPRState
from alma.core.model.plan import Action, PlanKind
from alma.core.model.principal import LOCAL
from tests.integration.workflow.test_runs import broken, objects, with_web
from tests.waiting import wait_until
from tests.world import SHOP_ADDRESSES, world


def applying(here, monkeypatch, instead):
    """Puts `instead` before the engine's apply; it gets the address and goes on when it returns."""
    real = here.simulation.apply

    async def apply(change, key, context):
        await instead(change.address)
        return await real(change, key, context)

    monkeypatch.setattr(here.simulation, "apply", apply)


def raising(monkeypatch, owner, name, error, *, times=10**6):
    """Makes a method raise, so many times."""
    real = getattr(owner, name)
    left = times

    def broken_method(*args, **kwargs):
        nonlocal left
        left -= 1
        if left >= 0:
            raise error
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, broken_method)


async def touched(here, deployment, address):
    operations = await here.simulation.operations(deployment.plan.stack)
    return [o.action for o in operations if o.address == address]


async def records(here, deployment):
    with here.database.read() as transaction:
        stack = transaction.stacks.get(deployment.plan.stack.id, project="default")
    return {record.address: record for record in stack.records}


def remembered(deployment_id):
    return {step["function_name"] for step in DBOS.list_workflow_steps(deployment_id)}


def remember_late(monkeypatch, step, *, until):
    """The workflow's memory of one step is slow, until another step is asked for."""
    real, asked = SystemDatabase.check_operation_execution, threading.Event()

    def check(self, workflow_id, function_id, function_name, *args, **kwargs):
        if function_name == until:
            asked.set()
        if function_name == step:
            asked.wait(timeout=30)
        return real(self, workflow_id, function_id, function_name, *args, **kwargs)

    monkeypatch.setattr(SystemDatabase, "check_operation_execution", check)


# ── replay ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_run_that_is_walked_again_starts_nothing_that_had_not_started_when_it_failed(
    tmp_path, monkeypatch
):
    firsts = [{"name": f"a{n}", "type": "vm", "engine": "nginx"} for n in range(6)]
    thens = [{"name": f"y{n}", "type": "volume", "depends_on": [f"a{n}"]} for n in range(6)]
    document = {
        "name": "order",
        "resources": [*firsts, *thens, {"name": "x", "type": "container", "image": "x:1"}],
    }
    async with world(tmp_path) as here:
        gate, undone = asyncio.Event(), asyncio.Event()

        async def x_fails_first(address):
            if address == "x":
                raise ChangeRejected("x is refused")
            if address.startswith("a"):
                await gate.wait()

        applying(here, monkeypatch, x_fails_first)
        conclude = here.execution.conclude

        async def die(*args):
            undone.set()
            await asyncio.Event().wait()

        here.execution.conclude = die
        queued = await here.iprs.deploy(LOCAL, (await here.request(document)).id)
        await asyncio.to_thread(wait_until, lambda: "apply x" in remembered(queued.id))
        gate.set()
        await undone.wait()
        await here.worker.stop()
        here.execution.conclude = conclude
        remember_late(monkeypatch, "apply x", until="apply y0")
        await here.worker.start()
        ended = await here.ended(queued.id)
        assert ended.state is DeploymentState.ROLLED_BACK
        assert ended.error["address"] == "x"
        assert ended.error["message"] == "x is refused"
        assert [await touched(here, ended, f"y{n}") for n in range(6)] == [[]] * 6
        assert await objects(here, ended) == set()


# ── cancel ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_cancel_that_comes_while_everything_is_verified_still_counts(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        real = here.execution.verify

        async def verify(id_):
            here.deployments.cancel(LOCAL, id_)
            return await real(id_)

        monkeypatch.setattr(here.execution, "verify", verify)
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.CANCELLED
        assert await objects(here, ended) == set()


async def test_a_cancel_in_the_queue_touches_nothing_and_asks_no_engine(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        ipr = await here.request()
        await here.worker.stop()
        queued = await here.iprs.deploy(LOCAL, ipr.id)
        here.deployments.cancel(LOCAL, queued.id)
        await here.worker.start()
        ended = await here.ended(queued.id)
        assert ended.state is DeploymentState.CANCELLED
        assert {step.state for step in ended.steps} == {StepState.SKIPPED}
        assert here.iprs.get(LOCAL, ipr.id).state is IPRState.CANCELLED


# ── who may touch ────────────────────────────────────────────────────────────────────────────────


async def test_a_run_that_lost_its_lease_starts_nothing_more(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        ipr = await here.request()

        async def steal(address):
            if address == "network":
                with here.database.write() as transaction:
                    holder = transaction.stacks.holder(ipr.plan.stack.id)
                    transaction.stacks.release(ipr.plan.stack.id, holder=holder)
                    transaction.stacks.acquire(ipr.plan.stack.id, holder="another", seconds=900)

        applying(here, monkeypatch, steal)
        ended = await here.run(ipr)
        assert ended.state is DeploymentState.FAILED
        assert ended.error["code"] == "stack_locked"
        # The network, which was in flight, stays: to undo it is the other holder's business now.
        assert await objects(here, ended) <= {"network", "db-data"}
        with here.database.read() as transaction:
            assert transaction.stacks.holder(ipr.plan.stack.id) == "another"


# ── faults ───────────────────────────────────────────────────────────────────────────────────────


async def test_what_no_engine_raises_is_undone_like_any_failure(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        raising(monkeypatch, here.journal, "secrets", SecretUnreadable("another key"))
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.ROLLED_BACK
        assert (ended.error["code"], ended.error["address"]) == ("secret_unreadable", "db")
        assert await objects(here, ended) == set()


async def test_a_fault_of_ours_in_one_change_is_undone_and_leaves_no_step_running(
    tmp_path, monkeypatch
):
    async with world(tmp_path) as here:

        async def fault(address):
            if address == "web-2":
                raise KeyError("of ours")

        applying(here, monkeypatch, fault)
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.ROLLED_BACK
        assert ended.error["code"] == "internal_error"
        assert await objects(here, ended) == set()
        assert await records(here, ended) == {}
        step = next(step for step in ended.steps if step.address == "web-2")
        assert step.state in {StepState.UNKNOWN, StepState.ROLLED_BACK}


async def test_a_fault_of_ours_elsewhere_ends_the_run_visibly(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        raising(monkeypatch, here.journal, "checks", KeyError("of ours"))
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.ROLLED_BACK
        assert ended.error["code"] == "internal_error"


async def test_a_line_of_the_log_that_can_t_be_written_at_once_fails_nothing(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        real, left = here.journal.note, 3

        def note(*args, **kwargs):
            nonlocal left
            if kwargs.get("address") == "db" and left:
                left -= 1
                raise DatabaseUnavailable("the database is away")
            return real(*args, **kwargs)

        monkeypatch.setattr(here.journal, "note", note)
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.SUCCEEDED
        assert any(e.address == "db" and "took" in e.message for e in here.log(ended.id))


async def test_an_engine_that_the_worker_does_not_have_is_named(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        ipr = await here.request()
        await here.worker.stop()
        queued = await here.iprs.deploy(LOCAL, ipr.id)
        missing = EngineUnavailable("engine 'x' is not installed", hint="pip install 'alma[x]'")
        with monkeypatch.context() as patch:
            raising(patch, here.engines, "get", missing)
            await here.worker.start()
            ended = await here.ended(queued.id)
        assert ended.error["code"] == "engine_unavailable"
        assert ended.error["hint"] == "pip install 'alma[x]'"
        assert here.iprs.get(LOCAL, ipr.id).state is IPRState.FAILED


async def test_a_run_that_its_workflow_has_lost_is_ended_at_the_next_start(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        ipr = await here.request()
        with monkeypatch.context() as patch:
            raising(patch, here.journal, "conclude", KeyError("of ours"))
            queued = await here.iprs.deploy(LOCAL, ipr.id)
            await asyncio.to_thread(
                wait_until, lambda: DBOS.get_workflow_status(queued.id).status == "ERROR"
            )
        assert not here.deployments.get(LOCAL, queued.id).ended
        await here.worker.stop()
        await here.worker.start()
        ended = await here.ended(queued.id)
        assert ended.state is DeploymentState.FAILED
        assert here.iprs.get(LOCAL, ipr.id).state is IPRState.FAILED
        await here.iprs.replan(LOCAL, ipr.id)


async def test_a_run_whose_workflow_is_not_there_any_more_is_ended_too(tmp_path):
    async with world(tmp_path) as here:
        ipr = await here.request()
        await here.worker.stop()
        queued = await here.iprs.deploy(LOCAL, ipr.id)
        with here.database.write() as transaction:
            gone = text("DELETE FROM workflow_status WHERE workflow_uuid = :id")
            transaction.connection.execute(gone, {"id": queued.id})
        await here.worker.start()
        ended = await here.ended(queued.id)
        assert (ended.state, ended.error["code"]) == (DeploymentState.FAILED, "run_lost")


# ── undo ─────────────────────────────────────────────────────────────────────────────────────────


async def test_what_can_t_be_undone_is_said(tmp_path):
    async with world(tmp_path, simulation=broken("web-3", "create")) as here:
        await here.run(await here.request(), on_failure=OnFailure.KEEP)
        # No revision was ever deployed in full: nobody knows what the replaced servers were.
        ended = await here.run(await here.request(with_web(version="1.26"), blueprint_id=1))
        assert ended.state is DeploymentState.FAILED
        assert ended.error["rollback"]["code"] == "rollback_incomplete"
        assert "web-2" in ended.error["rollback"]["message"]


async def test_after_an_undo_the_records_say_what_is_there(tmp_path, monkeypatch):
    async with world(tmp_path, simulation=broken("lb")) as here:
        real, left = here.journal.made, 1

        # The process dies after the engine removed the first object and before that is written down.
        def made(deployment, change, key, outcome):
            nonlocal left
            if ":undo:" in key and left:
                left -= 1
                raise KeyError("died here")
            return real(deployment, change, key, outcome)

        monkeypatch.setattr(here.journal, "made", made)
        undo = here.execution.undo

        async def twice(id_):
            try:
                return await undo(id_)
            except KeyError:
                return await undo(id_)

        monkeypatch.setattr(here.execution, "undo", twice)
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.ROLLED_BACK
        assert await records(here, ended) == {}
        here.blueprints.delete(LOCAL, 1)


async def test_what_turns_up_while_it_is_undone_is_undone_too(tmp_path, monkeypatch):
    async with world(tmp_path, simulation=broken("lb")) as here:
        real, late = here.simulation.apply, []

        async def apply(change, key, context):
            outcome = await real(change, key, context)
            if change.address == "web" and change.action is Action.CREATE:
                late.append((change, key, context))
            if change.address == "web" and change.action is Action.DELETE and late:
                # Another worker, thought dead, is done with its call only now.
                await real(*late.pop())
            return outcome

        monkeypatch.setattr(here.simulation, "apply", apply)
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.ROLLED_BACK
        assert await objects(here, ended) == set()


async def test_an_update_goes_back_to_other_software_too(tmp_path):
    async with world(tmp_path, simulation=broken("web-3", "replace")) as here:
        first = await here.run(await here.request())
        ended = await here.run(
            await here.request(with_web(engine=None, image="own/app:1"), blueprint_id=1)
        )
        assert ended.state is DeploymentState.ROLLED_BACK
        images = {
            thing.address: thing.properties.get("image")
            for thing in await here.simulation.objects(first.plan.stack)
        }
        assert {images["web"], images["web-2"], images["web-3"]} == {"nginx:1.27"}


async def test_a_failed_destroy_is_taken_back_and_can_be_repeated(tmp_path):
    faults = broken("network", "delete", times=1)
    async with world(tmp_path, simulation=faults) as here:
        first = await here.run(await here.request())
        failed = await here.run(await here.request(blueprint_id=1, kind=PlanKind.DESTROY))
        assert failed.state is DeploymentState.ROLLED_BACK
        assert await objects(here, failed) == SHOP_ADDRESSES
        assert set(await records(here, first)) == SHOP_ADDRESSES


async def test_a_volume_that_was_kept_outlives_a_first_deployment_that_fails(tmp_path):
    async with world(tmp_path) as here:
        await here.run(await here.request())
        await here.run(await here.request(blueprint_id=1, kind=PlanKind.DESTROY))
    async with world(tmp_path, simulation=broken("lb")) as here:
        ended = await here.run(await here.request(blueprint_id=1))
        assert ended.state is DeploymentState.ROLLED_BACK
        assert await objects(here, ended) == {"db-data"}
        assert set(await records(here, ended)) == {"db-data"}


async def test_data_that_a_failed_destroy_deleted_is_not_said_to_be_back(tmp_path):
    async with world(tmp_path, simulation=broken("network", "delete", times=1)) as here:
        await here.run(await here.request())
        failed = await here.run(
            await here.request(blueprint_id=1, kind=PlanKind.DESTROY, volumes=True)
        )
        assert failed.state is DeploymentState.FAILED
        assert await objects(here, failed) == SHOP_ADDRESSES
        assert "what db-data held is gone" in failed.error["rollback"]["message"]
