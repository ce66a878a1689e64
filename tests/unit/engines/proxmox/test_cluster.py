"""What ALMA makes of the two answers in which Proxmox describes a cluster."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from alma.core.model.errors import EngineUnavailable
from alma.engines.proxmox.cluster import Cluster, Content, GuestKind, read, terms_of
from alma.engines.proxmox.settings import ProxmoxSettings

GIB = 1024**3
TOKEN = SecretStr("alma@pve!alma=secret-0000")


def status(*, quorate: int = 1, **online: bool) -> list[dict[str, Any]]:
    nodes = [
        {"type": "node", "id": f"node/{name}", "name": name, "online": int(up)}
        for name, up in online.items()
    ]
    return [{"type": "cluster", "id": "cluster", "name": "lab", "quorate": quorate}, *nodes]


def node(name: str, **more: Any) -> dict[str, Any]:
    entry = {"type": "node", "id": f"node/{name}", "node": name, "status": "online"}
    return entry | {"maxcpu": 8, "cpu": 0.25, "maxmem": 64 * GIB, "mem": 23 * GIB} | more


def storage(name: str, on: str, **more: Any) -> dict[str, Any]:
    entry = {"type": "storage", "id": f"storage/{on}/{name}", "storage": name, "node": on}
    entry |= {"status": "available", "plugintype": "lvmthin", "content": "images,rootdir"}
    return entry | {"shared": 0, "maxdisk": 100 * GIB, "disk": 40 * GIB} | more


def guest(vmid: int, on: str, kind: str = "qemu", **more: Any) -> dict[str, Any]:
    return {"type": kind, "id": f"{kind}/{vmid}", "vmid": vmid, "node": on} | more


def test_figures_are_what_is_left() -> None:
    found = read(status(pve1=True), [node("pve1"), storage("fast", "pve1")])
    (one,) = found.nodes
    assert (one.memory_free, one.cpus, one.load) == (41 * GIB, 8, 0.25)
    assert found.storages[0].free == 60 * GIB


def test_a_node_whose_figures_nobody_says_is_a_node_all_the_same() -> None:
    found = read(status(pve1=True, pve2=False), [{"type": "node", "node": "pve1"}])
    assert [(n.name, n.online, n.memory_free) for n in found.nodes] == [
        ("pve1", True, None),
        ("pve2", False, None),
    ]
    assert found.offline == {"pve2"}


def test_a_storage_of_a_node_that_is_down_holds_nothing_now() -> None:
    resources = [node("pve1"), storage("ceph", "pve1", shared=1), storage("ceph", "pve2", shared=1)]
    found = read(status(pve1=True, pve2=False), resources)
    assert [s.active for s in found.storages] == [True, False]
    assert found.storages_for("pve2", Content.IMAGES) == ()


def test_storages_come_with_the_most_free_space_first_and_then_by_name() -> None:
    resources = [
        storage("b", "pve1"),
        storage("a", "pve1"),
        storage("big", "pve1", disk=0),
        storage("iso", "pve1", content="iso,vztmpl", disk=0),
        storage("other", "pve2", disk=0),
    ]
    found = read(status(pve1=True, pve2=True), resources)
    assert [s.name for s in found.storages_for("pve1", Content.ROOTDIR)] == ["big", "a", "b"]


def test_what_stands_for_a_vmware_host_is_no_place_for_images() -> None:
    resources = [
        storage("old-esx", "pve1", plugintype="esxi", content="import", maxdisk=0, disk=0),
        storage("local", "pve1", plugintype="dir", content="import,iso"),
    ]
    found = read(status(pve1=True), resources)
    assert [s.name for s in found.storages_for("pve1", Content.IMPORT)] == ["local"]


def test_guests_are_found_by_number_name_and_tag() -> None:
    found = read(
        status(pve1=True),
        [
            guest(102, "pve1", "lxc", name="db", tags="Alma;alma-7", status="running"),
            guest(101, "pve1", name="web", tags="alma,alma-7", template=1, lock="clone"),
            guest(103, "pve1"),
        ],
    )
    assert found.vmids == {101, 102, 103}
    web = found.guest(101)
    assert web is not None
    assert (web.kind, web.template, web.lock) == (GuestKind.QEMU, True, "clone")
    assert web.path == "/nodes/pve1/qemu/101"
    assert [g.vmid for g in found.named("db")] == [102]
    assert [g.vmid for g in found.tagged("alma", "ALMA-7")] == [101, 102]
    assert found.tagged("alma-8") == ()


def test_a_single_node_without_a_cluster_is_its_own_place_and_has_quorum() -> None:
    found = read([{"type": "node", "name": "pve", "online": 1, "local": 1}], [node("pve")])
    assert (found.place, found.quorate, found.clustered) == ("proxmox node pve", True, False)


def test_an_approval_holds_for_the_nodes_that_were_named_and_what_goes_with_a_guest() -> None:
    lab, other = "https://10.0.0.1", "https://10.0.1.1"
    both = terms_of(ProxmoxSettings(urls=(lab, other), token=TOKEN))
    assert terms_of(ProxmoxSettings(urls=(other, lab), token=TOKEN)) == both
    settings = [
        ProxmoxSettings(urls=(lab,), token=TOKEN),
        ProxmoxSettings(urls=(other,), token=TOKEN),
        ProxmoxSettings(urls=(lab,), token=TOKEN, discard_unreferenced_disks=True),
    ]
    pve = read([{"type": "node", "name": "pve", "online": 1}], [])
    places = {pve.model_copy(update={"terms": terms_of(one)}).place for one in settings}
    assert len(places) == len(settings)
    assert not any("secret" in place for place in places)


def test_a_lost_quorum_names_who_is_missing() -> None:
    found = read(status(quorate=0, pve1=True, pve2=False, pve3=False), [])
    with pytest.raises(EngineUnavailable, match="lab has no quorum: 1 of its 3") as refused:
        found.require_quorum()
    assert "pve2, pve3" in refused.value.message
    assert refused.value.hint


def test_what_is_old_because_its_node_is_down_is_said() -> None:
    resources = [node("pve1"), guest(100, "pve2", name="web"), guest(101, "pve1", name="db")]
    found = read(status(pve1=True, pve2=False, pve3=False), resources)
    assert found.remarks(found.guests) == (
        "node pve2 is offline: what is known of web is old",
        "node pve3 is offline",
    )
    assert Cluster(name="lab").remarks() == ()
