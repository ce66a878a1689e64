"""What a colleague would understand of a short follow-up: numbers without a noun, one of several, other loads."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from benchmarks.understanding import Case, Runner, State

SHOP = ["2 web servers behind a load balancer, an api server, postgres and redis"]
TALKS: dict[str, tuple[Sequence[str], dict[str, object]]] = {
    "a bare number raises the nearest amount below": (
        ["an ubuntu box with 4 cores and 8 gigs", "bump it to 16"],
        {"counts": {"vm": 1}, "resources": [{"type": "vm", "specs": {"cpu": 4, "memory": "16GB"}}]},
    ),
    "which may be the cores": (
        ["a debian vm with 2 cores and 8GB", "raise it to 4"],
        {"counts": {"vm": 1}, "resources": [{"type": "vm", "specs": {"cpu": 4, "memory": "8GB"}}]},
    ),
    "of several it is how many": (["two web servers", "bump it to 4"], {"counts": {"vm": 4}}),
    "upgrade names a version": (
        ["postgres 16 primary plus two read replicas", "upgrade to 17"],
        {"counts": {"database": 3}, "resources": [{"type": "database", "version": "17"}] * 3},
    ),
    "also of what was spoken of": (
        ["a mysql 8 database", "update it to 9"],
        {"resources": [{"type": "database", "version": "9"}]},
    ),
    "the nodes of a store are counted": (
        ["elasticsearch with three nodes", "reduce to one node"],
        {"counts": {"database": 1}},
    ),
    "more people are no more servers": (
        ["a mail server for 200 people", "now 600"],
        {"counts": {"any_compute": 1}},
    ),
    "nor when they grew": (
        ["a mail server for 20 people", "we grew, now 60"],
        {"counts": {"any_compute": 1}},
    ),
    "the second one alone": (
        ["3 docker hosts with 8gb each", "make the second one bigger, 32gb"],
        {"resources": [{"specs": {"memory": "8GB"}}, {"specs": {"memory": "8GB"}}, {"specs": {"memory": "32GB"}}]},
    ),
    "one of them": (
        ["2 web servers", "one should run apache instead"],
        {"resources": [{"engine": "nginx"}, {"engine": "apache"}]},
    ),
    "agreed to something else": (
        ["set up a database, don't care which", "ok mysql then"],
        {"counts": {"database": 1}, "resources": [{"engine": "mysql"}]},
    ),
    "a program's name is all that runs it": (
        ["2 consul servers and vault", "drop consul"],
        {"absent": [{"engine": "consul"}], "resources": [{"engine": "vault"}]},
    ),
    "only from there": (
        ["a bastion host", "only ssh from 10.0.0.0/8"],
        {"counts": {"firewall": 1}, "asks": False},
    ),
    "names told after a comma": (
        ["two vms, web and api"],
        {"counts": {"vm": 2}, "resources": [{"name": "web-1"}, {"name": "api-1"}]},
    ),
    "or after a dash": (
        ["i need 2 vms - jenkins and sonarqube"],
        {"counts": {"vm": 2}, "resources": [{"engine": "jenkins"}, {"engine": "sonarqube"}]},
    ),
    "stores after a comma are wanted besides": (
        ["2 servers, redis and rabbitmq"],
        {"counts": {"vm": 2, "cache": 1, "queue": 1}},
    ),
    "a label and what it has": (
        [*SHOP, "api: 4 cores, 16 gigs"],
        {"counts": {"vm": 3}, "resources": [{"name": "api-1", "specs": {"cpu": 4, "memory": "16GB"}}]},
    ),
    "nginx balances what nginx serves": (
        [*SHOP, "the load balancer should be nginx"],
        {"resources": [{"type": "load_balancer", "engine": "nginx"}]},
    ),
    "they run another system": (
        [*SHOP, "the web boxes run ubuntu 24.04"],
        {"resources": [{"name": "web-1", "image": "ubuntu"}, {"name": "web-2", "image": "ubuntu"}]},
    ),
    "as an adverb": (
        [*SHOP, "expose the api publicly"],
        {"resources": [{"name": "api-1", "public": True}]},
    ),
    "monitoring is a kind of thing": (
        [*SHOP, "add monitoring"],
        {"resources": [{"engine": "prometheus"}, {"engine": "grafana"}], "asks": False},
    ),
    "instances of what there is": ([*SHOP, "run 2 instances of the api"], {"counts": {"vm": 4}}),
    "one of these, and that": (
        [*SHOP, "drop the lb and one of the web servers"],
        {"counts": {"load_balancer": 0, "vm": 2}},
    ),
    "either will do": (
        ["a database, postgres or mysql, i don't mind"],
        {"counts": {"database": 1}, "asks": False},
    ),
    "one for each of so many": (["a vm per developer, 4 developers"], {"counts": {"vm": 4}}),
    "who may be told of before": (
        ["one container for each of our 3 customers"],
        {"counts": {"container": 3}},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner()


@pytest.mark.parametrize("told", TALKS)
def test_short_follow_ups(told: str, runner: Runner) -> None:
    said, expected = TALKS[told]

    state, misses = runner.run(Case(id=told, say=tuple(said), expect=expected))

    assert isinstance(state, State)
    assert not misses
