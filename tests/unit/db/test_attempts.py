"""Attempts to come in that several processes count together, in the database, and that stay few and nameless."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from alma.core.model.errors import RateLimited
from alma.core.services.slowing import ACCOUNT, ADDRESS, Slowing
from alma.db.access_tables import sign_in_count
from alma.db.attempts import PURPOSE, SharedCounts
from alma.db.database import Database
from tests.unit.db.conftest import FakeClock

Process = Callable[[], Slowing]


@pytest.fixture
def process(database: Database) -> Process:
    """One more process that admits people."""
    return lambda: Slowing(counts=SharedCounts(database, database.derived(PURPOSE)))


def wait(slowing: Slowing, account: str | None, address: str | None) -> float:
    try:
        slowing.begin(account, address)
    except RateLimited as error:
        return error.retry_after
    return 0.0


def rows(database: Database) -> int:
    with database.engine.connect() as connection:
        found = connection.execute(select(func.count()).select_from(sign_in_count))
        return int(found.scalar_one())


def test_failures_at_several_processes_are_those_of_one_account(process: Process) -> None:
    one, two = process(), process()
    for number in range(ACCOUNT.free):
        assert wait((one, two)[number % 2], "ada", f"192.0.2.{number}") == 0
    assert wait(one, "ada", "198.51.100.1") > 0
    assert wait(two, "ada", "198.51.100.2") > 0
    assert wait(two, "bob", "198.51.100.2") == 0


def test_wrong_keys_at_several_processes_are_those_of_one_address(process: Process) -> None:
    one, two = process(), process()
    for number in range(ADDRESS.free):
        (one, two)[number % 2].failed("192.0.2.1")
    with pytest.raises(RateLimited):
        one.refuse_if_slowed("192.0.2.1")
    two.refuse_if_slowed("192.0.2.2")


def test_who_signed_in_at_one_process_is_locked_out_by_others_at_none(process: Process) -> None:
    one, two = process(), process()
    assert wait(one, "ada", "192.0.2.7") == 0
    one.succeeded("ada", "192.0.2.7")
    for number in range(50):
        wait(one, "ada", f"198.51.100.{number}")
    assert wait(two, "ada", "203.0.113.1") > 0
    assert wait(two, "ada", "192.0.2.7") == 0


def test_a_success_takes_failures_back_for_all_processes(process: Process) -> None:
    one, two = process(), process()
    for _ in range(3):
        for _ in range(ACCOUNT.free - 1):
            assert wait(one, "ada", None) == 0
        two.succeeded("ada", None)


def test_of_many_attempts_at_the_same_moment_each_is_counted(process: Process) -> None:
    several = [process() for _ in range(4)]

    def attempt(number: int) -> bool:
        return wait(several[number % 4], "ada", f"10.0.0.{number}") == 0

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(40))) == ACCOUNT.free


def test_what_is_long_ago_is_forgotten_and_leaves_no_row(
    process: Process, database: Database, clock: FakeClock
) -> None:
    slowing = process()
    for number in range(20):
        wait(slowing, "ada", f"192.0.2.{number}")
    assert slowing.forget() == 0
    clock.advance(ACCOUNT.forgiving * 60)
    assert slowing.forget() > 0
    assert rows(database) == 0
    assert wait(slowing, "ada", "192.0.2.1") == 0


def test_rows_are_bounded_and_those_that_matter_for_longest_stay(database: Database) -> None:
    slowing = Slowing(counts=SharedCounts(database, database.derived(PURPOSE), most=10))
    wait(slowing, "ada", "192.0.2.7")
    slowing.succeeded("ada", "192.0.2.7")
    for number in range(30):
        wait(slowing, f"user{number}", f"10.0.0.{number}")
    slowing.forget()
    assert rows(database) <= 10
    for _ in range(ACCOUNT.free + 1):
        wait(slowing, "ada", None)
    assert wait(slowing, "ada", "192.0.2.7") == 0


def test_no_name_and_no_address_is_in_the_database(process: Process, database: Database) -> None:
    wait(process(), "ada-lovelace", "192.0.2.123")
    with database.engine.connect() as connection:
        stored = repr(connection.execute(select(sign_in_count)).all())
    assert "ada" not in stored
    assert "192.0" not in stored
