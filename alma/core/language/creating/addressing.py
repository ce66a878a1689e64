"""Addresses as they were said: put into the network that holds them. What can't be is asked about, the rest is kept."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from alma.core.language.creating.create import Creator
from alma.core.language.editing.outcome import Asks
from alma.core.language.editing.sketch import with_network
from alma.core.language.vocabulary.defaults import listed
from alma.core.model.base import Json
from alma.core.model.blueprint import Origin, ResourceType
from alma.core.model.conversation import AddResource

Range = ipaddress.IPv4Network | ipaddress.IPv6Network


def settle_addresses(creator: Creator) -> None:
    """Gives each new resource with a fixed address the network that holds it. An address outside of its network, or
    one that is taken, is left out and asked about."""
    ranges = dict(_ranges(creator))
    wanting: dict[str, list[str]] = {}
    owners = {r.network.private_ip: r.name for r in creator.known if r.network.private_ip}
    for index, edit in enumerate(creator.added):
        resource = edit.resource
        address = resource.network.private_ip
        if address is None:
            continue
        attached = {name: ranges[name] for name in resource.network.attach if name in ranges}
        homes = [name for name, range_ in ranges.items() if _holds(range_, address)]
        owner = owners.setdefault(address, resource.name)
        if owner != resource.name:
            creator.added[index] = _without_address(edit)
            wanting.setdefault(f"{address} is the address of {owner} already", []).append(
                resource.name
            )
        elif attached and not any(name in homes for name in attached):
            creator.added[index] = _without_address(edit)
            told = listed([f"{name} ({range_})" for name, range_ in attached.items()])
            wanting.setdefault(f"{address} is not in {told}", []).append(resource.name)
        elif not resource.network.attach and len(homes) == 1:
            creator.added[index] = with_network(
                edit, {"attach": list[Json](homes)}, origin=Origin.INFERRED
            )
            creator.outcome.assumptions.append(
                f"{resource.name} on {homes[0]}, which has {address}"
            )
    creator.outcome.asks += [
        Asks(f"{reason}: which address should {listed(names)} have?", open=True)
        for reason, names in wanting.items()
    ]


def _ranges(creator: Creator) -> Iterator[tuple[str, Range]]:
    for resource in [*creator.known, *(edit.resource for edit in creator.added)]:
        if resource.type is ResourceType.NETWORK and resource.cidr:
            yield resource.name, ipaddress.ip_network(resource.cidr)


def _holds(range_: Range, address: str) -> bool:
    return ipaddress.ip_address(address) in range_


def _without_address(edit: AddResource) -> AddResource:
    return with_network(edit, {"private_ip": None}, origin=Origin.INFERRED)
