"""Operating systems as people name them, and what each is on Proxmox VE: facts from a file that users may edit."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from alma.core.model.base import Frozen

_SEPARATORS = re.compile(r"[\s:_]+")
_UNUSUAL = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 100
# Proxmox tells what a disk image is by the end of its name.
_IMAGES = (".qcow2", ".raw", ".vmdk")


class System(Frozen):
    """One operating system. `container` is a pattern for names of container templates; None where there is none. `ssh`:
    what such a template has inside lets root in with a key."""

    names: tuple[str, ...]
    container: str | None = None
    ssh: bool = False
    image: str | None = None
    checksums: str | None = None
    nesting: bool = False

    @property
    def name(self) -> str:
        """What it is called where it is suggested."""
        return self.names[0]

    @property
    def file(self) -> str | None:
        """The name of its disk image on a storage."""
        return file_of(self.image) if self.image else None


class Systems(Frozen):
    """All known ones."""

    systems: Mapping[str, System]

    def find(self, name: str) -> System | None:
        """The one of that name, whatever its case and separators."""
        wanted = plain(name)
        return next((s for s in self.systems.values() if wanted in s.names), None)

    def by_file(self, file: str) -> System | None:
        """The one whose disk image has that name on a storage."""
        return next((s for s in self.systems.values() if s.file == file), None)

    def file_at(self, url: str) -> str:
        """What the file behind a URL is called on a storage. Only the image of a known system has its plain name: who
        asks for that system later must not get what somebody else had called so."""
        known = next((s.file for s in self.systems.values() if s.image == url), None)
        return known or _own_file_of(url)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, sorted."""
        return tuple(sorted(name for system in self.systems.values() for name in system.names))


def plain(name: str) -> str:
    """A name as the file has it: `Debian:12` and `debian 12` are `debian-12`."""
    return _SEPARATORS.sub("-", name.strip().casefold())


def file_of(url: str) -> str:
    """What the file behind a URL is called on a storage. An image in qcow2 format is often named `.img`."""
    name = PurePosixPath(urlsplit(url).path).name
    if name.endswith(_IMAGES):
        return name
    return f"{name.removesuffix('.img')}.qcow2"


def _own_file_of(url: str) -> str:
    """A name that no other URL has, in characters that Proxmox takes."""
    name = PurePosixPath(file_of(url))
    stem = _UNUSUAL.sub("-", name.stem).strip(".-") or "image"
    mark = hashlib.sha256(url.encode()).hexdigest()[:16]
    return f"{stem[:_LONGEST]}-{mark}{name.suffix}"


@cache
def load() -> Systems:
    """What the file says. Read once."""
    text = files("alma.config").joinpath("proxmox-images.toml").read_text(encoding="utf-8")
    return Systems.model_validate(tomllib.loads(text))
