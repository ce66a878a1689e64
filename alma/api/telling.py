"""Answers while they are made, as server-sent events: `data: {"type": "token", "content": "…", …}`.

Every type has `type` and `content`, and beside them what programs read: a `resource`, a `blueprint`, with `error` the
body that any failure has, and with `complete` the whole answer as it would come in one piece.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from fastapi.sse import format_sse_event

from alma.api.deps import Alma
from alma.api.errors import body_of, told
from alma.api.schemas.conversation import chat_body, draft_body
from alma.core.model.conversation import ChatEvent, ChatEventType, Drafted
from alma.core.model.errors import AlmaError
from alma.core.model.principal import Principal

_WITHIN = {ChatEventType.RESOURCE: "resource", ChatEventType.BLUEPRINT: "blueprint"}


async def turn_frames(
    alma: Alma, caller: Principal, turn_id: str, after: int = 0, *, facts: Mapping[str, Any]
) -> AsyncGenerator[bytes, None]:
    """What a turn tells after that event, to its end. `facts` are told as long as nothing else is known."""
    try:
        async with aclosing(alma.dialogue.follow(caller, turn_id, after=after)) as events:
            async for number, event in events:
                body = event_body(event)
                if event.type is ChatEventType.COMPLETE:
                    body |= chat_body(await alma.dialogue.answer(caller, turn_id))
                elif event.type is ChatEventType.THINKING:
                    body |= facts
                yield _frame(body, f"{turn_id}:{number}")
    except AlmaError as error:
        yield _frame(failed(error))


async def draft_frames(
    alma: Alma, caller: Principal, draft_id: str, after: int = 0
) -> AsyncGenerator[bytes, None]:
    """What is told of a description while it is drafted; last the draft, or why there is none."""
    async with aclosing(alma.drafts.follow(caller, draft_id, after=after)) as events:
        async for number, event in events:
            yield _frame(_draft_body(event), f"{draft_id}:{number}")


def _draft_body(event: ChatEvent | Drafted | AlmaError) -> dict[str, Any]:
    match event:
        case AlmaError():
            return failed(event)
        case Drafted():
            return _done(event)
        case ChatEvent():
            return event_body(event)


def event_body(event: ChatEvent) -> dict[str, Any]:
    """The event as it goes on the wire."""
    head = {"type": event.type.value, "content": event.content}
    if event.type is ChatEventType.ERROR:
        return head | _failure(event)
    if event.type in _WITHIN:
        return head | {_WITHIN[event.type]: dict(event.data)}
    return head | {name: value for name, value in event.data.items() if name not in head}


def failed(error: AlmaError) -> dict[str, Any]:
    """The last event of what could not be answered."""
    return {"type": ChatEventType.ERROR.value, "content": told(error)} | body_of(error)


def _failure(event: ChatEvent) -> dict[str, Any]:
    """The documented body: a turn may have failed in another process, and its class is not known here."""
    hint = event.data.get("hint")
    error = AlmaError(event.content, hint=str(hint) if hint else None)
    return body_of(error) | {"code": event.data["code"]}


def _done(drafted: Drafted) -> dict[str, Any]:
    head = {"type": ChatEventType.COMPLETE.value, "content": drafted.response}
    return head | draft_body(drafted)


def _frame(body: Mapping[str, Any], id_: str | None = None) -> bytes:
    return format_sse_event(data_str=json.dumps(body, ensure_ascii=False), id=id_)
