"""How long 20 containers take to be deployed, against docker-compose and against Docker's own API.

    python -m benchmarks.docker_deploy [--quick] [--json | --markdown]

Everybody makes the same containers: ALMA's first deployment is looked at, and its image, limits and health check go
into the compose file and the API calls. All are timed until Docker calls every container healthy. What ALMA does
besides: it plans, records each step durably, asks each container over HTTP from outside, and reads all of them again at
the end. `alma deploy` is timed as a whole process, once by itself and once with a server that is running already.

Needs a Docker Engine with the image nginx:1.27, and docker-compose in either of its forms.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from aiodocker import Docker

from benchmarks.docker_api import IMAGE, Broken, Json, asked, config_of, swept, until_healthy
from benchmarks.measuring import Options, Report, Row, Samples, Skipped, progress, run
from benchmarks.servers import alma_command, alma_serving, environment

COUNT = 20
WIDE = 16
_NANO = 1_000_000_000
_LAST_LINES = 5


# ── the three ways ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Alma:
    """`alma` as a process, by itself or with a server."""

    home: Path
    name: str
    server: str | None = None

    def deploy(self) -> None:
        """The whole command."""
        self._call(
            "deploy", str(self.home / "blueprint.json"), "--engine", "docker", "--yes", "--json"
        )

    def destroy(self) -> None:
        """The whole command."""
        self._call("destroy", self.name, "--yes", "--volumes", "--json")

    def _call(self, *arguments: str) -> None:
        where = ["--server", self.server] if self.server else []
        called([alma_command(), *arguments, *where], environment(self.home))

    def write(self) -> None:
        """The blueprint, where `deploy` finds it."""
        web = {
            "name": "web",
            "type": "service",
            "engine": "nginx",
            "version": IMAGE.partition(":")[2],
            "count": COUNT,
        }
        text = json.dumps({"name": self.name, "resources": [web]})
        (self.home / "blueprint.json").write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Compose:
    """docker-compose, whichever there is."""

    command: tuple[str, ...]
    folder: Path
    name: str

    @classmethod
    def found(cls, folder: Path, name: str) -> Compose:
        """Raises Skipped when there is none."""
        if path := shutil.which("docker-compose"):
            return cls((path,), folder, name)
        if shutil.which("docker"):
            plugin = subprocess.run(
                ["docker", "compose", "version"], capture_output=True, check=False
            )
            if plugin.returncode == 0:
                return cls(("docker", "compose"), folder, name)
        raise Skipped("there is no docker-compose: on Debian, `apt install docker-compose` gets it")

    @property
    def version(self) -> str:
        """As it says itself."""
        said = subprocess.run(
            [*self.command, "version", "--short"], capture_output=True, text=True, check=True
        )
        return said.stdout.strip()

    def write(self, config: Json) -> None:
        """The compose file for the same containers."""
        host, health = config["HostConfig"], config["Healthcheck"]
        service = {
            "image": config["Image"],
            "init": host["Init"],
            "restart": host["RestartPolicy"]["Name"],
            "cpus": host["NanoCpus"] / _NANO,
            "mem_limit": host["Memory"],
            "security_opt": host["SecurityOpt"],
            "healthcheck": {
                "test": health["Test"],
                "retries": health["Retries"],
                **{key: f"{health[name] // 1_000_000}ms" for key, name in _PERIODS.items()},
            },
        }
        services = {f"web-{number}": service for number in range(1, COUNT + 1)}
        text = json.dumps({"version": "2.4", "services": services})
        (self.folder / "docker-compose.yml").write_text(text, encoding="utf-8")

    def call(self, *arguments: str) -> None:
        """One of its verbs."""
        called([*self.command, "-p", self.name, *arguments], {**os.environ}, folder=self.folder)


_PERIODS = {"interval": "Interval", "timeout": "Timeout", "start_period": "StartPeriod"}


def called(
    command: Sequence[str], environment: Mapping[str, str], folder: Path | None = None
) -> None:
    """Runs a command to its end. Raises Broken with what it printed last if it fails."""
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = " | ".join(
            line.strip() for line in done.stderr.splitlines()[-_LAST_LINES:] if line.strip()
        )
        raise Broken(f"`{Path(command[0]).name} {command[1]}` ended with {done.returncode}: {said}")


async def raw(client: Docker, name: str, config: Json, samples: Samples) -> None:
    """The API by itself: a network, then all containers, so many calls at a time."""
    gate = asyncio.Semaphore(WIDE)

    async def one(number: int) -> None:
        async with gate:
            container = await client.containers.create(
                {**config, "NetworkingConfig": {"EndpointsConfig": {name: {}}}},
                name=f"{name}-{number}",
            )
            await container.start()

    start = time.perf_counter()
    await client.networks.create({"Name": name})
    await asyncio.gather(*(one(number) for number in range(COUNT)))
    samples.add("raw started", time.perf_counter() - start)
    await until_healthy(client, name, count=COUNT)
    samples.add("raw healthy", time.perf_counter() - start)


# ── measuring ────────────────────────────────────────────────────────────────────────────────────


@contextlib.contextmanager
def timed(samples: Samples, name: str) -> Iterator[None]:
    """Adds `<name>`, the seconds on the wall, and `<name> cpu`, the CPU seconds of the commands called."""
    cpu, wall = _children_cpu(), time.perf_counter()
    yield
    samples.add(name, time.perf_counter() - wall)
    samples.add(f"{name} cpu", _children_cpu() - cpu)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(options: Options) -> Report:
    """The turns, one after another; everything made is removed, whatever happens."""
    names = {way: f"bench-{os.getpid()}-{way}" for way in ("alone", "served", "compose", "raw")}
    version = asked(Docker.version)["Version"]
    with TemporaryDirectory() as folder:
        compose = Compose.found(Path(folder), names["compose"])
        homes = {way: Path(folder) / way for way in ("alone", "served")}
        for home in homes.values():
            home.mkdir()
        try:
            with alma_serving(homes["served"]) as url:
                ways = {
                    "alone": Alma(homes["alone"], names["alone"]),
                    "served": Alma(homes["served"], names["served"], url),
                }
                samples, broken = _turns(options.rounds, ways, compose, names["raw"])
        finally:
            progress("")
            for name in names.values():
                asked(swept, name)
        return Report(
            "docker_deploy",
            "",
            rows=tuple(_rows(samples)),
            notes=(*_notes(version, compose), *broken),
        )


def _turns(
    rounds: int, ways: Mapping[str, Alma], compose: Compose, raw_name: str
) -> tuple[Samples, list[str]]:
    """The samples of the turns that came to their end, and what became of the others."""
    samples, broken = Samples(), []
    try:
        config = _warmed(ways)
    except Broken as error:
        raise Skipped(str(error)) from None
    compose.write(config)
    for number in range(rounds):
        turn = Samples()
        try:
            _turn(ways, compose, raw_name, (config, turn), f"turn {number + 1} of {rounds}")
        except Broken as error:
            broken.append(f"turn {number + 1} was broken off: {error}")
            for name in (*(way.name for way in ways.values()), compose.name, raw_name):
                asked(swept, name)
        else:
            samples.take(turn)
    if not samples:
        raise Skipped("; ".join(broken))
    return samples, broken


def _warmed(ways: Mapping[str, Alma]) -> Json:
    """Each way of ALMA once; what the containers are like."""
    found: Json = {}
    for way in ways.values():
        way.write()
        progress(f"docker: a first deployment for {way.name}")
        way.deploy()
        found = asked(config_of, way.name)
        way.destroy()
    return found


def _turn(
    ways: Mapping[str, Alma], compose: Compose, name: str, into: tuple[Json, Samples], which: str
) -> None:
    config, samples = into
    for key, way in ways.items():
        progress(f"docker: {which}, alma {key}")
        with timed(samples, f"{key} deploy"):
            way.deploy()
        with timed(samples, f"{key} again"):
            way.deploy()
        with timed(samples, f"{key} destroy"):
            way.destroy()
    progress(f"docker: {which}, compose")
    start = time.perf_counter()
    with timed(samples, "compose up"):
        compose.call("up", "-d")
    asked(until_healthy, compose.name, count=COUNT)
    samples.add("compose healthy", time.perf_counter() - start)
    with timed(samples, "compose again"):
        compose.call("up", "-d")
    with timed(samples, "compose down"):
        compose.call("down", "-v")
    progress(f"docker: {which}, raw API")
    asked(raw, name, config, samples)
    asked(swept, name)


def _rows(samples: Samples) -> Iterator[Row]:
    words = {"alone": "alma", "served": "alma --server"}
    for way, alma in words.items():
        for key, against in (
            ("compose healthy", "docker-compose, until healthy"),
            ("raw healthy", f"API {WIDE}-way, until healthy"),
        ):
            yield samples.row(
                f"{alma} deploy, {COUNT} containers", "s", (f"{way} deploy", key), against=against
            )
    yield samples.row(
        "alma deploy, CPU of the command",
        "s",
        ("alone deploy cpu", "compose up cpu"),
        against="docker-compose up -d",
    )
    for way, alma in words.items():
        yield samples.row(
            f"{alma} deploy again: no change",
            "s",
            (f"{way} again", "compose again"),
            against="docker-compose up -d",
        )
    for way, alma in words.items():
        yield samples.row(
            f"{alma} destroy",
            "s",
            (f"{way} destroy", "compose down"),
            against="docker-compose down -v",
        )
    yield samples.row(
        "docker-compose, not waiting",
        "s",
        ("compose up", "raw started"),
        against=f"API {WIDE}-way, not waiting",
    )


def _notes(version: str, compose: Compose) -> tuple[str, ...]:
    return (
        f"Docker {version}, docker-compose {compose.version}; the last line compares the two baselines.",
        "ALMA also plans, records each step durably, asks each container over HTTP, and looks at all again at the end.",
    )


if __name__ == "__main__":
    sys.exit(run("docker_deploy", f"Deploying {COUNT} containers on Docker", measure, rounds=3))
