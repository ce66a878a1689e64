"""Kubernetes under the contract suite: a real cluster, with the images that tests/images/archives.py makes."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from alma.core.model.blueprint import WORKLOADS, FirewallRule, Resource, ResourceType
from alma.core.model.software import HealthCheck
from alma.core.model.state import DesiredResource, RenderedFile, StackRef
from alma.core.model.units import Port, Size
from alma.engines.base import until
from alma.engines.kubernetes.engine import KubernetesEngine
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.contract.harness import NETWORK, new_stack
from tests.kubernetes import Outside, kubeconfig, kubernetes_problem, way, written
from tests.kubernetes_outsiders import DEPLOYMENTS, planted, without_marks
from tests.kubernetes_proxy import Proxy
from tests.kubernetes_storage import CLASSES, VOLUMES, a_volume, make_class

PORT = 8080
PATH = "/etc/nginx/conf.d/default.conf"
CONFIG = "server {{ listen 8080; location / {{ return 200 '{text}'; }} }}\n"
# Not where the image listens by itself, as nobody may there; and some tests take its file away.
START = (
    "echo 'pid /run/nginx.pid; events {} http { server { listen 8080; location / { return 200; } } }' "
    '>/run/web.conf; exec nginx -c /run/web.conf -g "daemon off;"'
)
NOBODY = "https://127.0.0.1:1"

_KINDS = (
    "apis/apps/v1/{}/deployments",
    "apis/apps/v1/{}/statefulsets",
    "apis/networking.k8s.io/v1/{}/networkpolicies",
    "api/v1/{}/persistentvolumeclaims",
    "api/v1/{}/services",
    "api/v1/{}/secrets",
    "api/v1/{}/configmaps",
)
_STACK, _ADDRESS, _ROLE = "alma.dev/stack", "alma.dev/address", "alma.dev/role"
# A look at what is there, or one that only tries: neither is the change whose answer is lost.
_CHANGES = r"(POST|PATCH|PUT) /apis/apps/v1/\S*(deployments|statefulsets)(?!\S*dryRun)|DELETE /apis/apps/v1/"
_MARKS = r"PATCH /apis/apps/v1/\S*deployments(?!\S*dryRun)"


class KubernetesHarness:
    """Stacks of its own, each in a namespace of its own, in a cluster that everybody shares."""

    name: ClassVar[str] = "kubernetes"

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._engines: list[KubernetesEngine] = []
        self._proxies: list[Proxy] = []
        self._stacks: list[StackRef] = []
        self._elsewhere = f"outsiders-{uuid.uuid4().hex[:12]}"
        self._storage = f"test-{uuid.uuid4().hex[:12]}"

    @classmethod
    def unavailable(cls) -> str | None:
        return kubernetes_problem() or None

    async def start(self) -> None:
        self._door = Outside()
        await make_class(self._door, self._storage)
        # A folder that every node has: nothing is written there.
        manifest = a_volume(self._storage, self._storage, path="/tmp", size="10Gi")
        await self._door.make(VOLUMES, manifest)

    async def stop(self) -> None:
        for engine in self._engines:
            await engine.close()
        for proxy in self._proxies:
            await proxy.stop()
        for namespace in (self._elsewhere, *(stack.name for stack in self._stacks)):
            await self._door.remove(f"/api/v1/namespaces/{namespace}")
        await self._door.remove(f"{VOLUMES}/{self._storage}")
        await self._door.remove(f"{CLASSES}/{self._storage}")
        await self._door.close()

    def stack(self) -> StackRef:
        self._stacks.append(new_stack(self.name))
        return self._stacks[-1]

    # ── engines ──

    def _open(self, **settings: Any) -> KubernetesEngine:
        own = {"storage_class": self._storage, "request_timeout": 20, "rollout_timeout": 60}
        given = {**own, **settings}
        self._engines.append(KubernetesEngine(KubernetesSettings.model_validate(given)))
        return self._engines[-1]

    async def engine(self) -> KubernetesEngine:
        return self._open(kubeconfig=kubeconfig())

    async def down(self) -> KubernetesEngine:
        return self._open(kubeconfig_text=written(NOBODY, ca=way().ca))

    async def losing_reply(self) -> KubernetesEngine:
        return await self._behind(_CHANGES)

    async def losing_mark(self) -> KubernetesEngine:
        return await self._behind(_MARKS)

    async def _behind(self, lost: str) -> KubernetesEngine:
        """An engine behind a network that loses the answer to such a request."""
        folder = self._directory / f"proxy-{len(self._proxies)}"
        folder.mkdir()
        proxy = Proxy(folder)
        self._proxies.append(proxy)
        await proxy.start()
        proxy.lose(lost)
        return self._open(kubeconfig_text=proxy.kubeconfig)

    def cancel_moments(self) -> Sequence[float]:
        return (0, 0.02, 0.06, 0.15, 0.4, 1.5)

    # ── things to ask for ──

    def workload(self, address: str = "web-1") -> DesiredResource:
        return DesiredResource(
            address=address,
            type=ResourceType.SERVICE,
            resource=Resource(name=address, type=ResourceType.SERVICE),
            software="nginx",
            image="nginx:1.27",
            command=("sh", "-c", START),
            user=101,
            writable=("/var/lib/nginx", "/var/cache/nginx", "/var/run", "/run"),
            cpu=0.1,
            memory=Size("64MiB"),
            env={"MODE": "a"},
            ports=(Port(PORT),),
            files=(RenderedFile(path=PATH, content=CONFIG.format(text="one")),),
            networks=(NETWORK,),
            health=HealthCheck(kind="http", port=PORT, interval=1, start_period=30.0),
        )

    def broken(self, address: str = "broken-1") -> DesiredResource:
        health = HealthCheck(kind="command", command=("false",), interval=1, start_period=1.0)
        return self.workload(address).model_copy(update={"health": health})

    def sample(self, type_: ResourceType) -> DesiredResource:
        rules = (FirewallRule(source="any", target="sample", ports=(Port(PORT),)),)
        resource = Resource(
            name="sample", type=type_, rules=rules if type_ is ResourceType.FIREWALL else ()
        )
        if type_ in WORKLOADS or type_ is ResourceType.KUBERNETES_CLUSTER:
            update: dict[str, Any] = {"type": type_, "resource": resource}
            return self.workload("sample").model_copy(update=update)
        size = Size("64MiB") if type_ is ResourceType.VOLUME else None
        return DesiredResource(address="sample", type=type_, resource=resource, disk=size)

    def variants(self, desired: DesiredResource) -> Mapping[str, DesiredResource]:
        other = RenderedFile(path=PATH, content=CONFIG.format(text="two"))
        cache = Resource(name=desired.address, type=ResourceType.CACHE)
        changed: dict[str, dict[str, Any]] = {
            "specs.memory": {"memory": Size("96MiB")},
            f"files.{other.path}": {"files": (other,)},
            "env.MODE": {"env": {**desired.env, "MODE": "b"}},
            "image": {"image": "docker.io/library/nginx:1.27"},
            "kind": {"type": ResourceType.CACHE, "resource": cache},  # another kind of object
        }
        return {path: desired.model_copy(update=update) for path, update in changed.items()}

    # ── behind the engine's back ──

    async def _found(self, stack: StackRef, address: str | None = None) -> AsyncIterator[Any]:
        """Every object with the stack's marker, with the path of it."""
        for kind in _KINDS:
            listed = await self._door.get("/" + kind.format("").replace("//", "/"))
            for item in listed["items"]:
                meta = item["metadata"]
                marks = meta.get("annotations") or {}
                if marks.get(_STACK) == stack.id and address in {None, marks.get(_ADDRESS)}:
                    where = kind.format(f"namespaces/{meta['namespace']}")
                    yield f"/{where}/{meta['name']}", item

    async def objects(self, stack: StackRef) -> Sequence[str]:
        """By address, the objects that say what it is; one if there is nothing but what goes with it."""
        primary: defaultdict[str, int] = defaultdict(int)
        async for _, item in self._found(stack):
            meta = item["metadata"]
            primary[meta["annotations"][_ADDRESS]] += meta["labels"][_ROLE] == "primary"
        return [address for address, count in primary.items() for _ in range(max(1, count))]

    async def _deployment(self, stack: StackRef, address: str) -> str:
        async for path, item in self._found(stack, address):
            if item["metadata"]["labels"][_ROLE] == "primary":
                return str(path)
        raise AssertionError(f"there is no {address}")

    # ── what was there before ──

    async def plant(self, name: str) -> str:
        await self._door.make("/api/v1/namespaces", {"metadata": {"name": self._elsewhere}})
        return await planted(self._door, self._elsewhere, name, class_=self._storage)

    async def facts(self, object_id: str) -> Mapping[str, Any]:
        _, namespace, name, _ = object_id.split("/")
        found = await self._door.get(f"{DEPLOYMENTS.format(namespace)}/{name}")
        if found is None:
            return {}
        pods = await self._door.get(
            f"/api/v1/namespaces/{namespace}/pods", labelSelector=f"app={name}"
        )
        return {
            **without_marks(found),
            "pods": sorted(pod["metadata"]["uid"] for pod in pods["items"]),
        }

    async def tamper(self, stack: StackRef, address: str) -> str:
        path = await self._deployment(stack, address)
        container = (await self._door.get(path))["spec"]["template"]["spec"]["containers"][0]
        amounts = {"memory": "80Mi", "cpu": container["resources"]["limits"]["cpu"]}
        changed = {**container, "resources": {"limits": amounts, "requests": amounts}}
        await self._door.merge(path, {"spec": {"template": {"spec": {"containers": [changed]}}}})
        return "specs.memory"

    async def halt(self, stack: StackRef, address: str) -> None:
        path = await self._deployment(stack, address)
        await self._door.merge(path, {"spec": {"replicas": 0}})
        await self._settled(path)

    async def _settled(self, path: str) -> None:
        """Until the cluster has done what was asked."""

        async def done() -> bool | None:
            now = await self._door.get(path)
            status = now.get("status") or {}
            seen = status.get("observedGeneration") == now["metadata"]["generation"]
            return (seen and not status.get("replicas")) or None

        assert await until(done, within=60, at_most=0.3)

    async def remove(self, stack: StackRef, address: str) -> None:
        paths = [path async for path, _ in self._found(stack, address)]
        for path in paths:
            await self._door.remove(path)

        async def gone() -> bool | None:
            return not any([await self._door.get(path) for path in paths]) or None

        assert await until(gone, within=60, at_most=0.3)
