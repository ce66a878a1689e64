"""Where an engine puts things is chosen before a plan is shown, approved with it, and kept until it is deployed."""

from __future__ import annotations

from typing import Any

import pytest

from alma.core.model.deployment import DeploymentState
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.engine import Preparation
from alma.core.model.errors import EngineUnavailable, PlanStale
from alma.core.model.plan import Plan
from alma.core.model.principal import LOCAL
from alma.core.model.state import Placement
from tests.world import world

ONE = {"name": "one", "resources": [{"name": "web", "type": "vm"}]}


class Chooser:
    """Gives each instance to the node that is `best` now, unless one that was chosen earlier can still be had."""

    def __init__(self, here, monkeypatch) -> None:
        self.best, self.free, self.full = "a", 0, False
        self.down: set[str] = set()
        self.seen: list[Any] = []
        monkeypatch.setattr(here.simulation, "prepare", self.prepare, raising=False)
        real = here.simulation.apply

        async def apply(change, key, context):
            self.seen.append(change.desired.placement.site if change.desired.placement else None)
            return await real(change, key, context)

        monkeypatch.setattr(here.simulation, "apply", apply)

    async def prepare(self, desired, observation, *, chosen):
        self.free += 1  # no two answers tell the same figures
        found = {}
        for item in desired:
            kept = chosen.get(item.address)
            node = kept.site["node"] if kept and kept.site["node"] not in self.down else self.best
            found[item.address] = Placement(site={"node": node}, reason=f"{self.free} free")
        full = Diagnostic(code="storage_full", path="web", message="no room", hint="make some")
        return Preparation(placements=found, diagnostics=(full,) if self.full else ())


def site(plan: Plan) -> str | None:
    web = next(change.desired for change in plan.changes if change.address == "web")
    return web.placement.site["node"] if web and web.placement else None


async def test_what_is_applied_goes_where_the_approved_plan_says(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        chooser = Chooser(here, monkeypatch)
        ipr = await here.request(ONE)
        assert site(ipr.plan) == "a"
        chooser.best = "b"
        ended = await here.run(ipr)
        assert ended.state is DeploymentState.SUCCEEDED
        assert {"node": "a"} in chooser.seen
        assert {"node": "b"} not in chooser.seen


async def test_a_place_that_can_t_be_had_any_more_makes_the_approval_stale(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        chooser = Chooser(here, monkeypatch)
        ipr = await here.request(ONE)
        chooser.best, chooser.down = "b", {"a"}
        with pytest.raises(PlanStale) as raised:
            await here.iprs.deploy(LOCAL, ipr.id)
        assert "web: it would go to node b instead of node a" in raised.value.details["differences"]


async def test_what_an_engine_finds_against_a_plan_blocks_it(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        chooser = Chooser(here, monkeypatch)
        ipr = await here.request(ONE)
        chooser.full = True
        with pytest.raises(PlanStale) as raised:
            await here.iprs.deploy(LOCAL, ipr.id)
        assert "web: no room" in raised.value.details["differences"]
        assert (await here.iprs.dry_run(LOCAL, ipr.id)).blocked


async def test_a_preview_of_what_is_new_goes_on_without_the_engine_and_says_so(
    tmp_path, monkeypatch
):
    async with world(tmp_path) as here:

        async def away(desired, observation, *, chosen):
            raise EngineUnavailable("nobody answers", hint="look at the network")

        monkeypatch.setattr(here.simulation, "prepare", away, raising=False)
        document = here.blueprints.create(LOCAL, {**ONE, "name": "other"}).blueprint
        plan = await here.plans.preview(LOCAL, document)
        assert [(d.code, d.severity) for d in plan.diagnostics] == [
            ("engine_not_asked", Severity.WARNING)
        ]
