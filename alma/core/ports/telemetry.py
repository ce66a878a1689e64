"""Where the core says what it counts: the names are those of the metrics that operators see."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


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

    def span(self, name: str, **attributes: str) -> AbstractContextManager[None]:
        """The time of the block, as a child of the span around it. Attributes never hold secrets."""


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
