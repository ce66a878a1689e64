"""What a cluster does not do exactly as it is asked for, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alma.core.model.blueprint import DATA, WORKLOADS, ResourceType
from alma.core.model.plan import Support
from alma.core.model.state import DesiredResource
from alma.engines.base import approximated, unsupported
from alma.engines.kubernetes import (
    existing,
    firewall,
    kinds,
    labels,
    levels,
    marker,
    names,
    quantities,
    reach,
    scaling,
)
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.images import disk_image
from alma.engines.kubernetes.options import (
    ENGINE,
    Operator,
    options_of,
)
from alma.engines.kubernetes.settings import KubernetesSettings
from alma.engines.systems import image_of

_OPTION: Final = f"options.{ENGINE}"
_MACHINE = ResourceType.VM
_OF_PODS: Final = ("user", "pod_security", "node_selector", "autoscale", "disk_image")
_NO_TYPE = {
    ResourceType.KUBERNETES_CLUSTER: "a cluster makes no cluster of its own; deploy what would run in it as services "
    "and containers, or choose an engine that makes clusters",
    ResourceType.FIREWALL: "its rules are part of the instances that they are about",
}


def support_of(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None
) -> list[Support]:
    """Everything that is not exactly as asked, property by property."""
    if desired.type in _NO_TYPE:
        return [unsupported("type", _NO_TYPE[desired.type])]
    if desired.type in WORKLOADS and existing.place_of(desired) is not None:
        return [*existing.support_of(desired)]
    found = [*_everywhere(desired), *_of_parts(desired)]
    if desired.type in WORKLOADS:
        found += _of_workload(desired, settings, served)
    if desired.type is _MACHINE and served is not None and not served.serves(kinds.MACHINE):
        reason = (
            "the cluster has no virtual machines: KubeVirt is not installed in it; "
            "make it a container or service, or choose an engine that has machines"
        )
        rest = [item for item in found if item.path != "type"]
        return [unsupported("type", reason), *rest]
    return found


def _everywhere(desired: DesiredResource) -> Iterator[Support]:
    resource = desired.resource
    if resource.backup is not None and resource.backup.enabled and not desired.implied:
        reason = "Kubernetes makes no backups; back up the volume claims with another tool"
        yield unsupported("backup", reason)
    for name, value in resource.labels.items():
        if marker.is_reserved(name):
            yield unsupported(f"labels.{name}", f"'{name}' is one of ALMA's own labels")
        elif not labels.is_kept(name, value):
            reason = "Kubernetes takes no such label, so it is kept in an annotation: nothing can be selected by it"
            yield approximated(f"labels.{name}", reason)


def _of_parts(desired: DesiredResource) -> Iterator[Support]:
    resource = desired.resource
    if desired.type is ResourceType.NETWORK:
        if resource.cidr is not None:
            reason = "pods get addresses from the cluster's own range; the network decides who reaches whom"
            yield approximated("cidr", reason)
        if resource.vlan is not None:
            yield unsupported("vlan", "the network of a cluster's pods has no VLAN tags")
    if desired.type is ResourceType.VOLUME and desired.disk is None:
        yield approximated(
            "specs.disk",
            f"a claim has to ask for a size: {quantities.UNSAID}, which can grow later",
        )


# ── workloads ────────────────────────────────────────────────────────────────────────────────────


def _of_workload(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None
) -> Iterator[Support]:
    kind = kinds.kind_of(desired, served)
    yield from _of_specs(desired)
    yield from _of_network(desired, settings, served)
    yield from _of_operator(desired, served)
    if kind in kinds.PODDED:
        yield from _of_pods(desired, settings, served)
    elif kind == kinds.SERVICE:
        yield approximated(
            "type",
            f"it becomes a Service that spreads over the pods of {desired.backends[0].address}, connection by "
            "connection; name its software to get a proxy",
        )
        yield from _of_spreading(desired)
    elif kind == kinds.MACHINE:
        yield from _of_machine(desired)


def _of_spreading(desired: DesiredResource) -> Iterator[Support]:
    """A Service runs nothing, so what was written for a program has no effect. What only defaults say nobody misses."""
    written, options = desired.resource, options_of(desired)
    asked = {
        **{f"specs.{name}": getattr(written.specs, name) for name in ("cpu", "memory", "gpu")},
        **{name: getattr(written, name) for name in ("command", "env", "mounts")},
        **{f"{_OPTION}.{name}": getattr(options, name) for name in _OF_PODS},
        "count": written.count > 1,
        "rules": desired.rules,
    }
    reason = "a Service runs no program of its own; name its software to get one that takes it"
    yield from (unsupported(path, reason) for path, value in asked.items() if value)


def _of_specs(desired: DesiredResource) -> Iterator[Support]:
    for name in ("nodes", "control_plane", "workers"):
        if getattr(desired.resource.specs, name) is not None:
            yield unsupported(f"specs.{name}", "a workload is no cluster")
    if desired.resource.specs.disk_size is not None and not _has_data(desired):
        reason = "it grows on its node's disk; the size is not enforced. A volume's is"
        yield approximated("specs.disk", reason)


def _has_data(desired: DesiredResource) -> bool:
    return desired.type in DATA and scaling.writes(desired)


def _of_network(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None
) -> Iterator[Support]:
    network = desired.resource.network
    name = names.object_name(desired.address)
    if name != desired.address.lower():
        reason = f"Kubernetes takes no such name for a Service: others reach it as '{name}'"
        yield approximated("name", reason)
    if network.private_ip is not None:
        reason = f"a pod has no fixed address: others reach it as '{name}'"
        yield unsupported("network.private_ip", reason)
    if isinstance(network.public_ip, str):
        reason = "the cluster decides which address a Service gets"
        yield approximated("network.public_ip", reason)
    elif desired.public and not desired.ports:
        reason = "it has no port, so nothing of it is published"
        yield approximated("network.public_ip", reason)
    yield from _of_ports(desired, settings, served)
    ranges = levels.frees_low_ports(served)
    for loss in firewall.compiled(desired.rules, ranges=ranges).losses if desired.rules else ():
        yield approximated("rules", loss)


def _of_ports(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None
) -> Iterator[Support]:
    published = reach.published(desired, settings, served)
    if published and settings.public_service == "NodePort":
        reason = "they are on ports of the nodes that Kubernetes chooses, unless one from 30000 to 32767 is asked for"
        yield approximated("network.ports", reason)
    elif published and not desired.public:
        reason = "they are published by a load balancer of the cluster, and not on one machine only"
        yield approximated("network.ports", reason)
    if reach.door_of(desired, settings, served) == reach.INGRESS and not options_of(desired).host:
        reason = "its Ingress answers to every name; a host among its options makes it one"
        yield approximated("network.public_ip", reason)


def _of_operator(desired: DesiredResource, served: Served | None) -> Iterator[Support]:
    operator, path = options_of(desired).operator, f"{_OPTION}.operator"
    if operator is None:
        return
    kind = kinds.OPERATORS[operator]
    if kinds.operator_kind(desired, None) is None:
        yield unsupported(path, f"{operator} runs {kinds.RUNS[operator]} only")
    elif kinds.operator_kind(desired, served) is None:
        reason = f"the cluster has no kind {kind.replace('.', ' of ', 1)}, so it is a StatefulSet"
        yield unsupported(path, reason)
    else:
        yield from _of_operated(desired, operator)


def _of_operated(desired: DesiredResource, operator: Operator) -> Iterator[Support]:
    yield approximated(
        "type",
        f"{operator} runs it, with an image and settings of its own, and keeps the data in claims that go away with it",
    )
    for path in ("command", "files", "mounts"):
        if getattr(desired, path):
            yield unsupported(path, f"{operator} decides that itself")
    for name in ("user", "pod_security"):
        if getattr(options_of(desired), name) is not None:
            yield unsupported(f"{_OPTION}.{name}", f"{operator} decides that itself")
    if desired.resource.specs.gpu:
        yield unsupported("specs.gpu", f"{operator} asks for none")
    own = {"POSTGRES_USER", "POSTGRES_DB"} if operator is Operator.CLOUDNATIVE_PG else set()
    if any(name not in own for name in desired.resource.env):
        yield unsupported("env", f"{operator} takes no variables")


def _of_pods(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None
) -> Iterator[Support]:
    options = options_of(desired)
    obstacle = levels.obstacle(desired, settings, served)
    if obstacle is not None:
        reason = f'it is held to "{levels.BASELINE}" instead of "{levels.RESTRICTED}": {obstacle}'
        yield approximated(f"{_OPTION}.pod_security", reason)
    elif options.user is None and desired.user is None and _is_restricted(desired, settings):
        yield approximated(
            f"{_OPTION}.user",
            f"nothing runs as root, and nobody knows whom its image is made for: it runs as {levels.UNKNOWN_USER}. "
            "Give its user, or pod_security: baseline",
        )
    if options.autoscale is not None:
        yield from _of_autoscale(desired)
    if desired.image is None:
        reason = f"neither image nor software was named: {image_of(desired)} is used"
        yield approximated("image", reason)
    if options.disk_image is not None:
        reason = "a machine has a disk of its own, a container has none"
        yield unsupported(f"{_OPTION}.disk_image", reason)


def _is_restricted(desired: DesiredResource, settings: KubernetesSettings) -> bool:
    return (options_of(desired).pod_security or settings.pod_security) == levels.RESTRICTED


def _of_autoscale(desired: DesiredResource) -> Iterator[Support]:
    path = f"{_OPTION}.autoscale"
    if scaling.autoscale_of(desired) is None:
        yield unsupported(path, "what keeps data, or writes a volume, can't be several at once")
    elif desired.cpu is None:
        yield unsupported(path, "load is measured by the CPUs that are asked for: give specs.cpu")


def _of_machine(desired: DesiredResource) -> Iterator[Support]:
    yield approximated(
        "type",
        "KubeVirt runs it; its disk begins as the image's and is new after each start: data belongs in volumes",
    )
    if disk_image(desired) != desired.image:
        yield approximated("image", f"its disk begins as {disk_image(desired)}")
    if desired.software is not None:
        yield unsupported(
            "software", "no software is installed in the machine: its disk's image has to have it"
        )
    for path in ("command", "env", "files"):
        if getattr(desired, path):
            yield unsupported(path, "a machine takes none from outside")
    if desired.cpu is not None and desired.cpu != int(desired.cpu):
        yield approximated("specs.cpu", "a machine has whole CPUs: it is rounded up")
    if desired.resource.specs.gpu:
        yield unsupported("specs.gpu", "GPUs are not handed to machines by this engine")
    if desired.mounts:
        reason = "a volume is a disk of the machine, which formats and mounts it itself"
        yield approximated("mounts", reason)
