"""What is no object of its own on an engine is carried by the instances that refer to it; nothing is lost silently."""

from __future__ import annotations

from typing import Any

import pytest

from alma.config import load_catalogue
from alma.core.model.blueprint import ResourceType, dump_plain
from alma.core.model.diagnostic import Severity
from alma.core.model.engine import EngineTraits
from alma.core.model.software import Catalogue
from alma.core.model.state import DesiredResource
from alma.core.planning.resolve import Resolution, resolve
from tests.unit.core.planning import worlds

GUESTS = EngineTraits(
    resource_types=frozenset(ResourceType),
    separate_networks=False,
    separate_volumes=False,
    separate_firewalls=False,
    images=False,
    clusters=False,
)
WEB: dict[str, Any] = {"name": "web", "type": "vm", "image": "debian-12"}
CATALOGUE = Catalogue.model_validate(
    {
        "defaults": {"database": "postgresql"},
        "software": {
            "postgresql": {
                "id": "postgresql",
                "title": "PostgreSQL",
                "types": ["database"],
                "image": "postgres",
                "default_version": "16",
                "ports": [5432],
                "command": ["postgres"],
                "env": {"PGDATA": "/in/the/image"},
                "secrets": {"password": {"path": "/run/secrets/password"}},
                "secret_env": {"PASSWORD": "password"},
                "data": "/in/the/image",
                "health": {"kind": "command", "command": ["pg_isready"]},
                "packages": {
                    "debian": ["postgresql"],
                    "service": "postgresql",
                    "data": "/var/lib/postgresql",
                    "files": [{"path": "/etc/alma.conf", "template": "port={{ port }}\n"}],
                    "health": {"kind": "tcp", "port": 5432},
                },
            },
            **{
                id_: {
                    "id": id_,
                    "title": id_,
                    "types": ["kubernetes_cluster"],
                    "default_version": "1.31",
                    "ports": [6443],
                    "secrets": {"token": {}},
                    "packages": {
                        "setup": [{"run": "true"}],
                        "files": [
                            {
                                "path": "/etc/node",
                                "template": "{{ address }} of {{ resource.name }}",
                            }
                        ],
                    },
                }
                for id_ in ("k3s-server", "k3s-agent")
            },
        },
    }
)


def folded(*resources: dict[str, Any]) -> Resolution:
    return resolve(worlds.blueprint(*resources), CATALOGUE, GUESTS)


def by_address(resolution: Resolution) -> dict[str, DesiredResource]:
    return {item.address: item for item in resolution.resources}


def test_nothing_changes_for_an_engine_whose_networks_and_volumes_are_objects() -> None:
    resources = worlds.desired(
        WEB, {"name": "lan", "type": "network"}, {"name": "db", "type": "database"}
    )
    assert {item.address for item in resources} == {"lan", "web", "db", "db-data"}
    assert not any(item.attached or item.rules or item.recipe for item in resources)


def test_an_instance_carries_its_networks_and_waits_for_none_of_them() -> None:
    lan = {"name": "lan", "type": "network", "cidr": "10.1.0.0/24", "vlan": 7}
    web = folded(lan, WEB).resources
    assert [item.address for item in web] == ["web"]
    assert [(net.name, net.cidr, net.vlan) for net in web[0].attached] == [
        ("lan", "10.1.0.0/24", 7)
    ]
    assert web[0].depends_on == ()


def test_no_network_is_implied_where_a_network_is_no_object() -> None:
    assert folded(WEB).resources[0].attached == ()


def test_a_mounted_volume_is_a_disk_of_its_guest_which_is_then_kept() -> None:
    data = {"name": "data", "type": "volume", "specs": {"disk": "20GB"}}
    guest = folded(data, {**WEB, "mounts": [{"volume": "data", "path": "/data"}]}).resources[0]
    assert [(mount.volume, str(mount.size)) for mount in guest.mounts] == [("data", "20GB")]
    assert guest.retain
    assert not folded(WEB).resources[0].retain


def test_a_volume_for_two_guests_is_refused_and_one_for_none_is_told() -> None:
    data = {"name": "data", "type": "volume"}
    mounts = [{"volume": "data", "path": "/data"}]
    shared = folded(data, {**WEB, "mounts": mounts}, {**WEB, "name": "app", "mounts": mounts})
    assert [(d.code, d.severity, d.path) for d in shared.diagnostics] == [
        ("shared_volume", Severity.ERROR, "resources.0")
    ]
    unused = folded(WEB, data)
    assert [(d.code, d.severity, d.path) for d in unused.diagnostics] == [
        ("unused_volume", Severity.WARNING, "resources.1")
    ]


def test_firewall_rules_are_with_the_guests_they_protect_and_name_addresses() -> None:
    web = {**WEB, "network": {"private_ip": "10.1.0.5"}}
    db = {"name": "db", "type": "database"}
    rules = [
        {"source": "web", "target": "db", "ports": [5432]},
        {"source": "any", "target": "any", "action": "deny"},
    ]
    found = by_address(folded(web, db, {"name": "wall", "type": "firewall", "rules": rules}))
    assert set(found) == {"web", "db"}
    assert [(rule.source, rule.action) for rule in found["db"].rules] == [
        ("10.1.0.5", "allow"),
        ("any", "deny"),
    ]
    assert [rule.action for rule in found["web"].rules] == ["deny"]


