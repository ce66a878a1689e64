"""kill -9 while guests of a Proxmox VE cluster are made, changed and removed: the cluster goes on, ALMA comes back, and
there is exactly one guest for each resource.

The cluster lives in this process, and strikes the worker down from there: at the very moment at which a call arrives,
has been carried out, or its task is under way. A few of the moments are tried here, all with `ALMA_TEST_STORMS` set.
"""

from __future__ import annotations

import asyncio
import collections
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from alma.core.model.deployment import Deployment, DeploymentState, StepState
from alma.core.model.event import Event
from alma.core.model.principal import LOCAL
from alma.engines.base import until
from alma.engines.proxmox import marker
from alma.engines.proxmox.settings import ProxmoxSettings
from tests.integration.proxmox.conftest import Certificate, certificate
from tests.integration.proxmox.world import TOKEN, TOKEN_SECRET, Pve
from tests.integration.proxmox.yard import Yard
from tests.waiting import PATIENCE
from tests.world import world

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]

__all__ = ["certificate"]

REPOSITORY = Path(__file__).resolve().parents[2]
ALL = ("app", "web")
EVERY = "ALMA_TEST_STORMS" in os.environ


class Deadly(Pve):
    """A cluster that kills a worker. `fate` is asked at each moment of each change, with the call's method and path."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.fate: Callable[[str, str, str], bool] = lambda *_: False
        self.victim: asyncio.subprocess.Process | None = None

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self._moment("arrives", request)
        parent: Any = super()._middleware
        answer: web.StreamResponse = await parent(request, handler)
        self._moment("done", request)
        return answer

    def _moment(self, moment: str, request: web.Request) -> None:
        fatal = request.method != "GET" and self.fate(moment, request.method, request.path)
        if fatal and self.victim is not None:
            self.victim.kill()
            self.victim = None
            if moment == "arrives":  # and nobody reads it any more
                assert request.transport
                request.transport.abort()
                raise ConnectionResetError("the client is dead")

    async def calm(self) -> None:
        """Until every task has ended."""
        self.fate = lambda *_: False
        assert await until(self._idle, within=PATIENCE, every=0.005, at_most=0.02)

    async def _idle(self) -> bool | None:
        return all(task["status"] != "running" for task in self.tasks.values()) or None


def nth(moment: str, method: str, suffix: str, number: int = 1) -> Callable[[str, str, str], bool]:
    """The `number`-th such call, when it arrives or when it is done."""
    left = number

    def fate(*seen: str) -> bool:
        nonlocal left
        fits = seen[:2] == (moment, method) and seen[2].endswith(suffix)
        left -= fits
        return fits and left == 0

    return fate


@dataclass
class Scene:
    """An installation that may die, and the cluster that does not."""

    home: Path
    pve: Deadly
    elsewhere: Path
    foreign: dict[int, dict[str, Any]] = field(default_factory=dict)

    async def start(self, what: str, *options: str) -> asyncio.subprocess.Process:
        arguments = [str(self.home), what, "--elsewhere", str(self.elsewhere), *options]
        self.pve.victim = process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.crash.victim", *arguments),
            cwd=REPOSITORY,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        return process

    async def run(self, what: str, *options: str) -> list[str]:
        process = await self.start(what, *options)
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        assert TOKEN_SECRET.encode() not in out + err
        states: list[str] = json.loads(out)
        return states

    async def killed(self, what: str, *options: str) -> None:
        process = await self.start(what, *options)
        async with asyncio.timeout(PATIENCE):
            _, err = await process.communicate()
        assert process.returncode == -signal.SIGKILL, err.decode()
        self.pve.fate = lambda *_: False

    async def told(self) -> tuple[list[Deployment], list[Event]]:
        async with world(self.home, started=False) as here:
            deployments, _ = here.deployments.list(LOCAL)
            return list(deployments), here.log(deployments[0].id)

    def own(self) -> dict[str, list[int]]:
        """The numbers of ALMA's guests by address. What was there before must be there as it was."""
        found = collections.defaultdict(list)
        for guest in [*self.pve.vms, *self.pve.cts]:
            if guest.vmid in self.foreign:
                assert guest.config == self.foreign[guest.vmid]
                continue
            notes = marker.read(guest.config.get("description"))
            assert notes is not None, f"guest {guest.vmid} has no marker"
            assert notes.vmid == guest.vmid
            found[notes.marker.address].append(guest.vmid)
        return dict(found)

    def require_no_orphaned_volumes(self) -> None:
        there = {guest.vmid for guest in [*self.pve.vms, *self.pve.cts]}
        volumes = self.pve.storages["local-lvm"]["volumes"].values()
        assert {volume["vmid"] for volume in volumes} <= there

    async def everything_is_there_once(self) -> None:
        await self.pve.calm()
        own = self.own()
        assert {address: len(vmids) for address, vmids in own.items()} == dict.fromkeys(ALL, 1)
        assert all(g.status == "running" for g in self._made())
        self.require_no_orphaned_volumes()
        deployments, log = await self.told()
        assert deployments[0].state is DeploymentState.SUCCEEDED
        assert {step.state for step in deployments[0].steps} <= {StepState.SUCCEEDED}
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
        assert log[-1].type == "complete"
        assert TOKEN_SECRET not in "".join(event.model_dump_json() for event in log)

    def _made(self) -> list[Any]:
        return [g for g in [*self.pve.vms, *self.pve.cts] if g.vmid not in self.foreign]

    async def nothing_is_there(self) -> None:
        await self.pve.calm()
        assert self.own() == {}
        self.require_no_orphaned_volumes()


