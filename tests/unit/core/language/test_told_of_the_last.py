"""Dialogues whose turns are said of what the turn before was about: the one that was chosen, copied or left out, as
much again of something else, so many at once. What counts is the draft after the last turn; a resource is written as
its name, its software or kind, and its sizes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint, Resource
from tests.unit.core.language.conversing import held, shop


def _draft(written: str) -> Blueprint | None:
    """`web vm 2 8GB, db postgresql`: name, kind or software of a database, cores, memory."""
    resources: list[dict[str, object]] = []
    for each in filter(None, written.split(", ")):
        name, kind, *sizes = each.split()
        machine = kind in {"vm", "container"}
        one: dict[str, object] = {"name": name, "type": kind if machine else "database"}
        one |= {} if machine else {"engine": kind}
        keys = ["cpu", "memory"][: len(sizes)]
        one |= {"specs": dict(zip(keys, sizes, strict=True))} if sizes else {}
        resources.append(one)
    return shop(*resources) if resources else None


def _after(interpreter: Interpreter, written: str, turns: str) -> Sequence[str]:
    draft, _ = held(interpreter, turns.split(" | "), _draft(written))
    return [_written(resource) for resource in draft.resources]


def _written(resource: Resource) -> str:
    count = f"x{resource.count}" if resource.count > 1 else None
    sizes = (resource.specs.cpu, resource.specs.memory)
    parts = (resource.name, resource.engine or resource.type, count, *sizes)
    return " ".join(str(part) for part in parts if part is not None)


_PAIR = "top vm 8 24GB, low vm 2 8GB"
_MAIN = "main vm 8 32GB"
_BIRDS = "duck vm 2 4GB, goose vm 4 8GB, swan vm 8 16GB"
_STORES = "hr postgresql 2 4GB, sales postgresql 2 4GB, stock postgresql 2 4GB"
_SOLVER = "solver vm 16 64GB"
_COLOURS = "red vm 2 4GB, blue vm 2 4GB, green vm 2 4GB"


@pytest.mark.parametrize(
    ("start", "turns", "expected"),
    [
        (_PAIR, "low must match top in cores", "top vm 8 24GB, low vm 8 8GB"),
        (_PAIR, "low needs the same memory as top", "top vm 8 24GB, low vm 2 24GB"),
        (_PAIR, "give low as many cores as top", "top vm 8 24GB, low vm 8 8GB"),
        (_PAIR, "low should be exactly as big as top", "top vm 8 24GB, low vm 8 24GB"),
        (_PAIR, "low must equal top in memory and cores", "top vm 8 24GB, low vm 8 24GB"),
        (_MAIN, "add another vm called b, half the memory of main", f"{_MAIN}, b vm 2 16GB"),
        (_MAIN, "add a vm called b with half the cores of main", f"{_MAIN}, b vm 4 4GB"),
        (
            _MAIN,
            "create a second vm named b with double the cores of main",
            f"{_MAIN}, b vm 16 4GB",
        ),
        (_MAIN, "add a redis called b with half the memory of main", f"{_MAIN}, b redis 16GB"),
        (_MAIN, "add a VM for dora, same as main, named dora", f"{_MAIN}, dora vm 8 32GB"),
        (_MAIN, "clone main as b | only 8GB though", f"{_MAIN}, b vm 8 8GB"),
        (_MAIN, "copy main to b | with 2 cores", f"{_MAIN}, b vm 2 32GB"),
        (
            "a postgresql 2 24GB, b mysql 2 8GB",
            "mysql the same as postgres",
            "a postgresql 2 24GB, b mysql 2 24GB",
        ),
        (
            "top vm 8 4GB, backup vm 2 4GB",
            "backup is a confusing name, call it spare | spare must match top in cores",
            "top vm 8 4GB, spare vm 8 4GB",
        ),
    ],
)
def test_what_should_be_like_something_else(
    interpreter: Interpreter, start: str, turns: str, expected: str
) -> None:
    assert _after(interpreter, start, turns) == expected.split(", ")


@pytest.mark.parametrize(
    ("start", "turns", "expected"),
    [
        (_BIRDS, "delete the vm | goose | and swan as well", "duck vm 2 4GB"),
        (_BIRDS, "delete the vm | goose | the duck too", "swan vm 8 16GB"),
        (_STORES, "the database should get 8 cores | sales | make that 6 cores", "sales=6"),
        (_STORES, "the database needs 5 cores | the stock one | make that 7 cores", "stock=7"),
        (_COLOURS, "4 cores for every VM except red | ok, now red as well", "red=4 blue=4 green=4"),
        (_COLOURS, "give all vms but red 4 cores", "red=2 blue=4 green=4"),
        (_COLOURS, "red needs 8 cores | and blue 4", "red=8 blue=4 green=2"),
        (_COLOURS, "red gets 8 cores | blue 6", "red=8 blue=6 green=2"),
        (
            "app-dev vm 2 4GB, app-test vm 2 4GB, app-prod vm 2 4GB",
            "prod should have 8 cores though | and test 4",
            "app-dev=2 app-test=4 app-prod=8",
        ),
        (_SOLVER, "take 4 cores away from solver | and 16GB of its memory", "solver vm 12 48GB"),
        (_SOLVER, "remove 4 cores from solver | and 16GB of memory", "solver vm 12 48GB"),
        (_SOLVER, "reduce solver by 4 cores | and by 16GB of memory", "solver vm 12 48GB"),
        (_SOLVER, "add 4 cores to solver | and 16GB of memory", "solver vm 20 80GB"),
        (_SOLVER, "give solver 4 more cores | and 16GB more memory", "solver vm 20 80GB"),
        (_SOLVER, "take 4 cores off solver | and 16GB", "solver vm 12 48GB"),
        (_SOLVER, "give solver 20 cores | and 16GB of memory", "solver vm 20 16GB"),
        (
            "keeper vm 2 4GB, other container 1 512MB",
            "I want keeper to run in an LXC container instead of a VM | keep the 4GB but 1 core will do",
            "keeper container 1 4GB, other container 1 512MB",
        ),
    ],
)
def test_what_follows_is_of_the_same(
    interpreter: Interpreter, start: str, turns: str, expected: str
) -> None:
    after = _after(interpreter, start, turns)
    if "=" in expected:
        cores = {each.split()[0]: each.split()[2] for each in after}
        assert len(cores) == start.count(",") + 1
        wanted = dict(each.split("=") for each in expected.split())
        assert {name: cores[name] for name in wanted} == wanted
    else:
        assert after == expected.split(", ")


@pytest.mark.parametrize(
    ("turns", "number", "cores", "memory"),
    [
        ("4 ubuntu VMs with 8 cores | sorry, mixed it up. 8 VMs with 4 cores", 8, 4, "4GB"),
        ("4 ubuntu VMs with 8 cores | no, 8 VMs with 4 cores", 8, 4, "4GB"),
        ("4 VMs with 8GB | wait, I got that backwards: 8 VMs with 4GB each", 8, 2, "4GB"),
        ("2 vms with 6 cores | oops, I swapped the numbers, 6 vms with 2 cores", 6, 2, "4GB"),
        ("6 vms with 2 cores and 1GB | no wait, 2 vms with 6 cores and 4GB", 2, 6, "4GB"),
        ("five arch VMs | remove two", 3, 2, "4GB"),
        ("five arch VMs | drop three", 2, 2, "4GB"),
        ("two vms | remove two", 2, 2, "4GB"),
    ],
)
def test_how_many_and_how_big_at_once(
    interpreter: Interpreter, turns: str, number: int, cores: int, memory: str
) -> None:
    after = _after(interpreter, "", turns)
    assert [each.split(" ", 1)[1] for each in after] == [f"vm {cores} {memory}"] * number


@pytest.mark.parametrize(
    "added",
    [
        "we also need 2 vms with 6 cores",
        "for the lab, 2 vms with 6 cores",
        "and 2 vms with 6 cores",
    ],
)
def test_nothing_goes_for_what_is_added(interpreter: Interpreter, added: str) -> None:
    after = _after(interpreter, "", f"3 debian vms with 2 cores | {added}")
    assert [each.split()[2] for each in after] == ["2", "2", "2", "6", "6"]


@pytest.mark.parametrize(
    ("turns", "memory"),
    [
        ("pad to 8GB of memory | undo please | 2GB is what I wanted", "2GB"),
        ("pad to 8GB of memory | no, 2GB is what I meant", "2GB"),
        ("pad to 512MB of memory | pad won't even boot with that, 2GB then", "2GB"),
        ("pad to 512MB of memory | pad can't run on so little, give it 2GB please", "2GB"),
        ("pad to 512MB of memory | pad doesn't start with 512MB, make it 2GB", "2GB"),
        ("pad to 512MB of memory | pad won't boot, what should I do?", "512MB"),
    ],
)
def test_what_was_wanted_instead(interpreter: Interpreter, turns: str, memory: str) -> None:
    start = "pad vm 2 1GB, other vm 2 1GB"
    assert _after(interpreter, start, turns) == [f"pad vm 2 {memory}", "other vm 2 1GB"]


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ("is mysql or postgres better for a shop? | I'll take mysql, name it till", "till mysql"),
        ("should I use redis or valkey? | let's go with valkey", "cache-1 valkey"),
        ("mysql or mariadb, what would you pick? | ok, mariadb it is", "db-1 mariadb"),
        ("is mysql or postgres better? | I'll think about it", None),
        ("a postgres database named orders | and a mysql one named till", "till mysql"),
    ],
)
def test_what_is_chosen(interpreter: Interpreter, turns: str, expected: str | None) -> None:
    after = _after(interpreter, "web vm 2 4GB", turns)
    assert after[-1] == (expected or "web vm 2 4GB")


@pytest.mark.parametrize(
    ("said", "engine"),
    [
        ("mosquitto broker... no scratch that, give me a rabbitmq", "rabbitmq"),
        ("mysql server, no wait, I want a postgres", "postgresql"),
        ("redis cache. oh scratch that, make it a valkey", "valkey"),
        ("a postgres... no sorry, a mariadb please", "mariadb"),
    ],
)
def test_a_first_thought_taken_back(interpreter: Interpreter, said: str, engine: str) -> None:
    assert [each.split()[1] for each in _after(interpreter, "", said)] == [engine]


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("we can go a bit higher, up to 750", 750),
        ("we could stretch to 500", 500),
        ("ok we can go to 450", 450),
        ("go up to 5", 400),
    ],
)
def test_a_limit_goes_up(interpreter: Interpreter, said: str, limit: int) -> None:
    constraints = held(interpreter, ["3 vms, at most 400 euros a month", said])[0].constraints
    assert constraints is not None
    assert constraints.max_monthly_cost == limit


@pytest.mark.parametrize(
    ("start", "turns", "expected"),
    [
        ("", "kubernetes cluster | swap the cluster for two debian VMs", "vm-1, vm-2"),
        (
            "",
            "3 vms and a mysql | replace the vms with 2 containers",
            "db-1, container-1, container-2",
        ),
        (_PAIR, "replace low with a postgres", "top, db-1"),
        (_PAIR, "replace low with a container", "top, low"),
        (_PAIR, "kill low | no no, I meant top! restore low and remove top", "top"),
        (_PAIR, "kill low | bring low back", "top, low"),
        ("", "vms a1 and b1 | delete a1 | I meant b1! bring a1 back and remove b1", "a1"),
    ],
)
def test_one_in_the_place_of_another(
    interpreter: Interpreter, start: str, turns: str, expected: str
) -> None:
    assert [each.split()[0] for each in _after(interpreter, start, turns)] == expected.split(", ")
