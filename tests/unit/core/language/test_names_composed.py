"""Whatever a thing is called, however that is said, and wherever it goes: the draft has exactly that and nothing more.

Every case is put together from parts that people use; the expectation is put together beside it, so that no draft is
written down by hand.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter

_PER_SEED = 40
_NAMES = (
    "web-01", "moodle-web", "SRV-APP-01", "alpha", "Calliope", "cerberus", "jump-01", "fin-rpt-2", "red", "Mercury",
    "mail.example.org", "dc01", "ledger", "prod-erp-1", "blue", "kestrel", "dashboards", "shop-db", "gitlab-int",
    "minka", "pacs", "x-ray-2",
)  # fmt: skip
_NAMING = (
    "{thing} named {name}", "{thing} called {name}", "{thing} with the name {name}", "{thing}, name {name}",
    "{thing} (name: {name})", "{thing}, call it {name}", "{thing} and name it {name}", "{thing}, hostname {name}",
    '{thing} called "{name}"', "{thing} that is called {name}", "{thing} by the name of {name}",
    "{thing} whose name is {name}", "{thing}. Name: {name}", "{thing}. Call it {name}", "{thing}. Let's call it {name}",
    "{thing}. It should be called {name}", "{thing}. I'd like it to be named {name}",
)  # fmt: skip
_THINGS = (
    ("vm", "a VM", "vm"), ("vm", "an ubuntu vm", "vm"), ("vm", "a Debian virtual machine", "vm"),
    ("container", "an alpine container", "container"), ("database", "a postgres database", "db"),
    ("database", "a mysql", "db"), ("cache", "a redis", "cache"), ("queue", "a rabbitmq", "queue"),
    ("object_store", "a bucket", "bucket"), ("service", "a gitea", "service"),
)  # fmt: skip
_OPENINGS = (
    "Create {0}",
    "I need {0}",
    "please set up {0}",
    "Could we have {0}",
    "{0}",
    "We want {0}",
)
_PLACED = (" with ip {0}", ", address {0}", " at {0}", ", {0}", " with IP address {0}", ", ip: {0}")
_NETWORKS = ("lan", "dmz", "mgmt-net", "inside", "core", "guest", "v-lab")
_JOINED = (
    "network {net} {cidr} and ", "a network called {net} {cidr} and ", "subnet {cidr} named {net}, ",
    "a {cidr} network named {net} plus ",
)  # fmt: skip
_COUNTED = (
    "{0}: {1}",
    "{0} named {1}",
    "{0} called {1}",
    "{0} ({1})",
    "{0}, names: {1}",
    "{0} - call them {1}",
)
_NUMBERS = {2: ("2", "two"), 3: ("3", "three"), 4: ("4", "four")}


@dataclass(frozen=True)
class Drafted:
    """One resource as far as this is about it. Names are compared without their case."""

    type: str
    name: str
    address: str | None = None
    networks: tuple[str, ...] = ()


def drafted(interpreter: Interpreter, text: str) -> set[Drafted] | str:
    read = interpreter.interpret(text)
    if not read.edits:
        return f"nothing was made: {read.question}"
    if read.question:
        return f"asked: {read.question}"
    return {
        Drafted(
            str(resource.type),
            resource.name.casefold(),
            resource.network.private_ip,
            tuple(resource.network.attach),
        )
        for resource in apply_edits(None, read.edits)[0].resources
    }


def _named(chance: random.Random) -> tuple[str, set[Drafted]]:
    """One thing with a name."""
    type_, thing, _ = chance.choice(_THINGS)
    name = chance.choice(_NAMES)
    text = chance.choice(_NAMING).format(thing=thing, name=name)
    return chance.choice(_OPENINGS).format(text), {Drafted(type_, name.casefold())}


def _two(chance: random.Random) -> tuple[str, set[Drafted]]:
    """Two things of different kinds, each with its name, in one sentence."""
    first, second = chance.sample([t for t in _THINGS if t[0] != "service"], 2)
    names = chance.sample(_NAMES, 2)
    ways = [chance.choice(_NAMING[:3]) for _ in names]
    parts = [
        way.format(thing=thing[1], name=name)
        for way, thing, name in zip(ways, (first, second), names, strict=True)
    ]
    wanted = {
        Drafted(thing[0], name.casefold())
        for thing, name in zip((first, second), names, strict=True)
    }
    joint = chance.choice((" and ", ", plus ", " as well as "))
    return chance.choice(_OPENINGS).format(joint.join(parts)), wanted


def _placed(chance: random.Random) -> tuple[str, set[Drafted]]:
    """A machine with a name and an address, in a network of the same message or in none."""
    name, third = chance.choice(_NAMES[:12]), chance.randrange(1, 250)
    address, cidr = f"10.{third}.0.{chance.randrange(2, 250)}", f"10.{third}.0.0/24"
    machine = chance.choice(("a vm", "a debian VM")) + chance.choice((" named ", " called ")) + name
    text = machine + chance.choice(_PLACED).format(address)
    if chance.random() < 0.4:
        wanted = {Drafted("vm", name.casefold(), address)}
        return chance.choice(_OPENINGS).format(text), wanted
    network = chance.choice(_NETWORKS)
    before = chance.choice(_JOINED).format(net=network, cidr=cidr)
    return chance.choice(_OPENINGS).format(before + text), {
        Drafted("network", network),
        Drafted("vm", name.casefold(), address, (network,)),
    }


def _listed(chance: random.Random) -> tuple[str, set[Drafted]]:
    """Several of a kind with as many names."""
    number = chance.choice(list(_NUMBERS))
    type_, noun = chance.choice(
        (("vm", "VMs"), ("vm", "ubuntu vms"), ("container", "alpine containers"))
    )
    names = chance.sample([name for name in _NAMES if name != "mail.example.org"], number)
    joined = ", ".join(names[:-1]) + chance.choice((" and ", ", ", ", and ")) + names[-1]
    text = chance.choice(_COUNTED).format(f"{chance.choice(_NUMBERS[number])} {noun}", joined)
    after = chance.choice(("", ". 8GB memory each", ", 2 cores each"))
    return chance.choice(_OPENINGS).format(text) + after, {
        Drafted(type_, name.casefold()) for name in names
    }


@pytest.mark.parametrize("make", [_named, _two, _placed, _listed], ids=lambda make: make.__name__)
@pytest.mark.parametrize("seed", [11, 22])
def test_what_is_named_has_that_name_and_nothing_else_is_made(
    interpreter: Interpreter, make: object, seed: int
) -> None:
    assert callable(make)
    chance = random.Random(seed)
    cases = [make(chance) for _ in range(_PER_SEED)]
    wrong = {
        text: f"{sorted(map(str, wanted))} != {got if isinstance(got, str) else sorted(map(str, got))}"
        for text, wanted in cases
        if (got := drafted(interpreter, text)) != wanted
    }
    assert not wrong, "\n".join(f"{text!r}: {each}" for text, each in wrong.items())


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("two VLAN networks, office and iot", "network iot, network office"),
        ("a couple of networks, front and back", "network back, network front"),
        ("2 debian LXCs, reader and writer", "container reader, container writer"),
        ("two redis caches, sessions and pages", "cache pages, cache sessions"),
        ("3 volumes: films 4TB, shows 2TB, games 1TB", "volume films, volume games, volume shows"),
        ("two volumes - photos of 2TB and docs of 90GB", "volume docs, volume photos"),
        ("lxcs named red green and blue", "container blue, container green, container red"),
        ("three vms named huey dewey louie", "vm dewey, vm huey, vm louie"),
        ("volumes named alpha beta and gamma of 10GB each", "volume alpha, volume beta, volume gamma"),
        ("two VMs with 4GB, castor and pollux are their names", "vm castor, vm pollux"),
        ("2 LXC on the network dmz, web and ftp are their names", "container ftp, container web, network dmz"),
        ("a Debian VM with 2GB, jumphost is its name", "vm jumphost"),
        ("WireGuard box, Alpine LXC, 256MB, wg-gate is what it's called", "container wg-gate"),
        # Names of none of them.
        ("two servers: web and db", "database db-1, vm web-1"),
        ("two databases, postgres and mysql", "database db-1, database db-2"),
        ("two vms, small and cheap", "vm vm-1, vm vm-2"),
        ("an ubuntu vm, the name is not important", "vm vm-1"),
    ],
)  # fmt: skip
def test_names_that_are_listed_beside_what_they_are_of(
    interpreter: Interpreter, said: str, names: str
) -> None:
    found = drafted(interpreter, said)
    assert not isinstance(found, str), found
    assert ", ".join(sorted(f"{each.type} {each.name}" for each in found)) == names


@pytest.mark.parametrize(
    "does", ["that reads from", "which pushes into", "that writes into", "which sends to"]
)
def test_what_stands_in_brackets_behind_a_name_is_kept_whatever_the_thing_does(
    interpreter: Interpreter, does: str
) -> None:
    said = f"an LXC named bot (alpine, 256MB) {does} a Postgres 16 called facts"
    made = apply_edits(None, interpreter.interpret(said).edits)[0].resource("bot")
    assert made is not None
    assert (made.image, str(made.specs.memory)) == ("alpine", "256MB")
