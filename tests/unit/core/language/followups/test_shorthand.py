"""Shorthand follow-ups, each in several people's ways; what counts is the draft after the last turn."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from tests.unit.core.language.conversing import held, names_of

CLUSTER = "k3s cluster with 3 masters and 5 workers"
TIERS = "2 web servers, 2 api servers, a worker and a postgres database"


def tiers(draft: Blueprint) -> dict[str, int]:
    """How many there are of each name without its number."""
    found: dict[str, int] = {}
    for resource in draft.resources:
        name = resource.name.rstrip("0123456789").rstrip("-")
        found[name] = found.get(name, 0) + resource.count
    return found


@pytest.mark.parametrize(
    ("message", "masters", "workers"),
    [
        ("the workers are too few, make it 7", 3, 7),
        ("workers are not enough, 9 please", 3, 9),
        ("too few workers, let's take 8", 3, 8),
        ("control plane is too small, make it 5", 5, 5),
        ("3 masters are overkill, 1 is enough", 1, 5),
        ("the control plane is too big, 1", 1, 5),
        ("more workers, 6", 3, 6),
        ("fewer workers: 2", 3, 2),
        ("we need more workers, make it 10", 3, 10),
        ("don't need 5 workers, 3 will do", 3, 3),
    ],
)
def test_a_complaint_of_members_changes_those(
    interpreter: Interpreter, message: str, masters: int, workers: int
) -> None:
    draft, read = held(interpreter, [CLUSTER, message])
    (cluster,) = draft.resources

    assert read.question is None
    assert (cluster.specs.control_plane, cluster.specs.workers) == (masters, workers)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("web and api get one more instance each", {"web": 3, "api": 3, "worker": 1}),
        ("api and worker need 2 more replicas each", {"web": 2, "api": 4, "worker": 3}),
        ("one more instance each for web and worker", {"web": 3, "api": 2, "worker": 2}),
        ("web, api and worker get 4 instances each", {"web": 4, "api": 4, "worker": 4}),
        ("all three app tiers to 3 instances", {"web": 3, "api": 3, "worker": 3}),
        ("scale all services to 2", {"web": 2, "api": 2, "worker": 2}),
        ("every tier to 4 replicas please", {"web": 4, "api": 4, "worker": 4}),
        ("CHG-1042: worker replicas 1 => 4", {"web": 2, "api": 2, "worker": 4}),
        ("[OPS-311] api count: 2 -> 5", {"web": 2, "api": 5, "worker": 1}),
        ("INFRA-88 - worker x3", {"web": 2, "api": 2, "worker": 3}),
        ("api instances from 2 to 3", {"web": 2, "api": 3, "worker": 1}),
        ("I want 2 more web servers and 1 less api", {"web": 4, "api": 1, "worker": 1}),
        ("don't need 2 web servers, 1 is fine", {"web": 1, "api": 2, "worker": 1}),
        ("we do not need two api servers, one is enough", {"web": 2, "api": 1, "worker": 1}),
    ],
)
def test_tiers_are_counted_in_shorthand(
    interpreter: Interpreter, message: str, expected: dict[str, int]
) -> None:
    draft, read = held(interpreter, [TIERS, message])

    found = tiers(draft)
    assert read.question is None
    assert {name: found[name] for name in expected} == expected
    assert found["db"] == 1


def test_sizes_and_number_in_one_row_are_of_the_tier_that_is_named(
    interpreter: Interpreter,
) -> None:
    draft, _ = held(interpreter, ["an api container and a worker container", "api 2 cores 4GB x3"])

    sizes = {(r.specs.cpu, str(r.specs.memory)) for r in draft.resources if "api" in r.name}
    assert sizes == {(2, "4GB")}
    assert tiers(draft) == {"api": 3, "worker": 1}


@pytest.mark.parametrize(
    ("message", "memory"),
    [
        ("the database it needs more ram, put 32", "32GB"),
        ("the database needs more memory, 16GB", "16GB"),
        ("more memory for the database, 24", "24GB"),
        ("our database, it should have 12GB of ram", "12GB"),
        ("less ram on db-1: 2", "2GB"),
    ],
)
def test_an_amount_said_after_more_is_the_whole_amount(
    interpreter: Interpreter, message: str, memory: str
) -> None:
    draft, _ = held(interpreter, ["a web server and a postgres database with 8GB", message])

    assert [str(r.specs.memory) for r in draft.resources if r.type == "database"] == [memory]
    assert [str(r.specs.memory) for r in draft.resources if r.type == "vm"] == ["4GB"]


@pytest.mark.parametrize(
    "message",
    [
        "backup orders daily and shop hourly",
        "back up orders every day, shop every hour",
        "back up orders daily but the shop hourly",
    ],
)
def test_each_schedule_is_of_what_stands_before_it(interpreter: Interpreter, message: str) -> None:
    draft, _ = held(interpreter, ["a postgres called orders and a mysql called shop", message])

    kept = {r.name: r.backup and r.backup.schedule for r in draft.resources}
    assert kept == {"orders": "daily", "shop": "hourly"}


@pytest.mark.parametrize(
    "message",
    [
        "set everything back to 2GB",
        "bring all of them back down to 2GB",
        "put the vms back to 2GB",
    ],
)
def test_back_to_an_amount_is_no_undoing(interpreter: Interpreter, message: str) -> None:
    draft, read = held(interpreter, ["3 vms with 1GB", "set everything to 8GB", message])

    assert read.question is None
    assert {str(resource.specs.memory) for resource in draft.resources} == {"2GB"}


@pytest.mark.parametrize("number", ["let us do 4", "let's do 4", "lets go with 4", "let us take 4"])
def test_let_us_is_lets(interpreter: Interpreter, number: str) -> None:
    draft, _ = held(interpreter, ["2 web servers", number])

    assert tiers(draft)["web"] == 4


@pytest.mark.parametrize(
    "message",
    [
        "worker doesn't need the db anymore",
        "worker no longer uses the database",
        "the worker doesn't need db-1 any more",
        "ok, worker does not need the db anymore",
    ],
)
def test_a_tier_that_needs_a_store_no_longer_keeps_everything_else(
    interpreter: Interpreter, message: str
) -> None:
    draft, _ = held(interpreter, ["an api container, a worker container and a postgres", message])

    used = {r.name: r.depends_on for r in draft.resources if r.type == "container"}
    assert used == {"api-1": ("db-1",), "worker-1": ()}


@pytest.mark.parametrize(
    "message",
    [
        "duplicate it as web02",
        "clone it as web02",
        "copy that one to web02",
        "clone it, call it web02",
    ],
)
def test_what_was_spoken_of_is_copied_and_not_the_whole(
    interpreter: Interpreter, message: str
) -> None:
    draft, _ = held(interpreter, ["a postgres and a vm called web01", "give web01 8GB", message])

    assert tiers(draft) == {"db": 1, "web": 2}
    assert str(draft.resources[-1].specs.memory) == "8GB"


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("graf to 8GB", "grafana-1"),
        ("give prom 8GB", "prometheus-1"),
        ("prometeus needs 8GB", "prometheus-1"),
        ("the graf one should have 8GB", "grafana-1"),
    ],
)
def test_a_name_that_is_begun_is_known(interpreter: Interpreter, message: str, name: str) -> None:
    draft, _ = held(interpreter, ["prometheus and grafana VMs", message])

    assert [r.name for r in draft.resources if str(r.specs.memory) == "8GB"] == [name]


@pytest.mark.parametrize(
    "message", ["disk of website 100GB", "the website needs 100GB disk", "100GB disk for the site"]
)
def test_a_website_is_the_web_server_that_is_there(interpreter: Interpreter, message: str) -> None:
    draft, _ = held(interpreter, ["a web server and a postgres", message])

    assert tiers(draft) == {"web": 1, "db": 1}
    assert [str(r.specs.disk_size) for r in draft.resources if r.type == "vm"] == ["100GB"]


@pytest.mark.parametrize("answer", ["p2", "the p2 one", "p2 please"])
def test_of_stores_with_names_of_their_own_it_is_asked_which_goes(
    interpreter: Interpreter, answer: str
) -> None:
    turns = ['postgres "p1" and postgres "p2"', "remove one of the databases"]
    before, asked = held(interpreter, turns)
    after, _ = held(interpreter, [*turns, answer])

    assert asked.question is not None
    assert names_of(before) == ["p1", "p2"]
    assert names_of(after) == ["p1"]


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (["also 3 consumers on VMs", "4 consumers"], {"worker": 4}),
        (["also 3 workers", "5 workers"], {"worker": 5}),
        (["also 6 workers", "two less workers"], {"worker": 4}),
        (["also 3 workers", "and 2 api servers"], {"worker": 3, "api": 2}),
        (["also 3 workers", "forget kafka-1, we have one"], {"worker": 3}),
    ],
)
def test_a_number_said_again_right_after_is_the_number(
    interpreter: Interpreter, turns: list[str], expected: dict[str, int]
) -> None:
    draft, _ = held(interpreter, ["a kafka queue", *turns])

    found = tiers(draft)
    assert {name: found[name] for name in expected} == expected
