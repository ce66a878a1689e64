"""What people outside write in their cases, in our own terms: whole starts, and the paths and names of expectations.

What is clear is mapped; a key that our blueprints don't have is left out; the rest is for the blueprint to refuse.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from alma.core.language.editing.edits import DEFAULT_NAME
from alma.core.model.base import Frozen, slug
from alma.core.model.blueprint import (
    COMPUTE,
    Backup,
    Blueprint,
    ClusterPolicies,
    Constraints,
    FirewallRule,
    Mount,
    Network,
    Resource,
    Specs,
)

SIZES = frozenset({"specs.memory", "specs.disk", "specs.storage"})
NAMED = frozenset({"name", "depends_on", "backends", "connects_to", "network.attach"})
REGION, ENVIRONMENT = "region", "environment"

# Others' words for a spec, wherever it stands.
_SPECS = {
    **{name: name for name in Specs.model_fields},
    **dict.fromkeys(("ram", "mem"), "memory"),
    **dict.fromkeys(("cpus", "cores", "vcpu", "vcpus"), "cpu"),
    **dict.fromkeys(("disk_size", "ssd", "hdd"), "disk"),
    "gpus": "gpu",
    "masters": "control_plane",
    "worker_nodes": "workers",
}
_NETWORK = {
    **dict.fromkeys(("ports", "port"), "network.ports"),
    **dict.fromkeys(("public", "public_ip"), "network.public_ip"),
    **dict.fromkeys(("private_ip", "ip"), "network.private_ip"),
}
# How others may write what our resources have elsewhere.
_ELSEWHERE = {
    **{short: f"specs.{own}" for short, own in _SPECS.items()},
    **{f"specs.{short}": f"specs.{own}" for short, own in _SPECS.items() if short != own},
    **_NETWORK,
    **{f"network.{short}": path for short, path in _NETWORK.items() if f"network.{short}" != path},
    "network.cidr": "cidr",
    "network.vlan": "vlan",
    **dict.fromkeys(("replicas", "instances"), "count"),
    **dict.fromkeys(("os", "operating_system"), "image"),
    "software": "engine",
    "backups": "backup",
    "tags": "labels",
}
# Whose `size` can only be that of a disk.
_KEEPING = frozenset({"volume", "database", "object_store"})
_LIMITS = {
    **dict.fromkeys(("budget", "max_cost", "monthly_budget"), "max_monthly_cost"),
    "location": REGION,
}
_RULE = {"from": "source", "to": "target", "port": "ports"}
# Nouns that leave open what kind of machine is meant.
_ANY_COMPUTE = frozenset({"any_compute", "server", "box", "node", "machine", "host", "instance"})
_TYPES = {
    **dict.fromkeys(_ANY_COMPUTE, "vm"),
    **dict.fromkeys(("virtual_machine", "droplet", "ec2", "ec2_instance"), "vm"),
    **dict.fromkeys(("lxc", "docker", "docker_container"), "container"),
    **dict.fromkeys(("app", "application"), "service"),
    "db": "database",
    **dict.fromkeys(("message_queue", "broker", "mq"), "queue"),
    **dict.fromkeys(("lb", "loadbalancer"), "load_balancer"),
    **dict.fromkeys(("subnet", "vpc", "vlan"), "network"),
    "disk": "volume",
    **dict.fromkeys(("bucket", "object_storage"), "object_store"),
    **dict.fromkeys(("kubernetes", "k8s", "cluster"), "kubernetes_cluster"),
}
_SPOKEN = re.compile(r"\s*([\d.]+)\s*([kmgt])(ig|eg)s?\s*", re.IGNORECASE)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def any_of(value: Any) -> Sequence[Any]:
    """A list of what may stand alone."""
    return value if isinstance(value, list | tuple) else [value]


def named(name: Any) -> str:
    """A name that a resource may have: `Web 1` is `Web-1`."""
    return re.sub(r"[^a-zA-Z0-9_.-]+", "-", str(name)).strip("-_.")[:63]


def type_of(said: Any) -> str:
    """Our type of a resource that exists; of one that is no type of ours, the word."""
    word = re.sub(r"[\s-]+", "_", str(said).strip().casefold())
    return _TYPES.get(word, word)


def types_of(said: Any) -> frozenset[str]:
    """Every type that an expectation's word leaves open."""
    any_compute = re.sub(r"[\s-]+", "_", str(said).strip().casefold()) in _ANY_COMPUTE
    return frozenset(map(str, COMPUTE)) if any_compute else frozenset({type_of(said)})


