"""Docker under the contract suite: a real daemon, with the images that tests/images/build.py makes."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from aiodocker import Docker

from alma.core.model.blueprint import WORKLOADS, FirewallRule, Resource, ResourceType
from alma.core.model.software import HealthCheck
from alma.core.model.state import DesiredResource, RenderedFile, StackRef
from alma.core.model.units import Port, Size
from alma.engines.base import ADDRESS, STACK
from alma.engines.docker import DockerEngine, DockerSettings
from tests.conftest import docker_problem
from tests.contract.docker_proxy import Proxy
from tests.contract.harness import NETWORK, new_stack

CONFIG = "server {{ listen 80; location / {{ return 200 '{text}'; }} }}\n"


class DockerHarness:
    """Stacks of its own on the daemon that everybody shares."""

    name: ClassVar[str] = "docker"

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._engines: list[DockerEngine] = []
        self._proxies: list[Proxy] = []
        self._stacks: list[StackRef] = []

    @classmethod
    def unavailable(cls) -> str | None:
        return docker_problem() or None

    async def start(self) -> None:
        self._docker = Docker()

    async def stop(self) -> None:
        for engine in self._engines:
            await engine.close()
        for proxy in self._proxies:
            await proxy.stop()
        sweeper = DockerEngine()
        for stack in self._stacks:
            await sweeper.wipe(stack)
        await sweeper.close()
        await self._docker.close()

    def stack(self) -> StackRef:
        self._stacks.append(new_stack(self.name))
        return self._stacks[-1]

    # ── engines ──

    def _open(self, host: str | None = None) -> DockerEngine:
        self._engines.append(DockerEngine(DockerSettings(host=host, stop_timeout=1)))
        return self._engines[-1]

    async def engine(self) -> DockerEngine:
        return self._open()

    async def down(self) -> DockerEngine:
        return self._open(f"unix://{self._directory / 'nobody.sock'}")

    async def losing_reply(self) -> DockerEngine:
        proxy = Proxy(self._directory / f"proxy-{len(self._proxies)}.sock")
        self._proxies.append(proxy)
        await proxy.start()
        proxy.lose("POST /containers/create", "DELETE /containers/")
        return self._open(proxy.url)

    def cancel_moments(self) -> Sequence[float]:
        return (0, 0.01, 0.03, 0.06, 0.1, 0.2, 0.4)

    # ── things to ask for ──

    def workload(self, address: str = "web-1") -> DesiredResource:
        return DesiredResource(
            address=address,
            type=ResourceType.SERVICE,
            resource=Resource(name=address, type=ResourceType.SERVICE),
            software="nginx",
            image="nginx:1.27",
            cpu=0.5,
            memory=Size("64MiB"),
            env={"MODE": "a"},
            ports=(Port(80),),
            files=(
                RenderedFile(
                    path="/etc/nginx/conf.d/default.conf", content=CONFIG.format(text="one")
                ),
            ),
            networks=(NETWORK,),
            health=HealthCheck(kind="http", port=80, start_period=30.0),
        )

    def broken(self, address: str = "broken-1") -> DesiredResource:
        health = HealthCheck(kind="command", command=("false",), interval=0.3, start_period=1.0)
        return self.workload(address).model_copy(update={"health": health})

    def sample(self, type_: ResourceType) -> DesiredResource:
        rules = (FirewallRule(source="any", target="sample", ports=(Port(80),)),)
        cidr = f"10.{random.randint(130, 254)}.{random.randint(0, 254)}.0/24"
        resource = Resource(
            name="sample",
            type=type_,
            cidr=cidr if type_ is ResourceType.NETWORK else None,
            rules=rules if type_ is ResourceType.FIREWALL else (),
        )
        update: dict[str, Any] = {"type": type_, "resource": resource}
        if type_ in WORKLOADS or type_ is ResourceType.KUBERNETES_CLUSTER:
            return self.workload("sample").model_copy(update=update)
        return DesiredResource(address="sample", type=type_, resource=resource)

    def variants(self, desired: DesiredResource) -> Mapping[str, DesiredResource]:
        other = RenderedFile(
            path="/etc/nginx/conf.d/default.conf", content=CONFIG.format(text="two")
        )
        changed: dict[str, dict[str, Any]] = {
            "specs.memory": {"memory": Size("96MiB")},
            "specs.cpu": {"cpu": 200},
            f"files.{other.path}": {"files": (other,)},
            "env.MODE": {"env": {**desired.env, "MODE": "b"}},
            "image": {"image": "redis:7"},
        }
        return {path: desired.model_copy(update=update) for path, update in changed.items()}

    # ── behind the engine's back ──

    async def objects(self, stack: StackRef) -> Sequence[str]:
        filters = {"label": [f"{STACK}={stack.id}"]}
        containers: Any = await self._docker.containers.list(all=True, filters=filters)
        networks: Any = await self._docker.networks.list(filters=filters)
        volumes: Any = await self._docker._query_json("volumes", params={"filters": filters})
        found = [*containers, *networks, *(volumes["Volumes"] or ())]
        return [item["Labels"][ADDRESS] for item in found]

    def _path(self, stack: StackRef, address: str) -> str:
        return f"containers/{stack.name}-{address}"

    async def tamper(self, stack: StackRef, address: str) -> str:
        amount = 80 * 1024**2
        await self._docker._query_json(
            f"{self._path(stack, address)}/update",
            "POST",
            data={"Memory": amount, "MemorySwap": amount},
        )
        return "specs.memory"

    async def halt(self, stack: StackRef, address: str) -> None:
        await self._docker._query_json(
            f"{self._path(stack, address)}/stop", "POST", params={"t": 1}
        )

    async def remove(self, stack: StackRef, address: str) -> None:
        await self._docker._query_json(
            self._path(stack, address), "DELETE", params={"force": True, "v": True}
        )
