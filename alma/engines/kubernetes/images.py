"""Which image a resource runs. An operating system's name becomes its image, which then has nothing to do."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from alma.core.model.state import DesiredResource
from alma.engines.kubernetes.options import options_of

IDLE: Final = ("sleep", "infinity")
_DISKS: Final = "quay.io/containerdisks"


@cache
def _table() -> tuple[str, Mapping[str, str]]:
    text = files("alma.config").joinpath("os-images.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return data["default"], data["images"]


def image_of(desired: DesiredResource) -> str:
    """The image reference: an operating system's name becomes its image, no image the default one."""
    default, images = _table()
    if desired.image is None:
        return default
    return images.get(_name(desired.image), desired.image.strip())


def arguments_of(desired: DesiredResource) -> tuple[str, ...]:
    """What the image is told to do. An operating system alone starts nothing that stays, so it waits."""
    if desired.command:
        return desired.command
    return IDLE if is_system(desired) else ()


def is_system(desired: DesiredResource) -> bool:
    """Whether the image is an operating system and nothing else."""
    _, images = _table()
    image = image_of(desired)
    return image in images.values()


def disk_image(desired: DesiredResource) -> str:
    """The image that its disk begins as: the one that is asked for, or the operating system's among KubeVirt's own."""
    own = options_of(desired).disk_image
    if own is not None:
        return own
    asked = desired.resource.image
    if asked is None:
        return f"{_DISKS}/debian:12"
    if "/" in asked or ":" in asked:
        return asked
    system, _, version = asked.strip().casefold().replace(" ", "-").partition("-")
    return f"{_DISKS}/{system}:{version or 'latest'}"


def _name(image: str) -> str:
    return image.strip().casefold().replace(" ", "-")
