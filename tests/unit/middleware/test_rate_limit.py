"""Rules of the limits: what is counted together, what is refused, and what an answer says of it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest
import redis
from starlette.responses import JSONResponse
from starlette.types import Message

from alma.core.model.errors import AlmaError
from alma.core.model.principal import LOCAL, Principal
from alma.middleware.addresses import networks
from alma.middleware.auth import STATE
from alma.middleware.buckets import InMemory, InRedis, Limit
from alma.middleware.rate_limit import CRUD, FREE, OVERALL, STREAM, Limits, RateLimits, documented
from alma.middleware.security_headers import SecurityHeaders
from tests.redis import RedisServer, redis_server
from tests.waiting import wait_until

__all__ = ["redis_server"]

TEMPLATES = {
    "/tools": "/api/v1/tools",
    "/blueprints": "/api/v1/blueprints",
    "/chat": "/api/v1/conversation/chat-stream",
    "/live": "/api/v1/monitoring/health/live",
}


class Counted:
    """`Meters` that remember."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        self.clients = 0.0

    def count(self, name: str, by: float = 1.0, **labels: str) -> None:
        self.hits.append(labels["endpoint"])

    def observe(self, name: str, value: float, **labels: str) -> None:
        raise AssertionError(name)

    def gauge(self, name: str, value: float, **labels: str) -> None:
        self.clients = value

    def change(self, name: str, by: float, **labels: str) -> None:
        raise AssertionError(name)


class Site:
    """A limited application and its callers."""

    def __init__(self, limits: Limits | None = None, **how: Any) -> None:
        self.limits = limits or Limits(documented())
        self.meters = Counted()
        self.how = how

    async def ask(
        self,
        path: str = "/tools",
        *,
        who: Principal | None = LOCAL,
        address: str | None = "192.0.2.1",
        headers: dict[str, str] | None = None,
        type: str = "http",
    ) -> tuple[int, dict[str, str], Any]:
        app = RateLimits(
            JSONResponse({}),
            limits=self.limits,
            template=lambda scope: TEMPLATES[scope["path"]],
            answer=answered,
            meters=lambda: self.meters,
            **self.how,
        )
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            raise AssertionError("nothing is read")

        raw = [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()]
        scope: dict[str, Any] = {
            "type": type,
            "method": "GET",
            "path": path,
            "headers": raw,
            "client": None if address is None else (address, 1),
            STATE: who,
            "extensions": {"websocket.http.response": {}},
        }
        await SecurityHeaders(app, secure=lambda scope: False)(scope, receive, send)
        start, body = sent
        found = {k.decode().lower(): v.decode() for k, v in start["headers"]}
        return start["status"], found, json.loads(body["body"])

    async def allowed(self, most: int, path: str = "/tools", **how: Any) -> int:
        """How many of so many requests at once pass."""
        return sum([(await self.ask(path, **how))[0] == 200 for _ in range(most)])


def answered(error: AlmaError) -> JSONResponse:
    return JSONResponse(dict(error.details), status_code=429)


async def test_seventy_requests_at_once_do_not_all_pass() -> None:
    site = Site()
    assert 10 <= await site.allowed(70) <= 20


async def test_what_is_left_counts_down_to_the_refusal() -> None:
    site = Site(Limits(documented(per_minute=1, burst=5)))
    seen = [await site.ask() for _ in range(6)]
    assert [status for status, _, _ in seen] == [200] * 5 + [429]
    left = [headers["x-ratelimit-remaining"] for _, headers, _ in seen]
    assert left == ["4", "3", "2", "1", "0", "0"]
    assert {headers["x-ratelimit-limit"] for _, headers, _ in seen} == {"1"}


async def test_a_refusal_says_how_long_to_wait_in_header_and_body() -> None:
    site = Site(Limits(documented(per_minute=2, burst=1)))
    await site.ask()
    status, headers, body = await site.ask()
    assert status == 429
    assert body == {
        "error": "rate_limit_exceeded",
        "message": "more than 2 requests a minute: wait 30 s",
        "retry_after": 30,
        "limit": 2,
        "window": 60,
    }
    assert "x-ratelimit-reset" in headers
    assert site.meters.hits == ["/api/v1/tools"]
    assert site.meters.clients == 1


async def test_a_hundred_requests_on_nouns_are_not_held_against_the_lower_overall_limit() -> None:
    site = Site(Limits(documented(per_minute=1, burst=1)))
    assert await site.allowed(99, "/blueprints") == 99
    assert await site.allowed(1) == 1


