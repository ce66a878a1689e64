"""Who slept through the end of its run, a frozen worker or a lost thread, wakes to a world that is others' by now:
it touches nothing and writes nothing down."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from alma.core.model.deployment import DeploymentState
from alma.core.model.engine import Outcome
from alma.core.model.errors import EngineError, IllegalTransition
from alma.core.model.plan import PlanKind
from alma.core.model.principal import LOCAL
from alma.core.services.applying import Applying
from alma.core.services.patience import Patience
from alma.core.services.places import Places
from tests.integration.workflow.meddling import records
from tests.integration.workflow.test_runs import broken, objects
from tests.postgres import create_database, database_url, postgres_server
from tests.waiting import wait_until
from tests.world import world

__all__ = ["postgres_server"]


def change_at(deployment, address):
    return next(change for change in deployment.plan.changes if change.address == address)


async def perform(here, deployment, address, *, undo=False):
    """What a worker does that slept between the question whether to do it and the answer."""
    patience = Patience(0)
    applying = Applying(
        engines=here.engines, journal=here.journal, patience=patience, places=Places(patience)
    )
    key = f"{deployment.id}:{'undo:' if undo else ''}{address}"
    return await applying.perform(deployment, change_at(deployment, address), key)


async def destroyed(here):
    return await here.run(await here.request(blueprint_id=1, kind=PlanKind.DESTROY, volumes=True))


def holder(here, deployment):
    with here.database.read() as transaction:
        return transaction.stacks.holder(deployment.plan.stack.id)


async def test_a_change_of_a_run_that_has_ended_is_not_made(tmp_path):
    async with world(tmp_path) as here:
        made = await here.run(await here.request())
        gone = await destroyed(here)
        for undo in (False, True):
            with pytest.raises(IllegalTransition):
                await perform(here, made, "db-data", undo=undo)
        assert await objects(here, gone) == set()
        assert holder(here, gone) is None
        assert here.deployments.get(LOCAL, made.id) == made


async def test_a_change_of_a_run_that_is_being_undone_is_not_made(tmp_path):
    async with world(tmp_path, simulation=broken("lb")) as here:
        undo, refused = here.execution.undo, []

        async def undone(id_):
            answer = await undo(id_)
            refused.append(await perform(here, here.deployments.get(LOCAL, id_), "db-data"))
            return answer

        here.execution.undo = undone
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.ROLLED_BACK
        assert [failure["code"] for failure in refused] == ["halted"]
        assert await objects(here, ended) == set()


async def test_what_was_made_in_a_run_that_has_ended_is_not_recorded(tmp_path):
    async with world(tmp_path) as here:
        made = await here.run(await here.request())
        seen = await here.simulation.read(made.plan.stack)
        gone = await destroyed(here)
        log, change, key = here.log(made.id), change_at(made, "web"), f"{made.id}:web"
        outcome = Outcome(resource=seen.resources[0])
        for late in (
            lambda: here.journal.made(made, change, key, outcome),
            lambda: here.journal.finish(made, change, key, outcome),
            lambda: here.journal.fail(made, change, key, EngineError("it is late")),
            lambda: here.journal.broke(made.id, "web", {"message": "it is late"}),
            lambda: here.journal.settle(made, ["web"], seen, undone=True),
            lambda: here.journal.checks(made.id, ()),
            lambda: here.journal.note(made.id, "it is late"),
            lambda: here.journal.keep(made, change, key, name="vmid", value="104"),
        ):
            with pytest.raises(IllegalTransition):
                late()
        assert await records(here, gone) == {}
        assert here.log(made.id) == log
        assert here.deployments.get(LOCAL, made.id) == made


async def test_a_run_that_is_being_undone_keeps_nothing_for_the_deployment_s_key(tmp_path):
    async with world(tmp_path, simulation=broken("lb")) as here:
        undo, refused = here.execution.undo, []

        async def undone(id_):
            answer = await undo(id_)
            deployment = here.deployments.get(LOCAL, id_)
            change = change_at(deployment, "web")
            with pytest.raises(IllegalTransition, match="is rolling_back, and not running"):
                here.journal.keep(deployment, change, f"{id_}:web", name="vmid", value="104")
            refused.append(here.journal.kept(deployment, change, f"{id_}:web"))
            return answer

        here.execution.undo = undone
        await here.run(await here.request())
        assert refused == [{}]


@pytest.mark.parametrize("late", ["checks", "cancel"])
async def test_an_end_that_comes_in_between_is_not_overwritten(tmp_path, postgres_server, late):
    """Where two write at once, what is written was read before the end of the run, and waits for it."""
    url = database_url(postgres_server, create_database(postgres_server))
    async with world(tmp_path, url=url) as here:
        ipr = await here.request()
        await here.worker.stop()
        queued = await here.iprs.deploy(LOCAL, ipr.id)
        write = {
            "checks": lambda: here.journal.checks(queued.id, ()),
            "cancel": lambda: here.deployments.cancel(LOCAL, queued.id),
        }[late]
        with ThreadPoolExecutor(1) as pool:
            with here.database.write() as transaction:
                over = {"state": DeploymentState.FAILED}
                transaction.deployments.update(queued.model_copy(update=over))
                writing = pool.submit(write)
                wait_until(lambda: somebody_waits(here), interval=0.01)
            with pytest.raises(IllegalTransition):
                writing.result(timeout=30)
        assert here.deployments.get(LOCAL, queued.id).state is DeploymentState.FAILED
        assert [event.seq for event in here.log(queued.id)] == [1]


def somebody_waits(here):
    with here.database.read() as transaction:
        asked = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return transaction.connection.execute(asked).scalar_one()
