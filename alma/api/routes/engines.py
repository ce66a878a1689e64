"""Engines: which there are, and whether each can be used now."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from alma.api.deps import Wired
from alma.api.schemas.common import PREFIX, failures
from alma.api.schemas.stacks import EngineList, EngineView, engine_view

router = APIRouter(prefix=f"{PREFIX}/engines", tags=["engines"])


@router.get("")
async def list_engines(alma: Wired) -> EngineList:
    """All engines, asked at the same time."""
    names = alma.engines.names()
    found = await asyncio.gather(*(alma.health.engine(name) for name in names))
    default = alma.settings.default_engine
    return EngineList(items=[engine_view(item, default=default) for item in found])


@router.get("/{name}/check", responses=failures(422))
async def check_engine(alma: Wired, name: str) -> EngineView:
    """Whether one engine can be used now, and what is missing. One that is down is an answer, not a failure."""
    return engine_view(await alma.health.engine(name), default=alma.settings.default_engine)
