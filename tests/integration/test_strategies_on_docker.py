"""Rolling and canary deployments on a real Docker host: who is not being changed runs, and a bad canary goes back."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from alma.core.model.deployment import Deployment, DeploymentState
from alma.core.model.ipr import ReviewAction
from alma.core.model.plan import Pace, PlanKind, Strategy
from alma.core.model.principal import LOCAL
from alma.core.model.state import Status
from tests.world import World, world

pytestmark = [pytest.mark.docker, pytest.mark.slow]

NAMES = ("web", "web-2", "web-3")


def site(name: str, **more: Any) -> dict[str, Any]:
    web = {"name": "web", "type": "service", "engine": "nginx", "count": 3, **more}
    return {"name": name, "resources": [web]}


async def deployed(here: World, document: dict[str, Any], *, pace: Pace = Pace()) -> Deployment:  # noqa: B008
    known, _ = here.blueprints.list(LOCAL, name=document["name"])
    if known:
        here.blueprints.update(LOCAL, known[0].id, document)
    number = known[0].id if known else here.blueprints.create(LOCAL, document).id
    ipr = await here.iprs.open(LOCAL, title="x", blueprint_id=number, engine="docker", pace=pace)
    here.iprs.review(LOCAL, ipr.id, action=ReviewAction.APPROVE)
    return await here.ended((await here.iprs.deploy(LOCAL, ipr.id)).id, seconds=240)


@asynccontextmanager
async def running(home: Path) -> AsyncIterator[tuple[World, Deployment, str]]:
    """Three web servers; everything is removed at the end."""
    async with world(home) as here:
        name = f"roll{uuid.uuid4().hex[:8]}"
        first = await deployed(here, site(name))
        try:
            assert first.state is DeploymentState.SUCCEEDED
            yield here, first, name
        finally:
            ipr = await here.iprs.open(
                LOCAL,
                title="away",
                blueprint_id=first.plan.target.blueprint_id,
                engine="docker",
                kind=PlanKind.DESTROY,
                volumes=True,
            )
            here.iprs.review(LOCAL, ipr.id, action=ReviewAction.APPROVE)
            await here.ended((await here.iprs.deploy(LOCAL, ipr.id)).id, seconds=240)


async def alive(here: World, deployment: Deployment) -> dict[str, str]:
    """The web servers that run, with the engine's ids of them."""
    seen = await here.engines.get("docker").read(deployment.plan.stack)
    return {
        item.address: item.object_id
        for item in seen.resources
        if item.address in NAMES and item.status is Status.RUNNING
    }


async def test_those_that_are_not_being_changed_run_while_one_after_another_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as (here, first, name):
        engine = here.engines.get("docker")
        before, seen, real = await alive(here, first), [], engine.apply

        async def apply(change: Any, key: str, context: Any) -> Any:
            seen.append((change.address, set(await alive(here, first))))
            return await real(change, key, context)

        monkeypatch.setattr(engine, "apply", apply)
        rolling = Pace(strategy=Strategy.ROLLING, batch=1)
        ended = await deployed(here, site(name, env={"RELEASE": "2"}), pace=rolling)
        assert ended.state is DeploymentState.SUCCEEDED
        assert [address for address, _ in seen] == [*NAMES]
        assert all(present == set(NAMES) for _, present in seen)
        after = await alive(here, first)
        assert set(after) == set(NAMES)
        assert all(after[address] != before[address] for address in NAMES)


async def test_a_canary_that_does_not_work_leaves_the_others_alone_and_is_set_back(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as (here, first, name):
        before = await alive(here, first)
        broken = site(name, command=["sh", "-c", "exit 3"])
        ended = await deployed(here, broken, pace=Pace(strategy=Strategy.CANARY))
        assert ended.state is DeploymentState.ROLLED_BACK
        assert ended.error is not None
        assert "web" in str(ended.error["message"])
        after = await alive(here, first)
        assert {name: after[name] for name in NAMES[1:]} == {
            name: before[name] for name in NAMES[1:]
        }
        assert "web" in after, "the canary runs again as it did before"
        plan = await here.plans.make(LOCAL, first.plan.target)
        assert plan.effective == ()
