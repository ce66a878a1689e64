"""Where a metric ends by its nature: 100 percent of what is there, or the size that is measured beside it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

_PERCENT = frozenset({"percent", "pct", "cpu", "usage", "utilization", "utilisation", "util"})
_UNITS = frozenset(
    "b kb mb gb tb kib mib gib tib bytes bit bits mbit mbps gbps iops cores millicores seconds ms us "
    "free available total size capacity limit count requests errors".split()
)
_SHARES = frozenset({"share", "ratio", "fraction"})
_USED = frozenset({"used", "usage", "use", "in_use"})
_WHOLE = ("total", "size", "capacity", "limit", "max")


def natural_limits(metric: str, measured: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The limits that follow from a metric's name and values, by their reason; empty where none does. `measured` are
    all metrics of the history."""
    values = [value for value in measured[metric] if math.isfinite(value)]
    words = _words(metric)
    if not values or min(values) < 0:
        return {}
    if (whole := _measured_beside(words, measured)) is not None and max(values) <= whole[1]:
        return {f"all of it, by {whole[0]}": whole[1]}
    if words & _SHARES and max(values) <= 1:
        return {"all of it": 1.0}
    if words & _PERCENT and not words & _UNITS and max(values) <= 100 and max(values) > 1:
        return {"full, read as percent": 100.0}
    return {}


def _measured_beside(
    words: set[str], measured: Mapping[str, Sequence[float]]
) -> tuple[str, float] | None:
    """The newest value of `disk_total_gb` for `disk_used_gb`."""
    if not words & _USED:
        return None
    for other, values in measured.items():
        found = _words(other)
        finite = [value for value in values if math.isfinite(value) and value > 0]
        if finite and any(found == (words - _USED) | {whole} for whole in _WHOLE):
            return other, finite[-1]
    return None


def _words(name: str) -> set[str]:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return {word for word in re.split(r"[^a-z0-9]+", parted.casefold()) if word}
