"""A cheaper form of a blueprint, measure by measure, in the order of their risk.

Every saving is found by estimating the whole blueprint again with the measure in it, after all those before it: so the
savings add up to the difference of the two estimates to the cent, and nothing is counted twice. A measure that saves
nothing, or that leads to where the book has no price, is dropped. Once the target is met nothing further is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_FLOOR, Decimal

from alma.core.economics import buying
from alma.core.economics.figures import shown
from alma.core.economics.measures import Aims, Goal, Ground, Proposal, Stage, Use, lines_of
from alma.core.economics.rightsizing import MEMORY_HEADROOM, TARGET_UTILISATION, right_size
from alma.core.model.blueprint import Blueprint, Resource
from alma.core.model.conversation import SetField
from alma.core.model.cost import (
    CENT,
    Estimate,
    Measure,
    MeasureKind,
    Optimisation,
    Risk,
    Variant,
    cents,
)
from alma.core.model.software import Catalogue
from alma.core.model.units import Size

Pricing = Callable[[Blueprint], Estimate]
Smaller = Callable[[Blueprint, Decimal], Variant]

_RISKS = tuple(Risk)
_STAGES: tuple[Stage, ...] = (
    right_size,
    buying.storage_tiers,
    buying.schedules,
    buying.consolidation,
    buying.processors,
    buying.classes,
    buying.spot,
    buying.commitment,
    buying.long_commitment,
)


@dataclass
class _Search:
    """Where the search is: the blueprint so far, what it costs, and what led there."""

    ground: Ground
    price: Pricing
    estimate: Estimate
    limit: Decimal | None
    measures: list[Measure] = field(default_factory=list)
    riskier: dict[str, None] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        return self.limit is not None and self.estimate.monthly <= self.limit

    def take(self, proposals: Iterable[Proposal]) -> None:
        """The proposals of one stage: those that save most first, until the target is met."""
        bold = _RISKS.index(self.ground.aims.bold)
        wanted: list[Proposal] = []
        for proposal in _apart(proposals):
            if _RISKS.index(proposal.risk) <= bold:
                wanted.append(proposal)
            else:
                self.riskier[proposal.title] = None
        if wanted and not self.done:
            tried = self.price(_with(self.ground.blueprint, wanted))
            found = self._worth(wanted, tried)
            self._land(found, tried if len(found) == len(wanted) else None)

    def _worth(self, wanted: Sequence[Proposal], tried: Estimate) -> list[Proposal]:
        """Those that save something by themselves, as far as they are needed, the greatest saving first."""
        lost = set(tried.unpriced) - set(self.estimate.unpriced)
        savings = [
            (_saving(self.estimate, tried, proposal), number, proposal)
            for number, proposal in enumerate(wanted)
            if not proposal.lines & lost
        ]
        found: list[Proposal] = []
        left = self.estimate.monthly
        for saving, _, proposal in sorted(savings, key=lambda item: (-item[0], item[1])):
            if saving > 0 and not (self.limit is not None and left <= self.limit):
                found.append(proposal)
                left -= saving
        return found

    def _land(self, found: Sequence[Proposal], tried: Estimate | None) -> None:
        """Applies them, and says what each has saved. `tried` is what they cost together, if that is known."""
        if not found:
            return
        changed = _with(self.ground.blueprint, found)
        after = tried or self.price(changed)
        savings = [_saving(self.estimate, after, proposal) for proposal in found]
        if sum(savings) != self.estimate.monthly - after.monthly or min(savings) <= 0:
            self._one_by_one(found)
            return
        self.measures += [_measure(p, s) for p, s in zip(found, savings, strict=True)]
        self.ground, self.estimate = replace(self.ground, blueprint=changed), after

    def _one_by_one(self, found: Sequence[Proposal]) -> None:
        """Where measures touch each other's costs, each is estimated by itself, after those before it."""
        for proposal in found:
            changed = _with(self.ground.blueprint, [proposal])
            after = self.price(changed)
            saved = self.estimate.monthly - after.monthly
            if saved > 0 and not set(after.unpriced) - set(self.estimate.unpriced):
                self.measures.append(_measure(proposal, saved))
                self.ground, self.estimate = replace(self.ground, blueprint=changed), after


def optimise(
    blueprint: Blueprint,
    aims: Aims,
    *,
    price: Pricing,
    smaller: Smaller,
    catalogue: Catalogue,
    use: Mapping[str, Use],
) -> Optimisation:
    """The cheaper form that `aims` allow. `price` estimates a blueprint, `smaller` is the nearest variant within a
    limit, asked only where a target is not met otherwise. Never dearer than before; deterministic."""
    before = price(blueprint)
    limit = _limit(before, aims)
    ground = Ground(blueprint, catalogue, use, aims)
    search = _Search(ground, price, before, limit)
    for stage in _STAGES:
        if not search.done and (before.provider is not None or stage is right_size):
            search.take(stage(search.ground))
    if limit is not None and not search.done and not aims.gentle and aims.bold is Risk.HIGH:
        search.take(_shrunk(search.ground.blueprint, smaller(search.ground.blueprint, limit)))
    return Optimisation(
        before=before,
        after=search.estimate,
        blueprint=search.ground.blueprint,
        measures=tuple(search.measures),
        target=limit,
        met=None if limit is None else search.estimate.monthly <= limit,
        not_done=tuple(_not_done(search, blueprint)),
        assumptions=tuple(_assumptions(search)),
    )


