"""Everything that can be said of a blueprint without deploying it: what the document shows, what engines make of it,
whether its budget can hold, and whether it still speaks of what it no longer has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from alma.core.model.access import Permission
from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint, Resource
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.document import diagnose
from alma.core.model.errors import AlmaError, NotFound
from alma.core.model.plan import Support, SupportLevel
from alma.core.model.principal import Principal
from alma.core.planning.resolve import Resolution
from alma.core.ports import Engine, Engines, Repositories
from alma.core.services.estimates import Estimates
from alma.core.services.plans import Plans

_WORST = [SupportLevel.EQUAL, SupportLevel.APPROXIMATED, SupportLevel.UNSUPPORTED]


class SupportNote(Frozen):
    """What an engine does not honour exactly of one resource; of the whole resource where `path` is empty."""

    resource: str
    path: str
    level: SupportLevel
    reason: str
    instances: int = Field(description="How many of its instances this is so for.")


class EngineSupport(Frozen):
    """What one engine makes of a blueprint. Where it can't be asked there is a reason, and nothing is promised."""

    engine: str
    level: SupportLevel | None = Field(
        default=None, description="The worst of all; null: not known."
    )
    equal: int = 0
    approximated: int = 0
    unsupported: int = Field(default=0, description="Resources with a property, or all, left out.")
    notes: tuple[SupportNote, ...] = ()
    reason: str | None = Field(default=None, description="Why it can't be asked.")


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found: remarks by their severity, and the engines one by one."""

    remarks: tuple[Diagnostic, ...]
    engines: tuple[EngineSupport, ...]


class Validating:
    """Validates blueprints of the caller's project. Reads the database and asks engines nothing over a network: call it
    in a thread."""

    def __init__(
        self, *, repositories: Repositories, engines: Engines, plans: Plans, estimates: Estimates
    ) -> None:
        self._repositories = repositories
        self._engines = engines
        self._plans = plans
        self._estimates = estimates

    def examine(
        self,
        principal: Principal,
        blueprint: Blueprint,
        *,
        id_: int | None = None,
        revision: int | None = None,
        asked: Sequence[str] = (),
    ) -> Examined:
        """Every remark, in the order of the document. `asked` names engines it has to fit, none means every one there
        is; `id_` and `revision` say where it is saved. Raises InvalidInput for an engine that nobody knows."""
        principal.require(Permission.BLUEPRINT_READ)
        project = principal.project
        places = [self._engines.canonical(name, project=project) for name in asked]
        shown = places or list(self._plans.engine_names(project))
        supports = {place: self._support(project, blueprint, place) for place in shown}
        remarks = [
            *diagnose(blueprint),
            *self._plans.landing(project, blueprint),
            *self._resolved(project, blueprint, places),
            *_unfit(blueprint, [supports[place] for place in places]),
            *self._budget(blueprint),
            *self._gone(principal, blueprint, id_, revision),
        ]
        once = dict.fromkeys(remarks)
        return Examined(tuple(once), tuple(supports.values()))

    # ── engines ──────────────────────────────────────────────────────────────────────────────────

    def _support(self, project: str, blueprint: Blueprint, place: str) -> EngineSupport:
        try:
            engine = self._engines.get(place, project=project)
        except AlmaError as error:
            return EngineSupport(engine=place, reason=error.message)
        resolution = self._plans.resolve(blueprint, engine.traits)
        return _supported(place, engine, resolution, blueprint)

    def _resolved(
        self, project: str, blueprint: Blueprint, places: Sequence[str]
    ) -> Iterator[Diagnostic]:
        """What the blueprint comes to where it is to land: software nobody knows, names that are taken."""
        for place in places or [blueprint.engine or self._plans.default_engine]:
            try:
                engine = self._engines.get(place, project=project)
            except AlmaError:
                continue  # Told already: by `landing`, or where that engine's support is.
            yield from self._plans.resolve(blueprint, engine.traits).diagnostics

    # ── money ────────────────────────────────────────────────────────────────────────────────────

    def _budget(self, blueprint: Blueprint) -> Iterator[Diagnostic]:
        limit = blueprint.constraints.max_monthly_cost if blueprint.constraints else None
        if limit is None or not blueprint.resources:
            return
        cost = self._estimates.estimate(blueprint).monthly
        if float(cost) <= limit:
            return
        variant = self._estimates.cheaper(blueprint, limit)
        least = variant.estimate.monthly
        hint = f"a smaller form costs ${least:,.2f}: {'; '.join(variant.changes[:3])}"
        if not variant.within:
            hint = f"even the smallest that still makes sense costs ${least:,.2f}: raise the limit or ask for less"
        yield Diagnostic(
            severity=Severity.WARNING,
            code="over_budget",
            path="constraints.max_monthly_cost",
            message=f"a month costs about ${cost:,.2f}, and the limit is ${limit:,.2f}",
            hint=hint,
        )

    # ── what it had before ───────────────────────────────────────────────────────────────────────

    def _gone(
        self, principal: Principal, blueprint: Blueprint, id_: int | None, revision: int | None
    ) -> Iterator[Diagnostic]:
        """Text values that name a resource which an earlier revision had: a host that a deployment would remove."""
        if id_ is None:
            return
        now = {item.name for item in blueprint.resources}
        gone = self._names_before(principal, id_, revision) - now
        if not gone:
            return
        words = {name: re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])") for name in gone}
        for index, item in enumerate(blueprint.resources):
            for path, text in _texts(item):
                for name in sorted(gone):
                    if words[name].search(text):
                        yield Diagnostic(
                            severity=Severity.WARNING,
                            code="refers_to_removed",
                            path=f"resources.{index}.{path}",
                            message=f"it names '{name}', which this revision no longer has",
                            hint="name what takes its place, or keep it",
                        )

    def _names_before(self, principal: Principal, id_: int, revision: int | None) -> set[str]:
        """The names of the revision before, and of those that are deployed."""
        project = principal.project
        names: set[str] = set()
        with self._repositories.read() as transaction:
            stacks = transaction.stacks.list(project=project, blueprint_id=id_)
            numbers = {stack.revision for stack in stacks if stack.revision}
            if revision is not None and revision > 1:
                numbers.add(revision - 1)
            for number in numbers:
                try:
                    found = transaction.blueprints.revision(id_, number, project=project)
                except NotFound:
                    continue
                names |= {item.name for item in found.blueprint.resources}
        return names


def _texts(item: Resource) -> Iterator[tuple[str, str]]:
    for key, value in item.env.items():
        if isinstance(value, str):
            yield f"env.{key}", value
    for number, part in enumerate(item.command):
        yield f"command.{number}", part


def _supported(
    place: str, engine: Engine, resolution: Resolution, blueprint: Blueprint
) -> EngineSupport:
    written = {item.name for item in blueprint.resources}
    counted: dict[tuple[str, Support], int] = {}
    worst: dict[str, SupportLevel] = {}
    for item in resolution.resources:
        # What nobody wrote is told by its address.
        name = item.resource.name if item.resource.name in written else item.address
        worst.setdefault(name, SupportLevel.EQUAL)
        for note in engine.support(item):
            counted[name, note] = counted.get((name, note), 0) + 1
            worst[name] = max(worst[name], note.level, key=_WORST.index)
    levels = list(worst.values())
    return EngineSupport(
        engine=place,
        level=max(levels, key=_WORST.index, default=SupportLevel.EQUAL),
        equal=levels.count(SupportLevel.EQUAL),
        approximated=levels.count(SupportLevel.APPROXIMATED),
        unsupported=levels.count(SupportLevel.UNSUPPORTED),
        notes=tuple(
            SupportNote(
                resource=name,
                path="" if note.path == "type" else note.path,
                level=note.level,
                reason=note.reason,
                instances=number,
            )
            for (name, note), number in counted.items()
        ),
    )


def _unfit(blueprint: Blueprint, supports: Sequence[EngineSupport]) -> Iterator[Diagnostic]:
    """What an engine that was asked for can't do: of a whole resource an error, of a property a warning."""
    places: Mapping[str, int] = {item.name: n for n, item in enumerate(blueprint.resources)}
    for support in supports:
        if support.reason is not None:
            yield Diagnostic(
                severity=Severity.WARNING,
                code="engine_missing",
                path="engine",
                message=f"{support.engine} can't be asked: {support.reason}",
            )
        for note in support.notes:
            if note.level is not SupportLevel.UNSUPPORTED:
                continue
            where = f"resources.{places[note.resource]}" if note.resource in places else "resources"
            yield Diagnostic(
                severity=Severity.WARNING if note.path else Severity.ERROR,
                code="unsupported",
                path=f"{where}.{note.path}".rstrip("."),
                message=f"{support.engine}: {note.reason}",
                hint="it will be left out"
                if note.path
                else "choose another engine or leave it out",
            )
