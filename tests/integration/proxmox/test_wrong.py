"""Everything that people get wrong: told before anything is done, with the thing and the next step, by the plan and by
the check of the engine."""

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
from alma.engines.proxmox.settings import ProxmoxSettings
from tests.integration.proxmox.estate import GIB
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


def network(name: str = "lan", cidr: str = "10.0.0.0/24", **options: Any) -> Resource:
    return Resource(name=name, type=ResourceType.NETWORK, cidr=cidr, options={"proxmox": options})


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


async def test_the_check_is_content_with_storages_and_bridges_that_are_given_one_by_one(
    pve: Pve, api: Api, settings: ProxmoxSettings
) -> None:
    pve.storage("tank")
    grant(pve, MACHINE | {"/nodes": "Sys.AccessNetwork Sys.Audit"})
    assert (await health_of(api, settings)).problems == ()


async def test_the_check_holds_what_the_settings_name_to_what_may_be_done_there(
    pve: Pve, settings: ProxmoxSettings
) -> None:
    pve.storage("tank")
    grant(pve, MACHINE | {"/storage/tank": "Datastore.Audit"})
    tried = ProxmoxSettings.model_validate(settings.model_dump() | {"storage": "tank"})
    async with Api(tried) as api:
        (problem,) = (await health_of(api, tried)).problems
    assert "lacks Datastore.AllocateSpace on /storage/tank" in problem


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
