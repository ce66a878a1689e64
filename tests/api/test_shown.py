"""What is kept of an answer is never seen: a reader gets what is saved now, and what is to be warned of now."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from alma.api.schemas.blueprints import blueprint_body
from alma.api.shown import Shown
from alma.core.model.blueprint import Blueprint, Revision
from alma.core.model.diagnostic import Diagnostic, Severity
from tests.api.server import API, Server

SHOP: dict[str, Any] = {
    "name": "shop",
    "resources": [
        {"name": "web", "type": "vm", "engine": "nginx", "specs": {"cpu": 2, "memory": "4GB"}},
        {"name": "db", "type": "database", "engine": "postgresql"},
    ],
}
NOW = datetime(2026, 1, 2, tzinfo=UTC)
WARNED = Diagnostic(severity=Severity.WARNING, code="engine_missing", path="engine", message="away")


def revision(number: int = 1, *, at: datetime = NOW, name: str = "shop") -> Revision:
    return Revision(
        id=1,
        number=number,
        blueprint=Blueprint.model_validate(SHOP | {"name": name}),
        origins={},
        digest="d" * 64,
        created_at=at,
        created_by="local",
    )


def decoded(body: bytes) -> object:
    return json.loads(body)


def test_what_is_kept_says_what_the_revision_says() -> None:
    shown = Shown()
    first, again = shown.body(revision()), shown.body(revision())
    assert decoded(first) == blueprint_body(revision())
    assert again is first


def test_another_revision_another_warning_and_another_database_are_shown_anew() -> None:
    shown = Shown()
    shown.body(revision())
    restored = revision(at=NOW + timedelta(microseconds=1), name="other")
    assert decoded(shown.body(revision(2))) == blueprint_body(revision(2))
    assert decoded(shown.body(revision(), (WARNED,))) == blueprint_body(
        revision(), further=(WARNED,)
    )
    assert decoded(shown.body(restored)) == blueprint_body(restored)


def test_what_is_kept_is_bounded() -> None:
    small = Shown(limit=10)
    assert small.body(revision()) is not small.body(revision())


def test_a_reader_gets_the_newest_revision_and_any_older_one(server: Server) -> None:
    made = server.post("/blueprints", SHOP, status=201)
    url = f"{API}/blueprints/{made['id']}"
    before = server.http.get(url)
    server.http.put(url, json=SHOP | {"description": "later"})
    after, older = server.http.get(url), server.http.get(f"{url}?revision=1")
    assert (before.json(), before.headers["ETag"]) == (made, '"1"')
    assert after.json()["description"] == "later"
    assert after.headers["ETag"] == '"2"'
    assert older.content == before.content == server.http.get(f"{url}/revisions/1").content
    assert older.headers["content-type"] == "application/json"


def test_nothing_that_was_deleted_is_shown(server: Server) -> None:
    made = server.post("/blueprints", SHOP, status=201)
    url = f"{API}/blueprints/{made['id']}"
    assert server.http.get(url).status_code == 200
    server.http.delete(url)
    assert server.http.get(url).status_code == 404
