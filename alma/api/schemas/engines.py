"""Engines and how they are reached, as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from pydantic import ConfigDict, Field, RootModel

from alma.api.schemas.common import PREFIX, Listed
from alma.core.model.base import Json
from alma.core.model.connection import Connection
from alma.core.model.engine import Health


class ConnectionBody(RootModel[dict[str, Json]]):
    """An engine's own settings, secrets among them. The engine says which there are."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "urls": ["https://pve1.example.org:8006", "https://pve2.example.org:8006"],
                "token": "alma@pve!alma=00000000-0000-0000-0000-000000000000",
                "storage": "local-zfs",
            }
        }
    )


class EngineView(Health):
    """An engine, or one connection to it, and whether it can be used now."""

    default: bool = Field(description="Where a blueprint lands that names no engine.")
    configured: bool = Field(description="Whether anything says where it is, if it has to be told.")


class EngineList(Listed):
    """All engines of this installation, and the named connections to them."""

    items: Sequence[EngineView]


class ConnectionView(Connection):
    """How an engine is reached."""

    links: Mapping[str, str]


def engine_view(health: Health, *, default: str, places: Sequence[str]) -> EngineView:
    """The engine's answer, whether it is the default one, and whether it is configured."""
    return EngineView(
        **dict(health), default=health.engine == default, configured=health.engine in places
    )


def connection_view(connection: Connection) -> ConnectionView:
    """The connection and where to go from it."""
    base = f"{PREFIX}/engines/{quote(connection.engine, safe='@')}"
    links = {"self": f"{base}/connection", "check": f"{base}/check"}
    return ConnectionView(**dict(connection), links=links)
