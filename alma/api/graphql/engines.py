"""Engines: which there are, how the project reaches them, and whether each can be used now."""

from __future__ import annotations

import asyncio

import strawberry
from strawberry.scalars import JSON

from alma.api.graphql.context import Context, Info
from alma.api.graphql.deriving import noun, shown
from alma.api.schemas.engines import (
    ConnectionView,
    EngineView,
    connection_view,
    engine_view,
)
from alma.api.schemas.imports import Discovery, discovery
from alma.core.model.errors import InvalidInput


@noun(EngineView)
class Engine:
    """An engine, or one connection to it, and whether it can be used now."""


@noun(Discovery, without=frozenset({"total", "next_cursor"}))
class EngineDiscovery:
    """What is on an engine and belongs to no stack."""


@noun(ConnectionView)
class EngineConnection:
    """How an engine is reached. Secrets are never shown."""


@strawberry.type
class Queries:
    """What is asked about engines."""

    @strawberry.field(description="All engines and named connections, asked at the same time.")
    async def engines(self, info: Info) -> list[Engine]:
        alma = info.context.alma
        names = await info.context.ask(alma.connections.listed)
        return [*await asyncio.gather(*(_engine(info.context, name) for name in names))]

    @strawberry.field(description="Whether one engine can be used now, and what is missing.")
    async def engine(self, info: Info, name: str) -> Engine:
        return await _engine(info.context, name)

    @strawberry.field(description="What is there and belongs to no stack.")
    async def discover(self, info: Info, engine: str) -> EngineDiscovery:
        found = await info.context.alma.importing.discover(info.context.caller, engine)
        return shown(EngineDiscovery, discovery(engine, found))

    @strawberry.field(description="How the project reaches an engine.")
    async def engine_connection(self, info: Info, engine: str) -> EngineConnection:
        found = await info.context.ask(info.context.alma.connections.show, engine)
        return shown(EngineConnection, connection_view(found))


@strawberry.type
class Mutations:
    """How engines are reached from now on."""

    @strawberry.mutation(description="Saves how the project reaches an engine, all at once.")
    async def save_connection(self, info: Info, engine: str, settings: JSON) -> EngineConnection:
        if not isinstance(settings, dict):
            raise InvalidInput("settings is no object", hint="give the engine's settings by name")
        saved = await info.context.ask(info.context.alma.connections.set, engine, settings)
        return shown(EngineConnection, connection_view(saved))

    @strawberry.mutation(description="Forgets a saved connection; answers the engine's name.")
    async def forget_connection(self, info: Info, engine: str) -> str:
        await info.context.ask(info.context.alma.connections.remove, engine)
        return engine


async def _engine(context: Context, name: str) -> Engine:
    alma = context.alma
    found = await alma.health.engine(context.caller, name)
    places = await context.ask(alma.connections.places)
    return shown(Engine, engine_view(found, default=alma.health.default_place(), places=places))
