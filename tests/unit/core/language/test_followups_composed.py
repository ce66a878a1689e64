"""Orders composed of what changes, how it is said and how what it is about is named, on drafts put together at random:
what was named changes as said, and nothing else does."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint, dump_plain

Entry = dict[str, Any]
Said = tuple[str, Callable[[list[Entry]], None]]

_POOL: list[Entry] = [
    {"name": "frontend", "type": "service", "engine": "nginx", "count": 2, "specs": {"cpu": 1, "memory": "1GB"}},
    {"name": "billing-api", "type": "service", "image": "node:20", "count": 3, "specs": {"cpu": 2, "memory": "2GB"}},
    {"name": "ledger", "type": "database", "engine": "postgresql", "specs": {"cpu": 2, "memory": "8GB"}},
    {"name": "sessions", "type": "cache", "engine": "redis", "specs": {"cpu": 1, "memory": "2GB"}},
    {"name": "events", "type": "queue", "engine": "rabbitmq", "specs": {"cpu": 1, "memory": "2GB"}},
    {"name": "media", "type": "vm", "image": "debian", "specs": {"cpu": 2, "memory": "4GB"}},
    {"name": "dns", "type": "container", "image": "debian", "specs": {"cpu": 1, "memory": "1GB"}},
]  # fmt: skip
_NOUNS = {"service": "service", "database": "database", "cache": "cache", "queue": "queue", "vm": "server",
          "container": "container"}  # fmt: skip
_BEFORE = [
    "",
    "",
    "please ",
    "can you ",
    "ok now ",
    "hey, ",
    "on second thought, ",
    "also, ",
    "I'd like to ",
    "let's ",
]
_STATED = ["", "", "ok, ", "actually, ", "I think ", "btw ", "hmm, "]
_AFTER = ["", "", ".", "!", " please", " thanks", " for me", " now", ", thanks", " asap"]


def _target(chance: random.Random, entry: Entry) -> str:
    name, noun = entry["name"], _NOUNS[entry["type"]]
    alone = entry["type"] in {"database", "cache", "queue", "container"}
    ways: list[str] = [name, name, f"the {name} {noun}"]
    return chance.choice([*ways, *([f"the {noun}", f"our {noun}"] * alone)])


def _entry(draft: list[Entry], name: str) -> Entry:
    return next(entry for entry in draft if entry["name"] == name)


def _sized(chance: random.Random, entry: Entry, who: str) -> Said:
    size = chance.choice([6, 12, 16, 24])
    orders = [
        f"give {who} {size}GB of memory",
        f"set the memory of {who} to {size} GB",
        f"bump {who} to {size} gigs of ram",
        f"make {who} {size}GB RAM",
    ]
    told = [
        f"{who} needs {size} GB RAM",
        f"{who} should have {size}GB memory",
        f"{who}: {size}GB ram",
    ]
    said = _spoken(chance, orders, told)
    return said, lambda draft: _entry(draft, entry["name"])["specs"].update(memory=f"{size}GB")


def _renamed(chance: random.Random, entry: Entry, who: str) -> Said:
    new = chance.choice(["kraken", "zeus-2", "orders"])
    orders = [
        f"rename {who} to {new}",
        f"call {who} {new} from now on",
        f"change the name of {who} to {new}",
    ]
    told = [
        f"{who} should be called {new}",
        f"the name of {who} should be {new}",
        f"{who} is now called {new}",
    ]
    said = _spoken(chance, orders, told)
    return said, lambda draft: _entry(draft, entry["name"]).update(name=new)


def _removed(chance: random.Random, entry: Entry, who: str) -> Said:
    orders = [
        f"remove {who}",
        f"drop {who}",
        f"rm {who}",
        f"forget about {who}",
        f"take {who} out",
        f"leave {who} out",
    ]
    told = [
        f"we don't need {who} anymore",
        f"{who} can go",
        f"{who} isn't needed any longer",
        f"no need for {who}",
    ]
    said = _spoken(chance, orders, told)
    return said, lambda draft: draft.remove(_entry(draft, entry["name"]))


def _scaled(chance: random.Random, entry: Entry, who: str) -> Said:
    number = chance.choice([5, 6, 8])
    orders = [
        f"scale {who} to {number}",
        f"run {number} replicas of {who}",
        f"set {who} to {number} instances",
    ]
    told = [
        f"{who} needs {number} replicas",
        f"{number} copies of {who}",
        f"{who}: {entry['count']} -> {number}",
    ]
    said = _spoken(chance, orders, told)
    return said, lambda draft: _entry(draft, entry["name"]).update(count=number)


def _spoken(chance: random.Random, orders: list[str], told: list[str]) -> str:
    order = chance.random() < 0.5
    said = chance.choice(orders if order else told)
    return chance.choice(_BEFORE if order else _STATED) + said + chance.choice(_AFTER)


def _composed(chance: random.Random) -> tuple[list[Entry], str, list[Entry]]:
    draft = deepcopy(chance.sample(_POOL, chance.randint(2, 6)))
    entry = chance.choice(draft)
    ways = [_sized, _renamed, _removed, *([_scaled] * (entry["type"] == "service"))]
    said, change = chance.choice(ways)(chance, entry, _target(chance, entry))
    wanted = deepcopy(draft)
    change(wanted)
    return draft, said, wanted


def _plain(draft: list[Entry]) -> dict[str, Any]:
    blueprint = Blueprint.model_validate({"version": "1.0", "name": "shop", "resources": draft})
    return {resource.name: dump_plain(resource) for resource in blueprint.resources}


@pytest.mark.parametrize("seed", range(6))
def test_what_is_named_changes_as_it_is_said_and_nothing_else(
    interpreter: Interpreter, seed: int
) -> None:
    chance = random.Random(seed)
    wrong = []
    for _ in range(50):
        draft, said, wanted = _composed(chance)
        before = Blueprint.model_validate({"version": "1.0", "name": "shop", "resources": draft})
        read = interpreter.interpret(said, blueprint=before)
        after = apply_edits(before, read.edits)[0]
        if {r.name: dump_plain(r) for r in after.resources} != _plain(wanted):
            wrong.append((said, [entry["name"] for entry in draft], read.edits, read.question))
    assert wrong == []