def path_of(path: str, kind: str) -> str:
    """Where a resource of that type has what others call so."""
    if path in {"size", "specs.size"} and kind in _KEEPING:
        return "specs.disk"
    head, dot, rest = path.partition(".")
    if path in _ELSEWHERE or not dot:
        return _ELSEWHERE.get(path, path)
    if head == ENVIRONMENT:
        return f"env.{rest}"
    return f"{_ELSEWHERE[head]}.{rest}" if head in {"tags", "backups"} else path


def limit_of(key: str) -> str:
    """Our name of a limit."""
    return _LIMITS.get(key, key)


def size_of(value: Any) -> Any:
    """An amount with its unit: a bare number is GB, `8 gigs` is 8GB."""
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"\d+(\.\d+)?", text):
        spoken = _SPOKEN.fullmatch(text)
        return f"{spoken[1]}{spoken[2].upper()}B" if spoken else value
    return f"{text}GB"


def pairs_of(value: Any, *, alone: str) -> dict[str, Any]:
    """`["a=1", "b"]` as a mapping; what has no value is `alone`."""
    if isinstance(value, Mapping):
        return {str(key): alone if inner is None else inner for key, inner in value.items()}
    split = (str(item).partition("=") for item in any_of(value))
    return {key.strip(): inner.strip() if sign else alone for key, sign, inner in split}


def labels_of(value: Any) -> dict[str, str]:
    """Tags as labels: a single word is one that is true."""
    found = pairs_of(value, alone="true")
    given = isinstance(value, Mapping)
    return {
        key if given or "=" in key else _label(key): _text(inner) for key, inner in found.items()
    }


def _label(word: str) -> str:
    return word if re.fullmatch(r"[\w./-]+", word) else slug(word)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_ours(start: Any) -> dict[str, Any]:
    """A blueprint as people outside may write it, in our own terms. Raises ValueError for what is no such thing."""
    given = {"resources": start} if isinstance(start, list) else dict(_mapping(start, "the start"))
    entries = list(_entries(given.get("resources")))
    limits = _limits(given, entries)
    facts = given.get("metadata")
    metadata = dict(facts) if isinstance(facts, Mapping) else {}
    if environment := _one(ENVIRONMENT, [given]) or _one(ENVIRONMENT, entries):
        metadata.setdefault(ENVIRONMENT, environment)
    ours = {
        "name": str(given.get("name") or DEFAULT_NAME),
        "engine": given.get("engine") or given.get("target"),
        "description": given.get("description"),
        "version": given.get("version") if str(given.get("version")) in {"1", "1.0"} else None,
        "resources": _resources(entries),
        "constraints": limits or None,
        "metadata": metadata or None,
    }
    return _known(ours, Blueprint)


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} is no mapping: {value!r}")  # noqa: TRY004 - it is what was written
    return value


def _entries(resources: Any) -> Iterator[Mapping[str, Any]]:
    """The resources, in a list or by their names."""
    if isinstance(resources, Mapping):
        for name, entry in resources.items():
            yield {"name": name, **_mapping(entry or {}, f"the resource {name}")}
        return
    for entry in any_of(resources or []):
        yield _mapping(entry, "a resource")


def _known(entry: Mapping[str, Any], model: type[Frozen]) -> dict[str, Any]:
    """What the model has; what is null is left out, too."""
    known = model.model_fields
    return {key: value for key, value in entry.items() if key in known and value is not None}


def _one(key: str, entries: Iterable[Mapping[str, Any]]) -> str | None:
    """The one word that all say who say any: it holds for the whole blueprint."""
    said = {entry[key] for entry in entries if isinstance(entry.get(key), str)}
    return str(said.pop()) if len(said) == 1 else None