def _document(**more: Any) -> dict[str, Any]:
    """A machine, cloned, and a container, created; the container has rules, so that it starts in a call of its own."""
    wish = {"specs": {"cpu": 1, "memory": "512MB", "disk": "4GB"}, **more}
    app = {"name": "app", "type": "vm", "image": "debian-12", **wish}
    web_ = {"name": "web", "type": "container", "image": "alpine", **wish}
    app["options"] = {"proxmox": {"address": "10.0.0.2/24"}}
    web_["options"] = {"proxmox": {"address": "10.0.0.3/24"}}
    return {"name": "crash", "engine": "proxmox", "resources": [app, web_]}


@pytest.fixture
async def scene(tmp_path: Path, certificate: Certificate) -> AsyncIterator[Scene]:
    pve = Deadly(host=certificate.host, port=0)
    pve.time_scale = 0.002
    for type_ in ("qmclone", "vzcreate", "qmdestroy", "vzdestroy", "qmstart", "vzstart"):
        pve.slow(type_, 10)
    await pve.start(str(certificate.cert), str(certificate.key))
    settings = {
        "urls": [pve.url],
        "token": TOKEN,
        "ca_file": str(certificate.cert),
        "poll_least": 0.002,
        "poll_most": 0.02,
        "lock_timeout": 10,
        "stop_timeout": 2,
    }
    Yard(pve, ProxmoxSettings.model_validate(settings)).add_template(9001, "other")
    pve.add_ct(100, "crash-web", config={"description": "precious"})
    documents = {
        "deploy": _document(),
        "update": _replaced(),
    }
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(json.dumps({"engines": {"proxmox": settings}, "documents": documents}))
    foreign = {guest.vmid: dict(guest.config) for guest in [*pve.vms, *pve.cts]}
    yield Scene(tmp_path, pve, elsewhere, foreign)
    if pve.victim is not None and pve.victim.returncode is None:
        pve.victim.kill()
    await pve.stop()


def _replaced() -> dict[str, Any]:
    """Other images: both guests are replaced."""
    document = _document()
    for resource, image in zip(document["resources"], ("other", "debian-12"), strict=True):
        resource["image"] = image
    return document


@pytest.mark.parametrize(
    "point",
    ["kept:1", "kept:2", "made-unrecorded:1", "finished-unremembered:1"] if EVERY else ["kept:2"],
)
async def test_death_between_two_calls_is_survived_with_one_guest_each(
    scene: Scene, point: str
) -> None:
    await scene.killed("deploy", "--die", point)
    assert await scene.run("resume") == ["succeeded"]
    await scene.everything_is_there_once()


MAKING = [
    ("arrives", "POST", "/clone"),
    ("done", "POST", "/clone"),
    ("arrives", "POST", "/lxc"),
    ("done", "POST", "/lxc"),
    ("arrives", "PUT", "/config"),
    ("done", "PUT", "/config"),
    ("arrives", "PUT", "/resize"),
    ("arrives", "POST", "/status/start"),
    ("done", "POST", "/status/start"),
]


