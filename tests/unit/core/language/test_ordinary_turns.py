"""What ordinary people say first: a website on its program, both of a pair, one of what was asked about, an amount
asked for what is in trouble. Each in several ways, and with what only looks like it."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Intent
from tests.unit.core.language.conversing import held, shop


def _told(draft: Blueprint) -> list[str]:
    return [
        " ".join(str(part) for part in (r.type.value, r.engine or r.image, r.specs.memory) if part)
        for r in draft.resources
    ]


_SHOP = shop(
    {"name": "web", "type": "vm", "specs": {"cpu": 2, "memory": "4GB"}},
    {"name": "db", "type": "database", "engine": "mysql", "specs": {"memory": "2GB"}},
)


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ("A static website on nginx. No database, no load balancer.", ["service nginx"]),
        ("we need a static site, nginx", ["service nginx"]),
        ("landing page using caddy", ["service caddy"]),
        ("a homepage with nginx for the club", ["service nginx"]),
        ("website running on nginx", ["service nginx"]),
        ("two websites on nginx", ["service nginx", "service nginx"]),
        ("static site on an nginx server", ["vm nginx 4GB"]),
        ("a vm with nginx for a static website", ["vm nginx 4GB"]),
        ("a website, no database", ["vm nginx 4GB"]),
        ("our shop on magento with mysql", ["service magento", "database mysql"]),
        ("a web app with 2 app servers and a postgres", ["vm debian-12 4GB"] * 2 + ["database postgresql"]),
        ("Navidrome and Gitea? Both can have 1GB", ["service navidrome 1GB", "service gitea 1GB"]),
        ("put up Gitea and Grafana, both can have 2GB of memory", ["service gitea 2GB", "service grafana 2GB"]),
        ("a VM and a postgres? They both need 8GB.", ["vm debian-12 8GB", "database postgresql 8GB"]),
        ("Paperless with Redis please", ["service paperless-ngx", "cache redis"]),
    ],
)  # fmt: skip
def test_what_is_made_is_what_was_named(
    interpreter: Interpreter, said: str, made: list[str]
) -> None:
    assert _told(held(interpreter, [said])[0]) == made


@pytest.mark.parametrize(
    ("said", "memory"),
    [
        ("MySQL is struggling. Can it have 6GB instead?", ["4GB", "6GB"]),
        ("db is slow. Could it get 6GB?", ["4GB", "6GB"]),
        ("web runs out of memory, can it have 8GB?", ["8GB", "2GB"]),
        ("The database is too small. Can it have 6GB?", ["4GB", "6GB"]),
        ("can it handle 600 users?", ["4GB", "2GB"]),
        ("Can it have 6GB instead?", ["4GB", "2GB"]),
        ("web doesn't need that much, 2GB is plenty", ["2GB", "2GB"]),
        ("web doesn't need that much", ["4GB", "2GB"]),
        ("two more VMs with 16GB each", ["4GB", "2GB", "16GB", "16GB"]),
    ],
)
def test_an_amount_goes_to_what_was_told_of(
    interpreter: Interpreter, said: str, memory: list[str]
) -> None:
    draft, read = held(interpreter, [said], _SHOP)
    assert [str(r.specs.memory) for r in draft.resources] == memory
    assert read.question is None or not read.edits


@pytest.mark.parametrize(
    ("turns", "made"),
    [
        (("what is LXC?", "ok, then make me one with Debian called dock"), ["container debian 512MB"]),
        (("what is redis good for?", "I'd like one with 2GB"), ["cache redis 2GB"]),
        (("what's a vm?", "give me two of those"), ["vm debian-12 4GB"] * 2),
        (("what's the difference between a vm and a container?", "give me one"), []),
        (("two vms", "add a postgres", "give both 8GB"), ["vm debian-12 8GB"] * 2 + ["database postgresql"]),
    ],
)  # fmt: skip
def test_one_and_both_are_what_was_spoken_of(
    interpreter: Interpreter, turns: tuple[str, ...], made: list[str]
) -> None:
    assert _told(held(interpreter, turns)[0]) == made


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("turn on backups for db, we need 30 days", 30),
        ("back db up every night, we need them for 90 days", 90),
        ("enable backups for db. We need 2 weeks.", 14),
    ],
)
def test_how_long_they_are_needed_is_how_long_they_are_kept(
    interpreter: Interpreter, said: str, days: int
) -> None:
    kept = held(interpreter, [said], _SHOP)[0].resources[1].backup
    assert kept is not None
    assert kept.retention_days == days


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ('my VM does not boot any more, it just says "no bootable device"', Intent.TROUBLESHOOT),
        ('the site shows "502 bad gateway"', Intent.TROUBLESHOOT),
        ('the log says "delete everything"', Intent.UNKNOWN),
    ],
)
def test_what_a_screen_says_is_trouble_and_no_order(
    interpreter: Interpreter, said: str, intent: Intent
) -> None:
    assert interpreter.interpret(said).intent is intent
