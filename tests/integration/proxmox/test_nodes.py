"""What the nodes of a real cluster do that is easily overlooked: they speak late of their guests, start a new container
in a task of its own, let cloud-init's data in at once, and give a clone all that its template has."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from alma.core.model.blueprint import FirewallRule
from alma.core.model.errors import EngineError, OutcomeUnknown
from alma.core.model.plan import Action
from alma.core.model.software import Packages
from alma.core.model.state import DesiredResource, Status
from alma.engines.proxmox.client import Api
from alma.engines.proxmox.guests.setup import KNOWN_HOSTS
from alma.engines.proxmox.settings import ProxmoxSettings
from tests.integration.proxmox.wishes import (
    CONTAINER,
    MACHINE,
    ask,
    codes,
    errors,
    grant,
    only,
    wish,
)
from tests.integration.proxmox.wishes import machine as wished_machine
from tests.integration.proxmox.world import Pve
from tests.integration.proxmox.yard import TEMPLATE, Yard, container, machine

Make = Callable[..., DesiredResource]


@pytest.fixture
async def yard(pve: Pve, settings: ProxmoxSettings) -> AsyncIterator[Yard]:
    made = Yard(pve, settings)
    yield made
    await made.close()


# ── listings are late ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("make", [container, machine])
async def test_a_guest_that_a_listing_shows_as_it_was_is_seen_as_it_is(
    yard: Yard, make: Make
) -> None:
    yard.pve.hear()
    outcome = await yard.create(make())
    assert (await yard.see()).status is Status.RUNNING
    guest = yard.guest(outcome)
    guest.status = "stopped"
    yard.pve.hear()
    guest.status = "running"
    assert (await yard.see()).status is Status.RUNNING
    yard.engine = yard.open()
    assert (await yard.see()).status is Status.RUNNING


@pytest.mark.parametrize("make", [container, machine])
async def test_a_guest_that_really_is_down_is_seen_to_be_down(yard: Yard, make: Make) -> None:
    yard.guest(await yard.create(make())).status = "stopped"
    yard.pve.hear()
    assert (await yard.see()).status is Status.STOPPED


async def test_of_two_guests_of_an_address_the_one_that_runs_stays_whatever_a_listing_says(
    yard: Yard,
) -> None:
    old = yard.guest(await yard.create(container()))
    yard.pve.hear()  # the old one runs, and of the new one nobody knows yet
    yard.pve.fail_task("vzdestroy", "removing it failed")
    key, wished = "the-replacement", container(image="debian-12")
    with pytest.raises(EngineError):
        await yard.apply(Action.REPLACE, wished, key=key)
    assert old.status == "stopped"
    yard.engine = yard.open()
    assert (await yard.see()).properties["image"] == "debian-12"
    await yard.update(wished)
    assert yard.pve.guest(old.vmid) is None
    (left,) = (guest for guest in yard.pve.cts if not guest.template)
    assert left.status == "running"


async def test_a_guest_that_was_just_made_is_a_peer_before_any_listing_knows_it(yard: Yard) -> None:
    yard.pve.hear()
    await yard.create(container("db-1", address="10.0.1.5/24"))
    recipe = Packages(debian=("nginx",), alpine=("nginx",))
    web = container("web-1", image="debian-12", address="10.0.1.6/24", recipe=recipe)
    await yard.create(web)
    (job,) = yard.jobs
    assert job.hosts is not None
    assert {entry.name for entry in job.hosts} == {"db-1", "web-1"}


# ── starting ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_container_is_started_by_a_call_whose_end_is_seen(yard: Yard) -> None:
    yard.pve.fail_task("vzstart", "startup for container failed")
    with pytest.raises(EngineError, match="startup for container failed"):
        await yard.create(container())
    assert "start" not in yard.form("POST", "/lxc")
    assert yard.pve.cts == []


# ── cloud-init ───────────────────────────────────────────────────────────────────────────────────


async def test_a_machine_hears_of_a_new_address_by_the_reboot_that_was_announced(
    yard: Yard,
) -> None:
    await yard.create(machine(address="10.0.1.5/24"))
    before = len(yard.pve.seen)
    outcome = await yard.update(machine(address="10.0.1.6/24"))
    assert yard.order(before) == ["PUT config", "PUT cloudinit", "POST shutdown", "POST start"]
    assert outcome.warnings == ()
    assert outcome.resource is not None
    assert outcome.resource.properties == yard.shape(machine(address="10.0.1.6/24"))


async def test_a_reboot_that_cloud_init_needs_is_not_forgotten_in_a_crash(yard: Yard) -> None:
    await yard.create(machine(address="10.0.1.5/24"))
    yard.pve.drop("POST", "/status/shutdown")
    with pytest.raises(OutcomeUnknown):
        await yard.update(machine(address="10.0.1.6/24"), key="the-change")
    before = len(yard.pve.seen)
    await yard.update(machine(address="10.0.1.6/24"), key="the-change")
    assert yard.order(before) == ["POST shutdown", "POST start"]
    before = len(yard.pve.seen)
    await yard.update(machine(address="10.0.1.6/24"), key="the-change")
    assert yard.order(before) == []


async def test_the_host_key_is_forgotten_when_cloud_init_makes_a_new_one(yard: Yard) -> None:
    guest = yard.guest(await yard.create(machine(address="10.0.1.5/24")))
    assert yard.settings.state_dir is not None
    known = yard.settings.state_dir / KNOWN_HOSTS
    known.parent.mkdir(parents=True, exist_ok=True)
    known.write_text(f"{yard.stack.id}.web-1.{guest.vmid} ssh-ed25519 AAAA\n")
    await yard.update(machine(address="10.0.1.5/24", tags=["blue"]))
    assert known.read_text() != ""
    await yard.update(machine(address="10.0.1.6/24", tags=["blue"]))
    assert known.read_text() == ""


# ── clones ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_clone_keeps_nothing_of_its_template_that_changes_what_was_wished(
    yard: Yard,
) -> None:
    template = yard.pve.guest(TEMPLATE)
    template.config |= {"sockets": 2, "vcpus": 2, "balloon": 4096, "protection": 1, "cpu": "host"}
    outcome = await yard.create(machine())
    guest = yard.guest(outcome)
    assert {"sockets", "vcpus", "balloon", "protection"}.isdisjoint(guest.config)
    assert guest.config["cpu"] == "host"
    assert outcome.resource is not None
    assert outcome.resource.properties == yard.shape(machine())


async def test_a_clone_keeps_what_of_its_template_fits_the_wish(yard: Yard) -> None:
    yard.pve.guest(TEMPLATE).config |= {"balloon": 256}
    guest = yard.guest(await yard.create(machine()))
    assert guest.config["balloon"] == 256


# ── HA ───────────────────────────────────────────────────────────────────────────────────────────


async def test_a_guest_that_somebody_took_from_the_ha_stack_can_be_taken_from_it(
    yard: Yard,
) -> None:
    guest = yard.guest(await yard.create(container(ha={"state": "started"})))
    yard.pve.meddle(
        "DELETE", f"/cluster/ha/resources/ct:{guest.vmid}", lambda: setattr(guest, "ha_state", None)
    )
    await yard.update(container())
    assert guest.ha_state is None


# ── processors ───────────────────────────────────────────────────────────────────────────────────


async def test_a_machine_from_an_image_has_a_processor_on_which_systems_of_today_start(
    yard: Yard,
) -> None:
    yard.pve.vms.clear()
    guest = yard.guest(await yard.create(machine(cpu_type="host")))
    assert guest.config["cpu"] == "host"
    await yard.update(machine())
    assert guest.config["cpu"] == "x86-64-v2-AES"
    other = yard.guest(await yard.create(machine("web-2")))
    assert other.config["cpu"] == "x86-64-v2-AES"


# ── what the datacenter says ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("on", [True, False])
async def test_rules_that_nothing_would_obey_are_told(pve: Pve, api: Api, *, on: bool) -> None:
    pve.firewall_on = on
    wished = wish().model_copy(update={"rules": (FirewallRule(target="web"),)})
    assert ("firewall_off" in codes(await ask(api, wished))) is not on
    assert "firewall_off" not in codes(await ask(api, wish()))


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        ({}, False),
        ({"user-tag-access": {"user-allow": "list"}, "allowed-tags": ["blue"]}, True),
        ({"user-tag-access": "user-allow=existing", "allowed-tags": []}, True),
        ({"registered-tags": ["alma"]}, True),
        ({"registered-tags": ["red"]}, False),
    ],
)
async def test_tags_that_the_datacenter_keeps_are_told_before_anything_is_made(
    pve: Pve, api: Api, *, options: dict[str, Any], refused: bool
) -> None:
    pve.options = options
    assert "tags_not_allowed" not in codes(await ask(api, wish()))
    grant(pve, CONTAINER)
    assert ("tags_not_allowed" in codes(await ask(api, wish()))) is refused


async def test_the_order_of_machines_takes_a_privilege_that_is_looked_for(
    pve: Pve, api: Api
) -> None:
    grant(pve, {**MACHINE, "/": "Sys.Audit"})
    found = only(await ask(api, wished_machine(startup={"order": 1})), "missing_privilege")
    assert "Sys.Modify on /" in found.message


async def test_a_vnet_whose_zone_nobody_may_see_is_used_all_the_same(pve: Pve, api: Api) -> None:
    pve.vnets["blue"] = "lab"
    grant(pve, {**CONTAINER, "/sdn/zones/lab/blue": "SDN.Use"})
    assert errors(await ask(api, wish(bridge="blue"))) == []


async def test_a_clone_that_a_crash_left_loses_what_it_should_not_have_as_well(yard: Yard) -> None:
    yard.pve.guest(TEMPLATE).config |= {"sockets": 2}
    yard.pve.lose("POST", "/clone")
    with pytest.raises(OutcomeUnknown):
        await yard.create(machine(), key="the-change")
    guest = yard.guest(await yard.create(machine(), key="the-change"))
    assert "sockets" not in guest.config
