"""Docker as the deployment benchmark needs it: asked whether all is healthy, looked at, and swept clean."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from aiodocker import Docker, DockerError

from benchmarks.measuring import Skipped

IMAGE = "nginx:1.27"
PATIENCE_SECONDS = 300.0
_NOT_FOUND = 404
_SWEEPS = 10
# What the containers have in common: taken from ALMA's, given to the others.
_HOST_KEYS = (
    "NanoCpus",
    "CpuShares",
    "Memory",
    "MemorySwap",
    "Init",
    "RestartPolicy",
    "SecurityOpt",
)

Json = dict[str, Any]
P = ParamSpec("P")
T = TypeVar("T")


class Broken(Exception):
    """A turn did not come to its end; the message says where."""


@contextlib.asynccontextmanager
async def docker() -> AsyncIterator[Docker]:
    """A connection. Raises Skipped when there is no Docker Engine, or none with the image."""
    try:
        client = Docker()
    except (AssertionError, ValueError, DockerError):
        raise Skipped("no Docker Engine was found") from None
    try:
        await _require_image(client)
        yield client
    finally:
        await client.close()


async def _require_image(client: Docker) -> None:
    try:
        await client.images.inspect(IMAGE)
    except DockerError as error:
        if error.status == _NOT_FOUND:
            raise Skipped(f"Docker has no image {IMAGE}: `docker pull {IMAGE}` gets it") from None
        raise Skipped(f"Docker does not answer: {error.message}") from None


def asked(
    work: Callable[Concatenate[Docker, P], Coroutine[Any, Any, T]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """The answer of some work with a connection of its own."""

    async def call() -> T:
        async with docker() as client:
            return await work(client, *args, **kwargs)

    return asyncio.run(call())


async def _listed(client: Docker, prefix: str, **filters: Sequence[str]) -> list[Json]:
    params = {"all": "true", "filters": json.dumps({"name": [prefix], **filters})}
    found: list[Json] = await client._query_json("containers/json", params=params)  # noqa: SLF001
    return found


async def until_healthy(client: Docker, prefix: str, *, count: int) -> None:
    """Waits until so many containers of that name are healthy. Raises Broken when they do not become so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(await _listed(client, prefix, health=["healthy"])) < count:
        if time.monotonic() > deadline:
            raise Broken(f"{prefix}: not healthy after {PATIENCE_SECONDS:.0f} s")
        await asyncio.sleep(0.1)


async def swept(client: Docker, prefix: str) -> None:
    """Removes what is left of that name: containers, then networks. A network that Docker does not let go is named."""
    for _ in range(_SWEEPS):
        found = [client.containers.container(item["Id"]) for item in await _listed(client, prefix)]
        # One that is being removed by somebody else is refused, and gone at the next look.
        await asyncio.gather(
            *(one.delete(force=True, v=True) for one in found), return_exceptions=True
        )
        if not found:
            break
    for network in await client.networks.list(filters={"name": [prefix]}):
        try:
            await client._query_json(f"networks/{network['Id']}", method="DELETE")  # noqa: SLF001
        except DockerError as error:
            print(f"left behind: network {network['Name']}: {error.message}", file=sys.stderr)


async def config_of(client: Docker, prefix: str) -> Json:
    """The body of a create call like ALMA's, without what is ALMA's own."""
    seen = await (client.containers.container((await _listed(client, prefix))[0]["Id"])).show()
    return {
        "Image": seen["Config"]["Image"],
        "Healthcheck": seen["Config"]["Healthcheck"],
        "ExposedPorts": seen["Config"]["ExposedPorts"],
        "HostConfig": {key: seen["HostConfig"][key] for key in _HOST_KEYS},
    }
