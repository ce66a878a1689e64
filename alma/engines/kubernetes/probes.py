"""When a pod counts as started, as ready and as stuck, and in words whether that is still so. Pure.

What is declared and what is there are put into the same words, so that they can be compared. Every field that counts is
written, also where the server would fill in the same: it then is ALMA's, and a change of it can be taken back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from alma.core.model.base import canonical_json
from alma.core.model.blueprint import ResourceType
from alma.core.model.software import HealthCheck
from alma.core.model.state import DesiredResource

Probe = dict[str, Any]
_NAMES: Final = {"startupProbe": "started", "readinessProbe": "ready", "livenessProbe": "alive"}
_RETRIES: Final = 3
_PATIENCE: Final = 6
_CALM: Final = 10


def of(desired: DesiredResource) -> dict[str, Probe]:
    """The probes of its container. A pod is stuck later than it is not ready, as a stuck one is started again."""
    health = desired.health
    question = None if health is None else _question(health)
    if health is None or question is None:
        return {}
    every = max(1, round(health.interval))
    patience = {"timeoutSeconds": max(1, math.ceil(health.timeout)), "successThreshold": 1}
    common = {**question, **patience, "periodSeconds": every}
    tries = max(1, math.ceil(health.start_period / every))
    calm = {"periodSeconds": max(every, _CALM), "failureThreshold": _PATIENCE}
    return {
        "startupProbe": {**common, "failureThreshold": tries},
        "readinessProbe": {**common, "failureThreshold": _RETRIES},
        "livenessProbe": {**_sign_of_life(desired.type, health, question), **patience, **calm},
    }


def _sign_of_life(type_: ResourceType, health: HealthCheck, question: Probe) -> Probe:
    """A proxy answers for what is behind it. That nothing is there is no reason to start the proxy again."""
    if type_ is ResourceType.LOAD_BALANCER and health.kind == "http":
        return {"tcpSocket": {"port": health.port}}
    return question


def _question(health: HealthCheck) -> Probe | None:
    match health.kind:
        case "command":
            return {"exec": {"command": [*health.command]}} if health.command else None
        case "http":
            asked = {"path": health.path, "port": health.port, "scheme": "HTTP"}
            return {"httpGet": asked} if health.port else None
        case "tcp":
            return {"tcpSocket": {"port": health.port}} if health.port else None


# ── in words ─────────────────────────────────────────────────────────────────────────────────────


def words_of(container: Mapping[str, Any]) -> list[str]:
    """The probes of a container as it is declared or found: `ready: http 8080 /, every 2 s, 5 s each, 3 times`."""
    return [
        f"{word}: {_words(container[name])}" for name, word in _NAMES.items() if container.get(name)
    ]


def _words(probe: Mapping[str, Any]) -> str:
    every, each = probe.get("periodSeconds"), probe.get("timeoutSeconds")
    rhythm = f"every {every} s, {each} s each, {probe.get('failureThreshold')} times"
    wins = probe.get("successThreshold", 1)
    again = "" if wins == 1 else f", good after {wins}"
    return f"{_asked(probe)}, {rhythm}{again}"


def _asked(probe: Mapping[str, Any]) -> str:
    """What is asked, by every way that the probe has: there may be one that ALMA never writes."""
    found = []
    if http := probe.get("httpGet"):
        scheme = str(http.get("scheme", "HTTP")).lower()
        found.append(f"{scheme} {http.get('port')} {http.get('path', '/')}")
    if tcp := probe.get("tcpSocket"):
        found.append(f"tcp {tcp.get('port')}")
    if command := (probe.get("exec") or {}).get("command"):
        found.append(f"command {canonical_json(command)}")
    if "grpc" in probe:
        found.append(f"grpc {(probe['grpc'] or {}).get('port')}")
    return " and ".join(found) or "nothing"
