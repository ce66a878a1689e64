"""Proves that a resource does its work: waits until it could, then asks it, and keeps what it answered."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alma.core.model.blueprint import WORKLOADS, ResourceType
from alma.core.model.deployment import Check
from alma.core.model.state import DesiredResource, StackRef
from alma.engines import base
from alma.engines.docker import ask, logs, look, names, vitals
from alma.engines.docker.session import Session

_WITHOUT_HEALTH_SECONDS = 15.0
_LAST_LINES = 10
_ROUNDS = 4  # how often, on average, each backend may be asked before one counts as missing

Found = Mapping[str, Any]


async def checks(session: Session, desired: DesiredResource, stack: StackRef) -> list[Check]:
    """The proofs for one resource. Raises EngineError when Docker can't be asked: that is no failed check."""
    if desired.type in WORKLOADS:
        return await _Proof(session, desired, stack).run()
    labels = names.stack_filter(stack, desired.address)
    find = (
        session.daemon.networks if desired.type is ResourceType.NETWORK else session.daemon.volumes
    )
    there = bool(await find(labels))
    name = names.object_name(stack, desired.address)
    detail = f"{desired.type} {name} {'is there' if there else 'is not there'}"
    return [Check(address=desired.address, name="exists", passed=there, detail=detail)]


@dataclass
class _Proof:
    session: Session
    desired: DesiredResource
    stack: StackRef

    def __post_init__(self) -> None:
        health = self.desired.health
        self.deadline = time.monotonic() + (
            health.start_period if health else _WITHOUT_HEALTH_SECONDS
        )
        self.starts: dict[str, float] = {}
        self.hide: logs.Hide = str

    @property
    def left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def check(self, name: str, *, passed: bool, detail: str) -> Check:
        return Check(address=self.desired.address, name=name, passed=passed, detail=detail)

    async def run(self) -> list[Check]:
        inspected = await self._settled()
        if inspected is None:
            name = names.object_name(self.stack, self.desired.address)
            return [self.check("running", passed=False, detail=f"there is no container {name}")]
        self.hide = await logs.hider(self.session, inspected)
        if self.desired.health is None or not vitals.is_well(inspected):
            return [await self._running(inspected)]
        asked, inspected = await self._asked(inspected)
        return [await self._running(inspected), *asked]

    async def _settled(self) -> Found | None:
        """The container once it is well or can't become so by waiting; None when there is none."""
        labels = names.stack_filter(self.stack, self.desired.address)
        group = look.groups(await self.session.daemon.containers(labels))
        if not group:
            return None
        last: Found | None = None

        async def probe() -> bool | None:
            nonlocal last
            last = await self.session.daemon.container(group[0][0]["Id"])
            return last is None or vitals.is_beyond_help(last) or self._is_well(last) or None

        await base.until(probe, within=self.left, at_most=1.0)
        return last

    def _is_well(self, inspected: Found) -> bool:
        """Whether it is well; what can't be asked is so only when it stays so."""
        since = self.starts.setdefault(inspected["State"].get("StartedAt", ""), time.monotonic())
        stayed = max(time.monotonic() - since, vitals.age(inspected))
        return vitals.is_well(inspected) and (
            self.desired.health is not None or stayed >= vitals.has_to_stay(inspected)
        )

    async def _running(self, inspected: Found) -> Check:
        state = inspected["State"]
        if self._is_well(inspected):
            healthy = (state.get("Health") or {}).get("Status") == "healthy"
            said = "running and healthy" if healthy else "running"
            return self.check("running", passed=True, detail=said)
        lines = await logs.last_lines(self.session, inspected, lines=_LAST_LINES)
        detail = "; ".join([*vitals.state(inspected), *vitals.last_probe(state, self.hide)])
        printed = f"; it printed last: {' | '.join(lines)}" if lines else "; it printed nothing"
        return self.check("running", passed=False, detail=detail + printed)

    async def _asked(self, inspected: Found) -> tuple[list[Check], Found]:
        """What it answered, and the container as it was then: it may end while it is asked."""
        health = self.desired.health
        assert health is not None  # `run` looked
        reply = ask.Reply(passed=False, detail="it was not asked")

        async def probe() -> bool | None:
            nonlocal reply, inspected
            reply = await self._ask(inspected)
            if reply.passed:
                return True
            inspected = await self.session.daemon.container(inspected["Id"]) or inspected
            return vitals.is_beyond_help(inspected) or None

        await base.until(probe, within=self.left, at_most=1.0)
        found = [self.check(ask.name_of(health), passed=reply.passed, detail=reply.detail)]
        if self.desired.backends and reply.served_by is not None:
            found.append(await self._backends(inspected, reply))
        return found, inspected

    async def _ask(self, inspected: Found) -> ask.Reply:
        return await ask.once(self.session, self.desired, inspected, hide=self.hide)

    async def _addresses(self) -> dict[str, str]:
        """The stack's address for each IP address of its containers."""
        listed = await self.session.daemon.containers(names.stack_filter(self.stack))
        return {
            network["IPAddress"]: item["Labels"][base.ADDRESS]
            for item in listed
            for network in ((item.get("NetworkSettings") or {}).get("Networks") or {}).values()
            if network.get("IPAddress")
        }

    async def _backends(self, inspected: Found, first: ask.Reply) -> Check:
        """Asks a load balancer until every backend has answered; after the time for that, each gets a few more
        turns."""
        wanted = {backend.address for backend in self.desired.backends}
        addresses = await self._addresses()
        seen = {_who(first.served_by, addresses)}
        asked, wrong = 1, [] if first.passed else [first.detail]
        least = _ROUNDS * len(wanted)

        async def probe() -> bool | None:
            nonlocal asked
            for _ in range(least):
                if wanted <= seen:
                    return True
                reply = await self._ask(inspected)
                asked += 1
                seen.add(_who(reply.served_by, addresses))
                if not reply.passed:
                    wrong.append(reply.detail)
            return wanted <= seen or None

        await base.until(probe, within=self.left, at_most=1.0)
        answered = sorted(wanted & {name for name in seen if name})
        missing = sorted(wanted - set(answered))
        detail = f"{asked} requests were answered by {', '.join(answered) or 'nobody'}"
        if missing:
            detail += f"; {', '.join(missing)} never answered"
        if wrong:
            detail += f"; last failure: {wrong[-1]}"
        return self.check("backends", passed=not missing, detail=detail)


def _who(served_by: str | None, addresses: Mapping[str, str]) -> str | None:
    """The backend's address in the stack. nginx names it by its IP address and port, the last one it tried last."""
    last = (served_by or "").rpartition(",")[2].strip()
    return addresses.get(last.rpartition(":")[0], last) or None
