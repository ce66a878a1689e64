"""What objects take of a namespace's quotas, and whether there is room for it. Pure.

Source: the resource names of Kubernetes' ResourceQuota. A quota counts pods, and ALMA makes what makes pods: so the
server's own word on a Deployment says nothing about whether its pods will be let in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from alma.engines.kubernetes.quantities import parsed

Object = Mapping[str, Any]
# Where a quota's short name means what pods ask for.
_SHORT = {"cpu": "requests.cpu", "memory": "requests.memory"}
_COUNTED = {
    "ConfigMap": "configmaps",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "Secret": "secrets",
    "Service": "services",
}
_PLURALS = {
    "Deployment": "count/deployments.apps",
    "StatefulSet": "count/statefulsets.apps",
    "ConfigMap": "count/configmaps",
    "PersistentVolumeClaim": "count/persistentvolumeclaims",
    "Secret": "count/secrets",
    "Service": "count/services",
}


@dataclass(frozen=True)
class Shortage:
    """A quota that has less left than is needed of one thing, as quotas name it."""

    quota: str
    resource: str
    needed: Decimal
    left: Decimal

    def __str__(self) -> str:
        return (
            f"quota {self.quota} has {written(self.left)} of {self.resource} left, and "
            f"{written(self.needed)} more are needed"
        )


def needs(manifests: Iterable[Object]) -> Counter[str]:
    """What these objects take once everything runs, by the names that quotas have."""
    found: Counter[str] = Counter()
    for manifest in manifests:
        for name, amount in _of(manifest):
            found[name] += amount  # type: ignore[assignment]  # amounts are exact, not only whole
    return found


def _of(manifest: Object) -> Iterator[tuple[str, Decimal]]:
    kind, spec = str(manifest["kind"]), manifest.get("spec") or {}
    for names in (_COUNTED, _PLURALS):
        if kind in names:
            yield names[kind], Decimal(1)
    if kind == "Service" and spec.get("type") in {"NodePort", "LoadBalancer"}:
        yield "services.nodeports", Decimal(len(spec.get("ports") or ()))
        if spec["type"] == "LoadBalancer":
            yield "services.loadbalancers", Decimal(1)
    if kind == "PersistentVolumeClaim":
        yield "requests.storage", _amount((spec["resources"]["requests"]).get("storage"))
    if kind in {"Deployment", "StatefulSet"}:
        yield from _of_pods(spec)


def _of_pods(spec: Object) -> Iterator[tuple[str, Decimal]]:
    count = Decimal(spec.get("replicas", 1))
    yield "pods", count
    for container in spec["template"]["spec"]["containers"]:
        for way, amounts in (container.get("resources") or {}).items():
            for name, amount in (amounts or {}).items():
                yield f"{way}.{name}", count * _amount(amount)


def _amount(text: object) -> Decimal:
    return parsed(text) or Decimal(0)


def shortages(quotas: Iterable[Object], needed: Mapping[str, Any]) -> list[Shortage]:
    """What is too little, by quota. A quota that counts only some pods is left to the server."""
    found = []
    for quota in quotas:
        spec = quota.get("spec") or {}
        if spec.get("scopes") or spec.get("scopeSelector"):
            continue
        status = quota.get("status") or {}
        used = status.get("used") or {}
        for name, hard in (status.get("hard") or spec.get("hard") or {}).items():
            want = Decimal(needed.get(_SHORT.get(name, name), 0))
            left = _amount(hard) - _amount(used.get(name))
            if want > left:
                found.append(Shortage(quota["metadata"]["name"], name, want, left))
    return found


def too_big(manifest: Object, nodes: Iterable[Object]) -> dict[str, tuple[Decimal, Decimal]]:
    """What one pod of it asks for that no node has, were it empty: by resource, with the most that a node has."""
    if manifest["kind"] not in {"Deployment", "StatefulSet"}:
        return {}
    one = needs([{**manifest, "spec": {**manifest["spec"], "replicas": 1}}])
    amounts = [(node.get("status") or {}).get("allocatable") or {} for node in nodes]
    found = {}
    for name in ("cpu", "memory"):
        want = Decimal(one[f"requests.{name}"])
        most = max((_amount(amount.get(name)) for amount in amounts), default=None)
        if most is not None and want > most:
            found[name] = (want, most)
    return found


def written(amount: Decimal) -> str:
    """An amount for people: bytes in Mi or Gi where they are many."""
    for unit, size in (("Gi", 1024**3), ("Mi", 1024**2)):
        if amount >= size:
            return f"{(amount / size).quantize(Decimal('0.1')).normalize():f}{unit}"
    return f"{amount.normalize():f}"
