"""The limits on a real server, as a caller without a key meets them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.server import API, Server, serve


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as it is without any settings."""
    with serve(tmp_path_factory.mktemp("home"), rate_limit_enabled=True) as running:
        yield running


def test_the_documented_loop_meets_the_overall_limit(limited: Server) -> None:
    answers = [limited.http.get(f"{API}/templates") for _ in range(70)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    for answer in refused:
        body = answer.json()
        assert body["error"] == body["code"] == "rate_limit_exceeded"
        assert (body["limit"], body["window"]) == (60, 60)
        assert answer.headers["Retry-After"] == str(body["retry_after"])
        assert body["detail"]
    assert {answer.headers["X-RateLimit-Limit"] for answer in answers} == {"60"}


def test_a_hundred_requests_on_nouns_pass_while_the_overall_limit_is_used_up(
    limited: Server,
) -> None:
    statuses = [limited.http.get(f"{API}/blueprints").status_code for _ in range(100)]
    assert statuses == [200] * 100


def test_every_answer_says_where_its_client_stands(limited: Server) -> None:
    for path in ("/", "/docs", f"{API}/nothing", f"{API}/monitoring/health/live", "/metrics"):
        answer = limited.http.get(path)
        assert answer.headers["X-RateLimit-Limit"] == "60", path
        assert int(answer.headers["X-RateLimit-Remaining"]) < 60


def test_operators_see_what_was_refused(limited: Server) -> None:
    stats = limited.get("/monitoring/rate-limit/stats")
    assert stats["enabled"]
    assert stats["store"] == "memory"
    assert stats["limits"]["crud"] == {"per_minute": 100, "burst": 100}
    assert stats["refused"] == sum(stats["refused_by_endpoint"].values())
    assert stats["refused_by_endpoint"][f"{API}/templates"] > 0
    assert stats["clients"] == 1
    assert (
        f'rate_limit_hits_total{{endpoint="{API}/templates"}}' in limited.http.get("/metrics").text
    )


def test_the_commands_of_the_same_data_directory_go_on(limited: Server) -> None:
    token = (limited.home / "local.token").read_text().strip()
    mine = {"Authorization": f"Bearer {token}"}
    answers = {limited.http.get(f"{API}/templates", headers=mine).status_code for _ in range(70)}
    assert answers == {200}


def test_guessing_keys_is_limited_like_everything_else(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("shut")
    with serve(home, rate_limit_enabled=True, auth_enabled=True) as shut:
        guesses = [
            shut.http.get(f"{API}/templates", headers={"X-API-Key": f"alma_x_{number}"})
            for number in range(40)
        ]
    assert {answer.status_code for answer in guesses} == {401, 429}
    assert all("X-RateLimit-Remaining" in answer.headers for answer in guesses)


def test_without_limits_nothing_is_said_of_them(server: Server) -> None:
    assert "X-RateLimit-Limit" not in server.http.get(f"{API}/templates").headers
    assert server.get("/monitoring/rate-limit/stats")["enabled"] is False


@pytest.mark.parametrize("path", ["/", f"{API}/blueprints", f"{API}/nothing", "/docs"])
def test_every_answer_tells_browsers_what_it_is_for(server: Server, path: str) -> None:
    headers = server.http.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_a_page_that_came_by_https_keeps_to_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("behind")
    with serve(home, trusted_proxies="127.0.0.1") as behind:
        forwarded = {"X-Forwarded-Proto": "https"}
        assert "Strict-Transport-Security" in behind.http.get("/", headers=forwarded).headers


def test_sign_ins_are_held_by_their_address_and_tightly(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with serve(
        tmp_path_factory.mktemp("doors"), rate_limit_enabled=True, rate_limit_sign_in_rpm=3
    ) as doors:
        answers = [doors.http.post(f"{API}/auth/device", json={}) for _ in range(4)]
        other = doors.http.get(f"{API}/blueprints")
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert other.status_code == 200
