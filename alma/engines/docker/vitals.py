"""Reads a container's vital signs: whether it is well, whether waiting is in vain, how it ended. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

Found = Mapping[str, Any]
_MANY_RESTARTS = 3
_KILLED = 137
# What can't be asked has to stay up that long; what has ended before, as long as Docker itself takes for a good start.
_STAYS_SECONDS = 1.0
_STAYS_AFTER_RESTART_SECONDS = 10.0


def is_well(inspected: Found) -> bool:
    """Whether it runs and Docker has nothing against its health."""
    state = inspected["State"]
    health = (state.get("Health") or {}).get("Status")
    return state["Status"] == "running" and health in {None, "none", "healthy"}


def is_beyond_help(inspected: Found) -> bool:
    """Whether waiting is in vain. A container that ends again and again is looked at while Docker waits to start it
    once more: then its end can still be read."""
    state = inspected["State"]
    if state["Status"] == "restarting":
        return bool(inspected.get("RestartCount", 0) >= _MANY_RESTARTS)
    if state["Status"] == "running":
        return (state.get("Health") or {}).get("Status") == "unhealthy"
    return state["Status"] in {"exited", "dead"}


def has_to_stay(inspected: Found) -> float:
    """For how many seconds it has to run before it counts as up, when there is nothing it could be asked."""
    return _STAYS_AFTER_RESTART_SECONDS if inspected.get("RestartCount") else _STAYS_SECONDS


def age(inspected: Found) -> float:
    """For how many seconds it has been running, by its host's clock."""
    text = str(inspected["State"].get("StartedAt", ""))
    try:  # to the second: Docker writes nanoseconds
        started = datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    except ValueError:
        return 0.0
    return (datetime.now(UTC) - started).total_seconds() - 1.0


def state(inspected: Found) -> list[str]:
    """How it is and how it ended, in words."""
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


def last_probe(state: Mapping[str, Any], hide: Callable[[str], str] = str) -> list[str]:
    """What Docker's own health check said last, in words; `hide` takes out what must not be shown."""
    probes = (state.get("Health") or {}).get("Log") or ()
    if not probes:
        return []
    output = " ".join(hide(str(probes[-1].get("Output", ""))).split())[:200]
    return [f"its health check ended with {probes[-1].get('ExitCode')}: {output}".rstrip(": ")]
