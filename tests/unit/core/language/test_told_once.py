"""What is told of one thing in a few short words is told of that one, and makes no other."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Resource
from alma.core.model.conversation import Intent
from tests.unit.core.language.conversing import drafted


def told(resource: Resource) -> str:
    size = f" {resource.specs.memory}" if resource.specs.memory else ""
    return f"{resource.type} {resource.name}{size}"


def made(interpreter: Interpreter, message: str) -> str:
    return ", ".join(sorted(map(told, drafted(interpreter, message).resources)))


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("adguard in lxc, alpine, 256mb ram", "container adguard-1 256MB"),
        ("jellyfin in vm with 4gb", "vm jellyfin-1 4GB"),
        ("redis in lxc with 1gb", "container redis-1 1GB"),
        ("postgres in vm with 8gb", "database db-1 8GB"),
        ("plex in lxc, 4gb, and sonarr in lxc, 1gb", "container plex-1 4GB, container sonarr-1 1GB"),
        ("bookstack wiki and a mysql for it", "database db-1, service bookstack-1"),
        ("gitlab git server with 8GB", "service gitlab-1 8GB"),
        ("mediawiki wiki named lore", "service lore"),
        ("a bookstack and a wiki", "service bookstack-1, service wikijs-1"),
        ("bookstack, wiki", "service bookstack-1, service wikijs-1"),
        ("a VM called a1 with 8GB and a second one called a2", "vm a1 8GB, vm a2 8GB"),
        ("a VM called a1 with 8GB and another identical one called a2", "vm a1 8GB, vm a2 8GB"),
        ("a postgres called p1 with 4GB and an identical one called p2", "database p1 4GB, database p2 4GB"),
        ("a VM called a1 with 8GB and a second one called a2 with 2GB", "vm a1 8GB, vm a2 2GB"),
        ("gitea and drone containers, 2GB each", "container drone-1 2GB, container gitea-1 2GB"),
        ("gitea and drone containers, four colleagues work with them, 2GB apiece",
         "container drone-1 2GB, container gitea-1 2GB"),
        ("a minecraft server with 6GB, five kids play on it", "vm minecraft-1 6GB"),
        ("nextcloud, our six team members share it, 4GB", "service nextcloud-1 4GB"),
    ],
)  # fmt: skip
def test_what_is_told_of_one_thing_makes_no_other(
    interpreter: Interpreter, message: str, wanted: str
) -> None:
    assert made(interpreter, message) == wanted


@pytest.mark.parametrize(
    "message",
    [
        "for my course I have to hand in two identical Ubuntu VMs with 2GB each",
        "for class we must submit two Debian VMs",
        "I have one Proxmox host. Make 2 Debian VMs with 4GB on it.",
        "Use docker. Build two debian containers.",
    ],
)
def test_what_has_to_be_built_somewhere_is_a_beginning(
    interpreter: Interpreter, message: str
) -> None:
    assert interpreter.interpret(message).intent is Intent.CREATE
    assert len(drafted(interpreter, message).resources) == 2
