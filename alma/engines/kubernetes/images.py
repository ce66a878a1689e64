"""What an image is told to do, and which one a machine's disk begins as."""

from __future__ import annotations

from typing import Final

from alma.core.model.state import DesiredResource
from alma.engines.kubernetes.options import options_of
from alma.engines.systems import IDLE, is_system, system_name

_DISKS: Final = "quay.io/containerdisks"


def arguments_of(desired: DesiredResource) -> tuple[str, ...]:
    """What the image is told to do. An operating system alone starts nothing that stays, so it waits."""
    if desired.command:
        return desired.command
    return IDLE if is_system(desired) else ()


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
    system, _, version = system_name(asked).partition("-")
    return f"{_DISKS}/{system}:{version or 'latest'}"
