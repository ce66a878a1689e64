"""From a wish to its manifests."""

from __future__ import annotations

from alma.core.model.state import DesiredResource, StackRef
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.manifests.parts import Manifest, Manifests, Secrets
from alma.engines.kubernetes.settings import KubernetesSettings, PodSecurity


def build(
    desired: DesiredResource,
    stack: StackRef,
    *,
    served: Served,
    settings: KubernetesSettings,
    secret: Secrets,
    key: str,
) -> Manifests:
    """The objects of one address. The same wish gives the same manifests, whatever the order of what is in it.

    `secret` is asked for every value before anything else is done; what it raises comes through. Raises MissingKind for
    what the cluster does not serve, ChangeRejected for a type that has no manifest (`support_of` names both before).
    """
    raise NotImplementedError


def namespace(stack: StackRef, settings: KubernetesSettings, *, level: PodSecurity) -> Manifest:
    """The stack's own namespace, with the level of the Pod Security Standards that it holds its pods to."""
    raise NotImplementedError
