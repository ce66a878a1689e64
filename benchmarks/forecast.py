"""How good forecasts are: errors on values that were kept back, as ratios to the naive forecast of them.

    .venv/bin/python -m benchmarks.forecast [--seeds 3] [--confidence 0.9] [--markdown] [--check] [--data FOLDER]

The series are made here, like those that monitoring has: waves of days and weeks, growth, sawteeth, steps, bursts,
walks, noise. `--data` takes files of one's own instead: CSV with `timestamp,value`, such as those of the Numenta
Anomaly Benchmark. Of each, the last steps are kept back, forecast, and compared. Nothing here measures time: the same
on every machine. `--check` leaves with 1 when forecasts that claim to be better than naive are worse on the whole.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alma.core.economics.forecasting.anomalies import anomalies
from alma.core.economics.forecasting.forecast import Question, forecast
from alma.core.economics.forecasting.series import regular

HOUR = 3600.0
DAYS, AHEAD = 35, 24
Values = NDArray[np.float64]


def _wave(hour: Values, size: float = 20) -> Values:
    return np.asarray(size * np.sin(hour * 2 * np.pi / 24), float)


def _week(hour: Values) -> Values:
    return np.asarray(np.where(hour // 24 % 7 >= 5, 0.4, 1.0), float)


def _steps(hour: Values, random: np.random.Generator) -> Values:
    return np.asarray(
        40 + np.cumsum((random.random(len(hour)) < 0.006) * random.normal(0, 15, len(hour))), float
    )


KINDS: Mapping[str, Callable[[Values, np.random.Generator], Values]] = {
    "daily wave": lambda h, r: 50 + _wave(h) + r.normal(0, 3, len(h)),
    "office week": lambda h, r: (60 + _wave(h)) * _week(h) + r.normal(0, 3, len(h)),
    "growing wave": lambda h, r: 40 + h * 0.05 + _wave(h) + r.normal(0, 3, len(h)),
    "disk that fills": lambda h, r: 100 + h * 0.2 + r.normal(0, 1, len(h)),
    "sawtooth": lambda h, r: 30 + (h % 36) + r.normal(0, 1, len(h)),
    "bursts": lambda h, r: (
        20
        + _wave(h, 5)
        + r.normal(0, 1, len(h))
        + (r.random(len(h)) < 0.03) * r.exponential(60, len(h))
    ),
    "steps": lambda h, r: _steps(h, r) + r.normal(0, 1, len(h)),
    "random walk": lambda h, r: 100 + np.cumsum(r.normal(0, 1, len(h))),
    "noise": lambda h, r: 50 + r.normal(0, 5, len(h)),
}


@dataclass(frozen=True)
class Scored:
    """One series: the error on what was kept back by that of the naive forecast, the share of it in the interval, and
    whether the forecast claimed to be better than naive."""

    kind: str
    method: str
    error: float
    naive: float
    seasonal: float
    inside: float
    claimed: bool


def made(seeds: int) -> Iterator[tuple[str, Values]]:
    """The series, the same each time."""
    hour = np.arange(24.0 * DAYS)
    for kind, make in KINDS.items():
        for seed in range(seeds):
            yield kind, make(hour, np.random.default_rng(seed))


def read(folder: Path) -> Iterator[tuple[str, Values]]:
    """Those of somebody's own, in hours."""
    for file in sorted(folder.rglob("*.csv")):
        with file.open(newline="") as lines:
            rows = [
                (_seconds(row["timestamp"]), float(row["value"])) for row in csv.DictReader(lines)
            ]
        hours: dict[int, list[float]] = {}
        for at, value in rows:
            hours.setdefault(int(at // HOUR), []).append(value)
        if len(hours) >= 4 * AHEAD:
            yield file.stem, np.array([statistics.fmean(hours[hour]) for hour in sorted(hours)])


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def scored(kind: str, values: Values, confidence: float) -> Scored:
    """A forecast of the last steps from all before, against what came."""
    known, came = values[:-AHEAD], values[-AHEAD:]
    pairs = [(HOUR * n, float(value)) for n, value in enumerate(known)]
    found = forecast(kind, pairs, Question(AHEAD * HOUR, confidence))
    assert found is not None
    said = np.array([item.value for item in found.forecast])
    inside = [
        item.lower <= value <= item.upper for item, value in zip(found.forecast, came, strict=True)
    ]
    return Scored(
        kind=kind,
        method=found.method,
        error=float(np.abs(came - said).mean()),
        naive=float(np.abs(came - known[-1]).mean()),
        seasonal=float(np.abs(came - known[-24:]).mean()),
        inside=statistics.fmean(inside),
        claimed=found.better_than_naive,
    )


def detected(seeds: int) -> tuple[int, int, int]:
    """Planted anomalies that were found, those that were planted, and stretches that were told."""
    hits, planted, told = 0, 0, 0
    hour = np.arange(24.0 * DAYS)
    for seed in range(seeds * 3):
        random = np.random.default_rng(100 + seed)
        values = 50 + _wave(hour) + random.normal(0, 3, len(hour))
        places = sorted(random.choice(np.arange(50, len(hour) - 50, 40), 5, replace=False))
        for place in places:
            values[place : place + int(random.integers(1, 6))] += random.choice(
                [-1, 1]
            ) * random.uniform(15, 40)
        series = regular(
            [HOUR * n for n in range(len(hour))], list(values), horizon=HOUR, most_ahead=10
        )
        assert series is not None
        found = [item.start.timestamp() / HOUR for item in anomalies(series)]
        planted, told = planted + len(places), told + len(found)
        hits += sum(any(place - 1 <= at <= place + 6 for at in found) for place in places)
    return hits, planted, told


# ── what is printed ──────────────────────────────────────────────────────────────────────────────────


def rows(found: Sequence[Scored]) -> Iterator[tuple[str, ...]]:
    """By kind of series, and all together."""
    kinds = dict.fromkeys(item.kind for item in found)
    for name in [*kinds, "all"]:
        some = [item for item in found if name in {item.kind, "all"}]
        yield (
            name,
            str(len(some)),
            f"{sum(i.error for i in some) / sum(i.naive for i in some):.2f}",
            f"{sum(i.error for i in some) / sum(i.seasonal for i in some):.2f}",
            f"{statistics.fmean(i.inside for i in some) * 100:.0f} %",
            f"{sum(i.claimed for i in some)}",
            f"{sum(i.claimed and i.error > i.naive for i in some)}",
        )


HEAD = (
    "series",
    "number",
    "error by naive",
    "by seasonal naive",
    "in the interval",
    "said better",
    "and were worse",
)


def table(found: Sequence[Scored], hits: tuple[int, int, int]) -> str:
    """What docs/forecasting.md shows."""
    lines = [HEAD, tuple("---" for _ in HEAD), *rows(found)]
    printed = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    caught, planted, told = hits
    return (
        f"{printed}\n\nAnomalies: of {planted} planted ones {caught} were found ({caught / planted * 100:.0f} %); "
        f"{told} stretches were told."
    )


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--confidence", type=float, default=0.9)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--markdown", action="store_true", help="only the table")
    given = parser.parse_args()
    source = read(given.data) if given.data else made(given.seeds)
    found = [scored(kind, values, given.confidence) for kind, values in source]
    if not found:
        print(f"no series of {4 * AHEAD} hours in {given.data}", file=sys.stderr)
        return 1
    if not given.markdown:
        for item in found:
            print(
                f"{item.kind:24} {item.error / item.naive if item.naive else 0:6.2f}  {item.method}"
            )
    print(table(found, detected(given.seeds)))
    claimed = [item for item in found if item.claimed]
    worse = sum(i.error for i in claimed) > sum(i.naive for i in claimed)
    return 1 if given.check and worse else 0


if __name__ == "__main__":
    sys.exit(main())
