"""Transfer and standstill, against numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.core.migration.amounts import bits_of, seconds_of, told_bytes, told_seconds
from alma.core.migration.moving import Held, Method, Pace, moved
from alma.core.model.errors import InvalidInput

# 1 Gbit/s of which 0.8 is used: 100 MB a second.
PACE = Pace(
    bits=Decimal(10**9),
    efficiency=Decimal("0.8"),
    change_per_day=Decimal("0.1"),
    restart=Decimal(120),
    switch=Decimal(60),
    promote=Decimal(30),
)
GB = 10**9
DB = Held("db", 360 * GB, "as given", replicates=True)  # 3,600 s
FILES = Held("files", 864 * GB, "as given")  # 8,640 s; in that time 1 % changes


def test_a_copy_takes_its_bits_over_the_used_share_of_the_line() -> None:
    _, transfer, _ = moved([DB, FILES], PACE, None)
    assert transfer.seconds == Decimal(12_240)
    assert transfer.bytes == 1_224 * GB
    assert transfer.working == (
        "db: 8 × 360 GB (as given) ÷ (1 Gbit/s × 0.8) = 1 h",
        "files: 8 × 864 GB (as given) ÷ (1 Gbit/s × 0.8) = 2 h 24 min",
        "one after the other: 3 h 24 min",
    )


def test_all_is_copied_while_it_stands_still_where_that_is_tolerated() -> None:
    moves, _, down = moved([DB, FILES], PACE, Decimal(4 * 3600))
    assert [move.method for move in moves] == [Method.OFFLINE, Method.OFFLINE]
    # Copies one after the other, one start side by side, one switch: 12,240 + 120 + 60.
    assert down.seconds == Decimal(12_420)
    assert down.met is True


def test_the_biggest_is_copied_while_it_runs_first() -> None:
    moves, _, down = moved([DB, FILES], PACE, Decimal(3_800))
    assert [move.method for move in moves] == [Method.OFFLINE, Method.COPY_ON]
    # q = 0.1 · 8,640 / 86,400 = 0.01; the third copy takes 8,640 · 0.0001 = 0.864 s. 3,600 + 0.864 + 120 + 60.
    assert moves[1].still_seconds == Decimal("120.864")
    assert down.seconds == Decimal("3780.864")
    assert down.met is True


def test_what_replicates_stands_still_only_while_its_replica_takes_over() -> None:
    moves, _, down = moved([DB], PACE, Decimal(300))
    assert (moves[0].method, moves[0].still_seconds) == (Method.REPLICATION, Decimal(30))
    assert (down.seconds, down.met) == (Decimal(90), True)


def test_no_standstill_at_all_can_not_be_had_where_there_is_data() -> None:
    moves, _, down = moved([DB, FILES], PACE, Decimal(0))
    assert [move.method for move in moves] == [Method.REPLICATION, Method.COPY_ON]
    # 0.864 of copying, the longer of both starts (120), the switch (60).
    assert (down.seconds, down.met) == (Decimal("180.864"), False)
    assert "several primaries" in down.working[-1]


def test_without_data_nothing_stands_still() -> None:
    moves, transfer, down = moved([], PACE, Decimal(0))
    assert (moves, transfer.bytes, down.seconds, down.met) == ((), 0, Decimal(0), True)


def test_data_that_changes_faster_than_it_is_copied_can_not_be_copied_while_it_runs() -> None:
    slow = replace(PACE, bits=Decimal(10**7))  # 1 MB/s: 864,000 s, and as much again changes
    moves, _, down = moved([FILES], slow, Decimal(3600))
    assert moves[0].method is Method.OFFLINE
    assert down.met is False
    assert "only a wider line helps" in down.working[-1]


def test_what_nobody_knows_is_not_reckoned_and_never_called_met() -> None:
    unknown = Held("old", None, "how much it holds is not said")
    moves, transfer, down = moved([DB, unknown], PACE, Decimal(86_400))
    assert transfer.unknown == ("old",)
    assert (moves[1].method, moves[1].still_seconds) == (None, None)
    assert down.met is None
    assert moved([unknown], PACE, Decimal(0))[2].met is False


SIZES = st.lists(st.tuples(st.integers(1, 10**13), st.booleans()), max_size=5)


@given(SIZES, st.integers(10**6, 10**11), st.integers(1, 100), st.integers(0, 10**6))
def test_a_wider_line_is_never_worse(
    sizes: list[tuple[int, bool]], bits: int, factor: int, tolerance: int
) -> None:
    held = [Held(f"r{n}", size, "given", replicates) for n, (size, replicates) in enumerate(sizes)]
    narrow, wide = (replace(PACE, bits=Decimal(b)) for b in (bits, bits * factor))
    one, other = (moved(held, pace, Decimal(tolerance)) for pace in (narrow, wide))
    assert other[1].seconds <= one[1].seconds
    assert not (one[2].met and not other[2].met)


@given(SIZES)
def test_the_copies_of_all_add_up(sizes: list[tuple[int, bool]]) -> None:
    held = [Held(f"r{n}", size, "given", replicates) for n, (size, replicates) in enumerate(sizes)]
    moves, transfer, _ = moved(held, PACE, None)
    assert sum(move.bytes or 0 for move in moves) == transfer.bytes
    total = sum((move.copy_seconds or Decimal(0) for move in moves), Decimal(0))
    assert abs(total - transfer.seconds) <= Decimal("0.001") * (len(moves) + 1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2 hours", 7200), ("1h 30m", 5400), ("90 min", 5400), ("zero", 0), ("none", 0), ("45", 45), ("1 day", 86_400),
     ("1.5 hours", 5400), ("2 Hours and 5 minutes", 7500), (30, 30)],
)  # fmt: skip
def test_lengths_of_time_are_read(text: str | int, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("text", "bits"),
    [("1 Gbit/s", 10**9), ("100 Mbps", 10**8), ("50 MB/s", 4 * 10**8), ("10Gbps", 10**10), ("1 GiB/s", 8 * 2**30),
     ("2.5 gbit/s", 25 * 10**8), ("500 kbit/s", 5 * 10**5), ("1 megabit per second", 10**6)],
)  # fmt: skip
def test_bandwidths_are_read(text: str, bits: int) -> None:
    assert bits_of(text) == bits


@pytest.mark.parametrize("text", ["soon", "2 lightyears", "-1 h", "1e9 h", "2 hours ago"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no length of time"):
        seconds_of(text)


@pytest.mark.parametrize("text", ["", "fast", "0 Mbps", "10", "9" * 30 + " Gbps"])
def test_what_is_no_bandwidth_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        bits_of(text)


def test_amounts_are_told_for_people() -> None:
    assert [told_seconds(Decimal(n)) for n in (0, 59, 3661, 90_000)] == [
        "0 s",
        "59 s",
        "1 h 1 min",
        "1 d 1 h",
    ]
    assert [told_bytes(n) for n in (0, 1500, 80 * GB, 10**15)] == ["0 B", "1.5 kB", "80 GB", "1 PB"]
