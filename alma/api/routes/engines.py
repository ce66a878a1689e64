"""Engines: which there are, how the project reaches them, and whether each can be used now."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.status import HTTP_204_NO_CONTENT

from alma.api.bodies import BodyRoute
from alma.api.deps import Caller, Wired
from alma.api.paging import Order, Part
from alma.api.schemas.common import PREFIX, failures
from alma.api.schemas.engines import (
    ConnectionBody,
    ConnectionView,
    EngineList,
    EngineView,
    connection_view,
    engine_view,
)
from alma.api.schemas.imports import Discovery
from alma.core.model.engine import Discovered

router = APIRouter(prefix=f"{PREFIX}/engines", tags=["engines"], route_class=BodyRoute)

_BY_NAME = Order[str, str]("engines", str, str, sorted="up")
_BY_OBJECT = Order[Discovered, tuple[str, str]](
    "objects", lambda item: (item.name, item.object_id), tuple[str, str], sorted="up"
)


@router.get("")
async def list_engines(alma: Wired, caller: Caller, part: Part) -> EngineList:
    """All engines and the named connections to them, such as `proxmox@lab`, asked at the same time."""
    places = await asyncio.to_thread(alma.connections.places, caller)
    names = part.of(_BY_NAME, await asyncio.to_thread(alma.connections.listed, caller))
    found = await asyncio.gather(*(alma.health.engine(caller, name) for name in names.items))
    default = alma.health.default_place()
    views = [engine_view(item, default=default, places=places) for item in found]
    return EngineList(items=views, **names.ends)


@router.get("/{name}/check", responses=failures(422))
async def check_engine(alma: Wired, caller: Caller, name: str) -> EngineView:
    """Whether one engine can be used now, and what is missing. One that is down is an answer, not a failure. The name
    may carry a connection's: `proxmox@lab`."""
    found = await alma.health.engine(caller, name)
    places = await asyncio.to_thread(alma.connections.places, caller)
    return engine_view(found, default=alma.health.default_place(), places=places)


@router.get(
    "/{name}/discover",
    response_description="By name; `obstacle` says why something can't be imported.",
    responses=failures(422, 502, 503),
)
async def discover(alma: Wired, caller: Caller, name: str, part: Part) -> Discovery:
    """What is there and belongs to no stack. Changes nothing. An engine that can't import is 422, with its reason."""
    found = part.of(_BY_OBJECT, await alma.importing.discover(caller, name))
    return Discovery(engine=name, items=found.items, **found.ends)


@router.get(
    "/{name}/connection",
    response_description="What was set, and which secrets are.",
    responses=failures(422, 503),
)
def read_connection(alma: Wired, caller: Caller, name: str) -> ConnectionView:
    """How the project reaches an engine, and who said so. Secrets are never shown."""
    return connection_view(alma.connections.show(caller, name))


@router.put(
    "/{name}/connection",
    response_description="The connection as saved. Check it next.",
    responses=failures(422, 503),
)
def save_connection(alma: Wired, caller: Caller, name: str, body: ConnectionBody) -> ConnectionView:
    """Saves how the project reaches an engine: the engine's own settings, secrets among them, all of them at once. What
    is not given is not set any more. It is used from the next request on; runs under way keep what they began with."""
    return connection_view(alma.connections.set(caller, name, body.root))


@router.delete(
    "/{name}/connection",
    status_code=HTTP_204_NO_CONTENT,
    response_description="Gone; one from a file or the environment holds again, if there is one.",
    responses=failures(404, 409, 422, 503),
)
def forget_connection(alma: Wired, caller: Caller, name: str) -> None:
    """Forgets a connection that the project has saved. Refused while something is deployed there."""
    alma.connections.remove(caller, name)
