"""What a deployment leaves behind in the server's memory: nothing but what is kept up to a bound."""

from __future__ import annotations

import gc
from collections import Counter
from functools import lru_cache

import pytest

from alma.core.agent import live
from alma.core.model.recent import Recent
from alma.middleware.templates import Templates
from tests.api.server import Server

# Whose objects are counted: those of values without a class of their own are held by one of these, if by anything.
OURS_AND_THEIRS = ("alma", "dbos", "asyncio", "_asyncio", "langgraph", "threading", "starlette")
DEPLOYMENTS = 8
KEPT = 3


def shop(name: str) -> dict[str, object]:
    return {"name": name, "resources": [{"name": "web", "type": "vm", "count": 2}]}


# Taken every so often, whatever is done, and kept for so long: a slow run has more of them.
BY_THE_CLOCK = {"alma.core.ports.telemetry.Sample"}


def living() -> Counter[str]:
    gc.collect()
    classes = (type(each) for each in gc.get_objects())
    return Counter(
        f"{found.__module__}.{found.__qualname__}"
        for found in classes
        if str(found.__module__).partition(".")[0] in OURS_AND_THEIRS
    )


def only_few_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if what is kept up to a bound had been filled long ago."""
    monkeypatch.setattr(live, "KEPT_TURNS", KEPT)
    for each in gc.get_objects():
        if issubclass(type(each), Recent):
            monkeypatch.setattr(each, "_most", KEPT)
        elif issubclass(type(each), Templates):
            monkeypatch.setattr(each, "_recent", lru_cache(maxsize=KEPT)(each._find))


def used(server: Server, name: str) -> None:
    server.deployed(shop(name))
    said = {"message": "I need a cache", "context": {"conversation_id": name}}
    server.post("/conversation/chat", said, status=200)
    for listed in ("blueprints", "iprs", "deployments", "stacks"):
        server.get(f"/{listed}")


def test_nothing_of_a_deployment_stays_in_memory(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_few_kept(monkeypatch)
    for number in range(DEPLOYMENTS):
        used(server, f"warm-{number}")
    before = living()
    for number in range(DEPLOYMENTS):
        used(server, f"more-{number}")

    grown = {name: count - before[name] for name, count in living().items()}

    kept = {name: count for name, count in grown.items() if count >= DEPLOYMENTS}
    assert {name: count for name, count in kept.items() if name not in BY_THE_CLOCK} == {}
