"""What is known about something that does not work: failed steps, checks and log lines, quoted as evidence.

ALMA keeps no metrics and no logs of what runs inside, so of anything that is slow but deployed well it says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alma.core.language.vocabulary.defaults import plural
from alma.core.model.deployment import Deployment, DeploymentState, StepState
from alma.core.model.event import Event, EventType
from alma.core.model.signature import Cause, Diagnosis
from alma.core.model.state import Stack, recorded_names
from alma.core.services.answers import named
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.runs import failed_step, last_run, under_way
from alma.core.services.answers.words import SHOWN, ago, of_plan, sentences, some, state
from alma.core.services.diagnosing import CERTAIN_ENOUGH, DOUBTFUL, Issue
from alma.core.services.diagnosing.texts import escaped

_LOOKED_AT = 20
_LINES = 200
_QUOTED = 5
_ENDED = {
    DeploymentState.FAILED: "failed",
    DeploymentState.ROLLED_BACK: "failed",
    DeploymentState.CANCELLED: "was cancelled",
}


def answer(asked: Asked, sources: Sources) -> Told:
    """The last failure of what is asked about, else what is recorded in favour of it."""
    stacks = _stacks(asked)
    runs = [run for stack in stacks for run in _runs(asked, stack)]
    if asked.interpretation.deployment_id:
        runs = [run for run in runs if run.id == asked.interpretation.deployment_id] or runs
    runs.sort(key=lambda run: run.created_at, reverse=True)
    records = [record for stack in stacks for record in stack.records]
    names = [n for item in named.resources(asked) for n in recorded_names(item, records)]
    if not runs:
        of = f" of {asked.draft.name}" if asked.draft else ""
        found = _diagnosis(asked, sources, [], names)
        return Told(
            sentences(
                [f"Nothing{of} was deployed yet, so nothing of it can have failed", *_cause(found)]
            ),
            {"evidence": [], **_causes(found)},
        )
    newest = next((run for run in runs if run.ended), None)
    if newest is not None and newest.state is not DeploymentState.SUCCEEDED:
        own = [stack for stack in stacks if stack.ref.id == newest.plan.stack.id]
        return _of_failure(asked, newest, _diagnosis(asked, sources, own, names))
    found = _diagnosis(asked, sources, stacks, names)
    return _of_none(asked, stacks, (runs[0], found), names)


def _diagnosis(
    asked: Asked, sources: Sources, stacks: Sequence[Stack], names: Sequence[str]
) -> Diagnosis:
    """What the tool would say of the same, without asking an engine."""
    issue = Issue(
        description=asked.message,
        blueprint=asked.draft,
        blueprint_id=asked.revision.id if asked.revision else None,
        affected=tuple(names),
    )
    return sources.diagnosing.recorded(asked.transaction, asked.project, issue, stacks)


def _cause(found: Diagnosis) -> Iterator[str]:
    """The likeliest cause, what it means, and what mends it."""
    for cause in _likely(found)[:1]:
        sure = "Most likely" if cause.confidence >= CERTAIN_ENOUGH else "Perhaps"
        yield f"{sure} ({cause.confidence:.0%}): {cause.title}"
        yield cause.means
        if cause.fix:
            yield f"What mends it: {cause.fix[0]}"


def _likely(found: Diagnosis) -> list[Cause]:
    return [cause for cause in found.causes if cause.confidence >= DOUBTFUL]


def _causes(found: Diagnosis) -> dict[str, object]:
    likely = [cause.model_dump(mode="json") for cause in _likely(found)]
    return {"causes": likely} if likely else {}


def _stacks(asked: Asked) -> Sequence[Stack]:
    """Of the stack that is named, else of the draft's, else all."""
    every = asked.transaction.stacks.list(project=asked.project)
    chosen = named.stack(asked, every)
    if chosen is not None:
        return [chosen]
    own = [s for s in every if asked.revision is not None and s.blueprint_id == asked.revision.id]
    return own or ([] if asked.draft else every)


def _runs(asked: Asked, stack: Stack) -> Sequence[Deployment]:
    return asked.transaction.deployments.list(
        project=asked.project, stack_id=stack.ref.id, limit=_LOOKED_AT
    )


