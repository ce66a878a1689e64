"""Which engines the contract suite runs against. A harness is imported when one of its tests runs.

An engine that lives elsewhere joins without a change here: `ALMA_TEST_HARNESSES=files=my_harness:FilesHarness` (several
with commas between them; `-k "[files"` runs only that one).
"""

from __future__ import annotations

import importlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.harness import Harness, World

HARNESSES = {
    "simulation": ("tests.contract.simulation_harness:SimulationHarness", ()),
    "proxmox": ("tests.contract.proxmox_harness:ProxmoxHarness", ()),
    "docker": ("tests.contract.docker_harness:DockerHarness", (pytest.mark.docker,)),
    "kubernetes": (
        "tests.contract.kubernetes_harness:KubernetesHarness",
        (pytest.mark.kubernetes,),
    ),
    **{
        name: (target, ())
        for item in filter(None, os.environ.get("ALMA_TEST_HARNESSES", "").split(","))
        for name, _, target in [item.partition("=")]
    },
}


_PLANT = {"simulation", "proxmox", "kubernetes"}


def importers() -> list[str]:
    """The engines whose harness can plant what they may import."""
    elsewhere = os.environ.get("ALMA_TEST_HARNESSES", "")
    return [
        name
        for name, (target, _) in HARNESSES.items()
        if name in _PLANT or (target in elsewhere and hasattr(_load(target), "plant"))
    ]


def _load(target: str) -> type[Harness]:
    module, _, name = target.partition(":")
    kind: type[Harness] = getattr(importlib.import_module(module), name)
    return kind


@pytest.fixture(params=[pytest.param(name, marks=marks) for name, (_, marks) in HARNESSES.items()])
async def harness(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Harness]:
    """A world of the engine's, cleaned up afterwards. Constructed with a directory it may use."""
    name: str = request.param
    kind = _load(HARNESSES[name][0])
    reason = kind.unavailable()
    if reason:
        required = name in os.environ.get("ALMA_TEST_REQUIRE", "").split(",")
        (pytest.fail if required else pytest.skip)(f"{name}: {reason}")
    made = kind(tmp_path)  # type: ignore[call-arg]  # a Protocol has no constructor
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@pytest.fixture
async def world(harness: Harness) -> World:
    """A new stack in which a workload can be made at once."""
    made = World(harness, await harness.engine())
    await made.prepare()
    return made
