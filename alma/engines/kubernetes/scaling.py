"""How many of a workload there are, and whether it may be several at once. Pure."""

from __future__ import annotations

from alma.core.model.state import DesiredResource
from alma.engines.kubernetes import kinds
from alma.engines.kubernetes.options import Autoscale, options_of


def writes(desired: DesiredResource) -> bool:
    """Whether it writes a volume, which an old and a new pod of it must not do at once."""
    return any(not mount.read_only for mount in desired.mounts)


def autoscale_of(desired: DesiredResource) -> Autoscale | None:
    """How it is scaled by load. What writes a volume is not."""
    if kinds.kind_of(desired, None) != kinds.DEPLOYMENT or writes(desired):
        return None
    return options_of(desired).autoscale


def least(desired: DesiredResource, autoscale: Autoscale) -> int:
    """How many there are at least."""
    return min(autoscale.min or desired.replicas, autoscale.max)


def words_of(least: object, most: object, cpu: object) -> str:
    """Scaling by load as a property has it."""
    return f"{least} to {most} at {cpu} % of CPU"
