"""What ALMA assumes when nothing was said: names, sizes and words for each type. Assumptions are always said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alma.core.model.base import Json
from alma.core.model.blueprint import COMPUTE, DATA, WORKLOADS, ResourceType

_T = ResourceType

STEMS: Mapping[ResourceType, str] = {
    _T.VM: "vm",
    _T.CONTAINER: "container",
    _T.SERVICE: "service",
    _T.DATABASE: "db",
    _T.CACHE: "cache",
    _T.QUEUE: "queue",
    _T.LOAD_BALANCER: "lb",
    _T.NETWORK: "net",
    _T.VOLUME: "volume",
    _T.OBJECT_STORE: "bucket",
    _T.KUBERNETES_CLUSTER: "k8s",
    _T.FIREWALL: "fw",
}
TITLES: Mapping[ResourceType, str] = {
    _T.VM: "virtual machine",
    _T.CONTAINER: "container",
    _T.SERVICE: "service",
    _T.DATABASE: "database",
    _T.CACHE: "cache",
    _T.QUEUE: "message queue",
    _T.LOAD_BALANCER: "load balancer",
    _T.NETWORK: "network",
    _T.VOLUME: "volume",
    _T.OBJECT_STORE: "object store",
    _T.KUBERNETES_CLUSTER: "Kubernetes cluster",
    _T.FIREWALL: "firewall",
}
DEFAULT_IMAGE = "debian-12"
DEFAULT_SPECS: Mapping[ResourceType, Mapping[str, Json]] = {
    _T.VM: {"cpu": 2, "memory": "4GB"},
    _T.CONTAINER: {"cpu": 1, "memory": "512MB"},
    _T.KUBERNETES_CLUSTER: {"nodes": 3, "cpu": 2, "memory": "4GB"},
    _T.VOLUME: {"disk": "10GB"},
}
# Which of the types a property of that path belongs to; others say so instead of taking it.
RUNS = WORKLOADS | {_T.KUBERNETES_CLUSTER}
APPLIES: Mapping[str, frozenset[ResourceType]] = {
    "specs.cpu": RUNS,
    "specs.memory": RUNS,
    "specs.gpu": RUNS,
    "specs.disk": RUNS | {_T.VOLUME},
    "specs.nodes": frozenset({_T.KUBERNETES_CLUSTER}),
    "specs.control_plane": frozenset({_T.KUBERNETES_CLUSTER}),
    "specs.workers": frozenset({_T.KUBERNETES_CLUSTER}),
    "cidr": frozenset({_T.NETWORK}),
    "vlan": frozenset({_T.NETWORK}),
    "network.ports": RUNS,
    "network.private_ip": RUNS,
    "network.public_ip": RUNS,
    "backup": RUNS | {_T.VOLUME},
    "version": RUNS,
}
MACHINES = frozenset({_T.VM, _T.CONTAINER})
ENVIRONMENTS = frozenset({"production", "staging", "development", "test"})
SIZED = COMPUTE | DATA
# A bare size this big is a disk, not memory.
BARE_MEMORY_LIMIT = 64 * 1024**3
# Up to here, machines are written out one by one; more of them become one resource with a count.
MAX_WRITTEN_OUT = 12

_WORDS = {
    "specs.cpu": "CPU",
    "specs.memory": "memory",
    "specs.disk": "disk",
    "specs.gpu": "GPUs",
    "specs.nodes": "nodes",
    "specs.control_plane": "control-plane nodes",
    "specs.workers": "workers",
    "network.ports": "ports",
    "network.public_ip": "public address",
    "network.private_ip": "private address",
    "cidr": "address range",
    "vlan": "VLAN",
    "backup": "backups",
    "version": "version",
    "engine": "software",
    "count": "number",
    "image": "image",
    "policies.network": "network policy",
    "policies.pod_security": "pod security",
}


def title(path: str) -> str:
    """A property as people call it."""
    if path.startswith("env."):
        return path.removeprefix("env.")
    return _WORDS.get(path, path.rpartition(".")[2].replace("_", " "))


def plural(word: str, number: int) -> str:
    """`2 caches`, `1 cache`."""
    return (
        f"{number} {word}"
        if number == 1
        else f"{number} {word}{'es' if word.endswith(('s', 'x', 'ch')) else 's'}"
    )


def listed(words: list[str] | tuple[str, ...], *, last: str = "and", shown: int = 8) -> str:
    """`a, b and c`; long lists are cut, and say so."""
    if len(words) > shown:
        return f"{', '.join(words[:shown])} {last} {len(words) - shown} more"
    return (
        words[0]
        if len(words) == 1
        else f"{', '.join(words[:-1])} {last} {words[-1]}"
        if words
        else ""
    )


def apart(lines: Iterable[str], *, shown: int = 8) -> str:
    """Lines that have commas of their own: `a, b; c, d; and 3 more`."""
    every = list(lines)
    rest = [f"and {len(every) - shown} more"] if len(every) > shown else []
    return "; ".join([*every[:shown], *rest])


def is_packed(image: str | None) -> bool:
    """Whether it is the image of a program, which only containers run, and no system: `acme/api`, `python:3.12`."""
    return bool({":", "/"} & set(image or ""))
