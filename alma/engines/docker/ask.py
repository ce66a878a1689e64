"""Asks a running container whether it does its work: over HTTP, by connecting, or with a command inside it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import aiohttp

from alma.core.model.blueprint import ResourceType
from alma.core.model.software import HealthCheck
from alma.core.model.state import DesiredResource
from alma.engines.docker.logs import Hide
from alma.engines.docker.session import Session

SERVED_BY = "X-Served-By"
_TEXT_LIMIT = 200
_READ_LIMIT = 16 * _TEXT_LIMIT
_PROGRAM = re.compile(r"[A-Za-z][\w.-]*$")
_BUILT_IN = frozenset({"cd", "exec", "export", "if", "set", "test", "then", "until", "while"})
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104  # asked, not bound


@dataclass(frozen=True)
class Reply:
    """What came back. `served_by` is the backend a load balancer says it came from."""

    passed: bool
    detail: str
    served_by: str | None = None


def name_of(health: HealthCheck) -> str:
    """What is asked, in a few words."""
    match health.kind:
        case "http":
            return f"http GET {health.path}"
        case "tcp":
            return f"tcp {health.port}"
        case "command":
            return f"command {program_of(health.command)}".rstrip()


def program_of(command: Sequence[str]) -> str:
    """The program that a command is about: a shell only carries it, and may set variables first."""
    if not command:
        return ""
    name = PurePosixPath(command[0]).name
    if name not in {"sh", "bash"} or len(command) < 3 or not command[1].endswith("c"):
        return name
    words = (word.lstrip('"$(').rstrip(";") for word in command[2].split())
    return next((word for word in words if _PROGRAM.match(word) and word not in _BUILT_IN), name)


def addresses_of(
    inspected: Mapping[str, Any], port: int | None, *, hostname: str | None
) -> list[tuple[str, int]]:
    """Where an inner port is to be asked: where it is published, as that is what users use; else at the container's
    own addresses, which can be reached from its own host only."""
    networks = inspected["NetworkSettings"]
    published = (networks.get("Ports") or {}).get(f"{port}/tcp") or ()
    found = [
        (hostname or _EVERY_ADDRESS.get(item["HostIp"], item["HostIp"]), int(item["HostPort"]))
        for item in published
    ]
    if not found and hostname is None and port is not None:
        attached = (networks.get("Networks") or {}).values()
        found.extend((one["IPAddress"], port) for one in attached if one.get("IPAddress"))
    return found


async def once(
    session: Session, desired: DesiredResource, inspected: Mapping[str, Any], *, hide: Hide = str
) -> Reply:
    """Asks one time, from as near to a user as possible: from outside, else with a command inside. `hide` takes out of
    the answer what must not be shown."""
    health = desired.health
    if health is None:
        return Reply(passed=True, detail="it runs; there is nothing it could be asked")
    if health.kind == "command":
        return await _inside(session, inspected, health, health.command, hide)
    port = health.port or (desired.ports[0].target if desired.ports else None)
    replies = []
    for host, number in addresses_of(inspected, port, hostname=session.daemon.hostname):
        reply = await (_http if health.kind == "http" else _tcp)(host, number, health, hide)
        if reply.passed:
            return reply
        replies.append(reply)
    if health.inside and desired.type is not ResourceType.LOAD_BALANCER:
        return await _inside(session, inspected, health, health.inside, hide)
    if replies:
        return replies[0]
    return Reply(
        passed=False,
        detail=f"port {port} can't be reached from here: publish it, or give the software's health check an "
        "`inside` command",
    )


async def _http(host: str, port: int, health: HealthCheck, hide: Hide) -> Reply:
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}{health.path}"
    timeout = aiohttp.ClientTimeout(total=health.timeout)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as client,
            client.get(url, allow_redirects=False) as answer,
        ):
            body = hide((await answer.content.read(_READ_LIMIT)).decode(errors="replace"))
            served_by = answer.headers.get(SERVED_BY)
    except TimeoutError:
        return Reply(passed=False, detail=f"{url}: no answer within {health.timeout:g} s")
    except (aiohttp.ClientError, OSError) as error:
        return Reply(passed=False, detail=f"{url}: {error}")
    said = f" from {served_by}" if served_by else ""
    text = "" if answer.status < 400 else f": {' '.join(body.split())[:_TEXT_LIMIT]}"
    detail = f"{url} answered {answer.status} {answer.reason}{said}{text}"
    return Reply(passed=answer.status < 400, detail=detail, served_by=served_by)


async def _tcp(host: str, port: int, health: HealthCheck, _hide: Hide) -> Reply:
    where = f"{host}:{port}"
    try:
        async with asyncio.timeout(health.timeout):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return Reply(passed=False, detail=f"{where}: no answer within {health.timeout:g} s")
    except OSError as error:
        return Reply(passed=False, detail=f"{where}: {error.strerror or error}")
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:  # it hung up first; it had answered
        return Reply(passed=True, detail=f"{where} accepted a connection and closed it")
    return Reply(passed=True, detail=f"{where} accepted a connection")


async def _inside(
    session: Session,
    inspected: Mapping[str, Any],
    health: HealthCheck,
    command: Sequence[str],
    hide: Hide,
) -> Reply:
    if not command:
        return Reply(passed=False, detail="the health check names no command")
    ran = await session.daemon.run(inspected["Id"], command, seconds=health.timeout)
    last = " ".join(hide(ran.output).split())[-_TEXT_LIMIT:]
    if ran.code is None:
        return Reply(
            passed=False, detail=f"{program_of(command)} did not end within {health.timeout:g} s"
        )
    said = f": {last}" if last else ""
    return Reply(passed=ran.code == 0, detail=f"{program_of(command)} ended with {ran.code}{said}")
