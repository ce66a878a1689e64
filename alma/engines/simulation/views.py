"""How the simulated world looks from outside: observed resources, pretended endpoints, checks marked as simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alma.core.model.blueprint import WORKLOADS
from alma.core.model.deployment import Check
from alma.core.model.software import HealthCheck
from alma.core.model.state import DesiredResource, ObservedResource, StackRef, Status
from alma.core.model.units import Port
from alma.engines.simulation.store import Operation, Thing

_WORKING = {Status.RUNNING, Status.PRESENT}


def observed(thing: Thing, stack: StackRef) -> ObservedResource:
    """An object as `read` reports it."""
    return ObservedResource(
        address=thing.address,
        type=thing.type,
        object_id=thing.id,
        name=thing.name,
        key=thing.key,
        properties=thing.properties,
        depends_on=thing.depends_on,
        retain=thing.retain,
        status=thing.status,
        endpoints=_endpoints(thing, stack),
        extra={"simulated": True},
    )


def _endpoints(thing: Thing, stack: StackRef) -> tuple[str, ...]:
    """Pretended addresses, of a form that nobody takes for a real one."""
    ports = thing.properties.get("ports")
    found = [Port(str(port)) for port in ports] if isinstance(ports, list) else []
    public = thing.properties.get("public") is True
    return tuple(
        f"simulation://{stack.name}/{thing.address}:{port.published or port.target}"
        for port in found
        if public or port.published
    )


def checks(
    desired: DesiredResource, things: Mapping[str, Thing | None], *, failing: bool = False
) -> list[Check]:
    """What asking the resource would give.

    `things` has what is at its address and at those of its backends. `failing`: a fault keeps it from answering.
    """
    thing = things[desired.address]
    working = thing is not None and thing.status in _WORKING and not failing
    found = [_presence(desired, thing)]
    if desired.type in WORKLOADS and desired.health is not None:
        found.append(_health(desired.address, desired.health, working=working))
    elif failing:
        found.append(_check(desired.address, "answer", "no answer", passed=False))
    found += [
        _backend(desired.address, name, things[name])
        for name in sorted({backend.address for backend in desired.backends})
    ]
    return found


def _presence(desired: DesiredResource, thing: Thing | None) -> Check:
    name = "running" if desired.type in WORKLOADS else "present"
    if thing is None:
        return _check(desired.address, name, "there is no such object", passed=False)
    passed = thing.type is desired.type and thing.status in _WORKING
    return _check(
        desired.address, name, f"{thing.type} {thing.name} is {thing.status}", passed=passed
    )


_ANSWERS = {
    "http": ("answers 200", "answers 503"),
    "tcp": ("accepts connections", "refuses connections"),
    "command": ("ends with exit code 0", "ends with exit code 1"),
}


def _health(address: str, health: HealthCheck, *, working: bool) -> Check:
    answer = _ANSWERS[health.kind][0 if working else 1]
    if health.kind == "command":
        name = " ".join(health.command)
    else:
        name = f"{health.kind} :{health.port}{health.path if health.kind == 'http' else ''}"
    return _check(address, name, f"{name} {answer}", passed=working)


def _backend(address: str, name: str, backend: Thing | None) -> Check:
    status = backend.status.value if backend else "not there"
    passed = backend is not None and backend.status in _WORKING
    return _check(address, f"backend {name}", f"backend {name} is {status}", passed=passed)


def _check(address: str, name: str, detail: str, *, passed: bool) -> Check:
    return Check(address=address, name=name, passed=passed, detail=f"simulated: {detail}")


_DONE = {
    "create": "created",
    "update": "changed",
    "start": "started",
    "delete": "deleted",
    "adopt": "adopted",
    "release": "released",
}


def log_lines(operations: Sequence[Operation]) -> list[str]:
    """What a simulated resource prints: what was done to it."""
    return [
        f"{operation.at.isoformat(timespec='milliseconds')} simulated: "
        f"{operation.address} {_DONE[operation.action]}"
        for operation in operations
    ]
