"""Good blueprints, and known defects to seed into them: what `benchmarks/council.py` measures by.

Labels say what is wrong and not what any rule answers: `wants` names the finding that has to come, `also` families of
findings that follow from the same defect. A kind without `wants` is a defect that no rule and no look at the plan
knows: it counts as missed.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]

_SAID: Document = {
    "owner": "shop team",
    "environment": "production",
    "cost_center": "cc-7",
    "admin_path": "vpn",
    "logging": {"enabled": True, "audit": True, "remote": True, "retention_days": 400},
    "monitoring": {"enabled": True, "alerts": True, "health_check": "http /"},
    "patching": {"auto_security": True},
    "time_sync": True,
    "malware_protection": True,
    "intrusion_detection": True,
    "secrets": {"store": "vault"},
    "auth": {"mfa": True, "rbac": True, "ssh_password": False, "ssh_root": False, "default_credentials": False,
             "shared_accounts": False, "admin_role": False},
    "vulnerability": {"last_scan_days": 3},
    "access": {"last_review_days": 30},
    "recovery": {"rpo_hours": 24, "rto_hours": 4},
    "protection": {"deletion": True},
}  # fmt: skip
_NETWORKS = [
    {"name": "edge", "type": "network", "cidr": "10.1.0.0/24"},
    {"name": "inner", "type": "network", "cidr": "10.2.0.0/24"},
]
_LB: Document = {
    "name": "lb",
    "type": "load_balancer",
    "count": 2,
    "specs": {"cpu": 1, "memory": "2GB", "disk": "10GB"},
    "backends": ["web"],
    "network": {"public_ip": True, "ports": [443], "attach": ["edge"]},
    "metadata": {"tls": {"enabled": True, "min_version": 1.2, "auto_renew": True}, "waf": True},
}
_STORE: Document = {
    "count": 2,
    "specs": {"cpu": 2, "memory": "8GB", "disk": "100GB"},
    "backup": {"enabled": True, "schedule": "daily", "retention_days": 35},
    "metadata": {
        "data": {"classes": ["internal"]},
        "encryption": {"at_rest": True, "in_transit": True, "key_source": "kms", "key_rotation_days": 90},
        "auth": {"required": True},
        "backup": {"offsite": True, "encrypted": True, "immutable": True, "last_restore_test_days": 20},
    },
}  # fmt: skip
_SIZE = {"cpu": 2, "memory": "4GB", "disk": "40GB"}


def _wall(port: int) -> Document:
    return {
        "name": "wall",
        "type": "firewall",
        "rules": [
            {"action": "allow", "source": "any", "target": "lb", "ports": [443]},
            {"action": "allow", "source": "lb", "target": "web", "ports": [8443]},
            {"action": "allow", "source": "web", "target": "db", "ports": [port]},
        ],
    }


def _good(web: Document, store: Document, port: int, *, environment: str) -> Document:
    store = {**_STORE, **store, "network": {"ports": [port], "attach": ["inner"]}}
    web = {
        "name": "web",
        "count": 2,
        "specs": _SIZE,
        "depends_on": ["db"],
        "network": {"ports": [8443], "attach": ["edge", "inner"]},
        "metadata": {"placement": "spread"},
        **web,
    }
    return deepcopy(
        {
            "version": "1.0",
            "name": "shop",
            "constraints": {"max_monthly_cost": 2000},
            "metadata": {**_SAID, "environment": environment},
            "resources": [*_NETWORKS, _wall(port), _LB, web, {"name": "db", **store}],
        }
    )


_NGINX = {"type": "vm", "engine": "nginx", "version": "1.27", "image": "debian:12"}
_POSTGRES = {"type": "database", "engine": "postgresql", "version": "16"}
_MARIADB = {"type": "database", "engine": "mariadb", "version": "11.4"}
GOOD: dict[str, Document] = {
    "postgres": _good(_NGINX, _POSTGRES, 5432, environment="production"),
    "mariadb": _good({**_NGINX, "count": 3}, _MARIADB, 3306, environment="production"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of defect: `seed` puts it into a document, and `where` is the resource it is at; empty for the whole.
    With `runs`, the good one runs already and the plan leads from there to the seeded one: `volumes` lets data go, and
    `drifted` had somebody change a server by hand."""

    name: str
    seed: Callable[[Document], None]
    where: str
    wants: frozenset[str] = frozenset()
    also: tuple[str, ...] = ()
    runs: bool = False
    volumes: bool = False
    drifted: bool = False


def part(document: Document, name: str) -> Document:
    """A resource of a document."""
    found: Document = next(item for item in document["resources"] if item["name"] == name)
    return found


def _set(name: str, path: str, value: Any) -> Callable[[Document], None]:
    """Sets one value, of a resource or (with an empty name) of the blueprint."""

    def seed(document: Document) -> None:
        at = part(document, name) if name else document
        *steps, last = path.split(".")
        for step in steps:
            at = at.setdefault(step, {})
        at[last] = value

    return seed