@pytest.mark.parametrize(("moment", "method", "suffix"), MAKING if EVERY else MAKING[1:5:3])
async def test_death_while_guests_are_made_is_survived_with_one_guest_each(
    scene: Scene, moment: str, method: str, suffix: str
) -> None:
    scene.pve.fate = nth(moment, method, suffix)
    await scene.killed("deploy")
    assert await scene.run("resume") == ["succeeded"]
    await scene.everything_is_there_once()


@pytest.mark.parametrize("type_", ["qmclone", "vzcreate"])
async def test_a_task_that_outlives_the_worker_is_waited_for_and_its_guest_taken_over(
    scene: Scene, type_: str
) -> None:
    gate = scene.pve.gate(type_, times=1)
    process = await scene.start("deploy")
    await gate.reached(1)
    process.kill()
    await process.communicate()
    scene.pve.meddle("GET", "/config", gate.open)  # when it is seen to wait
    assert await scene.run("resume") == ["succeeded"]
    await scene.everything_is_there_once()
    assert scene.pve.count("POST", "/clone") <= 1
    assert scene.pve.count("POST", "/lxc") <= 1


async def test_a_replacement_that_is_under_way_is_waited_for_and_none_is_made_beside_it(
    scene: Scene,
) -> None:
    """A container that is being made has no notes yet: the number that was kept is all there is to know it by."""
    assert await scene.run("deploy") == ["succeeded"]
    gate = scene.pve.gate("vzcreate", times=1)
    process = await scene.start("update")
    await gate.reached(1)
    process.kill()
    await process.communicate()
    scene.pve.meddle("GET", "/config", gate.open)  # when it is seen to wait
    assert await scene.run("resume") == ["succeeded", "succeeded"]
    await scene.everything_is_there_once()
    assert scene.pve.count("POST", "/lxc") == 2


REPLACING = [
    ("arrives", "PUT", "/config", 1),
    ("done", "PUT", "/config", 2),
    ("done", "POST", "/clone", 1),
    ("done", "POST", "/status/shutdown", 1),
    ("done", "POST", "/status/start", 1),
    ("arrives", "DELETE", "", 1),
    ("done", "DELETE", "", 1),
]


@pytest.mark.parametrize(
    ("moment", "method", "suffix", "number"), REPLACING if EVERY else REPLACING[3:4]
)
async def test_death_while_guests_are_replaced_leaves_the_new_ones_alone(
    scene: Scene, moment: str, method: str, suffix: str, number: int
) -> None:
    assert await scene.run("deploy") == ["succeeded"]
    before = scene.own()
    scene.pve.fate = nth(moment, method, suffix, number)
    await scene.killed("update")
    assert await scene.run("resume") == ["succeeded", "succeeded"]
    await scene.everything_is_there_once()
    assert all(scene.own()[address] != before[address] for address in ALL)


@pytest.mark.parametrize(
    ("moment", "method", "suffix"),
    [
        ("done", "DELETE", ""),
        *([("done", "POST", "/status/shutdown"), ("arrives", "DELETE", "")] if EVERY else []),
    ],
)
async def test_death_while_guests_are_destroyed_leaves_nothing(
    scene: Scene, moment: str, method: str, suffix: str
) -> None:
    assert await scene.run("deploy") == ["succeeded"]
    scene.pve.fate = nth(moment, method, suffix)
    await scene.killed("destroy")
    assert await scene.run("resume") == ["succeeded", "succeeded"]
    await scene.nothing_is_there()


@pytest.mark.parametrize("seed", range(6 if EVERY else 1))
async def test_death_at_any_moment_and_again_is_survived(scene: Scene, seed: int) -> None:
    chance = random.Random(seed)
    what = "deploy"
    for _ in range(chance.randint(1, 3)):
        moment, number = chance.choice(("arrives", "done")), chance.randint(1, 6)
        left = number

        def fate(*seen: str, moment: str = moment) -> bool:
            nonlocal left
            left -= seen[0] == moment
            return left <= 0

        scene.pve.fate = fate
        process = await scene.start(what)
        out, err = await process.communicate()
        assert process.returncode in {0, -signal.SIGKILL}, err
        what = "resume"
        if out:
            break
    scene.pve.fate = lambda *_: False
    assert await scene.run("resume") == ["succeeded"]
    await scene.everything_is_there_once()
