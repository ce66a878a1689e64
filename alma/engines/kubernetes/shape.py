"""What a resource becomes in a cluster, and what changing it takes. Pure.

`served` is what the cluster was last seen to serve; without it, what is asked for is taken to be served. A shape never
asks for it: it is the same before and after the cluster was looked at.
"""

from __future__ import annotations

from typing import Final

from alma.core.model.base import Json
from alma.core.model.blueprint import WORKLOADS, ResourceType
from alma.core.model.plan import Effect, Support
from alma.core.model.state import DesiredResource, Properties, is_among
from alma.core.model.units import Size
from alma.engines import base
from alma.engines.kubernetes import (
    existing,
    firewall,
    kinds,
    labels,
    levels,
    marker,
    probes,
    reach,
    scaling,
    support,
)
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.images import disk_image
from alma.engines.kubernetes.options import options_of, volume_options
from alma.engines.kubernetes.settings import KubernetesSettings
from alma.engines.systems import image_of

TYPES = WORKLOADS | {ResourceType.NETWORK, ResourceType.VOLUME}
LEFTOVERS: Final = "leftovers"
KIND: Final = "kind"
AUTOSCALE: Final = "options.autoscale"
LEVEL: Final = "options.pod_security"
USER: Final = "options.user"
NODES: Final = "options.node_selector"
STORAGE_CLASS: Final = "options.storage_class"
ACCESS: Final = "options.access_mode"
GATEWAY: Final = "options.gateway"
HOST: Final = "options.host"
# What is in no blueprint by these names: its health check as probes, and who is let in by its policy.
HEALTH: Final = "health"
REACH: Final = "reach"

# Not honoured at all or not comparable: left out of the shape, and named by `support`.
_NEVER = (
    "specs.disk",
    "specs.nodes",
    "specs.control_plane",
    "specs.workers",
    "cidr",
    "vlan",
    "network.private_ip",
    "rules",
    "backup.",
)
# Of a Service that spreads over another address' pods, and a machine.
_OF_SERVICE = ("ports", "public", "backends", "labels.", HOST, GATEWAY, REACH)
_NOT_MACHINE = ("command", "env.", "files.", "software", "specs.gpu", LEVEL, USER, HEALTH)
# What changes the pods, and with them starts what there is one of anew.
_IN_PODS = (
    "image",
    "command",
    "networks",
    "mounts",
    "backends",
    "software",
    "specs.",
    "env.",
    "files.",
    "labels.",
    LEVEL,
    USER,
    NODES,
    HEALTH,
    "rules",
)
# What is about the pods, and leaves them as they are.
_AROUND = ("count", "ports", "public", "policies.", "options.", "name", REACH, LEFTOVERS)


def shape_of(desired: DesiredResource, settings: KubernetesSettings) -> Properties:
    """The properties that are asked for. What a cluster lacks alters none of them: see `instead`."""
    return made_of(desired, settings, None)


def made_of(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None
) -> Properties:
    """The properties that the resource has where the cluster serves that; None: all that is asked for."""
    match desired.type:
        case ResourceType.VOLUME:
            found = _of_volume(desired)
        case ResourceType.NETWORK:
            found = _of_labels(desired) | {REACH: [*reach.allowed(desired)]}
        case _:
            found = _of_workload(desired, settings, served)
    return dict(sorted(found.items()))


def _of_labels(desired: DesiredResource) -> dict[str, Json]:
    reserved = marker.is_reserved
    given = desired.resource.labels.items()
    return {f"labels.{name}": value for name, value in given if not reserved(name)}


def _of_volume(desired: DesiredResource) -> dict[str, Json]:
    options = volume_options(desired)
    found = {**_of_labels(desired), ACCESS: options.access_mode}
    if desired.disk is not None:
        found["specs.disk"] = base.normal_size(desired.disk)
    if options.storage_class is not None:
        found[STORAGE_CLASS] = options.storage_class
    if options.existing is not None:
        found[existing.EXISTING] = options.existing
    return found


