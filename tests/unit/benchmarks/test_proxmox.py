"""A ratio says something only when everybody did the same work, and all of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from alma.core.model.document import parse_blueprint
from alma.engines.proxmox.settings import ProxmoxSettings
from benchmarks import proxmox_bare
from benchmarks.proxmox_ansible import play
from benchmarks.proxmox_cluster import NODES, pattern
from benchmarks.proxmox_guests import Broken, blueprint, cluster, job

EACH = 4


def test_the_bare_script_makes_all_guests_and_the_cluster_counts_its_calls(tmp_path: Path) -> None:
    with cluster(tmp_path, 0.0) as there:
        asyncio.run(proxmox_bare.main(job(there.address, EACH)))
        there.require_all(2 * EACH)
        calls = there.ask("calls")
        assert calls is not None
        assert calls["POST /nodes/{node}/lxc"] == EACH
        assert calls["POST /nodes/{node}/qemu/{vmid}/clone"] == EACH
        assert calls["GET /nodes/{node}/tasks/{upid}/status"] == 4 * EACH
        there.ask("reset")
        assert there.ask("calls") == {}
        with pytest.raises(Broken, match="of 8 guests there are"):
            there.require_all(2 * EACH)


def test_alma_is_told_where_the_cluster_is_in_settings_that_it_knows(tmp_path: Path) -> None:
    with cluster(tmp_path, 0.0) as there:
        given = there.settings()
    known = {name.removeprefix("ALMA_PROXMOX_").lower(): value for name, value in given.items()}
    assert set(known) <= set(ProxmoxSettings.model_fields)
    assert ProxmoxSettings.model_validate(known).urls == (there.address["url"],)


def test_everybody_makes_as_many_guests_of_each_kind_on_each_node() -> None:
    wanted = parse_blueprint(blueprint("x", EACH))
    ours = {
        (resource.type.value, str(resource.options["proxmox"]["node"])): resource.count
        for resource in wanted.resources
    }
    guests = job({}, EACH)["guests"]
    theirs = {
        key: sum((guest["kind"], guest["node"]) == key for guest in guests)
        for key in ((kind, node) for kind in ("container", "vm") for node in NODES)
    }
    assert ours == theirs


def test_ansible_creates_configures_and_starts_both_kinds() -> None:
    tasks = [next(iter(task.items())) for task in play({})["tasks"]]
    assert [(name, arguments.get("state", "present")) for name, arguments in tasks] == [
        ("community.proxmox.proxmox", "present"),
        ("community.proxmox.proxmox", "started"),
        ("community.proxmox.proxmox_kvm", "present"),
        ("community.proxmox.proxmox_kvm", "present"),
        ("community.proxmox.proxmox_kvm", "started"),
    ]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api2/json/nodes/pve1/lxc/201/status/start", "/nodes/{node}/lxc/{vmid}/status/start"),
        (
            "/api2/json/nodes/pve1/tasks/UPID:pve1:0:1:2:vzstart:201:root@pam:/status",
            "/nodes/{node}/tasks/{upid}/status",
        ),
        ("/api2/json/cluster/resources", "/cluster/resources"),
    ],
)
def test_calls_of_one_kind_are_counted_together(path: str, kind: str) -> None:
    assert pattern(path) == kind
