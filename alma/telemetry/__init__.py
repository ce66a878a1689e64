"""Adapters for what operators look at: metrics for Prometheus, traces for OpenTelemetry.

`table` names every metric once; nothing of a library is imported before an installation with metrics or traces is
wired, and the command line never wires one.
"""

from alma.telemetry.table import TABLE, Kind, Metric

__all__ = ["TABLE", "Kind", "Metric"]
