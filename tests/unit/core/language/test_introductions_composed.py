"""What a first message tells of a system asks for it: where its data goes, what it is, how many there are of it."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint, Resource, ResourceType
from alma.core.model.units import Size
from tests.unit.core.language.conversing import drafted, kinds_of

_T = ResourceType
_COMPUTE = {_T.VM, _T.CONTAINER, _T.SERVICE}


def only(blueprint: Blueprint, type_: ResourceType) -> Resource:
    (found,) = [resource for resource in blueprint.resources if resource.type is type_]
    return found


def machines(blueprint: Blueprint) -> int:
    return sum(resource.count for resource in blueprint.resources if resource.type in _COMPUTE)


@pytest.mark.parametrize(
    ("told", "type_", "engine"),
    [
        ("Sessions live in Redis.", _T.CACHE, "redis"),
        ("Sessions are kept in redis", _T.CACHE, "redis"),
        ("The data goes to PostgreSQL 15.", _T.DATABASE, "postgresql"),
        ("Orders will be stored in MySQL", _T.DATABASE, "mysql"),
        ("Messages are passed through RabbitMQ.", _T.QUEUE, "rabbitmq"),
        ("events flow into kafka", _T.QUEUE, "kafka"),
        ("Stock levels are kept in a Postgres with 80 GB.", _T.DATABASE, "postgresql"),
        ("Measurements end up in InfluxDB", _T.DATABASE, "influxdb"),
        ("Our documents should be saved in mongodb", _T.DATABASE, "mongodb"),
    ],
)
@pytest.mark.parametrize(
    "before", ["Two app servers with Debian please.", "We need 2 application servers."]
)
def test_where_data_goes_is_wanted_with_what_uses_it(
    interpreter: Interpreter, before: str, told: str, type_: ResourceType, engine: str
) -> None:
    blueprint = drafted(interpreter, f"{before} {told}")
    assert only(blueprint, type_).engine == engine
    assert machines(blueprint) == 2


@pytest.mark.parametrize(
    ("message", "role"),
    [
        ("We start a new backend. It is a Go service named scan-api.", "scan-api"),
        ("There will be a web app. It's a Django application named desk", "desk"),
    ],
)
def test_what_a_thing_is_makes_no_second_one(
    interpreter: Interpreter, message: str, role: str
) -> None:
    blueprint = drafted(interpreter, message)
    assert [resource.name for resource in blueprint.resources] == [role]


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("five pieces of VM with ubuntu", 5),
        ("3 pcs of ubuntu server, 4 GB each", 3),
        ("please tree web servers", 3),
        ("A Go service named scan-api. We'd run four instances of it.", 4),
        ("Grafana and loki. One instance of each will do.", 2),
        ("gitea on docker, nothing special, one instance", 1),
        ("A Laravel app. Two boxes with 4GB.", 2),
        ("pair of nginx servers", 2),
    ],
)
def test_how_many_there_are_is_told_in_many_ways(
    interpreter: Interpreter, message: str, number: int
) -> None:
    assert machines(drafted(interpreter, message)) == number


@pytest.mark.parametrize(
    ("message", "masters", "workers"),
    [
        ("One control plane and three workers, version 1.31", 1, 3),
        ("Cluster with 3 control planes, 3 workers", 3, 3),
        ("a cluster of 1 master and 2 workers", 1, 2),
        ("k3s with 1 server and 4 agents", 1, 4),
        ("small k3s cluster, 3 server nodes and 2 agents", 3, 2),
        ("kubernets cluster 3 control plain 3 worker", 3, 3),
    ],
)
def test_control_planes_and_workers_are_a_cluster(
    interpreter: Interpreter, message: str, masters: int, workers: int
) -> None:
    blueprint = drafted(interpreter, message)
    specs = only(blueprint, _T.KUBERNETES_CLUSTER).specs
    assert (specs.control_plane, specs.workers) == (masters, workers)
    assert machines(blueprint) == 0


@pytest.mark.parametrize(
    ("message", "engine", "memory"),
    [
        ("wordpress with mariadb. 2 GB of memory for the wordpress", "wordpress", "2GB"),
        ("wordpress with mariadb. 6 GB RAM for the database", "mariadb", "6GB"),
        ("sonarqube with postgres 15, 4GB memory for sonarqube", "sonarqube", "4GB"),
        ("gitea and a redis, 1GB memory for the redis", "redis", "1GB"),
    ],
)
def test_an_amount_is_for_what_it_is_said_to_be_for(
    interpreter: Interpreter, message: str, engine: str, memory: str
) -> None:
    sizes = {r.engine: r.specs.memory for r in drafted(interpreter, message).resources}
    assert sizes[engine] == Size(memory)
    assert Size(memory) not in {size for name, size in sizes.items() if name != engine}


def test_it_is_the_same_thing_both_times(interpreter: Interpreter) -> None:
    blueprint = drafted(
        interpreter, "run Keycloak, it needs postgres, and it should be public on 443"
    )
    assert only(blueprint, _T.SERVICE).network.ports
    assert not only(blueprint, _T.DATABASE).network.ports


@pytest.mark.parametrize("noun", ["media volume", "downloads volume", "photos volume"])
def test_a_size_before_an_unknown_word_is_of_the_noun_after_it(
    interpreter: Interpreter, noun: str
) -> None:
    volume = only(drafted(interpreter, f"jellyfin with a 6TB {noun}"), _T.VOLUME)
    assert volume.specs.disk == Size("6TB")


@pytest.mark.parametrize(
    "message",
    [
        "Scans will be about 700 GB, so plan a volume for that.",
        "Photos take 700GB, add a volume for them",
    ],
)
def test_how_much_there_will_be_is_how_large_its_place_is(
    interpreter: Interpreter, message: str
) -> None:
    assert only(drafted(interpreter, f"Immich please. {message}"), _T.VOLUME).specs.disk == Size(
        "700GB"
    )


@pytest.mark.parametrize(
    "question", ["Are sessions stored in redis?", "Is the data kept in postgres?"]
)
def test_a_question_about_it_makes_nothing(interpreter: Interpreter, question: str) -> None:
    assert not interpreter.interpret(question).edits


@pytest.mark.parametrize(
    "title",
    [
        "Change request CR-7781\nWhat: ",
        "Requirement is as below:\n",
        "CI farm:\n* ",
        "The following is needed: ",
        "Subject: new server\n\nHi team,\nwe need ",
        "Ticket INC0042\nRequest: ",
    ],
)
def test_what_leads_to_a_list_is_no_part_of_it(interpreter: Interpreter, title: str) -> None:
    blueprint = drafted(interpreter, f"{title}2 VMs with 4 GB RAM\none mysql database")
    assert machines(blueprint) == 2
    assert only(blueprint, _T.DATABASE).engine == "mysql"


@pytest.mark.parametrize(
    "message",
    [
        "Two VMs called red and blue. red has 8GB. blue has 16GB",
        "We want two VMs, one named red and one named blue. Red gets 8GB, blue gets 16GB.",
        "2 servers are needed, one called red and one called blue. Red needs 8GB, blue needs 16GB",
    ],
)
def test_what_is_said_of_a_name_is_of_its_bearer(interpreter: Interpreter, message: str) -> None:
    resources = drafted(interpreter, message).resources
    sizes = {resource.name.casefold(): resource.specs.memory for resource in resources}
    assert sizes == {"red": Size("8GB"), "blue": Size("16GB")}


@pytest.mark.parametrize("verb", ["are wanted", "are needed", "are required for now"])
def test_what_is_wanted_may_come_first(interpreter: Interpreter, verb: str) -> None:
    assert machines(drafted(interpreter, f"Three Debian VMs {verb}.")) == 3


def test_several_ports_are_all_taken(interpreter: Interpreter) -> None:
    blueprint = drafted(interpreter, "a mail server, public on 25, 465 and 993")
    assert [port.target for port in blueprint.resources[0].network.ports] == [25, 465, 993]


@pytest.mark.parametrize(
    "message",
    [
        "2 LXC: pihole (512MB) and unbound (512MB)",
        "two LXCs (pihole, unbound)",
        "pihole and unbound, each in its own LXC",
        "Two containers: pihole and unbound",
    ],
)
def test_programs_named_for_machines_are_what_they_run(
    interpreter: Interpreter, message: str
) -> None:
    found = [(r.type, r.engine) for r in drafted(interpreter, message).resources]
    assert found == [(_T.CONTAINER, "pihole"), (_T.CONTAINER, "unbound")]


@pytest.mark.parametrize(
    ("message", "engines"),
    [
        ("set up observability: prometheus + grafana + loki", {"prometheus", "grafana", "loki"}),
        ("observability stack (prometheus, grafana)", {"prometheus", "grafana"}),
    ],
)
def test_a_list_after_the_name_of_a_system_is_all_of_it(
    interpreter: Interpreter, message: str, engines: set[str]
) -> None:
    assert {r.engine for r in drafted(interpreter, message).resources} == engines


@pytest.mark.parametrize("short", ["sonar", "sonarq"])
def test_a_short_name_is_what_was_named_in_full(interpreter: Interpreter, short: str) -> None:
    blueprint = drafted(interpreter, f"sonarqube w/ postgres 15, 4GB memory for {short}")
    assert only(blueprint, _T.SERVICE).specs.memory == Size("4GB")


@pytest.mark.parametrize("word", ["dsik", "disc"])
def test_letters_in_the_wrong_order_are_mended(interpreter: Interpreter, word: str) -> None:
    blueprint = drafted(interpreter, f"a debian vm with 60gb {word}")
    assert only(blueprint, _T.VM).specs.disk == Size("60GB")


@pytest.mark.parametrize(
    ("message", "image"),
    [
        ("run traefik/whoami on port 80", "traefik/whoami"),
        ("deploy louislam/uptime-kuma", "louislam/uptime-kuma"),
        ("deploy acme/storefront", "acme/storefront"),
    ],
)
def test_owner_and_name_after_an_order_are_an_image(
    interpreter: Interpreter, message: str, image: str
) -> None:
    assert [r.image for r in drafted(interpreter, message).resources] == [image]


def test_two_things_with_a_stroke_between_them_are_two(interpreter: Interpreter) -> None:
    engines = {r.engine for r in drafted(interpreter, "run nginx/redis").resources}
    assert engines == {"nginx", "redis"}


def test_a_size_that_was_corrected_holds(interpreter: Interpreter) -> None:
    blueprint = drafted(interpreter, "two VMs with 4GB, sorry, 8GB of RAM and a postgres")
    sizes = {r.specs.memory for r in blueprint.resources if r.type is _T.VM}
    assert sizes == {Size("8GB")}


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("web frontend (2), api (3)", 5),
        ("1 vm - web - nginx - 2c/4g", 1),
        ("A backend in Python, three copies", 3),
        ("create 02 nos. of linux server having 8 core", 2),
        ("Machine learning box: 64 cores, 256GB RAM", 1),
    ],
)
def test_counts_stand_in_brackets_and_columns(
    interpreter: Interpreter, message: str, number: int
) -> None:
    assert machines(drafted(interpreter, message)) == number


@pytest.mark.parametrize(
    "message",
    [
        "Our team uses Jira at the moment. We'd like to move to Redmine.",
        "We currently run Confluence. We want to switch to Redmine",
        "Today we have a Jira. I would like to migrate to Redmine.",
    ],
)
def test_what_there_is_elsewhere_is_not_made(interpreter: Interpreter, message: str) -> None:
    assert [r.engine for r in drafted(interpreter, message).resources] == ["redmine"]


@pytest.mark.parametrize(
    "message", ["immich with a 4tb volume, 6GB RAM", "immich, a volume of 4TB, 6 GB of memory"]
)
def test_what_storage_can_not_have_is_of_what_uses_it(
    interpreter: Interpreter, message: str
) -> None:
    assert only(drafted(interpreter, message), _T.SERVICE).specs.memory == Size("6GB")


@pytest.mark.parametrize(
    "message",
    [
        "MariaDB on a separate machine",
        "Postgres 16 on its own server, 8 GB",
        "a redis on another dedicated box",
    ],
)
def test_a_database_on_a_machine_of_its_own_is_a_database(
    interpreter: Interpreter, message: str
) -> None:
    blueprint = drafted(interpreter, f"A Debian VM with 4 GB for a PHP app. {message}")
    assert machines(blueprint) == 1
    assert len(blueprint.resources) == 2


@pytest.mark.parametrize(
    ("message", "engine"),
    [
        ("The shop runs on Magento. It needs MySQL.", "magento"),
        ("Our blog is powered by Ghost and needs MySQL", "ghost"),
        ("The wiki will be based on BookStack, with MySQL.", "bookstack"),
    ],
)
def test_what_a_system_runs_on_is_wanted(
    interpreter: Interpreter, message: str, engine: str
) -> None:
    blueprint = drafted(interpreter, message)
    assert only(blueprint, _T.SERVICE).engine == engine
    assert only(blueprint, _T.DATABASE).engine == "mysql"


def test_a_list_of_parts_takes_the_place_of_the_machines(interpreter: Interpreter) -> None:
    blueprint = drafted(interpreter, "three LXCs: web (512 MB), db (2 GB, MariaDB), cache (Redis)")
    assert machines(blueprint) == 1
    assert only(blueprint, _T.DATABASE).engine == "mariadb"
    assert only(blueprint, _T.CACHE).engine == "redis"


@pytest.mark.parametrize("who", ["Our accounting firm", "My department", "The finance people"])
def test_others_wishes_are_wishes(interpreter: Interpreter, who: str) -> None:
    blueprint = drafted(interpreter, f"{who} would like to have its own Nextcloud.")
    assert [r.engine for r in blueprint.resources] == ["nextcloud"]


def test_a_version_may_stand_alone(interpreter: Interpreter) -> None:
    blueprint = drafted(interpreter, "kubernetes on proxmox, v1.30, 5 workers")
    assert only(blueprint, _T.KUBERNETES_CLUSTER).version == "1.30"


@pytest.mark.parametrize(
    ("message", "number"),
    [
        (f"{head}{copies}", number)
        for head in ("flask api", "a rails app", "vault", "a node backend", "grafana")
        for copies, number in (
            (", 2 instances", 2),
            (" (3 replicas, port 5000)", 3),
            (" - four copies", 4),
            (", one instance", 1),
            (", 2 pods and a postgres", 2),
        )
    ],
)
def test_copies_of_nothing_else_are_of_what_was_said_before(
    interpreter: Interpreter, message: str, number: int
) -> None:
    assert machines(drafted(interpreter, message)) == number


def test_instances_that_are_added_are_machines_of_their_own(interpreter: Interpreter) -> None:
    assert machines(drafted(interpreter, "a grafana and 2 ubuntu instances")) == 3


@pytest.mark.parametrize(
    ("message", "made"),
    [
        ("A container that reads its jobs from RabbitMQ and writes the results to an S3 bucket",
         {_T.CONTAINER: 1, _T.QUEUE: 1, _T.OBJECT_STORE: 1}),
        ("A container that resizes images, reading its jobs from RabbitMQ", {_T.CONTAINER: 1, _T.QUEUE: 1}),
        ("spin up nats and 2 worker containers that consume from nats", {_T.QUEUE: 1, _T.CONTAINER: 2}),
        ("three workers that read from Kafka and write to Postgres", {_T.VM: 3, _T.QUEUE: 1, _T.DATABASE: 1}),
        ("an ingest VM that pulls messages from Kafka and keeps them in ClickHouse",
         {_T.VM: 1, _T.QUEUE: 1, _T.DATABASE: 1}),
        ("an api container which queries Elasticsearch", {_T.CONTAINER: 1, _T.DATABASE: 1}),
        ("A Debian VM that sends its logs to Loki", {_T.VM: 1, _T.SERVICE: 1}),
        ("two VMs that sit in front of a MySQL", {_T.VM: 2, _T.DATABASE: 1}),
        ("a vm reading from our Kafka", {_T.VM: 1}),
    ],
)  # fmt: skip
def test_what_something_reads_from_is_made_beside_it(
    interpreter: Interpreter, message: str, made: dict[ResourceType, int]
) -> None:
    assert kinds_of(drafted(interpreter, message)) == made
