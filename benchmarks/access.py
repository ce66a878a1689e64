"""What it costs a request to know its caller: the middleware alone, in this process, without a socket.

    python -m benchmarks.access [--quick] [--json | --markdown]

The baseline is a bare ASGI application that sends the same answer to the same scope. Measured beside it: nobody asked
(authentication off), a key and a token that were seen a moment ago, and a key whose two seconds are over, which is
looked up in the database again. Microseconds of CPU time a request.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alma.bootstrap import build
from alma.bootstrap.installation import Alma
from alma.core.model.access import Permission
from alma.core.model.principal import LOCAL, Source
from alma.middleware.auth import Authentication
from alma.settings import Settings
from benchmarks.measuring import Options, Report, Samples, progress, run

_REQUESTS = 20_000
_LOOK_UPS = 200


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers, and does nothing else."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _away(message: Message) -> None:
    return None


def measure(options: Options) -> Report:
    """The turns, one after another."""
    with TemporaryDirectory() as home, _installation(Path(home)) as alma:
        shown = asyncio.run(_credentials(alma))
        app = Authentication(
            bare,
            callers=lambda: alma.authenticator,
            answer=lambda error: bare,
            public=lambda path: False,
        )
        samples = Samples()
        for number in range(options.rounds + 1):
            progress(f"access: turn {number} of {options.rounds}")
            turn = Samples()
            asyncio.run(_turn(alma, app, shown, turn))
            if number:  # the first warms up
                samples.take(turn)
    progress("")
    rows = [
        samples.row(what, "µs", (name, "bare"), against="a bare ASGI application")
        for name, what in (
            ("key", "a request with a key that is remembered"),
            ("token", "a request with an access token that is remembered"),
            ("looked up", "a request with a key that is looked up"),
        )
    ]
    notes = ("What knowing the caller adds is the difference, not the ratio.",)
    return Report("access", "", rows=tuple(rows), notes=notes)


@contextmanager
def _installation(home: Path) -> Iterator[Alma]:
    alma = build(Settings(home=home))
    alma.database.migrate()
    try:
        yield alma
    finally:
        asyncio.run(alma.stop())


async def _credentials(alma: Alma) -> dict[str, str]:
    """A key with one permission, and a token of an administrator."""
    password = "correct horse staple"
    await alma.accounts.create(LOCAL, "ada", password=password, administrator=True)
    signed = await alma.signing_in.with_password("ada", password, Source())
    key = alma.keys.create(LOCAL, "bench", permissions=frozenset({Permission.BLUEPRINT_READ}))
    return {"key": key.text, "token": signed.access_token}


async def _turn(alma: Alma, app: ASGIApp, shown: dict[str, str], samples: Samples) -> None:
    samples.add("bare", await _each(bare, _scope(None), _REQUESTS))
    for name, text in shown.items():
        samples.add(name, await _each(app, _scope(text), _REQUESTS))
    looked_up = 0.0
    for _ in range(_LOOK_UPS):
        alma.access_changes.happened()  # what is remembered is not used any more
        looked_up += await _each(app, _scope(shown["key"]), 1)
    samples.add("looked up", looked_up / _LOOK_UPS)


async def _each(app: ASGIApp, scope: dict[str, Any], requests: int) -> float:
    """Microseconds of CPU time for each of some requests."""
    await app(dict(scope), _nothing, _away) if requests > 1 else None
    started = time.process_time()
    for _ in range(requests):
        await app(dict(scope), _nothing, _away)
    return (time.process_time() - started) / requests * 1e6


def _scope(credential: str | None) -> dict[str, Any]:
    """As a browser or curl would come."""
    headers = [
        (b"host", b"localhost:8000"),
        (b"user-agent", b"curl/8.5.0"),
        (b"accept", b"*/*"),
        (b"accept-encoding", b"gzip, deflate"),
    ]
    if credential is not None:
        headers.append((b"authorization", f"Bearer {credential}".encode()))
    return {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/blueprints",
        "query_string": b"limit=10",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
    }


if __name__ == "__main__":
    sys.exit(run("access", "Knowing the caller of a request", measure, rounds=7))
