"""What each of several places or people gets is told so often; what each of several machines has stays its own."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.wording.apiece import apiece
from tests.unit.core.language.conversing import drafted, kinds_of


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("4 squads, each with a VM and its own Postgres", "I need 4 VM, 4 Postgres"),
        ("For each of our two brands a web VM and an app VM, all sharing a single Postgres",
         "I need 2 web VM, 2 app VM, a single Postgres"),
        ("Berlin, Paris and Rome each get a VM with 4GB memory and a Redis",
         "I need 3 VM with 4GB memory, 3 Redis"),
        ("We have 3 customers and each of them needs an Odoo and a Postgres", "I need 3 Odoo, 3 Postgres"),
        ("I need a lab where each of the 10 students gets two debian containers", "I need 20 debian containers"),
        ("Preview environments for three branches, each one an app container with 1GB memory",
         "I need 3 app container with 1GB memory"),
        ("each of the 3 departments needs its own Nextcloud and its own 100GB volume",
         "I need 3 Nextcloud, 3 100GB volume"),
        ("the two data scientists get boxes with 64GB", "2 boxes with 64GB"),
        ("our five developers need Ubuntu VMs, and a Postgres", "5 Ubuntu VMs, and a Postgres"),
        ("dev and prod both need two web servers and a MySQL",
         "dev: 2 web servers, 1 MySQL. prod: 2 web servers, 1 MySQL."),
        ("An app server and a Postgres 16 for each of dev and test",
         "dev: 1 app server, 1 Postgres 16. testing: 1 app server, 1 Postgres 16."),
        ("three environments (dev, uat, prod), each consisting of two app servers and a shared GitLab",
         "shared GitLab. dev: 2 app servers. staging: 2 app servers. prod: 2 app servers."),
    ],
)  # fmt: skip
def test_each_of_several_gets_it(gazetteer: Gazetteer, said: str, told: str) -> None:
    assert apiece(said, gazetteer) == told


@pytest.mark.parametrize(
    "said",
    [
        "two web servers, each with nginx and 4GB of RAM",
        "www1 and www2, both apache, behind a haproxy",
        "Grafana and Prometheus, each with 4GB memory",
        "a blue VM and a green VM, each with 2 cores and a public IP",
        "two VMs and a database, each with 8GB memory",
        "We have 3 teams, each with a VM of its own. They need a GitLab",
        "dev and prod are both down",
        "three web servers need disks with 100GB",
        "a backup every 6 hours for both of them",
        "a VM with 2 disks, each with 100GB",
    ],
)
def test_what_things_have_themselves_stays(gazetteer: Gazetteer, said: str) -> None:
    assert apiece(said, gazetteer) == said


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ("dev, staging and prod, each with an app server and a Redis cache", {"vm": 3, "cache": 3}),
        ("In both qa and prod we need a RabbitMQ and three worker VMs", {"queue": 2, "vm": 6}),
        ("We need test and live. Each has 2 Debian VMs and a MySQL", {"vm": 4, "database": 2}),
        ("Please set up a VM and a MariaDB 11 for both staging and production, budget 500 dollars a month",
         {"vm": 2, "database": 2}),
        ("We have 6 developers. Every developer gets a VM with 8GB and a Postgres", {"vm": 6, "database": 6}),
    ],
)  # fmt: skip
def test_so_many_are_made(interpreter: Interpreter, said: str, counts: dict[str, int]) -> None:
    made = kinds_of(drafted(interpreter, said))
    assert {kind: made[kind] for kind in counts} == counts
