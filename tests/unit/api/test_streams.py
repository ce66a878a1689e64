"""Rules of the event streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest

from alma.api.streams import frames, log, place, position
from alma.core.model.errors import InvalidInput
from alma.core.model.event import Event, EventType


def event(number: int) -> Event:
    return Event(
        deployment_id="d",
        seq=number,
        time=datetime(2026, 1, 1, tzinfo=UTC),
        type=EventType.LOG,
        message="two\nlines",
    )


async def test_a_frame_is_one_line_of_data_with_its_number() -> None:
    async def events() -> AsyncGenerator[Event, None]:
        yield event(7)

    opening, frame = [part async for part in frames(log(events()))]

    assert opening.startswith(b":")
    assert b"retry: 2000" in opening
    lines = frame.decode().split("\n")
    assert sorted(line.split(":")[0] for line in lines if line) == ["data", "id"]
    assert "id: 7" in lines
    assert frame.endswith(b"\n\n")


async def test_silence_is_filled_with_comments_and_loses_no_event() -> None:
    go_on = asyncio.Event()

    async def events() -> AsyncGenerator[Event, None]:
        yield event(1)
        await go_on.wait()
        yield event(2)

    stream = frames(log(events()), heartbeat=0.001)
    seen = [await anext(stream) for _ in range(5)]
    go_on.set()
    rest = [part async for part in stream]

    assert all(part.startswith(b":") for part in seen[2:])
    assert b'"seq":2' in rest[-1]
    assert b"".join(rest).count(b'"seq"') == 1


async def test_a_reader_that_leaves_ends_the_source() -> None:
    ended = asyncio.Event()

    async def events() -> AsyncGenerator[Event, None]:
        try:
            yield event(1)
            await asyncio.Event().wait()
        finally:
            ended.set()

    stream = frames(log(events()), heartbeat=0.001)
    for _ in range(3):
        await anext(stream)
    await stream.aclose()

    assert ended.is_set()


@pytest.mark.parametrize(
    ("last_event_id", "after", "expected"), [(None, 3, 3), ("", 3, 3), ("5", 3, 5), (" 5 ", 0, 5)]
)
def test_what_was_seen_last_beats_the_url(
    last_event_id: str | None, after: int, expected: int
) -> None:
    assert position(last_event_id, after) == expected


@pytest.mark.parametrize("last_event_id", ["-1", "soon", "1.5", "9" * 19])
def test_a_position_that_is_no_number_is_refused(last_event_id: str) -> None:
    with pytest.raises(InvalidInput, match="Last-Event-ID"):
        position(last_event_id, 0)


def test_an_id_names_a_turn_and_an_event_of_it() -> None:
    assert place(" 4f1c:12 ") == ("4f1c", 12)


@pytest.mark.parametrize("event_id", ["", "12", "4f1c:", ":1", "4f1c:-1", "4f/c:1", "4f1c:1:2"])
def test_an_id_that_names_none_is_refused(event_id: str) -> None:
    with pytest.raises(InvalidInput, match="Last-Event-ID"):
        place(event_id)


async def test_a_reader_that_is_cut_off_ends_the_source_too() -> None:
    """As the server does it: cancelled wherever it stands, and again while it cleans up."""
    ended = asyncio.Event()
    quiet = asyncio.Event()

    async def parts() -> AsyncGenerator[bytes, None]:
        try:
            yield b"one"
            quiet.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()

    async def read() -> None:
        async for _ in frames(parts()):
            pass

    reading = asyncio.create_task(read())
    await quiet.wait()
    reading.cancel()
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    async with asyncio.timeout(30):
        await ended.wait()
