"""Designs for a load, from one server to a cluster: which machines, how big, and what each survives.

Sizes come from the capacity model. What differs between designs is what may fail without anybody noticing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from alma.core.economics.availability import Layer
from alma.core.economics.capacity import CapacityModel
from alma.core.economics.figures import shown
from alma.core.model.base import slug
from alma.core.model.blueprint import MAX_COUNT
from alma.core.model.sizing import Sizing

STANDBYS = {"postgresql": "postgresql-replica"}
"""Databases whose standby the catalogue can set up."""
_MOST_CORES = 64
_MOST_DATABASE = 256
_KUBERNETES_CORES = 1
_TLS = 443


class Kind(StrEnum):
    """The designs that are known, the plainest first."""

    SINGLE = "single"
    PAIR = "pair"
    CLUSTER = "cluster"


TITLES = {
    Kind.SINGLE: "One server, one database",
    Kind.PAIR: "Balanced servers, replicated database",
    Kind.CLUSTER: "Kubernetes cluster, replicated database",
}


@dataclass(frozen=True)
class Wish:
    """What a design is for. `extras` are parts that this kind of application has besides: cache, queue, object_store.
    `data_gb` is what the database, or the object store where there is one, has to hold."""

    title: str
    need: Sizing
    model: CapacityModel
    extras: frozenset[str]
    data_gb: float
    database: str
    server: str
    region: str | None = None

    @property
    def at_work(self) -> int:
        """Cores that do the work at the peak."""
        spare = int(self.model.traffic.spare_servers.value)
        return (self.need.app_servers - spare) * self.need.app_cpu

    def memory_gb(self, cores: int) -> str:
        """Of an application server."""
        shapes = self.model.servers
        return f"{shown(shapes.memory_gb.value + cores * shapes.memory_gb_per_core.value).replace(',', '')}GB"

    def disk_gb(self, amount: float) -> str:
        """A disk that so much data does not fill beyond its limit; in steps of ten."""
        share = float(self.model.limits.storage.value)
        return f"{max(math.ceil(round(amount / share / 10, 9)) * 10, 20)}GB"


@dataclass(frozen=True)
class Draft:
    """A design before it is priced: its blueprint as a document, its layers, and what it survives."""

    kind: Kind
    document: Mapping[str, Any]
    layers: tuple[Layer, ...]
    survives: str
    by_hand: str


def draft(kind: Kind, wish: Wish) -> Draft | None:
    """The design for a wish; None where it can't be built so: no machine is big enough, or it takes too many."""
    if wish.need.database_cpu > _MOST_DATABASE or wish.need.app_servers > MAX_COUNT:
        return None
    makers: dict[Kind, Callable[[Wish], Draft | None]] = {
        Kind.SINGLE: _single, Kind.PAIR: _pair, Kind.CLUSTER: _cluster,
    }  # fmt: skip
    return makers[kind](wish)


def _single(wish: Wish) -> Draft | None:
    if max(wish.at_work, wish.need.database_cpu) > _MOST_CORES:
        return None
    web = _server(wish, wish.at_work, 1) | {
        "network": {"public_ip": True, "ports": [_TLS], "attach": ["front", "data"]}
    }
    resources = [*_networks("web"), _database(wish), *_extras(wish), web]
    layers = (Layer("application", 1), Layer("database", 1), *_extra_layers(wish, 1))
    return Draft(
        Kind.SINGLE, _document(Kind.SINGLE, wish, resources), layers, "nothing",
        "every failure: until somebody has repaired it, all of it is away",
    )  # fmt: skip


def _pair(wish: Wish) -> Draft:
    count = max(wish.need.app_servers, 2)
    standby = _standbys(wish, 1)
    resources = [
        *_networks("balancer"), _database(wish), *standby, *_extras(wish),
        _server(wish, wish.need.app_cpu, count), _balancer("web"),
    ]  # fmt: skip
    layers = (
        Layer("load balancer", 2),
        Layer("application", count, count - 1),
        _store_layer(1 + _count(standby)),
        *_extra_layers(wish, 1),
    )
    lost = "any one server" if standby else "any one server but the database"
    return Draft(
        Kind.PAIR,
        _document(Kind.PAIR, wish, resources),
        layers,
        _but_extras(lost, wish),
        _promoting(bool(standby)),
    )


def _cluster(wish: Wish) -> Draft:
    """Workers take turns with what comes in, so nothing stands in front of them."""
    cores, workers = _workers(wish)
    standby = _standbys(wish, 2)
    cluster = {
        "name": "cluster", "type": "kubernetes_cluster",
        "specs": {"control_plane": 3, "workers": workers, "cpu": cores, "memory": wish.memory_gb(cores),
                  "disk": "50GB"},
        "network": {"attach": ["front", "data"]}, "depends_on": ["perimeter"],
        "policies": {"network": "default-deny", "pod_security": "baseline"},
    }  # fmt: skip
    resources = [*_networks("cluster"), _database(wish), *standby, *_extras(wish), cluster]
    layers = (
        Layer("workers", workers, workers - 1),
        _store_layer(1 + _count(standby)),
        *_extra_layers(wish, 1),
    )
    lost = "any one machine" if standby else "any one machine but the database"
    by_hand = f"the application and the way into the cluster are deployed by you; {_promoting(bool(standby))}"
    return Draft(
        Kind.CLUSTER,
        _document(Kind.CLUSTER, wish, resources),
        layers,
        _but_extras(lost, wish),
        by_hand,
    )


