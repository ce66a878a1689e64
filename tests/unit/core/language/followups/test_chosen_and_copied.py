"""Turns that choose other software, copy what was just named, or say what the number and the kind before them meant."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from tests.unit.core.language.conversing import held


@pytest.mark.parametrize(
    ("turns", "engines"),
    [
        (["queue service, probably rabbit", "NATS would be lighter, go with that"], ["nats"]),
        (["a mysql database, 8GB", "MariaDB would be simpler, let's take that"], ["mariadb"]),
        (["redis cache please", "valkey is more open, use that one"], ["valkey"]),
        (["one nextcloud", "seafile would be faster, take that one please"], ["seafile"]),
        (["create a cassandra database", "I misspoke, couchdb"], ["couchdb"]),
        (["a redis cache", "slip of the tongue, memcached"], ["memcached"]),
        (["wordpress for the club", "my son says ghost is nicer. ghost then please"], ["ghost"]),
        (["a mongodb", "the developers prefer postgres. postgres then"], ["postgresql"]),
        (["install gitlab", "gitea instead, gitlab eats too much memory"], ["gitea"]),
        (["kafka please", "nats instead, kafka is too heavy"], ["nats"]),
        (
            ["rabbitmq with 4GB", "can it replay messages?", "alright kafka then, same size"],
            ["kafka"],
        ),
        (["a postgres db", "and a redis"], ["postgresql", "redis"]),
        (["a grafana", "prometheus too please"], ["grafana", "prometheus"]),
        (["install gitlab", "and jenkins then"], ["gitlab", "jenkins"]),
        (["a mysql db", "what about postgres?"], ["mysql"]),
        (["nginx and redis", "Don't bother with redis, traffic is tiny"], ["nginx"]),
        (["nginx and mysql", "we can do without mysql, the data fits in a sheet"], ["nginx"]),
        (["nginx and a mongodb", "No need for mongodb, it keeps everything in files"], ["nginx"]),
    ],
)
def test_what_is_chosen_runs_instead(
    interpreter: Interpreter, turns: list[str], engines: list[str]
) -> None:
    draft, _ = held(interpreter, turns)
    assert [r.engine for r in draft.resources] == engines


@pytest.mark.parametrize(
    ("turns", "names"),
    [
        (["four VMs named n1, n2, n3 and n4", "delete all but n1"], ["n1"]),
        (["three containers c1, c2, c3", "delete all containers but c1"], ["c1"]),
        (["a VM called alpha", "add another one called beta", "delete that one again"], ["alpha"]),
        (["a VM called alpha", "one more called beta", "get rid of that one"], ["alpha"]),
        (["a redis called ants", "same again, called bees", "and once more, called cats"],
         ["ants", "bees", "cats"]),
        (["a VM called left", "and another, called right", "and yet another called mid"],
         ["left", "right", "mid"]),
        (["api-prod: ubuntu vm with 8GB", "now api-staging, same but 4GB"],
         ["api-prod", "api-staging"]),
        (["a postgres called ord-prod", "now ord-dev, the same with 2GB"], ["ord-prod", "ord-dev"]),
        (["a vm called w-1", "one more", "hm, three more actually"], ["w-1", "w-2", "w-3", "w-4"]),
        (["three vms", "two more", "sorry, three more"], [f"vm-{n}" for n in range(1, 7)]),
        (["a vm with 4GB", "one more please", "and two more"], [f"vm-{n}" for n in range(1, 5)]),
        (["two VMs with 2 cores", "I said two but we need three VMs"], ["vm-1", "vm-2", "vm-3"]),
        (["two containers", "I said two but we need three"],
         ["container-1", "container-2", "container-3"]),
        (["two servers please", "VMs"], ["vm-1", "vm-2"]),
    ],
)  # fmt: skip
def test_so_many_are_there(interpreter: Interpreter, turns: list[str], names: list[str]) -> None:
    draft, _ = held(interpreter, turns)
    assert [r.name for r in draft.resources] == names


@pytest.mark.parametrize(
    ("turns", "path", "values"),
    [
        (["two ubuntu vms", "ubuntu -> debian"], "image", ["debian"] * 2),
        (["an ubuntu vm", "make it fedora", "hmm, back to ubuntu"], "image", ["ubuntu"]),
        (["three machines", "containers"], "type", ["container"] * 3),
        (["postgres pls", "15"], "version", ["15"]),
        (["a mysql", "8.4"], "version", ["8.4"]),
        (["MariaDB 10", "Version 11 please.", "Our ORM chokes on that. Back to 10."],
         "version", ["10"]),
        (["vms a1 and a2", "a1 with 8 cores", "I mean for both of them"], "specs.cpu", ["8"] * 2),
        (["vms a1 and a2", "a1 with 8 cores", "both of them, I mean"], "specs.cpu", ["8"] * 2),
        (["vms a1 and a2", "a1 with 8 cores", "a2 is fine"], "specs.cpu", ["8", "2"]),
    ],
)  # fmt: skip
def test_all_that_is_meant_has_it(
    interpreter: Interpreter, turns: list[str], path: str, values: list[str]
) -> None:
    draft, _ = held(interpreter, turns)
    head, _, key = path.partition(".")
    found = [getattr(r, head) for r in draft.resources]
    assert [str(getattr(each, key) if key else each) for each in found] == values
