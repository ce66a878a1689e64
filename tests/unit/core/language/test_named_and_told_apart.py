"""What is named is meant and nothing else; parts of what is counted are told by their systems; and software with its
version says what runs in what was only asked for by its kind."""

from __future__ import annotations

from collections import Counter

import pytest

from alma.core.language.interpreter import Interpreter
from tests.unit.core.language.conversing import drafted, held, names_of, shop

_TWO = shop(
    {"name": "hercules", "type": "vm", "image": "debian"},
    {"name": "achilles", "type": "vm", "image": "ubuntu"},
)
_ONE = shop({"name": "web", "type": "vm", "image": "debian"})


@pytest.mark.parametrize(
    "said",
    [
        "remove the vm called phoenix",
        "delete the server named phoenix",
        "resize the vm called phoenix to 8GB",
        "give the machine called phoenix 8GB",
        'drop the vm named "phoenix"',
    ],
)
def test_a_name_that_is_not_there_means_no_other(interpreter: Interpreter, said: str) -> None:
    left, read = held(interpreter, [said], _ONE)

    assert left == _ONE
    assert "phoenix" in str(read.question)


@pytest.mark.parametrize(
    "answer", ["the one called hercules", "the vm named hercules", "hercules", "the machine hercules"]
)  # fmt: skip
def test_which_one_is_answered_by_what_it_is_called(interpreter: Interpreter, answer: str) -> None:
    left, _ = held(interpreter, ["delete the vm", answer], _TWO)

    assert names_of(left) == ["achilles"]


@pytest.mark.parametrize(
    ("said", "systems"),
    [
        ("Put two LXCs on proxmox, one Debian and one Alpine", {"debian": 1, "alpine": 1}),
        (
            "three VMs, one ubuntu, one debian and one fedora",
            {"ubuntu": 1, "debian": 1, "fedora": 1},
        ),
        ("four vms with 2GB, three debian, one alpine", {"debian": 3, "alpine": 1}),
        ("5 boxes (3 debian, 2 alpine)", {"debian": 3, "alpine": 2}),
        (
            "I want 2 containers, one alpine with 1GB and one debian with 2GB",
            {"alpine": 1, "debian": 1},
        ),
    ],
)
def test_parts_are_told_by_their_systems(
    interpreter: Interpreter, said: str, systems: dict[str, int]
) -> None:
    draft = drafted(interpreter, said)

    assert Counter(r.image for r in draft.resources for _ in range(r.count)) == systems


@pytest.mark.parametrize(
    ("turns", "runs"),
    [
        (["I'd like a database", "PostgreSQL 16"], [("postgresql", "16")]),
        (["I'd like a database", "MySQL 8 please"], [("mysql", "8")]),
        (["a cache please", "redis 7"], [("redis", "7")]),
        (["I need a message queue", "ok, rabbitmq 3.13"], [("rabbitmq", "3.13")]),
        (["mysql 8", "postgres 16"], [("mysql", "8"), ("postgresql", "16")]),
        (["a redis cache", "mariadb 11"], [("redis", None), ("mariadb", "11")]),
    ],
)
def test_software_in_a_version_is_what_runs_in_what_was_asked_for(
    interpreter: Interpreter, turns: list[str], runs: list[tuple[str, str | None]]
) -> None:
    draft, _ = held(interpreter, turns)

    assert [(r.engine, r.version) for r in draft.resources] == runs
