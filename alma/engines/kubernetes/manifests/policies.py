"""Who reaches whom: a network is a policy that lets its members in; who is reached from outside has one more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from alma.core.model.base import canonical_json, digest_of
from alma.core.model.state import DesiredResource
from alma.core.model.units import Port
from alma.engines.kubernetes import firewall, kinds, levels, marker, names, reach
from alma.engines.kubernetes.labels import MEMBER, own_labels
from alma.engines.kubernetes.manifests.parts import Ground, Manifest

PUBLIC: Final = "public"
RULES: Final = "rules"


def network(desired: DesiredResource, ground: Ground) -> Manifest:
    """The members of a network reach each other, and nobody else reaches them. Where they go to is left free."""
    found = ground.primary(desired, kinds.POLICY, names.object_name(desired.address))
    found["metadata"]["labels"] = {**own_labels(desired), **found["metadata"]["labels"]}
    stack = marker.selector_of(ground.stack)
    members = firewall.selector_of_members(stack, desired.address)
    spec = _spec(
        firewall.selector_of_members(stack, desired.address, MEMBER),
        [{"from": [{"podSelector": members}]}],
    )
    return _noted(found, spec)


def objects(desired: DesiredResource, ground: Ground) -> Iterator[Manifest]:
    """The rules that are about it; without any, its way in from outside of its networks."""
    own = {"matchLabels": marker.selector_of(ground.stack, desired.address)}
    if desired.rules:
        ranges = levels.frees_low_ports(ground.served)
        ingress = firewall.compiled(desired.rules, ranges=ranges).ingress
        yield _companion(desired, ground, RULES, _spec(own, ingress))
    elif desired.networks:
        yield from opened(desired, ground, own, [_of(port) for port in reach.exposed(desired)])


def opened(
    desired: DesiredResource,
    ground: Ground,
    selector: Mapping[str, Any],
    ports: Sequence[Manifest],
) -> Iterator[Manifest]:
    """Lets everybody in to these ports of the selected pods."""
    if ports:
        each = [port for at, port in enumerate(ports) if port not in ports[:at]]
        yield _companion(desired, ground, PUBLIC, _spec(selector, [{"ports": each}]))


def _of(port: Port) -> Manifest:
    return {"protocol": port.protocol.upper(), "port": port.target}


def _companion(desired: DesiredResource, ground: Ground, word: str, spec: Manifest) -> Manifest:
    name = names.companion_name(desired.address, word)
    return _noted(ground.companion(desired, kinds.POLICY, name), spec)


def _noted(found: Manifest, spec: Manifest) -> Manifest:
    """The policy, with a note of what it says, by which a change of it shows."""
    found["metadata"]["annotations"][marker.SAYS] = digest_of(_said(spec))
    return found | {"spec": spec}


def _said(spec: Mapping[str, Any]) -> Manifest:
    """What ALMA writes of a policy. Where pods may go is not its to say, unless somebody adds it beside."""
    return {
        name: spec[name] for name in ("podSelector", "policyTypes", "ingress") if spec.get(name)
    }


def is_as_made(found: Mapping[str, Any]) -> bool:
    """Whether a policy still says what it said when ALMA wrote it."""
    annotations = found["metadata"].get("annotations") or {}
    return bool(annotations.get(marker.SAYS) == digest_of(_said(found.get("spec") or {})))


def words_of(found: Mapping[str, Any]) -> list[str]:
    """What a policy says that is not ALMA's any more: as the cluster has it."""
    return [
        f"{name}: {canonical_json(value)}" for name, value in _said(found.get("spec") or {}).items()
    ]


def _spec(selector: Mapping[str, Any], ingress: Sequence[Mapping[str, Any]]) -> Manifest:
    spec: Manifest = {"podSelector": dict(selector), "policyTypes": ["Ingress"]}
    return spec | ({"ingress": [*ingress]} if ingress else {})
