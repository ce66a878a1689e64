"""Whether requests are followed, and where their traces go."""

from __future__ import annotations

from collections.abc import Callable

from alma.core.ports.telemetry import NoTracing, Tracing
from alma.settings import Settings


def tracing_with(settings: Settings) -> tuple[Tracing, Callable[[], None]]:
    """The tracing, and what ends it."""
    return NoTracing(), lambda: None
