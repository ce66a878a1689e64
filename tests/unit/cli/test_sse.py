"""Events are read as the standard says, as far as the server uses it."""

from __future__ import annotations

import pytest

from alma.cli.sse import Sent, data_of, events_of


@pytest.mark.parametrize(
    ("lines", "data"),
    [
        (["data: a", ""], ["a"]),
        (["id: 1", "data: a", "", "id: 2", "data: b", ""], ["a", "b"]),
        ([": a comment", "", "retry: 2000", ""], []),
        (["data: two", "data: lines", ""], ["two\nlines"]),
        (["data:no space", ""], ["no space"]),
        (["data: cut off"], []),
        (["data: whole", "", "data: cut off"], ["whole"]),
    ],
)
def test_data_comes_in_order_and_whole(lines: list[str], data: list[str]) -> None:
    assert list(data_of(lines)) == data


def test_each_event_has_its_own_id_or_none() -> None:
    lines = ["id: t:1", "data: a", "", ": still here", "", "data: b", "", "data: c", "id: t:3", ""]
    assert list(events_of(lines)) == [Sent("t:1", "a"), Sent(None, "b"), Sent("t:3", "c")]
