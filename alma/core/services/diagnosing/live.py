"""What engines show at this moment. Everything here only reads; what can't be read is told with its reason."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from alma.core.language.vocabulary.defaults import listed, plural
from alma.core.model.diagnostic import Severity
from alma.core.model.errors import AlmaError, EngineAuthFailed, EngineUnavailable
from alma.core.model.plan import DriftKind, Plan
from alma.core.model.principal import Principal
from alma.core.model.signature import CheckResult, Examined, Sign
from alma.core.model.state import Observation, ObservedResource, Stack, Status
from alma.core.planning.drift import drift_of
from alma.core.ports import Engine, ReadsLogs
from alma.core.services.diagnosing.issue import Issue
from alma.core.services.diagnosing.matching import Fact
from alma.core.services.diagnosing.recorded import Gathered
from alma.core.services.diagnosing.texts import Kind, Numbered, Text, of_lines
from alma.core.services.plans import Plans

T = TypeVar("T")

# How long one look may take. An engine that hangs is a finding, and no reason to hang too.
_SECONDS = 20.0
_LOGS = 8
_LINES = 200
_BAD = {
    Status.STOPPED: Sign.RESOURCE_STOPPED,
    Status.FAILED: Sign.RESOURCE_STOPPED,
    Status.UNHEALTHY: Sign.RESOURCE_UNHEALTHY,
}


class _Unread(Exception):
    """A look that did not succeed; `error` says why, in ALMA's own words."""

    def __init__(self, error: AlmaError) -> None:
        super().__init__(error.message)
        self.error = error


async def look_at_engine(engine: Engine, name: str) -> Gathered:
    """Whether the engine can be used now, by its own account."""
    what = f"engine {name}"
    try:
        health = await _within(engine.check())
    except _Unread as unread:
        return _unread(what, unread.error)
    found = Gathered()
    place = f"check of {what}"
    if health.available:
        found.facts.append(Fact(Sign.ENGINE_UP, health.detail, place))
    else:
        found.facts.append(Fact(Sign.ENGINE_DOWN, health.detail, place))
    if health.available and health.problems:
        found.facts += [Fact(Sign.ENGINE_PROBLEM, text, place) for text in health.problems]
    lines = [Numbered(n, text) for n, text in enumerate((health.detail, *health.problems), start=1)]
    if not health.available or health.problems:
        found.texts.append(of_lines(place, lines, Kind.READ))
    well = health.available and not health.problems
    told = "; ".join((health.detail, *health.problems))
    found.examined.append(
        Examined(name=what, result=CheckResult.WELL if well else CheckResult.PROBLEM, found=told)
    )
    return found


async def look_at_stack(engine: Engine, stack: Stack, issue: Issue) -> Gathered:
    """What of a stack is there, how it stands, and what it prints."""
    what = f"what runs of {stack.ref.name}"
    try:
        observation = await _within(engine.read(stack.ref))
    except _Unread as unread:
        return _unread(what, unread.error)
    found = _standing(stack, observation, issue, what)
    found.add(await _logs(engine, stack, observation, issue))
    return found


def _standing(stack: Stack, observation: Observation, issue: Issue, what: str) -> Gathered:
    found = Gathered()
    place = f"{what} on {stack.ref.engine}"
    for item in observation.resources:
        sign = _BAD.get(item.status)
        if sign is not None:
            text = f"{item.address} ({item.name}) is {item.status}"
            found.facts.append(Fact(sign, text, place, item.address))
    drift = drift_of(stack.records, observation.resources)
    for one in drift:
        sign = Sign.RESOURCE_MISSING if one.kind is DriftKind.GONE else Sign.DRIFTED
        # That it is stopped was said already, and is no change that somebody has made to it.
        if one.paths != ("status",):
            found.facts.append(Fact(sign, one.detail, place, one.address))
    problems = [fact for fact in found.facts if issue.concerns(fact.address)]
    if observation.resources and not problems:
        found.facts.append(Fact(Sign.RESOURCES_WELL, "what is affected runs as it should", place))
    if observation.diagnostics:
        lines = [Numbered(n, text) for n, text in enumerate(observation.diagnostics, start=1)]
        found.texts.append(of_lines(place, lines, Kind.READ))
    told = [fact.text for fact in found.facts if fact.sign is not Sign.RESOURCES_WELL]
    there = f"{plural('object', len(observation.resources))} of {len(stack.records)} recorded"
    found.examined.append(
        Examined(
            name=what,
            result=CheckResult.PROBLEM if told else CheckResult.WELL,
            found=f"{there}; {'; '.join(told[:6]) or 'each as the last deployment left it'}",
        )
    )
    return found


