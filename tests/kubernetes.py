"""A real cluster for tests: where it is, whether it can be used, and a door to it that is not the engine's own.

ALMA_TEST_KUBECONFIG names the kubeconfig of a cluster that tests may change; they make namespaces of their own in it
and remove them. Whoever it is of may do everything there.
"""

from __future__ import annotations

import base64
import functools
import json
import os
import ssl
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from alma.core.model.yaml_reader import read_yaml

VARIABLE = "ALMA_TEST_KUBECONFIG"
_SECONDS = 30.0
APPLY = "application/apply-patch+yaml"


@functools.cache
def kubernetes_problem() -> str:
    """Why tests can't use a cluster; empty when they can."""
    named = os.environ.get(VARIABLE)
    if not named:
        return f"{VARIABLE} names no cluster"
    if not Path(named).is_file():
        return f"{VARIABLE}: there is no {named}"
    try:
        with httpx.Client(verify=way().context, timeout=_SECONDS) as http:
            http.get(f"{way().server}/version").raise_for_status()
    except httpx.HTTPError as error:
        return f"the cluster of {VARIABLE} does not answer: {type(error).__name__}: {error}"
    return ""


def kubeconfig() -> Path:
    """The file with which everything may be done."""
    return Path(os.environ[VARIABLE])


@dataclass(frozen=True)
class Way:
    """How to reach the cluster. `ca` is PEM, `context` has the credentials."""

    server: str
    ca: str
    context: ssl.SSLContext


@functools.cache
def way() -> Way:
    """From the kubeconfig, whose certificates are in it, and whose first user and cluster count."""
    document = read_yaml(kubeconfig().read_text())
    cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
    ca = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=ca)
    with tempfile.NamedTemporaryFile() as pair:
        pair.write(base64.b64decode(user["client-certificate-data"]))
        pair.write(base64.b64decode(user["client-key-data"]))
        pair.flush()
        context.load_cert_chain(pair.name)
    return Way(cluster["server"], ca, context)


def written(server: str, *, ca: str, token: str = "", namespace: str = "default") -> str:
    """A kubeconfig with everything in it."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [
            {
                "name": "test",
                "cluster": {
                    "server": server,
                    "certificate-authority-data": base64.b64encode(ca.encode()).decode(),
                },
            }
        ],
        "users": [{"name": "test", "user": {"token": token} if token else {}}],
        "contexts": [
            {"name": "test", "context": {"cluster": "test", "user": "test", "namespace": namespace}}
        ],
    }
    return json.dumps(document)


class Outside:
    """The cluster as an outsider sees and changes it, by path."""

    def __init__(self) -> None:
        self._http = httpx.AsyncClient(
            base_url=way().server, verify=way().context, timeout=_SECONDS
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def get(self, path: str, **params: str) -> Any:
        """What is there; None when it is not."""
        return await self._answered(await self._http.get(path, params=params))

    async def make(self, path: str, manifest: Mapping[str, Any]) -> Any:
        """A new object in the collection at that path. One that is there already stays."""
        answer = await self._http.post(path, json=manifest)
        return None if answer.status_code == 409 else await self._answered(answer)

    async def apply(self, path: str, manifest: Mapping[str, Any], *, manager: str) -> Any:
        """Server-side apply as another field manager, which takes what it wants."""
        answer = await self._http.patch(
            path,
            content=json.dumps(manifest),
            params={"fieldManager": manager, "force": "true"},
            headers={"Content-Type": APPLY},
        )
        return await self._answered(answer)

    async def merge(self, path: str, change: Mapping[str, Any]) -> Any:
        """A merge patch."""
        return await self._patched(path, change, "merge")

    async def strategic(self, path: str, change: Mapping[str, Any]) -> Any:
        """A patch that knows lists by their keys, as `kubectl edit` sends it."""
        return await self._patched(path, change, "strategic-merge")

    async def _patched(self, path: str, change: Mapping[str, Any], how: str) -> Any:
        answer = await self._http.patch(
            path,
            content=json.dumps(change),
            headers={"Content-Type": f"application/{how}-patch+json"},
        )
        return await self._answered(answer)

    async def remove(self, path: str) -> None:
        """At once, as far as that goes. Gone is fine."""
        body = {"gracePeriodSeconds": 0, "propagationPolicy": "Background"}
        await self._answered(await self._http.request("DELETE", path, json=body))

    async def _answered(self, answer: httpx.Response) -> Any:
        if answer.status_code == 404:
            return None
        assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.text}"
        return answer.json()


@asynccontextmanager
async def outside() -> AsyncIterator[Outside]:
    """A door that is closed again."""
    door = Outside()
    try:
        yield door
    finally:
        await door.close()


@asynccontextmanager
async def a_namespace(door: Outside) -> AsyncIterator[str]:
    """A namespace of the test's own. Its end is not waited for."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    await door.make("/api/v1/namespaces", {"metadata": {"name": name}})
    try:
        yield name
    finally:
        await door.remove(f"/api/v1/namespaces/{name}")


async def an_account(
    door: Outside, namespace: str, rules: list[dict[str, Any]], *, name: str = "guest"
) -> str:
    """A kubeconfig of somebody who may do in the namespace what the rules say, and nothing else."""
    groups = "/apis/rbac.authorization.k8s.io/v1/namespaces"
    await door.make(f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": name}})
    await door.make(f"{groups}/{namespace}/roles", {"metadata": {"name": name}, "rules": rules})
    subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    binding = {"metadata": {"name": name}, "subjects": [subject], "roleRef": role}
    await door.make(f"{groups}/{namespace}/rolebindings", binding)
    wish = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    answer = await door.make(f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token", wish)
    token = answer["status"]["token"]
    return written(way().server, ca=way().ca, token=token, namespace=namespace)
