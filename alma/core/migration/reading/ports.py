"""Ports as others write them: ranges, and with what is outside."""

from __future__ import annotations

import re
from typing import Any

_RANGE = re.compile(r"^(\d{1,5})(?:-(\d{1,5}))?$")
MOST = 16
"""A range of more ports than this is no list of ports any more, and is told instead."""


def expanded(text: str) -> list[int]:
    """The ports of `80` or `8000-8003`; none when there are too many, or it is no range."""
    match = _RANGE.match(text.strip())
    if match is None:
        return []
    first, last = int(match[1]), int(match[2] or match[1])
    if not 1 <= first <= last <= 65535 or last - first >= MOST:
        return []
    return list(range(first, last + 1))


def port_text(port: int, *, published: int | None = None, protocol: str = "") -> int | str:
    """A port as a blueprint has it."""
    udp = "/udp" if protocol.casefold() == "udp" else ""
    if published is None and not udp:
        return port
    return f"{published}:{port}{udp}" if published is not None else f"{port}{udp}"


def add_port(
    doc: dict[str, Any], port: int, *, published: int | None = None, protocol: str = ""
) -> None:
    """Adds a port to a resource, once."""
    ports = doc.setdefault("network", {}).setdefault("ports", [])
    made = port_text(port, published=published, protocol=protocol)
    if made not in ports:
        ports.append(made)
