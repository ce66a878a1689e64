"""Workloads and claims as people make them without ALMA: with labels of their own, a sidecar, a Secret, and habits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alma.engines.base import until
from tests.kubernetes import Outside

DEPLOYMENTS = "/apis/apps/v1/namespaces/{}/deployments"
SETS = "/apis/apps/v1/namespaces/{}/statefulsets"
CLAIMS = "/api/v1/namespaces/{}/persistentvolumeclaims"
SECRETS = "/api/v1/namespaces/{}/secrets"
IMAGE = "nginx:1.27"
_SERVE = (
    "echo 'pid /tmp/nginx.pid; events {} http { server { listen 8080; location / { return 200; } } }' "
    '>/tmp/web.conf; exec nginx -c /tmp/web.conf -g "daemon off;"'
)
# What the server writes by itself when anything of an object changes.
_SERVERS = ("managedFields", "resourceVersion", "generation", "selfLink")


def deployment(name: str, *, claim: str | None = None, **spec: Any) -> dict[str, Any]:
    """A web server of a team that has its own ways."""
    main: dict[str, Any] = {
        "name": "server",
        "image": IMAGE,
        "command": ["sh", "-c"],
        "args": [_SERVE],
        "env": [
            {"name": "MODE", "value": "old"},
            {"name": "API_TOKEN", "value": "canary-in-plain-sight"},
            {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": name, "key": "password"}}},
        ],
        "ports": [{"name": "web", "containerPort": 8080}],
        "resources": {
            "limits": {"cpu": "100m", "memory": "64Mi"},
            "requests": {"cpu": "5m", "memory": "16Mi"},
        },
        "readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1},
    }
    sidecar = {"name": "sidecar", "image": IMAGE, "command": ["sleep", "100000"]}
    pod: dict[str, Any] = {"containers": [main, sidecar], "terminationGracePeriodSeconds": 0}
    if claim is not None:
        main["volumeMounts"] = [{"name": "files", "mountPath": "/srv/files"}]
        pod["volumes"] = [{"name": "files", "persistentVolumeClaim": {"claimName": claim}}]
    return {
        "metadata": {
            "name": name,
            "labels": {"app": name, "team": "books"},
            "annotations": {"example.com/runbook": "ask the accountants"},
        },
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
            **spec,
        },
    }


def claim(name: str, class_: str, size: str = "64Mi") -> dict[str, Any]:
    """Some room."""
    return {
        "metadata": {"name": name, "labels": {"team": "books"}},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": class_,
            "resources": {"requests": {"storage": size}},
        },
    }


def stateful_set(name: str) -> dict[str, Any]:
    """One that keeps nothing."""
    made = deployment(name)
    return {**made, "spec": {**made["spec"], "serviceName": name}}


async def planted(door: Outside, namespace: str, name: str, *, class_: str) -> str:
    """A Deployment that runs, with a claim of its own; its id."""
    await door.make(CLAIMS.format(namespace), claim(f"{name}-files", class_))
    await make_secret(door, namespace, name)
    await door.make(DEPLOYMENTS.format(namespace), deployment(name, claim=f"{name}-files"))
    found = await running(door, f"{DEPLOYMENTS.format(namespace)}/{name}")
    return f"Deployment/{namespace}/{name}/{found['metadata']['uid']}"


async def make_secret(door: Outside, namespace: str, name: str) -> None:
    """The Secret that a workload of that name refers to."""
    manifest = {"metadata": {"name": name}, "stringData": {"password": "canary-in-a-secret"}}
    await door.make(SECRETS.format(namespace), manifest)


async def running(door: Outside, path: str) -> Mapping[str, Any]:
    """The workload once everything of it is ready, and its controller has seen all that was asked."""

    async def probe() -> Mapping[str, Any] | None:
        found = await door.get(path)
        status = found.get("status") or {}
        seen = status.get("observedGeneration", 0) >= found["metadata"]["generation"]
        count = found["spec"]["replicas"]
        ready = status.get("readyReplicas", 0) == status.get("replicas", 0) == count
        fresh = status.get("updatedReplicas", status.get("currentReplicas", 0)) == count
        return found if seen and ready and fresh else None

    found = await until(probe, within=120, at_most=0.5)
    assert found is not None, f"{path} does not get ready"
    return found


def without_marks(found: Mapping[str, Any]) -> dict[str, Any]:
    """An object without what ALMA adds and without what the server writes by itself."""
    meta = {key: value for key, value in found["metadata"].items() if key not in _SERVERS}
    for part in ("labels", "annotations"):
        own = {k: v for k, v in (meta.pop(part, None) or {}).items() if not _is_alma(k, v)}
        meta |= {part: own}
    return {"metadata": meta, "spec": found["spec"]}


def _is_alma(name: str, value: str) -> bool:
    return name.startswith("alma.dev/") or (name, value) == ("app.kubernetes.io/managed-by", "alma")
