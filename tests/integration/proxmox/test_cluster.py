"""The cluster as a whole: nodes that are down, quorum, privileges, networks; what is wrong is said before anything is
done, and what can be used is said by the check."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from alma.core.model.errors import EngineError, EngineUnavailable
from alma.core.model.software import Packages
from alma.core.model.state import DesiredResource
from alma.engines.proxmox.client import Api
from alma.engines.proxmox.cluster import look, require_quorum
from alma.engines.proxmox.placement import place
from alma.engines.proxmox.privileges import TABLE, Task
from alma.engines.proxmox.settings import ProxmoxSettings
from alma.engines.proxmox.wants import Placed
from tests.integration.proxmox.wishes import (
    CONTAINER,
    MACHINE,
    as_root,
    ask,
    codes,
    errors,
    grant,
    machine,
    only,
    there,
    wish,
)
from tests.integration.proxmox.world import TOKEN_ID, TOKEN_SECRET, Pve

USER = TOKEN_ID.partition("!")[0]


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


# ── what is worked out ──


async def test_guests_are_placed_off_the_event_loop(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def noted(*args: Any, **named: Any) -> Placed:
        threads.append(threading.current_thread())
        return place(*args, **named)

    monkeypatch.setattr("alma.engines.proxmox.prepare.place", noted)
    assert errors(await ask(api, wish())) == []
    assert threads
    assert threading.main_thread() not in threads


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


# ── where a machine is ──

REDIS = {"software": "redis", "recipe": Packages(debian=("redis-server",), service="redis")}


@pytest.mark.parametrize(
    ("desired", "told"),
    [
        (machine(image="debian-13"), True),
        (machine(image="debian-13", address="10.0.0.5/24"), False),
        (machine(image="debian-13", network={"private_ip": "10.0.0.5"}), False),
        (wish(image="debian-12"), False),
    ],
    ids=["dhcp", "an address of its own", "a private one", "a container"],
)
async def test_software_in_a_machine_that_may_not_tell_its_address_is_warned_of(
    api: Api, desired: DesiredResource, *, told: bool
) -> None:
    found = await ask(api, desired.model_copy(update=REDIS))
    assert errors(found) == []
    assert ("address_untold" in codes(found)) is told
    assert "address_untold" not in codes(await ask(api, desired)), "nothing is set up in it"


async def test_a_machine_cloned_from_a_template_is_taken_to_have_an_agent(
    pve: Pve, api: Api
) -> None:
    pve.add_vm(9000, "debian-12", config={"scsi0": "local-lvm:base-9000-disk-0"}, template=True)
    found = await ask(api, machine().model_copy(update=REDIS))
    assert found.placements["web"].site["source"] == "9000"
    assert "address_untold" not in codes(found)