def _drop(name: str, path: str) -> Callable[[Document], None]:
    def seed(document: Document) -> None:
        at = part(document, name) if name else document
        *steps, last = path.split(".")
        for step in steps:
            at = at[step]
        at.pop(last)

    return seed


def _all(*seeds: Callable[[Document], None]) -> Callable[[Document], None]:
    def seed(document: Document) -> None:
        for one in seeds:
            one(document)

    return seed


def _add(resource: Document) -> Callable[[Document], None]:
    return lambda document: document["resources"].append(deepcopy(resource))


def _rule(**rule: Any) -> Callable[[Document], None]:
    return lambda document: part(document, "wall")["rules"].insert(0, rule)


def _remove(name: str) -> Callable[[Document], None]:
    def seed(document: Document) -> None:
        document["resources"] = [r for r in document["resources"] if r["name"] != name]
        for resource in document["resources"]:
            for key in ("depends_on", "backends"):
                if name in resource.get(key, []):
                    resource[key] = [other for other in resource[key] if other != name]
            if resource["type"] == "firewall":
                resource["rules"] = [r for r in resource["rules"] if name not in r.values()]

    return seed


def _outdated(document: Document) -> None:
    store = part(document, "db")
    store["version"] = {"postgresql": "9.6", "mariadb": "10.3"}[store["engine"]]


def _kind(
    name: str, where: str, wants: str, seed: Callable[[Document], None], *also: str, **more: Any
) -> Kind:
    return Kind(name, seed, where, frozenset(wants.split()), also, **more)


