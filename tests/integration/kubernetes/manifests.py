"""Small things to make in a cluster."""

from __future__ import annotations

from typing import Any


def config_map(namespace: str, name: str = "notes", **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": {"team": "blue"}},
        "data": data,
    }


def deployment(namespace: str, name: str = "web", **spec: Any) -> dict[str, Any]:
    """Nothing that runs: an image that nobody has."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "main", "image": "localhost/nobody:1"}]},
            },
            **spec,
        },
    }
