"""Looks at all that should be so before a plan runs: the engine, the plan itself, the lock, policy, backups, drift.

Nothing here asks anybody: what was asked comes in. What ALMA can't see is said to be unknown, not passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from alma.core.model.blueprint import DATA, ResourceType
from alma.core.model.engine import Health
from alma.core.model.plan import Action, Plan, SupportLevel
from alma.core.model.rollout import PreCheck, Standing
from alma.core.model.state import DesiredResource
from alma.core.services.gate import Judgement

_NAMED = 10
_HOLDS = DATA | {ResourceType.VOLUME}


def looked(
    plan: Plan,
    health: Health,
    *,
    before: Mapping[str, DesiredResource],
    busy: Sequence[str],
    judged: Judgement,
) -> Iterator[PreCheck]:
    """Every look. `before` is what was deployed, `busy` the deployments under way, `judged` what the gate says."""
    yield _engine_check(health)
    yield _plan_check(plan)
    yield _support_check(plan)
    yield _lock_check(busy)
    yield _policy_check(judged)
    yield from _backup_checks(plan, before)
    if plan.drift:
        yield PreCheck(
            name="drift",
            standing=Standing.WARN,
            detail=f"changed without ALMA since the last deployment: {told(d.detail for d in plan.drift)}",
            addresses=tuple(d.address for d in plan.drift),
        )


def told(items: Iterable[str]) -> str:
    """The first of them, and how many more."""
    found = [*items]
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"{', '.join(found[:_NAMED])}{more}"


def _policy_check(judged: Judgement) -> PreCheck:
    """What the gate would say of the request; it is asked again then."""
    broken = judged.gating
    if broken:
        named = told(f"{item.rule} ({item.resource or 'blueprint'})" for item in broken)
        return PreCheck(
            name="policy",
            standing=Standing.FAIL,
            detail=f"mandatory rules are broken: {named}",
            blocking=True,
            addresses=tuple(item.resource for item in broken if item.resource),
        )
    if judged.failure is not None or judged.assessment is None:
        detail = judged.failure or "the rules said nothing"
        return PreCheck(name="policy", standing=Standing.FAIL, detail=detail, blocking=True)
    found = judged.assessment
    detail = (
        f"no mandatory rule is broken; {len(found.failed)} advisory findings; bundle {found.bundle}"
    )
    return PreCheck(name="policy", standing=Standing.PASS, detail=detail)


def _engine_check(health: Health) -> PreCheck:
    if not health.available:
        return PreCheck(name="engine", standing=Standing.FAIL, detail=health.detail, blocking=True)
    problems = f"; {told(health.problems)}" if health.problems else ""
    return PreCheck(
        name="engine",
        standing=Standing.WARN if health.problems else Standing.PASS,
        detail=f"{health.engine} answers: {health.detail}{problems}",
    )


def _plan_check(plan: Plan) -> PreCheck:
    """Capacity, privileges, places and everything else that was looked at when the plan was made."""
    errors = [str(item) for item in plan.diagnostics if item.severity == "error"]
    warnings = [str(item) for item in plan.diagnostics if item.severity == "warning"]
    if errors:
        detail = f"it can't run: {told(errors)}"
        return PreCheck(name="plan", standing=Standing.FAIL, detail=detail, blocking=True)
    if warnings:
        return PreCheck(name="plan", standing=Standing.WARN, detail=f"it can run: {told(warnings)}")
    detail = "it can run: capacity, places and privileges are as far as the engine tells"
    return PreCheck(name="plan", standing=Standing.PASS, detail=detail)


def _support_check(plan: Plan) -> PreCheck:
    lost = [
        change.address
        for change in plan.effective
        if any(note.level is SupportLevel.UNSUPPORTED for note in change.support)
    ]
    near = [
        change.address
        for change in plan.effective
        if change.address not in lost
        and any(note.level is SupportLevel.APPROXIMATED for note in change.support)
    ]
    if not lost and not near:
        detail = "the engine does everything exactly as asked"
        return PreCheck(name="support", standing=Standing.PASS, detail=detail)
    parts = [f"left out in part: {told(lost)}"] if lost else []
    parts += [f"not exactly as asked: {told(near)}"] if near else []
    return PreCheck(
        name="support",
        standing=Standing.WARN,
        detail="; ".join(parts),
        addresses=(*lost, *near),
    )


def _lock_check(busy: Sequence[str]) -> PreCheck:
    if busy:
        detail = f"deployment {busy[0]} is under way on the stack"
        return PreCheck(name="lock", standing=Standing.FAIL, detail=detail, blocking=True)
    return PreCheck(name="lock", standing=Standing.PASS, detail="no other deployment is under way")


def _backup_checks(plan: Plan, before: Mapping[str, DesiredResource]) -> Iterator[PreCheck]:
    """Of what is taken away and holds data: whether a backup was asked for. That there is one, nobody has told ALMA."""
    gone = [
        change.address
        for change in plan.effective
        if change.action in {Action.DELETE, Action.REPLACE}
        and _holds_data(change.type, change.address, before)
    ]
    if not gone:
        return
    kept = {address for address in gone if _backed_up(before.get(address))}
    bare = [address for address in gone if address not in kept]
    if bare:
        yield PreCheck(
            name="backups",
            standing=Standing.FAIL,
            detail=f"no backup was ever asked for, and what is in it goes: {told(bare)}",
            addresses=tuple(bare),
        )
    if kept:
        yield PreCheck(
            name="backups",
            standing=Standing.UNKNOWN,
            detail=f"backups are asked for; look whether there is a fresh one of {told(sorted(kept))}",
            addresses=tuple(sorted(kept)),
        )


def _holds_data(type_: ResourceType, address: str, before: Mapping[str, DesiredResource]) -> bool:
    earlier = before.get(address)
    return type_ in _HOLDS or (earlier is not None and earlier.retain)


def _backed_up(earlier: DesiredResource | None) -> bool:
    backup = earlier.resource.backup if earlier else None
    return backup is not None and backup.enabled
