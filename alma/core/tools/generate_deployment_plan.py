"""Says step by step how a blueprint would be deployed: the real plan, in waves, with checks, times and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from alma.core.model.base import Frozen, Json
from alma.core.model.plan import Pace, Strategy
from alma.core.model.rollout import (
    PreCheck,
    Rollback,
    Rollout,
    RolloutStep,
    RolloutWave,
    Stage,
    Standing,
    TimeEstimate,
)
from alma.core.planning.runbook import lasting, runbook
from alma.core.services.gate import Gate
from alma.core.services.rollouts import Rolled, Rollouts
from alma.core.tools.kit import Call, Subject
from alma.core.tools.subject import OfBlueprint, subject_of
from alma.core.tools.tool import Answer, Example, Tool


def _strategy(value: Any) -> Any:
    """However it is written; what is none is left for the field to refuse."""
    try:
        return Strategy(value) if isinstance(value, str) else value
    except ValueError:
        return value


class RolloutArguments(OfBlueprint):
    """What to deploy, how, and how much is told."""

    strategy: Annotated[Strategy, BeforeValidator(_strategy, json_schema_input_type=Strategy)] = (
        Field(
            default=Strategy.ALL_AT_ONCE,
            description="all-at-once, rolling (a few at a time), canary (one first), blue-green (stages).",
        )
    )
    batch: int | None = Field(
        default=None, ge=1, le=1000, description="rolling: how many of each resource at once."
    )
    rollback_enabled: bool = Field(
        default=True, description="Undo what was done when something fails."
    )
    engine: str | None = Field(
        default=None, max_length=64, description="Where to; else as the blueprint says."
    )
    runbook: bool = Field(default=False, description="Also the whole as Markdown.")
    limit: int = Field(
        default=200, ge=1, le=10_000, description="Tell at most so many steps and waves."
    )


class StageTold(Frozen):
    """One of the deployments of blue-green: a blueprint, its plan, and when it is approved."""

    number: int
    title: str
    purpose: str
    approve_when: str
    go_back: str
    changes: Mapping[str, int]
    destructive: tuple[str, ...] = ()
    estimated_duration: TimeEstimate
    blocked: bool
    steps: tuple[RolloutStep, ...] = ()
    rollback: Rollback
    blueprint: Mapping[str, Json]


class DeploymentPlan(Answer):
    """How it would be done. Nothing is approved by it: a request is, by its digest."""

    strategy: Strategy
    batch: int | None = None
    engine: str
    stack: str
    plan_digest: str
    ready: bool = Field(description="Whether nothing that was looked at keeps it from running.")
    changes: Mapping[str, int] = Field(description="How many addresses for each action.")
    destructive: tuple[str, ...] = ()
    estimated_duration: TimeEstimate
    pre_checks: tuple[PreCheck, ...]
    waves: tuple[RolloutWave, ...]
    steps: tuple[RolloutStep, ...]
    post_checks: tuple[str, ...]
    rollback: Rollback
    stages: tuple[StageTold, ...] = Field(
        default=(), description="blue-green: deployments after each other, each approved by itself."
    )
    notes: tuple[str, ...] = ()
    left_out: int = Field(default=0, description="Steps, waves and ways back beyond the limit.")
    runbook: str | None = Field(default=None, description="The whole as Markdown.")


async def run(given: RolloutArguments, call: Call) -> DeploymentPlan:
    """The plan against what runs now. Raises InvalidInput, NotFound, and EngineError when what runs can't be known."""
    subject = await subject_of(given, call)
    kit = call.kit
    rollouts = Rollouts(
        repositories=kit.repositories,
        engines=kit.engines,
        plans=kit.plans,
        gate=Gate(kit.policies, kit.estimates),
    )
    call.progress("comparing with what runs", None)
    found = await rollouts.make(
        call.principal,
        subject.blueprint,
        id_=subject.id,
        engine=given.engine,
        pace=Pace(strategy=given.strategy, batch=given.batch),
        rollback=given.rollback_enabled,
    )
    return _answer(found, given, subject)


