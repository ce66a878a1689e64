"""What all benchmarks share: samples, ratios against a baseline of the same run, and how both are printed.

A machine is fast today and busy tomorrow, so a bare figure says little. Each benchmark measures a baseline beside ALMA,
in turns, and the ratio is the median of the ratios turn by turn: what slows one half of a turn slows the other, too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Self


class Skipped(Exception):
    """What is needed is not there. The message says what, for people."""


@dataclass(frozen=True)
class Options:
    """What the command line asked for. `rounds` is how many turns are measured, after one that warms up."""

    quick: bool
    rounds: int


@dataclass(frozen=True)
class Row:
    """One quantity, measured turn by turn for ALMA and for a baseline."""

    what: str
    unit: str
    alma: tuple[float, ...]
    baseline: str
    baseline_samples: tuple[float, ...]
    more_is_better: bool = False

    @property
    def ratios(self) -> tuple[float, ...]:
        """ALMA's sample divided by the baseline's, for each turn."""
        return tuple(
            ours / theirs
            for ours, theirs in zip(self.alma, self.baseline_samples, strict=True)
            if theirs
        )

    def as_json(self) -> dict[str, Any]:
        """The row with its ratio worked out."""
        return {**asdict(self), "ratio": statistics.median(self.ratios) if self.ratios else None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The row that `as_json` described."""
        return cls(
            what=data["what"],
            unit=data["unit"],
            alma=tuple(data["alma"]),
            baseline=data["baseline"],
            baseline_samples=tuple(data["baseline_samples"]),
            more_is_better=data["more_is_better"],
        )


@dataclass(frozen=True)
class Report:
    """What one benchmark found. `skipped` says why it found nothing."""

    name: str
    title: str
    command: str = ""
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: str | None = None
    machine: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Everything, every single sample included."""
        return {**asdict(self), "rows": [row.as_json() for row in self.rows]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The report that `as_json` described."""
        rows = tuple(Row.from_json(row) for row in data["rows"])
        return cls(**{**data, "rows": rows, "notes": tuple(data["notes"])})


# ── measuring ────────────────────────────────────────────────────────────────────────────────────


