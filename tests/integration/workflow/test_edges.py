"""The corners of a run: what fails while something else fails, is cancelled late or is replayed in another order."""

from __future__ import annotations

import asyncio
import threading

from dbos import DBOS
from dbos._sys_db import SystemDatabase
from sqlalchemy import text

from alma.core.model.deployment import DeploymentState, StepState
from alma.core.model.engine import Outcome
from alma.core.model.errors import (
    ChangeRejected,
    DatabaseUnavailable,
    EngineUnavailable,
    SecretUnreadable,
)
from alma.core.model.ipr import IPRState
from alma.core.model.plan import Action
from alma.core.model.principal import LOCAL
from alma.core.services import undoing
from tests.integration.workflow.meddling import applying, raising, records, touched
from tests.integration.workflow.test_runs import broken, objects, with_web
from tests.waiting import wait_until
from tests.world import SHOP, SHOP_ADDRESSES, world


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
        with monkeypatch.context() as patch:
            raising(patch, here.simulation, "read", AssertionError("it was asked"))
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


async def test_a_database_that_is_away_at_a_restart_leaves_nothing_half_made(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        reached = asyncio.Event()

        async def stop(address):
            if address == "db":
                reached.set()
                await asyncio.Event().wait()

        applying(here, monkeypatch, stop)
        queued = await here.iprs.deploy(LOCAL, (await here.request()).id)
        await reached.wait()
    async with world(tmp_path, started=False) as here:
        raising(monkeypatch, here.journal, "load", DatabaseUnavailable("away"), times=2)
        await here.worker.start()
        assert (await here.ended(queued.id)).state is DeploymentState.SUCCEEDED


async def test_a_database_that_is_away_during_an_undo_delays_it_and_no_more(tmp_path, monkeypatch):
    async with world(tmp_path, simulation=broken("lb")) as here:
        raising(monkeypatch, undoing, "deployed", DatabaseUnavailable("away"), times=2)
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.ROLLED_BACK
        assert await objects(here, ended) == set()


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


# ── the end ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_success_records_also_what_it_found_as_it_should_be(tmp_path):
    async with world(tmp_path) as here:
        first = await here.run(await here.request())
        with here.database.write() as transaction:
            transaction.stacks.forget(first.plan.stack.id, "web")
        again = await here.run(await here.request(blueprint_id=1))
        assert again.plan.effective == ()
        assert set(await records(here, again)) == SHOP_ADDRESSES


async def test_what_was_deleted_is_proved_to_be_gone(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        await here.run(await here.request())
        real = here.simulation.apply

        async def apply(change, key, context):
            if change.address == "lb" and change.action is Action.DELETE:
                return Outcome()  # an engine that says "done" and is wrong
            return await real(change, key, context)

        document = {"name": "shop", "resources": SHOP["resources"][:2]}
        with monkeypatch.context() as patch:
            patch.setattr(here.simulation, "apply", apply)
            failed = await here.run(await here.request(document, blueprint_id=1))
        assert failed.error["code"] == "verification_failed"
        assert [c.name for c in failed.checks if c.address == "lb"] == ["gone"]
        done = await here.run(await here.request(document, blueprint_id=1))
        assert done.state is DeploymentState.SUCCEEDED
        assert [c.passed for c in done.checks if c.address == "lb"] == [True]


async def test_a_success_forgets_what_is_neither_wanted_nor_there(tmp_path):
    async with world(tmp_path) as here:
        first = await here.run(await here.request())
        await here.simulation.tamper(first.plan.stack, "web-3", remove=True)
        again = await here.run(await here.request(with_web(count=2), blueprint_id=1))
        assert set(await records(here, again)) == SHOP_ADDRESSES - {"web-3"}


# ── stopping in order ────────────────────────────────────────────────────────────────────────────


async def restarted_at(here, monkeypatch, moment):
    """Stops the worker when the engine is asked for that action at that address, and starts it again."""
    reached = asyncio.Event()
    real = here.simulation.apply

    async def apply(change, key, context):
        if (change.action, change.address) == moment and not reached.is_set():
            reached.set()
            await asyncio.Event().wait()
        return await real(change, key, context)

    monkeypatch.setattr(here.simulation, "apply", apply)
    queued = await here.iprs.deploy(LOCAL, (await here.request()).id)
    await reached.wait()
    await here.worker.stop()
    await here.worker.start()
    return await here.ended(queued.id)


async def test_a_worker_that_is_stopped_in_order_goes_on_where_it_was(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        ended = await restarted_at(here, monkeypatch, (Action.CREATE, "web-2"))
        assert ended.state is DeploymentState.SUCCEEDED
        made = await here.simulation.operations(ended.plan.stack)
        assert sorted(o.address for o in made) == sorted(SHOP_ADDRESSES)


async def test_an_undo_that_is_stopped_in_order_goes_on_too(tmp_path, monkeypatch):
    async with world(tmp_path, simulation=broken("lb")) as here:
        ended = await restarted_at(here, monkeypatch, (Action.DELETE, "db"))
        assert ended.state is DeploymentState.ROLLED_BACK
        assert await objects(here, ended) == set()
        assert await records(here, ended) == {}
