"""Architect: what the plan does to what runs, what the engine does not honour, and what everything hangs on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from alma.core.agent.examiners.by_rules import by_rules
from alma.core.agent.examiners.findings import fact, figure, noted
from alma.core.model.blueprint import Blueprint, Resource, ResourceType
from alma.core.model.council import Agent, CouncilFinding
from alma.core.model.diagnostic import Severity
from alma.core.model.finding import Gravity
from alma.core.model.plan import Action, Change, Plan, Support, SupportLevel
from alma.core.model.state import is_among
from alma.core.planning.order import blast_radius, waves
from alma.core.services.dossiers import Dossier

_ME = Agent.ARCHITECT
_T = ResourceType
_HOLDS_DATA = frozenset({_T.DATABASE, _T.QUEUE, _T.VOLUME, _T.OBJECT_STORE})
_RUNS = frozenset(_T) - {_T.NETWORK, _T.FIREWALL, _T.VOLUME, _T.OBJECT_STORE}
# Properties whose loss is felt only when it is too late.
_DEAR = ("backup.", "backup", "policies.", "policies", "rules", "network.public_ip", "mounts")
_HALF, _MANY = 0.5, 4
_NAMED = 5


def examine(dossier: Dossier) -> Iterator[CouncilFinding]:
    """What the rules, the plan and the graph of the blueprint say."""
    ruled = list(by_rules(_ME, dossier))
    yield from ruled
    if dossier.plan is not None:
        production = _is_production(dossier.blueprint)
        yield from _problems(dossier.plan)
        yield from _support(dossier.plan)
        yield from _losses(dossier.plan, removal=dossier.destroys)
        if not dossier.destroys:
            yield from _outages(dossier.plan, production=production)
            yield from _radius(dossier.plan)
            yield from _places(dossier.plan, production=production)
            yield from _drift(dossier.plan)
    if not dossier.destroys:
        known = {found.path.split(".")[1] for found in ruled if found.code in _ALONE}
        yield from _single_points(dossier.blueprint, known)


# ── what the engine says ─────────────────────────────────────────────────────────────────────────


def _problems(plan: Plan) -> Iterator[CouncilFinding]:
    told = {(c.address, note.path) for c in plan.changes for note in c.support}
    for item in plan.diagnostics:
        address, _, rest = item.path.partition(".")
        error = item.severity is Severity.ERROR
        if item.severity is Severity.INFO or (not error and (address, rest) in told):
            continue
        path = f"plan.{item.path}" if item.path else "plan"
        yield noted(
            _ME,
            "PLAN-ERROR" if error else "PLAN-WARNING",
            Gravity.CRITICAL if error else Gravity.LOW,
            title="Can't run like this" if error else "Remark of the engine or the planner",
            path=path,
            message=item.message,
            remediation=item.hint or "",
            citations=(fact(path, item.code, item.message),),
            blocks=error,
        )


def _support(plan: Plan) -> Iterator[CouncilFinding]:
    """What is not honoured exactly, once for each property of a resource, however many instances it has."""
    seen: set[tuple[str, str]] = set()
    for change in plan.effective:
        for note in change.support:
            name = change.desired.resource.name if change.desired else change.address
            if note.level is SupportLevel.EQUAL or (name, note.path) in seen:
                continue
            seen.add((name, note.path))
            yield _lost(change, note, name, plan.target.engine)


def _lost(change: Change, note: Support, name: str, engine: str) -> CouncilFinding:
    lost = note.level is SupportLevel.UNSUPPORTED
    dear = is_among(note.path, _DEAR)
    gravity = Gravity.LOW if not lost else Gravity.HIGH if dear else Gravity.MEDIUM
    place = ".".join(part for part in ("plan.changes", change.address, note.path) if part)
    return noted(
        _ME,
        "PLAN-UNSUPPORTED" if lost else "PLAN-APPROXIMATED",
        gravity,
        title=f"{engine} {'leaves it out' if lost else 'does something like it'}",
        path=place,
        message=f"{name}: {note.path or 'the resource'}: {note.reason}",
        citations=(fact(place, f"support.{note.level}", note.reason),),
        remediation="Choose another engine, or do without it on purpose." if lost else "",
    )


# ── what goes away or restarts ───────────────────────────────────────────────────────────────────


def _losses(plan: Plan, *, removal: bool) -> Iterator[CouncilFinding]:
    for change in plan.destructive:
        data = change.type in _HOLDS_DATA
        grave = Gravity.HIGH if data and not removal else Gravity.MEDIUM
        place = f"plan.changes.{change.address}"
        yield noted(
            _ME,
            "PLAN-DATA-LOSS" if data else "PLAN-REMOVES",
            grave,
            title="Data goes away" if data else "Something that runs goes away",
            path=place,
            message=f"{change.address} ({change.type}) is {_DONE[change.action]}: {change.reason}",
            citations=(fact(place, "action", change.action.value),),
            remediation="Keep a copy first." if data else "",
        )


def _outages(plan: Plan, *, production: bool) -> Iterator[CouncilFinding]:
    """Resources of which no instance is left running at some moment."""
    disturbed: dict[str, list[Change]] = defaultdict(list)
    running: Counter[str] = Counter()
    for change in plan.changes:
        if change.desired is None or change.object_id is None or change.type not in _RUNS:
            continue
        name = change.desired.resource.name
        running[name] += 1
        if change.reboots or change.action is Action.REPLACE:
            disturbed[name].append(change)
    together = _together(plan)
    touched = blast_radius(plan)
    for name, changes in disturbed.items():
        one_wave = len({together[change.address] for change in changes}) == 1
        if len(changes) < running[name] or not (one_wave or running[name] == 1):
            yield from _restarts(changes)
            continue
        place = f"plan.changes.{changes[0].address}"
        others = sorted({other for change in changes for other in touched.get(change.address, ())})
        whom = f"; {_listed(others)} depend on it" if others else ""
        yield noted(
            _ME,
            "PLAN-OUTAGE",
            Gravity.HIGH if production else Gravity.MEDIUM,
            title="Nothing of it runs for a while",
            path=place,
            message=f"every instance of {name} restarts at once: {changes[0].reason}{whom}",
            citations=tuple(
                fact(f"plan.changes.{change.address}", "action", change.action.value)
                for change in changes[:_NAMED]
            ),
            remediation="Go rolling or canary, or choose a quiet hour.",
        )


def _restarts(changes: Sequence[Change]) -> Iterator[CouncilFinding]:
    for change in changes:
        place = f"plan.changes.{change.address}"
        yield noted(
            _ME,
            "PLAN-RESTART",
            Gravity.LOW,
            title="Restarts",
            path=place,
            message=f"{change.address} restarts: {change.reason}",
            citations=(fact(place, "action", change.action.value),),
        )


def _together(plan: Plan) -> Mapping[str, int]:
    """The number of the wave that each change is in."""
    return {address: number for number, wave in enumerate(waves(plan)) for address in wave}


def _radius(plan: Plan) -> Iterator[CouncilFinding]:
    there = [change for change in plan.changes if change.object_id is not None]
    hit = {
        address: others for address, others in blast_radius(plan).items() if _here(address, there)
    }
    touched = set(hit).union(*hit.values()) & {change.address for change in there}
    if len(there) < _MANY or len(touched) < _HALF * len(there):
        return
    yield noted(
        _ME,
        "PLAN-BLAST-RADIUS",
        Gravity.MEDIUM,
        title="Touches much of what runs",
        path="plan",
        message=f"{len(touched)} of {len(there)} that run are disturbed, or depend on what is: "
        f"{_listed(sorted(touched))}",
        citations=(
            figure("plan", "blast_radius", len(touched)),
            figure("plan", "running", len(there)),
        ),
    )


def _here(address: str, there: Sequence[Change]) -> bool:
    return any(change.address == address for change in there)


# ── where it lands, and what has moved ───────────────────────────────────────────────────────────


def _places(plan: Plan, *, production: bool) -> Iterator[CouncilFinding]:
    """Several instances of one resource at one place, where the engine has more than one."""
    sites: dict[str, dict[str, str]] = defaultdict(dict)
    for change in plan.changes:
        placement = change.desired.placement if change.desired else None
        if change.desired and placement and change.type in _RUNS and placement.site.get("node"):
            sites[change.desired.resource.name][change.address] = placement.site["node"]
    for name, placed in sites.items():
        if len(placed) < 2 or len(set(placed.values())) > 1:
            continue
        node = next(iter(placed.values()))
        yield noted(
            _ME,
            "PLAN-ONE-NODE",
            Gravity.HIGH if production else Gravity.MEDIUM,
            title="All instances on one node",
            path=f"resources.{name}",
            message=f"all {len(placed)} instances of {name} go to {node}: when it fails, all of them do",
            citations=tuple(
                fact(f"plan.changes.{address}", "placement.node", node)
                for address in list(placed)[:_NAMED]
            ),
            remediation="Give the node's neighbours room, or name other nodes.",
        )


def _drift(plan: Plan) -> Iterator[CouncilFinding]:
    for drift in plan.drift:
        place = f"plan.drift.{drift.address}"
        yield noted(
            _ME,
            "PLAN-DRIFT",
            Gravity.LOW,
            title="Changed outside of ALMA",
            path=place,
            message=f"{drift.address}: {drift.detail}",
            citations=(fact(place, drift.kind, ", ".join(drift.paths)),),
        )


# ── what everything hangs on ─────────────────────────────────────────────────────────────────────

# Rules that say the same of a resource.
_ALONE = frozenset({"ALMA-AVL-001", "ALMA-AVL-002", "ALMA-AVL-007", "ALMA-AVL-009"})


def _single_points(blueprint: Blueprint, known: set[str]) -> Iterator[CouncilFinding]:
    """Single instances that several others need, and no rule has named."""
    needed: dict[str, set[str]] = defaultdict(set)
    for resource in blueprint.resources:
        for name in resource.depends_on:
            needed[name].add(resource.name)
    for resource in blueprint.resources:
        if resource.name in known or not _alone(resource) or len(needed[resource.name]) < 2:
            continue
        place = f"resources.{resource.name}"
        yield noted(
            _ME,
            "ARCH-SINGLE-POINT",
            Gravity.LOW,
            title="Several hang on one instance",
            path=place,
            message=f"{_listed(sorted(needed[resource.name]))} stop when {resource.name} does",
            citations=(
                fact(place, "count", resource.count),
                fact(place, "dependents", ", ".join(sorted(needed[resource.name]))),
            ),
        )


def _alone(resource: Resource) -> bool:
    return resource.type in _RUNS and resource.count == 1


def _is_production(blueprint: Blueprint) -> bool:
    said = str(blueprint.metadata.get("environment") or "").casefold()
    return said in {"production", "prod", "live"}


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


_DONE = {
    Action.DELETE: "removed",
    Action.REPLACE: "made anew",
    Action.RELEASE: "let go",
    Action.UPDATE: "changed",
    Action.CREATE: "made",
    Action.ADOPT: "taken over",
    Action.NO_OP: "kept",
}
