"""Whatever goes wrong at whatever call: nothing is made twice, nothing foreign is touched, nothing is left untold.

A few dozen deployments run here; `ALMA_TEST_STORMS=500` runs so many seeds and every blow on every call, and
`ALMA_TEST_STORM=17` that seed alone.
"""

from __future__ import annotations

import itertools
import logging
import os
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from alma.core.model.deployment import DeploymentState, OnFailure
from alma.core.model.errors import AlmaError
from alma.core.model.plan import Action, PlanKind
from alma.core.model.principal import LOCAL
from alma.core.model.state import DesiredResource
from alma.core.model.units import Size
from alma.engines.proxmox.settings import ProxmoxSettings
from tests.contract.harness import new_key
from tests.integration.proxmox.conftest import Certificate
from tests.integration.proxmox.storm import Audit, Blow, Planned, Storm, chosen
from tests.integration.proxmox.world import TOKEN, TOKEN_SECRET
from tests.integration.proxmox.yard import Yard, container, machine
from tests.world import World, world

LOG = logging.getLogger(__name__)
ONE = os.environ.get("ALMA_TEST_STORM")
SEEDS = [int(ONE)] if ONE else range(int(os.environ.get("ALMA_TEST_STORMS", "5")))


@pytest.fixture
async def pve(certificate: Certificate) -> AsyncIterator[Storm]:
    cluster = Storm(host=certificate.host, port=0)
    cluster.time_scale = 0.0004
    cluster.node("pve2")
    await cluster.start(str(certificate.cert), str(certificate.key))
    yield cluster
    await cluster.calm()
    await cluster.stop()


def estate(name: str, chance: random.Random, **more: Any) -> dict[str, Any]:
    """Two machines on two nodes and a container."""
    specs = {"cpu": 1, "memory": "512MB", "disk": "4GB"}
    wish = {"specs": specs, **more}
    last = chance.randrange(10, 240)
    return {
        "name": name,
        "engine": "proxmox",
        "resources": [
            {
                "name": "app",
                "type": "vm",
                "image": "debian-12",
                "network": {"private_ip": f"10.0.{last}.2"},
                "options": {"proxmox": {"node": "pve1", "address": f"10.0.{last}.2/24"}},
                **wish,
            },
            {
                "name": "web",
                "type": "container",
                "image": "alpine",
                "depends_on": ["app"],
                "options": {"proxmox": {"node": "pve2", "address": f"10.0.{last}.3/24"}},
                **wish,
            },
            {
                "name": "aux",
                "type": "container",
                "image": "alpine",
                "options": {"proxmox": {"node": "pve1", "address": f"10.0.{last}.4/24"}},
                **wish,
            },
        ],
    }


def settings_of(pve: Storm, certificate: Certificate) -> dict[str, Any]:
    return {
        "urls": (pve.url,),
        "token": TOKEN,
        "ca_file": certificate.cert,
        "poll_least": 0.001,
        "poll_most": 0.01,
        "lock_timeout": 0.3,
        "request_timeout": 0.5,
        "task_timeout": 0.4,
        "stop_timeout": 1,
    }


def stocked(pve: Storm, settings: dict[str, Any]) -> None:
    Yard(pve, ProxmoxSettings.model_validate(settings)).add_template(9001, "other")
    pve.add_ct(100, "somebody-elses", config={"description": "precious"})


async def deployed(
    here: World, audit: Audit, document: dict[str, Any], *, blows: list[Planned], **more: Any
) -> Any:
    """One deployment in a storm, looked at when it is calm again."""
    here_before = more.pop("before")
    wanted = more.pop("wanted")
    keep = more.pop("on_failure", OnFailure.ROLL_BACK)
    ipr = await here.request(document, **more)
    audit.pve.arm(*blows)
    queued = await here.iprs.deploy(LOCAL, ipr.id, on_failure=keep)
    audit.pve.cancel = lambda: _cancel(here, queued.id)
    ended = await here.ended(queued.id)
    LOG.warning("%s after %s", ended.state, audit.pve.fell)  # shown when the test fails
    await audit.pve.calm()
    await audit.after(ended, wanted=wanted, before=here_before)
    return ended


def _cancel(here: World, id_: str) -> None:
    try:
        here.deployments.cancel(LOCAL, id_)
    except AlmaError:
        return  # it has ended