def _limit(before: Estimate, aims: Aims) -> Decimal | None:
    """What it may cost at most, in whole cents, rounded so that the share is kept."""
    if aims.target is None:
        return None
    return (before.monthly * (1 - aims.target)).quantize(CENT, rounding=ROUND_FLOOR)


def _apart(proposals: Iterable[Proposal]) -> Iterator[Proposal]:
    """The first for each resource: two would overwrite each other."""
    seen: set[str] = set()
    for proposal in proposals:
        if not seen & proposal.changed.keys():
            seen |= proposal.changed.keys()
            yield proposal


def _with(blueprint: Blueprint, proposals: Iterable[Proposal]) -> Blueprint:
    changed: dict[str, Resource] = {}
    for proposal in proposals:
        changed |= proposal.changed
    resources = tuple(changed.get(resource.name, resource) for resource in blueprint.resources)
    return blueprint.model_copy(update={"resources": resources})


def _saving(before: Estimate, after: Estimate, proposal: Proposal) -> Decimal:
    return sum((before.of(name) - after.of(name) for name in proposal.lines), Decimal(0))


def _measure(proposal: Proposal, saving: Decimal) -> Measure:
    return Measure(
        kind=proposal.kind,
        resources=tuple(proposal.changed),
        title=proposal.title,
        saving=cents(saving),
        risk=proposal.risk,
        why=proposal.why,
        danger=proposal.danger,
        edits=proposal.edits,
    )


# ── the last resort ──────────────────────────────────────────────────────────────────────────────


def _shrunk(blueprint: Blueprint, variant: Variant) -> Iterator[Proposal]:
    """The steps of the nearest variant, resource by resource; those who share machines go together."""
    groups: dict[str, tuple[list[str], list[SetField]]] = {}
    resources = {resource.name: resource for resource in blueprint.resources}
    steps = {
        (edit.name, edit.path): change
        for edit, change in zip(variant.edits, variant.changes, strict=True)
        if isinstance(edit, SetField)
    }
    for edit in variant.edits:
        assert isinstance(edit, SetField), "a variant only sets fields"
        key = min(lines_of(resources[edit.name]), key=lambda name: not name.startswith("pool "))
        names, edits = groups.setdefault(key, ([], []))
        names.append(edit.name)
        edits.append(edit)
    for names, edits in groups.values():
        changed = {name: resources[name] for name in names}
        for edit in edits:
            changed[edit.name] = _set(changed[edit.name], edit)
        said = "; ".join(steps[edit.name, edit.path].rpartition(", ")[0] for edit in edits)
        yield Proposal(
            kind=MeasureKind.SMALLER,
            changed=changed,
            edits=tuple(edits),
            title=f"Make it smaller: {said}",
            risk=Risk.HIGH,
            why="the target is not met otherwise",
            danger="nothing that was observed says that this is enough",
            lines=frozenset(line for name in names for line in lines_of(resources[name])),
        )


def _set(resource: Resource, edit: SetField) -> Resource:
    head, _, inner = edit.path.partition(".")
    if not inner:
        return resource.model_copy(update={head: edit.value})
    value = Size(edit.value) if isinstance(edit.value, str) else edit.value
    return resource.model_copy(update={"specs": resource.specs.model_copy(update={inner: value})})


# ── what has to be said ──────────────────────────────────────────────────────────────────────────


def _not_done(search: _Search, blueprint: Blueprint) -> Iterator[str]:
    aims, provider = search.ground.aims, search.estimate.provider
    if search.done:
        return
    unseen = [r.name for r in blueprint.resources if r.name not in search.ground.use]
    if aims.gentle:
        yield "nothing was made smaller: performance is to be kept"
    elif unseen:
        yield "right-sizing needs what was in use: give metrics by resource (cpu_peak, memory_peak in percent)"
    if provider is None:
        yield "spot, commitments, schedules and storage classes cost the same on machines of one's own"
    for title in search.riskier:
        yield f"riskier than asked for: {title}"
    if aims.goal is Goal.BALANCED and aims.target is not None:
        yield "sizes that nobody has observed stay: the goal is balanced"


def _assumptions(search: _Search) -> Iterator[str]:
    kinds = {measure.kind for measure in search.measures}
    if MeasureKind.RIGHT_SIZE in kinds:
        yield (
            f"processors may be {shown(TARGET_UTILISATION * 100)} % busy at the busiest time, "
            f"memory {shown(MEMORY_HEADROOM * 100)} % full (assumption)"
        )
    if MeasureKind.SPOT in kinds or MeasureKind.COMMIT in kinds:
        yield "spot and commitment prices are estimates of one day"
