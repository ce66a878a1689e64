"""Where engines' classes are: ALMA's own and those that other installed distributions bring.

An engine is imported when it is asked for, so one whose SDK is not installed costs nothing, and says how to get it.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from alma.core.model.errors import EngineUnavailable

ENTRY_POINTS = "alma.engines"
_NEEDED = ("name", "traits", "check", "support", "shape", "effect", "read", "apply", "verify")


@dataclass(frozen=True)
class Entry:
    """Where an engine's class is, and the pip extra that brings its SDK (None: ALMA itself does). `connects`: it can do
    nothing before somebody says where it is, and is no place to land before that.

    The class is opened as `Class(settings)`, where `settings` is an instance of the pydantic model `Class.Settings`.
    """

    target: str
    extra: str | None = None
    distribution: str = "alma"
    connects: bool = False

    @property
    def install(self) -> str:
        """The command that installs what is missing."""
        return f'pip install "{self.distribution}{f"[{self.extra}]" if self.extra else ""}"'


def third_party() -> dict[str, Entry]:
    """The engines that other installed distributions bring. ALMA's own names can't be taken over."""
    found: dict[str, Entry] = {}
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        found.setdefault(point.name.casefold(), _entry_of(point))
    return found


def _entry_of(point: EntryPoint) -> Entry:
    extra = point.extras[0] if point.extras else None
    target = point.value.partition("[")[0].strip()
    return Entry(target, extra, point.dist.name if point.dist else point.name)


def load(name: str, entry: Entry) -> Any:
    """The engine's class. Raises EngineUnavailable when it can't be imported or is no engine."""
    module, _, attribute = entry.target.partition(":")
    try:
        kind = getattr(importlib.import_module(module), attribute, None)
    except ImportError as error:
        problem = f"is not installed completely: {error.msg}"
        raise _unusable(name, problem, entry) from error
    if kind is None:
        raise _unusable(name, f"is broken: {module} has no '{attribute}'", entry)
    missing = [part for part in (*_NEEDED, "close", "Settings") if not hasattr(kind, part)]
    if missing:
        problem = f"does not keep the engine contract: it has no {', '.join(missing)}"
        raise _unusable(name, problem, entry)
    return kind


def _unusable(name: str, problem: str, entry: Entry) -> EngineUnavailable:
    hint = f"install what it needs: {entry.install}"
    error = EngineUnavailable(f"Engine '{name}' {problem}", hint=hint, details={"engine": name})
    error.retryable = False  # somebody has to install something first
    return error
