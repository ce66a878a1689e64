"""Dialogues whose last turn says a bare figure, another start, what an environment has or what comes back: what each
is of is known only from what was said before it. What counts is how many there are of each kind, and their amounts."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from tests.unit.core.language.conversing import drafted, held, kinds_of, shop


def _written(draft: Blueprint) -> str:
    """`2 vm 512MB`: how many of each kind in the order of their names, then every amount, once."""
    kinds = sorted(f"{many} {kind}" for kind, many in kinds_of(draft).items())
    amounts: dict[str, None] = {}
    for each in draft.resources:
        specs = each.specs
        own = (specs.cpu, specs.memory, specs.disk_size, specs.nodes, each.version)
        amounts |= dict.fromkeys(str(amount) for amount in own if amount is not None)
    return ", ".join([*kinds, " ".join(amounts)]).strip(", ")


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ("two ubuntu vms with 256MB each | make that 512", "2 vm, 2 512MB"),
        ("Three containers, 128 MB apiece | make it 256", "3 container, 1 256MB"),
        ("4 debian VMs with 2GB RAM each | make that 4", "4 vm, 2 4GB"),
        ("two vms with 4GB | make that 3", "3 vm, 2 4GB"),
        ("6 vms | make that 512", "6 vm, 2 4GB"),
        ("ubuntu vm with a 30GB disk | 30 is tight, go for 100", "1 vm, 2 4GB 100GB"),
        ("a debian VM with 20GB disk | 20GB seems a bit tight, take 60", "1 vm, 2 4GB 60GB"),
        ("k8s cluster with 3 nodes | 3 is a bit meagre, let's have 5",
         "1 kubernetes_cluster, 2 4GB 5"),
        ("3 nginx vms | 3 is a lot, 2 will be ok", "2 vm, 2 4GB"),
        ("vm with 8GB ram | can it take ten players? | go with 16 to be sure", "1 vm, 2 16GB"),
        ("postgres 15 | our vendor says 15 is no longer supported | 16 then", "1 database, 16"),
        ("Mongo 6 please | can you do 7 instead?", "1 database, 7"),
        ("postgres 13 and a vm | is 13 still supported? | ok then 16", "1 database, 1 vm, 16 2 4GB"),
        ("redis 6 | better 7", "1 cache, 7"),
        ("postgresql 16 with 100GB | 17 please", "1 database, 100GB 17"),
        ("5 ubuntu boxes | typo, 15", "15 vm, 2 4GB"),
        ("3 nginx vms | argh 13, fat fingers", "13 vm, 2 4GB"),
        ("VM with 8 cores and 4 GB RAM | oops, other way round: 4 cores, 8GB", "1 vm, 4 8GB"),
        ("vm with 2 cores and 16GB | oh wait, the reverse: 16 cores and 2GB", "1 vm, 16 2GB"),
        ("8 vms with 4 cores | other way around: 4 vms with 8 cores", "4 vm, 8 4GB"),
        ("three containers | one less, two will do", "2 container, 1 512MB"),
        ("5 debian vms | two less. three is enough", "3 vm, 2 4GB"),
        ("3 debian vms | one more", "4 vm, 2 4GB"),
        ("8 vms | drop one, 7 are enough", "7 vm, 2 4GB"),
        ("Ten VMs, 2GB memory apiece | plus five | drop three of them", "12 vm, 2 2GB"),
        ("four containers | and two on top", "6 container, 1 512MB"),
        ("VM with 32GB ram and 8 cores for a jenkins | 16GB and 4 cores then",
         "1 service, 1 vm, 4 16GB"),
    ],
)  # fmt: skip
def test_a_figure_is_of_what_was_said_last(
    interpreter: Interpreter, turns: str, expected: str
) -> None:
    assert _written(held(interpreter, turns.split(" | "))[0]) == expected


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ("two VMs and a mysql | scrap all of it, I want to start over | a single alpine container",
         {"container": 1}),
        ("a postgres and a vm | forget everything, let's begin again | one redis", {"cache": 1}),
        ("two vms | let's start afresh | what do you need from me? | one mysql", {"database": 1}),
        ("two vms and mysql | wipe the draft, start fresh | I need a kafka", {"queue": 1}),
        ("two vms | start over? | a redis", {"vm": 2, "cache": 1}),
        ("a vm and a bucket | drop the bucket | wait, put it back, I was wrong about that",
         {"vm": 1, "object_store": 1}),
        ("a vm and a mysql | delete the mysql | no wait, bring it back, I confused it with another",
         {"vm": 1, "database": 1}),
        ("a vm and a volume | remove the volume | restore it please, that was the wrong call",
         {"vm": 1, "volume": 1}),
        ("network, firewall and two VMs | firewall can go | in fact so can the network", {"vm": 2}),
        ("a vm, a redis and kafka | drop the redis | so can kafka", {"vm": 1}),
        ("a vm, a postgres and a bucket | we don't need the bucket | same goes for the postgres",
         {"vm": 1}),
        ("For production a VM with 4 cores plus a PostgreSQL database. | Now the same for staging.",
         {"vm": 2, "database": 2}),
        ("live needs a vm and a redis | same for the test environment | test doesn't need the redis",
         {"vm": 2, "cache": 1}),
        ("prod should have 3 vms | test gets the same", {"vm": 6}),
        ("one VM and a postgres | the same for staging", {"vm": 1, "database": 1}),
    ],
)  # fmt: skip
def test_what_there_is_after_another_start_a_return_or_another_environment(
    interpreter: Interpreter, turns: str, expected: dict[str, int]
) -> None:
    assert kinds_of(held(interpreter, turns.split(" | "))[0]) == expected


def test_the_second_environment_has_its_own_sizes(interpreter: Interpreter) -> None:
    turns = (
        "Prod gets a VM with 16GB memory.",
        "staging should be identical but with half the memory",
    )
    draft, _ = held(interpreter, turns)
    assert {r.name: str(r.specs.memory) for r in draft.resources} == {
        "vm-1": "16GB",
        "vm-1-staging": "8GB",
    }


@pytest.mark.parametrize(
    ("message", "version"),
    [
        ("set the version of db-1 to 16", "16"),
        ("set db-1's version to 16", "16"),
        ("change the version of the database to 15", "15"),
    ],
)
def test_a_version_named_as_one_is_set(
    interpreter: Interpreter, message: str, version: str
) -> None:
    kept = {"name": "db-1", "type": "database", "engine": "postgresql", "version": "14"}
    draft, _ = held(interpreter, [message], shop(kept))
    assert draft.resources[0].version == version


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("a database on postgres", ("database", "postgresql")),
        ("we need a cache on redis", ("cache", "redis")),
        ("one queue on rabbitmq please", ("queue", "rabbitmq")),
    ],
)
def test_a_store_and_its_software_are_one(
    interpreter: Interpreter, message: str, expected: tuple[str, str]
) -> None:
    (only,) = drafted(interpreter, message).resources
    assert (only.type, only.engine) == expected
