"""Counts requests against limits: in this process, or in a Redis that several processes share.

The rule is GCRA, a token bucket without a clock of its own: a bucket of `burst` tokens that fills with `per_minute` a
minute. A request takes one of each bucket that it is held against, or none at all when one of them is empty. In Redis
that is one script, so that it costs one trip and nobody comes between; its clock is the server's.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60

# A Redis that answers later than this is as good as none: limits must not slow what they protect.
_PATIENCE_SECONDS = 0.25
_LOOK_AGAIN_SECONDS = 1.0
_PREFIX = "alma:limit"

_SCRIPT = """
local time = redis.call('TIME')
local now, cost = time[1] + time[2] / 1000000, tonumber(ARGV[1])
local ends, refused, answer = {}, false, {}
for i, key in ipairs(KEYS) do
  local interval, full = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i]) * tonumber(ARGV[2 * i + 1])
  local stored = tonumber(redis.call('GET', key) or now)
  -- Further ahead than any bucket reaches can only be of a clock that was put back since.
  if stored < now or stored > now + math.max(full, 60) + 1 then stored = now end
  ends[i] = stored
  if stored - now + cost * interval > full + 0.000001 then refused = true end
end
for i, key in ipairs(KEYS) do
  local interval, full = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i]) * tonumber(ARGV[2 * i + 1])
  if not refused and cost > 0 then
    ends[i] = ends[i] + cost * interval
    redis.call('SET', key, string.format('%.6f', ends[i]), 'PX', math.ceil((ends[i] - now) * 1000) + 1)
  end
  local left = math.floor((full - (ends[i] - now)) / interval + 0.000001)
  answer[#answer + 1] = left
  answer[#answer + 1] = string.format('%.6f', ends[i] - now)
end
answer[#answer + 1] = refused and 1 or 0
return answer
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests a minute, and so many of them at once. Limits of one name share a bucket: they differ in how far
    a request may reach into it."""

    name: str
    per_minute: int
    burst: int

    @property
    def interval(self) -> float:
        """Seconds until one more is allowed."""
        return WINDOW_SECONDS / self.per_minute


class Count(NamedTuple):
    """Where a client stands with one limit. `reset`: seconds until all of it is free again; `wait`: until one request
    is."""

    limit: Limit
    remaining: int
    reset: float
    wait: float


class Verdict(NamedTuple):
    """What becomes of a request, and the limit that binds it most."""

    refused: bool
    at: Count


def _binding(counts: Sequence[Count], *, refused: bool) -> Verdict:
    if refused:
        return Verdict(True, max(counts, key=lambda count: count.wait))
    return Verdict(False, min(counts, key=lambda count: count.remaining))


class InMemory:
    """The buckets of this process, at most `most` clients for each limit: the one not seen for longest is forgotten
    first, which frees it at most a minute early. Goes by the monotonic clock: setting the machine's clock is not
    noticed."""

    def __init__(self, limits: Sequence[Limit], *, most: int) -> None:
        # Loaded with the first request that is limited: a command's own server has none.
        from throttled.rate_limiter import GCRARateLimiter, per_min
        from throttled.store import MemoryStore

        stores = {limit.name: MemoryStore(options={"MAX_SIZE": most}) for limit in limits}
        self._limiters = {
            limit: GCRARateLimiter(per_min(limit.per_minute, burst=limit.burst), stores[limit.name])
            for limit in limits
        }

    def take(self, client: str, limits: Sequence[Limit], *, cost: int) -> Verdict:
        """Takes `cost` (0 or 1) of each, or nothing. Without a pause, so that nobody comes between."""
        if len(limits) == 1 and cost:
            found = self._limiters[limits[0]].limit(client, cost)
            count = _count(limits[0], found.state.remaining, found.state.reset_after)
            return _binding([count], refused=found.limited)
        before = [self._limiters[limit].peek(client) for limit in limits]
        refused = any(state.remaining < cost for state in before)
        if cost and not refused:
            before = [self._limiters[limit].limit(client, cost).state for limit in limits]
        counts = [
            _count(limit, state.remaining, state.reset_after)
            for limit, state in zip(limits, before, strict=True)
        ]
        return _binding(counts, refused=refused)


def _count(limit: Limit, remaining: int, reset: float) -> Count:
    wait = max(0.0, reset + limit.interval - limit.burst * limit.interval)
    return Count(limit, max(0, remaining), reset, wait)


class InRedis:
    """The buckets of all processes that share a Redis. `up` says whether it answers and counts; while it does not, it
    is looked for once a second, and nobody waits for it."""

    def __init__(self, url: str) -> None:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        self._client: Any = Redis.from_url(
            url,
            socket_timeout=_PATIENCE_SECONDS,
            socket_connect_timeout=_PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._failures = (RedisError, OSError, asyncio.TimeoutError)
        self._script = self._client.register_script(_SCRIPT)
        self._looking: asyncio.Task[None] | None = None
        self.up = True

    async def take(self, client: str, limits: Sequence[Limit], *, cost: int) -> Verdict | None:
        """The verdict; None when Redis does not answer."""
        arguments: list[float] = [cost]
        for limit in limits:
            arguments += (limit.interval, limit.burst)
        keys = [f"{_PREFIX}:{limit.name}:{client}" for limit in limits]
        try:
            *values, refused = await self._script(keys=keys, args=arguments)
        except self._failures as error:
            self._gone(error)
            return None
        counts = [
            _count(limit, int(left), float(reset))
            for limit, left, reset in zip(limits, values[::2], values[1::2], strict=True)
        ]
        return _binding(counts, refused=bool(refused))

    def _gone(self, error: BaseException) -> None:
        if self.up:
            self.up = False
            logger.warning(
                "Redis does not answer (%s): this process counts requests by itself until it does",
                type(error).__name__,
            )
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="look for Redis")

    async def _look(self) -> None:
        while not self.up:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            with suppress(*self._failures):
                # What is wanted of it, and not a ping: one that is full, or a copy that only reads, answers those.
                await self._script(keys=[f"{_PREFIX}:look"], args=[1, 0.001, 1_000])
                self.up = True
                logger.info("Redis answers again: requests are counted together")

    async def close(self) -> None:
        """Lets go of Redis."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})
        with suppress(*self._failures):
            await self._client.aclose()


def seconds(value: float) -> int:
    """Whole seconds after which something is sure: never 0, which would be read as now."""
    return max(1, math.ceil(value))
