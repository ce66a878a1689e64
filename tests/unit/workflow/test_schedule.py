"""Changes start as soon as they can, never before, and nothing new starts after a failure."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.workflow.schedule import run_in_order


class Run:
    def __init__(self, fails: tuple[str, ...] = ()) -> None:
        self.started: list[str] = []
        self.ended: list[str] = []
        self.most = 0
        self._fails = fails

    async def __call__(self, address: str):
        self.started.append(address)
        self.most = max(self.most, len(self.started) - len(self.ended))
        await asyncio.sleep(0)
        self.ended.append(address)
        return {"message": address} if address in self._fails else None


@st.composite
def graphs(draw):
    names = [str(n) for n in range(draw(st.integers(0, 12)))]
    return {
        name: draw(st.lists(st.sampled_from(names[:index]), unique=True)) if index else []
        for index, name in enumerate(names)
    }


@given(graphs(), st.integers(1, 4))
def test_each_runs_once_after_what_it_waits_for_and_within_the_limit(after, limit):
    run = Run()
    assert asyncio.run(run_in_order(after, run, limit)) is None
    assert sorted(run.ended) == sorted(after)
    assert run.most <= limit
    for address, names in after.items():
        assert all(run.ended.index(name) < run.started.index(address) for name in names)


async def test_nothing_new_starts_after_a_failure():
    run = Run(fails=("a",))
    failure = await run_in_order({"a": [], "b": ["a"], "c": ["b"]}, run, 4)
    assert failure == {"message": "a"}
    assert run.started == ["a"]


async def test_what_is_in_flight_ends_before_the_failure_is_answered():
    run = Run(fails=("a",))
    await run_in_order({"a": [], "b": [], "c": ["b"]}, run, 2)
    assert run.ended == ["a", "b"]


async def test_names_that_are_not_part_of_it_are_taken_as_done():
    run = Run()
    await run_in_order({"a": ["elsewhere"]}, run, 1)
    assert run.ended == ["a"]


async def test_what_is_not_an_ordinary_answer_passes_through_and_stops_the_rest():
    forever = asyncio.Event()
    stopped: list[str] = []

    async def run(address: str):
        if address == "a":
            raise KeyError(address)
        try:
            await forever.wait()
        except asyncio.CancelledError:
            stopped.append(address)
            raise

    with pytest.raises(KeyError):
        await run_in_order({"a": [], "b": []}, run, 2)
    await asyncio.sleep(0)
    assert stopped == ["b"]


async def test_what_only_follows_from_a_failure_never_hides_it():
    cause = asyncio.Event()

    async def run(address: str):
        if address == "a":
            cause.set()
            return {"code": "halted", "message": "b failed"}
        await cause.wait()
        return {"code": "change_rejected", "message": "b is refused"}

    failure = await run_in_order({"a": [], "b": []}, run, 2)
    assert failure == {"code": "change_rejected", "message": "b is refused"}


async def test_what_is_stopped_has_stopped_before_the_exception_passes_through():
    stopped: list[str] = []

    async def run(address: str):
        if address == "a":
            raise KeyError(address)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            stopped.append(address)

    with pytest.raises(KeyError):
        await run_in_order({"a": [], "b": []}, run, 2)
    assert stopped == ["b"]
