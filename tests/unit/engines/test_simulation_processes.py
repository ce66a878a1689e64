"""Several processes share one simulated world, and one that is killed leaves it whole."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from alma.core.model.state import StackRef
from alma.engines.simulation import SimulationEngine, SimulationSettings
from tests.contract.harness import World, network
from tests.contract.simulation_harness import SimulationHarness

STACK = StackRef(id="shared", name="shared", engine="simulation")
COUNT = 40

_PROGRAM = """
import asyncio, sys
from pathlib import Path
from tests.unit.engines.test_simulation_processes import work
asyncio.run(work(Path(sys.argv[1]), float(sys.argv[2])))
"""


async def work(path: Path, time_scale: float) -> None:
    """Makes the same things with the same keys, saying each that is done."""
    settings = SimulationSettings(path=path, time_scale=time_scale, latency={"create": 1})
    engine = SimulationEngine(settings)
    world = World(SimulationHarness(path.parent), engine)
    world.stack = world.context.stack = STACK
    for number in range(COUNT):
        await world.create(network(f"net-{number}"), key=f"key-{number}")
        print(number, flush=True)
    await engine.close()


def _start(path: Path, *, time_scale: float = 0) -> subprocess.Popen[str]:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", _PROGRAM, str(path), str(time_scale)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)


def _check_world(path: Path) -> int:
    """That what is there is exactly what was done; how much that is."""

    async def look() -> int:
        engine = SimulationEngine(SimulationSettings(path=path, time_scale=0))
        things = await engine.objects(STACK)
        operations = await engine.operations(STACK)
        await engine.close()
        created = Counter(operation.address for operation in operations)
        assert set(created.values()) <= {1}, "nothing was made twice"
        assert set(created) == {thing.address for thing in things}
        return len(things)

    return asyncio.run(look())


@pytest.mark.crash
def test_processes_that_do_the_same_at_once_make_everything_once(tmp_path: Path) -> None:
    path = tmp_path / "simulation.db"
    processes = [_start(path) for _ in range(3)]
    for process in processes:
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert len(said.split()) == COUNT
    assert _check_world(path) == COUNT


@pytest.mark.crash
@pytest.mark.parametrize("after", [1, 7])
def test_a_killed_process_leaves_a_whole_world_and_its_repeat_finishes_it(
    tmp_path: Path, after: int
) -> None:
    path = tmp_path / "simulation.db"
    process = _start(path, time_scale=0.1)  # long enough to be killed in the middle
    assert process.stdout is not None
    for _ in range(after):
        process.stdout.readline()
    process.kill()
    process.communicate()
    assert after <= _check_world(path) < COUNT
    finished = _start(path)
    finished.communicate(timeout=60)
    assert finished.returncode == 0
    assert _check_world(path) == COUNT
