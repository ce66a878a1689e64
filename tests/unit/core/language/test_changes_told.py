"""One message about a draft in which people leave out, except and keep: only what is asked for changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from tests.unit.core.language.conversing import changed, held, names_of

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


def _changed(interpreter: Interpreter, said: str) -> dict[str, Any]:
    """What is different after a message; what is gone is None."""
    before = Blueprint.model_validate(_SHOP)
    after, read = held(interpreter, [said], before)
    assert read.question is None, read.question
    return changed(before, after)


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


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("database to 16GB", {"orders-db.memory": "16GB"}),
        ("postgres to version 17", {"orders-db.version": "17"}),
        ("redis: 4GB", {"cache.memory": "4GB"}),
        ("cache to 4GB and load balancer to 2 cores", {"cache.memory": "4GB", "lb.cpu": 2}),
        ("db 16GB, api 4 and worker 8",
         {"orders-db.memory": "16GB", "api.memory": "4GB", "worker.memory": "8GB"}),
        ("orders-db → postgres 17", {"orders-db.version": "17"}),
        ("api needs 80 and 443 open", {"api.ports": [80, 443]}),
        ("api has to be able to talk to the db", {"api.depends_on": ["orders-db"]}),
        ("the worker should reach the cache", {"worker.depends_on": ["cache"]}),
        ("point the lb at api instead of web", {"lb.backends": ["api"]}),
        ("three web servers instead of two", {"web.count": 3}),
        ("can orders-db have 16gb instead of 8", {"orders-db.memory": "16GB"}),
        ("could the worker get 8GB please?", {"worker.memory": "8GB"}),
        ("for orders-db 300 GB of disk is better", {"orders-db.storage": "300GB"}),
        ("for worker is better 8GB, and for cache 4GB", {"worker.memory": "8GB", "cache.memory": "4GB"}),
        ("cache is way too fat. 1 core 512MB is plenty", {"cache.memory": "512MB"}),
        ("workers are falling behind: I want 5 of them", {"worker.count": 5}),
        ("the web is full, put 4GB more memory in there", {"web.memory": "8GB"}),
    ],
)  # fmt: skip
def test_what_is_told_of_a_thing_is_an_order(
    interpreter: Interpreter, said: str, changes: dict[str, Any]
) -> None:
    assert _changed(interpreter, said) == changes


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("two more api replicas", 4),
        ("4 api instances", 4),
        ("one more api pod please", 3),
        ("I need 5 api replicas", 5),
        ("another api instance", 3),
        ("plz scal api to 4 replcas", 4),
    ],
)
def test_a_number_before_a_name_and_its_instances_counts_them(
    interpreter: Interpreter, said: str, count: int
) -> None:
    assert _changed(interpreter, said) == {"api.count": count}


@pytest.mark.parametrize(
    "said",
    ["remove a web server", "drop one web server", "take away a web server", "delete one of the web servers"],
)  # fmt: skip
def test_any_one_of_several_goes_without_the_others(interpreter: Interpreter, said: str) -> None:
    found = _changed(interpreter, said)
    assert found in ({"web.count": 1}, {"web.count": None})


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("worker and cache are not needed, please delete both", {"worker", "cache"}),
        ("remove the cache, nobody uses it", {"cache"}),
        ("remove the worker because the api is enough", {"worker"}),
        ("we have no more need of the cache, you can to delete it", {"cache"}),
    ],
)
def test_a_reason_takes_nothing_away(interpreter: Interpreter, said: str, gone: set[str]) -> None:
    found = _changed(interpreter, said)
    assert {key for key, value in found.items() if "." not in key and value is None} == gone


@pytest.mark.parametrize("said", ["delete both", "rename api and worker"])
def test_what_is_unclear_is_asked(interpreter: Interpreter, said: str) -> None:
    read = interpreter.interpret(said, blueprint=Blueprint.model_validate(_SHOP))
    assert read.question
    assert not read.edits


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("bump orders-db to 16", {"orders-db.version": "16"}),
        ("postgres to 17", {"orders-db.version": "17"}),
        ("move orders-db to 16", {"orders-db.version": "16"}),
        ("upgrade the database to 14", {"orders-db.version": "14"}),
        ("api to 16", {"api.count": 16}),
        ("scale web and api to 3", {"web.count": 3, "api.count": 3}),
        ("scale web, api and worker to 4", {"web.count": 4, "api.count": 4, "worker.count": 4}),
        ("reduce api to a single instance", {"api.count": None}),
        ("give web another cpu", {"web.cpu": 3}),
        ("worker gets a third core", {"worker.cpu": 3}),
        ("Two things: 1) postgres to 16 2) cache to 4GB RAM",
         {"orders-db.version": "16", "cache.memory": "4GB"}),
        ("double the db", {"orders-db.cpu": 4, "orders-db.memory": "16GB"}),
        ("double everything",
         {"web.cpu": 4, "web.memory": "8GB", "api.cpu": 2, "api.memory": "4GB", "worker.cpu": 4,
          "worker.memory": "8GB", "orders-db.cpu": 4, "orders-db.memory": "16GB", "cache.cpu": 2,
          "cache.memory": "4GB"}),
        ("switch to ubuntu 24.04", {"web.image": "ubuntu-24.04"}),
        ("upgrade everything to debian 13", {"web.image": "debian-13"}),
        ("api talks to the cache", {"api.depends_on": ["cache"]}),
        ("api becomes gateway", {"api": None}),
    ],
)  # fmt: skip
def test_a_number_is_of_what_it_can_be_of(
    interpreter: Interpreter, said: str, changes: dict[str, Any]
) -> None:
    found = _changed(interpreter, said)
    if "api" in changes:
        assert found["api"] is None
        assert found["gateway.type"] == "service"
    else:
        assert found in (changes, {key: value or 1 for key, value in changes.items()})


@pytest.mark.parametrize(
    "said",
    ["bump the cache to 8", "cache to 8", "make the api a vm", "turn the worker into a vm"],
)
def test_a_number_of_two_things_and_a_change_of_kind_are_asked_about(
    interpreter: Interpreter, said: str
) -> None:
    read = interpreter.interpret(said, blueprint=Blueprint.model_validate(_SHOP))
    assert read.question
    assert not read.edits


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("clone api as api-v2", "api-v2"),
        ("copy the api as api-v2", "api-v2"),
        ("add api-v2, same as api", "api-v2"),
        ("add another service exactly like api", "api-2"),
        ("add api-b, same specs as api", "api-b"),
        ("duplicate api", "api-2"),
        ("add a copy of the api called gateway", "gateway"),
        ("one more service like the api please", "api-2"),
    ],
)
def test_one_more_like_another_has_all_that_it_has(
    interpreter: Interpreter, said: str, name: str
) -> None:
    read = interpreter.interpret(said, blueprint=Blueprint.model_validate(_SHOP))
    after, _ = apply_edits(Blueprint.model_validate(_SHOP), read.edits)
    new, old = after.resource(name), after.resource("api")
    assert new is not None
    assert old is not None
    assert new.model_copy(update={"name": "api"}) == old
    assert len(after.resources) == len(_SHOP["resources"]) + 1


_CLUSTERS: Mapping[str, Any] = {"name": "k", "resources": [
    {"name": "dev", "type": "kubernetes_cluster", "specs": {"nodes": 2}},
    {"name": "prod", "type": "kubernetes_cluster", "specs": {"control_plane": 3, "workers": 4}},
]}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "path", "value"),
    [
        ("prod cluster to 6 workers", "prod.workers", 6),
        ("add two workers to prod", "prod.workers", 6),
        ("add a node to prod", "prod.workers", 5),
        ("one more node for dev", "dev.nodes", 3),
        ("dev cluster to 4 nodes, prod stays as it is", "dev.nodes", 4),
        ("add a node to the cluster", None, None),
    ],
)
def test_a_node_is_one_of_the_cluster_it_is_added_to(
    interpreter: Interpreter, said: str, path: str | None, value: int | None
) -> None:
    before = Blueprint.model_validate(_CLUSTERS)
    read = interpreter.interpret(said, blueprint=before)
    if path is None:
        assert read.question
        assert not read.edits
    else:
        assert changed(before, apply_edits(before, read.edits)[0]) == {path: value}


@pytest.mark.parametrize("said", ["drop a worker from prod", "remove one worker from prod"])
def test_a_member_that_goes_takes_no_cluster_along(interpreter: Interpreter, said: str) -> None:
    before = Blueprint.model_validate(_CLUSTERS)
    after, _ = held(interpreter, [said], before)
    assert set(names_of(after)) == {"dev", "prod"}


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("add 20GB to orders-db and 1GB to the cache", {"orders-db.storage": "120GB", "cache.memory": "3GB"}),
        ("worker replicas 2 => 4", {"worker.count": 4}),
        ("worker replicas to 5", {"worker.count": 5}),
        ("make api and worker twice as big",
         {"api.cpu": 2, "api.memory": "4GB", "worker.cpu": 4, "worker.memory": "8GB"}),
        ("double the memory of api and worker", {"api.memory": "4GB", "worker.memory": "8GB"}),
        ("triple the size of the cache", {"cache.cpu": 3, "cache.memory": "6GB"}),
        ("upgrade ubuntu to 24.04 on web", {"web.image": "ubuntu-24.04"}),
    ],
)  # fmt: skip
def test_orders_for_several_are_for_each_of_them(
    interpreter: Interpreter, said: str, changes: dict[str, Any]
) -> None:
    assert _changed(interpreter, said) == changes


def test_a_kind_gets_another_name_by_its_name(interpreter: Interpreter) -> None:
    found = _changed(interpreter, "change db name to ledger")
    assert found["orders-db"] is None
    assert found["ledger.type"] == "database"


@pytest.mark.parametrize(
    "said",
    [
        "the control plane is a single point of failure, run 5 of them",
        "control plane is too small, make it 5",
    ],
)
def test_members_of_the_only_cluster_are_what_was_spoken_of(
    interpreter: Interpreter, said: str
) -> None:
    registry = {"name": "registry", "type": "vm", "specs": {"cpu": 2}}
    before = Blueprint.model_validate(
        {"name": "k", "resources": [_CLUSTERS["resources"][1], registry]}
    )
    assert changed(before, held(interpreter, [said], before)[0]) == {"prod.control_plane": 5}


@pytest.mark.parametrize(
    "said",
    [
        "make the nodes bigger, 8GB",
        "make our servers larger: 4 cores",
        "make the boxes beefier, 16GB",
    ],
)
def test_nothing_is_made_bigger_where_nothing_is(interpreter: Interpreter, said: str) -> None:
    read = interpreter.interpret(said)
    assert read.question
    assert not read.edits
