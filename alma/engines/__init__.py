"""Adapters for what runs infrastructure: each translates one vendor to the engine contract.

An adapter knows the nouns and the ports of the core and nothing else of ALMA. Its SDK is imported
nowhere else, and only when the engine is used, so an engine that is not installed costs nothing.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from alma.core.model.access import DEFAULT_PROJECT, ProjectRules
from alma.core.model.connection import (
    CheckedConnection,
    Connection,
    ConnectionKey,
    ConnectionSource,
)
from alma.core.model.errors import AlmaError, Forbidden, InvalidInput
from alma.core.ports import Engine, SavedConnections
from alma.engines.connections import (
    DEFAULT,
    Place,
    of_this_machine,
    parsed,
    secret_fields,
    with_secrets,
)
from alma.engines.entries import Entry, load, third_party

__all__ = ["ALIASES", "ENGINES", "ConnectionFile", "EngineRegistry", "Entry"]

ENGINES: Mapping[str, Entry] = {
    "docker": Entry("alma.engines.docker:DockerEngine"),
    "kubernetes": Entry(
        "alma.engines.kubernetes.engine:KubernetesEngine", extra="kubernetes", connects=True
    ),
    "proxmox": Entry("alma.engines.proxmox.engine:ProxmoxEngine", extra="proxmox", connects=True),
    "simulation": Entry("alma.engines.simulation:SimulationEngine"),
}
ALIASES: Mapping[str, str] = {"fake": "simulation"}

# For so long, a connection that another process changed may still be used.
LOOK_SECONDS = 3.0
# While the database is away, what was known before holds; it is not asked at every call.
AWAY_SECONDS = 30.0
# An engine that was replaced may still be answering somebody: longer than any request takes.
RETIRED_SECONDS = 900.0

Settings = Mapping[str, Any] | BaseModel


@dataclass(frozen=True)
class ConnectionFile:
    """The connections that a file names, by engine and name. Secrets may be in files, relative to `folder`."""

    folder: Path = Path()
    connections: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Found:
    """What says how to reach a place: `project` when that project alone says so, `version` when it may change."""

    source: ConnectionSource
    settings: Settings
    project: str | None = None
    version: str = ""


@dataclass
class _Opened:
    engine: Engine
    version: str


@dataclass(frozen=True)
class _Retired:
    engine: Engine
    since: float


class EngineRegistry:
    """The engines of this installation: each connection is opened when it is first asked for, once for all projects
    that share it, and anew when it was changed.

    `settings` maps an engine's name to the settings of its default connection: a mapping, or an instance of the
    engine's `Settings` model. `common` are settings that are the installation's own and hold for every connection.
    `file` and `saved` know further connections; `variable` looks one up in the environment. `shared` are the places of
    environment and file that projects beside the default one may use; None: all.
    """

    def __init__(
        self,
        settings: Mapping[str, Settings] | None = None,
        *,
        table: Mapping[str, Entry] | None = None,
        common: Mapping[str, Mapping[str, Any]] | None = None,
        file: ConnectionFile | None = None,
        saved: SavedConnections | None = None,
        shared: Collection[str] | None = None,
        variable: Callable[[str], str | None] = lambda name: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = dict(settings or {})
        self._table = dict({**third_party(), **ENGINES} if table is None else table)
        self._common = dict(common or {})
        self._file = file or ConnectionFile()
        self._saved = saved
        self._shared = None if shared is None else frozenset(shared)
        self._variable = variable
        self._clock = clock
        self._versions: Mapping[ConnectionKey, str] = {}
        self._rules: Mapping[str, ProjectRules] = {}
        self._look_after = 0.0
        self._looked = False
        self._open: dict[tuple[Place, str | None], _Opened] = {}
        self._retired: list[_Retired] = []
        self._held: dict[str, dict[Place, Engine]] = {}
        self._lock = threading.RLock()  # asked from request threads and from the workflow's loop

    # ── names ────────────────────────────────────────────────────────────────────────────────────

    def names(self) -> list[str]:
        """All registered engines, sorted. Whether one can be used is for its `check` to say."""
        return sorted(self._table)

    def places(self, *, project: str = "default") -> list[str]:
        """Where something can land: engines that are configured or need not be, and named connections; sorted."""
        everywhere = [Place(name, "") for name in self._table]
        file = [
            Place(engine, _short(name))
            for engine in self._file.connections
            for name in self._file.connections[engine]
        ]
        saved = [Place(key.engine, key.name) for key in self._seen() if key.project == project]
        known = {place for place in (*everywhere, *file, *saved) if place.engine in self._table}
        return sorted(str(place) for place in known if self._configured(place, project))

    def listed(self, *, project: str = "default") -> list[str]:
        """What there is to speak of: every engine that is not closed to the project, configured or not, and its named
        connections; sorted."""
        self._seen()
        known = [name for name in self._table if not self._barred(Place(name, ""), project)]
        return sorted({*known, *self.places(project=project)})

    def canonical(self, name: str, *, project: str = "default") -> str:
        """The engine's own name, with the connection's unless that is the default one."""
        place = self._place(name)
        self._connection(place, project)
        return str(place)

    def spelled(self, name: str) -> str:
        """A place as ALMA writes it, whether or not there is such a connection; `proxmox@*` is every one. Raises
        InvalidInput when there is no such engine."""
        engine, at, connection = name.partition("@")
        every = connection.strip() == "*"
        place = self._place(engine if every else name)
        return f"{place.engine}@*" if every and at else str(place)

    # ── engines ──────────────────────────────────────────────────────────────────────────────────

    def get(self, name: str, *, project: str = "default", holder: str | None = None) -> Engine:
        """The engine of that name or alias, ignoring case, by the connection that holds for the project.

        Raises InvalidInput for a name that is not known or settings that don't fit, EngineUnavailable when what the
        engine needs is not installed. One that nobody configured is opened, and says so whenever it is asked.
        """
        place = self._place(name)
        held = self._held_by(holder, place)
        if held is not None:
            return held
        # Neither the look at what is saved nor the opening is under the lock: both may ask the database.
        found = self._connection(place, project)
        opened = self._fitting(place, found)
        made = self._make(place, found) if opened is None else None
        with self._lock:
            engine = opened or self._fitting(place, found) or self._kept(place, found, made)
            if holder is not None:
                engine = self._held.setdefault(holder, {}).setdefault(place, engine)
            return engine

    def release(self, holder: str) -> None:
        """Lets go of what the holder got."""
        with self._lock:
            self._held.pop(holder, None)

    def _held_by(self, holder: str | None, place: Place) -> Engine | None:
        with self._lock:
            return self._held.get(holder, {}).get(place) if holder is not None else None

    def _fitting(self, place: Place, found: _Found) -> Engine | None:
        """The open engine of a connection as it is now."""
        with self._lock:
            opened = self._open.get((place, found.project))
        return opened.engine if opened is not None and opened.version == found.version else None

    def _kept(self, place: Place, found: _Found, made: Engine | None) -> Engine:
        assert made is not None
        key = (place, found.project)
        self._retire(key)
        self._open[key] = _Opened(made, found.version)
        return made

    def _retire(self, key: tuple[Place, str | None]) -> None:
        before = self._open.pop(key, None)
        if before is not None:
            self._retired.append(_Retired(before.engine, self._clock()))

    async def tend(self) -> None:
        """Closes engines whose connection was changed or removed some time ago and which no run uses any more. Raises
        the first error of those that fail to close, like `close`."""
        await _close_all(await asyncio.to_thread(self._idle))

    def _idle(self) -> list[Engine]:
        seen = self._seen()
        with self._lock:
            for key, opened in list(self._open.items()):
                place, project = key
                if project and seen.get(ConnectionKey(project, *place)) != opened.version:
                    self._retire(key)
            used = [engine for held in self._held.values() for engine in held.values()]
            before = self._clock() - RETIRED_SECONDS
            idle = [r for r in self._retired if r.since <= before and r.engine not in used]
            self._retired = [r for r in self._retired if r not in idle]
        return [retired.engine for retired in idle]

    async def close(self) -> None:
        """Closes every engine that was opened. One that fails to close does not keep the others open; its error is
        raised at the end."""
        with self._lock:
            engines = [opened.engine for opened in self._open.values()]
            engines += [retired.engine for retired in self._retired]
            self._open, self._retired, self._held = {}, [], {}
        await _close_all(engines)

    # ── connections ──────────────────────────────────────────────────────────────────────────────

    def changed(self) -> None:
        """Somebody in this process changed a saved connection: the next call looks at once."""
        self._look_after = 0.0

    def connection(self, name: str, *, project: str = "default") -> Connection:
        """How a place is reached, as it may be shown. Raises like `get`; opens nothing."""
        place = self._place(name)
        found = self._connection(place, project)
        kind = load(place.engine, self._table[place.engine])
        settings = self._settings_of(place, found, kind)
        hidden = secret_fields(type(settings))
        own = {*hidden, *self._common.get(place.engine, {})}
        shown = settings.model_dump(mode="json", exclude=own, exclude_unset=True)
        return Connection(
            engine=str(place),
            source=found.source,
            settings=shown,
            secrets=tuple(sorted(n for n in hidden if getattr(settings, n) is not None)),
        )

    def checked(self, name: str, given: Mapping[str, Any]) -> CheckedConnection:
        """What may be saved as the connection of that name, secrets apart. Raises InvalidInput naming what is wrong
        without repeating a value, EngineUnavailable when the engine is not installed."""
        place = self._place(name)
        kind = load(place.engine, self._table[place.engine])
        reserved = sorted({*given} & {*self._common.get(place.engine, {})})
        if reserved:
            raise InvalidInput(
                f"The connection '{place}' can't say {', '.join(reserved)}",
                hint="that is the same for all connections: leave it out",
            )
        model = self._validated(place, kind, given, hint="correct it and send it again")
        hidden = secret_fields(kind.Settings)
        values = {n: getattr(model, n) for n in hidden if getattr(model, n) is not None}
        return CheckedConnection(
            engine=place.engine,
            name=place.name,
            settings=model.model_dump(
                mode="json",
                exclude={*hidden, *self._common.get(place.engine, {})},
                exclude_unset=True,
            ),
            secrets={n: value.get_secret_value() for n, value in values.items()},
            of_this_machine=tuple(
                n for n in of_this_machine(model) if n not in self._common.get(place.engine, {})
            ),
        )

    def _seen(self) -> Mapping[ConnectionKey, str]:
        """The versions of all saved connections, asked again after some seconds.

        Not under the lock: who asks may be in the middle of a transaction, and would wait for one that waits for it.
        """
        now = self._clock()
        if self._saved is None or (self._looked and now < self._look_after):
            return self._versions
        try:
            self._look_after = now + LOOK_SECONDS
            self._versions, self._rules = self._saved.versions(), self._saved.rules()
            self._looked = True
        except AlmaError:
            if not self._looked:
                raise
            self._look_after = now + AWAY_SECONDS
        return self._versions

    def _version(self, place: Place, project: str) -> str | None:
        return self._seen().get(ConnectionKey(project, *place))

    def _find(self, place: Place, project: str) -> _Found | None:
        """What says how to reach a place: the project, else the file, else the environment. None: nothing does, or
        the place is closed to the project."""
        version = self._version(place, project)
        if self._closed(place, project, own=version is not None):
            return None
        if version is not None:
            return _Found(ConnectionSource.PROJECT, {}, project=project, version=version)
        file = self._file.connections.get(place.engine, {})
        for name, settings in file.items():
            if _short(name) == place.name:
                return _Found(ConnectionSource.FILE, settings)
        if place.name:
            return None
        return _Found(ConnectionSource.ENVIRONMENT, self._settings.get(place.engine, {}))

    def _closed(self, place: Place, project: str, *, own: bool) -> bool:
        """Whether an administrator has closed the place to the project, or does not share it."""
        if self._barred(place, project):
            return True
        foreign = not own and project != DEFAULT_PROJECT and self._shared is not None
        return foreign and str(place) not in (self._shared or ())

    def _barred(self, place: Place, project: str) -> bool:
        rules = self._rules.get(project)
        return rules is not None and not rules.opens(str(place))

    def _configured(self, place: Place, project: str) -> bool:
        """Whether anything says where it is, if it has to be told."""
        found = self._find(place, project)
        if found is None or found.source is not ConnectionSource.ENVIRONMENT:
            return found is not None
        return bool(found.settings) or not self._table[place.engine].connects

    def _connection(self, place: Place, project: str) -> _Found:
        found = self._find(place, project)
        if found is not None:
            return found
        if self._closed(place, project, own=self._version(place, project) is not None):
            raise Forbidden(
                f"project {project} may not use {place}",
                hint="an administrator of the installation says which engines a project may use",
                details={"engine": str(place), "project": project},
            )
        prefix = f"{place.engine}@"
        places = self.places(project=project)
        known = [name for name in places if name == place.engine or name.startswith(prefix)]
        raise InvalidInput(
            f"Engine '{place.engine}' has no connection '{place.name}'",
            hint=f"known here: {', '.join(known)}" if known else "configure it first",
        )

    def _place(self, name: str) -> Place:
        wanted = parsed(name)
        known = ALIASES.get(wanted.engine, wanted.engine)
        if known in self._table:
            return wanted._replace(engine=known)
        available = f"available engines: {', '.join(self.names()) or 'none'}"
        raise InvalidInput(f"Unknown engine '{name}'", hint=available)

    # ── opening ──────────────────────────────────────────────────────────────────────────────────

    def _make(self, place: Place, found: _Found) -> Engine:
        kind = load(place.engine, self._table[place.engine])
        return cast("Engine", kind(self._settings_of(place, found, kind)))

    def _settings_of(self, place: Place, found: _Found, kind: Any) -> BaseModel:
        if isinstance(found.settings, kind.Settings):
            return cast("BaseModel", found.settings)
        return self._validated(
            place, kind, self._given(place, found, kind), hint=_MEND[found.source]
        )

    def _given(self, place: Place, found: _Found, kind: Any) -> Mapping[str, Any]:
        if found.project is not None and self._saved is not None:
            return self._saved.settings(ConnectionKey(found.project, *place))
        return with_secrets(
            dict(found.settings),
            kind.Settings,
            folder=self._file.folder,
            variable=self._variable,
        )

    def _validated(
        self, place: Place, kind: Any, given: Mapping[str, Any], *, hint: str
    ) -> BaseModel:
        model: type[BaseModel] = kind.Settings
        try:
            return model.model_validate({**self._common.get(place.engine, {}), **given})
        except ValidationError as error:
            problems = _reasons(error)
            raise InvalidInput(
                f"The settings of engine '{place}' are not valid: {'; '.join(problems)}",
                hint=hint,
                details={"errors": problems},
            ) from None  # pydantic's own text repeats the values, and one may be a password


_MEND = {
    ConnectionSource.ENVIRONMENT: "mend them in the environment and start again",
    ConnectionSource.FILE: "mend them in the file of connections and start again",
    ConnectionSource.PROJECT: "configure the connection again",
}


def _short(name: str) -> str:
    return "" if name == DEFAULT else name


async def _close_all(engines: list[Engine]) -> None:
    errors: list[AlmaError] = []
    for engine in engines:
        try:
            await engine.close()
        except AlmaError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _reasons(error: ValidationError) -> list[str]:
    details = error.errors(include_input=False, include_url=False, include_context=False)
    return [_reason(item["loc"], item["msg"]) for item in details]


def _reason(place: tuple[int | str, ...], message: str) -> str:
    words = message.removeprefix("Value error, ")
    return f"{'.'.join(map(str, place))}: {words}" if place else words
