"""Volumes: a claim for each, which outlives whatever mounts it."""

from __future__ import annotations

from alma.core.model.state import DesiredResource
from alma.engines.kubernetes import kinds, names, quantities
from alma.engines.kubernetes.labels import own_labels
from alma.engines.kubernetes.manifests.parts import Ground, Manifest
from alma.engines.kubernetes.options import volume_options


def claim(desired: DesiredResource, ground: Ground) -> Manifest:
    """The claim of a volume."""
    found = ground.primary(desired, kinds.CLAIM, names.object_name(desired.address))
    found["metadata"]["labels"] = {**own_labels(desired), **found["metadata"]["labels"]}
    options = volume_options(desired)
    spec: Manifest = {
        "accessModes": [options.access_mode],
        "resources": {
            "requests": {"storage": quantities.memory_quantity(desired.disk or quantities.UNSAID)}
        },
    }
    storage_class = options.storage_class or ground.settings.storage_class
    return found | {"spec": spec | ({"storageClassName": storage_class} if storage_class else {})}
