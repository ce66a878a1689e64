"""What operators are given, read for tests: the queries of the dashboard, the alerts, and the names in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

from alma.telemetry import TABLE, Kind

ROOT = Path(__file__).parents[1]
DASHBOARD = ROOT / "grafana-dashboard.json"
ALERTS = ROOT / "alerts.yml"
RULES = ROOT / "docker" / "prometheus" / "rules.yml"

# As Grafana puts them in.
_VARIABLES = {"$__rate_interval": "1m", "$instance": ".*"}
# Of Prometheus itself and its client library.
FOREIGN = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
_WORDS = {"sum", "max", "min", "rate", "increase", "histogram_quantile", "topk", "count", "vector"}
_GRAMMAR = _WORDS | {"by", "and", "or", "on", "unless", "le", "job"}
_SUFFIXES = ("_bucket", "_sum", "_count")


def queries() -> Iterator[tuple[str, str]]:
    """Every query of the dashboard, with the panel that it is in."""
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", ()):
            expression = target["expr"]
            for name, value in _VARIABLES.items():
                expression = expression.replace(name, value)
            yield f"{panel['title']} {target['refId']}", expression


def alerts() -> Iterator[tuple[str, str]]:
    """Every alert, with its expression."""
    for group in YAML(typ="safe").load(ALERTS)["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


def metrics_in(expression: str) -> set[str]:
    """The metrics that an expression asks for: words that are neither grammar, labels nor quoted."""
    bare = re.sub(r"\"[^\"]*\"|\{[^}]*\}|\[[^\]]*\]", " ", expression)
    bare = re.sub(r"\b(by|on)\s*\([^)]*\)", " ", bare)
    return set(re.findall(r"[a-z_][a-z0-9_]+", bare)) - _GRAMMAR


def known(name: str) -> bool:
    """Whether ALMA's exposition has series of that name."""
    if name in FOREIGN:
        return True
    metric = TABLE.get(name)
    if metric is not None:
        return metric.kind is not Kind.HISTOGRAM
    base = next((name.removesuffix(s) for s in _SUFFIXES if name.endswith(s)), name)
    return base in TABLE and TABLE[base].kind is Kind.HISTOGRAM
