"""What edge tests do to a run from outside, and what they look at afterwards."""

from __future__ import annotations

import asyncio
from collections import defaultdict


def applying(here, monkeypatch, instead):
    """Puts `instead` before the engine's apply; it gets the address and goes on when it returns."""
    real = here.simulation.apply

    async def apply(change, key, context):
        await instead(change.address)
        return await real(change, key, context)

    monkeypatch.setattr(here.simulation, "apply", apply)


def in_turn(here, monkeypatch, first, second):
    """Lets `second` be touched only when `first` is done, in every run: what fails stops what has not begun yet."""
    real, done = here.simulation.apply, defaultdict(asyncio.Event)

    async def apply(change, key, context):
        run = key.partition(":")[0]
        if change.address == second:
            await done[run].wait()
        outcome = await real(change, key, context)
        if change.address == first:
            done[run].set()
        return outcome

    monkeypatch.setattr(here.simulation, "apply", apply)


def raising(monkeypatch, owner, name, error, *, times=10**6):
    """Makes a method raise, so many times."""
    real = getattr(owner, name)
    left = times

    def broken_method(*args, **kwargs):
        nonlocal left
        left -= 1
        if left >= 0:
            raise error
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, broken_method)


async def touched(here, deployment, address):
    operations = await here.simulation.operations(deployment.plan.stack)
    return [o.action for o in operations if o.address == address]


async def records(here, deployment):
    with here.database.read() as transaction:
        stack = transaction.stacks.get(deployment.plan.stack.id, project="default")
    return {record.address: record for record in stack.records}
