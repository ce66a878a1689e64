"""First messages that tell a story: reasons ask for nothing, conclusions do, and places may stand in front."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.units import Size
from tests.unit.core.language.conversing import drafted

_T = ResourceType
_COMPUTE = {_T.VM, _T.CONTAINER, _T.SERVICE}


def machines(blueprint: Blueprint) -> int:
    return sum(resource.count for resource in blueprint.resources if resource.type in _COMPUTE)


@pytest.mark.parametrize(
    "reason",
    [
        ", 4 cores so transcoding doesn't choke",
        "! 4 cores so that streaming stays smooth",
        ", 4 cores because the old one was too slow",
        ", 4 cores, my wife needs it",
        " with 4 cores - the family wants it",
        ", 4 cores, since the last one died",
        ", 4 cores. The name doesn't matter.",
        ", 4 cores. I don't care about the hostname",
    ],
)
@pytest.mark.parametrize("program", ["jellyfin", "plex", "nextcloud"])
def test_why_something_is_wanted_neither_blocks_nor_becomes_anything(
    interpreter: Interpreter, program: str, reason: str
) -> None:
    (made,) = drafted(interpreter, f"{program}{reason}").resources
    assert made.engine == program
    assert made.specs.cpu == 4


@pytest.mark.parametrize(
    "message",
    [
        "percona or mysql doesnt matter, well lets say mysql 5.7 - old app needs it",
        "mariadb or mysql, doesn't matter, so mysql 5.7",
        "mysql 5.7, our old app requires it",
        "mysql 5.7 (the old app depends on it)",
        "mysql 5.7 - legacy app needs that",
    ],
)
def test_the_last_word_of_a_choice_counts_and_who_needs_it_is_not_made(
    interpreter: Interpreter, message: str
) -> None:
    (made,) = drafted(interpreter, message).resources
    assert (made.type, made.engine, made.version) == (_T.DATABASE, "mysql", "5.7")


@pytest.mark.parametrize(
    "message",
    [
        "There are five of them, so five Ubuntu VMs with 2 cores",
        "We are five people, so five ubuntu VMs, 2 cores",
        "The interns need machines from Monday on. There are five of them, so five Ubuntu VMs, 2 cores.",
        "They're five, so 5 ubuntu vms, 2 cores each",
    ],
)
def test_what_follows_from_a_story_is_wanted(interpreter: Interpreter, message: str) -> None:
    blueprint = drafted(interpreter, message)
    assert machines(blueprint) == len(blueprint.resources) == 5
    assert {(r.image, r.specs.cpu) for r in blueprint.resources} == {("ubuntu", 2)}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "Queue them in Kafka and store them in a Postgres with 2 TB",
            {_T.QUEUE: "kafka", _T.DATABASE: "postgresql"},
        ),
        (
            "Ingest roughly 3,000 MQTT messages per second, queue them in Kafka and keep them in Postgres",
            {_T.QUEUE: "kafka", _T.DATABASE: "postgresql"},
        ),
        (
            "Buffer the events in rabbitmq, then write them to mongodb",
            {_T.QUEUE: "rabbitmq", _T.DATABASE: "mongodb"},
        ),
        (
            "cache sessions in redis and save orders in mysql",
            {_T.CACHE: "redis", _T.DATABASE: "mysql"},
        ),
        (
            "push logs to kafka and index them in elasticsearch",
            {_T.QUEUE: "kafka", _T.DATABASE: "elasticsearch"},
        ),
    ],
)
def test_what_is_to_be_done_with_data_asks_for_what_does_it(
    interpreter: Interpreter, message: str, expected: dict[ResourceType, str]
) -> None:
    assert {r.type: r.engine for r in drafted(interpreter, message).resources} == expected


@pytest.mark.parametrize(
    "message",
    [
        "The recordings are about 150 GB and should live in object storage.",
        "Photos are 150GB, they should be kept in s3",
        "The scans are about 150 GB and go to object storage",
        "The archives are 150GB and belong into a bucket",
    ],
)
def test_where_contents_of_a_size_should_live_is_made_of_that_size(
    interpreter: Interpreter, message: str
) -> None:
    (made,) = drafted(interpreter, message).resources
    assert made.type is _T.OBJECT_STORE
    assert made.specs.disk == Size("150GB")


@pytest.mark.parametrize("link", ["talking to", "connected to", "backed by", "writing to"])
@pytest.mark.parametrize(
    ("store", "engine"), [("mongodb", "mongodb"), ("a postgres", "postgresql")]
)
def test_what_a_program_talks_to_is_made_beside_it(
    interpreter: Interpreter, link: str, store: str, engine: str
) -> None:
    blueprint = drafted(interpreter, f"flask api (2 instances, port 5000) {link} {store}")
    assert [r.engine for r in blueprint.resources if r.type is _T.DATABASE] == [engine]
    assert machines(blueprint) == 2


@pytest.mark.parametrize(
    ("message", "engine", "number"),
    [
        ("On Kubernetes, run nginx with 4 replicas", "kubernetes", 4),
        ("on our kubernetes, please deploy nginx with 4 copies", "kubernetes", 4),
        ("run nginx on our kubernetes with 3 copies", "kubernetes", 3),
        ("On docker, I need nginx with 2 instances", "docker", 2),
        ("In Kubernetes, set up 3 replicas of nginx", "kubernetes", 3),
        ("with 4 replicas, run nginx", None, 4),
        ("For proxmox: create 2 VMs", "proxmox", 2),
    ],
)
def test_places_and_numbers_in_front_of_an_order_belong_to_it(
    interpreter: Interpreter, message: str, engine: str | None, number: int
) -> None:
    blueprint = drafted(interpreter, message)
    assert blueprint.engine == engine
    assert machines(blueprint) == number


@pytest.mark.parametrize("place", ["our kubernetes", "the kubernetes", "Kubernetes"])
def test_programs_may_be_put_onto_the_cluster_there_is_in_a_second_sentence(
    interpreter: Interpreter, place: str
) -> None:
    blueprint = drafted(interpreter, f"Grafana, Loki and Prometheus please. Put them onto {place}.")
    assert blueprint.engine == "kubernetes"
    assert machines(blueprint) == len(blueprint.resources) == 3


@pytest.mark.parametrize(
    "lead", ["We run a shop", "We are a small agency", "I am building a game site"]
)
def test_who_somebody_is_leads_to_what_is_wanted(interpreter: Interpreter, lead: str) -> None:
    blueprint = drafted(interpreter, f"{lead}: 2 web VMs behind a load balancer, MySQL database")
    assert machines(blueprint) == 2
    assert {r.type for r in blueprint.resources} == {_T.VM, _T.LOAD_BALANCER, _T.DATABASE}


@pytest.mark.parametrize(
    ("message", "name", "number"),
    [
        ("Run traefik/whoami on k8s, 2 replicas, name it whoami", "whoami", 2),
        ("- backend: our image registry.local/shop/backend:1.4, 3 replicas", "backend", 3),
        ("- frontend: nginx, 2 replicas, port 80", "frontend", 2),
    ],
)
def test_copies_of_what_has_a_name_are_one_thing_of_that_name(
    interpreter: Interpreter, message: str, name: str, number: int
) -> None:
    (made,) = drafted(interpreter, message).resources
    assert (made.name, made.count) == (name, number)


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("Web shop: Magento, MySQL 8 and Redis", 1),
        ("Please provide a small web application: 2 application servers, 1 mysql and a redis.", 2),
        ("Our web shop: 3 api servers, mysql, redis", 3),
    ],
)
def test_what_a_whole_consists_of_is_made_and_not_the_whole_besides(
    interpreter: Interpreter, message: str, number: int
) -> None:
    blueprint = drafted(interpreter, message)
    assert machines(blueprint) == number
    stored = {r.engine for r in blueprint.resources if r.type in {_T.DATABASE, _T.CACHE}}
    assert stored == {"mysql", "redis"}


@pytest.mark.parametrize(
    "wish",
    [
        "must survive a crash of one machine",
        "it should survive the loss of a node",
        "surviving the failure of any single server",
    ],
)
def test_surviving_a_machine_is_a_wish_and_no_machine(interpreter: Interpreter, wish: str) -> None:
    blueprint = drafted(interpreter, f"a redis cache please, {wish}")
    assert {r.type for r in blueprint.resources} == {_T.CACHE}
