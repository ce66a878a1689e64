"""A load as people say it: requests a second, users, or data a day."""

from __future__ import annotations

import re

from alma.core.model.base import Frozen
from alma.core.model.errors import InvalidInput
from alma.core.model.units import Size

SECONDS_PER_DAY = 86_400
_SECONDS = {
    "s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "m": 60,
    "h": 3600, "hr": 3600, "hour": 3600, "d": 86_400, "day": 86_400,
}  # fmt: skip
_MANY = {
    "": 1,
    "k": 1000,
    "thousand": 1000,
    "m": 10**6,
    "million": 10**6,
    "b": 10**9,
    "billion": 10**9,
}
_DATA = re.compile(r"^([\d.,]+)\s*([kmgtp]i?b)\s*(?:/|per|a)\s*([a-z]+?)s?$")
_RATE = re.compile(
    r"^([\d.,]+)\s*(?:(k|m|b|thousand|million|billion)\b)?\s*([a-z ]*?)\s*(?:/|per|a|\bp)\s*([a-z]+?)s?$"
)
_SHORT = re.compile(r"^([\d.,]+)\s*(k|m)?\s*(?:rps|qps|tps|ops)$")
_USERS = re.compile(
    r"^([\d.,]+)\s*(?:(k|m|thousand|million)\b)?\s*(?:[a-z]+ )?(?:users?|people|customers?|visitors?)$"
)
_MOST = (
    (10**10, "10 billion users"),
    (10**7, "10 million requests a second"),
    (10**18, "1000 PB a day"),
)
_ALLOWED = 'write it like "1000 requests/sec", "5,000 users" or "200 GB/day"'


class Demand(Frozen):
    """A load as somebody said it: one of the three. `per_second` is at the busiest time."""

    users: int | None = None
    per_second: float | None = None
    bytes_per_day: int | None = None


def demand_of(text: str) -> Demand:
    """A load in people's words. Raises InvalidInput with examples for what can't be read, for none at all, and for more
    than anybody has: what it takes is counted server by server, and counting that far would not end."""
    found = _said(text)
    for value, (most, told) in zip(
        (found.users, found.per_second, found.bytes_per_day), _MOST, strict=True
    ):
        if value is not None and value > most:
            raise InvalidInput(
                f"a load of '{text[:80]}' is more than can be sized for", hint=f"at most {told}"
            )
    return found


def _said(text: str) -> Demand:
    said = " ".join(text.casefold().split())
    if (found := _USERS.match(said)) is not None:
        return Demand(users=max(round(_number(found[1]) * _MANY[found[2] or ""]), 1))
    if (found := _DATA.match(said)) is not None and found[3] in _SECONDS:
        size = _bytes(f"{found[1].replace(',', '')}{found[2]}")
        return Demand(bytes_per_day=size * SECONDS_PER_DAY // _SECONDS[found[3]])
    if (found := _SHORT.match(said)) is not None:
        return Demand(per_second=_number(found[1]) * _MANY[found[2] or ""])
    if (found := _RATE.match(said)) is not None and found[4] in _SECONDS:
        return Demand(per_second=_number(found[1]) * _MANY[found[2] or ""] / _SECONDS[found[4]])
    raise InvalidInput(f"the load '{text[:80]}' can't be read", hint=_ALLOWED)


def _bytes(text: str) -> int:
    try:
        return Size(text).bytes
    except ValueError:
        raise InvalidInput(
            f"an amount of '{text[:40]}' is more than can be sized for, or none", hint=_ALLOWED
        ) from None


def _number(text: str) -> float:
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        raise InvalidInput(f"'{text[:40]}' is no number", hint=_ALLOWED) from None
    if not 0 < value <= 10**12:
        raise InvalidInput("a load has to be more than zero", hint=_ALLOWED)
    return value
