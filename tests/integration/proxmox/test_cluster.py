"""The cluster as a whole: nodes that are down, quorum, privileges, networks; what is wrong is said before anything is
done, and what can be used is said by the check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.engine import Health
from alma.core.model.errors import EngineAuthFailed, EngineError, EngineUnavailable
from alma.core.model.state import DesiredResource
from alma.engines.proxmox.check import health_of
from alma.engines.proxmox.client import Api
from alma.engines.proxmox.cluster import look, require_quorum
from alma.engines.proxmox.privileges import TABLE, Task
from alma.engines.proxmox.settings import ProxmoxSettings
from tests.integration.proxmox.estate import GIB
from tests.integration.proxmox.wishes import ask, codes, errors, machine, only, there, wish
from tests.integration.proxmox.world import TOKEN_ID, TOKEN_SECRET, Pve

USER = TOKEN_ID.partition("!")[0]
# All that a container takes from a template that is there, on the storages and the bridge of the tests.
CONTAINER = {
    "/": "Sys.Audit",
    "/vms": "VM.Allocate VM.Audit VM.PowerMgmt VM.Config.Disk VM.Config.CPU VM.Config.Memory "
    "VM.Config.Network VM.Config.Options",
    "/storage/local": "Datastore.Audit Datastore.AllocateTemplate",
    "/storage/local-lvm": "Datastore.Audit Datastore.AllocateSpace",
    "/sdn/zones/localnetwork/vmbr0": "SDN.Use",
}
MACHINE = {
    **CONTAINER,
    "/vms": f"{CONTAINER['/vms']} VM.Config.HWType VM.Config.CDROM VM.Config.Cloudinit "
    "VM.GuestAgent.Audit",
}


def grant(pve: Pve, given: dict[str, str]) -> None:
    for path, privileges in given.items():
        pve.grant(TOKEN_ID, path, *privileges.split())


def network(name: str = "lan", cidr: str = "10.0.0.0/24", **options: Any) -> Resource:
    return Resource(name=name, type=ResourceType.NETWORK, cidr=cidr, options={"proxmox": options})


def as_root(settings: ProxmoxSettings, **more: Any) -> ProxmoxSettings:
    given = {"token": None, "user": "root@pam", "password": "secret", **more}
    return ProxmoxSettings.model_validate(settings.model_dump() | given)


# ── b28 ──


@pytest.mark.parametrize(
    ("options", "feature"),
    [
        ({"features": {"keyctl": True}}, "keyctl"),
        ({"features": {"fuse": True}}, "fuse"),
        ({"features": {"mknod": True}}, "mknod"),
        ({"features": {"mount": ["nfs"]}}, "mount"),
        ({"features": {"nesting": True}, "unprivileged": False}, "nesting"),
    ],
)
async def test_b28_what_only_root_may_set_is_refused_with_the_reason(
    api: Api, options: dict[str, Any], feature: str
) -> None:
    fault = only(await ask(api, wish(**options)), "root_only")
    assert fault.path == f"web.options.proxmox.features.{feature}"
    assert f"token {TOKEN_ID}" in fault.message
    assert "not even root's" in (fault.hint or "")


async def test_b28_a_token_of_root_is_not_root(pve: Pve, settings: ProxmoxSettings) -> None:
    pve.apitokens["root@pam!alma"] = TOKEN_SECRET
    changed = settings.model_dump() | {"token": f"root@pam!alma={TOKEN_SECRET}"}
    async with Api(ProxmoxSettings.model_validate(changed)) as api:
        assert "root_only" in codes(await ask(api, wish(features={"fuse": True})))


async def test_b28_root_itself_may(pve: Pve, settings: ProxmoxSettings) -> None:
    async with Api(as_root(settings)) as api:
        assert errors(await ask(api, wish(features={"fuse": True, "keyctl": True}))) == []


async def test_b28_nesting_of_an_unprivileged_container_is_for_everybody(api: Api) -> None:
    assert errors(await ask(api, wish(features={"nesting": True}))) == []


# ── b29 ──


@pytest.mark.parametrize("image", ["debian-12", "Debian 13", "ubuntu:24.04"])
async def test_b29_nesting_is_advised_for_a_new_systemd(api: Api, image: str) -> None:
    remark = only(await ask(api, wish(image=image)), "nesting_advised")
    assert remark.severity == "info"
    assert remark.path == "web.options.proxmox.features.nesting"


@pytest.mark.parametrize(
    "desired",
    [
        wish(image="alpine"),
        wish(image="debian-12", features={"nesting": True}),
        wish(image="debian-12", features={"nesting": False}),
        machine(image="debian-12"),
    ],
    ids=["no systemd", "has it", "said no", "a machine"],
)
async def test_b29_nobody_else_hears_of_nesting(api: Api, desired: DesiredResource) -> None:
    assert "nesting_advised" not in codes(await ask(api, desired))


async def test_b29_replicas_are_advised_once(api: Api) -> None:
    wishes = [wish(f"web-{number}", group="web", image="debian-12") for number in range(5)]
    assert codes(await ask(api, *wishes)).count("nesting_advised") == 1


# ── b30 ──


async def test_b30_a_token_that_has_what_is_needed_hears_nothing(pve: Pve, api: Api) -> None:
    grant(pve, CONTAINER)
    assert errors(await ask(api, wish())) == []
    grant(pve, MACHINE)
    assert errors(await ask(api, wish(), machine("vm"))) == []


@pytest.mark.parametrize(
    ("path", "privilege"),
    [
        *(("/vms", privilege) for privilege in MACHINE["/vms"].split() if privilege != "VM.Audit"),
        ("/storage/local", "Datastore.AllocateTemplate"),
        ("/storage/local-lvm", "Datastore.AllocateSpace"),
        ("/sdn/zones/localnetwork/vmbr0", "SDN.Use"),
    ],
)
async def test_b30_each_missing_privilege_is_named_with_its_path(
    pve: Pve, api: Api, path: str, privilege: str
) -> None:
    given = {
        p: " ".join(w for w in words.split() if (p, w) != (path, privilege))
        for p, words in MACHINE.items()
    }
    grant(pve, given)
    (fault,) = errors(await ask(api, machine()))
    assert fault.code == "missing_privilege"
    assert f"token {TOKEN_ID} lacks {privilege} on {path}, to" in fault.message
    assert f"{privilege}' && pveum acl modify {path} --tokens '{TOKEN_ID}'" in str(fault.hint)


async def test_b30_only_what_the_plan_needs_is_asked_for(pve: Pve, api: Api) -> None:
    grant(pve, CONTAINER)
    assert errors(await ask(api, wish())) == []
    missing = only(await ask(api, machine()), "missing_privilege")
    assert "VM.Config.HWType" in missing.message
    pve.add_vm(9000, "deb12", template=True, config={"scsi0": "local-lvm:base-9000-disk-0,size=4G"})
    grant(pve, MACHINE)
    missing = only(await ask(api, machine(template=9000)), "missing_privilege")
    assert "VM.Clone on /vms" in missing.message


async def test_b30_a_token_with_privileges_of_its_own_needs_them_besides_its_user(
    pve: Pve, api: Api
) -> None:
    pve.grant(USER, "/", *" ".join(MACHINE.values()).split())
    pve.separated.add(TOKEN_ID)
    grant(pve, {**CONTAINER, "/storage/local-lvm": "Datastore.Audit"})
    fault = only(await ask(api, wish()), "missing_privilege")
    assert "lacks Datastore.AllocateSpace on /storage/local-lvm" in fault.message
    assert "its user needs them as well" in (fault.hint or "")


async def test_b30_a_token_for_one_pool_is_enough_for_guests_of_that_pool(
    pve: Pve, api: Api
) -> None:
    pve.pools["shop"] = set()
    grant(pve, {p: w for p, w in CONTAINER.items() if p != "/vms"})
    pve.grant(TOKEN_ID, "/pool/shop", *CONTAINER["/vms"].split(), "Pool.Audit")
    assert errors(await ask(api, wish(pool="shop"))) == []
    fault = only(await ask(api, wish()), "missing_privilege")
    assert "VM.Allocate" in fault.message
    assert "on /vms" in fault.message


async def test_b30_a_storage_that_alma_may_not_see_is_not_just_called_unknown(
    pve: Pve, api: Api
) -> None:
    grant(pve, {p: w for p, w in CONTAINER.items() if p != "/storage/local-lvm"})
    fault = only(await ask(api, wish(storage="local-lvm")), "unknown_storage")
    assert "ALMA may not see it: Datastore.Audit is missing" in (fault.hint or "")


async def test_b30_removing_takes_privileges_too(pve: Pve, api: Api) -> None:
    grant(pve, CONTAINER | {"/vms": "VM.Audit"})
    pve.add_ct(100, "shop-old", node="pve1")
    fault = only(await ask(api, existing=[there(wish("old"), 100)]), "missing_privilege")
    assert "VM.Allocate, VM.PowerMgmt on /vms/100" in fault.message


def test_b30_the_table_says_what_everything_takes() -> None:
    assert {rule.task for rule in TABLE} == set(Task)
    assert all(rule.path.startswith("/") and rule.privileges for rule in TABLE)


# ── b32 ──


async def test_b32_a_bridge_that_alma_may_not_use_is_a_privilege_and_no_unknown_bridge(
    pve: Pve, api: Api
) -> None:
    """Proxmox does not even show it, so that it looks as if it were not there."""
    grant(pve, {p: w for p, w in CONTAINER.items() if not p.startswith("/sdn")})
    (fault,) = errors(await ask(api, wish()))
    assert "lacks SDN.Use on /sdn/zones/localnetwork/vmbr0" in fault.message


async def test_b32_a_vnet_is_asked_for_in_its_own_zone(pve: Pve, api: Api) -> None:
    pve.vnets["front"] = "east"
    grant(pve, CONTAINER | {"/sdn/zones/east/front": "SDN.Audit"})
    (fault,) = errors(await ask(api, wish(bridge="front")))
    assert "lacks SDN.Use on /sdn/zones/east/front" in fault.message
    grant(pve, {"/sdn/zones/east/front": "SDN.Use"})
    assert errors(await ask(api, wish(bridge="front"))) == []


async def test_b32_a_privilege_on_one_vlan_of_a_bridge_is_enough_for_that_vlan(
    pve: Pve, api: Api
) -> None:
    given = {p: w for p, w in CONTAINER.items() if not p.startswith("/sdn")}
    grant(pve, given | {"/sdn/zones/localnetwork/vmbr0/20": "SDN.Use"})
    assert errors(await ask(api, wish(vlan=20))) == []
    (fault,) = errors(await ask(api, wish(vlan=30)))
    assert "/sdn/zones/localnetwork/vmbr0/30" in fault.message


async def test_a_bridge_that_some_nodes_lack_decides_the_node(pve: Pve, api: Api) -> None:
    pve.node("pve1", used=0)
    pve.node("pve2", used=50)
    pve.bridges["pve2"] = ["vmbr0", "dmz"]
    assert (await ask(api, wish(bridge="dmz"))).placements["web"].site["node"] == "pve2"


# ── b36 ──


async def test_b36_an_offline_node_degrades_the_answer_and_never_fails_it(
    pve: Pve, api: Api
) -> None:
    pve.node("pve1")
    pve.node("pve2")
    pve.add_vm(100, "one", node="pve1", status="running")
    pve.add_vm(101, "two", node="pve2", status="running")
    pve.set_node_offline("pve2")
    found = await look(api)
    assert found.offline == {"pve2"}
    assert [(g.vmid, g.node, g.status) for g in found.guests] == [
        (100, "pve1", "running"),
        (101, "pve2", "unknown"),
    ]
    planned = await ask(api, wish())
    assert planned.placements["web"].site["node"] == "pve1"
    assert errors(planned) == []
    remark = only(planned, "cluster_degraded")
    assert (remark.severity, "node pve2" in remark.message) == ("warning", True)


async def test_b36_a_node_that_goes_while_it_is_asked_is_left_out(pve: Pve, api: Api) -> None:
    """Its entry says online for some seconds more."""
    pve.node("pve1")
    pve.node("pve2")
    pve.fail("GET", "/nodes/pve2/network", status=595, message="No route to host")
    pve.fail("GET", "/nodes/pve2/storage/local/content", status=595, message="No route to host")
    assert (await ask(api, wish())).placements["web"].site["node"] == "pve1"


# ── b37 ──


async def test_b37_without_quorum_every_plan_is_stopped_before_it_starts(
    pve: Pve, api: Api
) -> None:
    pve.node("pve1")
    pve.node("pve2")
    pve.set_node_offline("pve2")
    pve.lose_quorum()
    fault = only(await ask(api, wish()), "no_quorum")
    assert fault.severity == "error"
    assert "fakecluster has no quorum: 1 of its 2 nodes answer, pve2 not" in fault.message
    assert "bring the missing nodes back" in (fault.hint or "")


async def test_b37_a_quorum_lost_in_the_middle_stops_cleanly(pve: Pve, api: Api) -> None:
    await require_quorum(api)
    pve.lose_quorum()
    with pytest.raises(EngineUnavailable, match="no quorum") as stopped:
        await require_quorum(api)
    assert stopped.value.retryable
    with pytest.raises(EngineError, match="quorum"):
        await api.run(
            "POST", "/nodes/pve1/lxc", {"vmid": 100, "ostemplate": "x"}, doing="Making it"
        )
    pve.regain_quorum()
    await require_quorum(api)


# ── everything that may be wrong ──


def _nothing(pve: Pve) -> None:
    """The cluster is as it is."""


def _full(pve: Pve) -> None:
    pve.storages["local-lvm"]["avail"] = GIB


def _down(pve: Pve) -> None:
    pve.node("pve2")
    pve.set_node_offline("pve2")


def _no_quorum(pve: Pve) -> None:
    pve.lose_quorum()


def _old(pve: Pve) -> None:
    pve.version = "7.4-3"


def _ha_groups(pve: Pve) -> None:
    pve.version, pve.ha_groups = "8.4.1", ("prefer-one",)


def _pool(pve: Pve) -> None:
    pve.pools["shop"] = set()


@pytest.mark.parametrize(
    ("cause", "desired", "code", "thing", "step"),
    [
        (_nothing, wish(node="pve7"), "unknown_node", "'pve7'", "pve1"),
        (_nothing, wish(storage="fast"), "unknown_storage", "'fast'", "local-lvm"),
        (_nothing, wish(bridge="vmbr7"), "unknown_bridge", "'vmbr7'", "vmbr0"),
        (_nothing, wish(image="debain"), "unknown_template", "'debain'", "debian"),
        (_nothing, machine(template="gold"), "unknown_template", "'gold'", "template"),
        (_pool, wish(pool="shpo"), "unknown_pool", "'shpo'", "did you mean 'shop'"),
        (_ha_groups, wish(ha={"group": "prefer"}), "unknown_ha_group", "'prefer'", "prefer-one"),
        (_nothing, wish(ha={"group": "any"}), "no_ha_groups", "rules", "leave the group out"),
        (_full, wish(disk="20GiB"), "storage_full", "local-lvm", "free some space"),
        (_down, wish(node="pve2"), "node_offline", "pve2", "name another node (pve1)"),
        (_no_quorum, wish(), "no_quorum", "fakecluster", "bring the missing nodes back"),
        (_old, wish(), "too_old", "7.4-3", "upgrade"),
        (_nothing, wish(memory="900GiB"), "no_room", "900 GiB", "ask for less"),
        (_nothing, machine(cpu=99), "too_many_cores", "99", "fewer cores"),
        (_nothing, wish(nod="pve1"), "unknown_field", "nod", "did you mean 'node'"),
        (
            _nothing,
            wish(address="10.9.9.9/24", attached=[network()]),
            "address_outside",
            "10.9.9.9",
            "inside",
        ),
        (_nothing, wish(address="10.0.0.9/24"), "no_gateway", "10.0.0.9", "gateway"),
    ],
    ids=lambda value: "" if isinstance(value, DesiredResource) or callable(value) else None,
)
async def test_what_is_wrong_is_found_in_the_plan_with_the_thing_and_the_next_step(
    pve: Pve,
    api: Api,
    cause: Callable[[Pve], None],
    desired: DesiredResource,
    code: str,
    thing: str,
    step: str,
) -> None:
    cause(pve)
    found = await ask(api, desired)
    fault = only(found, code)
    assert thing in f"{fault.path}: {fault.message}"
    assert step in (fault.hint or "")
    assert TOKEN_SECRET not in str(found)
    assert not [seen.text for seen in pve.seen if seen.method != "GET"], "nothing was made"


@pytest.mark.parametrize(
    ("changed", "error", "said"),
    [
        ({"token": f"{TOKEN_ID}=00000000-0000-0000-0000-000000000000"}, EngineAuthFailed, "token"),
        (
            {"token": None, "user": "root@pam", "password": "not-the-one"},
            EngineAuthFailed,
            "root@pam",
        ),
        ({"ca_file": None, "fingerprint": ":".join(["AB"] * 32)}, EngineUnavailable, "certificate"),
        ({"urls": ("https://127.0.0.1:9",)}, EngineUnavailable, "127.0.0.1"),
    ],
    ids=["wrong token", "wrong password", "wrong fingerprint", "nobody there"],
)
async def test_a_way_in_that_is_wrong_is_found_before_there_is_a_plan(
    settings: ProxmoxSettings, changed: dict[str, Any], error: type[EngineError], said: str
) -> None:
    tried = ProxmoxSettings.model_validate(settings.model_dump() | changed)
    async with Api(tried) as api:
        with pytest.raises(error) as refused:
            await ask(api, wish())
        health = await health_of(api, tried)
    assert said in refused.value.message
    assert refused.value.hint
    assert not health.available
    assert health.problems
    for secret in (TOKEN_SECRET, "not-the-one"):
        assert secret not in str(health)
        assert secret not in str(refused.value)


async def test_a_ticket_that_has_expired_is_renewed(pve: Pve, settings: ProxmoxSettings) -> None:
    async with Api(as_root(settings)) as api:
        await ask(api, wish())
        pve.revoke_tickets()
        assert errors(await ask(api, wish())) == []


async def test_a_protected_guest_that_would_go_stops_the_plan(pve: Pve, api: Api) -> None:
    pve.add_ct(100, "shop-old", node="pve1")
    old = there(wish("old", protection=True), 100)
    fault = only(await ask(api, wish(), existing=[old]), "protected")
    assert "shop-old (guest 100) is protected and would be removed" in fault.message
    assert "protection off" in (fault.hint or "")
    kept = there(wish("old", protection=True), 100, retain=True)
    assert "protected" not in codes(await ask(api, wish(), existing=[kept]))


async def test_an_address_that_two_have_is_told_of_the_second(api: Api) -> None:
    one = wish("a", address="10.0.0.5/24", gateway="10.0.0.1")
    two = wish("b", address="10.0.0.5/24", gateway="10.0.0.1")
    fault = only(await ask(api, one, two), "address_twice")
    assert fault.path == "b.options.proxmox.address"
    assert "b and a both have the address 10.0.0.5" in fault.message


async def test_a_guest_that_lives_elsewhere_than_asked_stays_and_that_is_said(
    pve: Pve, api: Api
) -> None:
    pve.node("pve1")
    pve.node("pve2")
    desired = wish(node="pve2")
    pve.add_ct(100, "shop-web", node="pve1")
    found = await ask(api, desired, existing=[there(desired, 100)])
    assert found.placements["web"].site["node"] == "pve1"
    assert only(found, "stays_on_node").severity == "warning"


async def test_a_guest_that_migrated_after_the_approval_leaves_the_plan_as_it_is(
    pve: Pve, api: Api
) -> None:
    pve.node("pve1")
    pve.node("pve2")
    ct = pve.add_ct(100, "shop-web", node="pve1")
    before = (await ask(api, wish(), existing=[there(wish(), 100)])).placements
    ct.node = "pve2"
    moved = there(wish(), 100, node="pve2")
    assert (await ask(api, wish(), existing=[moved], chosen=before)).placements == before
    fresh = (await ask(api, wish(), existing=[moved])).placements
    assert fresh["web"].site["node"] == "pve2"


async def test_ha_on_storage_that_only_one_node_has_is_a_warning(pve: Pve, api: Api) -> None:
    pve.node("pve1")
    remark = only(await ask(api, wish(ha={})), "ha_on_local_storage")
    assert "local-lvm, which only pve1 has" in remark.message


async def test_whether_a_lost_node_is_covered_is_said_of_a_plan_that_makes_something(
    pve: Pve, api: Api
) -> None:
    for name in ("pve1", "pve2", "pve3"):
        pve.node(name, memory=32, used=4)
    assert "fits_after_loss" in codes(await ask(api, wish()))
    many = [wish(f"web-{number}", group="web", memory="20GiB") for number in range(3)]
    assert only(await ask(api, *many), "loss_not_covered").severity == "warning"
    ct = there(wish(), 100)
    pve.add_ct(100, "shop-web", node="pve1")
    assert "fits_after_loss" not in codes(await ask(api, wish(), existing=[ct]))


async def test_a_plan_that_only_removes_is_checked_too(pve: Pve, api: Api) -> None:
    pve.add_ct(100, "shop-old", node="pve1")
    pve.lose_quorum()
    found = await ask(api, existing=[there(wish("old", protection=True), 100)])
    assert {item.code for item in errors(found)} == {"no_quorum", "protected"}


async def test_a_guest_that_is_there_is_checked_where_it_is_to_be_changed(
    pve: Pve, api: Api
) -> None:
    pve.add_ct(100, "shop-web", node="pve1")
    before = there(wish(), 100)
    for change, code in (
        ({"bridge": "vmbr9"}, "unknown_bridge"),
        ({"features": {"fuse": True}}, "root_only"),
        ({"pool": "nowhere"}, "unknown_pool"),
    ):
        assert [
            item.code for item in errors(await ask(api, wish(**change), existing=[before]))
        ] == [code]
    grant(pve, CONTAINER | {"/vms": "VM.Audit"})
    assert errors(await ask(api, wish(), existing=[before])) == []
    missing = only(await ask(api, wish(memory="1GiB"), existing=[before]), "missing_privilege")
    assert "VM.Config.Memory" in missing.message
    assert "on /vms/100" in missing.message


async def test_numbers_that_run_out_are_told_before_the_first_is_taken(
    settings: ProxmoxSettings,
) -> None:
    narrow = ProxmoxSettings.model_validate(
        settings.model_dump() | {"vmid_first": 500, "vmid_last": 501}
    )
    async with Api(narrow) as api:
        fault = only(await ask(api, *(wish(f"web-{n}") for n in range(3))), "no_vmids")
    assert "3 guests need a VMID, and 2 are free from 500 to 501" in fault.message


# ── the check ──


def rows(health: Health, section: str) -> list[dict[str, Any]]:
    found: Any = health.facts[section]
    assert isinstance(found, list)
    return found


async def test_the_check_tells_what_there_is(pve: Pve, api: Api, settings: ProxmoxSettings) -> None:
    pve.node("pve1", memory=64, used=23)
    pve.node("pve2")
    pve.storage("ceph", type="rbd", shared=1, free=900)
    pve.add_vm(9000, "deb12", template=True)
    health = await health_of(api, settings)
    assert health.available
    assert health.problems == ()
    assert health.version == pve.version
    assert health.detail == f"cluster fakecluster, 2 of 2 nodes online, as token {TOKEN_ID}"
    assert health.facts["quorum"] is True
    row = {"node": "pve1", "state": "online", "memory free": "41 GiB of 64 GiB", "cores": 16}
    assert row in rows(health, "nodes")
    shared = {"storage": "ceph", "node": "shared", "type": "rbd", "free": "900 GiB"}
    assert {**shared, "content": ["images", "rootdir"]} in rows(health, "storages")
    assert [row["storage"] for row in rows(health, "storages")].count("ceph") == 1
    assert {"node": "pve2", "bridges": ["vmbr0"]} in rows(health, "bridges")
    assert rows(health, "templates") == [{"vmid": 9000, "name": "deb12", "node": "pve1"}]
    assert health.facts["nodes that may download images"] == ["pve1", "pve2"]


async def test_the_check_of_a_big_cluster_stays_short(
    pve: Pve, api: Api, settings: ProxmoxSettings
) -> None:
    for number in range(1, 21):
        pve.node(f"pve{number}")
    nodes = rows(await health_of(api, settings), "nodes")
    assert len(nodes) == 13
    assert nodes[-1] == {"node": "and 8 more"}


async def test_the_check_names_missing_privileges_with_their_paths(
    pve: Pve, api: Api, settings: ProxmoxSettings
) -> None:
    pve.grant(TOKEN_ID, "/", "Sys.Audit", "VM.Audit", "Datastore.Audit", "SDN.Audit")
    problems = (await health_of(api, settings)).problems
    assert any("VM.Allocate" in p and "on /vms" in p for p in problems)
    assert any("Datastore.AllocateSpace" in p and "on /storage" in p for p in problems)
    assert any("SDN.Use on /sdn/zones" in p for p in problems)


async def test_the_check_says_what_it_takes_to_look_at_all(
    pve: Pve, api: Api, settings: ProxmoxSettings
) -> None:
    pve.grant(TOKEN_ID, "/vms", "VM.Audit")
    health = await health_of(api, settings)
    assert not health.available
    assert "Sys.Audit on /" in health.problems[0]


async def test_the_check_names_what_the_settings_name_and_is_not_there(
    pve: Pve, settings: ProxmoxSettings
) -> None:
    named = {"node": "pve9", "storage": "zfs", "bridge": "vmbr9"}
    tried = ProxmoxSettings.model_validate(settings.model_dump() | named)
    async with Api(tried) as api:
        problems = (await health_of(api, tried)).problems
    for setting, value in named.items():
        assert any(f"'{setting}' names '{value}'" in problem for problem in problems)


@pytest.mark.parametrize(
    ("cause", "said", "available"),
    [
        (_down, "node pve2 is offline", True),
        (_no_quorum, "no quorum", False),
        (_old, "older", False),
    ],
)
async def test_the_check_says_what_is_wrong_with_the_cluster(
    pve: Pve,
    api: Api,
    settings: ProxmoxSettings,
    cause: Callable[[Pve], None],
    said: str,
    available: bool,
) -> None:
    cause(pve)
    health = await health_of(api, settings)
    assert health.available is available
    assert any(said in problem for problem in health.problems)
