"""Whose field is it: what ALMA may take over from another field manager, and what it set itself before. Pure.

Every field of an object has owners, which the server keeps. ALMA applies without force first. What that conflicts with
was set by somebody else, to another value; it is taken over only when the approved change says so, by naming the
property that the field belongs to. So a drift that was seen and approved is mended, and what nobody saw stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from alma.engines.kubernetes.client import FIELD_MANAGER
from alma.engines.kubernetes.marker import is_reserved

Object = Mapping[str, Any]

_CONTAINER = r"containers\[[^\]]*\]"
_POD = r"spec\.template\.spec"

# What a field is in the blueprint's words. The first that fits counts; {0} is what its brackets found.
_PROPERTIES: Final[tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]] = tuple(
    (re.compile(pattern), paths)
    for pattern, paths in (
        (r"metadata\.labels\.(.+)", ("labels.{0}",)),
        (r"spec\.replicas$", ("count",)),
        (rf"{_POD}\.{_CONTAINER}\.image$", ("image", "software")),
        (
            rf"{_POD}\.{_CONTAINER}\.resources",
            ("specs.cpu", "specs.memory", "specs.disk", "specs.gpu"),
        ),
        (rf"{_POD}\.{_CONTAINER}\.env\[name=\"([^\"]*)\"\]", ("env.{0}",)),
        (rf"{_POD}\.{_CONTAINER}\.env", ("env.",)),
        (rf"{_POD}\.{_CONTAINER}\.(?:command|args)", ("command",)),
        (rf"{_POD}\.{_CONTAINER}\.(?:startup|readiness|liveness)Probe", ("health",)),
        (rf"{_POD}\.{_CONTAINER}\.ports", ("ports",)),
        (rf"{_POD}\.{_CONTAINER}\.volumeMounts", ("mounts", "files.")),
        (rf"{_POD}\.volumes", ("mounts", "files.")),
        (r"spec\.template\.metadata\.labels\.network\.alma\.dev/", ("networks",)),
        (r"spec\.template\.metadata\.labels\.(.+)", ("labels.{0}",)),
        (r"spec\.template\.metadata\.annotations", ("files.", "env.")),
        (r"(?:data|binaryData|stringData)\b", ("files.", "env.")),
        (r"spec\.(?:ports|type)\b", ("ports", "public")),
        (
            r"spec\.(?:ingress|egress|podSelector|policyTypes)\b",
            ("networks", "rules", "ports", "reach"),
        ),
        (r"spec\.resources\.requests\.storage$", ("specs.disk",)),
        (r"spec\.(?:minReplicas|maxReplicas|metrics)\b", ("count", "options.")),
    )
)
_OWN = re.compile(r"metadata\.(?:labels|annotations)\.(?P<name>.+)")


def properties_of(field: str) -> tuple[str, ...]:
    """The blueprint's paths that a field of a manifest belongs to; one that ends in `.` means all below it. Empty:
    nothing in a blueprint says it."""
    for pattern, paths in _PROPERTIES:
        if found := pattern.match(field):
            return tuple(path.format(*found.groups()) for path in paths)
    return ()


def not_approved(
    owners: Mapping[str, Sequence[str]], named: Iterable[str], *, stopped: bool = False
) -> dict[str, list[str]]:
    """The fields, by their owner, that an approved change of the properties `named` does not take over. ALMA's own
    marker is always ALMA's; `stopped`: nothing runs, and that it runs again is what every change is for."""
    approved = tuple(named)
    left = {
        owner: [
            field
            for field in dict.fromkeys(fields)
            if not _may_take(field, approved, stopped=stopped)
        ]
        for owner, fields in owners.items()
    }
    return {owner: fields for owner, fields in left.items() if fields}


def _may_take(field: str, approved: Sequence[str], *, stopped: bool) -> bool:
    own = _OWN.match(field)
    if own and is_reserved(own["name"]):
        return True
    if stopped and field == "spec.replicas":
        return True
    return any(_covers(path, name) for path in properties_of(field) for name in approved)


def _covers(path: str, name: str) -> bool:
    return name.startswith(path) if path.endswith(".") else name == path


# ── what was applied before ──────────────────────────────────────────────────────────────────────


def applied(found: Object) -> dict[str, Any] | None:
    """The manifest that ALMA applied last, as far as its fields are still its own; None when it never did.

    Source of the format: Kubernetes' structured-merge-diff, `fieldpath` (f: a field, k: an element by its keys, v: an
    element by its value, `.`: the thing itself).
    """
    for entry in found["metadata"].get("managedFields") or ():
        if entry.get("manager") == FIELD_MANAGER and entry.get("operation") == "Apply":
            taken = _taken(found, entry.get("fieldsV1") or {})
            metadata = found["metadata"]
            named = {key: metadata[key] for key in ("name", "namespace") if key in metadata}
            return {
                **taken,
                "apiVersion": found["apiVersion"],
                "kind": found["kind"],
                "metadata": {**taken.get("metadata", {}), **named},
            }
    return None


def _taken(value: Any, fields: Mapping[str, Any]) -> Any:
    """The part of a value that these fields are about. No fields: all of it, as of one piece."""
    if not fields:
        return value
    inner = {key: below for key, below in fields.items() if key != "."}
    if isinstance(value, Mapping):
        names = {key[2:]: below for key, below in inner.items() if key.startswith("f:")}
        return {name: _taken(value[name], below) for name, below in names.items() if name in value}
    if isinstance(value, list):
        return [part for item in value for part in [_element(item, inner)] if part is not _NOT_OURS]
    return value


_NOT_OURS: Final = object()


def _element(item: Any, fields: Mapping[str, Any]) -> Any:
    """The part of a list's element that is ALMA's, with the keys it is known by; `_NOT_OURS` if there is none."""
    for key, below in fields.items():
        if key.startswith("v:") and json.loads(key[2:]) == item:
            return item
        if key.startswith("k:") and isinstance(item, Mapping):
            keys = json.loads(key[2:])
            if all(item.get(name) == known for name, known in keys.items()):
                return {**keys, **(_taken(item, below) if below else {})}
    return _NOT_OURS
