"""Where the core says what it counts and what it is at: the names are those of the metrics that operators see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

TRACE: ContextVar[str | None] = ContextVar("trace", default=None)
"""The trace that the caller is in, for lines of the log. Set by whoever implements `Tracing`."""


class Meters(Protocol):
    """Counters, histograms and gauges by name. Every name and its labels are declared in one table; an undeclared one
    is a fault of the caller and raises KeyError. Cheap, never blocks, safe from any thread."""

    def count(self, name: str, by: float = 1.0, **labels: str) -> None:
        """Adds to a counter."""

    def observe(self, name: str, value: float, **labels: str) -> None:
        """One more value of a histogram: seconds or bytes, as the name says."""

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """What a gauge stands at now."""

    def change(self, name: str, by: float, **labels: str) -> None:
        """Moves a gauge."""


class Tracing(Protocol):
    """Spans from a request to the engine's call. Without a tracer this costs a function call."""

    def span(
        self, name: str, *, after: str | None = None, **attributes: str
    ) -> AbstractContextManager[None]:
        """The time of the block, as a child of the span around it, or of the one that `after` carries over from
        elsewhere. An error that leaves the block is noted by its code. Attributes never hold secrets."""

    def note(self, **attributes: str) -> None:
        """What only becomes known within a span, added to it."""

    def carried(self) -> str | None:
        """The span around the caller, in the form in which it is handed to whoever goes on elsewhere or later (W3C
        `traceparent`); None without one."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of the exposition: `http_requests_total{endpoint="/metrics"} 7`."""

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


class Figures(Protocol):
    """What is true whoever counted: read from where it stands, at the moment it is asked."""

    def figures(self) -> Iterable[Sample]:
        """Values of gauges of the table. A part that can't be read is left out, and said to be."""


class Measurements(Protocol):
    """What all meters of this server stand at."""

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Everything in the format that the `Accept` header asks for, and its content type."""

    def samples(self) -> Sequence[Sample]:
        """The same as values; counters and histograms only, which change by being counted."""

    @property
    def covers(self) -> str:
        """Whose values these are: one process's, or all those of a server."""


class NoMeters:
    """`Meters` that count nothing: for what is wired without an installation around it."""

    def count(self, name: str, by: float = 1.0, **labels: str) -> None:
        """Nothing."""

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Nothing."""

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Nothing."""

    def change(self, name: str, by: float, **labels: str) -> None:
        """Nothing."""


class NoMeasurements(NoMeters):
    """The same, asked for what it has counted."""

    covers = "nothing: metrics are off"

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """An empty one."""
        return b"", "text/plain; version=0.0.4; charset=utf-8"

    def samples(self) -> Sequence[Sample]:
        """None."""
        return ()


_NOTHING = nullcontext()


class NoTracing:
    """`Tracing` that follows nothing."""

    def span(
        self, name: str, *, after: str | None = None, **attributes: str
    ) -> AbstractContextManager[None]:
        """The block, and nothing else."""
        return _NOTHING

    def note(self, **attributes: str) -> None:
        """Nothing."""

    def carried(self) -> str | None:
        """None."""
        return None
