"""One connection to a Docker Engine, with the calls this engine makes and types on them.

The SDK leaves half of its answers untyped, hides the warnings of a create, and has no call for an update or for asking
whether a file is there. All of that is evened out here, so that the rest of the engine sees plain dictionaries and
AlmaErrors only. A connection belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urlsplit

import aiohttp
from aiodocker import Docker, DockerError
from aiodocker.execs import Exec

from alma.core.model.errors import EngineUnavailable, InvalidInput
from alma.engines.docker.client.translate import (
    NOT_RUNNING_HINT,
    Refused,
    pull_problem,
    translated,
)
from alma.engines.docker.settings import DockerSettings

Answer = dict[str, Any]
GONE = 404
CONFLICT = 409
_CONNECT_SECONDS = 10.0
# Unpacking a large layer says nothing for a while; a registry that stands still says nothing for ever.
_PULL_SILENCE_SECONDS = 300.0
_OUTPUT_LIMIT = 64 * 1024


@dataclass(frozen=True)
class Ran:
    """How a command inside a container ended. `code` is None when it did not end in time."""

    code: int | None
    output: str


class Daemon:
    """A Docker Engine. Methods that look return None or an empty list for what is not there; methods that change raise
    `Refused` with the daemon's reason, or OutcomeUnknown when its answer was lost."""

    def __init__(self, settings: DockerSettings) -> None:
        """Raises EngineUnavailable when no Docker is set up here, InvalidInput for a host that is no Docker host."""
        self._stop_seconds = settings.stop_timeout
        timeout = aiohttp.ClientTimeout(
            total=settings.request_timeout, sock_connect=_CONNECT_SECONDS
        )
        try:
            self._docker = Docker(url=settings.host, timeout=timeout)
        except ImportError as error:  # ssh:// takes one more package
            raise EngineUnavailable(
                f"Docker can't be reached over SSH: {error}",
                hint='install what it needs: pip install "aiodocker[ssh]"',
            ) from error
        except (AssertionError, ValueError, DockerError) as error:
            if settings.host is not None:
                raise InvalidInput(
                    f"'{settings.host}' is no Docker host",
                    hint="write unix:///path, tcp://host:port or ssh://user@host",
                ) from error
            # Without a socket the SDK asserts without a word; with a broken context it says what is wrong.
            reason = f": {error}" if str(error) else ""
            raise EngineUnavailable(
                f"No Docker Engine found{reason}", hint=NOT_RUNNING_HINT
            ) from error
        self.location = self._docker._connection_info  # noqa: SLF001  # nothing public says where it goes
        self.patience = settings.request_timeout

    @property
    def hostname(self) -> str | None:
        """The daemon's machine as seen from here; None when it is this one."""
        parts = urlsplit(self.location)
        return parts.hostname if parts.scheme in {"tcp", "http", "https", "ssh"} else None

    async def close(self) -> None:
        """Gives back the connection."""
        await self._docker.close()

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        what: str,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        seconds: float | None = None,
    ) -> Any:
        timeout = aiohttp.ClientTimeout(
            total=(seconds or 0.0) + self.patience, sock_connect=_CONNECT_SECONDS
        )
        with translated(what, change=method not in {"GET", "HEAD"}):
            return await self._docker._query_json(  # noqa: SLF001  # public calls lack several of these
                path, method, params=params, data=body, timeout=timeout
            )

    async def _find(self, path: str, *, what: str) -> Answer | None:
        try:
            return cast("Answer", await self._ask("GET", path, what=what))
        except Refused as error:
            if error.status == GONE:
                return None
            raise

    # ── the daemon itself ──

    async def version(self) -> Answer:
        """What `docker version` says of the server."""
        return cast("Answer", await self._ask("GET", "version", what="Asking Docker's version"))

    async def info(self) -> Answer:
        """What `docker info` says."""
        return cast("Answer", await self._ask("GET", "info", what="Asking Docker what it can do"))

    async def api_version(self) -> tuple[int, int]:
        """The version both sides speak, such as (1, 41)."""
        with translated("Asking Docker's version", change=False):
            await self._docker._check_version()  # noqa: SLF001  # cached by the SDK; nothing public tells
        major, _, minor = self._docker.api_version.removeprefix("v").partition(".")
        return int(major), int(minor)

    # ── looking ──

    async def containers(self, labels: Mapping[str, str]) -> list[Answer]:
        """All containers with these labels, stopped ones too, in the short form of a list."""
        params = {"all": True, "filters": _filters(labels)}
        answer = await self._ask("GET", "containers/json", what="Listing containers", params=params)
        return cast("list[Answer]", answer)

    async def using(self, volume: str) -> list[Answer]:
        """All containers that mount a volume."""
        params = {"all": True, "filters": {"volume": [volume]}}
        answer = await self._ask("GET", "containers/json", what="Listing containers", params=params)
        return cast("list[Answer]", answer)

    async def networks(self, labels: Mapping[str, str]) -> list[Answer]:
        """All networks with these labels."""
        params = {"filters": _filters(labels)}
        answer = await self._ask("GET", "networks", what="Listing networks", params=params)
        return cast("list[Answer]", answer)

    async def volumes(self, labels: Mapping[str, str]) -> list[Answer]:
        """All volumes with these labels."""
        params = {"filters": _filters(labels)}
        answer = await self._ask("GET", "volumes", what="Listing volumes", params=params)
        return cast("list[Answer]", answer["Volumes"] or [])

    async def container(self, id_: str) -> Answer | None:
        """One container in full, by id or name."""
        return await self._find(f"containers/{quote(id_)}/json", what=f"Looking at container {id_}")

    async def network(self, id_: str) -> Answer | None:
        """One network in full, with the running containers in it."""
        return await self._find(f"networks/{quote(id_)}", what=f"Looking at network {id_}")

    async def volume(self, name: str) -> Answer | None:
        """One volume."""
        return await self._find(f"volumes/{quote(name)}", what=f"Looking at volume {name}")

    async def image(self, name: str) -> Answer | None:
        """One image of the daemon's own store."""
        return await self._find(f"images/{name}/json", what=f"Looking at image {name}")

    # ── containers ──

    async def create_container(self, name: str, config: Mapping[str, Any]) -> tuple[str, list[str]]:
        """Makes a container without starting it: its id, and the daemon's warnings."""
        body = json.dumps(config)
        answer = await self._ask(
            "POST", "containers/create", what=f"Creating {name}", params={"name": name}, body=body
        )
        return str(answer["Id"]), [str(line) for line in answer.get("Warnings") or ()]

    async def start(self, id_: str, *, name: str) -> None:
        """Starts a container. One that runs stays as it is."""
        await self._ask("POST", f"containers/{id_}/start", what=f"Starting {name}")

    async def stop(self, id_: str, *, name: str) -> None:
        """Asks a container to end and waits; ends it by force after the time-out. Gone or stopped is success."""
        seconds = self._stop_seconds
        try:
            await self._ask(
                "POST",
                f"containers/{id_}/stop",
                what=f"Stopping {name}",
                params={"t": seconds},
                seconds=seconds,
            )
        except Refused as error:
            if error.status != GONE:
                raise

    async def unpause(self, id_: str, *, name: str) -> None:
        """Lets a paused container go on."""
        await self._ask("POST", f"containers/{id_}/unpause", what=f"Resuming {name}")

    async def signal(self, id_: str, signal: str, *, name: str) -> None:
        """Sends a signal to a container's first process."""
        params = {"signal": signal}
        await self._ask(
            "POST", f"containers/{id_}/kill", what=f"Sending {signal} to {name}", params=params
        )

    async def update_container(
        self, id_: str, limits: Mapping[str, Any], *, name: str
    ) -> list[str]:
        """Changes the limits of a container, running or not: the daemon's warnings."""
        body = json.dumps(limits)
        answer = await self._ask(
            "POST", f"containers/{id_}/update", what=f"Changing the limits of {name}", body=body
        )
        return [str(line) for line in answer.get("Warnings") or ()]

    async def rename(self, id_: str, name: str) -> None:
        """Gives a container another name."""
        params = {"name": name}
        await self._ask(
            "POST",
            f"containers/{id_}/rename",
            what=f"Renaming a container to {name}",
            params=params,
        )

    async def remove_container(self, id_: str, *, name: str) -> None:
        """Removes a container and its anonymous volumes, running or not. Raises Refused with status 409 while another
        removal of it is under way; gone is success."""
        params = {"force": True, "v": True}
        try:
            await self._ask("DELETE", f"containers/{id_}", what=f"Removing {name}", params=params)
        except Refused as error:
            if error.status != GONE:
                raise

    # ── files ──

    async def put_files(self, id_: str, archive: bytes, *, name: str) -> None:
        """Unpacks a tar archive over a container's root."""
        what = f"Placing files in {name}"
        with translated(what, change=True):
            async with self._docker._query(  # noqa: SLF001  # the public call sends the wrong content type
                f"containers/{id_}/archive",
                "PUT",
                params={"path": "/"},
                data=archive,
                headers={"Content-Type": "application/x-tar"},
            ) as response:
                await response.read()

    async def get_file(self, id_: str, path: str) -> bytes | None:
        """A file's content; None when it is not there or is no file."""
        try:
            archive = await self._ask(
                "GET", f"containers/{id_}/archive", what=f"Reading {path}", params={"path": path}
            )
        except Refused as error:
            if error.status == GONE:
                return None
            raise
        with archive:
            member = archive.next()
            file = archive.extractfile(member) if member is not None and member.isfile() else None
            return cast("bytes", file.read()) if file is not None else None

    # ── what runs inside ──

    async def run(self, id_: str, command: Sequence[str], *, seconds: float) -> Ran:
        """Runs a command inside a running container and waits for its end, at most that long."""
        text = bytearray()
        with translated(f"Running {command[0]}", change=False):
            execution = await self._docker.containers.container(id_).exec(list(command))
            try:
                async with asyncio.timeout(seconds):
                    await _drain(execution, text)
            except TimeoutError:
                return Ran(None, text.decode(errors="replace"))
            state = await execution.inspect()
        return Ran(state["ExitCode"], text.decode(errors="replace"))

    async def logs(self, id_: str, *, lines: int) -> list[str]:
        """The last lines a container printed, oldest first."""
        with translated("Reading the log", change=False):
            chunks = await self._docker.containers.container(id_).log(
                stdout=True, stderr=True, tail=lines, timeout=self.patience
            )
        return "".join(chunks).splitlines()[-lines:]

    # ── images ──

    async def pull(self, image: str) -> AsyncIterator[Answer]:
        """Pulls an image; yields the daemon's progress lines. Raises what `pull_problem` makes of a failure."""
        try:
            async with aclosing(self._docker.images.pull(image, stream=True)) as progress:  # type: ignore[type-var]
                while True:
                    async with asyncio.timeout(_PULL_SILENCE_SECONDS):
                        line = await anext(progress, None)
                    if line is None:
                        return
                    yield line
        except DockerError as error:
            raise pull_problem(image, error) from error
        except TimeoutError as error:
            said = f"timeout: nothing more came for {_PULL_SILENCE_SECONDS:.0f} s"
            raise pull_problem(image, DockerError(0, said)) from error
        except aiohttp.ClientError as error:
            raise pull_problem(image, DockerError(0, f"connection reset: {error}")) from error

    # ── networks and volumes ──

    async def create_network(self, config: Mapping[str, Any]) -> str:
        """Makes a network: its id."""
        what = f"Creating network {config['Name']}"
        answer = await self._ask("POST", "networks/create", what=what, body=json.dumps(config))
        return str(answer["Id"])

    async def remove_network(self, id_: str, *, name: str) -> None:
        """Removes a network. Gone is success."""
        try:
            await self._ask("DELETE", f"networks/{id_}", what=f"Removing network {name}")
        except Refused as error:
            if error.status != GONE:
                raise

    async def connect(
        self, network: str, container: str, endpoint: Mapping[str, Any], *, name: str
    ) -> None:
        """Attaches a container to a network."""
        body = json.dumps({"Container": container, "EndpointConfig": endpoint})
        await self._ask("POST", f"networks/{network}/connect", what=f"Connecting {name}", body=body)

    async def disconnect(self, network: str, container: str, *, name: str) -> None:
        """Detaches a container from a network, running or not."""
        body = json.dumps({"Container": container, "Force": True})
        await self._ask(
            "POST", f"networks/{network}/disconnect", what=f"Disconnecting {name}", body=body
        )

    async def create_volume(self, config: Mapping[str, Any]) -> Answer:
        """Makes a volume, or answers with the one that has the name already: the caller looks whose it is."""
        what = f"Creating volume {config['Name']}"
        answer = await self._ask("POST", "volumes/create", what=what, body=json.dumps(config))
        return cast("Answer", answer)

    async def remove_volume(self, name: str) -> None:
        """Removes a volume with its data. Gone is success."""
        try:
            await self._ask("DELETE", f"volumes/{quote(name)}", what=f"Removing volume {name}")
        except Refused as error:
            if error.status != GONE:
                raise


def _filters(labels: Mapping[str, str]) -> dict[str, list[str]]:
    return {"label": [f"{key}={value}" for key, value in labels.items()]}


async def _drain(execution: Exec, into: bytearray) -> None:
    """Reads an execution's output to its end; keeps no more than the limit."""
    async with execution.start(detach=False) as stream:
        while (message := await stream.read_out()) is not None:
            into.extend(message.data[: max(0, _OUTPUT_LIMIT - len(into))])