_NETWORK = ("ALMA-NET", "ALMA-ENC-003")
KINDS: tuple[Kind, ...] = (
    # exposure
    _kind(
        "a database with a public address",
        "db",
        "ALMA-NET-001",
        _set("db", "network.public_ip", True),
        *_NETWORK,
    ),
    _kind(
        "a published port of a database",
        "db",
        "ALMA-NET-002",
        _all(_set("db", "network.ports", ["15432:5432"]), _set("db", "count", 1), _remove("wall")),
        "ALMA-AVL",
        *_NETWORK,
    ),
    _kind(
        "SSH open to everybody",
        "web",
        "ALMA-NET-004",
        _rule(action="allow", source="any", target="web", ports=[22]),
        *_NETWORK,
    ),
    _kind(
        "a firewall that lets everybody reach everything",
        "wall",
        "ALMA-NET-006",
        _rule(action="allow", source="any", target="any", ports=[]),
        *_NETWORK,
    ),
    _kind(
        "an inner network in public addresses",
        "inner",
        "ALMA-NET-015",
        _set("inner", "cidr", "8.8.4.0/24"),
        *_NETWORK,
    ),
    _kind(
        "an entry without TLS",
        "lb",
        "ALMA-ENC-003",
        _set("lb", "metadata.tls", {"enabled": False}),
        *_NETWORK,
        "ALMA-ENC",
    ),
    _kind("old TLS", "lb", "ALMA-ENC-004", _set("lb", "metadata.tls.min_version", 1.0)),
    _kind("an entry that nothing filters", "lb", "ALMA-NET-017", _set("lb", "metadata.waf", False)),
    # secrets and identity
    _kind(
        "a password in a variable",
        "web",
        "ALMA-IAM-001",
        _set("web", "env", {"DB_PASSWORD": "hunter2hunter2"}),
        "ALMA-GOV-009",
    ),
    _kind(
        "a password in a label",
        "web",
        "ALMA-IAM-011",
        _set("web", "labels", {"password": "hunter2hunter2"}),
        "ALMA-GOV-009",
    ),
    _kind(
        "the vendor's account left in place",
        "db",
        "ALMA-IAM-002",
        _set("db", "metadata.auth.default_credentials", True),
    ),
    _kind(
        "a database that asks nobody who they are",
        "db",
        "ALMA-IAM-005",
        _set("db", "metadata.auth.required", False),
    ),
    _kind(
        "SSH with passwords", "web", "ALMA-IAM-003", _set("web", "metadata.auth.ssh_password", True)
    ),
    _kind(
        "a web server with an administrator's rights",
        "web",
        "ALMA-IAM-007",
        _set("web", "metadata.auth.admin_role", True),
    ),
    _kind(
        "rights that nobody reviews",
        "db",
        "ALMA-IAM-010",
        _set("db", "metadata.access.last_review_days", 900),
    ),
    # data
    _kind(
        "data in plain text",
        "db",
        "ALMA-ENC-001",
        _set("db", "metadata.encryption.at_rest", False),
        "ALMA-ENC",
    ),
    _kind(
        "clients in plain text",
        "db",
        "ALMA-ENC-002",
        _set("db", "metadata.encryption.in_transit", False),
        "ALMA-ENC",
    ),
    _kind("no backup", "db", "ALMA-BCK-001", _drop("db", "backup"), "ALMA-BCK"),
    _kind(
        "backups thrown away after a day",
        "db",
        "ALMA-BCK-002",
        _set("db", "backup.retention_days", 1),
        "ALMA-BCK",
    ),
    _kind(
        "a weekly backup in production",
        "db",
        "ALMA-BCK-003",
        _set("db", "backup.schedule", "weekly"),
        "ALMA-BCK",
    ),
    _kind(
        "backups beside the original",
        "db",
        "ALMA-BCK-004",
        _set("db", "metadata.backup.offsite", False),
        "ALMA-BCK",
    ),
    _kind(
        "a backup that nobody ever restored",
        "db",
        "ALMA-BCK-006",
        _set("db", "metadata.backup.last_restore_test_days", 400),
        "ALMA-BCK",
    ),
    _kind(
        "personal data kept for ever, abroad",
        "db",
        "ALMA-DAT-003",
        _all(
            _set("db", "metadata.data", {"classes": ["personal"]}),
            _set("db", "metadata.region", "us-east-1"),
            _set("", "constraints.region", "us-east-1"),
        ),
        "ALMA-DAT",
        "ALMA-LOG",
        "ALMA-ENC",
        "ALMA-NET",
        "PLAN-WARNING",
    ),
    # availability and size
    _kind(
        "one web server in production", "web", "ALMA-AVL-001", _set("web", "count", 1), "ALMA-AVL"
    ),
    _kind(
        "a database without a copy",
        "db",
        "ALMA-AVL-002",
        _set("db", "count", 1),
        "ALMA-AVL",
        "ARCH-SINGLE",
    ),
    _kind(
        "a load balancer with nobody to send to",
        "lb",
        "ALMA-AVL-005",
        _set("lb", "backends", []),
        "ALMA-AVL",
    ),
    _kind(
        "a load balancer that is alone", "lb", "ALMA-AVL-007", _set("lb", "count", 1), "ALMA-AVL"
    ),
    _kind(
        "a database with hardly any memory",
        "db",
        "ALMA-SIZ-004",
        _set("db", "specs.memory", "512MB"),
        "ALMA-SIZ",
    ),
    _kind(
        "no limits on cores and memory",
        "web",
        "ALMA-SIZ-001",
        _set("web", "specs", {"disk": "40GB"}),
        "ALMA-SIZ",
    ),
    # software, logs, order
    _kind(
        "an operating system that is over",
        "web",
        "ALMA-SYS-001",
        _set("web", "image", "ubuntu:14.04"),
        "ALMA-SYS",
        "PLAN",
    ),
    _kind(
        "a database that is over",
        "db",
        "ALMA-SYS-002",
        _outdated,
        "ALMA-SYS",
        "PLAN",
    ),
    _kind(
        "logs that an intruder finds",
        "web",
        "ALMA-LOG-003",
        _set("web", "metadata.logging.remote", False),
        "ALMA-LOG",
    ),
    _kind(
        "production that nobody measures",
        "",
        "ALMA-MON-001",
        _set("", "metadata.monitoring", {"enabled": False, "alerts": False}),
        "ALMA-MON",
        "ALMA-AVL-011",
    ),
    _kind("no owner", "", "ALMA-GOV-001", _drop("", "metadata.owner")),
    _kind(
        "a network that nothing is in",
        "spare",
        "ALMA-GOV-006",
        _add({"name": "spare", "type": "network", "cidr": "10.9.0.0/24"}),
    ),
    # money
    _kind(
        "more than the limit", "", "COST-OVER-LIMIT", _set("", "constraints.max_monthly_cost", 100)
    ),
    _kind(
        "four times what it costs now",
        "web",
        "COST-GROWTH",
        _all(_set("web", "count", 12), _set("web", "specs.memory", "16GB")),
        "PLAN",
        "ALMA-SIZ",
        runs=True,
    ),
    # plans
    _kind(
        "all web servers restarted at once",
        "web",
        "PLAN-OUTAGE",
        _set("web", "specs.memory", "8GB"),
        "PLAN",
        runs=True,
    ),
    _kind(
        "a database that is deleted with its data",
        "db",
        "PLAN-DATA-LOSS",
        _remove("db"),
        "PLAN",
        "ALMA-NET",
        "ALMA-GOV",
        runs=True,
        volumes=True,
    ),
    _kind(
        "what was changed by hand",
        "web",
        "PLAN-DRIFT",
        lambda d: None,
        "PLAN",
        runs=True,
        drifted=True,
    ),
    # what no rule knows
    Kind("a port that the firewall does not let in", _set("web", "network.ports", [9443]), "web"),
    Kind(
        "a firewall that opens the wrong port of the database",
        lambda d: part(d, "wall")["rules"][2].update(ports=[1234]),
        "wall",
    ),
    Kind("debugging on in production", _set("web", "env", {"DEBUG": "true"}), "web"),
    Kind(
        "a variable that names a database nobody has",
        _set("web", "env", {"DATABASE_HOST": "old-db"}),
        "web",
    ),
)
