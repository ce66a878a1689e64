"""What is said of less than there is, of what stays, and of what takes the place of something: nothing goes by it."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from tests.unit.core.language.conversing import held, names_of

SHOP = "2 web servers with 4GB memory and a postgres database called db with 4GB memory"
NODES = "vms called node-a, node-b and node-c, and a load balancer called lb"
PAIR = "a vm called proxy and a vm called backend"


@pytest.mark.parametrize(
    ("message", "memory"),
    [
        ("the database doesn't need that much, 2GB will do", "2GB"),
        ("the database doesn't need so much memory, 2GB is enough", "2GB"),
        ("db doesn't need 4GB, 2 is enough", "2GB"),
        ("we don't need that much ram for db, 1GB would be fine", "1GB"),
        ("db really doesn't need all that much memory - 2GB is plenty", "2GB"),
        ("we don't need so much memory on the db", "4GB"),
        ("the database doesn't need that much", "4GB"),
        ("db does not use that much memory", "4GB"),
    ],
)
def test_what_needs_less_stays(interpreter: Interpreter, message: str, memory: str) -> None:
    draft = held(interpreter, [SHOP, message])[0]
    db = draft.resource("db")
    assert db is not None
    assert str(db.specs.memory) == memory
    assert sum(r.count for r in draft.resources if r.type == "vm") == 2


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("throw the web servers away, we only need the database", {"db"}),
        ("throw away the web servers, the database is all we need", {"db"}),
        ("remove the web servers, only the database is needed", {"db"}),
        ("delete web-1 and web-2. all we need is the database", {"db"}),
        ("we don't need the database", {"web-1", "web-2"}),
        ("we don't need that many web servers, one is enough", {"web-1", "db"}),
    ],
)
def test_only_what_is_said_to_go_goes(
    interpreter: Interpreter, message: str, left: set[str]
) -> None:
    draft = held(interpreter, [SHOP, message])[0]
    assert {r.name for r in draft.resources if r.type != "load_balancer"} == left


@pytest.mark.parametrize(
    "message",
    [
        "drop node-c, two are plenty",
        "remove node-c because two will do",
        "get rid of node-c, the other two are enough",
        "kill node-c. two nodes are sufficient for now",
        "node-c can go, two suffice",
    ],
)
def test_how_many_are_left_counts_nothing(interpreter: Interpreter, message: str) -> None:
    draft = held(interpreter, [NODES, message])[0]
    assert {(r.name, r.count) for r in draft.resources} == {("node-a", 1), ("node-b", 1), ("lb", 1)}


@pytest.mark.parametrize(
    "message",
    [
        "proxy needs a public IP, backend stays private",
        "proxy needs a public IP, backend should stay private",
        "give proxy a public ip. backend stays private",
        "make proxy public and keep backend private",
        "proxy gets a public address but backend remains internal",
        "proxy needs a public IP while backend must stay hidden",
    ],
)
def test_what_stays_private_is_told_apart(interpreter: Interpreter, message: str) -> None:
    draft = held(interpreter, [PAIR, message])[0]
    assert [(r.name, bool(r.network.public_ip), r.depends_on) for r in draft.resources] == [
        ("proxy", True, ()),
        ("backend", False, ()),
    ]


def test_what_is_public_now_is_made_private(interpreter: Interpreter) -> None:
    turns = [PAIR, "make backend public", "proxy needs a public IP, backend stays private"]
    draft = held(interpreter, turns)[0]
    assert [bool(r.network.public_ip) for r in draft.resources] == [True, False]


@pytest.mark.parametrize(
    "message",
    [
        "hm, 16 is out already, take that",
        "16 is already out, use that",
        "oh, 16 is the latest now, let's go with that one",
        "but 16 is available, so please take that",
        "take 16",
        "use 16 instead please",
        "make that 16",
    ],
)
def test_a_number_takes_the_place_of_another(interpreter: Interpreter, message: str) -> None:
    turns = ["postgres 14 called people-db and a vm", "move people-db to Postgres 15", message]
    db = held(interpreter, turns)[0].resource("people-db")
    assert db is not None
    assert db.version == "16"


@pytest.mark.parametrize(
    "message",
    [
        "give it a name, customers",
        "it needs a name, customers",
        "it should have a proper name: customers",
        "give it a better name - customers",
    ],
)
def test_a_name_is_given(interpreter: Interpreter, message: str) -> None:
    draft = held(interpreter, ["a postgres", message])[0]
    assert names_of(draft) == ["customers"]


@pytest.mark.parametrize(
    "message",
    [
        "We dont need anything fancy, a single ubuntu server, 2gb ram",
        "I don't need anything special, just one ubuntu vm with 2GB memory",
        "not looking for anything big: a ubuntu machine with 2gb of ram",
        "we don't need anything too powerful. One ubuntu vm with 2GB memory",
        "a ubuntu server with 2GB memory. We don't need anything fancy.",
    ],
)
def test_modesty_takes_nothing_away(interpreter: Interpreter, message: str) -> None:
    (machine,) = held(interpreter, [message])[0].resources
    assert (machine.image, str(machine.specs.memory), machine.count) == ("ubuntu", "2GB", 1)


@pytest.mark.parametrize(
    "message",
    [
        "I'd like Prometheus and Grafana to keep an eye on our hosts",
        "Prometheus and Grafana that monitor all our machines",
        "prometheus and grafana for monitoring the servers and the network",
        "we want prometheus plus grafana, to watch over all of our vms",
        "please set up prometheus and grafana which keep tabs on everything",
        "prometheus and grafana looking after our infrastructure",
        "Grafana and Prometheus, to look after the other systems",
        "prometheus and grafana to track our containers and the databases",
    ],
)
def test_what_is_watched_is_not_wanted(interpreter: Interpreter, message: str) -> None:
    made = held(interpreter, [message])[0].resources
    assert {(r.type, r.engine) for r in made} == {
        ("service", "prometheus"),
        ("service", "grafana"),
    }


def test_what_is_watched_may_be_wanted_itself(interpreter: Interpreter) -> None:
    made = held(interpreter, ["two ubuntu vms and a grafana to monitor them"])[0].resources
    assert sorted(r.type for r in made) == ["service", "vm", "vm"]
    made = held(interpreter, ["prometheus to monitor two web servers"])[0].resources
    assert sum(r.type == "vm" for r in made) == 2


@pytest.mark.parametrize(
    ("turns", "image"),
    [
        (["vm with ubuntu", "version 24.04 please"], "ubuntu-24.04"),
        (["a debian 12 vm", "version 13 please"], "debian-13"),
        (["a vm with ubuntu 22.04 called box", "version 24.04"], "ubuntu-24.04"),
    ],
)
def test_a_version_of_a_machine_is_its_systems(
    interpreter: Interpreter, turns: list[str], image: str
) -> None:
    (machine,) = held(interpreter, turns)[0].resources
    assert (machine.image, machine.version) == (image, None)
