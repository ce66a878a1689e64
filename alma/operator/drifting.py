"""Looks whether what is deployed still is as it was left and still does its work. Reading changes nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from alma.core.model.base import digest_of
from alma.core.model.declaration import Declaration
from alma.core.model.deployment import Check
from alma.core.model.errors import Conflict, EngineError
from alma.core.model.plan import Drift
from alma.core.model.principal import Principal
from alma.core.model.state import Stack
from alma.operator.documents import MOST_ITEMS, clipped
from alma.operator.names import Kind, Truth
from alma.operator.parts import Parts
from alma.operator.turn import Turn, moment


def is_due(turn: Turn, every: float) -> bool:
    """Whether the last look is long ago, or none is known of."""
    last = turn.seen.status.looked_at
    if last is None:
        return True
    try:
        then = datetime.strptime(last, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return True
    return (turn.now - then).total_seconds() >= every


async def stack_of(parts: Parts, who: Principal, declared: Declaration) -> Stack | None:
    """What of it lives on its engine."""
    found = await asyncio.to_thread(parts.stacks.list, who, blueprint_id=declared.blueprint_id)
    return next((stack for stack in found if stack.ref.engine == declared.engine), None)


async def look_for_drift(parts: Parts, who: Principal, stack: Stack, turn: Turn) -> str | None:
    """Says what drifted and what fails. A word for the drift that was found, the same for the same one; None for
    none."""
    turn.note(looked_at=moment(turn.now))
    status = await parts.stacks.status(who, stack.ref.id)
    if status.resources is None:
        turn.say(Kind.DRIFTED, Truth.UNKNOWN, "EngineUnavailable", status.problem or "")
        return None
    _say_drift(turn, status.drift)
    await _say_checks(parts, who, stack, turn)
    return (
        f"drift:{digest_of([item.model_dump(mode='json') for item in status.drift])}"
        if (status.drift)
        else None
    )


def _say_drift(turn: Turn, drift: tuple[Drift, ...]) -> None:
    told = tuple(clipped(f"{item.address}: {item.detail}", 400) for item in drift[:MOST_ITEMS])
    turn.note(drift=told)
    if not drift:
        turn.say(Kind.DRIFTED, Truth.FALSE, "InStep", "all is as the last deployment left it")
        return
    more = f"; and {len(drift) - len(told)} more" if len(drift) > len(told) else ""
    turn.say(Kind.DRIFTED, Truth.TRUE, "Drifted", f"{'; '.join(told)}{more}")


async def _say_checks(parts: Parts, who: Principal, stack: Stack, turn: Turn) -> None:
    try:
        checks = await parts.stacks.verify(who, stack.ref.id)
    except EngineError as error:
        turn.say(Kind.READY, Truth.UNKNOWN, type(error).__name__, error.message)
        return
    except Conflict:
        return  # Nothing is deployed in full, which the other conditions tell.
    failed = [check for check in checks if not check.passed]
    if failed:
        turn.say(Kind.READY, Truth.FALSE, "Unhealthy", _told(failed))
    else:
        turn.say(Kind.READY, Truth.TRUE, "Deployed", f"{len(checks)} checks passed")


def _told(failed: list[Check]) -> str:
    return "; ".join(f"{check.address}: {check.detail}" for check in failed[:MOST_ITEMS])
