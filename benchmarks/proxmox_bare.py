"""The floor under a deployment on Proxmox VE: the API calls that it can't do without, 16 at a time, and nothing else.

    python -m benchmarks.proxmox_bare JOB.json

No plan, no record, no marker, no proof, no second try: what is written down nowhere is lost when this dies.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession, Fingerprint, TCPConnector

CONNECTIONS = 16
_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.2

Json = dict[str, Any]


class Cluster:
    """As much of the API as the job needs."""

    def __init__(self, job: Json) -> None:
        self._base = f"{job['url']}/api2/json"
        connector = TCPConnector(
            limit=CONNECTIONS, ssl=Fingerprint(bytes.fromhex(job["fingerprint"]))
        )
        headers = {"Authorization": f"PVEAPIToken={job['token']}"}
        self._session = ClientSession(connector=connector, headers=headers)

    async def call(self, method: str, path: str, data: Json | None = None) -> Any:
        """The answer's data. Raises for every other answer than 200."""
        async with self._session.request(method, self._base + path, data=data) as answer:
            body = await answer.read()
            if answer.status != 200:
                raise SystemExit(f"{method} {path}: {answer.status} {body.decode()}")
            return json.loads(body)["data"]

    async def run(self, path: str, data: Json | None = None) -> None:
        """Starts a task and waits for its end."""
        upid = await self.call("POST", path, data)
        pause = _FIRST_PAUSE_SECONDS
        status = f"/nodes/{upid.split(':')[1]}/tasks/{quote(upid, safe='')}/status"
        while (task := await self.call("GET", status))["status"] != "stopped":
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
        if task["exitstatus"] != "OK":
            raise SystemExit(f"{upid}: {task['exitstatus']}")

    async def close(self) -> None:
        """Gives the connections back."""
        await self._session.close()


async def _container(cluster: Cluster, guest: Json) -> None:
    at = f"/nodes/{guest['node']}/lxc"
    await cluster.run(at, {"vmid": guest["vmid"], **guest["config"]})
    await cluster.run(f"{at}/{guest['vmid']}/status/start")
    await cluster.call("GET", f"{at}/{guest['vmid']}/status/current")


async def _vm(cluster: Cluster, guest: Json) -> None:
    at = f"/nodes/{guest['node']}/qemu"
    clone = {"newid": guest["vmid"], "name": guest["name"], "full": 1}
    await cluster.run(f"{at}/{guest['template']}/clone", clone)
    await cluster.call("PUT", f"{at}/{guest['vmid']}/config", guest["config"])
    await cluster.run(f"{at}/{guest['vmid']}/status/start")
    await cluster.call("GET", f"{at}/{guest['vmid']}/status/current")


async def _read(cluster: Cluster, guest: Json) -> None:
    at = f"/nodes/{guest['node']}/{guest['type']}/{guest['vmid']}"
    await cluster.call("GET", f"{at}/config")


async def _each(guests: Iterable[Json], work: Callable[[Json], Coroutine[Any, Any, None]]) -> None:
    gate = asyncio.Semaphore(CONNECTIONS)

    async def one(guest: Json) -> None:
        async with gate:
            await work(guest)

    await asyncio.gather(*map(one, guests))


async def main(job: Json) -> None:
    """Makes the job's guests; or reads all that are there, where it says how many to `read`."""
    cluster = Cluster(job)
    work = {"container": _container, "vm": _vm}
    try:
        if "read" in job:
            listed = await cluster.call("GET", "/cluster/resources?type=vm")
            found = [item for item in listed if not item.get("template")]
            if len(found) != job["read"]:
                raise SystemExit(f"there are {len(found)} guests")
            await _each(found, lambda guest: _read(cluster, guest))
        else:
            await _each(job["guests"], lambda guest: work[guest["kind"]](cluster, guest))
    finally:
        await cluster.close()


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