def _answer(found: Rolled, given: RolloutArguments, subject: Subject) -> DeploymentPlan:
    whole, most = found.rollout, given.limit
    name = subject.blueprint.name
    cut = [whole.steps, whole.waves, whole.rollback.steps]
    for stage in found.stages:
        cut += [stage.rollout.steps, stage.rollout.rollback.steps]
    text = runbook(name, whole, stages=found.stages, notes=found.notes) if given.runbook else None
    return DeploymentPlan(
        summary=_told(name, found, given),
        sources=(f"plan {whole.digest}", f"{found.samples} past steps on {whole.engine}"),
        assumptions=_assumed(whole),
        strategy=given.strategy,
        batch=whole.batch,
        engine=whole.engine,
        stack=whole.stack,
        plan_digest=whole.digest,
        ready=_ready(whole),
        changes=whole.changes,
        destructive=whole.destructive[:most],
        estimated_duration=whole.duration,
        pre_checks=whole.pre_checks,
        waves=whole.waves[:most],
        steps=whole.steps[:most],
        post_checks=whole.post_checks,
        rollback=_bounded(whole.rollback, most),
        stages=tuple(_stage(stage, most) for stage in found.stages),
        notes=found.notes,
        left_out=sum(max(len(items) - most, 0) for items in cut),
        runbook=text,
    )


def _ready(whole: Rollout) -> bool:
    failed = (c.blocking and c.standing is Standing.FAIL for c in whole.pre_checks)
    return not whole.blocked and not any(failed)


def _bounded(rollback: Rollback, most: int) -> Rollback:
    return rollback.model_copy(
        update={
            "steps": rollback.steps[:most],
            "not_restored": rollback.not_restored[:most],
        }
    )


def _stage(stage: Stage, most: int) -> StageTold:
    carried = stage.rollout
    return StageTold(
        number=stage.number,
        title=stage.title,
        purpose=stage.purpose,
        approve_when=stage.approve_when,
        go_back=stage.go_back,
        changes=carried.changes,
        destructive=carried.destructive[:most],
        estimated_duration=carried.duration,
        blocked=carried.blocked,
        steps=carried.steps[:most],
        rollback=_bounded(carried.rollback, most),
        blueprint=stage.blueprint.dump(),
    )


def _assumed(whole: Rollout) -> tuple[str, ...]:
    guessed = {
        f"{step.action} of a {step.type}: {step.duration.median:g} s, at most {step.duration.p90:g} s"
        for step in whole.steps
        if step.duration.basis == "assumed"
    }
    told = tuple(f"never measured here, so assumed: {text}" for text in sorted(guessed))
    return (
        *told,
        "times are from the beginning of a change to its proof; nobody's approval is in them",
    )


def _told(name: str, found: Rolled, given: RolloutArguments) -> str:
    whole = found.rollout
    done = [f"{n} to {action}" for action, n in whole.changes.items() if n and action != "no-op"]
    if not done:
        return f"{name} on {whole.engine} is as the blueprint says: nothing to do."
    head = f"{name} on {whole.engine}: {', '.join(done)}"
    if found.stages:
        head += f", blue-green in {len(found.stages)} deployments after each other"
    else:
        pace = f"{given.strategy}, {whole.batch} at a time" if whole.batch else given.strategy
        head += f", {pace}, in {len(whole.waves)} wave(s), {lasting(whole.duration)}"
    return f"{head}. {_state(whole)}{_remark(found.notes, staged=bool(found.stages))}"


def _state(whole: Rollout) -> str:
    stops = [c.name for c in whole.pre_checks if c.blocking and c.standing is Standing.FAIL]
    if stops or whole.blocked:
        return f"It can't run as it is: {', '.join(stops) or 'the plan has errors'}."
    lost = whole.rollback.not_restored
    if whole.rollback.enabled and lost:
        return f"Undoing it would not bring back all: {_few(lost)}."
    return "It can run once it is approved."


def _remark(notes: Sequence[str], *, staged: bool) -> str:
    return f" Mind: {notes[0]}." if notes and not staged else ""


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


_WEBS: dict[str, Json] = {
    "name": "shop",
    "resources": [
        {"name": "web", "type": "vm", "engine": "nginx", "count": 3, "depends_on": ["db"]},
        {"name": "db", "type": "database", "engine": "postgresql"},
        {"name": "lb", "type": "load_balancer", "backends": ["web"]},
    ],
}

TOOL = Tool(
    name="generate_deployment_plan",
    title="Generate a deployment plan",
    description=(
        "Says step by step how a blueprint would be deployed against what runs now: waves, what waits for what, what "
        "is destructive or restarts, checks before and after, times learned from past deployments, and what going "
        "back does; all at once, rolling, canary or blue-green; as a Markdown runbook on request. Deploys nothing."
    ),
    arguments=RolloutArguments,
    answer=DeploymentPlan,
    run=run,
    words=(
        "deployment plan",
        "runbook",
        "how to deploy",
        "rollout",
        "rolling",
        "canary",
        "blue-green",
    ),
    examples=(Example("A shop that does not run yet", {"blueprint": _WEBS, "runbook": True}),),
)
