"""Rules of pages: of cursors above all, without a server."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import Request, Response

from alma.api.paging import Asked, Moment, Order, asked
from alma.core.model.errors import InvalidInput

NUMBERS = Order[int, int]("numbers", lambda number: number, int)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TIMES = Order[tuple[datetime, str], Moment]("times", lambda item: item, Moment)


def page(query: str = "", **how: Any) -> Asked:
    scope = {
        "type": "http",
        "path": "/api/v1/numbers",
        "query_string": query.encode(),
        "headers": [],
    }
    values = {"skip": 0, "limit": 3, "cursor": None} | how
    return Asked(request=Request(scope), response=Response(), **values)


def test_a_cursor_leads_back_to_the_place_it_was_made_of() -> None:
    assert NUMBERS.read(NUMBERS.cursor(7)) == 7
    assert TIMES.read(TIMES.cursor((NOON, "d-1"))) == (NOON, "d-1")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "not base64 at all!",
        "é",
        "AAAA",
        TIMES.cursor((NOON, "d-1")),
        base64.urlsafe_b64encode(b"numbers\n[1]").decode(),
        base64.urlsafe_b64encode(b"numbers\nnull").decode(),
        base64.urlsafe_b64encode(b"numbers").decode(),
        NUMBERS.cursor(7) + "$",
    ],
)
def test_what_is_no_cursor_of_this_list_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput, match="no cursor of the list of numbers"):
        NUMBERS.read(cursor)


def test_a_time_without_a_zone_is_no_place() -> None:
    forged = base64.urlsafe_b64encode(b'times\n["2026-11-22T12:00:00", "d-1"]').decode()
    with pytest.raises(InvalidInput):
        TIMES.read(forged)


def test_a_page_names_the_next_one_only_when_there_is_one() -> None:
    more = page().page(NUMBERS, [9, 8, 7, 6], 10, str)
    assert list(more.items) == ["9", "8", "7"]
    assert more.next_cursor is not None
    assert NUMBERS.read(more.next_cursor) == 7
    assert page().page(NUMBERS, [9, 8, 7], 3, str).next_cursor is None


def test_the_link_keeps_what_was_asked_and_repeats_no_token() -> None:
    asking = page("status=pending&skip=2&limit=3&access_token=secret", skip=2)
    shown = asking.page(NUMBERS, [9, 8, 7, 6], 10, str)
    assert asking.response.headers["Link"] == (
        f'</api/v1/numbers?status=pending&limit=3&cursor={shown.next_cursor}>; rel="next"'
    )


def test_a_header_can_not_be_broken_by_what_was_asked() -> None:
    asking = page("name=a%0d%0aSet-Cookie:%20x%3E")
    asking.page(NUMBERS, [9, 8, 7, 6], 10, str)
    assert "\r" not in asking.response.headers["Link"]
    assert asking.response.headers["Link"].count(">") == 1


def test_a_list_in_memory_is_walked_to_its_end_without_a_repeat() -> None:
    everything = list(range(10, 0, -1))
    seen: list[int] = []
    cursor = None
    while True:
        shown = page(cursor=cursor).among(NUMBERS, everything, lambda number: number)
        seen += shown.items
        everything.insert(0, max(everything) + 1)
        if (cursor := shown.next_cursor) is None:
            break
    assert seen == list(range(10, 0, -1))


def test_a_place_that_is_gone_is_said_and_not_taken_for_the_end() -> None:
    with pytest.raises(InvalidInput, match="is gone"):
        page(cursor=NUMBERS.cursor(7)).among(NUMBERS, [9, 8], str)


async def test_two_ways_to_ask_for_a_page_at_once_are_refused() -> None:
    made = page()
    with pytest.raises(InvalidInput, match="not by both"):
        await asked(made.request, made.response, skip=1, cursor=NUMBERS.cursor(7))
