"""Answers a POST that was sent before with what was answered then: who lost an answer may simply send again.

What is done for a request is done in the name of its run (`RUNNING`), which the database notes with what is written.
A caller asks for it with `Idempotency-Key`. Kept is a small answer that waiting would not change:
no stream, no failure of the server's own, no refusal for too many requests, and nothing that holds a secret.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alma.core.model.errors import AlmaError, Conflict, InvalidInput
from alma.core.model.idempotency import RUNNING, Answered, Run
from alma.core.model.principal import Principal
from alma.middleware.auth import STATE
from alma.middleware.security_headers import more_headers

logger = logging.getLogger(__name__)

_HEADER = b"idempotency-key"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_LARGEST = 1_000_000
_BEAT_SECONDS = 20.0
_RETRY = (b"retry-after", b"1")
_REPLAYED = (b"idempotency-replayed", b"true")
_NOT_KEPT = (b"idempotency-stored", b"false")
_SHOWN_ONCE = b"no-store"
_STREAM = b"text/event-stream"


class Answers(Protocol):
    """Who keeps answers. Each call may wait for the database."""

    def begin(self, principal: Principal, key: str, request: str) -> Answered | None: ...

    def alive(self, principal: Principal, key: str) -> None: ...

    def finish(self, principal: Principal, key: str, answer: Answered) -> None: ...

    def drop(self, principal: Principal, key: str) -> None: ...


class _Asked(NamedTuple):
    """That a POST is carried out once: by which key, for whom."""

    given: bytes
    principal: Principal
    answers: Answers


class Idempotent:
    """ASGI: `answers` gives what keeps them, None before the application has started. `secret` says of a path that its
    answers are shown once."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        answers: Callable[[], Answers | None],
        answer: Callable[[AlmaError], ASGIApp],
        secret: Callable[[str], bool],
    ) -> None:
        self._app = app
        self._answers = answers
        self._answer = answer
        self._secret = secret

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        given = _given(scope)
        principal: Principal | None = scope.get(STATE)
        answers = self._answers() if given is not None and principal is not None else None
        if given is None or principal is None or answers is None:
            return self._app(scope, receive, send)
        if self._secret(scope["path"]):
            more_headers(scope, [_NOT_KEPT])
            return self._app(scope, receive, send)
        return self._once(_Asked(given, principal, answers), scope, receive, send)

    async def _once(self, asked: _Asked, scope: Scope, receive: Receive, send: Send) -> None:
        principal, answers = asked.principal, asked.answers
        try:
            key = _checked(asked.given)
            body = await _read(receive)
            RUNNING.set(Run(principal.id, principal.project, key, uuid.uuid4().hex))
            found = await asyncio.to_thread(answers.begin, principal, key, _digest(scope, body))
        except AlmaError as error:
            if isinstance(error, Conflict) and error.retryable:
                more_headers(scope, [_RETRY])
            await self._answer(error)(scope, receive, send)
            return
        if found is not None:
            await _replay(found, send)
            return
        run = _Run(scope, send, answers=answers, principal=principal, key=key)
        await run.carry_out(self._app, _again(body, receive))


class _Run:
    """One request on its way to its answer, which is held back until it is kept."""

    def __init__(
        self, scope: Scope, send: Send, *, answers: Answers, principal: Principal, key: str
    ) -> None:
        self._scope = scope
        self._send = send
        self._answers = answers
        self._of = (principal, key)
        self._held: list[Message] = []
        self._size = 0
        self._through = False
        self._settled = False

    async def carry_out(self, app: ASGIApp, receive: Receive) -> None:
        beating = asyncio.create_task(self._beat())
        try:
            await app(self._scope, receive, self._take)
        finally:
            beating.cancel()
            # Also when it was broken off: nobody shall wait for an answer that does not come.
            await asyncio.shield(self._settle())

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            with suppress(AlmaError):
                await asyncio.to_thread(self._answers.alive, *self._of)

    async def _take(self, message: Message) -> None:
        if self._through:
            await self._forward(message)
            return
        self._held.append(message)
        self._size += len(message.get("body", b""))
        if not _may_be_kept(self._held[0]) or self._size > _LARGEST:
            more_headers(self._scope, [_NOT_KEPT])
            await self._let_go()
        elif _is_last(message):
            await self._keep()
            await self._let_go()

    async def _keep(self) -> None:
        """What was done is told, kept or not. Without an answer its note stays open, which keeps repeats away for as
        long as from a request whose process died: dropped, the next one would do it again at once."""
        self._settled = True
        try:
            await asyncio.to_thread(self._answers.finish, *self._of, self._answered())
        except AlmaError as error:
            more_headers(self._scope, [_NOT_KEPT])
            logger.warning("an answer could not be kept for repeats: %s", error.message)

    async def _let_go(self) -> None:
        self._through = True
        for message in self._held:
            await self._forward(message)

    async def _forward(self, message: Message) -> None:
        if _is_last(message):
            # Before the caller has all of it and may send the next.
            await self._settle()
        await self._send(message)

    async def _settle(self) -> None:
        if not self._settled:
            self._settled = True
            try:
                await asyncio.to_thread(self._answers.drop, *self._of)
            except AlmaError as error:
                # The answer stands; its key is free once nothing was heard of it for a while.
                logger.warning("a key of a repeatable request stays taken: %s", error.message)

    def _answered(self) -> Answered:
        start, *parts = self._held
        headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in start["headers"])
        body = b"".join(part.get("body", b"") for part in parts)
        return Answered(status=start["status"], headers=headers, body=body)


def _is_last(message: Message) -> bool:
    return message["type"] == "http.response.body" and not message.get("more_body", False)


def _may_be_kept(start: Message) -> bool:
    status = start["status"]
    if status >= 500 or status in {401, 408, 429}:
        return False
    headers = dict(start["headers"])
    if headers.get(b"cache-control") == _SHOWN_ONCE:
        return False
    return not bytes(headers.get(b"content-type", b"")).startswith(_STREAM)


def _given(scope: Scope) -> bytes | None:
    if scope["type"] != "http" or scope["method"] != "POST":
        return None
    return next((value for name, value in scope["headers"] if name == _HEADER), None)


def _checked(given: bytes) -> str:
    text = given.decode("latin-1").strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if not _KEY.fullmatch(text):
        raise InvalidInput(
            "Idempotency-Key is no key",
            hint="send 1 to 255 visible ASCII characters, such as a UUID",
        )
    return text


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise InvalidInput("the request broke off", hint="send it again")
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """What was read is read once more; then whatever comes."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _digest(scope: Scope, body: bytes) -> str:
    whole = hashlib.sha256()
    kinds = [value for name, value in scope["headers"] if name in {b"content-type", b"accept"}]
    for part in (scope["path"].encode(), scope["query_string"], *kinds, body):
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


async def _replay(found: Answered, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in found.headers]
    start = {"type": "http.response.start", "status": found.status}
    await send({**start, "headers": [*headers, _REPLAYED]})
    await send({"type": "http.response.body", "body": found.body})