def _of_failure(asked: Asked, run: Deployment, found: Diagnosis) -> Told:
    step = failed_step(run)
    message = str((run.error or {}).get("message") or "no message was kept")
    hint = (run.error or {}).get("hint")
    evidence = _evidence(asked, run)
    ended, reason = _ENDED.get(run.state, state(run.state)), step[1] if step else message
    at = f" at {step[0]}" if step else ""
    when = ago(run.finished_at or run.updated_at, asked.now)
    return Told(
        sentences(
            [
                f"{of_plan(run.plan).capitalize()} {ended} {when}{at}: {reason}",
                *_failed_checks(run),
                _undone(run),
                f"The log says: {some([f'“{escaped(event.message)}”' for event in evidence], shown=_QUOTED)}"
                if evidence
                else "",
                *_cause(found),
                f"What to do: {hint}" if hint else "",
            ]
        ),
        {
            "deployment_id": run.id,
            "state": run.state.value,
            "address": step[0] if step else None,
            "error": dict(run.error or {}),
            "evidence": [{"seq": event.seq, "message": event.message} for event in evidence],
            **_causes(found),
        },
        ("Deploy it again",),
    )


def _evidence(asked: Asked, run: Deployment) -> Sequence[Event]:
    """The last lines of the log that are errors or warnings; other people's words, and only quoted."""
    end = asked.transaction.deployments.last_seq(run.id)
    events = asked.transaction.deployments.events(run.id, after=max(0, end - _LINES), limit=_LINES)
    telling = [
        event
        for event in events
        if event.type is EventType.ERROR or event.data.get("level") in {"warning", "error"}
    ]
    seen = {event.message: event for event in telling}
    return list(seen.values())[-_QUOTED:]


def _failed_checks(run: Deployment) -> Iterator[str]:
    failed = [check for check in run.checks if not check.passed]
    if failed:
        told = [f"{check.address} {check.name}: {check.detail}" for check in failed[:SHOWN]]
        yield f"{plural('check', len(failed))} did not pass: {'; '.join(told)}"


def _undone(run: Deployment) -> str:
    undone = [step.address for step in run.steps if step.state is StepState.ROLLED_BACK]
    kept = [step.address for step in run.steps if step.state is StepState.SUCCEEDED]
    unknown = [step.address for step in run.steps if step.state is StepState.UNKNOWN]
    told = []
    if undone:
        told.append(f"what it had made was rolled back: {some(undone)}")
    if kept:
        told.append(f"still there: {some(kept)}")
    if unknown:
        told.append(f"not known whether it was done: {some(unknown)}")
    words = "; ".join(told) or "nothing had been changed by then"
    return f"{words[:1].upper()}{words[1:]}"


def _of_none(
    asked: Asked,
    stacks: Sequence[Stack],
    recorded: tuple[Deployment, Diagnosis],
    names: Sequence[str],
) -> Told:
    """Nothing recorded says that anything is wrong: what is recorded, and what is not looked at."""
    run, found = recorded
    checks = [check for check in run.checks if not names or check.address in names]
    passed = sum(check.passed for check in checks)
    subject = some(names) if names else run.plan.blueprint_name
    there = {record.address for stack in stacks for record in stack.records}
    missing = [name for name in names if name not in there]
    proof = f"{passed} of {plural('check', len(checks))} of it passed then" if checks else ""
    unhealthy = [s for s in stacks if s.records and s.revision is None]
    return Told(
        sentences(
            [
                f"Nothing that is recorded says what is wrong with {subject}",
                *under_way(asked, run.plan.stack.id),
                *last_run(asked, run.plan.stack.id),
                proof,
                f"{some(missing)} {'is' if len(missing) == 1 else 'are'} not deployed"
                if missing
                else "",
                *(f"No revision of {s.ref.name} is deployed in full" for s in unhealthy),
                *_cause(found),
                "What happens inside is not measured: load and response times are not kept here",
            ]
        ),
        {
            "deployment_id": run.id,
            "checks": len(checks),
            "passed": passed,
            "missing": missing,
            **_causes(found),
        },
        ("What is running?",),
    )
