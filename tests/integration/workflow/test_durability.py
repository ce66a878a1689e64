"""What durable execution rests on, so that no change of it goes unseen: queued with the request or not at all, steps
numbered alike at every walk, a memory that other versions of Python and ALMA can read."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from operator import itemgetter

import pytest
from dbos import DBOS

from alma.bootstrap import build
from alma.core.model.deployment import DeploymentState
from alma.core.model.errors import DatabaseUnavailable
from alma.core.model.ipr import IPRState, ReviewAction
from alma.core.model.principal import LOCAL
from alma.settings import Settings
from alma.workflow.bus import LocalBus
from tests.integration.workflow.meddling import applying
from tests.integration.workflow.test_runs import broken, objects
from tests.waiting import wait_until
from tests.world import SHOP, SHOP_ADDRESSES, world


async def test_a_request_that_can_t_be_queued_stays_as_it_was(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        ipr = await here.request()
        with monkeypatch.context() as patch:
            enqueue = here.iprs._deploying._queue.enqueue

            def enqueued(transaction, id_):
                enqueue(transaction, id_)
                raise DatabaseUnavailable("away")

            patch.setattr(here.iprs._deploying._queue, "enqueue", enqueued)
            with pytest.raises(DatabaseUnavailable):
                await here.iprs.deploy(LOCAL, ipr.id)
        assert here.iprs.get(LOCAL, ipr.id) == ipr
        assert here.deployments.list(LOCAL) == ([], 0)
        assert await DBOS.list_workflows_async() == []
        with here.database.read() as transaction:
            assert transaction.stacks.holder(ipr.plan.stack.id) is None
        assert (await here.run(ipr)).state is DeploymentState.SUCCEEDED


async def remembered(deployment):
    """The names of the steps in their order, once the workflow is over too."""
    await asyncio.to_thread(
        wait_until, lambda: DBOS.get_workflow_status(deployment.id).status == "SUCCESS"
    )
    steps = await DBOS.list_workflow_steps_async(deployment.id)
    return [step["function_name"] for step in sorted(steps, key=itemgetter("function_id"))]


async def test_the_steps_of_changes_are_numbered_by_address_and_not_by_who_ends_first(tmp_path):
    async with world(tmp_path, simulation=broken("lb")) as here:
        ended = await here.run(await here.request())
        assert here.iprs.get(LOCAL, ended.ipr_id).state is IPRState.FAILED
        applied = [f"apply {address}" for address in sorted(SHOP_ADDRESSES)]
        assert await remembered(ended) == ["lock", "recheck", *applied, "undo", "conclude"]


async def test_what_a_run_remembers_is_json_under_a_version_that_was_set_by_hand(tmp_path):
    async with world(tmp_path, simulation=broken("lb")) as here:
        ended = await here.run(await here.request())
        await remembered(ended)
        with closing(sqlite3.connect(tmp_path / "alma.db")) as connection:
            (run,) = connection.execute(
                "SELECT application_version, serialization FROM workflow_status"
            )
            steps = connection.execute("SELECT function_name, output FROM operation_outputs")
            answers = {name: json.loads(output) for name, output in steps}
    assert run == ("1", "portable_json")
    assert answers["apply lb"]["code"] == "change_rejected"
    assert answers["apply db"] is None


async def test_what_was_queued_running_and_to_be_cancelled_at_a_stop_ends_after_the_next_start(
    tmp_path, monkeypatch
):
    async with world(tmp_path) as here:
        names = [f"shop-{number}" for number in range(8)]  # four run, four wait
        iprs = [await here.request(SHOP | {"name": name}) for name in names]
        begun, reached = 0, asyncio.Event()

        async def stop(address):
            nonlocal begun
            begun += address == "network"
            if begun == 4:
                reached.set()
            await asyncio.Event().wait()

        with monkeypatch.context() as patch:
            applying(here, patch, stop)
            queued = [(await here.iprs.deploy(LOCAL, ipr.id)).id for ipr in iprs]
            await reached.wait()
            states = [here.deployments.get(LOCAL, id_).state.value for id_ in queued]
            for id_ in (queued[0], queued[7]):
                here.deployments.cancel(LOCAL, id_)
            await here.worker.stop()
        await here.worker.start()
        ended = [await here.ended(id_) for id_ in queued]
        assert states == ["running"] * 4 + ["queued"] * 4
        assert [run.state.value for run in ended] == ["cancelled", *["succeeded"] * 6, "cancelled"]
        for run in ended:
            left = SHOP_ADDRESSES if run.state is DeploymentState.SUCCEEDED else set()
            assert await objects(here, run) == left
            assert [event.seq for event in here.log(run.id)] == [
                *range(1, len(here.log(run.id)) + 1)
            ]


async def test_on_a_file_a_run_goes_on_whatever_its_worker_is_called_by_then(tmp_path, monkeypatch):
    reached = asyncio.Event()

    async def stop(change, key, context):
        reached.set()
        await asyncio.Event().wait()

    for name in ("before", None):
        alma = build(Settings(home=tmp_path, executor_id=name, simulation_time_scale=0))
        alma.database.migrate()
        if name:
            monkeypatch.setattr(alma.engines.get("simulation"), "apply", stop)
        await alma.start()
        try:
            if name:
                blueprint = alma.blueprints.create(LOCAL, SHOP)
                ipr = await alma.iprs.open(LOCAL, title="t", blueprint_id=blueprint.id)
                alma.iprs.review(LOCAL, ipr.id, action=ReviewAction.APPROVE)
                queued = await alma.iprs.deploy(LOCAL, ipr.id)
                await reached.wait()
            else:
                async with asyncio.timeout(30):
                    log = [event async for event in alma.deployments.follow(LOCAL, queued.id)]
                assert log[-1].data["state"] == "succeeded"
        finally:
            await alma.stop()


async def test_a_reader_is_woken_by_what_was_said_since_it_looked(tmp_path):
    bus = LocalBus()
    with bus.subscribe("one") as wait, bus.subscribe("another") as sleep:
        await asyncio.to_thread(bus.notify, "one")
        async with asyncio.timeout(10):
            await wait(60)
        await sleep(0)
    assert bus._waiting == {}
