"""The labels of pods, by which Services and policies choose them, and those of the blueprint. Pure."""

from __future__ import annotations

from typing import Final

from alma.core.model.state import DesiredResource, StackRef
from alma.engines.kubernetes import marker, names

RESOURCE: Final = f"{marker.DOMAIN}/resource"
HAS_RULES: Final = f"{marker.DOMAIN}/guarded"
MEMBER: Final = "member"
GUARDED: Final = "guarded"


def pod_labels(desired: DesiredResource, stack: StackRef) -> dict[str, str]:
    """What pods are found by: their address, what they are instances of, and the networks they are in."""
    return {
        **own_labels(desired),
        marker.MANAGED_BY: marker.MANAGER,
        **marker.selector_of(stack, desired.address),
        RESOURCE: names.label_value(desired.resource.name),
        **({HAS_RULES: "true"} if desired.rules else {}),
        **network_labels(desired),
    }


def own_labels(desired: DesiredResource) -> dict[str, str]:
    """The blueprint's labels that Kubernetes takes as such."""
    labels = sorted(desired.resource.labels.items())
    return {key: value for key, value in labels if is_kept(key, value)}


def is_kept(key: str, value: str) -> bool:
    """Whether a label of the blueprint is one in the cluster, too."""
    return names.is_label(key, value) and not marker.is_reserved(key)


def network_labels(desired: DesiredResource) -> dict[str, str]:
    """One for each network. Rules of its own decide who reaches a guarded one, and not the networks it is in."""
    value = GUARDED if desired.rules else MEMBER
    return {network_label(name): value for name in sorted(desired.networks)}


def network_label(network: str) -> str:
    """The label of the pods in a network."""
    return marker.NETWORK + names.object_name(network)
