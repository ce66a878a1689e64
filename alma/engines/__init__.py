"""Adapters for what runs infrastructure: each translates one vendor to the engine contract.

An adapter knows the nouns and the ports of the core and nothing else of ALMA. Its SDK is imported
nowhere else, and only when the engine is used, so an engine that is not installed costs nothing.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from alma.core.model.errors import AlmaError, EngineUnavailable, InvalidInput
from alma.core.ports import Engine


@dataclass(frozen=True)
class Entry:
    """Where an engine's class is, and the pip extra that brings its SDK (None: ALMA itself does).

    The class is opened as `Class(settings)`, where `settings` is an instance of the pydantic model `Class.Settings`.
    """

    target: str
    extra: str | None = None
    distribution: str = "alma"

    @property
    def install(self) -> str:
        """The command that installs what is missing."""
        return f'pip install "{self.distribution}{f"[{self.extra}]" if self.extra else ""}"'


ENGINES: Mapping[str, Entry] = {
    "docker": Entry("alma.engines.docker:DockerEngine"),
    "simulation": Entry("alma.engines.simulation:SimulationEngine"),
}
ALIASES: Mapping[str, str] = {"fake": "simulation"}
# People know these from the documentation. They get an honest answer instead of "unknown".
PLANNED = frozenset({"kubernetes", "proxmox"})
ENTRY_POINTS = "alma.engines"
_NEEDED = ("name", "traits", "check", "support", "shape", "effect", "read", "apply", "verify")


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


class EngineRegistry:
    """The engines of this installation: each is imported and opened when it is first asked for, once.

    `settings` maps an engine's name to its settings: a mapping, or an instance of the engine's `Settings` model.
    """

    def __init__(
        self,
        settings: Mapping[str, Mapping[str, Any] | BaseModel] | None = None,
        *,
        table: Mapping[str, Entry] | None = None,
    ) -> None:
        self._settings = dict(settings or {})
        self._table = dict({**third_party(), **ENGINES} if table is None else table)
        self._open: dict[str, Engine] = {}
        self._lock = threading.Lock()  # asked from request threads and from the workflow's loop

    def names(self) -> list[str]:
        """All registered names, sorted. Whether one can be used is for its `check` to say."""
        return sorted(self._table)

    def get(self, name: str) -> Engine:
        """The engine of that name or alias, ignoring case.

        Raises InvalidInput for a name that is not registered or settings that don't fit, EngineUnavailable when what
        the engine needs is not installed.
        """
        known = self._resolve(name)
        with self._lock:
            if known not in self._open:
                self._open[known] = self._make(known)
            return self._open[known]

    async def close(self) -> None:
        """Closes every engine that was opened. One that fails to close does not keep the others open; its error is
        raised at the end."""
        with self._lock:
            engines, self._open = list(self._open.values()), {}
        errors: list[AlmaError] = []
        for engine in engines:
            try:
                await engine.close()
            except AlmaError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def _resolve(self, name: str) -> str:
        wanted = name.strip().casefold()
        known = ALIASES.get(wanted, wanted)
        if known in self._table:
            return known
        available = f"available engines: {', '.join(self.names()) or 'none'}"
        if known in PLANNED:
            raise InvalidInput(
                f"Engine '{known}' is not available in this version of ALMA", hint=available
            )
        raise InvalidInput(f"Unknown engine '{name}'", hint=available)

    def _make(self, name: str) -> Engine:
        kind = _load(name, self._table[name])
        return cast("Engine", kind(self._settings_of(name, kind)))

    def _settings_of(self, name: str, kind: Any) -> BaseModel:
        model: type[BaseModel] = kind.Settings
        given = self._settings.get(name, {})
        if isinstance(given, model):
            return given
        try:
            return model.model_validate(given if isinstance(given, dict) else dict(given))
        except ValidationError as error:
            raise InvalidInput(
                f"The settings of engine '{name}' are not valid: {_reasons(error)}",
                hint="mend them in the environment and start again",
            ) from None  # pydantic's own text repeats the values, and one may be a password


def _reasons(error: ValidationError) -> str:
    details = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in details)


def _load(name: str, entry: Entry) -> Any:
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
