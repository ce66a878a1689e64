"""Rules of what is kept of answers, without a server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alma.api.errors import answer_to
from alma.core.model.errors import DatabaseUnavailable
from alma.core.model.idempotency import Answered
from alma.core.model.principal import LOCAL, Principal
from alma.core.services.idempotency import StillRunning
from alma.middleware.auth import STATE
from alma.middleware.idempotency import Idempotent
from alma.middleware.security_headers import SecurityHeaders


class Kept:
    """Answers in memory, by the rules that the database's have."""

    def __init__(self) -> None:
        self.answers: dict[str, Answered | None] = {}

    def begin(self, principal: Principal, key: str, request: str) -> Answered | None:
        if key not in self.answers:
            self.answers[key] = None
            return None
        found = self.answers[key]
        if found is None:
            raise StillRunning("still running")
        return found

    def alive(self, principal: Principal, key: str) -> None:
        raise AssertionError("not within a test")

    def finish(self, principal: Principal, key: str, answer: Answered) -> None:
        self.answers[key] = answer

    def drop(self, principal: Principal, key: str) -> None:
        self.answers.pop(key, None)


async def ask(app: ASGIApp, kept: Kept, *, path: str = "/") -> tuple[int, dict[bytes, bytes]]:
    outer = SecurityHeaders(
        Idempotent(
            app, answers=lambda: kept, answer=answer_to, secret=lambda path: path == "/secret"
        ),
        secure=lambda scope: False,
    )
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(b"idempotency-key", b"k")],
        STATE: LOCAL,
    }
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    await outer(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"])


class Gone(Kept):
    """A database that has gone away since the request began."""

    def finish(self, principal: Principal, key: str, answer: Answered) -> None:
        raise DatabaseUnavailable("the database does not answer")

    def drop(self, principal: Principal, key: str) -> None:
        raise DatabaseUnavailable("the database does not answer")


@pytest.mark.parametrize("status", [201, 422, 503])
async def test_the_answer_is_given_though_the_database_went_away_before_it_was_kept(
    status: int,
) -> None:
    kept = Gone()
    given, headers = await ask(Response(status_code=status), kept)
    assert given == status
    assert headers[b"idempotency-stored"] == b"false"
    # What may have been done is not done again at once.
    assert kept.answers == {"k": None}


@pytest.mark.parametrize("status", [500, 503, 429, 401])
async def test_what_waiting_may_mend_is_not_kept(status: int) -> None:
    kept = Kept()
    _, headers = await ask(Response(status_code=status), kept)
    assert kept.answers == {}
    assert headers[b"idempotency-stored"] == b"false"


@pytest.mark.parametrize("status", [200, 202, 404, 409, 422])
async def test_what_was_decided_is_kept(status: int) -> None:
    kept = Kept()
    await ask(JSONResponse({}, status_code=status), kept)
    assert kept.answers["k"] is not None
    assert kept.answers["k"].status == status


async def test_a_large_answer_goes_through_and_is_not_kept() -> None:
    kept = Kept()
    status, headers = await ask(Response(b"x" * 1_000_001), kept)
    assert (status, headers[b"idempotency-stored"]) == (200, b"false")
    assert kept.answers == {}


async def test_an_answer_that_is_shown_once_is_never_kept() -> None:
    kept = Kept()
    _, headers = await ask(JSONResponse({}), kept, path="/secret")
    assert kept.answers == {}
    assert headers[b"idempotency-stored"] == b"false"


async def test_a_request_that_breaks_can_be_sent_again() -> None:
    kept = Kept()

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await ask(broken, kept)
    assert kept.answers == {}


async def test_while_it_is_answered_the_same_request_is_told_to_wait() -> None:
    kept, running, go_on = Kept(), asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        running.set()
        await go_on.wait()
        await JSONResponse({})(scope, receive, send)

    first = asyncio.create_task(ask(slow, kept))
    await running.wait()
    status, headers = await ask(slow, kept)
    assert (status, headers[b"retry-after"]) == (409, b"1")
    go_on.set()
    assert (await first)[0] == 200
    assert (await ask(slow, kept))[1][b"idempotency-replayed"] == b"true"
