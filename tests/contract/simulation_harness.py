"""The simulation under the contract suite: nothing to install, so it runs everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from alma.core.model.blueprint import (
    WORKLOADS,
    FirewallRule,
    Network,
    Resource,
    ResourceType,
    Specs,
)
from alma.core.model.software import HealthCheck
from alma.core.model.state import DesiredResource, StackRef, Status
from alma.core.model.units import Port, Size
from alma.engines.simulation import (
    Fault,
    FaultKind,
    SimulationEngine,
    SimulationSettings,
)
from tests.contract.harness import NETWORK, new_stack

BROKEN = "broken-*"


class SimulationHarness:
    """One file in the test's own directory. Nobody waits: simulated time only moves."""

    name: ClassVar[str] = "simulation"

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / "simulation.db"
        self._engines: list[SimulationEngine] = []

    @classmethod
    def unavailable(cls) -> str | None:
        return None

    async def start(self) -> None:
        self._behind = self._open()

    async def stop(self) -> None:
        for engine in self._engines:
            await engine.close()

    def stack(self) -> StackRef:
        return new_stack(self.name)

    def _open(self, *faults: Fault, path: Path | None = None) -> SimulationEngine:
        broken = Fault(kind=FaultKind.UNHEALTHY, address=BROKEN)
        settings = SimulationSettings(
            path=path or self._path, time_scale=0, faults=(*faults, broken)
        )
        engine = SimulationEngine(settings)
        self._engines.append(engine)
        return engine

    async def engine(self) -> SimulationEngine:
        return self._open()

    async def down(self) -> SimulationEngine:
        return self._open(path=self._directory)  # a directory is no database

    async def losing_reply(self) -> SimulationEngine:
        return self._open(Fault(kind=FaultKind.LOST_REPLY, times=1))

    def cancel_moments(self) -> Sequence[float]:
        return (0, 0.0001, 0.0005, 0.001, 0.002, 0.004)

    def workload(self, address: str = "web-1") -> DesiredResource:
        return DesiredResource(
            address=address,
            type=ResourceType.SERVICE,
            resource=Resource(name=address, type=ResourceType.SERVICE),
            software="nginx",
            image="nginx:1.27",
            cpu=1,
            memory=Size("64MiB"),
            env={"MODE": "a"},
            ports=(Port(80),),
            networks=(NETWORK,),
            health=HealthCheck(kind="http", port=80),
        )

    def broken(self, address: str = "broken-1") -> DesiredResource:
        return self.workload(address)

    def sample(self, type_: ResourceType) -> DesiredResource:
        workload = self.workload("sample")
        rules = (FirewallRule(source="any", target="sample", ports=(Port(80),)),)
        resource = Resource(
            name="sample",
            type=type_,
            cidr="10.0.1.0/24" if type_ is ResourceType.NETWORK else None,
            rules=rules if type_ is ResourceType.FIREWALL else (),
        )
        update = {"type": type_, "resource": resource}
        if type_ in WORKLOADS or type_ is ResourceType.KUBERNETES_CLUSTER:
            return workload.model_copy(update=update)
        return DesiredResource(address="sample", type=type_, resource=resource)

    def variants(self, desired: DesiredResource) -> Mapping[str, DesiredResource]:
        changed: dict[str, dict[str, Any]] = {
            "specs.memory": {"memory": Size("96MiB")},
            "env.MODE": {"env": {**desired.env, "MODE": "b"}},
            "image": {"image": "nginx:1.28"},
        }
        return {path: desired.model_copy(update=update) for path, update in changed.items()}

    async def objects(self, stack: StackRef) -> Sequence[str]:
        """Reckoned from what was done, so that a thing made twice would count twice."""
        there: list[str] = []
        for operation in await self._behind.operations(stack):
            if operation.action in {"create", "adopt"}:
                there.append(operation.address)
            elif operation.action in {"delete", "release"}:
                there.remove(operation.address)
        return there

    async def plant(self, name: str) -> str:
        lan = Resource(name=f"{name}-lan", type=ResourceType.NETWORK, cidr="10.0.7.0/24")
        await self._behind.plant(lan)
        specs = Specs(cpu=2, memory=Size("512MiB"), disk=Size("4GiB"))
        attached = Network(attach=(lan.name,))
        return await self._behind.plant(
            Resource(name=name, type=ResourceType.VM, specs=specs, network=attached)
        )

    async def losing_mark(self) -> SimulationEngine:
        return await self.losing_reply()

    async def facts(self, object_id: str) -> Mapping[str, Any]:
        thing = await self._behind.object(object_id)
        mine = {"stack", "address", "key", "depends_on", "retain"}
        return thing.model_dump(exclude=mine) if thing else {}

    async def tamper(self, stack: StackRef, address: str) -> str:
        await self._behind.tamper(stack, address, properties={"env.MODE": "tampered"})
        return "env.MODE"

    async def halt(self, stack: StackRef, address: str) -> None:
        await self._behind.tamper(stack, address, status=Status.STOPPED)

    async def remove(self, stack: StackRef, address: str) -> None:
        await self._behind.tamper(stack, address, remove=True)
