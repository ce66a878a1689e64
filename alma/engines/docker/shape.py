"""What a resource becomes on Docker, what is lost on the way, and what changing it takes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alma.core.model.base import Json
from alma.core.model.blueprint import WORKLOADS, ResourceType
from alma.core.model.plan import Effect, Support
from alma.core.model.state import DesiredResource, Properties
from alma.engines import base
from alma.engines.base import approximated, unsupported
from alma.engines.docker.names import PREFIX
from alma.engines.systems import image_of

TYPES = WORKLOADS | {ResourceType.NETWORK, ResourceType.VOLUME}
LEFTOVERS = "leftovers"
MOST_WEIGHED_CPUS = (
    262  # a container's weight remembers more CPUs than its host has, up to this many
)

# Load balancers whose official image takes a new configuration without a restart, and the signal that makes it look.
_RELOADS: Mapping[str, str] = {"haproxy": "SIGUSR2", "nginx": "SIGHUP"}

# Not honoured at all or not comparable: left out of the shape, and named by `support`.
_NEVER = (
    "specs.disk",
    "specs.gpu",
    "specs.nodes",
    "specs.control_plane",
    "specs.workers",
    "vlan",
    "rules",
    "backup.",
)


def shape_of(desired: DesiredResource) -> Properties:
    """The properties the resource will have here. A volume has none that can be compared: nothing about it can be
    changed later without losing what it holds."""
    if desired.type is ResourceType.VOLUME:
        return {}
    reserved = [f"labels.{name}" for name in desired.resource.labels if name.startswith(PREFIX)]
    shape = base.without(base.base_shape(desired), *_NEVER, *reserved)
    if desired.type is ResourceType.NETWORK:
        return {path: shape[path] for path in shape if path == "cidr" or path.startswith("labels.")}
    return dict(sorted({**base.without(shape, "cidr"), "image": image_of(desired)}.items()))


def declared_of(shape: Properties) -> dict[str, Json]:
    """The shape as it goes into a label: which variables and labels there are, but not their plain values, which can
    be read where they are used."""
    return {path: None if _is_elsewhere(path, value) else value for path, value in shape.items()}


def _is_elsewhere(path: str, value: Json) -> bool:
    if path.startswith("labels."):
        return True
    return path.startswith("env.") and not str(value).startswith("secret:")


def reload_signal(desired: DesiredResource) -> str | None:
    """The signal that makes it take in a new configuration file; None when that takes a new container.

    Load balancers only: their configuration follows the coming and going of others, and a reload loses no connection.
    """
    if desired.type is not ResourceType.LOAD_BALANCER or desired.command:
        return None
    return _RELOADS.get(image_of(desired).partition(":")[0])


def effect_of(desired: DesiredResource, path: str) -> Effect:
    """Limits change on the running container, and so does the configuration of software that can reload it; anything
    else takes a new container. Data is in volumes and stays."""
    if desired.type not in WORKLOADS:
        return Effect.REPLACE
    effects: dict[str, Effect] = {LEFTOVERS: Effect.IN_PLACE}
    # A limit can be moved, but Docker has no way to take it off a container.
    if desired.cpu is not None and desired.cpu <= MOST_WEIGHED_CPUS:
        effects["specs.cpu"] = Effect.IN_PLACE
    if desired.memory is not None:
        effects["specs.memory"] = Effect.IN_PLACE
    if reload_signal(desired):
        effects |= {"files": Effect.IN_PLACE, "backends": Effect.IN_PLACE}
    return base.effect_of(path, effects)


def support_of(desired: DesiredResource, *, cpus: int | None) -> list[Support]:
    """Everything that is not exactly as asked. `cpus` is how many the host has, where that is known."""
    if desired.type not in TYPES:
        return [unsupported("type", _NO_TYPE[desired.type])]
    return [*_everywhere(desired), *_of_type(desired), *_of_workload(desired, cpus)]


_NO_TYPE = {
    ResourceType.KUBERNETES_CLUSTER: "a Docker host makes no Kubernetes cluster; deploy the cluster's workloads as "
    "containers, or choose an engine that makes clusters",
    ResourceType.FIREWALL: "Docker has no firewall of its own; containers reach each other only in shared "
    "networks, and ports are published on this machine only unless public_ip is true: separate networks "
    "do most of it",
}


def _everywhere(desired: DesiredResource) -> Iterator[Support]:
    resource = desired.resource
    if resource.backup is not None and resource.backup.enabled and not desired.implied:
        yield unsupported(
            "backup", "Docker makes no backups; back up the named volume with another tool"
        )
    for name in resource.labels:
        if name.startswith(PREFIX):
            yield unsupported(f"labels.{name}", f"labels that begin with '{PREFIX}' are ALMA's own")


def _of_type(desired: DesiredResource) -> Iterator[Support]:
    resource = desired.resource
    if desired.type is ResourceType.NETWORK and resource.vlan is not None:
        yield unsupported("vlan", "a bridge network of Docker has no VLAN tag")
    if desired.type is ResourceType.VOLUME:
        if desired.disk is not None:
            yield approximated(
                "specs.disk",
                "a named volume grows with its data; Docker's local driver has no size limit",
            )
        if resource.labels:
            yield approximated(
                "labels", "a volume's labels are set when it is made and can't be changed later"
            )
    if desired.type is ResourceType.VM:
        yield approximated(
            "type", "it becomes a container: it shares the host's kernel and has no boot of its own"
        )


def _of_reach(desired: DesiredResource) -> Iterator[Support]:
    public = desired.resource.network.public_ip
    if isinstance(public, str):
        yield unsupported(
            "network.public_ip",
            "Docker can't take a public address; ports are published on all of the host's addresses",
        )
    elif public and not _published(desired):
        yield approximated(
            "network.public_ip",
            "no port of it is published, so nothing outside of its networks reaches it: write a port with its place on "
            'the host ("8080:80"), or put a load balancer before it',
        )


def _published(desired: DesiredResource) -> bool:
    """A load balancer is there to be reached: all of its ports are."""
    balances = desired.type is ResourceType.LOAD_BALANCER and bool(desired.ports)
    return balances or any(port.published for port in desired.ports)


def _of_workload(desired: DesiredResource, cpus: int | None) -> Iterator[Support]:
    if desired.type not in WORKLOADS:
        return
    specs, network = desired.resource.specs, desired.resource.network
    if desired.disk is not None:
        yield approximated(
            "specs.disk", "containers and volumes grow on the host's disk; a size is not enforced"
        )
    if specs.gpu:
        yield unsupported("specs.gpu", "GPUs are not handed to containers by this engine")
    for name in ("nodes", "control_plane", "workers"):
        if getattr(specs, name) is not None:
            yield unsupported(f"specs.{name}", "a container is no cluster")
    if network.private_ip is not None:
        yield approximated(
            "network.private_ip",
            "kept in a network whose cidr contains it; elsewhere Docker gives another address",
        )
    yield from _of_reach(desired)
    if desired.image is None:
        yield approximated(
            "image", f"neither image nor software was named: {image_of(desired)} is used"
        )
    if cpus is not None and desired.cpu is not None and desired.cpu > cpus:
        yield approximated("specs.cpu", f"the Docker host has {cpus} CPUs: all of them may be used")
