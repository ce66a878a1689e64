"""How a run went is forgotten once it ended long ago; what has not ended never is, nor what people ask about."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS, WorkflowHandleAsync
from sqlalchemy import Engine, text

from alma.core.model.deployment import DeploymentState
from alma.core.model.principal import LOCAL
from alma.workflow.durable import ENDED, WORKFLOW, DurableQueue
from alma.workflow.retention import forget_ended
from alma.workflow.turns import TURN_WORKFLOW
from tests.postgres import create_database, database_url, drop_database, postgres_server
from tests.talking import SHOP, talking
from tests.waiting import wait_until
from tests.world import World, world

__all__ = ["postgres_server"]

NAMES = (WORKFLOW, TURN_WORKFLOW)
TOMORROW = timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    if request.param == "sqlite":
        yield None
        return
    server: Path = request.getfixturevalue("postgres_server")
    name = create_database(server)
    yield database_url(server, name)
    drop_database(server, name)


async def forget(before: datetime, *, names: tuple[str, ...] = NAMES) -> int:
    return await forget_ended(before, names=names, statuses=ENDED)


async def known() -> set[str]:
    found = await DBOS.list_workflows_async(load_input=False, load_output=False)
    return {workflow.workflow_id for workflow in found}


async def ended_run(here: World) -> str:
    """A deployment whose workflow has ended, too: its own end is told before that."""
    deployment = await here.run(await here.request())
    handle: WorkflowHandleAsync[Any] = await DBOS.retrieve_workflow_async(deployment.id)
    await handle.get_result()
    return deployment.id


def waiting_run(here: World, id_: str, *, taken: bool) -> None:
    """A run that nobody here takes up: it is another executor's, or waits for a later version of ALMA."""
    engine: Engine = here.database.workflow_engine
    queue = DurableQueue(database_engine=engine, worker=None)
    with here.database.write() as transaction:
        queue.enqueue(transaction, id_)
        table = "dbos.workflow_status" if engine.dialect.name == "postgresql" else "workflow_status"
        state = {"state": "PENDING" if taken else "ENQUEUED", "id": id_}
        held = (
            f"UPDATE {table} SET status = :state, executor_id = 'other', application_version = '0' "
            "WHERE workflow_uuid = :id"
        )
        transaction.connection.execute(text(held), state)
    queue.close()


async def test_what_ended_before_that_is_forgotten_with_its_steps_and_its_log_is_kept(
    tmp_path: Path, url: str | None
) -> None:
    async with world(tmp_path, url=url) as here:
        id_ = await ended_run(here)
        log = here.log(id_)
        assert await DBOS.list_workflow_steps_async(id_)

        assert await forget(datetime.now(UTC) + TOMORROW) == 1

        assert await known() == set()
        assert await DBOS.list_workflow_steps_async(id_) == []
        assert here.deployments.get(LOCAL, id_).state is DeploymentState.SUCCEEDED
        assert here.log(id_) == log


async def test_what_ended_later_is_kept(tmp_path: Path, url: str | None) -> None:
    async with world(tmp_path, url=url) as here:
        id_ = await ended_run(here)

        assert await forget(datetime.now(UTC) - TOMORROW) == 0

        assert await known() == {id_}


async def test_what_has_not_ended_is_never_forgotten(tmp_path: Path, url: str | None) -> None:
    async with world(tmp_path, url=url) as here:
        await ended_run(here)
        waiting_run(here, "queued", taken=False)
        waiting_run(here, "taken", taken=True)

        assert await forget(datetime.now(UTC) + TOMORROW) == 1

        assert await known() == {"queued", "taken"}


async def test_runs_of_others_in_the_same_database_are_left_alone(
    tmp_path: Path, url: str | None
) -> None:
    async with world(tmp_path, url=url) as here:
        id_ = await ended_run(here)

        assert await forget(datetime.now(UTC) + TOMORROW, names=(TURN_WORKFLOW,)) == 0

        assert await known() == {id_}


async def test_a_worker_forgets_by_itself_what_is_older_than_the_setting_says(
    tmp_path: Path,
) -> None:
    async with talking(tmp_path) as talk:
        answer = await talk.say(SHOP, "deploy it")
        handle: WorkflowHandleAsync[Any] = await DBOS.retrieve_workflow_async(answer.turn_id)
        await handle.get_result()
        assert await known() == {answer.turn_id}

    async with talking(tmp_path, workflow_retention=1e-9) as talk:
        await asyncio.to_thread(wait_until, nothing_known)
        assert talk.turns[-1].response == answer.response


def nothing_known() -> bool:
    return not DBOS.list_workflows(load_input=False, load_output=False)
