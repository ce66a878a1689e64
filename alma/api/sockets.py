"""What clients of `/ws/deployments` say, read strictly: whatever they send, they get an answer and not a fault."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from pydantic import Field, ValidationError

from alma.core.model.base import Frozen
from alma.core.model.errors import InvalidInput

LONGEST_MESSAGE = 16_384
_HINT = 'send JSON such as {"action": "subscribe", "deployment_id": "…", "after": 0}'


class Close:
    """Why a connection is closed: codes of RFC 6455, and ours, which end like the HTTP status that they stand for."""

    TOO_BIG = 1009
    RESTART = 1012
    TRY_LATER = 1013
    UNAUTHENTICATED = 4401
    FORBIDDEN = 4403
    TOO_SLOW = 4408
    RUDE = 4429


class Action(StrEnum):
    """What a client may ask for."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    PING = "ping"


class Asked(Frozen):
    """One message. `after` is the number of the last line seen: of the one deployment, or of each of several."""

    action: Action
    deployment_id: str | None = Field(default=None, min_length=1, max_length=64)
    after: int | dict[str, int] = 0
    id: str | int | None = Field(default=None, description="Comes back with the answer.")

    def position(self) -> int:
        """Where the one deployment goes on."""
        if not isinstance(self.after, int) or not 0 <= self.after < 2**63:
            raise InvalidInput("`after` is the number of a line, from 0 on", hint=_HINT)
        return self.after

    def positions(self) -> dict[str, int]:
        """Where several go on, with no deployment named."""
        if isinstance(self.after, int):
            if self.after:
                raise InvalidInput(
                    "`after` of all deployments is an object: a number for each id",
                    hint='send {"action": "subscribe", "after": {"<deployment id>": 12}}',
                )
            return {}
        if len(self.after) > 1_000 or not all(0 <= seq < 2**63 for seq in self.after.values()):
            raise InvalidInput("`after` has at most 1,000 numbers, from 0 on", hint=_HINT)
        return self.after


def asked(text: str) -> Asked:
    """The message in a text. Raises InvalidInput, saying what is wrong without repeating it."""
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("that is no JSON", hint=_HINT) from error
    if not isinstance(found, dict):
        raise InvalidInput("a message is an object", hint=_HINT)
    try:
        return Asked.model_validate(found, extra="ignore")
    except ValidationError as error:
        places = sorted({str(item["loc"][0]) for item in error.errors() if item["loc"]})
        raise InvalidInput(f"not understood: {', '.join(places)}", hint=_HINT) from error
