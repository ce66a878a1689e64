"""Guests to provision: containers with a real SSH server and real packages, without an init system."""

from __future__ import annotations

import asyncio
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from alma.config import load_catalogue
from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.engine import EngineTraits
from alma.core.model.software import Packages
from alma.core.model.state import DesiredResource
from alma.core.planning.resolve import resolve
from alma.engines.proxmox.provisioning.hosts import HostEntry
from alma.engines.proxmox.provisioning.job import Job, PlacedFile, Provisioned, job_for
from alma.engines.proxmox.provisioning.keys import keypair
from alma.engines.proxmox.provisioning.run import provision, wait_for_ssh

IMAGE = "alma-guest:12"
CANARY = "canary-9d41f0c7b2"
KEYS = keypair("the secret of the tests")
CATALOGUE = load_catalogue()
TRAITS = EngineTraits(
    resource_types=frozenset(ResourceType),
    images=False,
    separate_networks=False,
    separate_volumes=False,
    separate_firewalls=False,
    clusters=False,
)


def docker(*arguments: str, stdin: str = "") -> str:
    """A docker command's output; raises with its error."""
    done = subprocess.run(
        ["docker", *arguments], input=stdin, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass
class TestGuest:
    """One container, and all that was said while it was provisioned."""

    __test__ = False

    name: str
    container: str
    address: str
    known_hosts: Path
    said: list[str] = field(default_factory=list)

    def sh(self, script: str, *, stdin: str = "") -> str:
        """What a script prints inside."""
        return docker("exec", "-i", self.container, "sh", "-c", script, stdin=stdin)

    def job(self, recipe: Packages | None = None, **fields: object) -> Job:
        """A job with a recipe of the test's own."""
        whole: dict[str, object] = {
            "name": self.name,
            "alias": self.container,
            "host": self.address,
            "private_key": KEYS.private_openssh,
            "known_hosts": self.known_hosts,
            "recipe": recipe or Packages(),
            "login_within": 0,
            "lock_within": 0,
            **fields,
        }
        return Job.model_validate(whole)

    def job_of(
        self,
        desired: DesiredResource,
        *,
        peers: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Job:
        """The job that the engine would make of a desired resource; every secret is the canary."""
        values = dict.fromkeys(desired.secret_names, CANARY) | dict(secrets or {})
        return job_for(
            desired,
            alias=self.container,
            host=self.address,
            private_key=KEYS.private_openssh,
            secrets=values,
            known_hosts=self.known_hosts,
            peers=[HostEntry(name=name, address=at) for name, at in (peers or {}).items()],
        )

    async def provision(self, job: Job, *, timeout: float = 100) -> Provisioned:  # noqa: ASYNC109
        """Provisions, listening."""
        await wait_for_ssh(self.address, within=120)
        result = await provision(job, log=self.said.append, timeout=timeout)
        self.said += [*result.changed, *result.warnings]
        return result


class Yard:
    """Starts guests, and removes them in the end."""

    def __init__(self, folder: Path) -> None:
        self._known_hosts = folder / "known_hosts"
        self._containers: list[str] = []

    def guest(self, name: str, *, key: str = KEYS.public_openssh) -> TestGuest:
        container = f"alma-guest-{name}-{uuid.uuid4().hex[:8]}"
        options = ["--pull", "never", "--name", container, "--env", f"KEY={key}"]
        docker("run", "--detach", *options, IMAGE)
        self._containers.append(container)
        look = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        address = docker("inspect", "--format", look, container)
        return TestGuest(name, container, address, self._known_hosts)

    def close(self) -> None:
        for container in self._containers:
            docker("rm", "--force", "--volumes", container)


def resolved(*resources: dict[str, object]) -> dict[str, DesiredResource]:
    """The desired guests of a blueprint by address."""
    blueprint = Blueprint.model_validate({"name": "test", "resources": list(resources)})
    return {item.address: item for item in resolve(blueprint, CATALOGUE, TRAITS).resources}


def file(path: str, content: str, **fields: object) -> PlacedFile:
    """A file of a job."""
    return PlacedFile.model_validate({"path": path, "content": content, **fields})


async def answer(address: str, port: int, request: str) -> str:
    """What a server answers to a request in plain text, until it closes or nothing more comes."""
    reader, writer = await asyncio.open_connection(address, port)
    writer.write(request.encode())
    writer.write_eof()
    text = (await asyncio.wait_for(reader.read(), 10)).decode()
    writer.close()
    return text
