"""What trouble looks like: a signature says which lines or facts show it, what it means, and what mends it.

A diagnosis without evidence is an opinion. So each cause names the lines and facts that speak for it, where they stand,
what speaks against it, and a confidence that anyone can compute again (`services/diagnosing/ranking.py`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from alma.core.model.base import Frozen
from alma.core.model.conversation import Edit
from alma.core.model.diagnostic import Diagnostic


class Area(StrEnum):
    """Whose trouble it is."""

    PROXMOX = "proxmox"
    DOCKER = "docker"
    KUBERNETES = "kubernetes"
    GUEST = "guest"
    NETWORK = "network"
    SOFTWARE = "software"
    ALMA = "alma"


class Sureness(StrEnum):
    """How sure a signature is when its line is there."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Sign(StrEnum):
    """What a check can show by itself."""

    ENGINE_UP = "engine_up"
    ENGINE_DOWN = "engine_down"
    ENGINE_PROBLEM = "engine_problem"
    AUTH_REFUSED = "auth_refused"
    RESOURCE_MISSING = "resource_missing"
    RESOURCE_STOPPED = "resource_stopped"
    RESOURCE_UNHEALTHY = "resource_unhealthy"
    RESOURCES_WELL = "resources_well"
    DRIFTED = "drifted"
    PLAN_BLOCKED = "plan_blocked"
    RUN_FAILED = "run_failed"
    RUN_SUCCEEDED = "run_succeeded"
    RUN_UNDER_WAY = "run_under_way"
    CHECKS_FAILED = "checks_failed"
    CHECKS_PASSED = "checks_passed"
    STACK_HELD = "stack_held"
    STACK_FREE = "stack_free"
    OUTCOME_UNKNOWN = "outcome_unknown"
    NEVER_DEPLOYED = "never_deployed"


class Mend(Frozen):
    """A change of a resource that mends it: a size that grows by a factor, or a field that is taken away."""

    grow: Literal["specs.memory", "specs.disk", "specs.cpu"] | None = None
    factor: float = Field(default=2, gt=1, le=10)
    unset: str | None = Field(default=None, pattern=r"^[a-z_]+(\.[a-z_]+)*$")

    @model_validator(mode="after")
    def _one(self) -> Mend:
        if (self.grow is None) == (self.unset is None):
            raise PydanticCustomError("mend", "say either grow or unset")
        return self


class Signature(Frozen):
    """One kind of trouble. docs/troubleshooting.md says how one is written."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    title: str = Field(min_length=3, max_length=120)
    area: Area
    sure: Sureness
    means: str = Field(min_length=3, max_length=1_000)
    patterns: tuple[str, ...] = Field(default=(), max_length=20)
    unless: tuple[str, ...] = Field(default=(), max_length=20)
    signs: tuple[Sign, ...] = ()
    checks: tuple[str, ...] = Field(default=(), max_length=10)
    fix: tuple[str, ...] = Field(default=(), max_length=10)
    mend: tuple[Mend, ...] = Field(default=(), max_length=5)
    supported_by: tuple[Sign, ...] = ()
    contradicted_by: tuple[Sign, ...] = ()
    software: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _shown_by_something(self) -> Signature:
        if not self.patterns and not self.signs:
            raise PydanticCustomError("signature", "it needs patterns or signs to be found by")
        return self


class Evidence(Frozen):
    """A line or a fact that speaks for a cause. `place` is where it stands, `line` counts from 1 there (in a
    deployment's log it is the event's number); `text` is somebody else's, shown escaped, cut and without secrets."""

    place: str
    line: int | None = None
    text: str
    address: str | None = None


class Cause(Frozen):
    """What may be wrong. `confidence` is 0 to 1; `against` is what speaks against it; `edits` mend it in the
    blueprint."""

    id: str
    title: str
    area: Area
    sure: Sureness
    confidence: float
    means: str
    evidence: tuple[Evidence, ...]
    seen: int = Field(
        description="How many lines and facts there are; `evidence` shows the telling ones."
    )
    against: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()


class CheckResult(StrEnum):
    """What came of a check."""

    WELL = "well"
    PROBLEM = "problem"
    NOT_RUN = "not_run"


class Examined(Frozen):
    """One thing that was looked at, and what was found; or why it could not be looked at."""

    name: str
    result: CheckResult
    found: str


class Diagnosis(Frozen):
    """The causes that evidence speaks for, the likeliest first; none where nothing is known. `unexplained` are lines
    that sound like errors and that no signature knows; `send` is what would help."""

    causes: tuple[Cause, ...] = ()
    examined: tuple[Examined, ...] = ()
    unexplained: tuple[Evidence, ...] = ()
    send: tuple[str, ...] = ()
    cut: tuple[str, ...] = Field(default=(), description="Which texts were not read to the end.")
    problems: tuple[Diagnostic, ...] = Field(
        default=(), description="Faults of the files of signatures."
    )