ALL = ("app", "aux", "web")


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_goes_wrong_nothing_is_made_twice_or_left_untold(
    seed: int,
    tmp_path: Path,
    pve: Storm,
    certificate: Certificate,
    caplog: pytest.LogCaptureFixture,
) -> None:
    chance = random.Random(seed)
    settings = settings_of(pve, certificate)
    stocked(pve, settings)
    async with world(tmp_path, others={"proxmox": settings}) as here:
        audit = Audit(here, pve)
        audit.remember()
        document = estate(f"storm-{seed}", chance)
        first = await deployed(
            here, audit, document, blows=chosen(chance), wanted=ALL, before=set()
        )
        id_ = first.plan.target.blueprint_id
        calm: dict[str, Any] = {"blows": [], "blueprint_id": id_}
        await succeeds(here, audit, document, calm)
        changed = estate(f"storm-{seed}", chance, specs={"cpu": 2, "memory": "1GB", "disk": "6GB"})
        if chance.random() < 0.6:
            changed["resources"][2]["image"] = "debian-12"
            changed["resources"][0]["image"] = "other"
        await deployed(
            here, audit, changed, blows=chosen(chance), wanted=ALL, before={*ALL}, blueprint_id=id_
        )
        await succeeds(here, audit, changed, calm)
        gone = {"kind": PlanKind.DESTROY, "volumes": True, "blueprint_id": id_, "wanted": ()}
        await deployed(here, audit, changed, blows=chosen(chance), before={*ALL}, **gone)
        assert (await deployed(here, audit, changed, blows=[], before=set(), **gone)).state is (
            DeploymentState.SUCCEEDED
        )
        assert audit.own(first.plan.stack) == {}
    assert "fault of ALMA's own" not in caplog.text
    assert TOKEN_SECRET not in caplog.text


async def succeeds(
    here: World, audit: Audit, document: dict[str, Any], calm: dict[str, Any]
) -> None:
    """In calm weather the same deployment brings everything in order, and then there is nothing left to do."""
    ended = await deployed(here, audit, document, **calm, wanted=ALL, before={*ALL})
    assert ended.state is DeploymentState.SUCCEEDED, ended.error
    target = await here.plans.target(LOCAL, calm["blueprint_id"])
    plan = await here.plans.make(LOCAL, target)
    assert [change.address for change in plan.effective] == []


# ── every call, one after the other ──────────────────────────────────────────────────────────────

EVERY = "ALMA_TEST_STORMS" in os.environ
ON_A_CALL = (
    (
        Blow.REPLY_LOST,
        Blow.NEVER_ARRIVED,
        Blow.REFUSED_596,
        Blow.DONE_599,
        Blow.ARRIVES_LATE,
        Blow.LOCK_FILE,
        Blow.TASK_HANGS,
    )
    if EVERY
    else (Blow.REPLY_LOST,)
)
BEFORE: dict[Action, dict[str, Any]] = {
    Action.CREATE: {},
    Action.UPDATE: {"cpu": 2, "disk": Size("3GiB"), "memory": Size("1GiB"), "tags": ("old",)},
    Action.REPLACE: {"image": "other"},
    Action.DELETE: {},
}


async def brought_about(
    yard: Yard, action: Action, desired: DesiredResource, key: str, *, restarts: bool
) -> None:
    """Tries again as a run does, each time as a new process if it `restarts`, until it is done."""
    for attempt in range(12):
        if attempt == 2:
            await storm_of(yard).calm()
        try:
            await yard.apply(action, desired, key=key)
        except AlmaError as error:
            if not error.retryable:
                raise
            yard.engine = yard.open() if restarts else yard.engine
        else:
            return
    pytest.fail("it is never done")


def storm_of(yard: Yard) -> Storm:
    assert isinstance(yard.pve, Storm)
    return yard.pve


@pytest.mark.parametrize("restarts", [False, True] if EVERY else [True])
@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE])
@pytest.mark.parametrize("make", [container, machine])
async def test_a_blow_on_any_call_of_a_change_is_outlived_with_one_guest(
    make: Callable[..., DesiredResource],
    action: Action,
    restarts: bool,
    pve: Storm,
    certificate: Certificate,
) -> None:
    settings = ProxmoxSettings.model_validate(
        settings_of(pve, certificate) | {"lock_timeout": 2, "task_timeout": 0.1}
    )
    Yard(pve, settings).add_template(9001, "other")
    templates = {guest.vmid for guest in pve.vms}
    desired = make(node="pve1")
    before = desired.model_copy(update={k: v for k, v in BEFORE[action].items() if k != "tags"})
    if action is Action.REPLACE and make is container:
        before = before.model_copy(update={"image": "debian-12"})
    for blow in ON_A_CALL:
        for number in itertools.count():
            yard, key = Yard(pve, settings, stocked=False), new_key()
            if action is not Action.CREATE:
                await yard.create(before)
            pve.arm(Planned(blow, number))
            await brought_about(yard, action, desired, key, restarts=restarts)
            fell = pve.fell
            await pve.calm()
            guests = [g for g in [*pve.vms, *pve.cts] if g.vmid not in templates]
            assert len(guests) == (action is not Action.DELETE), fell
            seen = (await yard.observe()).resources
            if guests:
                assert guests[0].status == "running", fell
                assert [dict(item.properties) for item in seen] == [yard.shape(desired)], fell
                await yard.delete(desired)
            assert not (await yard.observe()).resources
            there = {guest.vmid for guest in pve.vms}
            volumes = pve.storages["local-lvm"]["volumes"].values()
            assert {volume["vmid"] for volume in volumes} <= there, fell
            await yard.close()
            if not fell:
                break
