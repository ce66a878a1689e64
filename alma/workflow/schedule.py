"""Runs changes as soon as what they wait for has ended, a bounded number at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from graphlib import TopologicalSorter

from alma.core.services.failure import HALTED, Failure


async def run_in_order(
    after: Mapping[str, Sequence[str]],
    run: Callable[[str], Awaitable[Failure | None]],
    limit: int,
) -> Failure | None:
    """Runs every address once, after the addresses it names (those that are not keys are taken as done).

    After the first failure nothing new starts; what is in flight ends first. Answers the first failure, or None; one of
    code `halted` only follows from another and is answered when there is no other.
    An exception of `run` cancels what is in flight, waits for it and passes through.
    """
    sorter = TopologicalSorter({a: [n for n in names if n in after] for a, names in after.items()})
    sorter.prepare()
    waiting: list[str] = []
    flying: dict[asyncio.Task[Failure | None], str] = {}
    failure: Failure | None = None
    try:
        while True:
            waiting += sorted(sorter.get_ready())
            while failure is None and waiting and len(flying) < limit:
                address = waiting.pop(0)
                flying[asyncio.ensure_future(_call(run, address))] = address
            if not flying:
                return failure
            done, _ = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
            for task in sorted(done, key=lambda ended: flying[ended]):
                address = flying.pop(task)
                result = task.result()
                if result is None:
                    sorter.done(address)
                if failure is None or (result and failure.get("code") == HALTED):
                    failure = result
    finally:
        for task in flying:
            task.cancel()
        if flying:
            await asyncio.wait(flying)


async def _call(run: Callable[[str], Awaitable[Failure | None]], address: str) -> Failure | None:
    return await run(address)
