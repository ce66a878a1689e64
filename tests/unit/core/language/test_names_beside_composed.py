"""Names without a naming word: right after what they name, as a label before it, or in a list with what each has."""

from __future__ import annotations

import pytest

from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint, Resource, ResourceType
from alma.core.model.units import Size
from tests.unit.core.language.conversing import drafted

_T = ResourceType


def called(blueprint: Blueprint, name: str) -> Resource:
    (found,) = [r for r in blueprint.resources if r.name == name]
    return found


@pytest.mark.parametrize(
    "name", ["web", "mail", "db", "proxy", "dmz-web", "ci-runner", "backend", "erp-test"]
)
@pytest.mark.parametrize(
    ("message", "type_"),
    [
        ("vm {} with 2 cores", _T.VM),
        ("VM {}, 2 cores, 8GB", _T.VM),
        ("a debian vm {} 2 cores", _T.VM),
        ("virtual machine {}: 2 cores", _T.VM),
        ("lxc {}, alpine, 512MB", _T.CONTAINER),
        ("container: {}, 1 core", _T.CONTAINER),
    ],
)
def test_a_word_right_after_a_machine_is_its_name(
    interpreter: Interpreter, message: str, type_: ResourceType, name: str
) -> None:
    blueprint = drafted(interpreter, message.format(name))
    assert [(r.type, r.name) for r in blueprint.resources] == [(type_, name)]


@pytest.mark.parametrize(
    "program", ["grafana", "pihole", "jenkins", "unifi", "mosquitto", "traefik"]
)
@pytest.mark.parametrize(
    "message", ["LXC {}, debian, 2GB", "vm {} 2 cores 4GB", "container {}: 1 core, 2GB"]
)
def test_a_machine_called_like_software_has_its_name_and_runs_it(
    interpreter: Interpreter, message: str, program: str
) -> None:
    (machine,) = drafted(interpreter, message.format(program)).resources
    assert machine.name == machine.engine == program


@pytest.mark.parametrize(
    "message",
    [
        "a vm please, 4GB",
        "vm ubuntu 22.04 4GB",
        "a small vm (debian)",
        "a vm asap with 8GB",
        "vm setup with 4GB",
        "a vm (4 cores)",
        "vm windows, 8GB",
        "vm for my kids",
    ],
)
def test_what_says_how_a_machine_is_names_nothing(interpreter: Interpreter, message: str) -> None:
    (machine,) = drafted(interpreter, message).resources
    assert machine.name == "vm-1"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("mysql m1 2GB and postgres dev-db 4GB", {"m1": "mysql", "dev-db": "postgresql"}),
        ("postgres orders and mysql legacy", {"orders": "postgresql", "legacy": "mysql"}),
        ("redis sessions, 2GB", {"sessions": "redis"}),
        (
            "billing-db (Postgres) and audit-db (MongoDB)",
            {"billing-db": "postgresql", "audit-db": "mongodb"},
        ),
        (
            "orders-db: postgres 16, 8GB\nsession-cache: redis",
            {"orders-db": "postgresql", "session-cache": "redis"},
        ),
        ("- sessions: redis\n- jobs: rabbitmq", {"sessions": "redis", "jobs": "rabbitmq"}),
        (
            "- frontend: nginx, port 80\n- shop-db: postgres 14",
            {"frontend": "nginx", "shop-db": "postgresql"},
        ),
        ("database wiki-db (mariadb), 20GB", {"wiki-db": "mariadb"}),
        ("web01: ubuntu, 4GB\ndb01: postgres, 16GB", {"web01": None, "db01": "postgresql"}),
    ],
)
def test_labels_and_words_beside_stores_are_their_names(
    interpreter: Interpreter, message: str, expected: dict[str, str | None]
) -> None:
    blueprint = drafted(interpreter, message)
    assert {r.name: r.engine for r in blueprint.resources} == expected


