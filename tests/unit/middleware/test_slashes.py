"""Rules of the trailing slash."""

from __future__ import annotations

import pytest
from starlette.types import Message, Receive, Scope, Send

from alma.middleware.slashes import TrailingSlashes


@pytest.mark.parametrize(
    ("path", "seen"),
    [("/", "/"), ("/a", "/a"), ("/a/", "/a"), ("/a//", "/a"), ("//", "/"), ("/a/b/", "/a/b")],
)
async def test_the_application_sees_no_slash_at_the_end(path: str, seen: str) -> None:
    found: list[Scope] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        found.append(scope)

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    async def ignore(message: Message) -> None:
        raise AssertionError(message)

    given = {"type": "http", "path": path, "raw_path": path.encode()}
    await TrailingSlashes(application)(dict(given), nothing, ignore)

    assert (found[0]["path"], found[0]["raw_path"]) == (seen, seen.encode())
