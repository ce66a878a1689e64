"""kill -9 anywhere, start again: the deployment ends as if nothing had happened, and nothing was made twice."""

from __future__ import annotations

import collections
import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from alma.core.model.deployment import DeploymentState, StepState
from alma.core.model.principal import LOCAL
from tests.waiting import PATIENCE, wait_until
from tests.world import SHOP_ADDRESSES, world

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]

REPOSITORY = Path(__file__).resolve().parents[2]


def victim(home: Path, what: str, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.crash.victim", str(home), what, *options],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(home: Path, what: str, *options: str) -> list[str]:
    process = victim(home, what, *options)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    states: list[str] = json.loads(out)
    return states


def killed(home: Path, what: str, *options: str) -> None:
    process = victim(home, what, *options)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL, err


async def told(home: Path):
    """What is there after it all: objects, effects, deployments and the last deployment's log."""
    async with world(home, started=False) as here:
        deployments, _ = here.deployments.list(LOCAL)
        stack = deployments[0].plan.stack
        return (
            [thing.address for thing in await here.simulation.objects(stack)],
            await here.simulation.operations(stack),
            deployments,
            here.log(deployments[0].id),
        )


INSIDE = [
    "before-intent",
    "after-intent",
    "made-unrecorded",
    "made-recorded",
    "finished-unremembered",
    "step-boundary",
]


@pytest.mark.parametrize(
    ("point", "number"),
    [
        *((point, number) for point in INSIDE for number in (1, 4)),
        # The first two pauses are the reads before the run and at its start.
        ("between-effects", 4),
        ("between-effects", 9),
    ],
)
async def test_death_inside_the_run_is_survived_with_nothing_made_twice(tmp_path, point, number):
    killed(tmp_path, "deploy", "--die", f"{point}:{number}")
    assert run(tmp_path, "resume") == ["succeeded"]
    await everything_was_made_once(tmp_path)


@pytest.mark.parametrize("point", ["started", "verifying", "before-end", "after-end"])
async def test_death_around_the_run_is_survived_too(tmp_path, point):
    killed(tmp_path, "deploy", "--die", f"{point}:1")
    assert run(tmp_path, "resume") == ["succeeded"]
    await everything_was_made_once(tmp_path)


async def test_death_after_death_is_survived(tmp_path):
    killed(tmp_path, "deploy", "--die", "made-unrecorded:2")
    killed(tmp_path, "resume", "--die", "made-recorded:2")
    killed(tmp_path, "resume", "--die", "finished-unremembered:1")
    assert run(tmp_path, "resume") == ["succeeded"]
    await everything_was_made_once(tmp_path)


@pytest.mark.parametrize("seed", range(3))
async def test_death_at_any_moment_is_survived(tmp_path, seed):
    chance = random.Random(seed)
    process = victim(tmp_path, "deploy", "--slow", "0.2")
    wanted = chance.randint(1, 6)
    database = tmp_path / "simulation.db"
    wait_until(
        lambda: database.exists() and effects(database) >= wanted, timeout=PATIENCE, interval=0.005
    )
    process.kill()
    process.communicate(timeout=PATIENCE)
    assert run(tmp_path, "resume") == ["succeeded"]
    await everything_was_made_once(tmp_path)


def effects(database: Path) -> int:
    import sqlite3

    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT count(*) FROM operation").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


async def everything_was_made_once(home: Path) -> None:
    objects, operations, (deployment,), log = await told(home)
    assert sorted(objects) == sorted(SHOP_ADDRESSES)
    made = collections.Counter(o.address for o in operations if o.action == "create")
    assert made == dict.fromkeys(SHOP_ADDRESSES, 1)
    assert {step.state for step in deployment.steps} == {StepState.SUCCEEDED}
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    finished = collections.Counter(e.address for e in log if e.message.startswith("created "))
    assert finished == dict.fromkeys(SHOP_ADDRESSES, 1)
    assert log[-1].type == "complete"


@pytest.mark.parametrize(
    "point", ["after-intent:3", "made-unrecorded:2", "finished-unremembered:4"]
)
async def test_a_replacement_that_was_interrupted_leaves_one_object(tmp_path, point):
    assert run(tmp_path, "deploy") == ["succeeded"]
    killed(tmp_path, "update", "--die", point)
    assert run(tmp_path, "resume") == ["succeeded", "succeeded"]
    objects, operations, _, _ = await told(tmp_path)
    assert sorted(objects) == sorted({*SHOP_ADDRESSES, "web-4"})
    made = collections.Counter(o.address for o in operations if o.action == "create")
    assert {made[address] for address in ("web", "web-2", "web-3")} == {2}
    assert {made[address] for address in ("db", "network", "web-4")} == {1}


@pytest.mark.parametrize("point", ["after-intent:2", "made-unrecorded:5"])
async def test_a_destruction_that_was_interrupted_leaves_nothing(tmp_path, point):
    assert run(tmp_path, "deploy") == ["succeeded"]
    killed(tmp_path, "destroy", "--die", point)
    assert run(tmp_path, "resume") == ["succeeded", "succeeded"]
    objects, _, _, _ = await told(tmp_path)
    assert objects == []


async def test_a_rollback_that_was_interrupted_still_leaves_nothing(tmp_path):
    broken = json.dumps([{"kind": "rejected", "action": "create", "address": "lb"}])
    # Seven changes are intended; the eighth intent is the first of the rollback.
    killed(tmp_path, "deploy", "--faults", broken, "--die", "after-intent:9")
    assert run(tmp_path, "resume", "--faults", broken) == ["rolled_back"]
    objects, _, (deployment,), _ = await told(tmp_path)
    assert objects == []
    assert deployment.state is DeploymentState.ROLLED_BACK