async def test_a_class_is_held_against_its_own_limit_and_counts_for_the_overall_one() -> None:
    site = Site()
    assert 20 <= await site.allowed(30, "/chat") <= 21
    status, headers, _ = await site.ask("/chat")
    assert (status, headers["x-ratelimit-limit"]) == (429, "20")
    status, headers, _ = await site.ask()
    assert (status, headers["x-ratelimit-limit"]) == (429, "60")


async def test_health_is_answered_to_whoever_has_used_up_everything() -> None:
    site = Site(Limits(documented(per_minute=1, burst=1)))
    await site.allowed(3)
    status, headers, _ = await site.ask("/live")
    assert (status, headers["x-ratelimit-remaining"]) == (200, "0")


async def test_health_uses_nothing_up() -> None:
    site = Site(Limits(documented(per_minute=1, burst=3)))
    assert [(await site.ask("/live"))[1]["x-ratelimit-remaining"] for _ in range(3)] == ["3"] * 3


async def test_callers_behind_one_address_do_not_use_up_each_others_limits() -> None:
    site = Site(Limits(documented(per_minute=1, burst=1)))
    assert await site.allowed(1, who=Principal(id="ada")) == 1
    assert await site.allowed(1, who=Principal(id="bob")) == 1
    assert await site.allowed(1, who=Principal(id="ada"), address="192.0.2.9") == 0


@pytest.mark.parametrize("proxies", [(), ("10.0.0.0/8",)])
async def test_a_stranger_gets_no_second_limit_by_pretending_to_be_a_proxy(
    proxies: tuple[str, ...],
) -> None:
    site = Site(Limits(documented(per_minute=1, burst=1)), proxies=networks(proxies))
    await site.ask()
    for number in range(20):
        forged = {"X-Forwarded-For": f"198.51.100.{number}"}
        assert (await site.ask(headers=forged))[0] == 429


async def test_clients_behind_a_trusted_proxy_are_told_apart() -> None:
    site = Site(Limits(documented(per_minute=1, burst=1)), proxies=networks(["10.0.0.0/8"]))
    for number in range(20):
        forwarded = {"X-Forwarded-For": f"203.0.113.9, 198.51.100.{number}"}
        assert (await site.ask(address="10.0.0.1", headers=forwarded))[0] == 200


async def test_one_network_of_the_sixth_version_is_one_client() -> None:
    site = Site(Limits(documented(per_minute=1, burst=1)))
    assert (await site.ask(address="2001:db8::1"))[0] == 200
    assert (await site.ask(address="2001:db8::ffff:2"))[0] == 429
    assert (await site.ask(address="2001:db8:0:1::1"))[0] == 200


async def test_who_holds_the_data_directory_is_not_limited() -> None:
    site = Site(Limits(documented(per_minute=1, burst=1)), local_token=lambda: "local.abc")
    mine = {"Authorization": "Bearer local.abc"}
    assert await site.allowed(50, headers=mine) == 50
    assert await site.allowed(50, address=None) == 50
    assert await site.allowed(2, headers={"Authorization": "Bearer local.abd"}) == 1


async def test_a_websocket_is_counted_when_it_connects() -> None:
    site = Site(Limits(documented(per_minute=1, burst=1)))
    await site.ask()
    status, _, body = await site.ask(type="websocket")
    assert (status, body["error"]) == (429, "rate_limit_exceeded")


async def test_ten_thousand_clients_take_a_bounded_part_of_the_memory() -> None:
    limits = Limits(documented(), most_clients=100)
    for number in range(10_000):
        await limits.take(f"address:{number}", OVERALL)
    assert limits.clients == 100
    await limits.take("address:9999", OVERALL)
    assert (await limits.take("address:9999", FREE)).at.remaining == 8


def test_setting_the_clock_of_the_machine_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = Limit("overall", 1, 1)
    buckets = InMemory([limit], most=10)
    assert not buckets.take("a", [limit], cost=1).refused
    for moment in (0.0, 10.0**10):
        monkeypatch.setattr("time.time", lambda moment=moment: moment)
        assert buckets.take("a", [limit], cost=1).refused


# ── Redis ────────────────────────────────────────────────────────────────────────────────────────

ONE_OF = Limit("overall", 1, 5)
_OTHER_PROCESS = """
import asyncio, sys
from alma.middleware.buckets import InRedis, Limit
async def main():
    buckets = InRedis(sys.argv[1])
    taken = [await buckets.take("a", [Limit("overall", 1, 5)], cost=1) for _ in range(4)]
    print(sum(not verdict.refused for verdict in taken))
    await buckets.close()
asyncio.run(main())
"""


