"""A run stays where its plan was approved for, whatever is configured meanwhile and whoever takes it up again."""

from __future__ import annotations

import asyncio

from alma.core.model.deployment import DeploymentState
from alma.core.model.principal import LOCAL
from alma.engines.simulation import SimulationEngine, SimulationSettings
from tests.integration.workflow.meddling import applying, records
from tests.integration.workflow.test_runs import objects
from tests.world import World, world


async def left_in_the_middle(here: World, monkeypatch) -> str:
    """A run whose worker stops when it is about to make the database: the network and the volume are there."""
    reached = asyncio.Event()

    async def stop(address: str) -> None:
        if address == "db":
            reached.set()
            await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        applying(here, patch, stop)
        queued = await here.iprs.deploy(LOCAL, (await here.request()).id)
        await reached.wait()
        await here.worker.stop()
    return queued.id


async def test_a_run_that_is_taken_up_again_elsewhere_makes_and_undoes_nothing_there(
    tmp_path, monkeypatch
):
    async with world(tmp_path) as here:
        id_ = await left_in_the_middle(here, monkeypatch)
    elsewhere = {"path": tmp_path / "elsewhere.db"}
    async with world(tmp_path, simulation=elsewhere) as there:
        ended = await there.ended(id_)
        assert ended.state is DeploymentState.FAILED
        assert ended.error["code"] == "plan_stale"
        assert ended.error["rollback"]["code"] == "plan_stale"
        assert await objects(there, ended) == set()
        assert set(await records(there, ended)) == {"network", "db-data"}
    async with world(tmp_path, started=False) as here:
        assert await objects(here, ended) == {"network", "db-data"}


async def test_a_run_that_is_taken_up_again_at_its_place_goes_on_after_one_look(
    tmp_path, monkeypatch
):
    async with world(tmp_path) as here:
        id_ = await left_in_the_middle(here, monkeypatch)
    looks = 0
    async with world(tmp_path, started=False) as here:
        read = here.simulation.read

        async def counted(stack):
            nonlocal looks
            looks += 1
            return await read(stack)

        monkeypatch.setattr(here.simulation, "read", counted)
        await here.worker.start()
        ended = await here.ended(id_)
        assert ended.state is DeploymentState.SUCCEEDED
        assert looks == 2  # and one at its end


async def test_what_is_looked_at_before_a_run_is_what_the_run_works_on(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        late = SimulationEngine(SimulationSettings(path=tmp_path / "late.db", time_scale=0))
        real = here.engines.get

        def get(name, *, project="default", holder=None):
            # Whoever runs it has not heard yet that the connection leads to another place now.
            return late if holder else real(name, project=project)

        monkeypatch.setattr(here.engines, "get", get)
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.FAILED
        assert ended.error["code"] == "plan_stale"
        assert await late.objects(ended.plan.stack) == []
        await late.close()
