"""Very plain requests: whom something is for, which software a store is, copies, systems, and more of the same. Each in
several ways, and with what only looks like it; what counts is the draft after the last turn."""

from __future__ import annotations

import pytest

from alma.core.language.answering.reply import describe
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from tests.unit.core.language.conversing import held, names_of, shop


def _things(draft: Blueprint) -> list[str]:
    return sorted(
        f"{r.type}:{r.engine or r.image or ''}" for r in draft.resources for _ in range(r.count)
    )


_TWO = shop(
    {"name": "a", "type": "vm", "image": "ubuntu-22.04", "specs": {"memory": "8GB"}},
    {"name": "b", "type": "vm", "image": "alpine", "specs": {"memory": "8GB"}},
    {"name": "db", "type": "database", "engine": "mysql"},
)
_RENDER = shop(
    {"name": "render", "type": "vm", "count": 2, "specs": {"cpu": 32}},
    {"name": "license", "type": "vm", "specs": {"cpu": 1, "memory": "2GB"}},
)


@pytest.mark.parametrize(
    ("said", "made"),
    [
        (
            "WordPress with MariaDB and a Redis cache, it's for a small brewery's online shop",
            ["cache:redis", "database:mariadb", "service:wordpress"],
        ),
        ("Ghost with MySQL, it's for a small bakery's blog", ["database:mysql", "service:ghost"]),
        ("a redis, it's just for the web shop", ["cache:redis"]),
        ("nginx and redis. They're for a small shop", ["cache:redis", "service:nginx"]),
        ("a vm, it's for postgres", ["vm:postgresql"]),
        ("Home Assistant for the farm, in an LXC with 2GB memory", ["container:home-assistant"]),
        ("nginx for the cluster, in a container", ["container:nginx"]),
        ("a postgres, in a container", ["database:postgresql"]),
        (
            "I need a database and a web server, MariaDB would be nice",
            ["database:mariadb", "vm:nginx"],
        ),
        ("we need a queue, kafka is ok", ["queue:kafka"]),
        ("we have a small bakery, one vm please", ["vm:debian-12"]),
    ],
)
def test_whom_it_is_for_and_in_what_it_runs(
    interpreter: Interpreter, said: str, made: list[str]
) -> None:
    assert _things(held(interpreter, [said])[0]) == made


@pytest.mark.parametrize(
    ("turns", "made"),
    [
        (
            ("a cache and a database", "redis for the cache and mysql for the database"),
            ["cache:redis", "database:mysql"],
        ),
        (("a database", "the database is mariadb"), ["database:mariadb"]),
        (("a queue", "kafka is fine for the queue"), ["queue:kafka"]),
        (("a queue", "rabbitmq for the queue"), ["queue:rabbitmq"]),
        (
            ("a debian vm", "it needs a database too, mysql is fine"),
            ["database:mysql", "vm:debian"],
        ),
        (("a mysql", "postgres for the reports"), ["database:mysql", "database:postgresql"]),
    ],
)
def test_which_software_a_store_is(
    interpreter: Interpreter, turns: tuple[str, ...], made: list[str]
) -> None:
    assert _things(held(interpreter, turns)[0]) == made


@pytest.mark.parametrize(
    ("said", "images"),
    [
        ("the ubuntu vm should run debian instead", ("debian", "alpine")),
        ("the ubuntu machine should be debian", ("debian", "alpine")),
        ("switch the ubuntu server to debian 12", ("debian-12", "alpine")),
        ("use debian instead of ubuntu", ("debian", "alpine")),
        ("replace ubuntu with debian", ("debian", "alpine")),
        ("make the vms debian", ("debian", "debian")),
        ("is the ubuntu vm running debian?", ("ubuntu-22.04", "alpine")),
    ],
)
def test_another_system_for_the_machine_that_is_said_by_its_own(
    interpreter: Interpreter, said: str, images: tuple[str, str]
) -> None:
    draft, _ = held(interpreter, [said], _TWO)
    assert tuple(r.image for r in draft.resources if r.type == "vm") == images


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Could you clone a as web-3?", "web-3"),
        ("can you copy a and call it web-3?", "web-3"),
        ("make a copy of a and call it staging-web", "staging-web"),
        ("could you clone db as db-test for us?", "db-test"),
        ("we need to copy a, please call the copy a-old", "a-old"),
        ("can you copy the files to a?", None),
        ("how do I clone a?", None),
    ],
)
def test_copies_asked_for_politely(interpreter: Interpreter, said: str, name: str | None) -> None:
    draft, _ = held(interpreter, [said], _TWO)
    assert names_of(draft) == ["a", "b", "db", *([name] if name else [])]


@pytest.mark.parametrize(
    ("said", "memory", "cpu"),
    [
        ("Set the memory of license to 24GB and its cpu to 6", "24GB", 6),
        ("raise the memory of license to 24GB, cpu to 6", "24GB", 6),
        ("lower the memory of license to 1GB and its cores to 2", "1GB", 2),
        ("set license to 4 cpus and its memory to 16", "16GB", 4),
    ],
)
def test_a_second_property_is_its_own(
    interpreter: Interpreter, said: str, memory: str, cpu: int
) -> None:
    draft, _ = held(interpreter, [said], _RENDER)
    owner = draft.resource("license")
    assert owner is not None
    assert (str(owner.specs.memory), owner.specs.cpu) == (memory, cpu)


@pytest.mark.parametrize(
    ("said", "many"),
    [
        ("3 extra render vms please", 5),
        ("we have a deadline, 3 extra render vms please", 5),
        ("the deadline is close, we need 3 more render vms", 5),
        ("two additional render machines", 4),
        ("we have a render vm", 2),
    ],
)
def test_more_of_what_is_called_so(interpreter: Interpreter, said: str, many: int) -> None:
    draft, _ = held(interpreter, [said], _RENDER)
    assert sum(r.count for r in draft.resources) == many + 1


def test_answers_name_the_software_and_the_standard(interpreter: Interpreter) -> None:
    draft = _TWO
    listed = describe(held(interpreter, ["list what we have so far"], draft)[1], draft)
    assert "db (database, mysql)" in listed
    asked = describe(held(interpreter, ["Are we GDPR compliant with this?"], draft)[1], draft)
    assert "GDPR" in asked
