"""At which addresses a guest is reached: those it was given, or those it says it has.

A machine says it through its agent, which may be missing, slow or hang: asking is bounded, and no answer is no error.
Addresses that only mean something inside the guest are none: loopback, link-local, and those of bridges that the guest
made for itself.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from alma.core.model.errors import EngineAuthFailed, EngineError
from alma.engines.base import until
from alma.engines.proxmox import values
from alma.engines.proxmox.cluster import GuestKind
from alma.engines.proxmox.observe import address_texts, card_texts
from alma.engines.proxmox.session import Session
from alma.engines.proxmox.view import View

ASK_SECONDS = 5.0
Interface = Mapping[str, Any]


def fixed(view: View) -> tuple[str, ...]:
    """The addresses that its configuration gives it."""
    return tuple(filter(None, (values.fixed_address(text) for text in address_texts(view))))


def usable(
    interfaces: Iterable[Interface], *, macs: frozenset[str], prefer: int
) -> tuple[str, ...]:
    """The addresses of these interfaces that others can use, the preferred family (4 or 6) first. Interfaces that are
    none of the guest's cards count only when nothing is known of its cards."""
    ours = [i for i in interfaces if not macs or _mac(i) in macs]
    found = [ip for interface in ours for ip in _of(interface)]
    ranked = sorted(found, key=lambda ip: ip.version != prefer)
    return tuple(dict.fromkeys(str(ip) for ip in ranked))


def _mac(interface: Interface) -> str:
    return str(interface.get("hardware-address") or interface.get("hwaddr") or "").lower()


def _of(interface: Interface) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    texts = [str(item.get("ip-address", "")) for item in interface.get("ip-addresses") or ()]
    texts += [str(interface[key]) for key in ("inet", "inet6") if interface.get(key)]
    found = []
    for text in texts:
        try:
            ip = ipaddress.ip_address(text.partition("/")[0].partition("%")[0])
        except ValueError:
            continue
        if not (ip.is_loopback or ip.is_link_local or ip.is_unspecified):
            found.append(ip)
    return found


def preferred(texts: Sequence[str]) -> int:
    """The family in which the guest was given addresses: 6 when it has IPv6 only."""
    parsed = [values.parse(text) for text in texts]
    four = any(props.get("ip") not in (None, "manual") for props in parsed)
    return 4 if four or not any("ip6" in props for props in parsed) else 6


async def ask(session: Session, view: View) -> tuple[str, ...]:
    """What the guest says of its addresses now; nothing when it does not answer, or has no agent to do so."""
    agent = values.parse(str(view.config.get("agent", 0)), "enabled").get("enabled")
    if view.guest.kind is GuestKind.QEMU and not values.flag(agent):
        return ()
    what = "interfaces" if view.guest.kind is GuestKind.LXC else "agent/network-get-interfaces"
    try:
        async with asyncio.timeout(ASK_SECONDS):
            answer = await session.api.get(f"{view.guest.path}/{what}")
    except EngineAuthFailed:
        raise
    except (EngineError, TimeoutError):
        return ()
    interfaces = answer.get("result") if isinstance(answer, dict) else answer
    macs = frozenset(values.nic(text).get("hwaddr", "").lower() for text in card_texts(view))
    return usable(interfaces or (), macs=macs - {""}, prefer=preferred(address_texts(view)))


async def find(session: Session, view: View, *, within: float = 0.0) -> tuple[str, ...]:
    """Its addresses: those it was given, else those it says it has, waiting so many seconds for the first. Nothing when
    it has none by then."""
    found = fixed(view)
    if not found:

        async def probe() -> tuple[str, ...] | None:
            return await ask(session, view) or None

        least, most = session.settings.poll_least, session.settings.poll_most
        found = await until(probe, within=within, every=max(least, 0.2), at_most=most) or ()
    if found:
        session.memory.addresses[view.guest.vmid] = found
    return found
