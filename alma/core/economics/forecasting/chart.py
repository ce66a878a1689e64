"""A picture of a history and its forecast: one SVG, no library, readable on light and on dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from alma.core.economics.forecasting.outlook import Anomaly
from alma.core.economics.forecasting.series import Series, Values

_WIDTH, _HEIGHT = 760, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 36, 40
_MOST_POINTS = 600
_STYLE = """
svg{--ink:#1c2430;--soft:#68727f;--line:#d5dae1;--ground:#fff;--past:#3b6fb6;--next:#b4540a;--odd:#b3261e;--limit:#7a3fa0}
@media (prefers-color-scheme:dark){svg{--ink:#e6e9ee;--soft:#9aa4b1;--line:#39424e;--ground:#14181e;--past:#7fb0f2;
--next:#f0a35e;--odd:#ff8a80;--limit:#cfa3ee}}
text{font:12px system-ui,sans-serif;fill:var(--soft)}.title{font-size:14px;font-weight:600;fill:var(--ink)}
.grid{stroke:var(--line)}.past{stroke:var(--past);fill:none;stroke-width:1.5}.next{stroke:var(--next);fill:none;
stroke-width:2;stroke-dasharray:6 3}.band{fill:var(--next);opacity:.18}
.odd{fill:none;stroke:var(--odd);stroke-width:1.5}
.limit{stroke:var(--limit);stroke-dasharray:2 3}.named{fill:var(--limit)}
"""


@dataclass(frozen=True)
class _Plane:
    """Where a slot and a value are drawn."""

    slots: int
    low: float
    high: float

    def x(self, slot: float) -> float:
        return round(_LEFT + slot / max(self.slots - 1, 1) * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)

    def path(self, first: int, values: Values) -> str:
        """At most so many points as can be seen, the last among them."""
        every = max(1, len(values) // _MOST_POINTS)
        chosen = sorted({*range(0, len(values), every), len(values) - 1})
        return " ".join(f"{self.x(first + i)},{self.y(float(values[i]))}" for i in chosen)


def chart(
    metric: str,
    series: Series,
    band: tuple[Values, Values, Values],
    odd: Sequence[Anomaly],
    thresholds: Mapping[str, float],
) -> str:
    """The picture, as the text of an SVG."""
    value, lower, upper = band
    plane = _plane(series, band, thresholds)
    first = len(series)
    joined = np.concatenate((series.values[-1:], value))
    back = plane.path(first, lower).split(" ")[::-1]
    parts = [
        *_grid(plane),
        *_days(plane, series, len(value)),
        f'<polygon class="band" points="{plane.path(first, upper)} {" ".join(back)}"/>',
        f'<polyline class="past" points="{plane.path(0, series.values)}"/>',
        f'<polyline class="next" points="{plane.path(first - 1, joined)}"/>',
        *(_limit(plane, why, threshold) for why, threshold in thresholds.items()),
        *(_mark(plane, series, item) for item in odd),
    ]
    title = f"{escape(metric)}: measured, and what is expected"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">'
        f"<title>{title}</title><style>{_STYLE}</style>"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" style="fill:var(--ground)"/>'
        f'<text class="title" x="{_LEFT}" y="22">{title}</text>{"".join(parts)}</svg>'
    )


def _plane(
    series: Series, band: tuple[Values, Values, Values], thresholds: Mapping[str, float]
) -> _Plane:
    """Everything measured and expected is in it, and thresholds that are not far away."""
    value, lower, upper = band
    low = min(float(series.values.min()), float(lower.min()))
    high = max(float(series.values.max()), float(upper.max()))
    span = (high - low) or abs(high) or 1.0
    near = [t for t in thresholds.values() if low - span <= t <= high + span]
    low, high = min([low, *near]), max([high, *near])
    margin = (high - low or 1.0) * 0.05
    return _Plane(len(series) + len(value), low - margin, high + margin)


def _grid(plane: _Plane) -> list[str]:
    marks = [float(mark) for mark in np.linspace(plane.low, plane.high, 5)]
    return [
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{plane.y(mark)}" y2="{plane.y(mark)}"/>'
        f'<text x="{_LEFT - 6}" y="{plane.y(mark) + 4}" text-anchor="end">{mark:.4g}</text>'
        for mark in marks
    ]


def _days(plane: _Plane, series: Series, ahead: int) -> list[str]:
    """The first moment, now and the last one."""
    told = ((0, "start"), (len(series) - 1, "middle"), (len(series) + ahead - 1, "end"))
    y = _HEIGHT - _BOTTOM + 18
    return [
        f'<text x="{plane.x(slot)}" y="{y}" text-anchor="{anchor}">{series.time(slot):%Y-%m-%d}</text>'
        for slot, anchor in told
    ]


def _limit(plane: _Plane, why: str, threshold: float) -> str:
    if not plane.low <= threshold <= plane.high:
        return ""
    y = plane.y(threshold)
    return (
        f'<line class="limit" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'
        f'<text class="named" x="{_LEFT + 4}" y="{y - 4}">{threshold:g} ({escape(why)})</text>'
    )


def _mark(plane: _Plane, series: Series, odd: Anomaly) -> str:
    slot = (odd.at.timestamp() - series.start) / series.step
    return f'<circle class="odd" cx="{plane.x(slot)}" cy="{plane.y(odd.value)}" r="5"/>'