def _workers(wish: Wish) -> tuple[int, int]:
    """Cores of a worker and how many there are: so that without one of them the rest carry the load, three at least.
    One core of each is for Kubernetes itself."""
    sizes = sorted(size for size in wish.model.servers.cores if size > _KUBERNETES_CORES)
    few = int(wish.model.servers.few.value)

    def working(size: int) -> int:
        return max(math.ceil(wish.at_work / (size - _KUBERNETES_CORES)), 2)

    cores = next((size for size in sizes if working(size) <= few), sizes[-1])
    return cores, working(cores) + 1


# ── resources ────────────────────────────────────────────────────────────────────────────────────


def _document(kind: Kind, wish: Wish, resources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": slug(f"{wish.title} {kind}"),
        "description": f"{TITLES[kind]}, for {wish.title}",
        "resources": list(resources),
    }
    if wish.region:
        document["constraints"] = {"region": wish.region}
    return document


def _networks(front: str) -> list[dict[str, Any]]:
    """What faces the internet, what holds data, and a firewall that lets one thing in."""
    rules = [
        {"action": "allow", "source": "any", "target": front, "ports": [_TLS], "description": "People, encrypted"},
        {"action": "deny", "source": "any", "target": "any", "description": "And nothing else"},
    ]  # fmt: skip
    return [
        {"name": "front", "type": "network", "cidr": "10.20.1.0/24"},
        {"name": "data", "type": "network", "cidr": "10.20.2.0/24"},
        {"name": "perimeter", "type": "firewall", "rules": rules},
    ]


def _server(wish: Wish, cores: int, count: int) -> dict[str, Any]:
    return {
        "name": "web", "type": "vm", "engine": wish.server, "count": count,
        "specs": {"cpu": cores, "memory": wish.memory_gb(cores), "disk": "20GB"},
        "network": {"ports": [_TLS], "attach": ["front", "data"]},
        "depends_on": ["database", *sorted(_names(wish))],
    }  # fmt: skip


def _balancer(behind: str) -> dict[str, Any]:
    return {
        "name": "balancer", "type": "load_balancer", "engine": "haproxy", "count": 2,
        "specs": {"cpu": 1, "memory": "1GB"},
        "network": {"public_ip": True, "ports": [_TLS], "attach": ["front"]}, "backends": [behind],
    }  # fmt: skip


def _database(wish: Wish) -> dict[str, Any]:
    held = 0.0 if "object_store" in wish.extras else wish.data_gb
    return {
        "name": "database", "type": "database", "engine": wish.database,
        "specs": {"cpu": wish.need.database_cpu, "memory": str(wish.need.database_memory), "disk": wish.disk_gb(held)},
        "network": {"attach": ["data"]},
        "backup": {"enabled": True, "schedule": "daily", "retention_days": 30},
    }  # fmt: skip


def _standbys(wish: Wish, count: int) -> list[dict[str, Any]]:
    """Copies that follow the database, where the catalogue knows how."""
    engine = STANDBYS.get(wish.database)
    if engine is None:
        return []
    primary = _database(wish)
    return [{
        "name": "database-standby", "type": "database", "engine": engine, "count": count, "specs": primary["specs"],
        "network": {"attach": ["data"]}, "depends_on": ["database"],
        "env": {"PRIMARY_HOST": "database", "PGPASSWORD": {"secret": "database.password"}},
        "metadata": {"replica_of": "database"},
    }]  # fmt: skip


def _extras(wish: Wish) -> list[dict[str, Any]]:
    network = {"network": {"attach": ["data"]}}
    known: dict[str, dict[str, Any]] = {
        "cache": {"name": "cache", "type": "cache", "engine": "redis",
                  "specs": {"cpu": 1, "memory": "2GB", "disk": "10GB"}},
        "queue": {"name": "queue", "type": "queue", "engine": "rabbitmq",
                  "specs": {"cpu": 1, "memory": "2GB", "disk": "20GB"}},
        "object_store": {"name": "objects", "type": "object_store", "engine": "minio",
                         "specs": {"cpu": 2, "memory": "4GB", "disk": wish.disk_gb(wish.data_gb)},
                         "backup": {"enabled": True, "schedule": "daily", "retention_days": 30}},
    }  # fmt: skip
    return [known[extra] | network for extra in known if extra in wish.extras]


def _names(wish: Wish) -> list[str]:
    return [item["name"] for item in _extras(wish)]


def _count(standbys: Sequence[Mapping[str, Any]]) -> int:
    return sum(item["count"] for item in standbys)


def _store_layer(count: int) -> Layer:
    return Layer("database", count, promoted=count > 1)


def _extra_layers(wish: Wish, count: int) -> list[Layer]:
    """A cache may be lost at any time; a queue and an object store are needed, and alone."""
    return [Layer(name, count) for name in _names(wish) if name != "cache"]


def _but_extras(lost: str, wish: Wish) -> str:
    alone = [name for name in _names(wish) if name != "cache"]
    return f"{lost}, but not of {' and '.join(alone)}" if alone else lost


def _promoting(standby: bool) -> str:
    if standby:
        return "when the database is lost, somebody promotes a standby"
    return "when the database is lost, somebody restores it from its backup: no standby of it can be set up here"
