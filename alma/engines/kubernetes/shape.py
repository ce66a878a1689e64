"""What a resource becomes in a cluster, what is lost on the way, and what changing it takes. Pure."""

from __future__ import annotations

from alma.core.model.base import Json
from alma.core.model.blueprint import WORKLOADS, ResourceType
from alma.core.model.plan import Effect, Support
from alma.core.model.state import DesiredResource, Properties
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.settings import KubernetesSettings

TYPES = WORKLOADS | {ResourceType.NETWORK, ResourceType.VOLUME}
LEFTOVERS = "leftovers"


def shape_of(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None = None
) -> Properties:
    """The properties the resource will have here. `served` is what the cluster was last seen to serve; without it, what
    is asked for is taken to be served."""
    raise NotImplementedError


def support_of(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None = None
) -> list[Support]:
    """Everything that is not exactly as asked."""
    raise NotImplementedError


def effect_of(desired: DesiredResource, path: str) -> Effect:
    """What changing the property takes: pods are rolled over in place, and only what Kubernetes never changes is made
    anew."""
    raise NotImplementedError


def effect_between(desired: DesiredResource, path: str, before: Json, after: Json) -> Effect:
    """Like `effect_of`, by direction: claims grow in place, and never shrink."""
    raise NotImplementedError
