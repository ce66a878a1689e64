"""Facts that are declared in `metadata`: what a blueprint has no field for, and nothing that ALMA makes can prove.

`metadata: {tls: {enabled: true}}` of a resource, else of the blueprint. A value of another kind than the fact's is no
declaration: it stays unknown, rather than guessed at.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from alma.core.model.blueprint import Blueprint, Resource
from alma.core.policy.said import plain_number, word_of
from alma.core.policy.vocabulary import FACTS, Kind

_DECLARED = {name: fact.kind for name, fact in FACTS.items() if fact.declared}
_DAYS_SINCE = {
    "r.backup.last_restore_test_days": ("backup", "last_restore_test"),
    "r.vulnerability.last_scan_days": ("vulnerability", "last_scan"),
    "r.access.last_review_days": ("access", "last_review"),
}
_VERSION = re.compile(r"^(?:tls\s?v?)?([0-9]+(?:\.[0-9]+)?)$", re.IGNORECASE)
_OPTIONS = {
    "r.location.host": ("node",),
    "r.protection.deletion": ("protection",),
    "r.runtime.unprivileged": ("unprivileged",),
}
_LISTS = {"r.data.classes": str.casefold, "r.runtime.caps_added": str.upper}
_SWITCHES = frozenset(
    name
    for name, kind in _DECLARED.items()
    if kind is Kind.BOOL
    and name.count(".") == 1  # `waf: true`, also written `waf: {enabled: true}`
)


class Declarations:
    """What a blueprint declares, for those paths that are asked for. `today` is what dates are counted from."""

    def __init__(self, blueprint: Blueprint, *, wanted: frozenset[str], today: date) -> None:
        self._today = today
        self._wanted = {name: kind for name, kind in _DECLARED.items() if name in wanted}
        self._none = dict.fromkeys(self._wanted)
        self._below: dict[str, list[tuple[str, Kind]]] = defaultdict(list)
        for name, kind in self._wanted.items():
            self._below[name.split(".")[1]].append((name, kind))
        if "r.location.region" in self._wanted:
            self._below["region"].append(("r.location.region", Kind.TEXT))
        self._shared: dict[str, Any] = self._none | self._of(blueprint.metadata)
        if "r.location.region" in self._wanted and self._shared["r.location.region"] is None:
            limits = blueprint.constraints
            self._shared["r.location.region"] = limits.region if limits else None

    def of(self, resource: Resource) -> dict[str, Any]:
        """The declared facts of one resource: its own, else the blueprint's."""
        own = self._of(resource.metadata) if resource.metadata else {}
        found = self._shared | own
        if resource.options:
            self._add_options(found, own, resource)
        if found.get("r.tier", "") is None:
            found["r.tier"] = resource.labels.get("tier")
        return found

    def _of(self, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """What is declared there, and nothing else."""
        found: dict[str, Any] = {}
        for key in metadata:
            for name, kind in self._below.get(key.split(".")[0], ()):
                value = self._read(metadata, name, kind)
                if value is not None:
                    found[name] = value
        return found

    def _read(self, metadata: Mapping[str, Any], name: str, kind: Kind) -> Any:
        path = tuple(name.split(".")[1:])
        value = at(metadata, path)
        if value is None and name in _DAYS_SINCE:
            return _days_since(at(metadata, _DAYS_SINCE[name]), self._today)
        if value is None and name == "r.location.region":
            return word_of(metadata.get("region"))
        if name in _SWITCHES and isinstance(value, Mapping):
            value = value.get("enabled")
        if name == "r.tls.min_version":
            return _tls_version(value)
        found = of_kind(value, kind)
        return tuple(map(_LISTS[name], found)) if name in _LISTS and found is not None else found

    def _add_options(
        self, found: dict[str, Any], own: Mapping[str, Any], resource: Resource
    ) -> None:
        """What the engine is told says more than what is declared for the whole blueprint."""
        options = resource.options.get("proxmox", {})
        for name, path in _OPTIONS.items():
            if name in self._wanted and name not in own:
                value = of_kind(at(options, path), self._wanted[name])
                found[name] = found[name] if value is None else value


def at(values: object, path: tuple[str, ...]) -> Any:
    """What stands at a path of nested mappings; also under the dotted path as one key. None when nothing does."""
    found = values
    for number, part in enumerate(path):
        if not isinstance(found, Mapping):
            return None
        if part not in found:
            return found.get(".".join(path[number:]))
        found = found[part]
    return found


def of_kind(value: Any, kind: Kind) -> Any:
    """The value if it is of that kind; None otherwise. One text is a list of one."""
    if kind is Kind.BOOL:
        return value if isinstance(value, bool) else None
    if kind is Kind.NUMBER:
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        return plain_number(value) if numeric else None
    if kind is Kind.TEXT:
        return word_of(value)
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple):
        return None
    return tuple(item.strip() for item in texts if isinstance(item, str))


def _days_since(value: object, today: date) -> int | None:
    """Days since a date of the form 2026-01-31. A day that is yet to come has not shown anything."""
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return (today - day).days if day is not None and day <= today else None


def _tls_version(value: object) -> int | float | None:
    """1.2, "1.2" and "TLSv1.2" are the same version."""
    match = _VERSION.match(str(value).strip()) if value is not None else None
    return plain_number(float(match[1])) if match else None
