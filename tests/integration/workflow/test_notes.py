"""What an engine keeps for its next attempt is there after a crash, and for that attempt only."""

from __future__ import annotations

import pytest

from alma.core.model.deployment import DeploymentState
from alma.core.model.errors import OutcomeUnknown
from alma.core.model.principal import LOCAL
from tests.integration.workflow.test_runs import broken
from tests.world import world


def keeping(here, monkeypatch, *, number, fail=()):
    """Lets the engine keep a number before each change, and tells what it found there, by key. The first change at each
    address of `fail` gets no answer after that."""
    found, left, real = {}, set(fail), here.simulation.apply

    async def apply(change, key, context):
        found.setdefault(key, []).append(context.kept("vmid"))
        if context.kept("vmid") is None:
            await context.keep("vmid", str(next(number)))
        assert context.kept("vmid") is not None
        if change.address in left:
            left.remove(change.address)
            raise OutcomeUnknown(f"no answer about {change.address}")
        return await real(change, key, context)

    monkeypatch.setattr(here.simulation, "apply", apply)
    return found


async def test_the_next_attempt_finds_what_the_last_one_kept(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        found = keeping(here, monkeypatch, number=iter(range(100, 200)), fail=["web"])
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.SUCCEEDED
        key = f"{ended.id}:web"
        assert found[key][0] is None
        assert found[key][1] is not None
        assert all(len(seen) == 1 for other, seen in found.items() if other != key)


async def test_another_process_finds_what_a_dead_one_kept(tmp_path, monkeypatch):
    class Died(BaseException):
        """Stands for the end of the process: nothing catches it."""

    async with world(tmp_path) as here:
        await here.worker.stop()
        queued = await here.iprs.deploy(LOCAL, (await here.request()).id)
        assert await here.execution.lock(queued.id) is None

        async def apply(change, key, context):
            await context.keep("vmid", "104")
            raise Died

        monkeypatch.setattr(here.simulation, "apply", apply)
        with pytest.raises(Died):
            await here.execution.apply(queued.id, "network")
    async with world(tmp_path, started=False) as again:
        found = keeping(again, monkeypatch, number=iter(()))
        assert await again.execution.apply(queued.id, "network") is None
        assert found == {f"{queued.id}:network": ["104"]}


async def test_an_undo_sees_nothing_of_what_the_deployment_kept(tmp_path, monkeypatch):
    async with world(tmp_path, simulation=broken("lb")) as here:
        found = keeping(here, monkeypatch, number=iter(range(100, 200)))
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.ROLLED_BACK
        undone = {key: seen for key, seen in found.items() if ":undo:" in key}
        assert undone
        assert all(seen[0] is None for seen in undone.values())
