from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from alma.core.services.reviewing import Held, ReviewRules
from alma.core.services.whoever import whoever
from tests.unit.operator.desk import Desk
from tests.world import SystemClock, World, world


def present(transaction: Any, principal: str, project: str) -> Held | None:
    who = whoever(transaction, principal, SystemClock().now())
    return None if who is None else Held(who.allowed(project), who.roles.get(project, frozenset()))


@pytest.fixture
async def alma(tmp_path: Path) -> AsyncIterator[World]:
    """Where authors may not approve what they wrote."""
    async with world(tmp_path, rules=ReviewRules(require_review=True, present=present)) as made:
        yield made


@pytest.fixture
def desk(alma: World) -> Desk:
    return Desk(alma)
