"""Which image a resource runs where software comes as one: an operating system's name becomes its image, which then has
nothing to do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from alma.core.model.state import DesiredResource

# What a system is told to do where nothing else is said: it starts nothing that stays.
IDLE: Final = ("sleep", "infinity")


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
    return images.get(system_name(desired.image), desired.image.strip())


def is_system(desired: DesiredResource) -> bool:
    """Whether its image is an operating system and nothing else."""
    _, images = _table()
    return image_of(desired) in images.values()


def system_name(text: str) -> str:
    """A system as tables name it: `Debian 12` is `debian-12`."""
    return text.strip().casefold().replace(" ", "-")
