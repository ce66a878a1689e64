"""What routes ask for: the wired application, and who is calling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Query, Request

from alma.core.model.principal import Principal
from alma.middleware.auth import principal_of

if TYPE_CHECKING:
    from alma.bootstrap import Alma
else:
    # The composition root pulls in every adapter: not before the application starts.
    Alma = Any

__all__ = ["Alma", "Caller", "Limit", "Skip", "Wired", "parts", "principal", "wired"]


def parts(request: Request) -> Alma:
    """The application's parts."""
    alma: Alma = request.app.state.alma
    return alma


async def wired(request: Request) -> Alma:
    """The application's parts, for the framework."""
    return parts(request)


async def principal(request: Request) -> Principal:
    """Who is calling. Raises Unauthenticated."""
    return principal_of(request.scope)


Wired = Annotated[Alma, Depends(wired)]
Caller = Annotated[Principal, Depends(principal)]
Skip = Annotated[int, Query(ge=0, le=10**9, description="How many to leave out.")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many to answer with at most.")]
