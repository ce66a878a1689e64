"""Guessing is slowed for an account and for an address, and nobody is locked out by others."""

import pytest

from alma.core.model.errors import RateLimited
from alma.core.services.slowing import ACCOUNT, ADDRESS, MemoryCounts, Slowing


class Clock:
    now = 1000.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slowing(clock: Clock) -> Slowing:
    return Slowing(now=lambda: clock.now)


def wait(slowing: Slowing, account: str | None, address: str | None) -> float:
    """Seconds that the next attempt has to wait; 0 when it was let through, and counted."""
    try:
        slowing.begin(account, address)
    except RateLimited as error:
        return error.retry_after
    return 0.0


def fail(slowing: Slowing, times: int, *, account: str = "ada", network: str = "10.0.0") -> None:
    for number in range(times):
        wait(slowing, account, f"{network}.{number}")


def test_a_few_mistakes_cost_nothing(slowing: Slowing) -> None:
    assert [wait(slowing, "ada", "10.0.0.1") for _ in range(ACCOUNT.free)] == [0.0] * ACCOUNT.free


def test_each_failure_beyond_waits_twice_as_long_up_to_a_limit(
    slowing: Slowing, clock: Clock
) -> None:
    waits = []
    for _ in range(ACCOUNT.free + 10):
        waits.append(waited := wait(slowing, "ada", None))
        clock.now += waited
        if waited:
            wait(slowing, "ada", None)
    grown = [waited for waited in waits if waited]
    assert grown[:2] == [pytest.approx(1.0, rel=0.1), pytest.approx(2.0, rel=0.1)]
    assert grown == sorted(grown)
    # What is forgotten while waiting keeps it just below.
    assert 0.9 * ACCOUNT.longest < grown[-1] <= ACCOUNT.longest


def test_an_account_is_slowed_whatever_address_guesses(slowing: Slowing) -> None:
    fail(slowing, ACCOUNT.free)
    assert wait(slowing, "ada", "192.0.2.1") > 0
    assert wait(slowing, "bob", "192.0.2.1") == 0


def test_an_address_is_slowed_whatever_account_it_guesses_at(slowing: Slowing) -> None:
    for number in range(ADDRESS.free):
        assert wait(slowing, f"user{number}", "192.0.2.1") == 0
    assert wait(slowing, "somebody", "192.0.2.1") > 0
    assert wait(slowing, "somebody", "192.0.2.2") == 0


def test_a_whole_ipv6_network_is_one_address(slowing: Slowing) -> None:
    for number in range(ADDRESS.free):
        wait(slowing, f"user{number}", f"2001:db8::{number:x}")
    assert wait(slowing, "somebody", "2001:db8::ffff") > 0
    assert wait(slowing, "somebody", "2001:db8:1::1") == 0


def test_attempts_at_the_same_moment_all_count(slowing: Slowing) -> None:
    let_through = [wait(slowing, "ada", f"10.0.0.{number}") for number in range(100)].count(0.0)
    assert let_through == ACCOUNT.free


def test_who_signed_in_from_an_address_is_not_locked_out_by_others(slowing: Slowing) -> None:
    assert wait(slowing, "ada", "192.0.2.7") == 0
    slowing.succeeded("ada", "192.0.2.7")
    fail(slowing, 50)
    assert wait(slowing, "ada", "198.51.100.1") > 0
    assert wait(slowing, "ada", "192.0.2.7") == 0


def test_guessing_from_the_owners_own_address_is_slowed_too(slowing: Slowing) -> None:
    wait(slowing, "ada", "192.0.2.7")
    slowing.succeeded("ada", "192.0.2.7")
    waits = [wait(slowing, "ada", "192.0.2.7") for _ in range(ACCOUNT.free + 1)]
    assert waits[-1] > 0


def test_success_takes_an_accounts_failures_back(slowing: Slowing) -> None:
    for _ in range(3):
        for _ in range(ACCOUNT.free - 1):
            assert wait(slowing, "ada", "192.0.2.7") == 0
        slowing.succeeded("ada", "192.0.2.7")


def test_ones_own_account_does_not_wipe_out_what_an_address_failed_at(slowing: Slowing) -> None:
    for number in range(ADDRESS.free - 1):
        wait(slowing, f"user{number}", "192.0.2.7")
    wait(slowing, "mallory", "192.0.2.7")
    slowing.succeeded("mallory", "192.0.2.7")
    assert wait(slowing, "user", "192.0.2.7") == 0
    assert wait(slowing, "user2", "192.0.2.7") > 0


def test_what_is_long_ago_is_forgotten(slowing: Slowing, clock: Clock) -> None:
    fail(slowing, 50)
    assert wait(slowing, "ada", "192.0.2.1") > 0
    clock.now += ACCOUNT.forgiving * 60
    assert [wait(slowing, "ada", None) for _ in range(ACCOUNT.free)] == [0.0] * ACCOUNT.free


def test_keys_are_slowed_by_address(slowing: Slowing, clock: Clock) -> None:
    for _ in range(ADDRESS.free):
        slowing.refuse_if_slowed("192.0.2.1")
        slowing.failed("192.0.2.1")
    with pytest.raises(RateLimited):
        slowing.refuse_if_slowed("192.0.2.1")
    slowing.refuse_if_slowed("192.0.2.2")
    slowing.refuse_if_slowed(None)
    clock.now += ADDRESS.longest
    slowing.refuse_if_slowed("192.0.2.1")


def test_memory_is_bounded(clock: Clock) -> None:
    counts = MemoryCounts(now=lambda: clock.now, memory=10)
    slowing = Slowing(counts=counts)
    for number in range(1000):
        wait(slowing, f"user{number}", f"10.0.{number // 250}.{number % 250}")
        slowing.succeeded(f"user{number}", f"10.0.{number // 250}.{number % 250}")
    assert len(counts) <= 10
