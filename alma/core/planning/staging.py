"""A plan as a runbook has it: waves and steps, each with how long it takes, what proves it and what undoing it does.

Pure: the plan, what was deployed before and what was measured go in. Undoing is told as `core/services/undoing` does
it, also where it can't bring back what was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from alma.core.model.engine import EngineTraits
from alma.core.model.plan import Action, Change, Effect, Plan, Strategy, SupportLevel
from alma.core.model.rollout import (
    PreCheck,
    Rollback,
    RollbackStep,
    Rollout,
    RolloutStep,
    RolloutWave,
    TimeEstimate,
)
from alma.core.model.software import HealthCheck
from alma.core.model.state import DesiredResource
from alma.core.planning.durations import Durations, timetable
from alma.core.planning.order import blast_radius, waves
from alma.core.ports import Weighs

_SHOWN = 20
_NOBODY: Mapping[str, DesiredResource] = {}


@dataclass(frozen=True, slots=True)
class Ground:
    """What a rollout is worked out with: the engine, what each address was deployed as before, and past durations."""

    engine: object
    traits: EngineTraits
    durations: Durations
    before: Mapping[str, DesiredResource]
    rollback: bool = True


def rollout(plan: Plan, ground: Ground, *, checks: Sequence[PreCheck] = ()) -> Rollout:
    """The whole of it."""
    times = {c.address: ground.durations.of(c.type, c.action) for c in plan.effective}
    grouped = waves(plan)
    parallel = ground.traits.max_parallel
    usual = timetable(plan, {a: t.median for a, t in times.items()}, parallel=parallel)
    undone = {step.address: step for step in _undone(plan, grouped, ground)}
    steps = tuple(_steps(plan, grouped, times, undone if ground.rollback else {}))
    return Rollout(
        kind=plan.target.kind,
        engine=plan.target.engine,
        stack=plan.stack.name,
        strategy=plan.target.strategy,
        batch=plan.target.batch if plan.target.strategy is Strategy.ROLLING else None,
        digest=plan.digest,
        blocked=plan.blocked,
        changes=plan.count(),
        destructive=tuple(change.address for change in plan.destructive),
        parallel=parallel,
        waves=tuple(_wave(number, wave, usual) for number, wave in enumerate(grouped, start=1)),
        steps=steps,
        duration=_whole(plan, times, parallel),
        pre_checks=tuple(checks),
        post_checks=tuple(_at_the_end(plan)),
        rollback=_rollback(list(undone.values()), enabled=ground.rollback),
    )


# ── steps ────────────────────────────────────────────────────────────────────────────────────────


def _steps(
    plan: Plan,
    grouped: Sequence[Sequence[str]],
    times: Mapping[str, TimeEstimate],
    undone: Mapping[str, RollbackStep],
) -> Iterator[RolloutStep]:
    changes = {change.address: change for change in plan.effective}
    reach = blast_radius(plan)
    number = 0
    for wave, addresses in enumerate(grouped, start=1):
        for address in addresses:
            number += 1
            change = changes[address]
            back = undone.get(address)
            yield RolloutStep(
                number=number,
                wave=wave,
                address=address,
                type=change.type,
                action=change.action,
                reason=change.reason,
                fields=tuple(field.path for field in change.fields),
                after=tuple(name for name in change.after if name in changes),
                reboots=change.reboots,
                destructive=change.destructive,
                takes_down=reach.get(address, ()),
                not_exact=tuple(_not_exact(change)),
                place=_place(change),
                duration=times[address],
                post_checks=tuple(proofs(change)),
                rollback=back.does if back else None,
            )


def _not_exact(change: Change) -> Iterator[str]:
    for note in change.support:
        if note.level is not SupportLevel.EQUAL:
            what = note.path or "all of it"
            yield f"{what}: {note.level}, {note.reason}"


def _place(change: Change) -> str:
    placement = change.desired.placement if change.desired else None
    return ", ".join(f"{k} {v}" for k, v in sorted(placement.site.items())) if placement else ""


def proofs(change: Change) -> Iterator[str]:
    """What is asked right after the change, before anything that waits for it begins."""
    if change.action is Action.DELETE:
        return  # That it is gone is looked at when everything is done.
    if change.desired is None:
        return
    yield f"the engine sees {change.address} there and working"
    if change.desired.health is not None:
        yield _health(change.desired.health)


def _health(health: HealthCheck) -> str:
    within = f"within {health.start_period:g} s"
    match health.kind:
        case "http":
            return f"GET :{health.port}{health.path} answers below 400 {within}"
        case "tcp":
            return f"port {health.port} takes connections {within}"
        case "command":
            return f"its own check command ends without an error {within}"


def _at_the_end(plan: Plan) -> Iterator[str]:
    there = [change for change in plan.changes if change.desired]
    checked = sum(change.desired.health is not None for change in there if change.desired)
    if there:
        yield f"all {len(there)} of the stack are asked again, {checked} of them by their health checks"
    gone = [change.address for change in plan.changes if change.action is Action.DELETE]
    if gone:
        yield f"{_few(gone)} {'is' if len(gone) == 1 else 'are'} looked for and must be gone"


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (
        f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    )


def _wave(
    number: int, addresses: Sequence[str], usual: Mapping[str, tuple[float, float]]
) -> RolloutWave:
    return RolloutWave(
        number=number,
        changes=len(addresses),
        addresses=tuple(addresses[:_SHOWN]),
        starts=round(min(usual[a][0] for a in addresses), 3),
        ends=round(max(usual[a][1] for a in addresses), 3),
    )


def _whole(plan: Plan, times: Mapping[str, TimeEstimate], parallel: int) -> TimeEstimate:
    """From the first change to the last proof: when all take their usual time, and when all take long."""
    if not times:
        return TimeEstimate(median=0, p90=0, basis="assumed")
    ends = [
        max(end for _, end in timetable(plan, seconds, parallel=parallel).values())
        for seconds in (
            {address: time.median for address, time in times.items()},
            {address: time.p90 for address, time in times.items()},
        )
    ]
    bases = {time.basis for time in times.values()}
    return TimeEstimate(
        median=round(ends[0], 3),
        p90=round(ends[1], 3),
        samples=sum(
            {(c.type, c.action): times[c.address].samples for c in plan.effective}.values()
        ),
        basis=bases.pop() if len(bases) == 1 else "mixed",
    )


# ── undoing ──────────────────────────────────────────────────────────────────────────────────────


def _undone(plan: Plan, grouped: Sequence[Sequence[str]], ground: Ground) -> Iterator[RollbackStep]:
    changes = {change.address: change for change in plan.effective}
    for wave in reversed(grouped):
        for address in reversed(wave):
            yield _back(changes[address], ground)


def _back(change: Change, ground: Ground) -> RollbackStep:
    """What undoing one change does, as `Undoing` would: judged by what was deployed before, never by what was seen."""
    earlier = ground.before.get(change.address)
    if change.action in _ALWAYS:
        does, restores = _ALWAYS[change.action]
    elif earlier is None:
        does, restores = _FIRST[change.action]
    else:
        does, restores = _to_before(change, earlier, ground)
    return RollbackStep(address=change.address, does=does, restores=restores)


_ALWAYS = {
    Action.ADOPT: ("let go: the marker is taken off, nothing else of it is touched", True),
    Action.RELEASE: ("stays let go", False),
    Action.NO_OP: ("nothing to undo", True),
}
_UNTOLD = "no deployment says what it was before"
_FIRST = {
    Action.CREATE: ("removed again, with what it holds by then", True),
    Action.UPDATE: (f"stays as it is: {_UNTOLD}", False),
    Action.REPLACE: (f"stays as it was made anew: {_UNTOLD}", False),
    Action.DELETE: (f"stays gone: {_UNTOLD}", False),
}


def _to_before(change: Change, earlier: DesiredResource, ground: Ground) -> tuple[str, bool]:
    """Back to what was deployed. What was taken away comes back without its data."""
    if change.action is Action.CREATE:
        return "set to how it was deployed before; it was gone when this began", True
    if change.action is Action.UPDATE:
        if _only_by_making_anew(change, ground):
            return "stays as it is: going back would make it anew, empty", False
        restarts = " and restarted" if change.reboots else ""
        return f"set back{restarts}: {', '.join(field.path for field in change.fields)}", True
    data = ", and its data is not brought back" if earlier.retain else ""
    return f"made anew as it was deployed before{data}", not earlier.retain


def _only_by_making_anew(change: Change, ground: Ground) -> bool:
    """Whether it holds data and a property can't go back, such as a disk that grew."""
    desired = change.desired
    if desired is None or not desired.retain or not isinstance(ground.engine, Weighs):
        return False
    return any(
        ground.engine.effect_between(desired, field.path, field.after, field.before)
        is Effect.REPLACE
        for field in change.fields
    )


def _rollback(steps: Sequence[RollbackStep], *, enabled: bool) -> Rollback:
    if not enabled:
        return Rollback(
            enabled=False,
            trigger="never by itself: what was made before a failure stays, to be looked into",
        )
    return Rollback(
        enabled=True,
        trigger=(
            "the first change that fails or does not prove to work, a check that fails at the end, or a cancel: "
            "nothing new begins, what is under way ends, and what this run did is undone, judged by a fresh read"
        ),
        steps=tuple(steps),
        not_restored=tuple(step.address for step in steps if not step.restores),
    )