@pytest.mark.parametrize(
    ("message", "memory"),
    [
        ("two VMs pls: alpha with 4GB and beta with 8GB", {"alpha": "4GB", "beta": "8GB"}),
        ("two vms: vm-accounting (8GB) and vm-hr (4GB)", {"vm-accounting": "8GB", "vm-hr": "4GB"}),
        (
            "three VMs: web (4GB), mail (2GB) and dns (1GB)",
            {"web": "4GB", "mail": "2GB", "dns": "1GB"},
        ),
        (
            "2 ubuntu servers: build-01 with 8GB, build-02 with 16GB",
            {"build-01": "8GB", "build-02": "16GB"},
        ),
        ("two LXCs, pihole with 512MB and unifi with 2GB", {"pihole": "512MB", "unifi": "2GB"}),
        (
            "two databases, orders with 8GB memory and customers with 2GB memory",
            {"orders": "8GB", "customers": "2GB"},
        ),
        (
            "vms: vm-accounting (8GB) and vm-files (4GB)",
            {"vm-accounting": "8GB", "vm-files": "4GB"},
        ),
    ],
)
def test_each_of_a_list_has_its_name_and_its_own_amounts(
    interpreter: Interpreter, message: str, memory: dict[str, str]
) -> None:
    blueprint = drafted(interpreter, message)
    assert {r.name: r.specs.memory for r in blueprint.resources} == {
        name: Size(said) for name, said in memory.items()
    }


@pytest.mark.parametrize("kind", ["VM", "container", "small VM"])
@pytest.mark.parametrize(
    "names", [("frontend", "backend", "worker"), ("web", "mail"), ("alpha", "beta")]
)
def test_names_first_and_one_of_a_kind_for_each(
    interpreter: Interpreter, names: tuple[str, ...], kind: str
) -> None:
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    blueprint = drafted(interpreter, f"{listed}, one {kind} each")
    assert [r.name for r in blueprint.resources] == list(names)


@pytest.mark.parametrize("typo", ["calld", "caled", "namd", "nmaed"])
@pytest.mark.parametrize("name", ["wiki", "registry", "shop"])
def test_a_name_after_a_mistyped_naming_word(
    interpreter: Interpreter, typo: str, name: str
) -> None:
    (made,) = drafted(interpreter, f"ubuntu lxc {typo} {name}, 2 gigs").resources
    assert (made.type, made.name) == (_T.CONTAINER, name)


@pytest.mark.parametrize(
    "message",
    [
        "Database: MySQL 8\nWeb: nginx",
        "monitoring: grafana + prometheus",
        "web: 3 ubuntu VMs",
        "stack: nginx, postgres",
    ],
)
def test_titles_of_forms_and_of_several_things_are_no_names(
    interpreter: Interpreter, message: str
) -> None:
    title = message.partition(":")[0].casefold()
    names = {r.name.casefold() for r in drafted(interpreter, message).resources}
    assert title not in names
    assert "web" not in names


@pytest.mark.parametrize("name", ["prod-api", "api2", "web-eu"])
def test_a_name_beside_a_machine_is_taken_in_the_middle_of_a_conversation_too(
    interpreter: Interpreter, name: str
) -> None:
    before = drafted(interpreter, "vm dev-api 2 cpu")
    read = interpreter.interpret(
        f"add vm {name} 4 cpu", blueprint=before, history=["vm dev-api 2 cpu"]
    )
    assert [r.name for r in apply_edits(before, read.edits)[0].resources] == ["dev-api", name]


@pytest.mark.parametrize(
    "lead", ["For QA I want this in Kubernetes:\n- ", "Please set up:\n- ", "- "]
)
def test_the_first_line_of_a_list_has_its_label_too(interpreter: Interpreter, lead: str) -> None:
    blueprint = drafted(interpreter, f"{lead}frontend: nginx, port 80\n- shop-db: postgres 14")
    assert [r.name for r in blueprint.resources] == ["frontend", "shop-db"]


@pytest.mark.parametrize("game", ["minecraft", "Minecraft", "valheim"])
def test_the_server_of_a_game_is_called_like_it(interpreter: Interpreter, game: str) -> None:
    (made,) = drafted(interpreter, f"A {game} server with 6 gigs of memory for my kids").resources
    assert made.name == f"{game.casefold()}-1"


@pytest.mark.parametrize(
    ("said", "meant"),
    [("30 Go of disk", "30GB"), ("500 Mo of disk", "500MB"), ("2 To disk", "2TB")],
)
def test_sizes_as_the_french_write_them(interpreter: Interpreter, said: str, meant: str) -> None:
    (made,) = drafted(interpreter, f"a mongo database with {said}").resources
    assert (made.specs.storage or made.specs.disk) == Size(meant)
