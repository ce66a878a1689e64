"""Times and bandwidths as people write them, and as they read them."""

from __future__ import annotations

import re
from decimal import Decimal

from alma.core.model.errors import InvalidInput

DAY = Decimal(86_400)
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")
_UNITS = {
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600,
    "d": 86_400, "day": 86_400, "days": 86_400,
    "w": 604_800, "week": 604_800, "weeks": 604_800,
}  # fmt: skip
_ZERO = {"zero", "none", "no", "0", "no downtime", "zero downtime", "never", "minimal"}
_LINE = re.compile(
    r"^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)\s*(bits?|b|bytes?|B)?\s*(?:ps|/s(?:ec(?:ond)?)?|\s*per second)?$",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"(?:kilo|mega|giga|tera)(?=bit|byte)", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_MOST = Decimal(10) ** 15


def seconds_of(text: str | float) -> Decimal:
    """Seconds of `2 hours`, `1h 30m`, `zero`; a bare number is seconds. Raises InvalidInput."""
    plain = str(text).strip().casefold()
    if plain in _ZERO:
        return Decimal(0)
    if re.fullmatch(r"\d+(?:\.\d+)?", plain):
        plain = f"{plain}s"
    found = _TIME.findall(plain)
    rest = _TIME.sub("", plain).replace("and", "").strip(" ,")
    total = sum((Decimal(amount) * _UNITS.get(unit, -1) for amount, unit in found), Decimal(0))
    if not found or rest or any(unit not in _UNITS for _, unit in found) or total > _MOST:
        raise InvalidInput(
            f"'{str(text)[:40]}' is no length of time",
            hint="write it like 2 hours, 30 minutes or zero",
        )
    return total


def bits_of(text: str | float) -> Decimal:
    """Bits a second of `1 Gbit/s`, `100 Mbps` or `50 MB/s`: a small `b` are bits, a large one bytes. Raises
    InvalidInput."""
    plain = _PREFIX.sub(lambda match: match[0][0], str(text).strip())
    match = _LINE.match(plain)
    amount = Decimal(match[1]) if match else Decimal(0)
    if match is None or not match[2] + (match[4] or "") or amount <= 0:
        raise InvalidInput(
            f"'{str(text)[:40]}' is no bandwidth",
            hint="write it like 1 Gbit/s, 100 Mbps or 50 MB/s",
        )
    base = Decimal(1024 if match[3] else 1000)
    word = match[4] or "b"
    bytes_ = word == "B" or word.casefold().startswith("byte")
    bits = amount * base ** _POWERS[match[2].casefold()] * (8 if bytes_ else 1)
    if bits > _MOST:
        raise InvalidInput(f"'{str(text)[:40]}' is more than any line has")
    return bits


def told_seconds(seconds: Decimal) -> str:
    """A length of time for people: `2 h 5 min`, `40 s`."""
    whole = int(seconds.to_integral_value())
    if whole < 1 and seconds > 0:
        return "less than 1 s"
    parts = []
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        number, whole = divmod(whole, length)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2]) or "0 s"


def told_bytes(amount: int) -> str:
    """An amount of data for people, in decimal units as lines are: `214.7 GB`."""
    value = Decimal(amount)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000:
            return f"{value.quantize(Decimal('0.1')).normalize():f} {unit}"
        value /= 1000
    return f"{value.quantize(Decimal('0.1')).normalize():f} PB"


def told_bits(bits: Decimal) -> str:
    """A bandwidth for people: `1 Gbit/s`."""
    for unit, size in (("Gbit/s", 10**9), ("Mbit/s", 10**6), ("kbit/s", 10**3)):
        if bits >= size:
            return f"{(bits / size).normalize():f} {unit}"
    return f"{bits.normalize():f} bit/s"