class Samples:
    """Collects samples by name, in the order in which they come."""

    def __init__(self) -> None:
        self._found: dict[str, list[float]] = {}

    def add(self, name: str, value: float) -> None:
        """One more sample of that name."""
        self._found.setdefault(name, []).append(value)

    def __bool__(self) -> bool:
        return bool(self._found)

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def take(self, other: Samples) -> None:
        """All samples of another collection, after one's own."""
        for name, values in other._found.items():
            self._found.setdefault(name, []).extend(values)

    def of(self, name: str) -> tuple[float, ...]:
        """All samples of that name."""
        return tuple(self._found[name])

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Adds `<name> cpu` and `<name> wall`, in seconds, for what this process does in the block."""
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.add(f"{name} wall", time.perf_counter() - wall)
        self.add(f"{name} cpu", time.process_time() - cpu)

    def row(
        self,
        what: str,
        unit: str,
        pair: tuple[str, str],
        *,
        against: str,
        more_is_better: bool = False,
    ) -> Row:
        """A row of two names: ALMA's and the baseline's."""
        ours, theirs = pair
        return Row(what, unit, self.of(ours), against, self.of(theirs), more_is_better)


def machine() -> dict[str, Any]:
    """What the figures were measured on. Nothing in it names the machine."""
    return {
        "processor": _processor(),
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


# ── printing ─────────────────────────────────────────────────────────────────────────────────────


def as_text(report: Report) -> str:
    """The report for a terminal."""
    lines = [report.title, "=" * len(report.title)]
    if report.skipped:
        return "\n".join([*lines, f"skipped: {report.skipped}"])
    cells = [_HEAD, *(_cells(row) for row in report.rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD))]
    for number, row in enumerate(cells):
        lines.append(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
        if number == 0:
            lines.append("  ".join("-" * width for width in widths))
    lines += [f"- {note}" for note in report.notes]
    lines.append(f"- {machine_line(report.machine)}")
    return "\n".join(lines)


def as_markdown(reports: Sequence[Report]) -> str:
    """One table of several reports, with the commands that make it and the machine it was made on."""
    lines = ["| What | ALMA | Baseline | Ratio |", "|---|---:|---:|---:|"]
    for report in reports:
        for row in report.rows:
            what, alma, baseline, theirs, ratio = _cells(row)
            lines.append(f"| {what} | {alma} | {baseline}: {theirs} | {ratio} |")
    measured = [report for report in reports if report.rows]
    if measured:
        on = machine_line(*(report.machine for report in measured))
        commands = ", ".join(f"`{report.command}`" for report in measured)
        lines += ["", f"Medians; the best in brackets. {on}. Commands: {commands}."]
    lines += [f"Skipped: {report.name} ({report.skipped})." for report in reports if report.skipped]
    return "\n".join(lines)


def machine_line(*facts: Mapping[str, Any]) -> str:
    """The machine in one line, and how busy it was when each of the measurements began."""
    one, loads = facts[0], sorted({item["load"] for item in facts})
    load = " to ".join(str(value) for value in dict.fromkeys([loads[0], loads[-1]]))
    cpus = f"{one['cpus']} CPUs (load {load} at the start)"
    return f"{one['processor']}, {cpus}, {one['system']}, {one['python']}"


_HEAD = ("what", "ALMA", "baseline", "its figure", "ratio")


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    ratios = row.ratios
    ratio = "-"
    if ratios:
        direction = "more is better" if row.more_is_better else "less is better"
        spread = f"{min(ratios):.3g} to {max(ratios):.3g}, " if len(ratios) > 1 else ""
        ratio = f"{statistics.median(ratios):.3g} ({spread}{direction})"
    return row.what, _figure(row.alma, row), row.baseline, _figure(row.baseline_samples, row), ratio


def _figure(samples: Sequence[float], row: Row) -> str:
    best = max(samples) if row.more_is_better else min(samples)
    return f"{_short(statistics.median(samples))} {row.unit} ({_short(best)})"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


# ── running ──────────────────────────────────────────────────────────────────────────────────────


def run(name: str, title: str, measure: Callable[[Options], Report], *, rounds: int) -> int:
    """The command line of one benchmark. The exit code is 0 whatever the figures are, and when it was skipped."""
    leave_when_asked()
    parser = arguments(title)
    chosen = parser.parse_args()
    default = max(1, rounds // 3) if chosen.quick else rounds
    options = Options(quick=chosen.quick, rounds=chosen.rounds or default)
    facts = machine()
    try:
        found = measure(options)
    except Skipped as reason:
        found = Report(name, title, skipped=str(reason))
    command = " ".join(["python -m", f"benchmarks.{name}", *(["--quick"] if chosen.quick else [])])
    report = Report(
        name, title, command, found.rows, found.notes, skipped=found.skipped, machine=facts
    )
    if chosen.json:
        json.dump(report.as_json(), sys.stdout)
        print()
    else:
        print(as_markdown([report]) if chosen.markdown else as_text(report))
    return 0


def leave_when_asked() -> None:
    """Makes a request to end (SIGTERM) leave through the `finally` blocks: what was made is removed. Asked twice, as
    by Ctrl-C in a terminal and then by the script that called this one, it goes on removing."""

    def leave(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, leave)


def arguments(title: str) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--quick", action="store_true", help="fewer turns: a rough idea, soon")
    parser.add_argument("--rounds", type=int, metavar="N", help="how many turns to measure")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON with every sample")
    form.add_argument("--markdown", action="store_true", help="print the table for a document")
    return parser


def progress(text: str) -> None:
    """A word to whoever waits, apart from the figures."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
