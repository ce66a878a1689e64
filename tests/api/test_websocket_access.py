"""Who may open `/ws/deployments`, and for how long."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.api.server import Server, serve
from tests.api.test_websocket import hear, say, socket

KEY = "k" * 40


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("guarded"), api_key=KEY) as running:
        running.http.headers["X-API-Key"] = KEY
        yield running


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "alma_no_no"}])
def test_strangers_are_refused_before_the_handshake(
    guarded: Server, headers: dict[str, str]
) -> None:
    with pytest.raises(InvalidStatus) as refused, socket(guarded, **headers):
        pass
    assert refused.value.response.status_code == 401
    assert json.loads(refused.value.response.body)["code"] == "unauthenticated"


def test_a_key_opens_it(guarded: Server) -> None:
    with socket(guarded, Authorization=f"Bearer {KEY}") as connection:
        say(connection, action="ping")
        assert hear(connection) == {"type": "pong"}


def test_a_key_that_is_taken_back_ends_what_it_had_opened(guarded: Server) -> None:
    made = guarded.post("/keys", {"name": "watcher", "permissions": ["deployment:read"]})
    with socket(guarded, **{"X-API-Key": made["secret"]}) as connection:
        say(connection, action="subscribe")
        assert hear(connection)["type"] == "subscribed"
        assert guarded.http.delete(f"/api/v1/keys/{made['id']}").is_success
        with pytest.raises(ConnectionClosed) as closed:
            hear(connection)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
