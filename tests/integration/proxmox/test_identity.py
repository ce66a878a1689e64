"""Which guest is whose, and that there is exactly one of each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from alma.core.model.errors import ChangeRejected, EngineError, EngineUnavailable, OutcomeUnknown
from alma.core.model.plan import Action, Target
from alma.core.model.state import DesiredResource, Placement, Status
from alma.core.planning.planner import make_plan, placed
from alma.engines.proxmox import marker
from alma.engines.proxmox.settings import ProxmoxSettings
from tests.contract.harness import new_key
from tests.integration.proxmox.world import Pve
from tests.integration.proxmox.yard import TEMPLATE, Yard, container, machine

Make = Callable[..., DesiredResource]


@pytest.fixture
async def yard(pve: Pve, settings: ProxmoxSettings) -> AsyncIterator[Yard]:
    made = Yard(pve, settings)
    yield made
    await made.close()


async def test_b01_a_number_that_somebody_takes_first_is_given_up_for_the_next(yard: Yard) -> None:
    """Two processes of ALMA with the same listing choose the same numbers."""
    one, other = Yard(yard.pve, yard.settings), Yard(yard.pve, yard.settings)
    wishes = [container(f"web-{number}") for number in range(1, 6)]
    made = await asyncio.gather(*(y.create(wish) for y in (one, other) for wish in wishes))
    vmids = [outcome.resource.object_id for outcome in made if outcome.resource]
    assert yard.pve.count("POST", "/lxc") > 10, "they did meet"
    assert len(set(vmids)) == 10
    assert sorted(ct.vmid for ct in yard.pve.cts) == sorted(map(int, vmids))
    for stack in (one, other):
        assert len((await stack.observe()).resources) == 5
        await stack.close()


async def test_b02_a_number_that_was_chosen_and_is_another_guests_is_not_touched(
    yard: Yard,
) -> None:
    key = new_key()
    await yard.context.under(key).keep("vmid", "100")
    foreign = yard.pve.add_ct(100, "somebody-elses", config={"description": "precious"})
    before = dict(foreign.config)
    made = await yard.create(container(), key=key)
    assert made.resource is not None
    assert made.resource.object_id == "101"
    assert foreign.config == before


async def test_b02_a_guest_of_the_right_name_without_the_marker_is_not_touched(yard: Yard) -> None:
    name = marker.guest_name(yard.stack, "web-1")
    foreign = yard.pve.add_ct(100, name, config={"tags": ";".join(marker.own_tags(yard.stack))})
    before = dict(foreign.config)
    made = await yard.create(container())
    await yard.delete(container())
    assert made.resource is not None
    assert made.resource.object_id != "100"
    assert [ct.vmid for ct in yard.pve.cts] == [100]
    assert foreign.config == before


async def test_b02_a_copy_of_a_guest_made_by_hand_is_not_taken_for_it(yard: Yard) -> None:
    original = yard.guest(await yard.create(container()))
    yard.pve.add_ct(555, "copy", config=dict(original.config), defaults=False)
    observation = await yard.observe()
    assert [item.object_id for item in observation.resources] == [str(original.vmid)]
    assert any("555" in text and "copy" in text for text in observation.diagnostics)
    await yard.delete(container())
    assert [ct.vmid for ct in yard.pve.cts] == [555]


async def test_b02_a_guest_that_lost_its_notes_is_not_changed(yard: Yard) -> None:
    guest = yard.guest(await yard.create(container()))
    yard.pve.meddle("GET", f"/{guest.vmid}/config", lambda: guest.config.pop("description"))
    with pytest.raises(ChangeRejected, match="is not touched"):
        await yard.update(container(cpu=2))
    assert guest.config["cores"] == 1


@pytest.mark.parametrize(("make", "suffix"), [(container, "/lxc"), (machine, "/clone")])
async def test_b03_a_create_whose_reply_was_lost_is_adopted_and_not_repeated(
    yard: Yard, make: Make, suffix: str
) -> None:
    desired, key = make(), new_key()
    yard.pve.lose("POST", suffix)
    with pytest.raises(OutcomeUnknown):
        await yard.create(desired, key=key)
    yard.engine = yard.open()
    made = await yard.create(desired, key=key)
    assert made.adopted
    assert yard.pve.count("POST", suffix) == 1
    assert dict((await yard.see()).properties) == yard.shape(desired)
    assert (await yard.see()).status is Status.RUNNING


async def test_b03_a_create_that_is_still_under_way_is_waited_for(yard: Yard) -> None:
    """The process that began died while Proxmox was at it; the guest has no notes yet."""
    desired, key = container(), new_key()
    yard.pve.time_scale = 0.001
    gate = yard.pve.gate("vzcreate", times=1)
    yard.pve.lose("POST", "/lxc")
    with pytest.raises(OutcomeUnknown):
        await yard.create(desired, key=key)
    await gate.reached(1)
    yard.engine = yard.open()
    yard.pve.meddle("GET", "/config", gate.open)  # when it is seen to wait
    assert (await yard.create(desired, key=key)).adopted
    assert len(yard.pve.cts) == 1


async def test_b11_a_failed_create_removes_its_own_guest_and_names_what_is_left(yard: Yard) -> None:
    foreign = yard.pve.add_ct(200, "somebody-elses")
    volumes = yard.pve.storages["local-lvm"]["volumes"]
    volumes["vm-100-disk-7"] = {"content": "images", "size": 1, "vmid": 100, "format": "raw"}
    yard.pve.fail_task("qmstart", "no such device")
    with pytest.raises(ChangeRejected) as raised:
        await yard.create(machine())
    assert "no such device" in raised.value.message
    assert raised.value.details["left_behind"] == ["local-lvm:vm-100-disk-7"]
    assert "vm-100-disk-7" in (raised.value.hint or "")
    assert [vm.vmid for vm in yard.pve.vms] == [TEMPLATE]
    assert yard.pve.cts == [foreign]


async def test_b11_a_guest_whose_software_failed_stays_and_is_known_to_be_unfinished(
    yard: Yard,
) -> None:
    yard.refusal = EngineError("the repository does not answer")
    desired, key = container(image="debian-12", address="10.0.0.9/24", env={"A": "b"}), new_key()
    with pytest.raises(EngineError, match="repository"):
        await yard.create(desired, key=key)
    assert (await yard.see()).properties["unfinished"] == ["software"]
    yard.refusal = None
    await yard.create(desired, key=key)
    assert dict((await yard.see()).properties) == yard.shape(desired)
    assert len(yard.pve.cts) == 1


async def test_a_guest_that_was_there_when_its_plan_was_made_is_made_anew_on_its_node(
    yard: Yard,
) -> None:
    """What undoing the removal of a guest takes: the last plan that was approved found it there."""
    yard.pve.node("pve2", memory=1000)
    there = Placement(site={"node": "pve1", "kind": "lxc"}, reason="it is there")
    made = await yard.create(container(placement=there))
    assert yard.guest(made).node == "pve1"


@pytest.mark.parametrize("make", [container, machine])
async def test_b39_a_guest_that_moved_is_found_on_its_new_node_and_not_planned_as_deleted(
    yard: Yard, make: Make
) -> None:
    yard.pve.node("pve2")
    desired = make(node="pve1")
    guest = yard.guest(await yard.create(desired))
    assert (await yard.see()).extra["node"] == "pve1"
    guest.node = "pve2"
    seen = await yard.see()
    assert (seen.object_id, seen.extra["node"]) == (str(guest.vmid), "pve2")
    assert dict(seen.properties) == yard.shape(desired)
    await yard.delete(desired)
    assert yard.pve.guest(guest.vmid) is None


async def test_b39_a_guest_that_moves_while_it_is_read_is_found_too(yard: Yard) -> None:
    yard.pve.node("pve2")
    guest = yard.guest(await yard.create(container(node="pve1")))
    yard.pve.meddle("GET", "/pending", lambda: setattr(guest, "node", "pve2"))
    assert (await yard.see()).extra["node"] == "pve2"


async def test_a_guest_on_a_node_that_is_down_is_neither_gone_nor_made_up(yard: Yard) -> None:
    yard.pve.node("pve2")
    await yard.create(container("web-1", node="pve1"))
    await yard.create(container("web-2", node="pve2"))
    await yard.observe()
    yard.pve.set_node_offline("pve2")
    observation = await yard.observe()
    seen = {item.address: item for item in observation.resources}
    assert (seen["web-1"].status, seen["web-2"].status) == (Status.RUNNING, Status.UNKNOWN)
    assert dict(seen["web-2"].properties) == yard.shape(container("web-2", node="pve2"))
    assert any("pve2 is offline" in text for text in observation.diagnostics)
    yard.engine = yard.open()  # it has never seen the guest
    with pytest.raises(EngineUnavailable, match="pve2, which does not answer"):
        await yard.observe()


async def test_many_creates_at_once_do_not_look_at_each_other(yard: Yard) -> None:
    await yard.create(container("first"))
    wishes = [container(f"web-{number}") for number in range(1, 21)]
    prepared = await yard.engine.prepare(wishes, await yard.observe(), chosen={})
    before = yard.pve.count("GET", "/pending")
    await asyncio.gather(*(yard.create(wish) for wish in placed(wishes, prepared.placements)))
    assert yard.pve.count("GET", "/pending") == before
    assert len((await yard.observe()).resources) == 21


async def test_b44_a_second_run_of_the_same_blueprint_is_a_no_op_templates_included(
    yard: Yard,
) -> None:
    yard.add_template(9001, f"{yard.stack.name}-golden", tags="alma")
    desired = [container("web-1"), machine("db-1"), machine("lb-1", template=9001)]
    prepared = await yard.engine.prepare(desired, await yard.observe(), chosen={})
    assert [d.message for d in prepared.diagnostics if d.severity == "error"] == []
    wishes = placed(desired, prepared.placements)
    for wish in wishes:
        await yard.create(wish)
    plan = make_plan(
        target=Target(blueprint_id=1, revision=1, engine="proxmox"),
        blueprint_name="shop",
        revision_digest="sha256:0",
        desired=wishes,
        observation=await yard.observe(),
        records=(),
        engine=yard.engine,
    )
    assert {c.address: c.action for c in plan.changes} == dict.fromkeys(
        ("web-1", "db-1", "lb-1"), Action.NO_OP
    )
    changes = len(yard.changes())
    for wish in wishes:
        assert (await yard.create(wish)).adopted
    assert len(yard.changes()) == changes
