"""Follows a rollout to its end: until everything runs as asked, or until it is clear why it won't.

The workload is watched, and its pods are looked at as often as it moves, and now and then besides: what stops a pod is
not told by its workload.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from alma.core.model.errors import ChangeRejected
from alma.core.model.software import HealthCheck
from alma.engines.base import together
from alma.engines.kubernetes import vitals
from alma.engines.kubernetes.client import Refused
from alma.engines.kubernetes.logs import Hide
from alma.engines.kubernetes.session import Session
from alma.engines.kubernetes.vitals import Trouble

Object = Mapping[str, Any]

# What may pass by itself (no node yet, a volume that is just being made) is given so many seconds to do so.
PATIENCE: Final = 20.0
_LOOK_SECONDS: Final = 1.0
_LOG_LINES: Final = 10
_PODS_ASKED: Final = 3
_REVISION: Final = "deployment.kubernetes.io/revision"
_HASHES: Final = {"Deployment": "pod-template-hash", "StatefulSet": "controller-revision-hash"}


class Stuck(ChangeRejected):
    """A rollout that does not come to its end, and why."""


_WITHOUT_HEALTH_SECONDS: Final = 15.0
# The kubelet asks in rounds, and tells the server a moment later.
_ROUNDS: Final = 2.0


def until_ready(health: HealthCheck | None) -> float:
    """How long pods that run may take to get ready, in seconds."""
    return health.start_period + _ROUNDS * health.interval if health else _WITHOUT_HEALTH_SECONDS


@dataclass(frozen=True)
class Settled:
    """How a rollout ended. `well`: everything is ready; else everything runs, and is not ready in its time."""

    workload: Object
    well: bool


@dataclass(frozen=True)
class _Waiting:
    """A pod that is not ready, and what happened to it."""

    pod: Object
    events: Sequence[Object]

    @property
    def is_unanswering(self) -> bool:
        return vitals.is_unanswering(self.events)

    @property
    def has_ended(self) -> bool:
        """Whether it has ended by itself and does not run just now."""
        return not vitals.has_started(self.pod) and not self.is_unanswering


@dataclass
class Rollout:
    """One workload on its way. `start_seconds` is how long its pods may take from running to ready; `answers` says that
    they are asked for that, else they have to stay up for a moment. `hide` takes out of logs what must not be shown,
    `labels` are those of its pods."""

    session: Session
    workload: Object
    labels: Mapping[str, str]
    start_seconds: float
    hide: Hide
    log: Callable[[str], None]
    answers: bool = True
    patience: float = field(default_factory=lambda: PATIENCE)
    _since: dict[str, float] = field(default_factory=dict)
    _running_since: float | None = None
    _through_since: float | None = None
    _ends: int = 0
    _look_at: float = 0.0
    _told: str = ""

    @property
    def namespace(self) -> str:
        """Where it is."""
        return str(self.workload["metadata"]["namespace"])

    async def settle(self) -> Settled:
        """Waits for the end. Raises Stuck when waiting is in vain, or has been for `rollout_timeout` seconds;
        EngineUnavailable when the cluster can't be asked any more."""
        if self.workload["kind"] not in _HASHES:
            return Settled(self.workload, well=True)
        deadline = time.monotonic() + self.session.settings.rollout_timeout
        if vitals.is_through(self.workload) and (self.answers or await self._stays()):
            return Settled(self.workload, well=True)  # nothing to wait for
        self._look_at = time.monotonic() + _LOOK_SECONDS
        async with self._watched() as news:
            while (found := await self._judged()) is None:
                if time.monotonic() > deadline:
                    raise await self._late()
                await news()
        return found

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[Callable[[], Any]]:
        """Keeps `workload` as it is; the answer waits for news, or a moment."""
        moved = asyncio.Event()
        watching = asyncio.create_task(self._follow(moved))

        async def news() -> None:
            waiting = asyncio.create_task(moved.wait())
            await asyncio.wait(
                {waiting, watching},
                timeout=_LOOK_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
            waiting.cancel()
            moved.clear()
            if watching.done():
                watching.result()

        try:
            yield news
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _follow(self, moved: asyncio.Event) -> None:
        meta = self.workload["metadata"]
        watch = self.session.cluster.watch(
            str(self.workload["kind"]), namespace=self.namespace, name=meta["name"]
        )
        async with aclosing(watch) as seen:
            async for event in seen:
                if event.change == "DELETED" or event.object["metadata"]["uid"] != meta["uid"]:
                    raise Stuck(
                        f"{self.workload['kind']} {meta['name']} was removed while it was rolled out",
                        hint="find out who removed it, then deploy again",
                    )
                self.workload = event.object
                moved.set()

    async def _judged(self) -> Settled | None:
        """The end, if this is it."""
        if through := vitals.is_through(self.workload):
            if self.answers or await self._stays():
                return Settled(self.workload, well=True)
        else:
            self._through_since = None
        self._tell()
        if time.monotonic() < self._look_at:  # what goes well needs no more than the watch
            return None
        pods = await self._pods()
        waiting = await self._waiting(pods)
        troubles = await self._troubles(pods, waiting)
        if lasting := [item for item in troubles if self._is_lasting(item)]:
            await self._make_way(pods)
            raise await self._stuck(lasting)
        if not through and self._had_its_time(pods, waiting):
            return Settled(self.workload, well=False)
        self._look_at = time.monotonic() + _LOOK_SECONDS
        return None

    async def _stays(self) -> bool:
        """Whether what can't be asked has been up for long enough."""
        pods = await self._pods()
        self._through_since = self._through_since or time.monotonic()
        ready = min(map(vitals.ready_for, pods), default=0.0)
        stayed = max(time.monotonic() - self._through_since, ready)
        return stayed >= vitals.has_to_stay(pods)

    def _tell(self) -> None:
        said = vitals.progress(self.workload)
        if said != self._told:
            self._told = said
            self.log(f"Rolling out {self.workload['metadata']['name']}: {said}")

    def _had_its_time(self, pods: Sequence[Object], waiting: Sequence[_Waiting]) -> bool:
        """Whether all that is new has been running for as long as a start may take. What ends by itself starts its time
        anew; what the kubelet ends, since it does not answer, has used it."""
        enough = len(pods) >= vitals.wanted(self.workload) > 0
        ends = sum(vitals.restarts(one.pod) for one in waiting if not one.is_unanswering)
        if not enough or ends > self._ends:
            self._running_since = None
        self._ends = max(ends, self._ends)
        if enough and all(vitals.has_started(pod) for pod in pods):
            self._running_since = self._running_since or time.monotonic()
        if self._running_since is None or any(one.has_ended for one in waiting):
            return False
        return time.monotonic() - self._running_since > self.start_seconds

    # ── what stands in the way ──

    async def _pods(self) -> list[Object]:
        """The pods of what is being rolled out; those of what was before are not looked at."""
        async with self.session.looks:
            pods, revision = await together([self._all_pods(), self._revision()])
        label = _HASHES[self.workload["kind"]]
        return [
            pod
            for pod in pods
            if not vitals.is_ending(pod)
            and revision
            and (pod["metadata"].get("labels") or {}).get(label) == revision
        ]

    async def _all_pods(self) -> Any:
        return await self.session.cluster.listed(
            "Pod", namespace=self.namespace, labels=self.labels
        )

    async def _revision(self) -> Any:
        """The hash by which the newest pods are known; "" while there is none."""
        if self.workload["kind"] == "StatefulSet":
            return (self.workload.get("status") or {}).get("updateRevision", "")
        number = (self.workload["metadata"].get("annotations") or {}).get(_REVISION)
        sets = await self.session.cluster.listed(
            "ReplicaSet", namespace=self.namespace, labels=self.labels
        )
        for item in sets:
            meta = item["metadata"]
            if (meta.get("annotations") or {}).get(_REVISION) == number:
                return (meta.get("labels") or {}).get(_HASHES["Deployment"], "")
        return ""

    async def _waiting(self, pods: Sequence[Object]) -> list[_Waiting]:
        """Some of the pods that are not ready, with what happened to them."""
        some = [pod for pod in pods if not vitals.is_ready(pod)][:_PODS_ASKED]
        return [_Waiting(pod, await self._events(pod)) for pod in some]

    async def _troubles(self, pods: Sequence[Object], waiting: Sequence[_Waiting]) -> list[Trouble]:
        found = vitals.of_workload(self.workload)
        missing = len(pods) < vitals.wanted(self.workload)
        if missing and not found and self.workload["kind"] == "StatefulSet":
            found += vitals.not_made(await self._events(self.workload))
        return [*found, *(item for one in waiting for item in vitals.of_pod(one.pod, one.events))]

    async def _events(self, of: Object) -> list[Object]:
        """What happened to an object since it is as it is: an older event is about what was before."""
        since = _applied_at(of)
        async with self.session.looks:
            events = await self.session.cluster.events(self.namespace, uid=of["metadata"]["uid"])
        return [item for item in events if str(item.get("lastTimestamp") or "~") >= since]

    def _is_lasting(self, trouble: Trouble) -> bool:
        """Whether it stays: surely, or because it has stayed for long enough."""
        if trouble.certain:
            return True
        if trouble.container:  # it ended, and is started again: the restarts tell
            return False
        first = self._since.setdefault(f"{trouble.pod} {trouble.hint}", time.monotonic())
        return time.monotonic() - first > self.patience

    async def _late(self) -> Stuck:
        seconds = self.session.settings.rollout_timeout
        pods = await self._pods()
        troubles = await self._troubles(pods, await self._waiting(pods))
        if troubles:
            return await self._stuck(troubles)
        return self._error(
            f"after {seconds:g} s, {vitals.progress(self.workload)}",
            "look at its pods' events and logs, or raise rollout_timeout",
        )

    async def _stuck(self, troubles: Sequence[Trouble]) -> Stuck:
        first = troubles[0]
        printed = await self._printed(first)
        return self._error(f"{self.hide(first.what)}{printed}", first.hint)

    def _error(self, what: str, hint: str) -> Stuck:
        name = f"{self.workload['kind']} {self.namespace}/{self.workload['metadata']['name']}"
        return Stuck(f"{name} can't be rolled out: {what}", hint=hint)

    async def _printed(self, trouble: Trouble) -> str:
        """What a container said last, where that may tell more."""
        if not trouble.container:
            return ""
        lines: Sequence[str] = ()
        for previous in (trouble.previous, False):
            lines = lines or await self.session.cluster.log_tail(
                trouble.pod,
                namespace=self.namespace,
                container=trouble.container,
                lines=_LOG_LINES,
                previous=previous,
            )
        shown = " | ".join(self.hide(line) for line in lines)
        return f"; it printed last: {shown}" if shown else "; it printed nothing"

    async def _make_way(self, pods: Sequence[Object]) -> None:
        """A StatefulSet waits for a pod that is not well before it makes the next one, even when what comes next would
        mend it: see "forced rollback" in Kubernetes' manual. What can't become well is taken out of the way."""
        if self.workload["kind"] != "StatefulSet":
            return
        for pod in pods:
            if not vitals.is_ready(pod):
                try:
                    await self.session.cluster.delete(
                        "Pod",
                        pod["metadata"]["name"],
                        namespace=self.namespace,
                        uid=pod["metadata"]["uid"],
                    )
                except Refused:  # somebody else took it away, or ALMA may not
                    continue


def _applied_at(found: Object) -> str:
    """When it was last given a specification, by the server's clock; "" if that is not told."""
    times = [
        str(entry.get("time", ""))
        for entry in found["metadata"].get("managedFields") or ()
        if entry.get("manager") == "alma" and not entry.get("subresource")
    ]
    return max(times, default="")
