"""Changes of what is there, told in other words than orders: of another kind, handed on, put elsewhere, missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.conversation import Interpretation
from tests.unit.core.language.conversing import changed, held, shop

_HOME: Sequence[Mapping[str, Any]] = (
    {"name": "dns", "type": "vm", "specs": {"memory": "1GB"}},
    {"name": "unifi", "type": "vm", "specs": {"cpu": 2, "memory": "4GB"}},
    {"name": "nextcloud", "type": "container", "specs": {"cpu": 2, "memory": "4GB"}},
    {"name": "nc-db", "type": "database", "engine": "postgresql", "version": "15", "specs": {"memory": "8GB"}},
    {"name": "cache", "type": "cache", "engine": "redis", "version": "7", "specs": {"memory": "2GB"}},
)  # fmt: skip
_STAGES: Sequence[Mapping[str, Any]] = (
    {"name": "app-staging", "type": "container"},
    {"name": "app-production", "type": "container", "count": 3},
    {"name": "db", "type": "database", "engine": "postgresql"},
)
_PUBLIC: Sequence[Mapping[str, Any]] = (
    {"name": "web", "type": "vm", "network": {"public_ip": True}},
    {"name": "db", "type": "database", "engine": "mysql", "network": {"public_ip": True}},
)


def _read(
    interpreter: Interpreter, said: str, resources: Sequence[Mapping[str, Any]]
) -> tuple[Interpretation, dict[str, Any]]:
    """What is made of a message, and what is different then: by `name.field`, None for what is gone."""
    before = shop(*resources)
    after, read = held(interpreter, [said], before)
    return read, changed(before, after)


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("A full VM is overkill for dns, make it an LXC container", {"dns.type": "container"}),
        ("dns doesn't need a whole vm, a container will do", {"dns.type": "container"}),
        ("I want dns to run in an LXC container instead of a VM", {"dns.type": "container"}),
        ("the dns box should run in a container rather than a vm", {"dns.type": "container"}),
        ("change unifi from a VM to a container", {"unifi.type": "container"}),
        ("turn both vms into containers", {"dns.type": "container", "unifi.type": "container"}),
        ("convert dns and unifi to containers", {"dns.type": "container", "unifi.type": "container"}),
        ("could you turn dns into a container?", {"dns.type": "container"}),
        ("Turn the nextcloud container into a proper virtual machine with 8GB of RAM.",
         {"nextcloud.type": "vm", "nextcloud.memory": "8GB"}),
        ("nextcloud needs its own kernel, so make it a VM", {"nextcloud.type": "vm"}),
        ("nextcloud should be a full vm, not a container", {"nextcloud.type": "vm"}),
        ("give dns 2GB and make it a container", {"dns.type": "container", "dns.memory": "2GB"}),
        ("is dns a container?", {}),
        ("does dns need to be a vm?", {}),
    ],
)  # fmt: skip
def test_a_machine_becomes_another_kind_and_keeps_the_rest(
    interpreter: Interpreter, said: str, changes: dict[str, Any]
) -> None:
    assert _read(interpreter, said, _HOME)[1] == changes


@pytest.mark.parametrize(
    "said",
    [
        "Replace unifi with two containers, 4 cores and 8GB each",
        "swap unifi for 2 containers with 4 cores and 8GB each",
        "instead of unifi I want two containers with 4 cores and 8GB each",
    ],
)
def test_one_machine_is_replaced_by_several(interpreter: Interpreter, said: str) -> None:
    alone = [each for each in _HOME if each["name"] != "nextcloud"]
    changes = _read(interpreter, said, alone)[1]
    assert changes["unifi.type"] is None
    new = [key for key, value in changes.items() if key.endswith(".type") and value == "container"]
    assert len(new) == 2
    assert all(changes[key.replace(".type", ".memory")] == "8GB" for key in new)


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("give unifi 8GB, upgrade the database to postgres 17", {"unifi.memory": "8GB", "nc-db.version": "17"}),
        ("give dns 4 cores and upgrade postgres to 17", {"dns.cpu": 4, "nc-db.version": "17"}),
        ("unifi to 8GB memory, nc-db to postgres 17, cache to redis 8",
         {"unifi.memory": "8GB", "nc-db.version": "17", "cache.version": "8"}),
        ("give the cache 4GB and update redis to 7.4", {"cache.memory": "4GB", "cache.version": "7.4"}),
        ("our plugin breaks on the new postgres, go back to version 14 please", {"nc-db.version": "14"}),
        ("Postgres 15 gives us trouble, back to 14 please", {"nc-db.version": "14"}),
        ("put postgres back on 14", {"nc-db.version": "14"}),
        ("roll nc-db back to postgres 14", {"nc-db.version": "14"}),
        ("redis 7 has licence trouble, return to version 6", {"cache.version": "6"}),
        ("give unifi 8 cores and nc-db 16GB", {"unifi.cpu": 8, "nc-db.memory": "16GB"}),
    ],
)  # fmt: skip
def test_a_version_is_no_amount(
    interpreter: Interpreter, said: str, changes: dict[str, Any]
) -> None:
    assert _read(interpreter, said, _HOME)[1] == changes


@pytest.mark.parametrize("said", ["please go back to version 3", "roll back to revision 2"])
def test_a_version_of_the_draft_is_rolled_back_to(interpreter: Interpreter, said: str) -> None:
    assert _read(interpreter, said, _HOME)[0].intent == "rollback"


@pytest.mark.parametrize(
    "said",
    [
        "delete unifi and give its 4GB to nextcloud",
        "nobody uses unifi anymore so delete it and give its 4GB to nextcloud",
        "remove unifi, nextcloud gets its memory",
        "unifi can go, nextcloud can have its 4GB",
        "remove unifi and hand its RAM over to nextcloud",
        "delete unifi and give nextcloud its memory",
    ],
)
def test_what_goes_hands_on_its_memory(interpreter: Interpreter, said: str) -> None:
    changes = _read(interpreter, said, _HOME)[1]
    assert changes["unifi.type"] is None
    assert changes["nextcloud.memory"] == "8GB"
    assert not any(key.startswith(("dns", "nc-db", "cache")) for key in changes)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("move dns over to the pve2 node", ["dns"]),
        ("move dns to pve2", ["dns"]),
        ("put dns on the second node, pve2", ["dns"]),
        ("can you move dns to the other host, pve2", ["dns"]),
        ("dns should live on pve2", ["dns"]),
        ("dns and unifi to node pve2 please", ["dns", "unifi"]),
        ("put all containers on pve2", ["nextcloud"]),
    ],
)
def test_machines_are_put_on_a_node(
    interpreter: Interpreter, said: str, names: Sequence[str]
) -> None:
    assert _read(interpreter, said, _HOME)[1] == {f"{name}.node": "pve2" for name in names}


@pytest.mark.parametrize(
    "said",
    [
        "There's no firewall in here, add one",
        "there isn't a firewall yet, please add one",
        "I don't see a firewall. Put one in.",
        "we are missing a firewall, can you add one?",
        "no firewall? add one",
    ],
)
def test_what_is_missed_is_added(interpreter: Interpreter, said: str) -> None:
    read, changes = _read(interpreter, said, _HOME)
    assert "firewall" in changes.values()
    assert read.question is None


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ("Production should run 5 app containers, staging is fine with the one.", (1, 5)),
        ("staging with 2 containers, production with 6", (2, 6)),
        ("run 5 app containers in production and 2 in staging", (2, 5)),
        ("5 containers in prod please", (1, 5)),
        ("production needs 5 instances, leave staging alone", (1, 5)),
    ],
)
def test_each_environment_has_its_own_number(
    interpreter: Interpreter, said: str, counts: tuple[int, int]
) -> None:
    was = {"app-staging.count": 1, "app-production.count": 3}
    new = {"app-staging.count": counts[0], "app-production.count": counts[1]}
    changes = {key: value for key, value in new.items() if was[key] != value}
    assert _read(interpreter, said, _STAGES)[1] == changes


@pytest.mark.parametrize(
    "said",
    [
        "Why does the db have a public ip?? Take that off, only web should be public.",
        "only web should be public",
        "nothing but web may be reachable from the internet",
        "just web should have a public ip, nothing else",
    ],
)
def test_one_alone_is_public(interpreter: Interpreter, said: str) -> None:
    changes = _read(interpreter, said, _PUBLIC)[1]
    assert changes in ({"db.public_ip": None}, {"db.public_ip": False})


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("set NODE_ENV=production on nextcloud", {"nextcloud.NODE_ENV": "production"}),
        ("set the env var TZ to Europe/Berlin on nextcloud", {"nextcloud.TZ": "Europe/Berlin"}),
        ("add env DEBUG=1 to nextcloud", {"nextcloud.DEBUG": "1"}),
        ("NODE_ENV should be production on nextcloud", {"nextcloud.NODE_ENV": "production"}),
        ("change LOG_LEVEL to debug on nextcloud", {"nextcloud.LOG_LEVEL": "debug"}),
    ],
)
def test_a_variable_is_set(interpreter: Interpreter, said: str, changes: dict[str, Any]) -> None:
    assert _read(interpreter, said, _HOME)[1] == changes


def test_a_variable_that_goes_takes_nothing_else_with_it(interpreter: Interpreter) -> None:
    resources = [{"name": "api", "type": "container", "env": {"NODE_ENV": "production"}}]
    assert _read(interpreter, "remove NODE_ENV from api", resources)[1] == {"api.NODE_ENV": None}


@pytest.mark.parametrize(
    "said",
    [
        "unifi to 8GB and nightly backups for nc-db",
        "give unifi 8GB and daily backups to nc-db",
        "Two things: unifi to 8GB, and a nightly backup of nc-db.",
    ],
)
def test_backups_are_of_what_is_named_with_them(interpreter: Interpreter, said: str) -> None:
    changes = _read(interpreter, said, _HOME)[1]
    assert changes["unifi.memory"] == "8GB"
    assert changes["nc-db.backup"]["schedule"] == "daily"
    assert len(changes) == 2


@pytest.mark.parametrize(
    "said",
    [
        "With a single server the cache makes no sense, please take it out.",
        "since nobody logs in, the cache is pointless. drop it",
        "a cache is overkill with one machine, get rid of it",
    ],
)
def test_what_is_useless_goes_alone(interpreter: Interpreter, said: str) -> None:
    changes = _read(interpreter, said, _HOME)[1]
    assert {key.partition(".")[0] for key in changes} == {"cache"}
    assert changes["cache.type"] is None
