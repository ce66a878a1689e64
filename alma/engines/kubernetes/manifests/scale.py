"""How many there are at least, and by load."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alma.core.model.state import DesiredResource
from alma.engines.kubernetes import kinds, marker, names
from alma.engines.kubernetes.manifests.parts import Ground, Manifest
from alma.engines.kubernetes.options import Autoscale
from alma.engines.kubernetes.scaling import autoscale_of, least

BUDGET: Final = "PodDisruptionBudget"
AUTOSCALER: Final = "HorizontalPodAutoscaler"


def objects(desired: DesiredResource, ground: Ground) -> Iterator[Manifest]:
    """A budget for what must not go away all at once, and what scales by load."""
    name = names.object_name(desired.address)
    autoscale = autoscale_of(desired)
    if desired.replicas > 1 or autoscale is not None:
        selector = {"matchLabels": marker.selector_of(ground.stack, desired.address)}
        spec: Manifest = {"maxUnavailable": 1, "selector": selector}
        yield ground.companion(desired, BUDGET, name) | {"spec": spec}
    if autoscale is not None:
        found = ground.companion(desired, AUTOSCALER, name)
        yield found | {"spec": _by_load(desired, ground, autoscale)}


def _by_load(desired: DesiredResource, ground: Ground, autoscale: Autoscale) -> Manifest:
    target = {
        "apiVersion": ground.served.version(kinds.DEPLOYMENT),
        "kind": kinds.DEPLOYMENT,
        "name": names.object_name(desired.address),
    }
    spec: Manifest = {
        "scaleTargetRef": target,
        "minReplicas": least(desired, autoscale),
        "maxReplicas": autoscale.max,
    }
    if ground.served.api(AUTOSCALER).version == "v1":  # knows nothing but CPU
        return spec | {"targetCPUUtilizationPercentage": autoscale.cpu}
    share = {"type": "Utilization", "averageUtilization": autoscale.cpu}
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": share}}
    return spec | {"metrics": [metric]}
