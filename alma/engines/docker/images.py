"""What an image says about how to run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})
_INITS = frozenset(
    {"tini", "dumb-init", "docker-init", "catatonit", "init", "systemd", "s6-svscan", "my_init"}
)


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
