"""How an engine is reached: one connection to one cluster or host, and where the words about it come from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field

from alma.core.model.base import Frozen, Json


class ConnectionSource(StrEnum):
    """Who said how to reach it. The project's own word beats the file's, and the file's the environment's."""

    PROJECT = "project"
    FILE = "file"
    ENVIRONMENT = "environment"


class Connection(Frozen):
    """A connection as it may be shown: of its secrets, only which ones are set. `engine` is the name to deploy to, such
    as `proxmox@lab`."""

    engine: str
    source: ConnectionSource
    settings: Mapping[str, Json] = Field(
        description="What was set; the rest is as the engine has it by default."
    )
    secrets: tuple[str, ...] = Field(default=(), description="The secrets that are set, by name.")
    updated_at: datetime | None = None
    updated_by: str | None = None


class ConnectionKey(NamedTuple):
    """Which connection of a project: the engine's name, and the connection's own; "" for the engine's default one."""

    project: str
    engine: str
    name: str

    @property
    def place(self) -> str:
        """As people and stacks write it."""
        return f"{self.engine}@{self.name}" if self.name else self.engine


class CheckedConnection(Frozen):
    """What somebody wants to store, found valid by the engine's own settings. The secrets are in plain text: for one
    call, never to be logged or shown."""

    engine: str
    name: str
    settings: Mapping[str, Json]
    secrets: Mapping[str, str] = Field(repr=False)
    of_this_machine: tuple[str, ...] = Field(
        default=(),
        description="Settings that make ALMA use what is its own machine's: files, sockets, keys.",
    )
