"""Says something and hears the answer as it is made. A broken connection is made again, after what was heard."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus

import httpx

from alma.cli.client import Client
from alma.cli.errors import CliError, from_answer
from alma.cli.shapes import Json
from alma.cli.sse import Sent

_PATH = "/conversation/chat-stream"
_RECONNECTS = 8


def talk(
    client: Client,
    message: str,
    conversation_id: str | None,
    *,
    engine: str | None = None,
    on_break: Callable[[int], None] = lambda attempt: None,
    pause: float = 0.25,
) -> Iterator[Json]:
    """The events of the answer, to `complete`. `engine` counts as said; `on_break` hears of broken connections. Raises
    CliError for what could not be answered, and when the server stays away."""
    context = {"conversation_id": conversation_id, "engine": engine}
    last: str | None = None
    breaks = 0
    while True:
        try:
            for sent in _sent(client, {"message": message, "context": context}, last):
                breaks, last = 0, sent.id or last
                event: Json = json.loads(sent.data)
                if event["type"] == "error":
                    raise from_answer(HTTPStatus.BAD_GATEWAY, event, doing=client.where)
                yield event
                if event["type"] == "complete":
                    return
        except httpx.TransportError as error:
            # Nobody knows whether a message arrived that nothing was heard of: it is not sent twice.
            if last is None or breaks >= _RECONNECTS:
                raise client.unreachable(error) from error
        if last is None:
            raise CliError("the answer broke off at its beginning", hint="say it again")
        breaks += 1
        if breaks > _RECONNECTS:
            raise CliError("the answer broke off again and again", hint="say it again")
        on_break(breaks)
        time.sleep(min(pause * 2**breaks, 5.0))


def _sent(client: Client, body: Json, last: str | None) -> Iterator[Sent]:
    try:
        yield from client.stream("POST", _PATH, last=last, json=body)
    except CliError as error:
        if last is None or error.code != "not_found":
            raise
        raise CliError(
            "the answer was lost when the server stopped", hint="say it again", code="unreachable"
        ) from error
