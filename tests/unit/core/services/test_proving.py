"""Everything is asked, no more at once than the engine takes, and an engine that is away is not asked by everybody."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from alma.core.model.deployment import Check
from alma.core.model.errors import EngineUnavailable
from alma.core.services.patience import ATTEMPTS, Patience
from alma.core.services.proving import prove
from tests.unit.core.planning.worlds import STACK, desired

WEBS = desired({"name": "web", "type": "vm", "engine": "nginx", "count": 20})


class Asked:
    traits = SimpleNamespace(max_parallel=3)

    def __init__(self, away: bool = False) -> None:
        self.away = away
        self.asked: list[str] = []
        self.now = self.most = 0

    async def verify(self, item, stack):
        self.asked.append(item.address)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        if self.away:
            raise EngineUnavailable("away")
        return [Check(address=item.address, name="running", passed=True, detail="")]


async def test_all_are_asked_in_order_within_the_limit():
    engine = Asked()
    checks = await prove(engine, STACK, WEBS, Patience(0))
    assert [check.address for check in checks] == [item.address for item in WEBS]
    assert engine.most == 3


async def test_an_engine_that_is_away_is_not_asked_by_every_resource_in_turn():
    engine = Asked(away=True)
    with pytest.raises(EngineUnavailable):
        await prove(engine, STACK, WEBS, Patience(0))
    assert len(engine.asked) == 3 * ATTEMPTS
    assert engine.now == 0
