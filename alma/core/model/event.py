"""The one append-only log that everybody watches: SSE, WebSocket, CLI progress and the IPR's log read the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from alma.core.model.base import Frozen, Json


class EventType(StrEnum):
    """What callers of the streams switch on."""

    STATUS_CHANGE = "status_change"
    PROGRESS = "progress"
    LOG = "log"
    ERROR = "error"
    COMPLETE = "complete"


class Event(Frozen):
    """One line of a deployment's log. `seq` counts from 1 within the deployment without gaps."""

    deployment_id: str
    seq: int
    time: datetime
    type: EventType
    message: str
    address: str | None = None
    data: Mapping[str, Json] = Field(default_factory=dict)
