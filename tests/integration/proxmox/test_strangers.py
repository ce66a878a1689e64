"""People and other programs at work on the same cluster: what ALMA says then, and that no wrong guest is ever taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from alma.core.model.blueprint import SecretRef
from alma.core.model.errors import (
    ChangeRejected,
    EngineAuthFailed,
    EngineError,
    EngineUnavailable,
    OutcomeUnknown,
)
from alma.core.model.plan import Action, Plan, Target
from alma.core.model.state import DesiredResource, RenderedFile
from alma.core.planning.planner import make_plan, placed
from alma.engines.base import until
from alma.engines.proxmox import marker
from alma.engines.proxmox.client.errors import Refused
from alma.engines.proxmox.settings import ProxmoxSettings
from tests.contract.harness import CANARY, new_key
from tests.integration.proxmox.world import TOKEN_ID, TOKEN_SECRET, Pve
from tests.integration.proxmox.yard import Yard, container, machine


@pytest.fixture
async def yard(pve: Pve, settings: ProxmoxSettings) -> AsyncIterator[Yard]:
    made = Yard(pve, settings)
    yield made
    await made.close()


async def plan_of(yard: Yard, *desired: DesiredResource) -> Plan:
    """What would be done now, as another process sees it."""
    engine = yard.engine = yard.open()
    observation = await engine.read(yard.stack)
    prepared = await engine.prepare(desired, observation, chosen={})
    return make_plan(
        target=Target(blueprint_id=1, revision=1, engine="proxmox"),
        blueprint_name="shop",
        revision_digest="sha256:0",
        desired=placed(desired, prepared.placements),
        observation=observation,
        records=(),
        engine=engine,
        diagnostics=prepared.diagnostics,
    )


def said(plan: Plan) -> str:
    return " ".join(found.message for found in plan.diagnostics)


def actions(plan: Plan) -> dict[str, Action]:
    return {change.address: change.action for change in plan.changes}


# ── what people do to ALMA's guests ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("make", [container, machine])
async def test_a_guest_that_lost_its_tags_is_found_by_its_name_and_given_them_back(
    yard: Yard, make: Any
) -> None:
    desired = make()
    guest = yard.guest(await yard.create(desired))
    guest.config["tags"] = "precious"
    plan = await plan_of(yard, desired)
    assert actions(plan) == {"web-1": Action.UPDATE}
    await yard.update(desired)
    assert {"precious", *marker.own_tags(yard.stack)} == {*guest.config["tags"].split(";")}
    assert actions(await plan_of(yard, desired)) == {"web-1": Action.NO_OP}


@pytest.mark.parametrize("make", [container, machine])
async def test_a_guest_that_was_renamed_is_found_by_its_tags(yard: Yard, make: Any) -> None:
    desired = make()
    guest = yard.guest(await yard.create(desired))
    if make is machine:
        guest.name = "somebody-elses"
    guest.config["name" if make is machine else "hostname"] = "somebody-elses"
    assert actions(await plan_of(yard, desired)) == {"web-1": Action.NO_OP}
    await yard.delete(desired)
    assert yard.pve.guest(guest.vmid) is None


@pytest.mark.parametrize("notes", ["", "tidied up", '<!-- alma: {"marker": 1} -->'])
async def test_a_guest_whose_notes_were_damaged_is_named_by_the_plan_and_never_touched(
    yard: Yard, notes: str
) -> None:
    guest = yard.guest(await yard.create(container()))
    guest.config["description"] = notes
    before = dict(guest.config)
    plan = await plan_of(yard, container())
    assert str(guest.vmid) in said(plan)
    assert "notes" in said(plan)
    await yard.delete(container())
    assert yard.pve.guest(guest.vmid) is guest
    assert guest.config == before


async def test_a_copy_that_runs_while_the_original_is_gone_is_neither_taken_nor_removed(
    yard: Yard,
) -> None:
    original = yard.guest(await yard.create(container()))
    copy = yard.pve.add_ct(555, original.name, config=dict(original.config), defaults=False)
    yard.pve.cts.remove(original)
    before = dict(copy.config)
    plan = await plan_of(yard, container())
    assert actions(plan) == {"web-1": Action.CREATE}
    assert "555" in said(plan)
    made = yard.guest(await yard.create(container()))
    assert made.vmid != 555
    await yard.delete(container())
    assert [ct.vmid for ct in yard.pve.cts] == [555]
    assert copy.config == before


# ── what others do meanwhile ─────────────────────────────────────────────────────────────────────


async def test_a_guest_that_moves_before_it_is_destroyed_is_destroyed_where_it_is(
    yard: Yard,
) -> None:
    yard.pve.node("pve2")
    guest = yard.guest(await yard.create(container(node="pve1")))
    yard.pve.meddle("DELETE", f"/{guest.vmid}", lambda: setattr(guest, "node", "pve2"))
    await yard.delete(container(node="pve1"))
    assert yard.pve.guest(guest.vmid) is None


async def test_a_guest_that_moves_before_it_is_stopped_is_destroyed_where_it_is(yard: Yard) -> None:
    yard.pve.node("pve2")
    guest = yard.guest(await yard.create(container(node="pve1")))
    yard.pve.meddle("GET", "/status/current", lambda: setattr(guest, "node", "pve2"))
    await yard.delete(container(node="pve1"))
    assert yard.pve.guest(guest.vmid) is None


async def test_a_destroy_that_misses_something_else_is_no_success(yard: Yard) -> None:
    guest = yard.guest(await yard.create(container()))
    yard.pve.fail_task("vzdestroy", "storage 'local-lvm' does not exist")
    with pytest.raises(Refused, match="storage 'local-lvm' does not exist"):
        await yard.delete(container())
    assert yard.pve.guest(guest.vmid) is guest


async def test_many_programs_that_take_numbers_get_guests_of_their_own(yard: Yard) -> None:
    """Two installations of ALMA, and another program that takes the next number just before each of their calls."""
    other = Yard(yard.pve, yard.settings)
    foreign: dict[int, dict[str, Any]] = {}

    def take() -> None:
        vmid = min({*range(100, 200)} - {g.vmid for g in [*yard.pve.cts, *yard.pve.vms]})
        foreign[vmid] = dict(yard.pve.add_ct(vmid, f"foreign-{vmid}").config)

    for suffix in ("/lxc", "/lxc", "/clone", "/lxc"):
        yard.pve.meddle("POST", suffix, take)
    wishes = [container("web-1"), container("web-2"), machine("db-1")]
    made = await asyncio.gather(*(y.create(wish) for y in (yard, other) for wish in wishes))
    vmids = {int(one.resource.object_id) for one in made if one.resource}
    assert len(vmids) == 6
    assert len(foreign) == 4
    assert not vmids & foreign.keys()
    await asyncio.gather(*(y.delete(wish) for y in (yard, other) for wish in wishes))
    left = {ct.vmid: dict(ct.config) for ct in yard.pve.cts}
    assert left == foreign
    await other.close()


async def test_a_number_that_somebody_is_making_a_guest_under_is_given_up_at_once(
    yard: Yard,
) -> None:
    """There is nothing to wait for: this number was never ours."""
    slow = yard.pve.add_ct(300, "being-made", config={"lock": "create"}, defaults=False)
    yard.pve.cts.remove(slow)

    def take() -> None:
        slow.vmid = 100
        yard.pve.cts.append(slow)

    yard.pve.meddle("POST", "/lxc", take)
    async with asyncio.timeout(30):
        made = yard.guest(await yard.create(container()))
    assert made.vmid == 101


# ── what is under way ────────────────────────────────────────────────────────────────────────────


async def test_while_a_guest_is_being_made_nobody_says_that_there_is_none(yard: Yard) -> None:
    yard.pve.time_scale = 0.001
    gate = yard.pve.gate("vzcreate", times=1)
    yard.pve.lose("POST", "/lxc")
    with pytest.raises(OutcomeUnknown):
        await yard.create(container())
    await gate.reached(1)
    with pytest.raises(EngineUnavailable, match="being made"):
        await yard.observe()
    gate.open()

    async def idle() -> bool | None:
        return all(task["status"] != "running" for task in yard.pve.tasks.values()) or None

    assert await until(idle, within=60, every=0.001)
    assert [item.address for item in (await yard.observe()).resources] == ["web-1"]


@pytest.mark.parametrize("action", [Action.CREATE, Action.REPLACE])
async def test_a_clone_that_is_under_way_is_left_alone_until_it_is_done(
    yard: Yard, action: Action
) -> None:
    """Its configuration is not the one it will have, and it may be locked for longer than anybody waits for a lock."""
    desired, key = machine(), new_key()
    if action is Action.REPLACE:
        await yard.create(machine(cpu_type="host"))
    yard.engine = yard.open(lock_timeout=0.01)
    yard.pve.time_scale = 0.001
    gate = yard.pve.gate("qmclone", times=1)
    yard.pve.lose("POST", "/clone")
    with pytest.raises(OutcomeUnknown):
        await yard.apply(action, desired, key=key)
    await gate.reached(1)
    yard.engine = yard.open(lock_timeout=0.01)
    before = len(yard.changes())

    def look() -> None:
        assert len(yard.changes()) == before
        asyncio.get_running_loop().call_later(0.1, gate.open)

    yard.pve.meddle("GET", "/config", look)
    await yard.apply(action, desired, key=key)
    assert yard.pve.count("POST", "/clone") == (1 if action is Action.CREATE else 2)
    assert len([vm for vm in yard.pve.vms if not vm.template]) == 1


async def test_a_create_that_outlives_all_patience_is_not_made_a_second_time(yard: Yard) -> None:
    desired, key = container(), new_key()
    yard.pve.time_scale = 0.001
    gate = yard.pve.gate("vzcreate", times=1)
    for _ in range(2):
        yard.engine = yard.open(task_timeout=0.05)
        with pytest.raises(OutcomeUnknown):
            await yard.create(desired, key=key)
        with pytest.raises(EngineUnavailable, match="being made"):
            await yard.observe()
    gate.open()
    assert (await yard.create(desired, key=key)).adopted
    assert len(yard.pve.cts) == 1


# ── what is said of what is left ─────────────────────────────────────────────────────────────────


async def test_a_create_that_was_never_sent_leaves_nothing_behind_and_says_so(yard: Yard) -> None:
    """Without a token nobody can look whether there is something; but nothing was begun."""
    yard.pve.meddle("POST", "/lxc", lambda: yard.pve.apitokens.pop(TOKEN_ID))
    with pytest.raises(EngineAuthFailed) as raised:
        await yard.create(container())
    assert "left behind" not in str(raised.value.hint)


async def test_a_volume_that_stays_when_a_guest_is_removed_is_named(yard: Yard) -> None:
    guest = yard.guest(await yard.create(machine()))
    volumes = yard.pve.storages["local-lvm"]["volumes"]
    stray = f"vm-{guest.vmid}-disk-9"
    volumes[stray] = {"content": "images", "size": 1, "vmid": guest.vmid, "format": "raw"}
    outcome = await yard.delete(machine())
    assert any(stray in warning for warning in outcome.warnings)


async def test_what_put_an_old_guest_aside_says_first_why_its_successor_failed(yard: Yard) -> None:
    await yard.create(machine())
    yard.pve.fail_task("qmstart", "no such device")
    yard.pve.meddle("DELETE", "/101", lambda: setattr(yard.pve, "quorate", False))
    with pytest.raises(ChangeRejected, match="no such device") as raised:
        await yard.apply(Action.REPLACE, machine(cpu_type="host"))
    assert "is as it was left" in str(raised.value.hint)
    assert "no quorum" in str(raised.value.hint)
    yard.pve.quorate = True


# ── what nobody learns ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("make", [container, machine])
async def test_no_secret_of_a_guest_ever_reaches_the_cluster(yard: Yard, make: Any) -> None:
    """Not in a call, not in notes, not in the log of a task: what is secret goes into the guest and nowhere else."""
    desired = make(
        address="10.0.0.9/24",
        image="debian-12",
        access_secret="web-1.ssh",
        env={"PASSWORD": SecretRef(secret="web-1.password")},
        files=(RenderedFile(path="/etc/token", secret="web-1.token", mode=0o600),),
        secrets={"password": 32, "token": 32},
    )
    key = new_key()
    yard.refusal = EngineError("the repository does not answer")
    with pytest.raises(EngineError, match="repository") as raised:
        await yard.create(desired, key=key)
    yard.refusal = None
    made = await yard.create(desired, key=key)
    assert set(yard.context.asked) == {"web-1.password", "web-1.ssh", "web-1.token"}
    assert CANARY in yard.jobs[-1].model_dump_json(), "it was really used"
    shown = [seen.text for seen in yard.pve.seen]
    shown += [repr(guest.config) for guest in [*yard.pve.cts, *yard.pve.vms]]
    shown += [repr(task) for task in yard.pve.tasks.values()]
    shown += [*yard.context.lines, made.model_dump_json(), repr(raised.value), repr(yard.jobs[-1])]
    shown += [(await yard.observe()).model_dump_json(), repr(vars(raised.value))]
    assert not [text for text in shown if CANARY in text or TOKEN_SECRET in text]
    assert not [text for text in shown if "PRIVATE KEY" in text]
