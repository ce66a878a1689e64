"""Virtual machines, where KubeVirt is installed. Source: the API of KubeVirt (kubevirt.io/v1)."""

from __future__ import annotations

import math
from typing import Final

from alma.core.model.state import DesiredResource
from alma.engines.kubernetes import kinds, names, quantities
from alma.engines.kubernetes.images import disk_image
from alma.engines.kubernetes.labels import own_labels, pod_labels
from alma.engines.kubernetes.manifests.parts import Ground, Manifest
from alma.engines.kubernetes.manifests.pods import targets, volume_name
from alma.engines.kubernetes.options import options_of

_ROOT: Final = "root"
_NETWORK: Final = "default"


def machine(desired: DesiredResource, ground: Ground) -> Manifest:
    """A machine that runs always. Its volumes are disks that it formats and mounts itself."""
    found = ground.primary(desired, kinds.MACHINE, names.object_name(desired.address))
    found["metadata"]["labels"] = {**own_labels(desired), **found["metadata"]["labels"]}
    template: Manifest = {
        "metadata": {"labels": pod_labels(desired, ground.stack)},
        "spec": {
            "domain": _domain(desired),
            "hostname": names.object_name(desired.address),
            "networks": [{"name": _NETWORK, "pod": {}}],
            "volumes": _volumes(desired),
        },
    }
    selector = options_of(desired).node_selector
    if selector:
        template["spec"]["nodeSelector"] = dict(sorted(selector.items()))
    return found | {"spec": {"runStrategy": "Always", "template": template}}


def _domain(desired: DesiredResource) -> Manifest:
    interface: Manifest = {"name": _NETWORK, "masquerade": {}}
    ports = [{"port": port, "protocol": protocol} for port, protocol in targets(desired)]
    if ports:
        interface["ports"] = ports
    domain: Manifest = {"devices": {"disks": _disks(desired), "interfaces": [interface]}}
    if desired.cpu is not None:
        domain["cpu"] = {"cores": cores(desired.cpu)}
    if desired.memory is not None:
        domain["memory"] = {"guest": quantities.memory_quantity(desired.memory)}
    return domain


def cores(cpu: float) -> int:
    """A machine has whole CPUs."""
    return math.ceil(cpu)


def _disks(desired: DesiredResource) -> list[Manifest]:
    claimed = [volume_name(volume) for volume in sorted({m.volume for m in desired.mounts})]
    return [{"name": name, "disk": {"bus": "virtio"}} for name in (_ROOT, *claimed)]


def _volumes(desired: DesiredResource) -> list[Manifest]:
    found: list[Manifest] = [{"name": _ROOT, "containerDisk": {"image": disk_image(desired)}}]
    for volume in sorted({mount.volume for mount in desired.mounts}):
        claim = {"claimName": names.object_name(volume)}
        found.append({"name": volume_name(volume), "persistentVolumeClaim": claim})
    return found
