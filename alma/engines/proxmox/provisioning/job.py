"""What a provisioning child is told: everything about one guest, so that it needs neither blueprint nor catalogue.

A job holds secrets. It travels through a pipe only, and no `repr` shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import Field

from alma.core.model.base import Frozen
from alma.core.model.blueprint import COMPUTE, SecretRef
from alma.core.model.errors import ChangeRejected
from alma.core.model.software import ConfigFile, Distribution, Packages
from alma.core.model.state import DesiredResource
from alma.engines.proxmox.provisioning.hosts import HostEntry

SECRETS = "/etc/alma/secrets"


class PlacedFile(Frozen):
    """A file of the guest. `secret` says that nobody but root may ever see it, not even for a moment."""

    path: str
    content: str = Field(repr=False)
    mode: int = 0o644
    owner: str = "root"
    secret: bool = False
    only: Distribution | None = None


class Disk(Frozen):
    """A disk of the guest that is to appear at `path`. `device` names it for good, as /dev/disk/by-id does."""

    device: str
    path: str


class Job(Frozen):
    """One guest and what should be in it.

    `alias` is the guest's name in `known_hosts`, the file of host keys; without such a file no key is kept and any is
    taken. `hidden` are texts that never appear in what is said, beside secret files and variables. Times are seconds:
    `login_within` bounds the tries to sign in, `ready_within` the wait for cloud-init, `lock_within` the one for others
    that install packages.
    """

    name: str
    alias: str
    host: str
    port: int = 22
    user: str = "root"
    private_key: str = Field(repr=False)
    known_hosts: Path | None = None
    recipe: Packages = Packages()
    files: tuple[PlacedFile, ...] = ()
    disks: tuple[Disk, ...] = ()
    hosts: tuple[HostEntry, ...] | None = None
    env: Mapping[str, str] | None = Field(default=None, repr=False)
    hidden: tuple[str, ...] = Field(default=(), repr=False)
    login_within: float = 30.0
    ready_within: float = 300.0
    lock_within: float = 300.0

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must not be seen, the key to the guest included."""
        files = [file.content for file in self.files if file.secret]
        return (self.private_key, *files, *self.hidden)


class Provisioned(Frozen):
    """What a run did. `changed` is empty when everything was there already; `warnings` are worth a person's look."""

    changed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    distribution: str = ""
    init: str = ""


def job_for(
    desired: DesiredResource,
    *,
    alias: str,
    host: str,
    private_key: str,
    secrets: Mapping[str, str],
    port: int = 22,
    user: str = "root",
    known_hosts: Path | None = None,
    peers: Iterable[HostEntry] = (),
    disks: Iterable[Disk] = (),
) -> Job:
    """The job that makes a guest what is desired. `secrets` holds the value of each of `desired.secret_names` but the
    one for the key; `peers` are the stack's guests by name, this one too. Raises ChangeRejected when a value is
    missing."""
    recipe = desired.recipe or Packages()
    wanted = {file.path: file for file in recipe.files}
    return Job(
        name=desired.address,
        alias=alias,
        host=host,
        port=port,
        user=user,
        private_key=private_key,
        known_hosts=known_hosts,
        recipe=recipe,
        files=tuple(_files(desired, wanted, secrets)),
        disks=tuple(disks),
        hosts=tuple(peers),
        # Of others, the recipe may want to know.
        env=_env(desired, secrets) if desired.env or desired.type in COMPUTE else None,
        hidden=tuple(secrets.values()),
    )


def _files(
    desired: DesiredResource, recipe: Mapping[str, ConfigFile], secrets: Mapping[str, str]
) -> Iterable[PlacedFile]:
    for file in desired.files:
        source = recipe.get(file.path)
        yield PlacedFile(
            path=file.path,
            content=_value(desired, file.secret, secrets) if file.secret else file.content,
            mode=file.mode,
            owner=source.owner if source else "root",
            only=source.only if source else None,
            secret=file.secret is not None,
        )


def _env(desired: DesiredResource, secrets: Mapping[str, str]) -> dict[str, str]:
    return {
        name: _value(desired, value.secret, secrets) if isinstance(value, SecretRef) else value
        for name, value in desired.env.items()
    }


def _value(desired: DesiredResource, name: str, secrets: Mapping[str, str]) -> str:
    if name not in secrets:
        raise ChangeRejected(
            f"{desired.address} needs the secret '{name}', which was not handed over",
            hint="make the plan again; nothing was changed in the guest",
        )
    return secrets[name]
