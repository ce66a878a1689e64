"""Looks at every part that could be down, really, and says what it saw."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import Field

from alma.core.model.access import DEFAULT_PROJECT, Permission
from alma.core.model.base import Frozen, Json
from alma.core.model.engine import Health as EngineHealth
from alma.core.model.errors import AlmaError, EngineUnavailable
from alma.core.model.principal import Principal
from alma.core.ports import DeploymentQueue, Engines, LanguageModel, Repositories

_PATIENCE_SECONDS = 5.0


class ComponentHealth(Frozen):
    """One part: `healthy`, `degraded` (optional and down) or `unhealthy` (needed and down)."""

    status: Literal["healthy", "degraded", "unhealthy"]
    detail: str
    latency_ms: float
    facts: Mapping[str, Json] = Field(default_factory=dict)


class HealthReport(Frozen):
    """All parts. Engines other than the default one may be down without making the whole unhealthy."""

    status: Literal["healthy", "degraded", "unhealthy"]
    version: str
    components: Mapping[str, ComponentHealth]

    def for_strangers(self) -> HealthReport:
        """Whether it works, and nothing of how it is set up."""
        parts = {name: part for name, part in self.components.items() if name in _EVERYWHERE}
        bare = {
            name: ComponentHealth(status=part.status, detail="", latency_ms=part.latency_ms)
            for name, part in parts.items()
        }
        return HealthReport(status=self.status, version="", components=bare)


# Parts that every installation has, so that their names tell nothing.
_EVERYWHERE = frozenset({"database", "workflow"})


class HealthChecks:
    """Asks the database, the workflow, every engine and the language model, each for a bounded time."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        queue: DeploymentQueue,
        engines: Engines,
        default_engine: str,
        version: str,
        model: LanguageModel | None = None,
        usage: Callable[[], Mapping[str, Json]] = dict,
    ) -> None:
        """`usage` says what language models were asked and took since this process began."""
        self._repositories = repositories
        self._queue = queue
        self._engines = engines
        self._default = default_engine
        self._version = version
        self._model = model
        self._usage = usage
        self._leaving = False

    def leave(self) -> None:
        """From now on this process is not ready: whoever spreads requests sends it no new ones."""
        self._leaving = True

    async def report(self) -> HealthReport:
        """The state of every part at this moment."""
        names = list(self._engines.places())
        parts = await asyncio.gather(
            self._database(), self._workflow(), *(self._engine(name) for name in names)
        )
        keys = ["database", "workflow", *(f"engine:{name}" for name in names)]
        found = dict(zip(keys, parts, strict=True))
        if self._model is not None:
            found["language_model"] = await self._language_model(self._model)
        return self._summed(found)

    async def ready(self) -> HealthReport:
        """Whether requests can be taken at all: the database and the workflow, but no engines."""
        database, workflow = await asyncio.gather(self._database(), self._workflow())
        if workflow.status == "unhealthy" and workflow.facts.get("separate"):
            # Everything but deploying goes on without the workers: no reason to answer nobody.
            workflow = workflow.model_copy(update={"status": "degraded"})
        found = {"database": database, "workflow": workflow}
        if self._leaving:
            found["server"] = ComponentHealth(status="unhealthy", detail="leaving", latency_ms=0)
        return self._summed(found)

    def _summed(self, components: Mapping[str, ComponentHealth]) -> HealthReport:
        parts = components.values()
        states = {part.status for part in parts}
        worst: Literal["healthy", "degraded", "unhealthy"] = (
            "unhealthy"
            if "unhealthy" in states
            else "degraded"
            if "degraded" in states
            else "healthy"
        )
        return HealthReport(status=worst, version=self._version, components=components)

    async def _database(self) -> ComponentHealth:
        started = time.perf_counter()
        try:
            await asyncio.to_thread(self._repositories.ping)
        except AlmaError as error:
            return ComponentHealth(
                status="unhealthy", detail=error.message, latency_ms=_since(started)
            )
        return ComponentHealth(status="healthy", detail="answers", latency_ms=_since(started))

    async def _workflow(self) -> ComponentHealth:
        started = time.perf_counter()
        found = await asyncio.to_thread(self._queue.check)
        status: Literal["healthy", "unhealthy"] = "healthy" if found.available else "unhealthy"
        return ComponentHealth(
            status=status, detail=found.detail, latency_ms=_since(started), facts=found.facts
        )

    async def _engine(self, name: str) -> ComponentHealth:
        started = time.perf_counter()
        found = await self._asked(name, DEFAULT_PROJECT)
        down: Literal["degraded", "unhealthy"] = (
            "unhealthy" if name == self.default_place() else "degraded"
        )
        return ComponentHealth(
            status="healthy" if found.available else down,
            detail=found.detail,
            latency_ms=_since(started),
            facts={"version": found.version, "problems": list(found.problems), **found.facts},
        )

    async def _language_model(self, model: LanguageModel) -> ComponentHealth:
        """Never more than degraded: without a model everything is answered offline."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                found = await model.check()
        except TimeoutError:
            detail = f"no answer within {_PATIENCE_SECONDS:g} s"
            found = EngineHealth(engine=model.name, available=False, detail=detail)
        return ComponentHealth(
            status="healthy" if found.available else "degraded",
            detail=found.detail,
            latency_ms=_since(started),
            facts={"model": model.name, **self._usage()},
        )

    async def engine(self, principal: Principal, name: str) -> EngineHealth:
        """One engine's own answer by the connection of the caller's project, under the name that stacks are kept under.
        Raises InvalidInput for a name that is not known here."""
        principal.require(Permission.ENGINE_READ)
        return await self._asked(name, principal.project)

    async def _asked(self, name: str, project: str) -> EngineHealth:
        try:
            place = self._engines.canonical(name, project=project)
        except EngineUnavailable as error:
            return _absent(name.strip().casefold(), error)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                found = await self._engines.get(place, project=project).check()
        except TimeoutError:
            detail = f"no answer within {_PATIENCE_SECONDS:g} s"
            return EngineHealth(engine=place, available=False, detail=detail)
        except AlmaError as error:
            return _absent(place, error)
        return found.model_copy(update={"engine": place})

    def default_place(self) -> str:
        """Where a blueprint lands that names no engine."""
        try:
            return self._engines.canonical(self._default)
        except AlmaError:
            return self._default


def _absent(place: str, error: AlmaError) -> EngineHealth:
    problems = (error.hint,) if error.hint else ()
    return EngineHealth(engine=place, available=False, detail=error.message, problems=problems)


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
