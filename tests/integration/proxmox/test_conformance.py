"""What is rehearsed on the simulation happens on Proxmox VE too: the same deployment, the same fault, the same end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from alma.core.model.blueprint import ResourceType
from alma.core.model.deployment import DeploymentState
from alma.core.model.state import StackRef
from alma.engines.proxmox import marker
from tests.integration.proxmox.conftest import Certificate
from tests.integration.proxmox.world import TOKEN, Pve
from tests.world import World, world

TEMPLATE = "alpine-3.20-default_20240908_amd64.tar.xz"
Fault = dict[str, Any]


@dataclass
class Scenario:
    """What goes wrong while two containers are made: how each place is told to do it, and what comes of it."""

    simulated: tuple[Fault, ...]
    real: Callable[[Pve], object]
    ends: DeploymentState = DeploymentState.SUCCEEDED
    there: tuple[str, ...] = ("app", "web")
    says: str = ""
    fails_with: str = ""


SCENARIOS: Mapping[str, Scenario] = {
    "nothing goes wrong": Scenario((), lambda pve: None),
    "a lock is held for a moment": Scenario(
        ({"kind": "locked", "action": "create", "times": 2},),
        lambda pve: pve.fail_task(
            "vzcreate", "can't lock file '/run/lock/lxc/pve-config-100.lock' - got timeout", times=2
        ),
    ),
    "tasks end with warnings": Scenario(
        ({"kind": "warning", "action": "create", "message": "the root file system is odd"},),
        lambda pve: pve.warn("vzcreate", "the root file system is odd", times=None),
        says="the root file system is odd",
    ),
    "making a guest takes long": Scenario(
        ({"kind": "slow", "action": "create", "seconds": 90},),
        lambda pve: pve.slow("vzcreate", 90),
    ),
    "a reply is lost": Scenario(
        ({"kind": "lost_reply", "action": "create", "address": "web", "times": 1},),
        lambda pve: pve.lose("POST", "/lxc"),
    ),
    "the storage is full": Scenario(
        ({"kind": "storage_full", "action": "create", "address": "web"},),
        lambda pve: pve.fail_task(
            "vzcreate", "unable to create CT: no space left on device", times=1
        ),
        ends=DeploymentState.ROLLED_BACK,
        there=(),
        fails_with="no space left",
    ),
}


@dataclass
class Place:
    """A place where deployments land."""

    here: World
    pve: Pve | None = None

    async def guests(self, stack: StackRef) -> list[str]:
        """What really is there, not by asking the engine: an address for each guest."""
        if self.pve is None:
            things = await self.here.simulation.objects(stack)
            return sorted(t.address for t in things if t.type is ResourceType.CONTAINER)
        notes = [marker.read(guest.config.get("description")) for guest in self.pve.cts]
        return sorted(
            note.marker.address for note in notes if note and note.marker.stack == stack.id
        )


@asynccontextmanager
async def simulation(tmp_path: Path, scenario: Scenario) -> AsyncIterator[Place]:
    async with world(tmp_path, simulation={"faults": scenario.simulated}) as here:
        yield Place(here)


@asynccontextmanager
async def proxmox(
    tmp_path: Path, scenario: Scenario, pve: Pve, certificate: Certificate
) -> AsyncIterator[Place]:
    pve.store_file("local", TEMPLATE, 3 * 1024**2, content="vztmpl")
    scenario.real(pve)
    settings = {
        "urls": (pve.url,),
        "token": TOKEN,
        "ca_file": certificate.cert,
        "poll_least": 0.001,
        "poll_most": 0.01,
        "lock_timeout": 20,
        "request_timeout": 5,
    }
    async with world(tmp_path, others={"proxmox": settings}) as here:
        yield Place(here, pve)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("where", ["simulation", "proxmox"])
async def test_a_rehearsal_ends_as_the_real_thing_does(
    where: str, name: str, tmp_path: Path, pve: Pve, certificate: Certificate
) -> None:
    scenario = SCENARIOS[name]
    opened = (
        simulation(tmp_path, scenario)
        if where == "simulation"
        else proxmox(tmp_path, scenario, pve, certificate)
    )
    async with opened as place:
        ended = await place.here.run(await place.here.request(_document(where)))
        log = place.here.log(ended.id)
        assert ended.state is scenario.ends, ended.error
        assert await place.guests(ended.plan.stack) == [*scenario.there]
        assert scenario.says in " ".join(event.message for event in log)
        assert scenario.fails_with in str(ended.error)


def _document(where: str) -> dict[str, Any]:
    guest = {"type": "container", "image": "alpine", "specs": {"memory": "128MB", "disk": "1GB"}}
    own = {"options": {"proxmox": {"anti_affinity": False}}}
    return {
        "name": "rehearsed",
        "engine": where,
        "resources": [{"name": name, **guest, **own} for name in ("web", "app")],
    }
