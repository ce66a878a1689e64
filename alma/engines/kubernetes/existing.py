"""What was there before ALMA and was imported: what a blueprint says of it, and what changing that takes. Pure.

The option `existing` names the object. Its pods are not ALMA's: neither their labels nor anything that a blueprint
can't say is touched, so only what can be changed on the object alone has a property here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from alma.core.model.base import Json
from alma.core.model.blueprint import ResourceType, SecretRef
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.plan import Effect, Support
from alma.core.model.state import DesiredResource, ObservedResource, is_among
from alma.core.model.units import Port
from alma.engines import base
from alma.engines.kubernetes import kinds, labels, marker
from alma.engines.kubernetes.options import ENGINE, options_of, volume_options

EXISTING: Final = "options.existing"
_SAME: Final[tuple[str, ...]] = ("image", "command", "specs.cpu", "specs.memory", "mounts")
# What starts pods anew, and what does not.
_IN_PODS: Final = ("image", "command", "specs.cpu", "specs.memory", "ports", "env.")
_AROUND: Final = ("count", "labels.", "leftovers", "status")
_LEFT: Final = "it was imported, and ALMA changes only what can be changed on the object alone"


class Place(NamedTuple):
    """An object of a cluster by its name."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return "/".join(self)


def place_of(desired: DesiredResource) -> Place | None:
    """The object that the blueprint names; None for what ALMA makes."""
    is_volume = desired.type is ResourceType.VOLUME
    text = (volume_options if is_volume else options_of)(desired).existing
    return Place(*text.split("/")) if text else None


def shape_of(desired: DesiredResource) -> dict[str, Json]:
    """The properties of an imported workload."""
    shape = base.base_shape(desired)
    found = {path: shape[path] for path in _SAME if path in shape}
    own = desired.resource.labels.items()
    found |= {f"labels.{name}": value for name, value in own if labels.is_kept(name, value)}
    found |= {f"env.{name}": value for name, value in desired.env.items() if isinstance(value, str)}
    if desired.ports:
        found["ports"] = [*sorted({inner(port) for port in desired.ports})]
    return found | {"count": desired.replicas, EXISTING: str(place_of(desired))}


def inner(port: Port) -> str:
    """A port as its container listens on it."""
    return f"{port.target}{'/udp' if port.protocol == 'udp' else ''}"


def effect_of(desired: DesiredResource, path: str) -> Effect:
    """What changing a property of an imported workload takes. What is not ALMA's to change would take another one."""
    one_at_a_time = kinds.kind_of(desired, None) == kinds.STATEFUL_SET or any(
        not mount.read_only for mount in desired.mounts
    )
    if is_among(path, _IN_PODS):
        return Effect.REBOOT if one_at_a_time else Effect.IN_PLACE
    return Effect.IN_PLACE if is_among(path, _AROUND) else Effect.REPLACE


def faults(
    desired: DesiredResource, observed: ObservedResource | None, paths: frozenset[str]
) -> Iterator[Diagnostic]:
    """What stands against a plan in which an imported object differs at `paths` from what is observed."""
    place = place_of(desired)
    if observed is None or observed.properties.get(EXISTING) != str(place):
        yield Diagnostic(
            code="not_imported",
            path=f"{desired.address}.options.{ENGINE}.existing",
            message=f"{place} is not part of this stack, so there is nothing that {desired.address} could be",
            hint="import it; or take the option away, and ALMA makes it anew as the blueprint describes it",
        )
        return
    for path in sorted(paths):
        if _effect_between(desired, path) is Effect.REPLACE:
            yield Diagnostic(
                code="not_ours_to_change",
                path=f"{desired.address}.{path}",
                message=f"{path} of {place} can't be changed by ALMA: {_LEFT}",
                hint="change it on the object itself, or release it and let ALMA make a new one under another name",
            )


def _effect_between(desired: DesiredResource, path: str) -> Effect:
    if desired.type is not ResourceType.VOLUME:
        return effect_of(desired, path)
    in_place = is_among(path, ("specs.disk", "labels.", "leftovers"))
    return Effect.IN_PLACE if in_place else Effect.REPLACE


# ── what it does not do ──────────────────────────────────────────────────────────────────────────


def support_of(desired: DesiredResource) -> Iterator[Support]:
    """What ALMA leaves alone on an imported workload, of what a blueprint asks for."""
    if desired.type is not ResourceType.CONTAINER:
        yield base.unsupported(
            "type", f"{place_of(desired)} was imported, and is described as a container"
        )
        return
    if desired.software is not None:
        reason = "what was imported is described by its image: take its software (engine) away"
        yield base.unsupported("type", reason)
        return
    yield from _of_variables(desired)
    yield from _of_network(desired)
    yield from _of_options(desired)
    yield from _of_rest(desired)


def _of_variables(desired: DesiredResource) -> Iterator[Support]:
    for name, value in desired.env.items():
        if isinstance(value, SecretRef):
            reason = f"{_LEFT}: a Secret that ALMA keeps would have to be put beside it"
            yield base.unsupported(f"env.{name}", reason)


def _of_network(desired: DesiredResource) -> Iterator[Support]:
    network = desired.resource.network
    if desired.public or any(port.published for port in desired.ports):
        reason = "it was imported with the Services that lead to it, and ALMA makes no other"
        yield base.unsupported("network.public_ip" if desired.public else "network.ports", reason)
    if network.attach:
        reason = f"{_LEFT}: a network would take another label on its pods"
        yield base.unsupported("network.attach", reason)
    if network.private_ip is not None:
        yield base.unsupported("network.private_ip", "a pod has no fixed address")
    if desired.rules:
        reason = f"{_LEFT}: rules about it would take another label on its pods"
        yield base.unsupported("rules", reason)


def _of_options(desired: DesiredResource) -> Iterator[Support]:
    given = desired.resource.options.get(ENGINE) or {}
    for name in sorted(given.keys() - {"existing"}):
        yield base.unsupported(f"options.{ENGINE}.{name}", _LEFT)


def _of_rest(desired: DesiredResource) -> Iterator[Support]:
    resource = desired.resource
    for name in ("disk", "gpu"):
        if getattr(resource.specs, name):
            yield base.unsupported(f"specs.{name}", _LEFT)
    if resource.backup is not None and resource.backup.enabled:
        yield base.unsupported("backup", "Kubernetes makes no backups")
    if desired.image is None:
        yield base.approximated("image", "none is named: the one that it has stays")
    for name, value in resource.labels.items():
        if marker.is_reserved(name) or not labels.is_kept(name, value):
            yield base.unsupported(f"labels.{name}", "Kubernetes takes no such label from a stack")
