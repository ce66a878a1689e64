"""What ALMA knows of a piece of software: the shape of one entry of `config/software.yaml`.

An entry says how the same software is run by each kind of engine: as an image, or as packages inside a guest.
Nothing here knows an engine; resolving a blueprint copies what an entry says into the desired resources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from alma.core.model.base import Frozen
from alma.core.model.blueprint import Cpu, ResourceType, Version
from alma.core.model.units import Port, Size


class HealthCheck(Frozen):
    """How to know that one instance works.

    `http` asks `path` on `port` and wants a status below 400; `tcp` connects to `port`; `command` runs inside the
    instance and wants exit code 0. Times are seconds.
    """

    kind: Literal["http", "tcp", "command"]
    port: int | None = None
    path: str = "/"
    command: tuple[str, ...] = ()
    inside: tuple[str, ...] = Field(
        default=(),
        description="A command that checks the same from inside an image; {port} is the checked port.",
    )
    interval: float = 2.0
    timeout: float = 5.0
    start_period: float = 60.0


class GeneratedSecret(Frozen):
    """A password ALMA makes once and keeps encrypted; `path` is the file in which the software finds it."""

    path: str | None = None
    length: int = Field(default=32, ge=16, le=128)


class Distribution(StrEnum):
    """A family of guests that share a package manager: Debian and what is made from it, and Alpine."""

    DEBIAN = "debian"
    ALPINE = "alpine"


class ConfigFile(Frozen):
    """A file placed before the software starts. `template` is Jinja; `alma.core.planning.templates.render` says what is
    in scope. `owner` and `only` hold inside guests: a `user` or `user:group` there, and the family it is meant for."""

    path: str
    template: str
    mode: int = 0o644
    owner: str = "root"
    only: Distribution | None = None


class SetupStep(Frozen):
    """A shell command run as root inside a guest. `unless` is a check: exit code 0 means that there is nothing to do,
    which makes the step safe to repeat. Neither may carry a secret: what they need is in a file.

    `title` is what people read of it. A step with `started` needs the running service, and is run after it was started.
    """

    run: str
    unless: str | None = None
    title: str = ""
    started: bool = False
    only: Distribution | None = None


class Packages(Frozen):
    """How the software gets into a guest with an operating system of its own, instead of an image.

    Package and service names are by distribution. Of `one|other` the first that is known there is taken, and a package
    with a `?` at its end is left out where it is not known. A step of `setup` runs after packages and files are there
    and, unless it says `started`, before the service is restarted for them. A generated secret is in
    `/etc/alma/secrets/<name>` before any of that.
    """

    debian: tuple[str, ...] = ()
    alpine: tuple[str, ...] = ()
    service: str | None = None
    alpine_service: str | None = Field(default=None, description="Where Alpine names it otherwise.")
    files: tuple[ConfigFile, ...] = ()
    setup: tuple[SetupStep, ...] = ()
    data: str | None = Field(default=None, description="Where the data is, inside a guest.")
    data_owner: str | None = Field(
        default=None,
        description="Whose `data` is (`user:group`): what is mounted there belongs to root at first.",
    )
    health: HealthCheck | None = Field(
        default=None, description="Asked from outside: `tcp` or `http` only."
    )

    def packages_for(self, family: Distribution) -> tuple[str, ...]:
        """The packages in a guest of that family."""
        return self.alpine if family is Distribution.ALPINE else self.debian

    def service_for(self, family: Distribution) -> str | None:
        """The service in a guest of that family."""
        if family is Distribution.ALPINE:
            return self.alpine_service or self.service
        return self.service

    @property
    def known(self) -> bool:
        """Whether there is a way to have it in a guest at all."""
        return bool(self.debian or self.alpine or self.setup)


class Software(Frozen):
    """One catalogue entry. `image` has no tag: `version`, or `default_version`, is the tag."""

    id: str = ""
    title: str
    description: str = ""
    types: tuple[ResourceType, ...]
    aliases: tuple[str, ...] = ()
    image: str | None = None
    default_version: Version
    ports: tuple[Port, ...] = ()
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = Field(default_factory=dict)
    secrets: Mapping[str, GeneratedSecret] = Field(default_factory=dict)
    secret_env: Mapping[str, str] = Field(
        default_factory=dict,
        description="Variables with a generated secret, for software that reads none from a file.",
    )
    data: str | None = Field(default=None, description="Directory that must outlive the instance.")
    user: int | None = Field(
        default=None,
        ge=0,
        le=2_147_483_647,
        description="The number of the user as whom the image's program runs where nothing starts as root; 0: it has "
        "to start as root. None: nobody has looked.",
    )
    writable: tuple[Annotated[str, Field(pattern=r"^/")], ...] = Field(
        default=(),
        description="Directories of the image that belong to root and that this user has to write: each becomes an "
        "empty one of its own.",
    )
    files: tuple[ConfigFile, ...] = ()
    health: HealthCheck | None = None
    packages: Packages = Packages()
    cpu: Cpu = 1
    memory: Size = Size("512MB")
    storage: Size | None = None


class Catalogue(Frozen):
    """All known software, and which entry a resource type gets when the blueprint names none."""

    software: Mapping[str, Software]
    defaults: Mapping[ResourceType, str] = Field(default_factory=dict)

    def find(self, name: str) -> Software | None:
        """The entry with that id or alias, ignoring case."""
        wanted = name.casefold()
        if wanted in self.software:
            return self.software[wanted]
        return next((entry for entry in self.software.values() if wanted in entry.aliases), None)

    def names(self, kind: ResourceType | None = None) -> Iterable[str]:
        """Ids, of one resource type's software or all, sorted."""
        return sorted(
            id_ for id_, entry in self.software.items() if kind is None or kind in entry.types
        )
