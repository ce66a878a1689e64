"""Says whether a Docker Engine can be used, and what it can't do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from alma.core.model.engine import Health
from alma.core.model.errors import AlmaError
from alma.engines.docker.session import Session

_OLDEST_API = (1, 40)
_LIMITS = {"MemoryLimit": "specs.memory", "CpuCfsQuota": "specs.cpu"}


async def of(session: Session) -> Health:
    """The health of an engine that answers. Raises EngineError when it does not."""
    version, info = await session.daemon.version(), await session.daemon.info()
    api = await session.daemon.api_version()
    problems = tuple(_problems(info, api))
    name = info.get("OperatingSystem") or info.get("OSType") or "an unknown system"
    return Health(
        engine="docker",
        available=info.get("OSType") == "linux" and api >= _OLDEST_API,
        detail=f"Docker {version['Version']} on {name}",
        version=version["Version"],
        problems=problems,
        facts=_facts(session, version, info),
    )


def absent(error: AlmaError) -> Health:
    """The health of an engine that can't be reached."""
    problems = (error.hint or error.message,)
    return Health(engine="docker", available=False, detail=error.message, problems=problems)


def _problems(info: Mapping[str, Any], api: tuple[int, int]) -> Iterator[str]:
    if info.get("OSType") != "linux":
        yield "this Docker Engine runs Windows containers: switch it to Linux containers"
    if api < _OLDEST_API:
        yield "this Docker Engine is too old: install Docker 19.03 or newer"
    for capability, path in _LIMITS.items():
        if info.get(capability) is False:
            yield f"the host's kernel can't enforce {path}: enable the cgroup controller"


def _facts(session: Session, version: Mapping[str, Any], info: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "host": session.daemon.location,
        "api_version": version.get("ApiVersion"),
        "os": info.get("OSType"),
        "architecture": info.get("Architecture"),
        "cpus": info.get("NCPU"),
        "memory_bytes": info.get("MemTotal"),
        "storage_driver": info.get("Driver"),
        "cgroup_version": info.get("CgroupVersion"),
        "memory_limit": info.get("MemoryLimit"),
        "cpu_limit": info.get("CpuCfsQuota"),
        "containers_running": info.get("ContainersRunning"),
    }
