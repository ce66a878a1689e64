"""Proves that a resource does its work: waits until it could, then asks it, and keeps what it answered.

HTTP is asked through the API server, which reaches pods from wherever ALMA is. What is no HTTP is asked by the kubelet,
all the time and from right beside it: its answer is whether the pod is ready.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from alma.core.model.deployment import Check
from alma.core.model.errors import EngineUnavailable
from alma.core.model.software import HealthCheck
from alma.core.model.state import DesiredResource, StackRef
from alma.engines import base
from alma.engines.kubernetes import adopted, existing, kinds, logs, marker, names, vitals
from alma.engines.kubernetes.client import NotAllowed, NotAllowedToRead, Refused
from alma.engines.kubernetes.marker import Role
from alma.engines.kubernetes.session import Session

Object = Mapping[str, Any]

_WITHOUT_HEALTH_SECONDS: Final = 15.0
# A disk in a cloud takes about half of it.
_VOLUME_SECONDS: Final = 60.0
_LAST_LINES: Final = 10
_TEXT_LIMIT: Final = 200


async def checks(session: Session, desired: DesiredResource, stack: StackRef) -> list[Check]:
    """The proofs for one resource. Raises EngineError when the cluster can't be asked: that is no failed check."""
    proof = _Proof(session, desired, stack, kinds.kind_of(desired, await session.cluster.served()))
    if proof.kind in kinds.PODDED:
        return await proof.of_pods()
    if proof.kind == kinds.CLAIM:
        return [await proof.of_claim()]
    if proof.kind == kinds.SERVICE:
        return await proof.of_service()
    return [await proof.of_other()]


