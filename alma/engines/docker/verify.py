"""Proves that a resource does its work: waits until it could, then asks it, and keeps what it answered."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alma.core.model.blueprint import WORKLOADS, ResourceType
from alma.core.model.deployment import Check
from alma.core.model.state import DesiredResource, StackRef
from alma.engines import base
from alma.engines.docker import ask, logs, look, names
from alma.engines.docker.session import Session

_WITHOUT_HEALTH_SECONDS = 15.0
_STAYS_SECONDS = 1.0  # what can't be asked has to stay up that long
_LAST_LINES = 10
_MANY_RESTARTS = 3
_KILLED = 137
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
        running = await self._running(inspected)
        if not running.passed or self.desired.health is None:
            return [running]
        asked = await self._asked(inspected)
        if all(check.passed for check in asked):
            return [running, *asked]
        now = await self.session.daemon.container(inspected["Id"])
        return [await self._running(now) if now else running, *asked]  # it may have ended since

    async def _settled(self) -> Found | None:
        """The container once it is well or can't become so by waiting; None when there is none."""
        group = look.groups(
            await self.session.daemon.containers(
                names.stack_filter(self.stack, self.desired.address)
            )
        )
        if not group:
            return None
        id_ = group[0][0]["Id"]
        began = time.monotonic()
        last: Found | None = None

        async def probe() -> bool | None:
            nonlocal last
            last = await self.session.daemon.container(id_)
            if last is None or _is_beyond_help(last):
                return True
            stayed = self.desired.health is not None or time.monotonic() - began >= _STAYS_SECONDS
            return (_is_well(last) and (stayed or _age(last) >= _STAYS_SECONDS)) or None

        await base.until(probe, within=self.left, at_most=1.0)
        return last

    async def _running(self, inspected: Found) -> Check:
        state = inspected["State"]
        if _is_well(inspected):
            healthy = (state.get("Health") or {}).get("Status") == "healthy"
            said = "running and healthy" if healthy else "running"
            return self.check("running", passed=True, detail=said)
        lines = await logs.last_lines(self.session, inspected, lines=_LAST_LINES)
        detail = "; ".join([*_state(inspected), *_last_probe(state)])
        printed = f"; it printed last: {' | '.join(lines)}" if lines else "; it printed nothing"
        return self.check("running", passed=False, detail=detail + printed)

    async def _asked(self, inspected: Found) -> list[Check]:
        health = self.desired.health
        assert health is not None  # `run` looked
        reply = ask.Reply(passed=False, detail="it was not asked")

        async def probe() -> bool | None:
            nonlocal reply
            reply = await ask.once(self.session, self.desired, inspected)
            return reply.passed or None

        await base.until(probe, within=self.left, at_most=1.0)
        found = [self.check(ask.name_of(health), passed=reply.passed, detail=reply.detail)]
        if self.desired.backends and reply.served_by is not None:
            found.append(await self._backends(inspected, reply))
        return found

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
                reply = await ask.once(self.session, self.desired, inspected)
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


def _is_well(inspected: Found) -> bool:
    state = inspected["State"]
    health = (state.get("Health") or {}).get("Status")
    return state["Status"] == "running" and health in {None, "none", "healthy"}


def _is_beyond_help(inspected: Found) -> bool:
    """Whether waiting is in vain. A container that ends again and again is looked at while Docker waits to start it
    once more: then its end can still be read."""
    state = inspected["State"]
    if state["Status"] == "restarting":
        return bool(inspected.get("RestartCount", 0) >= _MANY_RESTARTS)
    if state["Status"] == "running":
        return (state.get("Health") or {}).get("Status") == "unhealthy"
    return state["Status"] in {"exited", "dead"}


def _age(inspected: Found) -> float:
    """For how many seconds it has been running, by its host's clock."""
    text = str(inspected["State"].get("StartedAt", ""))[
        :19
    ]  # to the second: Docker writes nanoseconds
    try:
        started = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return 0.0
    return (datetime.now(UTC) - started).total_seconds() - 1.0


def _state(inspected: Found) -> list[str]:
    state = inspected["State"]
    said = [f"the container is {state['Status']}"]
    if state["Status"] != "running":
        said.append(f"exit code {state.get('ExitCode', 0)}")
    elif status := (state.get("Health") or {}).get("Status"):
        said[0] += f" and {status}"
    if state.get("OOMKilled"):
        said.append("it was killed for using more memory than specs.memory allows")
    elif state.get("ExitCode") == _KILLED and inspected["HostConfig"].get("Memory"):
        # Docker forgets the reason when it starts the container again.
        said.append("it was killed, most likely for using more memory than specs.memory allows")
    if restarts := inspected.get("RestartCount"):
        said.append(f"restarted {restarts} times")
    if state.get("Error"):
        said.append(str(state["Error"]))
    return said


def _last_probe(state: Mapping[str, Any]) -> list[str]:
    probes = (state.get("Health") or {}).get("Log") or ()
    if not probes:
        return []
    output = " ".join(str(probes[-1].get("Output", "")).split())[:200]
    return [f"its health check ended with {probes[-1].get('ExitCode')}: {output}".rstrip(": ")]
