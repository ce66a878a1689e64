"""What could be deployed as it is, and was probably meant otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from alma.core.model.blueprint import Blueprint
from alma.core.model.checks import diagnose
from alma.core.model.diagnostic import Severity

WEB = {"name": "web", "type": "vm", "count": 3}
DB = {"name": "db", "type": "database", "engine": "postgresql"}
LAN = {"name": "lan", "type": "network", "cidr": "10.0.0.0/29"}
DISK = {"name": "disk", "type": "volume", "specs": {"disk": "10GB"}}


def found(*resources: dict[str, Any]) -> list[tuple[str, str]]:
    blueprint = Blueprint.model_validate({"name": "x", "resources": list(resources)})
    remarks = diagnose(blueprint)
    assert all(item.severity is Severity.WARNING and item.hint for item in remarks), remarks
    return [(item.code, item.path) for item in remarks]


def fire(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"name": "fw", "type": "firewall", "rules": list(rules)}


def mounting(name: str, count: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": "vm",
        "count": count,
        "mounts": [{"volume": "disk", "path": "/d", **more}],
    }


@pytest.mark.parametrize(
    ("code", "path", "resources"),
    [
        (
            "replica_without_primary",
            "0.name",
            [{"name": "db-replica", "type": "database", "engine": "postgresql"}],
        ),
        (
            "replica_without_primary",
            "1.metadata.role",
            [
                {"name": "a", "type": "database", "engine": "mysql"},
                {**DB, "metadata": {"role": "Standby"}},
            ],
        ),
        ("availability_of_one", "0.metadata.ha", [{**DB, "metadata": {"ha": True}}]),
        (
            "availability_of_one",
            "0.labels.availability",
            [
                {
                    "name": "k",
                    "type": "kubernetes_cluster",
                    "specs": {"control_plane": 1, "workers": 3},
                    "labels": {"availability": "high"},
                }
            ],
        ),
        (
            "even_control_plane",
            "0.specs.control_plane",
            [
                {
                    "name": "k",
                    "type": "kubernetes_cluster",
                    "specs": {"control_plane": 2, "workers": 3},
                }
            ],
        ),
        (
            "large_control_plane",
            "0.specs.control_plane",
            [
                {
                    "name": "k",
                    "type": "kubernetes_cluster",
                    "specs": {"control_plane": 9, "workers": 3},
                }
            ],
        ),
        (
            "no_workers",
            "0.specs.workers",
            [
                {
                    "name": "k",
                    "type": "kubernetes_cluster",
                    "specs": {"control_plane": 3, "workers": 0},
                }
            ],
        ),
        ("several_writers", "0", [DISK, mounting("a"), mounting("b")]),
        ("several_writers", "0", [DISK, {**mounting("a", 3), "type": "database"}]),
        ("several_writers", "0", [{**DISK, "count": 2}, {**mounting("a", 3), "type": "queue"}]),
        (
            "address_not_joined",
            "1.network.private_ip",
            [LAN, {**DB, "network": {"private_ip": "10.0.0.4"}}],
        ),
        (
            "address_not_joined",
            "1.network.private_ip",
            [LAN, {**DB, "network": {"private_ip": "10.9.0.4"}}],
        ),
        # A /29 has eight addresses: its own, the broadcast address and the gateway leave five.
        ("network_full", "0.cidr", [LAN, {**WEB, "count": 6, "network": {"attach": ["lan"]}}]),
    ],
)
def test_what_was_probably_not_meant_is_said(
    code: str, path: str, resources: list[dict[str, Any]]
) -> None:
    assert found(*resources) == [(code, f"resources.{path}")]


@pytest.mark.parametrize(
    "resources",
    [
        [WEB, {"name": "lb", "type": "load_balancer", "backends": ["web"]}],
        [DB, {"name": "db-replica", "type": "database", "engine": "PostgreSQL"}],
        [DB, {"name": "db-replica", "type": "database"}],
        [DB, {"name": "copy", "type": "database", "engine": "postgresql-replica"}],
        [{"name": "replicator", "type": "database", "engine": "postgresql"}],
        [{"name": "web-replica", "type": "vm"}],
        [{**DB, "count": 2, "metadata": {"ha": True}}],
        [{**DB, "metadata": {"ha": False, "availability": "standard"}}],
        [{"name": "k", "type": "kubernetes_cluster", "specs": {"control_plane": 3, "workers": 2}}],
        [{"name": "k", "type": "kubernetes_cluster", "specs": {"nodes": 4}}],
        [{**DISK, "count": 3}, {**mounting("a", 3), "type": "database"}],
        [DISK, mounting("a", 3)],
        [DISK, mounting("a"), mounting("b", read_only=True)],
        [
            DISK,
            {
                "name": "a",
                "type": "vm",
                "mounts": [{"volume": "disk", "path": p} for p in ("/a", "/b")],
            },
        ],
        [LAN, {**WEB, "count": 5, "network": {"attach": ["lan"]}}],
        [{**DB, "network": {"private_ip": "10.0.0.4"}}],
    ],
)
def test_what_makes_sense_is_not_remarked_on(resources: list[dict[str, Any]]) -> None:
    assert found(*resources) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"source": "any", "target": "web"}, {"action": "deny", "source": "db", "target": "web"}),
        ({"source": "10.0.0.0/8"}, {"source": "10.1.0.0/16", "ports": [22]}),
        ({"ports": [80, 443]}, {"ports": [443], "source": "web"}),
        ({"source": "web"}, {"source": "web-2"}),
        ({"source": "::/0"}, {"source": "2001:db8::/32"}),
    ],
)
def test_a_rule_that_an_earlier_one_takes_all_of_never_matches(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert found(WEB, DB, fire(first, second)) == [("rule_never_matches", "resources.2.rules.1")]
    assert found(WEB, DB, fire(second, first)) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"source": "db", "target": "web"}, {"source": "any", "target": "web"}),
        ({"ports": [80]}, {"ports": [80, 443]}),
        ({"ports": [80]}, {}),
        ({"ports": ["53/udp"]}, {"ports": ["53/tcp"]}),
        ({"source": "10.0.0.0/8"}, {"source": "0.0.0.0/0"}),
        ({"source": "10.0.0.0/8"}, {"source": "::/0"}),
    ],
)
def test_a_rule_that_is_wider_than_those_before_it_still_matches(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert found(WEB, DB, fire(first, second)) == []


def test_removing_the_cause_removes_the_remark() -> None:
    replica = {"name": "db-replica", "type": "database", "engine": "postgresql"}
    assert found(WEB, replica) != []
    assert found(WEB, replica, DB) == []