@dataclass
class _Proof:
    session: Session
    desired: DesiredResource
    stack: StackRef
    kind: str

    def __post_init__(self) -> None:
        health = self.desired.health
        seconds = health.start_period if health else _WITHOUT_HEALTH_SECONDS
        self.deadline = time.monotonic() + seconds
        self.well_since: float | None = None
        self.troubles: list[vitals.Trouble] = []
        self.hide: logs.Hide = str

    @property
    def place(self) -> existing.Place | None:
        """The object, where it was there before ALMA."""
        return existing.place_of(self.desired)

    @property
    def namespace(self) -> str:
        if self.place is not None:
            return self.place.namespace
        return names.namespace_of(self.stack, self.session.settings)

    @property
    def left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def check(self, name: str, *, passed: bool, detail: str) -> Check:
        return Check(
            address=self.desired.address, name=name, passed=passed, detail=self.hide(detail)
        )

    async def _primary(self) -> Object | None:
        if self.place is not None:
            return await self._imported(self.place)
        labels = marker.selector_of(self.stack, self.desired.address)
        found = await self.session.cluster.listed(
            self.kind,
            namespace=self.namespace,
            labels={**labels, marker.ROLE: Role.PRIMARY.value},
        )
        return next((item for item in found if not vitals.is_ending(item)), None)

    async def _imported(self, place: existing.Place) -> Object | None:
        found = await self.session.cluster.get(place.kind, place.name, namespace=place.namespace)
        mark = marker.marker_of(found) if found and not vitals.is_ending(found) else None
        own = (self.stack.id, self.desired.address)
        return found if mark and (mark.stack, mark.address) == own else None

    def _missing(self) -> Check:
        kind = kinds.short(self.kind)
        detail = f"there is no {kind} of {self.desired.address} in {self.namespace}"
        return self.check("exists", passed=False, detail=detail)

    # ── pods ──

    async def of_pods(self) -> list[Check]:
        labels = marker.selector_of(self.stack, self.desired.address)
        self.hide = await logs.hider_of(self.session, self.namespace, labels)
        primary, pods = await self._settled()
        if primary is None:
            return [self._missing()]
        if self.place is not None:
            self.hide = await logs.hider_for(self.session, primary)
        running = await self._running(primary, pods)
        if not running.passed:
            return [running]
        found = [running]
        if self.desired.health is not None:
            found.append(await self._asked(self.desired.health, pods))
        if self.place is not None:
            return found  # which Services lead to it is not the stack's to say
        if self.desired.ports:
            found.append(await self._endpoints("endpoints", self.desired.address, len(pods)))
        return [*found, *await self._published(), *await self._backends()]

    async def _settled(self) -> tuple[Object | None, list[Object]]:
        """The workload and its pods once they are well, or can't become so by waiting."""
        primary: Object | None = None
        pods: list[Object] = []

        async def probe() -> bool | None:
            nonlocal primary, pods
            primary = await self._primary()
            if primary is None or vitals.wanted(primary) == 0:
                return True
            pods = await self._pods(primary)
            if self._are_well(primary, pods):
                return True
            self.troubles = await self._in_the_way(primary, pods)
            return any(trouble.certain for trouble in self.troubles) or None

        await base.until(probe, within=self.left, at_most=1.0)
        return primary, pods

    async def _pods(self, primary: Object) -> list[Object]:
        labels = marker.selector_of(self.stack, self.desired.address)
        if self.place is not None:
            labels = adopted.pod_labels(primary)
        async with self.session.looks:
            found = await self.session.cluster.listed(
                "Pod", namespace=self.namespace, labels=labels
            )
        return [pod for pod in found if not vitals.is_ending(pod)]

    def _are_well(self, primary: Object, pods: Sequence[Object]) -> bool:
        """Whether all are there and ready; what can't be asked is so only when it stays so."""
        ready = vitals.is_through(primary) and len(pods) >= vitals.wanted(primary) > 0
        if not (ready and all(vitals.is_ready(pod) for pod in pods)):
            self.well_since = None
            return False
        self.well_since = self.well_since or time.monotonic()
        stayed = max(time.monotonic() - self.well_since, min(map(vitals.ready_for, pods)))
        return self.desired.health is not None or stayed >= vitals.has_to_stay(pods)

    async def _in_the_way(self, primary: Object, pods: Sequence[Object]) -> list[vitals.Trouble]:
        found = vitals.of_workload(primary)
        for pod in [pod for pod in pods if not vitals.is_ready(pod)][:3]:
            events = await self.session.cluster.events(self.namespace, uid=pod["metadata"]["uid"])
            found += vitals.of_pod(pod, events)
        return found

    async def _running(self, primary: Object, pods: Sequence[Object]) -> Check:
        count = vitals.wanted(primary)
        if count == 0:
            return self.check("running", passed=False, detail="it is stopped: scaled to 0 pods")
        if self._are_well(primary, pods):
            return self.check("running", passed=True, detail=f"{count} of {count} pods ready")
        said = [vitals.progress(primary), *(trouble.what for trouble in self.troubles[:2])]
        said += await self._printed(pods)
        return self.check("running", passed=False, detail="; ".join(said))

    async def _printed(self, pods: Sequence[Object]) -> list[str]:
        """What the first pod that is not well printed last."""
        for pod in pods:
            if vitals.is_ready(pod):
                continue
            ended = bool(vitals.restarts(pod)) and not vitals.has_started(pod)
            lines = await self.session.cluster.log_tail(
                pod["metadata"]["name"],
                namespace=self.namespace,
                container=pod["spec"]["containers"][0]["name"],
                lines=_LAST_LINES,
                previous=ended,
            )
            if not lines:
                return ["it printed nothing"]
            return [f"it printed last: {' | '.join(self.hide(line) for line in lines)}"]
        return []

    # ── asking ──

    async def _asked(self, health: HealthCheck, pods: Sequence[Object]) -> Check:
        """Each pod's answer; who is not there yet is asked again."""
        port = health.port or (self.desired.ports[0].target if self.desired.ports else None)
        if health.kind != "http" or port is None:
            return self._by_kubelet(health, pods)
        detail = ""

        async def probe() -> bool | None:
            nonlocal detail
            replies = [await self._get(health, pod, port) for pod in pods]
            bad = [said for passed, said in replies if not passed]
            detail = bad[0] if bad else "; ".join(said for _, said in replies)
            return not bad or None

        try:
            passed = await base.until(probe, within=self.left, at_most=1.0)
        except (NotAllowed, NotAllowedToRead):  # no right to `pods/proxy`
            return self._by_kubelet(health, pods)
        return self.check(name_of(health), passed=bool(passed), detail=detail)

    async def _get(self, health: HealthCheck, pod: Object, port: int) -> tuple[bool, str]:
        name = pod["metadata"]["name"]
        url = f"http://{name}:{port}{health.path}"
        try:
            status, text = await self.session.cluster.ask_pod(
                name, namespace=self.namespace, port=port, path=health.path, seconds=health.timeout
            )
        except (NotAllowed, NotAllowedToRead):
            raise
        except (Refused, EngineUnavailable) as error:
            return False, f"{url}: {error.message}"
        shown = "" if status < 400 else f": {' '.join(self.hide(text).split())[:_TEXT_LIMIT]}"
        return status < 400, f"{url} answered {status}{shown}"

    def _by_kubelet(self, health: HealthCheck, pods: Iterable[Object]) -> Check:
        bad = [pod["metadata"]["name"] for pod in pods if not vitals.is_ready(pod)]
        detail = f"the kubelet asks {name_of(health)}: "
        detail += f"{', '.join(bad)} not ready" if bad else "every pod is ready"
        return self.check(name_of(health), passed=not bad, detail=detail)

    # ── Services ──

    async def of_service(self) -> list[Check]:
        primary = await self._primary()
        if primary is None:
            return [self._missing()]
        found = await self._endpoints("endpoints", self.desired.address, 1)
        return [found, *await self._published(), *await self._backends()]

    async def _endpoints(self, name: str, address: str, count: int) -> Check:
        """Whether so many ready endpoints are behind the Service of that address."""
        ready = 0

        async def probe() -> bool | None:
            nonlocal ready
            ready = await self._ready_endpoints(names.object_name(address))
            return ready >= count or None

        passed = bool(await base.until(probe, within=self.left, at_most=1.0))
        detail = f"Service {names.object_name(address)} leads to {ready} ready endpoints"
        return self.check(name, passed=passed, detail=detail)

    async def _ready_endpoints(self, service: str) -> int:
        slices = await self.session.cluster.listed(
            "EndpointSlice",
            namespace=self.namespace,
            labels={"kubernetes.io/service-name": service},
        )
        return len(
            {
                address
                for item in slices
                for endpoint in item.get("endpoints") or ()
                if (endpoint.get("conditions") or {}).get("ready") is not False
                for address in endpoint.get("addresses") or ()
            }
        )

    async def _backends(self) -> list[Check]:
        wanted = sorted({backend.address for backend in self.desired.backends})
        found = [await self._endpoints("backends", address, 1) for address in wanted]
        if not found:
            return []
        detail = "; ".join(check.detail for check in found)
        passed = all(check.passed for check in found)
        return [self.check("backends", passed=passed, detail=detail)]

    async def _published(self) -> list[Check]:
        labels = marker.selector_of(self.stack, self.desired.address)
        found = await self.session.cluster.listed(
            "Service", namespace=self.namespace, labels=labels
        )
        outer = [item for item in found if item["spec"].get("type") in {"NodePort", "LoadBalancer"}]
        return [self.check("published", passed=True, detail=_reached(item)) for item in outer]

    # ── the rest ──

    async def of_claim(self) -> Check:
        """Where the class makes volumes at once, that takes a moment; and so does the word why it can't."""
        claim: Object | None = None
        events: Sequence[Object] = ()
        waits = False

        async def probe() -> bool | None:
            nonlocal claim, events, waits
            claim = await self._primary()
            if claim is None or _is_bound(claim):
                return True
            events = await self.session.cluster.events(self.namespace, uid=claim["metadata"]["uid"])
            waits = await self._waits(claim, events)
            in_vain = not self.left and bool(vitals.of_claim(claim, events))
            return waits or in_vain or None

        await base.until(probe, within=_VOLUME_SECONDS, at_most=1.0)
        if claim is None:
            return self._missing()
        return self._of_claim(claim, events, waits=waits)

    def _of_claim(self, claim: Object, events: Sequence[Object], *, waits: bool) -> Check:
        name = claim["metadata"]["name"]
        if _is_bound(claim):
            volume = claim["spec"].get("volumeName")
            return self.check("exists", passed=True, detail=f"claim {name} has volume {volume}")
        if waits:
            detail = f"claim {name} gets its volume when the first pod uses it"
            return self.check("exists", passed=True, detail=detail)
        troubles = vitals.of_claim(claim, events)
        said = troubles[0].what if troubles else f"claim {name} has no volume yet"
        return self.check("exists", passed=False, detail=said)

    async def _waits(self, claim: Object, events: Sequence[Object]) -> bool:
        """Whether it is its storage class's way to wait for the pod that uses it."""
        if any(item.get("reason") == "WaitForFirstConsumer" for item in events):
            return True
        name = claim["spec"].get("storageClassName")
        try:
            found = await self.session.cluster.get("StorageClass", name) if name else None
        except NotAllowedToRead:
            return False
        return found is not None and found.get("volumeBindingMode") == "WaitForFirstConsumer"

    async def of_other(self) -> Check:
        """Something without pods of ours: it is there, and says no bad word of itself."""
        found = await self._primary()
        if found is None:
            return self._missing()
        what = f"{found['kind']} {found['metadata']['name']}"
        ready = vitals.conditions(found).get("Ready")
        if ready is None or ready.get("status") == "True":
            return self.check("exists", passed=True, detail=f"{what} is there")
        said = vitals.short(str(ready.get("message") or ready.get("reason") or "not ready"))
        return self.check("exists", passed=False, detail=f"{what}: {said}")


def name_of(health: HealthCheck) -> str:
    """What is asked, in a few words."""
    match health.kind:
        case "http":
            return f"http GET {health.path}"
        case "tcp":
            return f"tcp {health.port}"
        case "command":
            return f"command {health.command[0] if health.command else ''}".rstrip()


def _is_bound(claim: Object) -> bool:
    return (claim.get("status") or {}).get("phase") == "Bound"


def _reached(service: Object) -> str:
    """Where a Service is reached from outside."""
    given = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    hosts = [str(item.get("ip") or item.get("hostname")) for item in given]
    ports = service["spec"].get("ports") or ()
    nodes = ", ".join(f"{p['port']} at node port {p['nodePort']}" for p in ports if "nodePort" in p)
    name = service["metadata"]["name"]
    if service["spec"]["type"] == "LoadBalancer" and hosts:
        return f"Service {name} is reached at {', '.join(hosts)}"
    wait = " has no address from the cluster's load balancer yet;" * (
        service["spec"]["type"] == "LoadBalancer"
    )
    return f"Service {name}{wait} publishes {nodes or 'no port'}"
