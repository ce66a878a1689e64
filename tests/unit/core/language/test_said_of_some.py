"""Bounds on sizes, some of several by their place or size, amounts taken off, and what is told beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint


def _draft(*resources: Mapping[str, Any]) -> Blueprint:
    return Blueprint.model_validate({"name": "draft", "resources": list(resources)})


def _machine(name: str, cpu: int, memory: str, **more: Any) -> dict[str, Any]:
    specs = {"cpu": cpu, "memory": memory}
    return {"name": name, "type": "container", "image": "debian", "specs": specs, **more}


HOME = _draft(_machine("dns", 1, "512MB"), _machine("media", 4, "8GB"), _machine("wiki", 2, "6GB"))
PAIR = _draft(_machine("build-a", 2, "4GB"), _machine("build-b", 4, "8GB"))
ONE = _draft(_machine("matrix", 2, "6GB"))
MIXED = _draft(
    _machine("build", 4, "8GB", type="vm", image="windows"), _machine("git", 2, "4GB", type="vm")
)
TIER = _draft(_machine("worker", 1, "1GB", count=6))
CLUSTER = _draft({"name": "cluster-1", "type": "kubernetes_cluster", "specs": {"nodes": 4}})


def _after(interpreter: Interpreter, draft: Blueprint, message: str) -> Blueprint:
    read = interpreter.interpret(message, blueprint=draft)
    return apply_edits(draft, read.edits)[0] if read.edits else draft


def _sizes(draft: Blueprint) -> list[tuple[Any, ...]]:
    return [(r.name, r.specs.cpu, str(r.specs.memory), r.count) for r in draft.resources]


def _expect(draft: Blueprint, changed: Mapping[str, Mapping[str, Any]]) -> Sequence[Any]:
    expected = []
    for resource in draft.resources:
        new = changed.get(resource.name, {})
        cpu = new.get("cpu", resource.specs.cpu)
        memory = new.get("memory", str(resource.specs.memory))
        expected.append((resource.name, cpu, memory, new.get("count", resource.count)))
    return expected


MOST = {"media": {"memory": "4GB"}, "wiki": {"memory": "4GB"}}


@pytest.mark.parametrize(
    ("message", "changed"),
    [
        ("none of the containers may have more than 4 GB of memory", MOST),
        ("no container should have more than 4GB ram", MOST),
        ("cap every container at 4 GB", MOST),
        ("each container gets at most 4GB of memory", MOST),
        ("no more than 4GB for any of the containers", MOST),
        ("containers must not exceed 4GB memory", MOST),
        ("everything above 4GB memory goes down to 4", MOST),
        ("limit all containers to a maximum of 3 cpus", {"media": {"cpu": 3}}),
        ("media shouldn't have more than 4GB", {"media": {"memory": "4GB"}}),
        ("nothing should have less than 1GB of ram", {"dns": {"memory": "1GB"}}),
        ("every container should have a minimum of 2 cores", {"dns": {"cpu": 2}}),
        ("media needs at least 6GB", {}),
        ("set the max memory of wiki to 8GB", {"wiki": {"memory": "8GB"}}),
        ("bump media up to 10GB", {"media": {"memory": "10GB"}}),
    ],
)
def test_a_bound_changes_what_is_beyond_it(
    interpreter: Interpreter, message: str, changed: Mapping[str, Mapping[str, Any]]
) -> None:
    assert _sizes(_after(interpreter, HOME, message)) == _expect(HOME, changed)


@pytest.mark.parametrize(
    ("message", "changed"),
    [
        ("first build container to 6 cpus", {"build-a": {"cpu": 6}}),
        ("the second build container needs 12 GB", {"build-b": {"memory": "12GB"}}),
        ("second container: 6GB", {"build-b": {"memory": "6GB"}}),
        ("give the 2nd one 6GB", {"build-b": {"memory": "6GB"}}),
        ("last container to 1 core", {"build-b": {"cpu": 1}}),
        ("the smaller of the two is struggling, make that 3 cores", {"build-a": {"cpu": 3}}),
        ("the smaller one is slow, give it 6GB", {"build-a": {"memory": "6GB"}}),
        ("the bigger of the two is bored, make it 2 cores", {"build-b": {"cpu": 2}}),
        ("the one with less memory needs 6GB", {"build-a": {"memory": "6GB"}}),
        ("both build containers to 6 cpus", {"build-a": {"cpu": 6}, "build-b": {"cpu": 6}}),
    ],
)
def test_one_of_several_is_meant_by_its_place_or_size(
    interpreter: Interpreter, message: str, changed: Mapping[str, Mapping[str, Any]]
) -> None:
    assert _sizes(_after(interpreter, PAIR, message)) == _expect(PAIR, changed)


@pytest.mark.parametrize(
    ("message", "changed"),
    [
        ("knock 2 gigs off matrix", {"memory": "4GB"}),
        ("shave a gig off matrix", {"memory": "5GB"}),
        ("slice two gigabytes off of matrix", {"memory": "4GB"}),
        ("lop 1 GB off the memory of matrix", {"memory": "5GB"}),
        ("matrix can lose 2 gigs", {"memory": "4GB"}),
        ("put 2 gigs on top for matrix", {"memory": "8GB"}),
        ("knock matrix down to 2 gigs", {"memory": "2GB"}),
        ("triple its cores, leave the ram", {"cpu": 6}),
        ("halve the ram, leave the cpus", {"memory": "3GB"}),
        ("double its memory and leave the cpu at 2", {"memory": "12GB"}),
        ("double cores, not ram", {"cpu": 4}),
        ("i need four of those in total", {"count": 4}),
    ],
)
def test_amounts_of_one(interpreter: Interpreter, message: str, changed: Mapping[str, Any]) -> None:
    made = _after(interpreter, ONE, message)
    if "count" in changed:
        assert sum(r.count for r in made.resources) == changed["count"]
    else:
        assert _sizes(made) == _expect(ONE, {"matrix": changed})


@pytest.mark.parametrize(
    ("message", "count"),
    [
        ("two workers fewer would be ok", 4),
        ("three workers fewer please", 3),
        ("2 workers less will do", 4),
        ("I think two workers less would suffice", 4),
        ("a worker fewer wouldn't hurt", 5),
        ("two workers more would be good", 8),
        ("two workers would be ok", 2),
    ],
)
def test_so_many_fewer_are_no_number_of_them(
    interpreter: Interpreter, message: str, count: int
) -> None:
    assert sum(r.count for r in _after(interpreter, TIER, message).resources) == count


@pytest.mark.parametrize(
    "message",
    [
        "our cluster's new name is orion",
        "new name for the cluster: orion",
        "the new name of our cluster is orion",
        "the cluster gets the name orion",
        "call this thing orion instead",
    ],
)
def test_a_new_name_makes_nothing(interpreter: Interpreter, message: str) -> None:
    assert [r.name for r in _after(interpreter, CLUSTER, message).resources] == ["orion"]


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("We no longer own a git, please delete that server.", ["build"]),
        ("There is no git any longer. Delete its server.", ["build"]),
        ("delete that server", ["build", "git"]),
    ],
)
def test_what_was_named_before_goes(
    interpreter: Interpreter, message: str, left: Sequence[str]
) -> None:
    assert [r.name for r in _after(interpreter, MIXED, message).resources] == left


@pytest.mark.parametrize(
    ("message", "changed"),
    [
        ("the windows machine is slow as hell, 12 cpu for it", {"build": {"cpu": 12}}),
        ("git crawls, 4 cpus and 8GB for it", {"git": {"cpu": 4, "memory": "8GB"}}),
        ("git freezes during pushes. 8GB for it.", {"git": {"memory": "8GB"}}),
        ("git is slow", {}),
    ],
)
def test_the_wish_after_a_complaint_is_for_what_was_named(
    interpreter: Interpreter, message: str, changed: Mapping[str, Mapping[str, Any]]
) -> None:
    assert _sizes(_after(interpreter, MIXED, message)) == _expect(MIXED, changed)


@pytest.mark.parametrize(
    "message",
    [
        "Pages load slowly; memcached might help so let's add it",
        "git is sluggish, redis could help, so let's add it",
        "pages are slow, a cache may help, add one",
    ],
)
def test_what_would_help_is_added(interpreter: Interpreter, message: str) -> None:
    made = _after(interpreter, MIXED, message)
    assert [r.type for r in made.resources[2:]] == ["cache"]