async def _logs(engine: Engine, stack: Stack, observation: Observation, issue: Issue) -> Gathered:
    what = f"logs of {stack.ref.name}"
    if not isinstance(engine, ReadsLogs):
        why = f"{stack.ref.engine} shows no logs"
        return Gathered(examined=[Examined(name=what, result=CheckResult.NOT_RUN, found=why)])
    chosen = _telling(observation.resources, issue)
    found = Gathered()
    unread: list[str] = []
    for item in chosen[:_LOGS]:
        try:
            lines = await _within(engine.logs(item, lines=_LINES))
        except _Unread as error:
            unread.append(f"{item.address}: {error.error.message}")
            continue
        place = f"log of {item.address} on {stack.ref.engine}"
        found.texts.append(Text(place, "\n".join(lines), Kind.READ, address=item.address))
    read = [text.address or "" for text in found.texts]
    words = [f"the last {_LINES} lines of {listed(read)}"] if read else []
    left = [item.address for item in chosen[_LOGS:]]
    words += [f"not those of {listed(left)}"] if left else []
    result = CheckResult.NOT_RUN if unread and not read else CheckResult.WELL
    told = "; ".join((*words, *unread)) or "nothing there prints any"
    found.examined.append(Examined(name=what, result=result, found=told))
    return found


def _telling(resources: Sequence[ObservedResource], issue: Issue) -> list[ObservedResource]:
    """What may print something, what does not run first. Networks and volumes print nothing."""
    chosen = [
        item
        for item in resources
        if item.status is not Status.PRESENT and issue.concerns(item.address)
    ]
    return sorted(chosen, key=lambda item: item.status not in _BAD)


async def look_at_plan(
    plans: Plans, principal: Principal, issue: Issue, place: str | None, *, under_way: bool
) -> Gathered:
    """What a deployment would do now, and what stands against it. Nothing is stored."""
    what = "what a deployment would do now"
    if issue.blueprint_id is None:
        return _not_run(what, "no saved blueprint is named")
    if under_way:
        return _not_run(what, "a deployment is under way")
    try:
        target = await plans.target(principal, issue.blueprint_id, engine=place)
        plan = await _within(plans.make(principal, target))
    except _Unread as unread:
        return _unread(what, unread.error)
    except AlmaError as error:
        return _not_run(what, error.message)
    return _planned(plan, what)


def _planned(plan: Plan, what: str) -> Gathered:
    found = Gathered()
    against = [item for item in plan.diagnostics if item.severity is Severity.ERROR]
    found.facts += [Fact(Sign.PLAN_BLOCKED, str(item), "plan") for item in against]
    remarks = [item for item in plan.diagnostics if item.severity is not Severity.INFO]
    lines = [Numbered(number, str(item)) for number, item in enumerate(remarks, start=1)]
    if lines:
        found.texts.append(of_lines("remarks of the plan", lines, Kind.READ))
    changes = [f"{change.action} {change.address}" for change in plan.effective]
    told = listed(changes, shown=6) if changes else "nothing: it is as the blueprint says"
    stands = f"; against it stands: {'; '.join(map(str, against[:3]))}" if against else ""
    found.examined.append(
        Examined(
            name=what,
            result=CheckResult.PROBLEM if against else CheckResult.WELL,
            found=f"{told}{stands}",
        )
    )
    return found


def _unread(what: str, error: AlmaError) -> Gathered:
    """A look that failed: why, and what that itself shows."""
    found = _not_run(what, error.message)
    place = f"reading {what}"
    if isinstance(error, EngineAuthFailed):
        found.facts.append(Fact(Sign.AUTH_REFUSED, error.message, place))
    elif isinstance(error, EngineUnavailable):
        found.facts.append(Fact(Sign.ENGINE_DOWN, error.message, place))
    found.texts.append(of_lines(place, [Numbered(1, error.message)], Kind.READ))
    return found


def _not_run(what: str, why: str) -> Gathered:
    return Gathered(examined=[Examined(name=what, result=CheckResult.NOT_RUN, found=why)])


async def _within(work: Awaitable[T], seconds: float = _SECONDS) -> T:
    """The answer. Raises _Unread when there is none in time, or the engine can't give one."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        raise _Unread(EngineUnavailable(f"no answer in {seconds:g} seconds")) from None
    except AlmaError as error:
        raise _Unread(error) from error


def opened(get: Callable[[], Engine]) -> Engine | AlmaError:
    """The engine, or why it can't be used."""
    try:
        return get()
    except AlmaError as error:
        return error
