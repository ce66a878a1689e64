"""Whatever a blueprint says is in the files, or in a note: nothing is lost silently.

Each case changes one thing of a resource. Either the files change, or a note names the place.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.unit.renderers.rendering import ENGINES, everything, notes, rendered

BASE: list[dict[str, Any]] = [
    {"name": "lan", "type": "network", "cidr": "10.4.1.0/24"},
    {"name": "other", "type": "network", "cidr": "10.4.2.0/24"},
    {"name": "data", "type": "volume", "specs": {"disk": "10GiB"}},
    {"name": "web", "type": "service", "engine": "nginx", "network": {"attach": ["lan"], "ports": [80]}},
    {"name": "db", "type": "database", "engine": "postgresql", "network": {"attach": ["lan"]}},
    {"name": "cache", "type": "cache", "engine": "redis", "network": {"attach": ["lan"]}},
    {"name": "vm", "type": "vm", "image": "debian-12", "network": {"attach": ["lan"]}},
    {"name": "lb", "type": "load_balancer", "backends": ["web"], "network": {"attach": ["lan"], "ports": [80]}},
    {"name": "files", "type": "object_store", "network": {"attach": ["lan"]}},
]  # fmt: skip
WORKLOADS = ("web", "db", "cache", "vm", "lb", "files")
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("specs.cpu", {"specs": {"cpu": 7}}),
    ("specs.memory", {"specs": {"memory": "9GiB"}}),
    ("specs.disk", {"specs": {"disk": "77GiB"}}),
    ("specs.gpu", {"specs": {"gpu": 1}}),
    ("network.private_ip", {"network": {"attach": ["lan"], "private_ip": "10.4.1.77"}}),
    ("network.public_ip", {"network": {"attach": ["lan"], "public_ip": True, "ports": [80]}}),
    ("network.public_ip", {"network": {"attach": ["lan"], "public_ip": "198.51.100.7"}}),
    ("network.ports", {"network": {"attach": ["lan"], "ports": ["8088:8080", "53/udp"]}}),
    ("network.attach", {"network": {"attach": ["other"], "ports": [80]}}),
    ("backup", {"backup": {"enabled": True, "schedule": "hourly", "retention_days": 99}}),
    ("env", {"env": {"ANYTHING": "some value"}}),
    ("command", {"command": ["sleep", "77"]}),
    ("mounts", {"mounts": [{"volume": "data", "path": "/srv/own"}]}),
    ("labels", {"labels": {"team": "payments"}}),
    ("count", {"count": 3}),
    ("image", {"image": "example.org/own/app:7"}),
]


def changed(name: str, change: dict[str, Any]) -> list[dict[str, Any]]:
    resources = deepcopy(BASE)
    next(item for item in resources if item["name"] == name).update(change)
    return resources


@pytest.mark.parametrize(
    ("path", "change"), CHANGES, ids=[f"{p}-{n}" for n, (p, _) in enumerate(CHANGES)]
)
@pytest.mark.parametrize("name", WORKLOADS)
@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_resource_says_is_written_or_told(
    engine: str, name: str, path: str, change: dict[str, Any]
) -> None:
    before, after = rendered(BASE, engine), rendered(changed(name, change), engine)
    head = after.files[0].content.partition("sha256:")[2][:64]
    plain = before.files[0].content.partition("sha256:")[2][:64]
    is_written = everything(after).replace(head, "") != everything(before).replace(plain, "")
    told = [note for note in notes(after, f"{name}.{path}") if note not in before.notes]
    whole = [
        note for note in after.notes if note.path == f"{name}.type" and note.code == "unsupported"
    ]
    always = notes(before, f"{name}.{path}")
    assert is_written or told or whole or always, f"{name}.{path} is lost for {engine}"


RULES: list[dict[str, Any]] = [
    {"action": "allow", "source": "lan", "target": "web", "ports": [80]},
    {"action": "allow", "source": "203.0.113.0/24", "target": "db", "ports": [5432]},
    {"action": "deny", "source": "10.4.1.9", "target": "vm"},
]


@pytest.mark.parametrize("rule", RULES, ids=[rule["target"] for rule in RULES])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_rule_of_a_firewall_is_written_or_told(engine: str, rule: dict[str, Any]) -> None:
    wall = {"name": "walls", "type": "firewall", "rules": [rule]}
    before, after = rendered(BASE, engine), rendered([*BASE, wall], engine)
    told = [note for note in after.notes if note not in before.notes]
    strip = lambda made: "\n".join(everything(made).split("\n")[2:])  # noqa: E731
    assert strip(after) != strip(before) or told


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("lan", {"vlan": 77}),
        ("lan", {"cidr": "10.4.9.0/24"}),
        ("data", {"specs": {"disk": "99GiB"}}),
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_network_and_a_volume_are_written_or_told(
    engine: str, name: str, change: dict[str, Any]
) -> None:
    mounted = changed("vm", {"mounts": [{"volume": "data", "path": "/srv/own"}]})
    after = deepcopy(mounted)
    next(item for item in after if item["name"] == name).update(change)
    one, other = rendered(mounted, engine), rendered(after, engine)
    strip = lambda made: "\n".join(everything(made).split("\n")[2:])  # noqa: E731
    told = [note for note in other.notes if note not in one.notes]
    assert strip(other) != strip(one) or told or notes(one, f"{name}.{next(iter(change))}")
