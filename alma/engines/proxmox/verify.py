"""Proves that a guest does its work: asks its node whether it runs, and then the guest itself, at its own address."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass

from alma.core.model.deployment import Check
from alma.core.model.software import HealthCheck
from alma.core.model.state import DesiredResource, StackRef
from alma.engines.base import until
from alma.engines.proxmox import addresses, look, marker
from alma.engines.proxmox.guests import power
from alma.engines.proxmox.session import Session
from alma.engines.proxmox.view import View

_RUNNING_SECONDS = 15.0
_ADDRESS_SECONDS = 2.0
_HTTP_BAD = 400


async def checks(session: Session, desired: DesiredResource, stack: StackRef) -> list[Check]:
    """The proofs for one resource. Raises EngineError when the cluster can't be asked: that is no failed check."""
    found = await look.at(session, stack, desired.address)
    if not found:
        name = marker.guest_name(stack, desired.address)
        return [_check(desired, "exists", passed=False, detail=f"there is no guest {name}")]
    return await _Proof(session, desired, found[0]).run()


def _check(desired: DesiredResource, name: str, *, passed: bool, detail: str) -> Check:
    return Check(address=desired.address, name=name, passed=passed, detail=detail)


@dataclass
class _Proof:
    session: Session
    desired: DesiredResource
    view: View

    def __post_init__(self) -> None:
        health = self.desired.health
        self.deadline = time.monotonic() + (health.start_period if health else _RUNNING_SECONDS)

    @property
    def left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    async def run(self) -> list[Check]:
        guest = self.view.guest
        state = await self._settled()
        where = f"guest {guest.vmid} on {guest.node}"
        running = _check(
            self.desired,
            "running",
            passed=state == "running",
            detail=f"{where} is {state or 'gone'}",
        )
        if not running.passed:
            return [running]
        health = self.desired.health
        if health is None or health.kind == "command":
            found = await self._address()
            at = (
                f"{running.detail}, at {found[0]}"
                if found
                else f"{running.detail}; no address is known"
            )
            return [running.model_copy(update={"detail": at})]
        return [running, await self._healthy(health)]

    async def _address(self) -> tuple[str, ...]:
        """Where it is, for people to know. It proves nothing, so a guest that tells none is waited for once."""
        memory, vmid = self.session.memory, self.view.guest.vmid
        within = 0.0 if vmid in memory.silent else _ADDRESS_SECONDS
        found = await addresses.find(self.session, self.view, within=within)
        (memory.silent.discard if found else memory.silent.add)(vmid)
        return found

    async def _settled(self) -> str | None:
        last: str | None = None

        async def probe() -> bool | None:
            nonlocal last
            last = await power.state(self.session, self.view.guest)
            # What is stopped stays so, unless the HA stack is about to start it.
            managed = self.view.guest.ha_state is not None
            return last != "stopped" or not managed or None

        await until(probe, within=min(self.left, _RUNNING_SECONDS))
        return last

    async def _healthy(self, health: HealthCheck) -> Check:
        name = f"{health.kind} {health.port}"
        found = await addresses.find(self.session, self.view, within=self.left)
        if not found:
            return _check(self.desired, name, passed=False, detail="it has told no address")
        passed, detail = False, "it was not asked"

        async def probe() -> bool | None:
            nonlocal passed, detail
            passed, detail = await _ask(found[0], health)
            return passed or None

        every = min(health.interval, 1.0)
        await until(probe, within=self.left, every=min(every, 0.2), at_most=health.interval)
        return _check(self.desired, name, passed=passed, detail=detail)


async def _ask(host: str, health: HealthCheck) -> tuple[bool, str]:
    """Whether it answers, and what came back."""
    port = health.port or 80
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        async with asyncio.timeout(health.timeout):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                if health.kind == "tcp":
                    return True, f"{where} takes connections"
                return await _http(reader, writer, where=where, path=health.path)
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
    except TimeoutError:
        return False, f"{where} did not answer in {health.timeout:g} s"
    except OSError as error:
        return False, f"{where}: {error.strerror or error}"


async def _http(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, where: str, path: str
) -> tuple[bool, str]:
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {where}\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    try:
        line = (await reader.readline()).decode("ascii", "replace").strip()
    except ValueError:
        line = ""
    parts = line.split()
    status = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
    passed = line.startswith("HTTP/") and 0 < status < _HTTP_BAD
    return passed, f"http://{where}{path} answered {line or 'nothing'}"