def _limits(given: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The limits, wherever they stand."""
    found: dict[str, Any] = {REGION: _one(REGION, entries)}
    for source in (given, given.get("constraints") or {}):
        found |= {limit_of(key): value for key, value in _mapping(source, "constraints").items()}
    cost = found.get("max_monthly_cost")
    if isinstance(cost, str) and (number := _NUMBER.search(cost)):
        found["max_monthly_cost"] = float(number[0].replace(",", ""))
    return _known(found, Constraints)


def _resources(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for number, entry in enumerate(entries, 1):
        kind = type_of(entry.get("type", ""))
        made.append(_resource(entry, kind, name=entry.get("name") or f"{kind}-{number}"))
    return made


def _resource(entry: Mapping[str, Any], kind: str, *, name: Any) -> dict[str, Any]:
    moved = _moved({**entry, "name": name, "type": kind}, kind)
    if "connects_to" in moved:
        behind = "backends" if kind == "load_balancer" else "depends_on"
        moved[behind] = [*any_of(moved.get(behind, [])), *any_of(moved["connects_to"])]
    return _known({key: _value(key, value) for key, value in moved.items()}, Resource)


def _moved(entry: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Everything where we have it; what is written in our own terms counts more."""
    placed = [(path_of(path, kind), path, value) for path, value in _leaves(entry)]
    moved: dict[str, Any] = {}
    for path, _, value in sorted(placed, key=lambda one: one[0] == one[1]):
        head, _, rest = path.partition(".")
        if head in {"specs", "network"} and rest:
            moved.setdefault(head, {})[rest] = value
        else:
            moved[path] = value
    return moved


def _leaves(entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in entry.items():
        if key in {"specs", "network"} and isinstance(value, Mapping):
            yield from ((f"{key}.{inner}", found) for inner, found in value.items())
        elif key == "network":
            yield "network.attach", any_of(value)
        elif key == ENVIRONMENT and isinstance(value, Mapping | list):
            yield "env", value
        elif value is not None:
            yield key, value


def _value(key: str, value: Any) -> Any:
    """A resource's property as our blueprints write it."""
    if key in NAMED:
        names = [named(name) for name in any_of(value)]
        return names[0] if key == "name" and names else names
    read = _READ.get(key)
    return read(value) if read else value


def _specs(value: Any) -> Any:
    specs = _known(_mapping(value, "specs"), Specs)
    for key, said in specs.items():
        if f"specs.{key}" in SIZES:
            specs[key] = size_of(said)
        elif key == "cpu" and isinstance(said, str) and (cores := re.match(r"[\d.]+m?", said)):
            specs[key] = cores[0]
    return specs


def _network(value: Any) -> Any:
    network = _known(_mapping(value, "network"), Network)
    if "attach" in network:
        network["attach"] = [named(name) for name in any_of(network["attach"])]
    return network


def _backup(value: Any) -> Any:
    if isinstance(value, str):
        return {"schedule": value}
    if not isinstance(value, Mapping):
        return value
    return _known({"retention_days": value.get("retention"), **value}, Backup)


def _mount(value: Any) -> Any:
    if isinstance(value, str):  # as Docker has it
        volume, _, path = value.partition(":")
        return {"volume": named(volume), "path": path.partition(":")[0]}
    mount = _known(_mapping(value, "a mount"), Mount)
    return {**mount, "volume": named(mount.get("volume", ""))}


def _rule(value: Any) -> Any:
    entry = _mapping(value, "a rule")
    rule = _known({_RULE.get(key, key): inner for key, inner in entry.items()}, FirewallRule)
    return {**rule, "ports": any_of(rule.get("ports", []))}


def _env_value(value: Any) -> Any:
    return value if isinstance(value, str | int | float) or "secret" in value else str(value)


_READ: Mapping[str, Callable[[Any], Any]] = {
    "specs": _specs,
    "network": _network,
    "backup": _backup,
    "labels": labels_of,
    "env": lambda value: {k: _env_value(v) for k, v in pairs_of(value, alone="").items()},
    "mounts": lambda value: [_mount(entry) for entry in any_of(value)],
    "rules": lambda value: [_rule(entry) for entry in any_of(value)],
    "policies": lambda value: _known(_mapping(value, "policies"), ClusterPolicies),
    "command": lambda value: shlex.split(value) if isinstance(value, str) else value,
    "image": str,
    "engine": str,
    "description": str,
}
