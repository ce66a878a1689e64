"""Services and containers as Deployments, what keeps data as StatefulSets of one."""

from __future__ import annotations

from alma.core.model.state import DesiredResource
from alma.engines.kubernetes import kinds, marker, names
from alma.engines.kubernetes.labels import own_labels
from alma.engines.kubernetes.manifests.parts import Ground, Manifest
from alma.engines.kubernetes.manifests.pods import template
from alma.engines.kubernetes.scaling import autoscale_of, writes


def deployment(desired: DesiredResource, ground: Ground) -> Manifest:
    """Pods that may be exchanged for each other. New ones come before old ones go, unless both would write a volume."""
    found = _labelled(
        ground.primary(desired, kinds.DEPLOYMENT, names.object_name(desired.address)), desired
    )
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    spec: Manifest = {
        "selector": {"matchLabels": marker.selector_of(ground.stack, desired.address)},
        "strategy": {"type": "Recreate"} if writes(desired) else rolling,
        "template": template(desired, ground),
    }
    if autoscale_of(desired) is None:  # or how many there are is not ours to say
        spec["replicas"] = desired.replicas
    return found | {"spec": spec}


def stateful_set(desired: DesiredResource, ground: Ground) -> Manifest:
    """One pod under a name that stays. Its volumes are claims of their own, so it is not the set that makes them."""
    found = _labelled(
        ground.primary(desired, kinds.STATEFUL_SET, names.set_name(desired.address)), desired
    )
    spec: Manifest = {
        "selector": {"matchLabels": marker.selector_of(ground.stack, desired.address)},
        "serviceName": names.pod_name(desired.address),
        "replicas": desired.replicas,
        "template": template(desired, ground),
    }
    return found | {"spec": spec}


def _labelled(found: Manifest, desired: DesiredResource) -> Manifest:
    found["metadata"]["labels"] = {**own_labels(desired), **found["metadata"]["labels"]}
    return found
