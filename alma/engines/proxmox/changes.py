"""What is different about a guest that is there, and whether it can be changed into what is wanted. Pure."""

from __future__ import annotations

from alma.core.model.plan import Effect
from alma.core.model.state import DesiredResource, ObservedResource, differing
from alma.engines.base import normal_size
from alma.engines.proxmox import shape, spec
from alma.engines.proxmox.settings import ProxmoxSettings
from alma.engines.proxmox.spec import Defaults


def changed_paths(
    desired: DesiredResource, observed: ObservedResource, settings: ProxmoxSettings
) -> frozenset[str]:
    """The properties that are not as wanted."""
    wanted, seen = shape.shape_of(desired, Defaults.of(settings)), observed.properties
    return frozenset() if wanted == seen else frozenset(differing(wanted, seen))


def is_anew(desired: DesiredResource, observed: ObservedResource, changed: frozenset[str]) -> bool:
    """Whether it has to be made anew, as it can't be changed into what is wanted."""
    if observed.type is not desired.type:
        return True
    wanted = _disks(desired)
    return any(
        shape.effect_of(desired, path) is Effect.REPLACE
        or shape.shrinks(path, observed.properties.get(path), wanted.get(path))
        for path in changed
    )


def _disks(desired: DesiredResource) -> dict[str, str]:
    """The sizes that are wanted, as the shape has them."""
    found = {
        f"mounts.{mount.volume}.size": normal_size(mount.size or spec.DEFAULT_VOLUME)
        for mount in desired.mounts
    }
    return found | ({"specs.disk": normal_size(desired.disk)} if desired.disk else {})
