"""Pages of other servers, with authentication on: browsers ask first and show no credential then."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from alma.api.app import create_app
from alma.settings import Settings
from tests.api.server import API, Server, serve

KEY = "k" * 40
OURS, FOREIGN = "https://dash.example", "https://evil.example"
BEARER = {"Authorization": f"Bearer {KEY}"}
PATHS = sorted(create_app(settings=Settings()).openapi()["paths"])
ALLOW = "Access-Control-Allow-Origin"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(
        tmp_path_factory.mktemp("cors"),
        auth_enabled=True,
        api_key=KEY,
        api_cors_origins=[OURS],
        rate_limit_enabled=True,
    ) as server:
        yield server


def preflight(server: Server, path: str, origin: str, method: str = "POST") -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type,if-match,idempotency-key",
    }
    return server.http.options(path, headers=headers)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_that_may_is_told_so_without_a_credential_and_another_one_is_not(
    guarded: Server, path: str
) -> None:
    answer = preflight(guarded, path, OURS)
    assert answer.status_code == 200, answer.text
    assert answer.headers[ALLOW] == OURS
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "if-match" in answer.headers["Access-Control-Allow-Headers"].casefold()
    assert "Origin" in answer.headers["Vary"]

    refused = preflight(guarded, path, FOREIGN)
    assert refused.status_code == 400
    assert ALLOW not in refused.headers


@pytest.mark.parametrize("method", ["DELETE", "GET", "PATCH", "POST", "PUT"])
def test_every_method_is_asked_for_ahead(guarded: Server, method: str) -> None:
    answer = preflight(guarded, f"{API}/projects/default", OURS, method)
    assert answer.status_code == 200
    assert method in answer.headers["Access-Control-Allow-Methods"]


def test_a_preflight_is_no_way_to_find_out_who_may_what(guarded: Server) -> None:
    bare = guarded.http.options(f"{API}/blueprints", headers={"Origin": OURS})
    assert bare.status_code == 401
    assert bare.headers[ALLOW] == OURS


def readable(answer: httpx.Response) -> None:
    """That a page of ours can read the answer, and what stands in its headers."""
    assert answer.headers[ALLOW] == OURS
    shown = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    for name in ("Retry-After", "X-Request-ID", "ETag", "Link", "X-RateLimit-Remaining"):
        assert name in shown
    assert "Origin" in answer.headers["Vary"]


def test_the_answer_itself_can_be_read_by_the_page(guarded: Server) -> None:
    answer = guarded.http.get(f"{API}/blueprints", headers={"Origin": OURS, **BEARER})
    assert answer.status_code == 200
    readable(answer)


def test_so_can_a_refusal_of_every_kind(guarded: Server) -> None:
    origin = {"Origin": OURS}
    answer = guarded.http.get(f"{API}/blueprints", headers=origin)
    assert answer.status_code == 401
    readable(answer)
    answer = guarded.http.get(f"{API}/blueprints/4711", headers=origin | BEARER)
    assert answer.status_code == 404
    readable(answer)
    answer = guarded.http.post(f"{API}/iprs", headers=origin | BEARER, content="{")
    assert answer.status_code == 422
    readable(answer)


def test_so_can_a_refusal_of_who_asks_too_often(guarded: Server) -> None:
    headers = {"Origin": OURS, **BEARER}
    answers = (guarded.http.get(f"{API}/tools", headers=headers) for _ in range(200))
    answer = next(one for one in answers if one.status_code == 429)
    readable(answer)
    assert int(answer.headers["Retry-After"]) > 0


def test_a_page_that_may_not_gets_no_permission_to_read_and_writes_nothing(
    guarded: Server,
) -> None:
    read = guarded.http.get(f"{API}/engines", headers={"Origin": FOREIGN, **BEARER})
    assert ALLOW not in read.headers
    write = guarded.http.post(
        f"{API}/blueprints", json={"name": "x"}, headers={"Origin": FOREIGN, **BEARER}
    )
    assert write.status_code == 403
    assert ALLOW not in write.headers
