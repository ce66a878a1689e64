"""Ranges of addresses as people write them: `10.1.0.0 / 24`, `10.1.0.0 slash 24`, `10.1.0.0 mask 255.255.255.0`."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from alma.core.language.words.token import Kind, Token

_MASK = {"netmask", "mask", "slash", "/", "subnet", "with", "prefix"}
_SLASH = {"slash", "/", "prefix"}
_LONGEST = 32


def masked(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, with an address and its mask as one."""
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        found = _range_at(tokens, index)
        out.append(found[0] if found else tokens[index])
        index += found[1] if found else 1
    return out


def _range_at(tokens: Sequence[Token], index: int) -> tuple[Token, int] | None:
    """The range that begins there, and how many tokens it takes."""
    first = tokens[index]
    if first.kind is not Kind.ADDRESS:
        return None
    place = index + 1
    said: set[str] = set()
    while place < len(tokens) and tokens[place].norm in _MASK and len(said) < 2:
        said.add(tokens[place].norm)
        place += 1
    length = _length(tokens[place], said) if place < len(tokens) else None
    if length is None:
        return None
    text = f"{first.text}/{length}"
    token = Token(text, text, first.start, tokens[place].end, Kind.CIDR, text)
    return token, place - index + 1


def _length(token: Token, said: set[str]) -> int | None:
    if token.kind is Kind.NUMBER and said & _SLASH and isinstance(token.value, int):
        return token.value if token.value <= _LONGEST else None
    if token.kind is not Kind.ADDRESS or not token.text.startswith("255."):
        return None
    try:
        return ipaddress.ip_network(f"0.0.0.0/{token.text}").prefixlen
    except ValueError:
        return None


def is_address(text: str) -> bool:
    """Whether an address can be written like that."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
