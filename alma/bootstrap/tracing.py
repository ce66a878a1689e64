"""Whether requests are followed, and where their traces go."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

from alma import __version__
from alma.core.model.errors import InvalidInput
from alma.core.ports.telemetry import NoTracing, Tracing
from alma.settings import Settings, variable

# The standard's own names for a receiver: whoever sets one wants traces.
_RECEIVERS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def tracing_with(settings: Settings) -> tuple[Tracing, Callable[[], None]]:
    """The tracing, and what ends it. Off unless a receiver is named. Raises InvalidInput when the extra is missing."""
    wanted = settings.otlp_endpoint or any(variable(name) for name in _RECEIVERS)
    if not wanted or (variable("OTEL_SDK_DISABLED") or "").lower() == "true":
        return NoTracing(), lambda: None
    try:
        from alma.telemetry.tracing import OpenTelemetry, to_receiver
    except ImportError as error:
        raise InvalidInput(
            "traces need OpenTelemetry, which is not installed",
            hint="pip install 'alma[tracing]', or unset ALMA_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_ENDPOINT",
        ) from error
    instance = f"{socket.gethostname()}-{os.getpid()}"
    tracing = OpenTelemetry(
        to_receiver(settings.otlp_endpoint), version=__version__, instance=instance
    )
    return tracing, tracing.close
