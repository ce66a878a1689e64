"""Volumes for tests in a cluster that makes none by itself: folders of its node, under a class of the test's own."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from alma.engines.base import until
from tests.kubernetes import Outside, a_namespace

CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
VOLUMES = "/api/v1/persistentvolumes"
IMAGE = "nginx:1.27"  # any that is there and has a shell


async def make_class(door: Outside, name: str) -> None:
    """A storage class whose claims wait for a volume that somebody makes."""
    manifest = {
        "metadata": {"name": name},
        "provisioner": "kubernetes.io/no-provisioner",
        "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": True,
    }
    await door.make(CLASSES, manifest)


@asynccontextmanager
async def storage(door: Outside, *, volumes: int = 4, size: str = "10Gi") -> AsyncIterator[str]:
    """The name of a storage class with so many volumes that anybody may write to. What is in them stays until the
    test ends, whatever becomes of the claims; a volume whose claim is gone is not given away again."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    await make_class(door, name)
    folder = f"/tmp/alma-{name}"
    names = [f"{name}-{number}" for number in range(volumes)]
    try:
        await _run(door, folder, f"mkdir -p {' '.join(names)} && chmod 0777 {' '.join(names)}")
        for one in names:
            await door.make(VOLUMES, a_volume(one, name, path=f"{folder}/{one}", size=size))
        yield name
    finally:
        for one in names:
            await door.remove(f"{VOLUMES}/{one}")
        await door.remove(f"{CLASSES}/{name}")
        await _run(door, folder, "rm -rf ./*")


def a_volume(name: str, class_: str, *, path: str, size: str) -> dict[str, Any]:
    """A folder of a node as a volume of that class."""
    return {
        "metadata": {"name": name},
        "spec": {
            "storageClassName": class_,
            "capacity": {"storage": size},
            "accessModes": ["ReadWriteOnce", "ReadWriteMany"],
            "persistentVolumeReclaimPolicy": "Retain",
            "hostPath": {"path": path, "type": "Directory"},
        },
    }


async def _run(door: Outside, folder: str, command: str) -> None:
    """Runs a command in a folder of the node, and waits for its end."""
    mount = {"name": "node", "mountPath": "/node"}
    container = {
        "name": "main",
        "image": IMAGE,
        "command": ["/bin/sh", "-c", f"cd /node && {command}"],
        "volumeMounts": [mount],
    }
    source = {"path": folder, "type": "DirectoryOrCreate"}
    spec = {
        "containers": [container],
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "volumes": [{"name": "node", "hostPath": source}],
    }
    async with a_namespace(door) as namespace:
        here = f"/api/v1/namespaces/{namespace}"

        async def account() -> Any:
            return await door.get(f"{here}/serviceaccounts/default")

        async def ended() -> str | None:
            phase = str((await door.get(f"{here}/pods/folders"))["status"].get("phase"))
            return phase if phase in {"Succeeded", "Failed"} else None

        assert await until(account, within=60)  # a new namespace has none for a moment
        await door.make(f"{here}/pods", {"metadata": {"name": "folders"}, "spec": spec})
        assert await until(ended, within=120) == "Succeeded"
