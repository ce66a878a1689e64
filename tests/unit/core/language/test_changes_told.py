"""One message about a draft in which people leave out, except and keep: only what is asked for changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint

_SHOP: Mapping[str, Any] = {
    "name": "shop",
    "resources": [
        {"name": "lb", "type": "load_balancer", "engine": "haproxy", "backends": ["web"]},
        {"name": "web", "type": "vm", "count": 2, "image": "ubuntu-22.04", "specs": {"cpu": 2, "memory": "4GB"}},
        {"name": "api", "type": "service", "image": "node:20", "count": 2, "specs": {"cpu": 1, "memory": "2GB"}},
        {"name": "worker", "type": "service", "image": "python:3.12", "count": 2, "specs": {"cpu": 2, "memory": "4GB"}},
        {"name": "orders-db", "type": "database", "engine": "postgresql", "version": "15",
         "specs": {"cpu": 2, "memory": "8GB", "storage": "100GB"}},
        {"name": "cache", "type": "cache", "engine": "redis", "specs": {"cpu": 1, "memory": "2GB"}},
    ],
}  # fmt: skip


def _facts(blueprint: Blueprint) -> dict[str, Any]:
    """Every field of every resource, by `name.path`."""
    found: dict[str, Any] = {}
    for resource in blueprint.resources:
        found[resource.name] = str(resource.type)
        dumped = resource.model_dump(mode="json", exclude_unset=True, exclude_none=True)
        specs = dumped.pop("specs", {})
        found |= {f"{resource.name}.{key}": value for key, value in {**dumped, **specs}.items()}
    return found


def _changed(interpreter: Interpreter, said: str) -> dict[str, Any]:
    """What is different after a message; what is gone is None."""
    before = Blueprint.model_validate(_SHOP)
    read = interpreter.interpret(said, blueprint=before)
    assert read.question is None, read.question
    after = apply_edits(before, read.edits)[0] if read.edits else before
    old, new = _facts(before), _facts(after)
    return {key: new.get(key) for key in old | new if old.get(key) != new.get(key)}


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("give more RAM to the workers, 8GB each. not the api!", {"worker.memory": "8GB"}),
        ("worker to 8GB, no other changes", {"worker.memory": "8GB"}),
        ("worker to 8GB and nothing else please", {"worker.memory": "8GB"}),
        ("API: 4GB. Database: no change.", {"api.memory": "4GB"}),
        ("Database: no change. API: 4GB", {"api.memory": "4GB"}),
        ("scale api to 4, everything else stays as it is", {"api.count": 4}),
        ("scale api to 4, worker remains at 2", {"api.count": 4}),
        ("don't touch the db, but give the cache 4GB", {"cache.memory": "4GB"}),
        ("keep the db as it is and scale api to 3", {"api.count": 3}),
        ("not the cache, the db needs 16GB", {"orders-db.memory": "16GB"}),
        ("api to 4 replicas, the worker is fine", {"api.count": 4}),
        ("no changes to the db, api gets 4GB", {"api.memory": "4GB"}),
    ],
)
def test_what_is_said_to_stay_is_left_alone(
    interpreter: Interpreter, said: str, changes: dict[str, Any]
) -> None:
    assert _changed(interpreter, said) == changes


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("double the cpu of every service, except the worker", {"api.cpu": 2}),
        ("all services to 4GB except worker", {"api.memory": "4GB"}),
        ("double the memory of everything but not the db",
         {"web.memory": "8GB", "api.memory": "4GB", "worker.memory": "8GB", "cache.memory": "4GB"}),
        ("give everything 8GB, leave the cache as is",
         {"web.memory": "8GB", "api.memory": "8GB", "worker.memory": "8GB"}),
        ("give all services 4GB, but the worker should stay as it is", {"api.memory": "4GB"}),
        ("every service gets 4GB, but not the worker", {"api.memory": "4GB"}),
    ],
)  # fmt: skip
def test_what_is_excepted_from_all_is_left_alone(
    interpreter: Interpreter, said: str, changes: dict[str, Any]
) -> None:
    assert _changed(interpreter, said) == changes


def test_several_are_excepted_from_what_goes(interpreter: Interpreter) -> None:
    gone = _changed(interpreter, "delete everything except the api and the db")
    assert {key for key in gone if "." not in key} == {"lb", "web", "worker", "cache"}


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("put the worker on 4 cores and the api on 8", {"worker.cpu": 4, "api.cpu": 8}),
        ("one more core for api and one more for worker", {"api.cpu": 2, "worker.cpu": 3}),
        ("4 cores for api, 8 for worker", {"api.cpu": 4, "worker.cpu": 8}),
        ("give api 8GB of ram and worker 16", {"api.memory": "8GB", "worker.memory": "16GB"}),
        ("upgrade api to 4GB and the db to 16", {"api.memory": "4GB", "orders-db.memory": "16GB"}),
        ("api gets 2 cores, worker gets 4", {"api.cpu": 2, "worker.cpu": 4}),
        ("worker on 4 cpus / api on 2", {"worker.cpu": 4, "api.cpu": 2}),
        ("web servers 8GB ram, workers 16", {"web.memory": "8GB", "worker.memory": "16GB"}),
        ("put api on 4 cores and scale the worker to 8", {"api.cpu": 4, "worker.count": 8}),
    ],
)
def test_what_the_second_of_two_orders_leaves_out_is_what_the_first_says(
    interpreter: Interpreter, said: str, changes: dict[str, Any]
) -> None:
    assert _changed(interpreter, said) == changes


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("use mongo, not postgres", {"orders-db.engine": "mongodb", "orders-db.version": None}),
        ("use traefik, not haproxy", {"lb.engine": "traefik"}),
        ("run valkey, not redis", {"cache.engine": "valkey"}),
    ],
)
def test_software_that_is_not_wanted_gives_way(
    interpreter: Interpreter, said: str, changes: dict[str, Any]
) -> None:
    assert _changed(interpreter, said) == changes