def test_software_in_a_guest_follows_its_recipe_and_not_its_image() -> None:
    db = folded({"name": "db", "type": "database"}).resources[0]
    assert (db.image, db.command, db.env) == (None, (), {})
    assert db.recipe is not None
    assert db.recipe.debian == ("postgresql",)
    assert db.health is not None
    assert db.health.kind == "tcp"
    assert {file.path: file.secret or file.content for file in db.files} == {
        "/etc/alma/secrets/password": "db.password",
        "/etc/alma.conf": "port=5432\n",
    }
    assert db.retain, "its data goes with it"


def test_a_guest_has_a_key_of_its_own_among_its_secrets() -> None:
    web = folded({**WEB, "count": 2}).resources
    assert [item.secret_names for item in web] == [("web.ssh",), ("web-2.ssh",)]
    assert all("ssh" in item.secrets for item in web)


@pytest.mark.parametrize(
    ("specs", "nodes"),
    [
        ({}, ["k8s"]),
        ({"nodes": 3}, ["k8s", "k8s-worker-1", "k8s-worker-2"]),
        ({"control_plane": 3, "workers": 0}, ["k8s", "k8s-server-2", "k8s-server-3"]),
        ({"control_plane": 1, "workers": 1}, ["k8s", "k8s-worker-1"]),
    ],
)
def test_a_cluster_is_made_of_guests(specs: dict[str, int], nodes: list[str]) -> None:
    found = folded({"name": "k8s", "type": "kubernetes_cluster", "specs": specs}).resources
    assert [item.address for item in found] == nodes


def test_the_nodes_of_a_cluster_join_the_first_with_its_token() -> None:
    cluster = {"name": "k8s", "type": "kubernetes_cluster", "specs": {"nodes": 2}}
    first, worker = folded(cluster).resources
    assert (first.software, worker.software) == ("k3s-server", "k3s-agent")
    assert (first.depends_on, worker.depends_on) == ((), ("k8s",))
    assert "k8s.token" in first.secret_names
    assert "k8s.token" in worker.secret_names
    assert "token" in first.secrets
    assert "token" not in worker.secrets, "it is made once"
    assert worker.files[-1].content == "k8s-worker-1 of k8s"


def test_a_clusters_policies_are_with_the_nodes_that_make_them_true() -> None:
    policies = {"network": "default-deny", "pod_security": "restricted"}
    cluster = {
        "name": "k8s",
        "type": "kubernetes_cluster",
        "specs": {"control_plane": 2, "workers": 1},
        "policies": policies,
    }
    found = folded(cluster).resources
    assert [item.resource.policies and dump_plain(item.resource.policies) for item in found] == [
        policies,
        {"pod_security": "restricted"},
        None,
    ]


def test_a_clusters_state_is_on_its_servers_and_no_worker_is_kept_for_it() -> None:
    cluster: dict[str, Any] = {"name": "k8s", "type": "kubernetes_cluster", "specs": {"nodes": 2}}
    first, worker = resolve(worlds.blueprint(cluster), load_catalogue(), GUESTS).resources
    assert (first.retain, worker.retain) == (True, False)


def test_a_name_that_a_clusters_node_has_is_refused() -> None:
    cluster = {"name": "k8s", "type": "kubernetes_cluster", "specs": {"nodes": 2}}
    faults = folded(cluster, {**WEB, "name": "k8s-worker-1"}).diagnostics
    assert [(d.code, d.severity) for d in faults] == [("duplicate_name", Severity.ERROR)]


def test_where_an_engine_gives_out_addresses_rules_name_who_they_are_about() -> None:
    traits = EngineTraits(resource_types=frozenset(ResourceType), separate_firewalls=False)
    net: dict[str, Any] = {"name": "lan", "type": "network", "cidr": "10.0.1.0/24"}
    db: dict[str, Any] = {
        "name": "db",
        "type": "database",
        "network": {"private_ip": "10.0.1.7"},
    }
    rules = [
        {"source": "lan", "target": "db"},
        {"source": "10.0.1.0/24", "target": "10.0.1.7"},
        {"source": "10.9.0.0/16", "target": "db"},
    ]
    wall: dict[str, Any] = {"name": "wall", "type": "firewall", "rules": rules}
    made = resolve(worlds.blueprint(net, WEB, db, wall), CATALOGUE, traits).resources
    found = by_address_of(made)
    assert [rule.source for rule in found["db"].rules] == ["lan", "lan", "10.9.0.0/16"]
    assert found["db"].networks == ("lan",)
    assert "wall" not in found


def by_address_of(resources: tuple[DesiredResource, ...]) -> dict[str, DesiredResource]:
    return {item.address: item for item in resources}
