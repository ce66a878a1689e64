"""Whether a caller still is what it was when it came: for streams and connections that outlive what opened them.

A key may be revoked, an account disabled, a role taken back, a token run out, and none of that reaches what is open
already unless somebody looks. Who may do less than before is sent away, and comes back with what it may do now.
"""

from __future__ import annotations

import asyncio

from starlette.types import Scope

from alma.api.rechecking import RECHECK_SECONDS, caller_now
from alma.core.model.errors import AlmaError, Forbidden
from alma.core.model.principal import Principal
from alma.middleware.auth import STATE


class Standing:
    """Of the caller of one request or connection."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._before: Principal | None = scope.get(STATE)

    async def lost(self) -> AlmaError | None:
        """Why the caller may not go on; None while it may, and while that can't be known."""
        if self._before is None:
            return None
        now = await caller_now(self._scope)
        if now is None or isinstance(now, AlmaError):
            return now
        return None if _still(self._before, now) else _less(now)

    async def until_lost(self) -> AlmaError:
        """Looks again and again; why the caller may not go on, once that is so."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            if (why := await self.lost()) is not None:
                return why


def _still(before: Principal, now: Principal) -> bool:
    same = (now.id, now.project) == (before.id, before.project)
    return (
        same and before.permissions <= now.permissions and now.administrator >= before.administrator
    )


def _less(now: Principal) -> Forbidden:
    return Forbidden(
        f"{now.id} may do less than when this was opened", hint="open it again with what is left"
    )
