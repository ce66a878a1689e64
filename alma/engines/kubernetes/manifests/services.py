"""How a workload is found by its address, and how it is reached from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from alma.core.model.state import DesiredResource
from alma.core.model.units import Port
from alma.engines.kubernetes import kinds, marker, names, reach
from alma.engines.kubernetes.manifests.parts import Ground, Manifest
from alma.engines.kubernetes.manifests.pods import port_name, targets
from alma.engines.kubernetes.options import options_of

PUBLIC: Final = "public"
SPEAKS: Final = f"{marker.DOMAIN}/speaks"
_NODE_PORTS: Final = range(30_000, 32_768)


def objects(
    desired: DesiredResource, ground: Ground, *, selector: Mapping[str, str] | None = None
) -> Iterator[Manifest]:
    """The Service that has the address' name, and what publishes its ports."""
    chosen = dict(selector or marker.selector_of(ground.stack, desired.address))
    yield _inner(desired, ground, chosen)
    if kinds.kind_of(desired, ground.served) == kinds.STATEFUL_SET:
        yield _host(desired, ground, chosen)
    yield from public(desired, ground, chosen)


def _inner(desired: DesiredResource, ground: Ground, selector: Mapping[str, str]) -> Manifest:
    name = names.object_name(desired.address)
    found = ground.companion(desired, kinds.SERVICE, name)
    ports = [_port(target, protocol) for target, protocol in targets(desired)]
    if not ports:  # found by its address all the same
        return found | {"spec": {"clusterIP": "None", "selector": selector}}
    return found | {"spec": {"type": "ClusterIP", "selector": selector, "ports": ports}}


def _host(desired: DesiredResource, ground: Ground, selector: Mapping[str, str]) -> Manifest:
    """Makes the pod's host name one that others find, also while it starts: members of a cluster tell it each other."""
    found = ground.companion(desired, kinds.SERVICE, names.pod_name(desired.address))
    ports = [_port(target, protocol) for target, protocol in targets(desired)]
    spec: Manifest = {
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": dict(selector),
    }
    return found | {"spec": spec | ({"ports": ports} if ports else {})}


def _port(target: int, protocol: str, *, port: int | None = None) -> Manifest:
    return {
        "name": port_name(port or target, protocol),
        "port": port or target,
        "targetPort": target,
        "protocol": protocol,
    }


def spreading(desired: DesiredResource, target: int) -> list[Manifest]:
    """The ports of a Service all of which lead to one port."""
    return [_port(target, protocol, port=port) for port, protocol in targets(desired)]


def public(
    desired: DesiredResource,
    ground: Ground,
    selector: Mapping[str, str],
    *,
    target: int | None = None,
) -> Iterator[Manifest]:
    """What is reached from outside. `target` is where all of it goes, if it is not the ports themselves."""
    ports = reach.published(desired, ground.settings, ground.served)
    # Not every cluster takes a Service of two protocols from outside.
    for protocol in sorted({port.protocol for port in ports}):
        some = [port for port in ports if port.protocol == protocol]
        yield _public(desired, ground, selector, some, target)
    door = reach.door_of(desired, ground.settings, ground.served)
    if door == reach.INGRESS:
        yield _ingress(desired, ground)
    elif door == reach.ROUTE:
        yield _route(desired, ground)


def public_name(address: str, protocol: str) -> str:
    """The name of the Service that publishes ports of a protocol."""
    return names.companion_name(address, PUBLIC if protocol == "tcp" else f"{PUBLIC}-{protocol}")


def _public(
    desired: DesiredResource,
    ground: Ground,
    selector: Mapping[str, str],
    ports: list[Port],
    target: int | None,
) -> Manifest:
    found = ground.companion(
        desired, kinds.SERVICE, public_name(desired.address, ports[0].protocol)
    )
    found["metadata"]["annotations"][SPEAKS] = reach.speaks(desired)
    kind = ground.settings.public_service
    spec: Manifest = {"type": kind, "selector": dict(selector), "ports": []}
    for port in ports:
        protocol = port.protocol.upper()
        made = _port(target or port.target, protocol, port=outer_port(port, kind))
        if kind == "NodePort" and port.published in _NODE_PORTS:
            made["nodePort"] = port.published
        spec["ports"].append(made)
    return found | {"spec": spec}


def outer_port(port: Port, service: str) -> int:
    """The port of the public Service. A node's ports are few and high: there, the inner one names it."""
    return port.published or port.target if service == "LoadBalancer" else port.target


# ── by name ──────────────────────────────────────────────────────────────────────────────────────


def _ingress(desired: DesiredResource, ground: Ground) -> Manifest:
    port = reach.http_port(desired)
    assert port is not None  # or there would be no door
    found = ground.companion(desired, reach.INGRESS, names.object_name(desired.address))
    backend = {"name": names.object_name(desired.address), "port": {"number": port.target}}
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": backend}}
    host = options_of(desired).host
    rule: Manifest = {"http": {"paths": [path]}} | ({"host": host} if host else {})
    return found | {"spec": {"ingressClassName": ground.settings.ingress_class, "rules": [rule]}}


def _route(desired: DesiredResource, ground: Ground) -> Manifest:
    port, options = reach.http_port(desired), options_of(desired)
    assert port is not None  # or there would be no door
    assert options.gateway is not None
    found = ground.companion(desired, reach.ROUTE, names.object_name(desired.address))
    namespace, _, name = options.gateway.rpartition("/")
    parent = {"name": name} | ({"namespace": namespace} if namespace else {})
    target = {"name": names.object_name(desired.address), "port": port.target}
    spec: Manifest = {"parentRefs": [parent], "rules": [{"backendRefs": [target]}]}
    return found | {"spec": spec | ({"hostnames": [options.host]} if options.host else {})}
