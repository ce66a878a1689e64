"""The network cards of a guest: one for each network it is attached to, or one on the default bridge.

Pure. Both kinds of guests have the same cards; they only write them down in different ways.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from alma.core.model.base import Frozen
from alma.core.model.blueprint import Resource
from alma.core.model.state import DesiredResource
from alma.engines.proxmox import values
from alma.engines.proxmox.options import NetworkOptions, ProxmoxOptions, network_options, options_of

DEFAULT_BRIDGE = "vmbr0"


class Card(Frozen):
    """One card. `ip` and `ip6` are addresses with their prefix, `dhcp`, `auto`, or None."""

    bridge: str
    vlan: int | None = None
    mtu: int | None = None
    firewall: bool = False
    ip: str | None = None
    gateway: str | None = None
    ip6: str | None = None
    gateway6: str | None = None

    def link(self) -> dict[str, str | int | bool | None]:
        """How it is connected."""
        return {
            "bridge": self.bridge,
            "firewall": self.firewall or None,
            "mtu": self.mtu,
            "tag": self.vlan,
        }

    def addresses(self) -> dict[str, str | int | bool | None]:
        """Which addresses it has."""
        return {"gw": self.gateway, "gw6": self.gateway6, "ip": self.ip, "ip6": self.ip6}

    @property
    def fixed(self) -> str | None:
        """Its fixed address, without a prefix."""
        return values.fixed_address(values.join(self.addresses()))

    @property
    def words(self) -> str:
        """How it is connected, for people."""
        return values.nic_words(values.join(self.link()))

    @property
    def address_words(self) -> str:
        """Which addresses it has, for people."""
        return values.address_words(values.join(self.addresses()))


def cards_of(desired: DesiredResource, *, bridge: str | None = None) -> tuple[Card, ...]:
    """The cards in their order. `bridge` is the default where the blueprint names none."""
    options = options_of(desired)
    fallback = options.bridge or bridge or DEFAULT_BRIDGE
    if not desired.attached:
        link = NetworkOptions(bridge=fallback, firewall=options.firewall)
        return (_card(desired, options, link, vlan=options.vlan, main=True),)
    main = _main(desired)
    cards = []
    others = iter(options.other_addresses)
    for network in desired.attached:
        link, first = _linked(network, fallback), network is main
        card = _card(desired, options, link, vlan=network.vlan, main=first)
        given = {} if first else {"ip": _wanted(next(others, "dhcp"))}
        cards.append(card.model_copy(update=given))
    return tuple(cards)


def prefix_of(address: str, networks: Sequence[Resource]) -> int | None:
    """The length of the network around a fixed address, where one of these says it."""
    for network in networks:
        if network.cidr and _is_in(address, network.cidr):
            return ipaddress.ip_network(network.cidr).prefixlen
    return None


def _is_in(address: str, cidr: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(cidr)


def _main(desired: DesiredResource) -> Resource:
    """The network with the fixed address, else the first: what the options say of addresses is about this one."""
    address = desired.resource.network.private_ip
    around = (
        n for n in desired.attached if address is not None and n.cidr and _is_in(address, n.cidr)
    )
    return next(around, desired.attached[0])


def _linked(network: Resource, fallback: str) -> NetworkOptions:
    options = network_options(network)
    return options.model_copy(update={"bridge": options.bridge or fallback})


def _card(
    desired: DesiredResource,
    options: ProxmoxOptions,
    link: NetworkOptions,
    *,
    vlan: int | None,
    main: bool,
) -> Card:
    asked = link.firewall if link.firewall is not None else options.firewall
    card = Card(
        bridge=link.bridge or DEFAULT_BRIDGE,
        vlan=vlan,
        mtu=link.mtu,
        firewall=bool(desired.rules) if asked is None else asked,
    )
    if not main:
        return card
    fixed = _fixed(desired)
    ip = options.address or (fixed if fixed and ":" not in fixed else None)
    ip6 = options.address6 or (fixed if fixed and ":" in fixed else None)
    nothing = options.address is None and ip is None and ip6 is None
    gateways = [options.gateway, options.gateway6, link.gateway]
    return card.model_copy(
        update={
            "ip": "dhcp" if nothing else _wanted(ip),
            "ip6": _wanted(ip6),
            "gateway": _gateway(ip, gateways, version=4),
            "gateway6": _gateway(ip6, gateways, version=6),
        }
    )


def _wanted(text: str | None) -> str | None:
    return None if text == "none" else text


def _fixed(desired: DesiredResource) -> str | None:
    address = desired.resource.network.private_ip
    if address is None:
        return None
    default = 64 if ":" in address else 24
    return f"{address}/{prefix_of(address, desired.attached) or default}"


def _gateway(ip: str | None, gateways: Sequence[str | None], *, version: int) -> str | None:
    """Only a fixed address takes one: the others learn theirs."""
    if ip is None or "/" not in ip:
        return None
    return next((g for g in gateways if g and ipaddress.ip_address(g).version == version), None)
