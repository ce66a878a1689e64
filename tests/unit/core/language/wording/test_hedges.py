"""Doubts and politeness around a wish leave the wish."""

from __future__ import annotations

import pytest

from alma.core.language.wording.hedges import named, plainly


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("would it be too much trouble to get a vm?", "please get a vm?"),
        ("we need maybe 3 servers?", "we need 3 servers."),
        ("some kind of db", "a db"),
        ("database of type MariaDB", "database MariaDB"),
        ("our 2 old servers died. I want 3 new ones", "our 2 old servers died. I want 3 new servers"),
        ("Second is a vm for tests", "I need a vm for tests"),
        ("memcached, a pair of them, 256 MB each", "2 memcached, 256 MB each"),
        ("memcached, a pair of them", "2 memcached"),
        ("an API that stores data in Postgres and its sessions in Redis",
         "an API that stores data in Postgres and with Redis"),
        ("2 replicas of our image acme/shop:1.2", "2 containers from image acme/shop:1.2"),
        ("host port 8080 to 5678 inside", "port 8080:5678"),
    ],
)  # fmt: skip
def test_the_wish_is_left(said: str, told: str) -> None:
    assert plainly(said) == told


def test_a_program_that_something_is_said_to_be_is_wanted() -> None:
    assert named("a blog. it's wordpress, as usual", {"wordpress"}.__contains__) == (
        "a blog. I need wordpress, as usual"
    )
    assert named("it's friday", {"wordpress"}.__contains__) == "it's friday"
