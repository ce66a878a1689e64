"""Says whether a cluster can be used, as whom, and what is missing, each with the next step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alma.core.model.base import Json
from alma.core.model.engine import Health
from alma.core.model.errors import AlmaError, EngineAuthFailed
from alma.engines.kubernetes.client import Cluster, Manifest
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.rights import Lack
from alma.engines.kubernetes.session import Session
from alma.engines.kubernetes.settings import KubernetesSettings

NAME = "kubernetes"
# The first in which server-side apply can be relied on.
_OLDEST = (1, 19)
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_VERSION = re.compile(r"v?(\d+)\.(\d+)")
_MOST = 12


@dataclass(frozen=True)
class _Seen:
    """What a look at the cluster told; None: ALMA may not look there."""

    version: str
    id: str
    served: Served
    lacks: Sequence[Lack]
    nodes: Sequence[Manifest] | None
    classes: Sequence[Manifest] | None
    namespace: Manifest | None


async def of(session: Session) -> Health:
    """The health of a cluster that answers. Raises EngineError when it does not."""
    seen = await _look(session)
    problems = tuple(_problems(session, seen))
    ready, nodes = _ready(seen.nodes), seen.nodes
    count = f", {len(ready)} of {len(nodes)} nodes ready" if nodes is not None else ""
    return Health(
        engine=NAME,
        available=_number(seen.version) >= _OLDEST and (nodes is None or bool(ready)),
        detail=f"Kubernetes {seen.version} at {session.cluster.location}{count}",
        version=seen.version,
        problems=problems[:_MOST],
        facts=_facts(session, seen),
    )


def absent(error: AlmaError) -> Health:
    """The health of a cluster that can't be used."""
    problem = f"{error.message}; {error.hint}" if error.hint else error.message
    return Health(engine=NAME, available=False, detail=error.message, problems=(problem,))


async def _look(session: Session) -> _Seen:
    cluster, namespace = session.cluster, session.settings.namespace
    return _Seen(
        version=await cluster.version(),
        id=await cluster.cluster_id(),
        served=await cluster.served(),
        lacks=await session.lacking(),
        nodes=await _all(cluster, "Node"),
        classes=await _all(cluster, "StorageClass"),
        namespace=await cluster.get("Namespace", namespace) if namespace else None,
    )


async def _all(cluster: Cluster, kind: str) -> Sequence[Manifest] | None:
    """All of a kind; None when ALMA may not look, which is no fault where it is only good to know."""
    try:
        return await cluster.listed(kind)
    except EngineAuthFailed:
        return None


def _number(version: str) -> tuple[int, int]:
    found = _VERSION.match(version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _ready(nodes: Iterable[Manifest] | None) -> list[Manifest]:
    """The nodes that take pods."""
    return [node for node in nodes or () if _takes_pods(node)]


def _takes_pods(node: Mapping[str, Any]) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or ()
    ready = any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)
    return ready and not (node.get("spec") or {}).get("unschedulable")


# ── problems ─────────────────────────────────────────────────────────────────────────────────────


def _problems(session: Session, seen: _Seen) -> Iterator[str]:
    settings = session.settings
    if _number(seen.version) < _OLDEST:
        yield f"Kubernetes {seen.version} is too old: upgrade the cluster to {_OLDEST[0]}.{_OLDEST[1]} or newer"
    if not session.cluster.verified:
        yield (
            "the kubeconfig switches off that the API server proves who it is: replace "
            "insecure-skip-tls-verify by certificate-authority-data"
        )
    if seen.nodes is not None and not _ready(seen.nodes):
        yield "no node takes pods: look with `kubectl get nodes`, and mend or uncordon one"
    for lack in seen.lacks:
        yield f"ALMA {lack}: add it to its Role, and bind that to who the kubeconfig is of"
    yield from _named(settings, seen)


def _named(settings: KubernetesSettings, seen: _Seen) -> Iterator[str]:
    """What the settings name has to be there."""
    if settings.namespace and seen.namespace is None:
        yield f"there is no namespace {settings.namespace}: make it, or set none and let ALMA make one for each stack"
    if seen.classes is None:
        return
    names = [found["metadata"]["name"] for found in seen.classes]
    if settings.storage_class and settings.storage_class not in names:
        known = f"choose one of {', '.join(sorted(names))}" if names else "the cluster has none"
        yield f"there is no storage class {settings.storage_class}: {known}"
    if not settings.storage_class and not any(map(_is_default, seen.classes)):
        yield (
            "the cluster has no default storage class, so volumes wait for ever: mark one as the default, or set "
            "storage_class"
        )


def _is_default(found: Mapping[str, Any]) -> bool:
    return (found["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true"


# ── facts ────────────────────────────────────────────────────────────────────────────────────────


def _facts(session: Session, seen: _Seen) -> dict[str, Json]:
    facts: dict[str, Json] = {
        "server": session.cluster.location,
        "context": session.cluster.context,
        "configured_by": session.cluster.source,
        "cluster_id": seen.id,
        "namespace": session.settings.namespace or "one for each stack",
        "metrics": seen.served.serves("PodMetrics"),
        "gateway_api": seen.served.serves("HTTPRoute"),
        "kubevirt": seen.served.serves("VirtualMachine"),
    }
    if seen.nodes is not None:
        facts["nodes"] = len(seen.nodes)
        facts["nodes_ready"] = len(_ready(seen.nodes))
    if seen.classes is not None:
        facts["storage_classes"] = [*sorted(str(c["metadata"]["name"]) for c in seen.classes)]
    return facts
