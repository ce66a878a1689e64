"""Several workers on one PostgreSQL: what a dead one left is finished by another, once."""

from __future__ import annotations

import collections
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from alma.core.model.deployment import DeploymentState
from alma.core.model.principal import LOCAL
from tests.postgres import create_database, database_url, postgres_server
from tests.waiting import PATIENCE
from tests.world import SHOP_ADDRESSES, world

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]

__all__ = ["postgres_server"]

REPOSITORY = Path(__file__).resolve().parents[2]


def worker(home: Path, url: str, name: str, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.crash.victim", str(home), *options]
    return subprocess.Popen(
        [*command, "--url", url, "--executor", name],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def test_a_worker_finishes_what_a_dead_worker_left(tmp_path, postgres_server):
    url = database_url(postgres_server, create_database(postgres_server))
    dead = worker(tmp_path, url, "first", "deploy", "--die", "made-unrecorded:3")
    _, err = dead.communicate(timeout=PATIENCE)
    assert dead.returncode == -signal.SIGKILL, err

    heir = worker(tmp_path, url, "second", "resume")
    out, err = heir.communicate(timeout=PATIENCE)
    assert heir.returncode == 0, err
    assert json.loads(out) == ["succeeded"]
    assert "taking over the work of first" in err

    async with world(tmp_path, url=url, started=False) as here:
        (deployment,) = here.deployments.list(LOCAL)[0]
        assert deployment.state is DeploymentState.SUCCEEDED
        operations = await here.simulation.operations(deployment.plan.stack)
        made = collections.Counter(o.address for o in operations if o.action == "create")
        assert made == dict.fromkeys(SHOP_ADDRESSES, 1)


async def test_a_frozen_worker_that_wakes_after_its_run_was_taken_does_no_harm(
    tmp_path, postgres_server
):
    url = database_url(postgres_server, create_database(postgres_server))
    zombie = worker(tmp_path, url, "zombie", "deploy", "--freeze", "made-unrecorded:3")
    assert zombie.stdout is not None
    assert zombie.stdout.readline().strip() == "frozen"

    heir = worker(tmp_path, url, "heir", "resume")
    out, err = heir.communicate(timeout=PATIENCE)
    assert json.loads(out) == ["succeeded"], err
    zombie.send_signal(signal.SIGCONT)
    out, err = zombie.communicate(timeout=PATIENCE)
    assert json.loads(out) == ["succeeded"], err

    async with world(tmp_path, url=url, started=False) as here:
        (deployment,) = here.deployments.list(LOCAL)[0]
        operations = await here.simulation.operations(deployment.plan.stack)
        assert {o.action for o in operations} == {"create"}
        made = collections.Counter(o.address for o in operations)
        assert made == dict.fromkeys(SHOP_ADDRESSES, 1)
        ends = [event for event in here.log(deployment.id) if event.type == "complete"]
        assert len(ends) == 1


async def test_a_frozen_worker_that_wakes_after_everything_is_over_makes_nothing(
    tmp_path, postgres_server
):
    url = database_url(postgres_server, create_database(postgres_server))
    zombie = worker(tmp_path, url, "zombie", "deploy", "--freeze", "before-intent:1")
    assert zombie.stdout is not None
    assert zombie.stdout.readline().strip() == "frozen"

    for what, states in (("resume", ["succeeded"]), ("destroy", ["succeeded", "succeeded"])):
        heir = worker(tmp_path, url, "heir", what)
        out, err = heir.communicate(timeout=PATIENCE)
        assert json.loads(out) == states, err
    zombie.send_signal(signal.SIGCONT)
    out, err = zombie.communicate(timeout=PATIENCE)
    assert json.loads(out) == ["succeeded"], err

    async with world(tmp_path, url=url, started=False) as here:
        last, first = here.deployments.list(LOCAL)[0]
        assert await here.simulation.objects(last.plan.stack) == []
        assert here.log(first.id)[-1].type == "complete"
        with here.database.read() as transaction:
            assert transaction.stacks.holder(last.plan.stack.id) is None