def _of_workload(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None
) -> dict[str, Json]:
    if existing.place_of(desired) is not None:
        return existing.shape_of(desired)
    kind = kinds.kind_of(desired, served)
    found = base.without(base.base_shape(desired), *_NEVER, "labels.") | _of_labels(desired)
    found |= {KIND: kinds.short(kind), "image": image_of(desired)}
    found |= _options(desired, settings, served)
    if desired.rules:
        found["rules"] = [*firewall.words_of(desired.rules)]
    own: dict[str, Json] = {
        HEALTH: [*probes.words_of(probes.of(desired))],
        REACH: [*reach.allowed(desired)],
    }
    found |= {path: value for path, value in own.items() if value}
    if AUTOSCALE in found:
        found.pop("count", None)
    if kind == kinds.SERVICE:
        return {
            path: value for path, value in found.items() if is_among(path, (*_OF_SERVICE, KIND))
        }
    if kind == kinds.MACHINE:
        return base.without(found, *_NOT_MACHINE) | {"image": disk_image(desired)}
    return found


def _options(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None
) -> dict[str, Json]:
    options = options_of(desired)
    autoscale = scaling.autoscale_of(desired)
    least = scaling.least(desired, autoscale) if autoscale else None
    found: dict[str, Json] = {
        LEVEL: levels.level_of(desired, settings, served),
        USER: options.user if isinstance(options.user, int) else None,
        AUTOSCALE: scaling.words_of(least, autoscale.max, autoscale.cpu) if autoscale else None,
        NODES: [*sorted(f"{key}={value}" for key, value in options.node_selector.items())],
    }
    door = reach.door_of(desired, settings, served)
    if door is not None:
        found |= {HOST: options.host, GATEWAY: options.gateway if door == reach.ROUTE else None}
    return {path: value for path, value in found.items() if value not in (None, [])}


def declared_of(shape: Properties) -> dict[str, Json]:
    """The shape as it goes into an annotation: which variables and labels there are, but not their plain values, which
    can be read where they are used. An operator uses no variables, so there they can't."""
    used = shape.get(KIND) not in {kinds.short(kind) for kind in kinds.OPERATED}
    return {
        path: None if _is_elsewhere(path, value, used=used) else value
        for path, value in shape.items()
    }


def _is_elsewhere(path: str, value: Json, *, used: bool) -> bool:
    if path.startswith("labels."):
        return labels.is_kept(path.removeprefix("labels."), str(value))
    return used and path.startswith("env.") and not str(value).startswith("secret:")


# ── changing it ──────────────────────────────────────────────────────────────────────────────────


def effect_of(desired: DesiredResource, path: str) -> Effect:
    """What changing the property takes. Pods are exchanged one after the other; what there is one of is gone for a
    moment; and only what Kubernetes never changes is made anew."""
    if path in {KIND, existing.EXISTING}:
        return Effect.REPLACE
    if desired.type is ResourceType.VOLUME:
        in_place = path in {"specs.disk", LEFTOVERS} or path.startswith("labels.")
        return Effect.IN_PLACE if in_place else Effect.REPLACE
    if existing.place_of(desired) is not None:
        return existing.effect_of(desired, path)
    if _is_one_at_a_time(desired) and is_among(path, _IN_PODS):
        return Effect.REBOOT
    return Effect.IN_PLACE if is_among(path, (*_IN_PODS, *_AROUND)) else Effect.REPLACE


def effect_between(desired: DesiredResource, path: str, before: Json, after: Json) -> Effect:
    """Like `effect_of`, by direction: claims grow in place, and never shrink."""
    if desired.type is ResourceType.VOLUME and path == "specs.disk":
        shrinks = isinstance(before, str) and isinstance(after, str) and Size(after) < Size(before)
        return Effect.REPLACE if shrinks else Effect.IN_PLACE
    return effect_of(desired, path)


def _is_one_at_a_time(desired: DesiredResource) -> bool:
    kind = kinds.kind_of(desired, None)
    return kind in {kinds.STATEFUL_SET, kinds.MACHINE, *kinds.OPERATED} or (
        kind == kinds.DEPLOYMENT and scaling.writes(desired)
    )


def support_of(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None = None
) -> list[Support]:
    """Everything that is not exactly as asked."""
    return support.support_of(desired, settings, served)