async def test_two_processes_count_together(redis_server: RedisServer) -> None:
    command = [sys.executable, "-c", _OTHER_PROCESS, redis_server.url]
    other = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == "4"

    buckets = InRedis(redis_server.url)
    verdicts = [await buckets.take("a", [ONE_OF], cost=1) for _ in range(2)]
    await buckets.close()

    assert [verdict and verdict.refused for verdict in verdicts] == [False, True]


async def test_memory_and_redis_answer_the_same(redis_server: RedisServer) -> None:
    limits = documented(per_minute=6, burst=4, stream=3)
    here, there = Limits(limits), Limits(limits, redis_url=redis_server.url)
    for class_ in [STREAM, FREE, STREAM, OVERALL, STREAM, STREAM, OVERALL, FREE, CRUD, CRUD]:
        one, two = await here.take("a", class_), await there.take("a", class_)
        assert one.refused == two.refused
        assert one.at[:2] == two.at[:2]
        assert one.at.reset == pytest.approx(two.at.reset, abs=2)
        assert one.at.wait == pytest.approx(two.at.wait, abs=2)
    await there.close()


async def test_a_clock_of_redis_that_was_put_back_shuts_nobody_out(
    redis_server: RedisServer,
) -> None:
    buckets = InRedis(redis_server.url)
    await buckets._client.set("alma:limit:overall:a", "99999999999.000000")
    verdict = await buckets.take("a", [ONE_OF], cost=1)
    await buckets.close()
    assert verdict is not None
    assert (verdict.refused, verdict.at.remaining) == (False, 4)


async def test_without_redis_each_process_counts_by_itself_and_says_so_once(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    limits = Limits(documented(per_minute=1, burst=3), redis_url=redis_server.url)
    await limits.take("a", OVERALL)
    redis_server.stop()

    verdicts = [await limits.take("a", OVERALL) for _ in range(4)]

    assert [verdict.refused for verdict in verdicts] == [False, False, False, True]
    assert (limits.store, limits.degraded) == ("memory", True)
    assert len([line for line in caplog.messages if "does not answer" in line]) == 1
    await limits.close()


async def test_redis_is_used_again_when_it_is_back(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alma.middleware.buckets._LOOK_AGAIN_SECONDS", 0.01)
    limits = Limits(documented(per_minute=1, burst=3), redis_url=redis_server.url)
    for _ in range(3):
        redis_server.stop()
        await limits.take("a", OVERALL)
        assert limits.degraded
        redis_server.start()
        await wait_for(lambda: not limits.degraded)
        assert (await limits.take("a", OVERALL)).at.remaining == 2
    await limits.close()


async def test_a_redis_that_answers_and_keeps_nothing_is_left_alone_until_it_does(
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr("alma.middleware.buckets._LOOK_AGAIN_SECONDS", 0.01)
    limits = Limits(documented(per_minute=1, burst=3), redis_url=redis_server.url)
    await limits.take("a", OVERALL)
    operator = redis.Redis.from_url(redis_server.url)
    operator.config_set("maxmemory", "1")

    def looked() -> bool:
        found: Any = operator.info("commandstats")
        asked = (found.get(f"cmdstat_{name}", {}) for name in ("ping", "evalsha"))
        return sum(int(one.get("calls", 0)) for one in asked) > 5

    assert not (await limits.take("a", OVERALL)).refused
    await wait_for(looked)
    assert limits.degraded
    assert not [line for line in caplog.messages if "answers again" in line]
    assert len([line for line in caplog.messages if "does not answer" in line]) == 1

    operator.config_set("maxmemory", "0")
    await wait_for(lambda: not limits.degraded)
    operator.close()
    await limits.close()


async def test_a_redis_that_hangs_holds_up_one_request_and_not_the_next(
    redis_server: RedisServer,
) -> None:
    limits = Limits(documented(), redis_url=redis_server.url)
    await limits.take("a", OVERALL)
    redis_server.freeze()
    try:
        assert not (await limits.take("a", OVERALL)).refused
        assert limits.degraded
        assert not (await limits.take("a", OVERALL)).refused
    finally:
        redis_server.thaw()
    await limits.close()


async def wait_for(done: Any) -> None:
    await asyncio.to_thread(wait_until, done, interval=0.01)
