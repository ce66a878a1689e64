"""Deployments in words: how far one is, how the last one ended, what one did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alma.core.language.vocabulary.defaults import plural
from alma.core.model.deployment import ENDED, Deployment, DeploymentState, StepState
from alma.core.services.answers.asked import Asked, Told
from alma.core.services.answers.words import (
    SHOWN,
    ago,
    by_action,
    of_plan,
    sentences,
    some,
    state,
)

_OPEN_STEPS = {StepState.PENDING, StepState.RUNNING}
_UNDER_WAY = [where for where in DeploymentState if where not in ENDED]
_LOOKED_AT = 20
_BAD_STEPS = (StepState.FAILED, StepState.UNKNOWN)


def under_way(asked: Asked, stack_id: str | None = None) -> Iterator[str]:
    """Each deployment that has not ended, with how far it is."""
    runs = [run for open_ in _UNDER_WAY for run in _runs(asked, stack_id, SHOWN, open_)]
    for run in runs[:SHOWN]:
        done = sum(step.state not in _OPEN_STEPS for step in run.steps)
        now = [step.address for step in run.steps if step.state is StepState.RUNNING]
        at = f", now {some(now, shown=3)}" if now else ""
        stop = ", and asked to stop" if run.cancel_requested else ""
        yield (
            f"Deployment {run.id} is {state(run.state)} ({of_plan(run.plan)}): "
            f"{done} of {plural('step', len(run.steps))} done{at}{stop}"
        )


def last_run(asked: Asked, stack_id: str | None = None) -> Iterator[str]:
    """The last deployment that ended, and what failed in it."""
    # A plan is big to read: nearly always the newest one will do.
    newest = _runs(asked, stack_id, 1)
    if newest and not newest[0].ended:
        newest = _runs(asked, stack_id, _LOOKED_AT)
    ended = next((run for run in newest if run.ended), None)
    if ended is None:
        return
    when = ago(ended.finished_at or ended.updated_at, asked.now)
    yield f"The last deployment was {of_plan(ended.plan)}: {state(ended.state)} {when}{failure(ended)}"


def _runs(
    asked: Asked, stack_id: str | None, limit: int, where: DeploymentState | None = None
) -> Sequence[Deployment]:
    return asked.transaction.deployments.list(
        project=asked.project, stack_id=stack_id, limit=limit, state=where
    )


def failure(deployment: Deployment) -> str:
    """`, at db: no space left`: where and why it failed; nothing if it did not."""
    step = failed_step(deployment)
    if step is not None:
        address, error = step
        return f", at {address}: {error}"
    message = deployment.error.get("message") if deployment.error else None
    return f": {message}" if message else ""


def failed_step(deployment: Deployment) -> tuple[str, str] | None:
    """The first step that failed or of which nobody knows, and its message."""
    if deployment.error and deployment.error.get("address"):
        return str(deployment.error["address"]), str(deployment.error.get("message", "failed"))
    for step in deployment.steps:
        if step.state in _BAD_STEPS:
            return step.address, step.error or "its outcome is not known"
    return None


def of_run(asked: Asked, run: Deployment) -> Told:
    """One deployment: who started it, what it was to do, how it ended and what was proved."""
    when = run.finished_at or run.created_at
    head = f"Deployment {run.id} by {run.started_by}, of request {run.ipr_id}: {of_plan(run.plan)}"
    passed = sum(check.passed for check in run.checks)
    checks = f"{passed} of {plural('check', len(run.checks))} passed" if run.checks else ""
    return Told(
        sentences(
            [
                f"{head}, {state(run.state)} {ago(when, asked.now)}{failure(run)}",
                f"Its plan: {by_action(run.plan)}",
                checks,
            ]
        ),
        {
            "deployment_id": run.id,
            "state": run.state.value,
            "ipr_id": run.ipr_id,
            **run.plan.count(),
        },
        () if run.state is DeploymentState.SUCCEEDED else ("Why did it fail?",),
    )
