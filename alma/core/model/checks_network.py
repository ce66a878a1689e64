"""Addresses, networks and ports that get in each other's way."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence

from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.units import Port

Indexed = Sequence[tuple[int, Resource]]
Range = ipaddress.IPv4Network | ipaddress.IPv6Network


def check_networks(resources: Indexed) -> Iterator[Diagnostic]:
    """Address clashes, addresses outside their network, networks that overlap, ports published twice."""
    ranges = {
        resource.name: ipaddress.ip_network(resource.cidr)
        for _, resource in resources
        if resource.type is ResourceType.NETWORK and resource.cidr
    }
    yield from _address_clashes(resources)
    yield from _addresses_outside(resources, ranges)
    yield from _overlaps(resources)
    yield from _vlans(resources)
    yield from _ports(resources)


def _address_clashes(resources: Indexed) -> Iterator[Diagnostic]:
    owners: dict[tuple[str, str], str] = {}
    for index, resource in resources:
        for path in ("private_ip", "public_ip"):
            address = getattr(resource.network, path)
            if not isinstance(address, str):
                continue
            where = f"resources.{index}.network.{path}"
            if resource.count > 1:
                message = f"{address} can't be the address of {resource.count} instances"
                hint = "remove the address, or write one resource for each instance"
                yield Diagnostic(code="address_clash", path=where, message=message, hint=hint)
            owner = owners.setdefault((path, address), resource.name)
            if owner != resource.name:
                message = f"{address} is the address of '{owner}' already"
                yield Diagnostic(
                    code="address_clash", path=where, message=message, hint="choose a free address"
                )


def _addresses_outside(resources: Indexed, ranges: Mapping[str, Range]) -> Iterator[Diagnostic]:
    for index, resource in resources:
        if resource.network.private_ip is None:
            continue
        address = ipaddress.ip_address(resource.network.private_ip)
        where = f"resources.{index}.network.private_ip"
        attached = {name: ranges[name] for name in resource.network.attach if name in ranges}
        homes = [network for network in attached.values() if address in network]
        if attached and not homes:
            told = ", ".join(f"{name} ({network})" for name, network in attached.items())
            message = f"{address} is in no network that '{resource.name}' joins: {told}"
            hint = "choose an address inside, or attach the network that has it"
            yield Diagnostic(code="address_outside", path=where, message=message, hint=hint)
        for network in homes:
            yield from _reserved(address, network, where)


def _reserved(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, network: Range, where: str
) -> Iterator[Diagnostic]:
    if network.num_addresses <= 2 or address.version == 6:
        return
    if address in {network.network_address, network.broadcast_address}:
        message = f"{address} is the {network} network's own or its broadcast address"
        yield Diagnostic(
            code="address_reserved", path=where, message=message, hint="choose one in between"
        )
    elif address == network.network_address + 1:
        message = f"{address} is where most engines put the gateway of {network}"
        hint = "choose another address unless this is the gateway"
        yield Diagnostic(
            severity=Severity.WARNING,
            code="address_reserved",
            path=where,
            message=message,
            hint=hint,
        )


def _overlaps(resources: Indexed) -> Iterator[Diagnostic]:
    """Sorted by their first address, a network overlaps an earlier one if and only if the farthest reaches into it."""
    found = [
        (
            network.version,
            int(network.network_address),
            -network.num_addresses,
            index,
            resource.name,
        )
        for index, resource in resources
        if resource.type is ResourceType.NETWORK and resource.cidr
        for network in [ipaddress.ip_network(resource.cidr)]
    ]
    farthest: tuple[int, int, str] | None = None
    for version, first, negative_size, index, name in sorted(found):
        if farthest and farthest[0] == version and first <= farthest[1]:
            message = f"the addresses of '{name}' overlap those of '{farthest[2]}'"
            hint = "give each network a range of its own"
            where = f"resources.{index}.cidr"
            yield Diagnostic(code="network_overlap", path=where, message=message, hint=hint)
        last = first - negative_size - 1
        if not farthest or farthest[0] != version or last > farthest[1]:
            farthest = (version, last, name)


def _vlans(resources: Indexed) -> Iterator[Diagnostic]:
    owners: dict[int, str] = {}
    for index, resource in resources:
        if resource.type is ResourceType.NETWORK and resource.vlan is not None:
            owner = owners.setdefault(resource.vlan, resource.name)
            if owner != resource.name:
                yield Diagnostic(
                    severity=Severity.WARNING,
                    code="vlan_shared",
                    path=f"resources.{index}.vlan",
                    message=f"VLAN {resource.vlan} is used by '{owner}' too: nothing separates them",
                    hint="give each network a VLAN of its own",
                )


def _ports(resources: Indexed) -> Iterator[Diagnostic]:
    """A published port is one door: resources with outside addresses of their own each have that door."""
    owners: dict[tuple[object, int, str], str] = {}
    for index, resource in resources:
        door = resource.network.public_ip if isinstance(resource.network.public_ip, str) else None
        inside: set[Port] = set()
        for number, port in enumerate(resource.network.ports):
            where = f"resources.{index}.network.ports.{number}"
            if port in inside:
                yield _repeated(where, port)
            elif port.published is not None:
                key = (door, port.published, port.protocol)
                yield from _published(resource, port, where, owners.setdefault(key, resource.name))
                if owners[key] == resource.name and any(
                    other.published == port.published and other.protocol == port.protocol
                    for other in inside
                ):
                    yield _clash(where, port, resource.name)
            inside.add(port)


def _published(resource: Resource, port: Port, where: str, owner: str) -> Iterator[Diagnostic]:
    if owner != resource.name:
        yield _clash(where, port, owner)
    if resource.count > 1:
        message = f"{resource.count} instances can't all publish port {port.published}"
        hint = f"write {port.target} and put a load balancer in front"
        yield Diagnostic(code="port_clash", path=where, message=message, hint=hint)


def _clash(where: str, port: Port, owner: str) -> Diagnostic:
    message = f"port {port.published}/{port.protocol} is published by '{owner}' already"
    return Diagnostic(
        code="port_clash", path=where, message=message, hint="publish it on another port"
    )


def _repeated(where: str, port: Port) -> Diagnostic:
    return Diagnostic(
        severity=Severity.WARNING,
        code="repeated",
        path=where,
        message=f"port {port} is listed twice",
        hint="list it once",
    )
