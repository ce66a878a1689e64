"""Asks everything that should run whether it does its work, as many at once as the engine takes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from alma.core.model.deployment import Check
from alma.core.model.errors import EngineError
from alma.core.model.state import DesiredResource, StackRef
from alma.core.ports import Engine
from alma.core.services.failure import told
from alma.core.services.patience import Patience


async def prove(
    engine: Engine, stack: StackRef, desired: Iterable[DesiredResource], patience: Patience
) -> list[Check]:
    """The proofs, in the order of `desired`. Raises EngineError when one can't be asked, after those that are being
    asked have answered: nothing goes on behind the back of who got an answer."""
    limit = asyncio.Semaphore(engine.traits.max_parallel)
    errors: list[EngineError] = []

    async def ask(item: DesiredResource) -> Sequence[Check]:
        async with limit:
            try:
                # An engine that is away is asked once, not once for every resource.
                return (
                    () if errors else await patience.patiently(lambda: engine.verify(item, stack))
                )
            except EngineError as error:
                errors.append(error)
                return ()

    answers = await asyncio.gather(*map(ask, desired))
    if errors:
        raise errors[0]
    return [_told(check) for checks in answers for check in checks]


def _told(check: Check) -> Check:
    return check.model_copy(update={"detail": told(check.detail)})
