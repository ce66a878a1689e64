"""Whether somebody may still have what was opened before: streams and WebSockets outlive keys, accounts and roles.

Who is calling is asked anew every few seconds, in the same way as when the connection was opened. So what was taken
back ends within seconds, in whichever process it was taken back.
"""

from __future__ import annotations

import asyncio

from starlette.types import Scope

from alma.core.model.access import Permission
from alma.core.model.errors import AlmaError, DatabaseUnavailable, RateLimited, Unauthenticated
from alma.core.model.principal import Principal
from alma.middleware.auth import AGAIN, principal_of

RECHECK_SECONDS = 2.0
_HINT = "sign in again, then go on after what was seen last"


async def caller_now(scope: Scope) -> Principal | AlmaError | None:
    """The caller of a connection as it is now, or why it is let in no more. None where nobody can tell: while the
    database is away or too much was asked, what was allowed a moment ago goes on."""
    again = scope.get(AGAIN)
    if again is None:
        return None
    try:
        found: Principal | None = await again()
    except (DatabaseUnavailable, RateLimited):
        return None
    except AlmaError as error:
        return error
    return _unknown() if found is None else found


def _unknown() -> Unauthenticated:
    return Unauthenticated("the caller is not known here any more", hint=_HINT)


async def refusal(scope: Scope, permission: Permission) -> AlmaError | None:
    """Why the caller of a connection may not go on with what takes that permission; None for who may, and where nobody
    can tell."""
    found = await caller_now(scope)
    if found is None or isinstance(found, AlmaError):
        return found
    if found.project != principal_of(scope).project:
        return _unknown()
    try:
        found.require(permission)
    except AlmaError as error:
        return error
    return None


async def refused(scope: Scope, permission: Permission) -> AlmaError:
    """The same, once it is so: waits for it."""
    while True:
        await asyncio.sleep(RECHECK_SECONDS)
        error = await refusal(scope, permission)
        if error is not None:
            return error
