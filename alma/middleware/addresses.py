"""Where a request really comes from: a proxy in front of the server hides that, and anybody may pretend to be one.

What a header says of the client is believed only as far as the proxies that were named (`ALMA_TRUSTED_PROXIES`) have
written it: read from the right, the first address that is none of theirs is the client's.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from starlette.types import Scope

from alma.core.model.errors import InvalidInput

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Networks: TypeAlias = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

_FORWARDED_FOR = b"x-forwarded-for"
# A longer list is somebody playing: what stands before these is not looked at.
_MOST_HOPS = 20


def networks(named: Iterable[str]) -> Networks:
    """The networks of addresses (`10.0.0.5`) and ranges (`10.0.0.0/8`). Raises InvalidInput for anything else."""
    try:
        return tuple(ipaddress.ip_network(name.strip(), strict=False) for name in named)
    except ValueError as error:
        raise InvalidInput(
            f"a trusted proxy is no address and no range of addresses: {error}",
            hint="write ALMA_TRUSTED_PROXIES like 10.0.0.5,192.168.0.0/16",
        ) from None


def client_address(scope: Scope, proxies: Networks) -> str | None:
    """The client's address as text, None where there is none (a unix socket). Without trusted proxies it is the peer's,
    whatever headers say."""
    client = scope.get("client")
    peer: str | None = client[0] if client and client[0] else None
    if not proxies or peer is None or not _trusted(peer, proxies):
        return peer
    return _first_stranger(_hops(scope), proxies) or peer


def is_secure(scope: Scope, proxies: Networks) -> bool:
    """Whether the client came by HTTPS: to this server, or to a trusted proxy that says so."""
    if scope.get("scheme") in {"https", "wss"}:
        return True
    client = scope.get("client")
    if not (proxies and client and _trusted(client[0], proxies)):
        return False
    said = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
    return bool(said) and said[-1].strip().lower() in {b"https", b"wss"}


def _hops(scope: Scope) -> list[str]:
    """Nearest last, as the proxies have appended them."""
    lines = [value for name, value in scope["headers"] if name == _FORWARDED_FOR]
    joined = b",".join(lines).decode("latin-1")
    return [hop.strip() for hop in joined.split(",") if hop.strip()][-_MOST_HOPS:]


def _first_stranger(hops: list[str], proxies: Networks) -> str | None:
    """None when a hop is no address: then nothing that stands before it can be believed either."""
    for hop in reversed(hops):
        address = _address(hop)
        if address is None:
            return None
        if not _trusted(str(address), proxies):
            return str(address)
    return None


@lru_cache(maxsize=4096)
def _trusted(peer: str, proxies: Networks) -> bool:
    address = _address(peer)
    return address is not None and any(address in network for network in proxies)


def _address(text: str) -> Address | None:
    """Also of `[2001:db8::1]:443` and `192.0.2.1:443`, which some proxies write."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # The same machine, as a server that listens on both protocols sees it.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
