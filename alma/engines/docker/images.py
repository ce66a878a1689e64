"""Which image a resource runs, and what an image says about how to run it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from alma.core.model.state import DesiredResource

IDLE = ("sleep", "infinity")
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})
_INITS = frozenset(
    {"tini", "dumb-init", "docker-init", "catatonit", "init", "systemd", "s6-svscan", "my_init"}
)


@cache
def _table() -> tuple[str, Mapping[str, str]]:
    text = files("alma.config").joinpath("os-images.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return data["default"], data["images"]


def image_of(desired: DesiredResource) -> str:
    """The image reference of a workload: an operating system's name becomes its image, no image the default one."""
    default, images = _table()
    if desired.image is None:
        return default
    return images.get(desired.image.strip().casefold().replace(" ", "-"), desired.image.strip())


@dataclass(frozen=True)
class ImageFacts:
    """What counts of an image: `idles` when it starts nothing that stays, `init` when it brings its own init."""

    idles: bool
    init: bool

    @classmethod
    def of(cls, image: Mapping[str, Any]) -> ImageFacts:
        """The facts in an image's description as the daemon gives it."""
        config = image.get("Config") or {}
        entrypoint = [str(word) for word in config.get("Entrypoint") or ()]
        command = [str(word) for word in config.get("Cmd") or ()]
        first = [PurePosixPath(word).name for word in (*entrypoint, *command)[:1]]
        idles = not entrypoint and (not command or (len(command) == 1 and first[0] in _SHELLS))
        return cls(idles=idles, init=bool(first) and first[0] in _INITS)
