"""Tests wait for what they need, never for a while: too short is flaky, too long is slow."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Seconds for what takes a few: a machine with other work is only slow, and pytest's own limit ends what hangs.
PATIENCE = 240.0


def wait_until(
    predicate: Callable[[], T], timeout: float = PATIENCE / 2, interval: float = 0.1, what: str = ""
) -> T:
    """Ask until the answer is truthy and return it; AssertionError after `timeout` seconds.

    The predicate is asked at least once, and once more after the deadline has passed, so that a
    machine that stood still doesn't fail the test.
    """
    deadline = time.monotonic() + timeout
    while True:
        last_chance = time.monotonic() >= deadline
        if answer := predicate():
            return answer
        if last_chance:
            raise AssertionError(
                f"not within {timeout:g} s: {what or predicate}; last answer: {answer!r}"
            )
        time.sleep(interval)
