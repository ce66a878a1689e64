"""How guests are made, changed and taken away: in which order, with which words, and what is never done."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import unquote_plus

import pytest

from alma.config import load_catalogue
from alma.core.model.blueprint import Blueprint, FirewallRule, Network, Resource, ResourceType
from alma.core.model.errors import ChangeRejected
from alma.core.model.plan import Action, Change, Effect, SupportLevel, Target
from alma.core.model.state import DesiredResource, ResolvedMount, Status
from alma.core.model.units import Port, Size
from alma.core.planning.planner import make_plan
from alma.core.planning.resolve import resolve
from alma.engines.proxmox import addresses, marker
from alma.engines.proxmox.settings import ProxmoxSettings
from tests.contract.harness import new_key
from tests.integration.proxmox.world import TOKEN_ID, Pve
from tests.integration.proxmox.yard import GIB, IMAGE, TEMPLATE, Yard, container, machine

Make = Callable[..., DesiredResource]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ+plus/slash ada@example.org"


@pytest.fixture
async def yard(pve: Pve, settings: ProxmoxSettings) -> AsyncIterator[Yard]:
    made = Yard(pve, settings)
    yield made
    await made.close()


# ── taking away ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("unreferenced", "said"), [(False, "0"), (True, "1")])
@pytest.mark.parametrize("make", [container, machine])
async def test_b13_purge_is_explicit_and_unreferenced_disks_go_only_when_the_settings_say_so(
    yard: Yard, make: Make, *, unreferenced: bool, said: str
) -> None:
    made = await yard.create(make())
    assert made.resource is not None
    yard.engine = yard.open(discard_unreferenced_disks=unreferenced)
    await yard.delete(make())
    form = yard.form("DELETE", made.resource.object_id)
    assert form == {"purge": "1", "destroy-unreferenced-disks": said}


@pytest.mark.parametrize("make", [container, machine])
async def test_b14_a_guest_is_shut_down_with_a_time_out_then_stopped_then_destroyed(
    yard: Yard, make: Make
) -> None:
    guest = yard.guest(await yard.create(make()))
    guest.shutdown_secs = 1000
    before = len(yard.pve.seen)
    await yard.delete(make())
    assert yard.order(before) == ["POST shutdown", "POST stop", f"DELETE {guest.vmid}"]
    assert yard.form("POST", "/shutdown") == {"timeout": str(yard.settings.stop_timeout)}
    assert yard.pve.guest(guest.vmid) is None


@pytest.mark.parametrize("action", [Action.DELETE, Action.REPLACE])
async def test_b14_a_protected_guest_is_refused_before_anything_is_shut_down(
    yard: Yard, action: Action
) -> None:
    guest = yard.guest(await yard.create(container(protection=True)))
    before = len(yard.pve.seen)
    with pytest.raises(ChangeRejected, match="is protected"):
        await yard.apply(action, container(image="debian-12"))
    assert yard.order(before) == []
    assert guest.status == "running"


# ── addresses ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hangs", [False, True])
async def test_b15_an_agent_that_says_no_address_is_waited_for_a_while_and_is_no_failure(
    yard: Yard, *, hangs: bool
) -> None:
    guest = yard.guest(await yard.create(machine()))
    guest.agent, guest.agent_hangs = ({} if hangs else None), hangs
    (check,) = await yard.engine.verify(machine(), yard.stack)
    assert check.passed
    assert "no address is known" in check.detail
    assert yard.pve.count("GET", "network-get-interfaces") >= 1


async def test_b15_a_machine_without_an_agent_is_not_asked_where_it_is(yard: Yard) -> None:
    await yard.create(machine(agent=False))
    (check,) = await yard.engine.verify(machine(agent=False), yard.stack)
    assert check.passed
    assert yard.pve.count("GET", "network-get-interfaces") == 0


async def test_b15_a_guest_that_told_no_address_is_not_waited_for_again(yard: Yard) -> None:
    await yard.create(machine())
    await yard.engine.verify(machine(), yard.stack)
    before = yard.pve.count("GET", "network-get-interfaces")
    await yard.engine.verify(machine(), yard.stack)
    assert yard.pve.count("GET", "network-get-interfaces") == before + 1


def _interface(mac: str, *texts: str) -> dict[str, Any]:
    return {"hardware-address": mac, "ip-addresses": [{"ip-address": text} for text in texts]}


INTERFACES = (
    _interface("00:00:00:00:00:00", "127.0.0.1", "::1"),
    _interface("02:42:00:00:00:01", "172.17.0.1"),
    _interface("bc:24:11:00:00:01", "fe80::1%eth0", "169.254.3.4", "fd00::5", "10.0.1.5"),
)


def test_b16_loopback_and_link_local_are_ignored_and_the_configured_family_is_preferred() -> None:
    own = frozenset({"bc:24:11:00:00:01"})
    assert addresses.usable(INTERFACES, macs=own, prefer=4) == ("10.0.1.5", "fd00::5")
    assert addresses.usable(INTERFACES, macs=own, prefer=6) == ("fd00::5", "10.0.1.5")
    assert addresses.usable(INTERFACES[:1], macs=own, prefer=4) == ()
    assert addresses.preferred(["ip=dhcp,ip6=auto"]) == 4
    assert addresses.preferred(["ip6=fd00::5/64"]) == 6


async def test_b16_an_agents_answer_becomes_the_guests_address(yard: Yard) -> None:
    guest = yard.guest(await yard.create(machine(ports=(Port(80),))))
    mac = re.search(r"virtio=([0-9A-F:]+)", guest.config["net0"])
    assert mac is not None
    guest.agent = {"interfaces": [INTERFACES[0], _interface(mac[1].lower(), "fe80::9", "10.0.1.9")]}
    (check,) = await yard.engine.verify(machine(), yard.stack)
    assert "10.0.1.9" in check.detail
    assert (await yard.see()).endpoints == ("tcp://10.0.1.9:80",)


# ── machines ─────────────────────────────────────────────────────────────────────────────────────


async def test_b17_a_clone_is_configured_then_its_cloud_init_renewed_then_grown_then_started(
    yard: Yard,
) -> None:
    guest = yard.guest(await yard.create(machine(cpu=2, user="ada", ssh_keys=[KEY])))
    assert yard.order() == ["POST clone", "PUT config", "PUT cloudinit", "PUT resize", "POST start"]
    assert (guest.config["cores"], guest.config["memory"]) == ("2", "512")
    assert guest.config["ciuser"] == "ada"
    assert "size=4G" in guest.config["scsi0"]
    assert dict((await yard.see()).properties) == yard.shape(
        machine(cpu=2, user="ada", ssh_keys=[KEY])
    )


async def test_b17_a_machine_from_an_image_goes_the_same_way(yard: Yard) -> None:
    yard.pve.vms.clear()  # no template
    desired = machine(memory=Size("1GB"), nameservers=["10.0.0.53"], search_domain="example.org")
    guest = yard.guest(await yard.create(desired))
    assert yard.form("POST", "/qemu")["scsi0"].endswith(f"import-from=local:import/{IMAGE}")
    assert yard.order()[-2:] == ["PUT resize", "POST start"]
    assert guest.config["memory"] == "954"
    assert guest.status == "running"
    assert dict((await yard.see()).properties) == yard.shape(desired)


async def test_b18_ssh_keys_arrive_percent_encoded_with_20_and_never_a_plus(yard: Yard) -> None:
    guest = yard.guest(await yard.create(machine(ssh_keys=[KEY])))
    sent = guest.config["sshkeys"]
    assert "+" not in sent
    assert "ssh-ed25519%20AAAAC3NzaC1lZDI1NTE5AAAAIJ%2Bplus%2Fslash%20ada" in sent


async def test_b26_a_linked_clone_names_no_storage_and_no_format(yard: Yard) -> None:
    await yard.create(machine("web-1", linked_clone=True))
    linked = yard.form("POST", "/clone")
    await yard.create(machine("web-2"))
    copied = yard.form("POST", "/clone")
    assert linked["full"] == "0"
    assert not {"storage", "format"} & linked.keys()
    assert (copied["full"], copied["storage"]) == ("1", "local-lvm")


async def test_b26_a_machine_that_is_no_template_is_not_cloned(yard: Yard) -> None:
    yard.pve.add_vm(500, "golden", status="running")
    with pytest.raises(ChangeRejected, match="no template"):
        await yard.create(machine(template=500, linked_clone=True))
    assert yard.order() == []


async def test_b43_nothing_relies_on_snippets(yard: Yard) -> None:
    yard.pve.vms[:] = []
    await yard.create(machine("from-image", user="ada", ssh_keys=[KEY]))
    yard.add_template(TEMPLATE, "debian-12")
    yard.engine = yard.open()
    await yard.create(machine("from-template", user="ada", ssh_keys=[KEY]))
    await yard.create(container("web-1", ssh_keys=[KEY]))
    said = " ".join(unquote_plus(seen.text) for seen in yard.pve.seen)
    assert "cicustom" not in said
    assert "snippets" not in said


# ── disks ────────────────────────────────────────────────────────────────────────────────────────

DATA = ResolvedMount(volume="data", path="/srv", size=Size("1GiB"))


@pytest.mark.parametrize(("make", "root"), [(container, "rootfs"), (machine, "scsi0")])
async def test_b19_disks_only_grow_and_what_is_big_enough_is_left_alone(
    yard: Yard, make: Make, root: str
) -> None:
    desired = make(mounts=(DATA,), address="10.0.1.5/24")
    guest = yard.guest(await yard.create(desired))
    before = len(yard.pve.seen)
    await yard.update(desired)
    assert "PUT resize" not in yard.order(before), "equal sizes are skipped"

    bigger = make(disk=Size("6GiB"), mounts=(DATA,), address="10.0.1.5/24")
    await yard.update(bigger)
    assert yard.form("PUT", "/resize") == {"disk": root, "size": "6G"}
    assert yard.order(before).count("PUT resize") == 1, "the other disk is as it was"
    assert dict((await yard.see()).properties) == yard.shape(bigger)

    before = len(yard.pve.seen)
    with pytest.raises(ChangeRejected, match=r"specs\.disk takes a new guest"):
        await yard.update(desired)
    assert yard.order(before) == []
    assert "size=6G" in guest.config[root]


async def test_b19_a_template_that_is_bigger_than_the_wish_is_kept_as_it_is(yard: Yard) -> None:
    desired = machine(disk=Size("1GiB"))
    guest = yard.guest(await yard.create(desired))
    assert "PUT resize" not in yard.order()
    assert "size=2G" in guest.config["scsi0"]
    assert dict((await yard.see()).properties) == yard.shape(desired)


async def test_b19_firmware_and_cds_are_no_disks_to_grow(yard: Yard) -> None:
    yard.add_template(9001, "uefi", bios="ovmf", efidisk0="local-lvm:base-9001-disk-1,size=4M")
    await yard.create(machine(template=9001))
    disks = [s.body.decode() for s in yard.pve.seen if s.path.endswith("/resize")]
    assert disks == ["disk=scsi0&size=4G"]


async def test_b19_a_smaller_disk_is_planned_as_a_new_guest_and_a_bigger_one_in_place(
    yard: Yard,
) -> None:
    await yard.create(container(disk=Size("4GiB")))
    for size, action in (("2GiB", Action.REPLACE), ("8GiB", Action.UPDATE)):
        plan = make_plan(
            target=Target(blueprint_id=1, revision=1, engine="proxmox"),
            blueprint_name="shop",
            revision_digest="sha256:0",
            desired=[container(disk=Size(size))],
            observation=await yard.observe(),
            records=(),
            engine=yard.engine,
        )
        assert [change.action for change in plan.changes] == [action]


@pytest.mark.parametrize("make", [container, machine])
async def test_a_volume_is_a_disk_that_is_made_kept_and_let_go_with_its_data(
    yard: Yard, make: Make
) -> None:
    plain, with_data = make(address="10.0.1.5/24"), make(mounts=(DATA,), address="10.0.1.5/24")
    guest = yard.guest(await yard.create(plain))
    await yard.update(with_data)
    assert dict((await yard.see()).properties) == yard.shape(with_data)
    key = "mp0" if make is container else "scsi1"
    assert "size=1G" in str(guest.config[key])
    await yard.update(plain)
    assert dict((await yard.see()).properties) == yard.shape(plain)
    assert key not in guest.config


# ── changing ─────────────────────────────────────────────────────────────────────────────────────


async def test_b20_a_change_that_reboots_is_announced_and_takes_effect(yard: Yard) -> None:
    guest = yard.guest(await yard.create(machine()))
    bigger = machine(memory=Size("1GiB"))
    assert yard.engine.effect(bigger, "specs.memory") is Effect.REBOOT
    before = len(yard.pve.seen)
    await yard.update(bigger)
    assert yard.order(before) == ["PUT config", "POST shutdown", "POST start"]
    assert (guest.config["memory"], guest.pending, guest.status) == ("1024", {}, "running")
    assert yard.engine.effect(container(), "specs.memory") is Effect.IN_PLACE


async def test_b20_a_change_that_waits_is_seen_and_said_to_need_a_reboot(yard: Yard) -> None:
    guest = yard.guest(await yard.create(machine()))
    guest.pending["memory"] = 2048  # what somebody changed in the web interface
    observation = await yard.observe()
    (seen,) = observation.resources
    assert seen.properties["pending"] == ["specs.memory"]
    assert seen.properties["specs.memory"] == "2GiB"
    assert observation.diagnostics == (
        "web-1: specs.memory changed and needs a reboot to take effect",
    )
    assert yard.engine.effect(machine(), "pending") is Effect.REBOOT
    await yard.update(machine(memory=Size("2GiB")))
    assert (guest.config["memory"], guest.pending) == ("2048", {})
    assert dict((await yard.see()).properties) == yard.shape(machine(memory=Size("2GiB")))


async def test_b20_a_change_that_was_made_before_a_crash_still_takes_its_reboot(yard: Yard) -> None:
    desired = container(features={"nesting": True})
    guest = yard.guest(await yard.create(desired))
    guest.pending["features"] = guest.config.pop("features")
    assert (await yard.see()).properties["pending"] == ["options.features"]
    before = len(yard.pve.seen)
    await yard.update(desired)
    assert yard.order(before) == ["POST shutdown", "POST start"]
    assert dict((await yard.see()).properties) == yard.shape(desired)


async def test_b20_a_guest_that_waits_on_nothing_of_almas_is_as_it_should_be(yard: Yard) -> None:
    guest = yard.guest(await yard.create(machine()))
    guest.pending["vga"] = "qxl"
    assert "pending" not in (await yard.see()).properties


@pytest.mark.parametrize("make", [container, machine])
async def test_b21_the_digest_is_sent_and_a_change_made_meanwhile_is_not_overwritten(
    yard: Yard, make: Make
) -> None:
    guest = yard.guest(await yard.create(make()))
    yard.pve.meddle("PUT", "/config", lambda: guest.config.update(searchdomain="example.org"))
    with pytest.raises(ChangeRejected, match=r"modified configuration|checksum mismatch"):
        await yard.update(make(cpu=2, tags=["blue"]))
    assert "digest" in yard.form("PUT", "/config")
    assert "blue" not in guest.config["tags"]
    await yard.update(make(cpu=2, tags=["blue"]))
    assert "blue" in guest.config["tags"]
    assert guest.config["searchdomain"] == "example.org"


@pytest.mark.parametrize("make", [container, machine])
async def test_b40_tags_are_compared_sorted_and_lower_case_and_those_of_people_stay(
    yard: Yard, make: Make
) -> None:
    desired = make(tags=["Web", "blue"])
    guest = yard.guest(await yard.create(desired))
    own = marker.own_tags(yard.stack)
    assert guest.config["tags"] == ";".join(sorted([*own, "blue", "web"]))
    guest.config["tags"] = ",".join([*own, "Web", "nightly", "BLUE"])
    assert dict((await yard.see()).properties) == yard.shape(desired)
    await yard.update(make(tags=["green"]))
    assert guest.config["tags"] == ";".join(sorted([*own, "green", "nightly"]))


# ── containers ───────────────────────────────────────────────────────────────────────────────────


async def test_b27_a_container_is_unprivileged_and_gets_features_only_when_asked(
    yard: Yard,
) -> None:
    await yard.create(container("web-1"))
    plain = yard.form("POST", "/lxc")
    await yard.create(container("web-2", features={"nesting": True}, swap="256MiB"))
    asked = yard.form("POST", "/lxc")
    assert plain["unprivileged"] == "1"
    assert "features" not in plain
    assert plain["swap"] == "0"
    assert (asked["features"], asked["swap"]) == ("nesting=1", "256")


async def test_a_container_is_made_in_one_call_and_started_by_another(yard: Yard) -> None:
    desired = container(ssh_keys=[KEY], startup={"order": 3, "up": 5}, protection=False)
    guest = yard.guest(await yard.create(desired))
    assert yard.order() == ["POST lxc", "POST start"]
    assert guest.status == "running"
    assert yard.form("POST", "/lxc")["ssh-public-keys"] == KEY
    assert dict((await yard.see()).properties) == yard.shape(desired)


# ── pools and HA ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("source", ["archive", "template", "image"])
async def test_b33_the_pool_is_named_when_the_guest_is_made(yard: Yard, source: str) -> None:
    """So that a token which may do anything in one pool, and nothing elsewhere, is enough."""
    if source == "image":
        yard.pve.vms.clear()
    yard.pve.pools["shop"] = set()
    privileges = "VM.Allocate VM.Audit VM.PowerMgmt VM.Config.CPU VM.Config.Memory VM.Config.Disk"
    privileges += " VM.Config.Network VM.Config.Options VM.Config.HWType VM.Config.CDROM"
    privileges += " VM.Config.Cloudinit VM.GuestAgent.Audit"
    yard.pve.grant(TOKEN_ID, "/pool/shop", *privileges.split(), "Pool.Audit")
    yard.pve.grant(TOKEN_ID, "/storage", "Datastore.AllocateSpace", "Datastore.Audit")
    yard.pve.grant(TOKEN_ID, "/sdn", "SDN.Use")
    yard.pve.grant(TOKEN_ID, "/nodes", "Sys.Audit")
    yard.pve.grant(TOKEN_ID, "/", "Sys.Audit")
    yard.pve.grant(TOKEN_ID, f"/vms/{TEMPLATE}", "VM.Clone", "VM.Audit")
    desired = container(pool="shop") if source == "archive" else machine(pool="shop")
    guest = yard.guest(await yard.create(desired))
    suffix = {"archive": "/lxc", "template": "/clone", "image": "/qemu"}[source]
    assert yard.form("POST", suffix)["pool"] == "shop"
    assert yard.pve.pools["shop"] == {guest.vmid}
    assert guest.status == "running"
    assert dict((await yard.see()).properties) == yard.shape(desired)


@pytest.mark.parametrize("make", [container, machine])
async def test_b38_with_ha_start_and_stop_are_requests_and_the_real_state_is_waited_for(
    yard: Yard, make: Make
) -> None:
    yard.pve.time_scale = 0.001
    desired = make(ha={"state": "started"})
    guest = yard.guest(await yard.create(desired))
    assert (guest.ha_state, guest.status) == ("started", "running")
    assert dict((await yard.see()).properties) == yard.shape(desired)
    await yard.delete(desired)
    assert yard.pve.guest(guest.vmid) is None


async def test_a_guest_can_be_given_to_the_ha_stack_and_taken_back(yard: Yard) -> None:
    guest = yard.guest(await yard.create(container()))
    await yard.update(container(ha={"max_restart": 2}))
    assert guest.ha_state == "started"
    await yard.update(container())
    assert guest.ha_state is None


# ── replacing ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("make", [container, machine])
async def test_a_replacement_is_made_before_the_old_guest_stops_and_never_runs_beside_it(
    yard: Yard, make: Make
) -> None:
    yard.add_template(9001, "other")
    old = yard.guest(await yard.create(make()))
    changed = make(image="debian-12") if make is container else make(template=9001)
    before = len(yard.pve.seen)
    made = await yard.apply(Action.REPLACE, changed)
    order = yard.order(before)
    create = "POST lxc" if make is container else "POST clone"
    assert order.index(create) < order.index("POST shutdown") < order.index("POST start")
    assert order[-1] == f"DELETE {old.vmid}"
    new = yard.guest(made)
    assert yard.pve.guest(old.vmid) is None
    name = marker.guest_name(yard.stack, "web-1")
    assert new.name == name
    assert dict((await yard.see()).properties) == yard.shape(changed)


async def test_a_replacement_that_can_not_start_goes_and_the_old_guest_runs_again(
    yard: Yard,
) -> None:
    old = yard.guest(await yard.create(container()))
    yard.pve.fail_task("vzstart", "no such device")
    with pytest.raises(ChangeRejected) as raised:
        await yard.apply(Action.REPLACE, container(image="debian-12"))
    assert "the previous web-1 runs again" in (raised.value.hint or "")
    assert yard.pve.cts == [old]
    assert old.status == "running"
    assert old.name == marker.guest_name(yard.stack, "web-1")
    assert dict((await yard.see()).properties) == yard.shape(container())


async def test_a_replacement_that_was_interrupted_goes_on_under_the_same_key(yard: Yard) -> None:
    old, key = yard.guest(await yard.create(container())), new_key()
    changed = container(image="debian-12")
    yard.pve.lose("POST", "/shutdown")
    with pytest.raises(Exception, match="may have been done"):
        await yard.apply(Action.REPLACE, changed, key=key)
    assert len(yard.pve.cts) == 2
    (seen,) = (await yard.observe()).resources
    assert seen.properties["leftovers"]
    yard.engine = yard.open()
    await yard.apply(Action.REPLACE, changed, key=key)
    assert len(yard.pve.cts) == 1
    assert yard.pve.guest(old.vmid) is None
    assert dict((await yard.see()).properties) == yard.shape(changed)


# ── networks and rules ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("make", [container, machine])
async def test_networks_are_cards_on_their_bridges_with_fixed_addresses(
    yard: Yard, make: Make
) -> None:
    yard.pve.bridges["pve1"] = ["vmbr0", "vmbr1"]
    lan = Resource(
        name="lan",
        type=ResourceType.NETWORK,
        cidr="10.0.1.0/24",
        vlan=5,
        options={"proxmox": {"bridge": "vmbr1", "gateway": "10.0.1.1"}},
    )
    wan = Resource(name="wan", type=ResourceType.NETWORK)
    desired = make(attached=(wan, lan), networks=("wan", "lan"))
    resource = desired.resource.model_copy(update={"network": Network(private_ip="10.0.1.5")})
    desired = desired.model_copy(update={"resource": resource})
    guest = yard.guest(await yard.create(desired))
    addresses_of = guest.config["net1"] if make is container else guest.config["ipconfig1"]
    assert "bridge=vmbr1" in guest.config["net1"]
    assert "tag=5" in guest.config["net1"]
    assert "ip=10.0.1.5/24" in addresses_of
    assert "gw=10.0.1.1" in addresses_of
    shape = yard.shape(desired)
    assert shape["network.interfaces"] == ["vmbr0", "vmbr1 vlan 5"]
    assert dict((await yard.see()).properties) == shape


async def test_rules_are_the_guests_own_and_those_of_people_stay(yard: Yard) -> None:
    rules = (
        FirewallRule(source="10.0.0.0/8", target="web-1", ports=(Port(80), Port(443))),
        FirewallRule(action="deny", source="any", target="web-1", ports=(Port("53/udp"),)),
    )
    desired = container(rules=rules)
    guest = yard.guest(await yard.create(desired))
    assert dict((await yard.see()).properties) == yard.shape(desired)
    assert yard.order().index("POST rules") < yard.order().index("POST start")
    assert yard.form("PUT", "/options") == {"enable": "1", "policy_in": "DROP"}
    path = f"/nodes/pve1/lxc/{guest.vmid}"
    api = yard.engine._sessions.here().api
    await api.post(f"{path}/firewall/rules", {"type": "in", "action": "ACCEPT", "comment": "mine"})
    fewer = container(rules=rules[:1])
    await yard.update(fewer)
    assert dict((await yard.see()).properties) == yard.shape(fewer)
    left = [rule.get("comment") for rule in await api.get(f"{path}/firewall/rules")]
    assert sorted(left) == ["ALMA", "mine"]


# ── inside ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_guest_lets_alma_in_and_is_told_the_names_of_the_others(yard: Yard) -> None:
    def wish(name: str, ip: str, **more: Any) -> DesiredResource:
        more |= {"image": "debian-12", "access_secret": f"{name}.ssh"}
        return container(name, address=f"{ip}/24", **more)

    await yard.create(wish("db-1", "10.0.1.5"))
    assert yard.jobs == [], "there was nothing to be done inside"
    key = yard.form("POST", "/lxc")["ssh-public-keys"]
    assert key.startswith("ssh-ed25519 ")
    await yard.create(wish("web-1", "10.0.1.6", env={"MODE": "a"}))
    (job,) = yard.jobs
    assert (job.host, job.user) == ("10.0.1.6", "root")
    assert {(entry.name, entry.address) for entry in job.hosts or ()} == {
        ("db-1", "10.0.1.5"),
        ("web-1", "10.0.1.6"),
    }
    assert "PRIVATE KEY" in job.private_key
    assert "PRIVATE KEY" not in " ".join(seen.text for seen in yard.pve.seen)
    await yard.update(wish("web-1", "10.0.1.6", env={"MODE": "a"}))
    assert len(yard.jobs) == 1, "nothing inside has changed"
    await yard.update(wish("web-1", "10.0.1.6", env={"MODE": "b"}))
    assert (yard.jobs[-1].env or {})["MODE"] == "b"


async def test_another_policy_of_a_cluster_is_planned_and_made_in_place(yard: Yard) -> None:
    def server(level: str) -> DesiredResource:
        blueprint = Blueprint.model_validate(
            {
                "name": "shop",
                "resources": [
                    {
                        "name": "k8s",
                        "type": "kubernetes_cluster",
                        "policies": {"network": "default-deny", "pod_security": level},
                        "options": {"proxmox": {"address": "10.0.1.5/24"}},
                    }
                ],
            }
        )
        (node,) = resolve(blueprint, load_catalogue(), yard.engine.traits).resources
        return node

    made = await yard.create(server("baseline"))

    async def planned(level: str) -> Change:
        plan = make_plan(
            target=Target(blueprint_id=1, revision=1, engine="proxmox"),
            blueprint_name="shop",
            revision_digest="sha256:0",
            desired=[server(level)],
            observation=await yard.observe(),
            records=(),
            engine=yard.engine,
        )
        (change,) = plan.changes
        return change

    assert (await planned("baseline")).action is Action.NO_OP
    change = await planned("restricted")
    assert (change.action, change.reboots, change.destructive) == (Action.UPDATE, False, False)
    fields = {field.path: (field.before, field.after) for field in change.fields}
    assert fields["policies.pod_security"] == ("baseline", "restricted")
    assert [note.level for note in change.support if note.path == "policies.pod_security"] == [
        SupportLevel.APPROXIMATED
    ]

    updated = await yard.update(server("restricted"))
    assert yard.guest(updated) is yard.guest(made)
    levels = [
        file.content.count(level)
        for job, level in zip(yard.jobs, ("enforce: baseline", "enforce: restricted"), strict=True)
        for file in job.files
        if file.path == "/etc/rancher/k3s/admission.yaml"
    ]
    assert levels == [1, 1]
    assert (await yard.see("k8s")).properties["policies.pod_security"] == "restricted"


async def test_a_machines_disks_are_named_for_its_system(yard: Yard) -> None:
    await yard.create(machine(mounts=(DATA,), address="10.0.1.5/24", user="ada"))
    (job,) = yard.jobs
    assert job.user == "ada"
    assert [(disk.device, disk.path) for disk in job.disks] == [
        ("/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi1", "/srv")
    ]


# ── the rest ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_snapshot_is_kept_from_before_each_change_where_storage_can(yard: Yard) -> None:
    guest = yard.guest(await yard.create(container(snapshot_before_update=True)))
    await yard.update(container(snapshot_before_update=True, cpu=2))
    (first,) = guest.snapshots
    assert first.startswith("alma-")
    await yard.update(container(snapshot_before_update=True, cpu=3))
    assert len(guest.snapshots) == 1
    assert first not in guest.snapshots
    yard.pve.storages["local-lvm"]["type"] = "lvm"
    outcome = await yard.update(container(snapshot_before_update=True, cpu=4))
    assert any("no snapshot" in warning for warning in outcome.warnings)


async def test_options_are_taken_off_when_nobody_wants_them_any_more(yard: Yard) -> None:
    desired = container(
        startup={"order": 1}, nameservers=["10.0.0.53"], cpu=1.5, search_domain="example.org"
    )
    guest = yard.guest(await yard.create(desired))
    assert dict((await yard.see()).properties) == yard.shape(desired)
    await yard.update(container())
    assert not {"startup", "nameserver", "searchdomain", "cpulimit"} & guest.config.keys()
    assert dict((await yard.see()).properties) == yard.shape(container())


async def test_what_happened_to_a_guest_can_be_read(yard: Yard) -> None:
    await yard.create(container())
    lines = await yard.engine.logs(await yard.see())
    assert any("vzcreate" in line for line in lines)


async def test_a_wiped_stack_leaves_the_guests_of_others(yard: Yard) -> None:
    other = Yard(yard.pve, yard.settings)
    await other.create(container())
    await yard.create(container("web-1"))
    await yard.create(machine("db-1"))
    await yard.engine.wipe(yard.stack)
    assert (await yard.observe()).resources == ()
    assert (await other.see()).status is Status.RUNNING
    await other.close()


async def test_an_application_image_is_refused_with_the_reason(yard: Yard) -> None:
    desired = container(image="library/nginx:1.27")
    (refusal,) = [s for s in yard.engine.support(desired) if s.level is SupportLevel.UNSUPPORTED]
    assert refusal.path == "type"
    with pytest.raises(ChangeRejected, match="application image"):
        await yard.create(desired)


async def test_disks_are_never_smaller_than_what_was_asked_for(yard: Yard) -> None:
    guest = yard.guest(await yard.create(container(disk=Size("10GB"), memory=Size("1GB"))))
    assert guest.config["memory"] * 1024**2 >= 10**9
    assert 10 * GIB in {
        int(m[1]) * GIB for m in re.finditer(r"size=(\d+)G", guest.config["rootfs"])
    }
