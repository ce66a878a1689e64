"""Passwords are hashed slowly, a few at a time, and whoever is not there takes as long as anybody."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from alma.core.model.errors import RateLimited
from alma.credentials.passwords import Argon2


@pytest.fixture
def passwords() -> Iterator[Argon2]:
    made = Argon2(profile="CHEAPEST")
    yield made
    made.close()


async def test_a_password_matches_its_hash_and_nothing_else(passwords: Argon2) -> None:
    hash_ = await passwords.make("correct horse")
    assert hash_.startswith("$argon2id$")
    assert await passwords.matches(hash_, "correct horse")
    assert not await passwords.matches(hash_, "correct horsf")


async def test_the_same_password_has_another_hash_each_time(passwords: Argon2) -> None:
    assert await passwords.make("correct horse") != await passwords.make("correct horse")


async def test_nobody_has_no_password(passwords: Argon2) -> None:
    assert not await passwords.matches(None, "nobody has this password")
    assert not await passwords.matches("no hash at all", "x")


async def test_a_hash_of_other_parameters_is_told_to_be_old(passwords: Argon2) -> None:
    usual = Argon2()
    hash_ = await passwords.make("correct horse")
    assert passwords.is_current(hash_)
    assert not usual.is_current(hash_)
    assert await usual.matches(hash_, "correct horse")
    usual.close()


def test_the_usual_hash_is_as_slow_as_rfc_9106_asks() -> None:
    usual = Argon2()
    hash_ = asyncio.run(usual.make("correct horse"))
    usual.close()
    assert "m=65536,t=3" in hash_


async def test_who_comes_when_too_many_wait_is_asked_to_come_back() -> None:
    # That this goes on while the only thread is held shows that nothing is hashed on the event loop.
    passwords = Argon2(at_once=1, waiting=1, profile="CHEAPEST")
    held = threading.Event()
    blocking = asyncio.get_running_loop().run_in_executor(passwords._pool, held.wait)
    first, second = (asyncio.create_task(passwords.make("a password")) for _ in range(2))
    await asyncio.sleep(0)
    with pytest.raises(RateLimited) as refused:
        await passwords.make("a password")
    assert refused.value.retry_after > 0
    held.set()
    await asyncio.gather(blocking, first, second)
    assert (await passwords.make("a password")).startswith("$argon2id$")
    passwords.close()
