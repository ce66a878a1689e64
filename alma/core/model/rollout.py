"""How a plan would be carried out: waves, steps, what is looked at before and after, and what going back would do.

A rollout is a description for people. It approves nothing, and what runs is decided by the plan's digest alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.plan import Action, PlanKind, Strategy


class TimeEstimate(Frozen):
    """How long something takes, in seconds. Learned from `samples` past steps; where there are none, assumed."""

    median: float
    p90: float
    samples: int = 0
    basis: str = Field(description="learned, assumed, or mixed.")


class Standing(StrEnum):
    """What came of a look before a deployment. UNKNOWN: ALMA can't see it, so somebody has to look."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


class PreCheck(Frozen):
    """One look before anything is done, made now. A failed one that is `blocking` keeps the plan from running."""

    name: str
    standing: Standing
    detail: str
    blocking: bool = False
    addresses: tuple[str, ...] = ()


class RolloutStep(Frozen):
    """One change on its way. `after` are those that come first; `takes_down` what depends on it and is without it
    meanwhile."""

    number: int
    wave: int
    address: str
    type: ResourceType
    action: Action
    reason: str
    fields: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    reboots: bool = False
    destructive: bool = False
    takes_down: tuple[str, ...] = ()
    not_exact: tuple[str, ...] = Field(
        default=(), description="What the engine approximates or leaves out."
    )
    place: str = ""
    duration: TimeEstimate
    post_checks: tuple[str, ...] = Field(default=(), description="What proves that it works.")
    rollback: str | None = Field(default=None, description="What undoing it does.")


class RolloutWave(Frozen):
    """Changes that need only the waves before. `starts` and `ends` are seconds from the beginning, by medians."""

    number: int
    changes: int
    addresses: tuple[str, ...] = Field(description="The first of them.")
    starts: float
    ends: float


class RollbackStep(Frozen):
    """What happens to one address when the deployment is undone; `restores` says whether all is as it was then."""

    address: str
    does: str
    restores: bool


class Rollback(Frozen):
    """What undoing the whole run would do, last change first."""

    enabled: bool
    trigger: str
    steps: tuple[RollbackStep, ...] = ()
    not_restored: tuple[str, ...] = Field(
        default=(), description="Addresses that would not be what they were."
    )


class Rollout(Frozen):
    """One plan, carried out."""

    kind: PlanKind
    engine: str
    stack: str
    strategy: Strategy
    batch: int | None = None
    digest: str
    blocked: bool
    changes: Mapping[str, int] = Field(description="How many addresses for each action.")
    destructive: tuple[str, ...] = ()
    parallel: int = Field(description="How many changes the engine takes at once.")
    waves: tuple[RolloutWave, ...] = ()
    steps: tuple[RolloutStep, ...] = ()
    duration: TimeEstimate
    pre_checks: tuple[PreCheck, ...] = ()
    post_checks: tuple[str, ...] = ()
    rollback: Rollback


class Stage(Frozen):
    """One of several deployments after each other: with a blueprint, a plan and an approval of its own."""

    number: int
    title: str
    purpose: str
    approve_when: str
    go_back: str
    blueprint: Blueprint
    rollout: Rollout
