"""What a cluster lacks of what a resource asks for, and what was made there instead. Pure.

A shape says what is asked for, whatever cluster it is for and whether that was looked at before. So an object that was
made otherwise, because its cluster can't, carries why and how, and is read as what was asked for as long as it is so.
Once the cluster has what it lacked, the difference shows, and the next plan makes what was asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from alma.core.model.base import Json, canonical_json
from alma.core.model.state import DesiredResource, Properties, differing
from alma.engines.kubernetes import kinds, levels, marker, reach
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.options import options_of
from alma.engines.kubernetes.settings import KubernetesSettings

LOW_PORTS: Final = "low ports"


def lacking(
    desired: DesiredResource, settings: KubernetesSettings, served: Served
) -> Iterator[str]:
    """What would make this resource otherwise, and is not there: kinds, and `LOW_PORTS`."""
    operator = kinds.operator_kind(desired, None)
    wanted = {
        LOW_PORTS: levels.takes_low_ports(desired),
        reach.ROUTE: options_of(desired).gateway is not None,
        reach.INGRESS: settings.ingress_class is not None,
    } | ({operator: True} if operator else {})
    return (name for name, asked in wanted.items() if asked and not _has(served, name))


def _has(served: Served, name: str) -> bool:
    return levels.frees_low_ports(served) if name == LOW_PORTS else served.serves(name)


def note_of(asked: Properties, made: Properties, lacks: Iterator[str]) -> str | None:
    """For the annotation: by path, what was asked for and what was made. None where that is the same."""
    paths = differing(asked, made)
    if not paths:
        return None
    each = {path: {"asked": asked.get(path), "made": made.get(path)} for path in paths}
    return canonical_json({"lacks": [*lacks], "instead": each})


def as_asked(
    found: Mapping[str, Json], primary: Mapping[str, Any], served: Served | None
) -> dict[str, Json]:
    """The properties that were read, with what was asked for where what is there was made instead. Without `served`,
    the cluster is taken to be as it was."""
    note = _read(primary)
    read = dict(found)
    if served is not None and any(_has(served, str(name)) for name in note.get("lacks") or ()):
        return read
    for path, both in (note.get("instead") or {}).items():
        if read.get(path) == both.get("made"):
            read[path] = both.get("asked")
    return {path: value for path, value in read.items() if value is not None}


def _read(primary: Mapping[str, Any]) -> dict[str, Any]:
    text = ((primary.get("metadata") or {}).get("annotations") or {}).get(marker.INSTEAD, "{}")
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
