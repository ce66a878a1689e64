"""Amounts as others write them."""

from __future__ import annotations

import re

from alma.core.model.units import MAX_BYTES, Size

_AMOUNT = re.compile(r"^(\d{1,18}(?:\.\d{1,6})?)\s*([a-zA-Z]*)$")
# Docker's letters are binary, whatever they look like.
_DOCKER = {"b": "B", "k": "KiB", "kb": "KiB", "m": "MiB", "mb": "MiB", "g": "GiB", "gb": "GiB"}


def size_text(text: str | None) -> str | None:
    """An amount as Docker writes it: `512m` and `512MB` are 2**20 bytes each time; a bare number is bytes."""
    match = _AMOUNT.match(text.strip()) if text else None
    if match is None:
        return None
    if not match[2]:
        return of_bytes(int(float(match[1])))
    unit = _DOCKER.get(match[2].casefold())
    return f"{match[1]}{unit}" if unit else text


def quantity_text(text: str | None) -> str | None:
    """An amount as Kubernetes writes it: `512Mi`, `1G`, or bytes."""
    match = _AMOUNT.match(text.strip()) if text else None
    if match is None:
        return text or None
    return (
        f"{match[1]}{match[2]}{'B' if match[2] else ''}"
        if match[2]
        else of_bytes(int(float(match[1])))
    )


def gib(number: float | None) -> str | None:
    """So many GiB."""
    return None if not number or number < 0 else f"{number:g}GiB"


def mib(number: float | None) -> str | None:
    """So many MiB; whole GiB are written so."""
    if not number or number < 0:
        return None
    return f"{number / 1024:g}GiB" if number % 1024 == 0 else f"{number:g}MiB"


def of_bytes(amount: int) -> str | None:
    """So many bytes."""
    return str(Size.of_bytes(amount)) if 0 < amount <= MAX_BYTES else None
