"""What the operator's objects look like: what people write beside a blueprint, and what they are told.

The CRDs are generated from these models and from the blueprint's own, so neither can say something the other doesn't.
Lists and texts are bounded: a status has to fit into an object, whatever it is about.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint
from alma.core.model.deployment import OnFailure
from alma.core.model.ipr import IPRState
from alma.core.model.plan import PlanKind, Strategy
from alma.operator.names import Kind, Phase, Truth

MOST_ITEMS = 20
MOST_CHARACTERS = 1_000


def clipped(text: str, most: int = MOST_CHARACTERS) -> str:
    """The text, or as much of it as there is room for."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def sent(model: Frozen) -> dict[str, Any]:
    """A status as a merge patch: what is not said is null, which takes it away. An empty text is not said either: of
    one, merge patches of old API servers make a null that their own schema then refuses."""
    given = model.model_dump(mode="json", by_alias=True)
    return {key: _said(value) for key, value in given.items()}


def _said(value: Any) -> Any:
    """Within lists, which are replaced as a whole, nothing has to be taken away."""
    if isinstance(value, dict):
        return {key: _said(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return None if value == "" else value


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _whole(v) for k, v in value.items() if v is not None and _said(v) is not None}
    return value


class Written(Frozen):
    """Base: fields are written as Kubernetes writes them."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, alias_generator=to_camel
    )


# ── what people write ────────────────────────────────────────────────────────────────────────────


class DeletionPolicy(StrEnum):
    """What becomes of what is deployed when its Blueprint is deleted."""

    RETAIN = "retain"
    DESTROY = "destroy"


class OnDrift(StrEnum):
    """What becomes of it when somebody else has changed what is deployed."""

    REPORT = "report"
    REQUEST = "request"


class Deploy(Written):
    """Where and how the blueprint is deployed."""

    engine: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="Where: docker, kubernetes, proxmox@lab; else what the blueprint says itself, else the default.",
    )
    project: str | None = Field(
        default=None,
        max_length=63,
        description="The project in ALMA; else the one that the operator has for this namespace.",
    )
    deletion_policy: DeletionPolicy = Field(
        default=DeletionPolicy.RETAIN,
        description="retain: what is deployed stays. destroy: a request to remove it, to be approved like any other.",
    )
    destroy_volumes: bool = Field(
        default=False, description="destroy: volumes, and the data in them, too."
    )
    on_drift: OnDrift = Field(
        default=OnDrift.REPORT, description="request: drift opens a request to mend it."
    )
    on_failure: OnFailure = Field(
        default=OnFailure.ROLL_BACK, description="What becomes of a deployment that fails half-way."
    )
    strategy: Strategy | None = Field(
        default=None, description="How fast a plan goes through what runs."
    )
    batch: int | None = Field(
        default=None, ge=1, le=1000, description="rolling: how many are changed at once."
    )
    drift_check_minutes: int | None = Field(
        default=None, ge=1, le=1440, description="How often drift is looked for."
    )
    history_limit: int = Field(
        default=5, ge=0, le=100, description="How many ended requests stay as objects."
    )


class BlueprintSpec(Blueprint):
    """A blueprint as in any other place, and beside it where to deploy it."""

    deploy: Deploy = Field(default=Deploy(), description="Where and how it is deployed.")


class RequestSpec(Written):
    """Which request of ALMA's this is. The operator writes it; decisions are annotations."""

    ipr_id: int = Field(ge=1, description="Its number in ALMA.")
    blueprint: str = Field(max_length=253, description="The Blueprint it belongs to.")


# ── what people are told ─────────────────────────────────────────────────────────────────────────


class Condition(Written):
    """One thing that is so, or not, since when and why: as all of Kubernetes tells it."""

    type: Kind
    status: Truth
    reason: str = Field(max_length=1024, pattern=r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")
    message: str = Field(default="", max_length=32768)
    observed_generation: int = Field(default=0, ge=0)
    last_transition_time: str = Field(description="When the status last became another, in UTC.")


class Fault(Written):
    """One thing that is wrong with the document."""

    path: str = ""
    message: str
    hint: str | None = None


class DeploymentStatus(Written):
    """The deployment that runs, or ran last."""

    id: str
    state: str
    steps: int = Field(default=0, description="Changes it has.")
    done: int = Field(default=0, description="Of them, those that are made.")
    failed: str | None = Field(default=None, description="What failed, and why.")


class BlueprintStatus(Written):
    """Where a Blueprint stands."""

    phase: Phase = Phase.PENDING
    observed_generation: int | None = None
    conditions: tuple[Condition, ...] = ()
    diagnostics: tuple[Fault, ...] = Field(default=(), description="What is wrong with the spec.")
    blueprint_id: int | None = Field(default=None, description="Its number in ALMA.")
    revision: int | None = None
    project: str | None = None
    engine: str | None = None
    request: str | None = Field(default=None, description="The object to decide on.")
    ipr_id: int | None = None
    stack: str | None = None
    deployment: DeploymentStatus | None = None
    drift: tuple[str, ...] = Field(default=(), description="What is not as it was left.")
    looked_at: str | None = Field(default=None, description="When drift was last looked for.")
    links: dict[str, str] = Field(default_factory=dict)


class Counts(Written):
    """How many addresses go through what."""

    create: int = 0
    update: int = 0
    replace: int = 0
    delete: int = 0
    adopt: int = 0


class ChangeSummary(Written):
    """What happens to one address."""

    address: str
    action: str
    reason: str = ""
    destructive: bool = False


class FindingSummary(Written):
    """What speaks against the plan."""

    code: str
    severity: str
    path: str
    message: str
    gating: bool = Field(default=False, description="Nothing runs before it is mended or waived.")


class Decision(Written):
    """What became of the annotation by which somebody decided."""

    annotation: str
    accepted: bool
    reason: str
    message: str | None = None


class RequestStatus(Written):
    """What a request would do, what it costs, what speaks against it, and where it stands."""

    state: IPRState
    kind: PlanKind
    engine: str
    revision: int
    digest: str = Field(description="What an approval names: alma.dev/approve: <digest>.")
    summary: str
    counts: Counts = Counts()
    changes: tuple[ChangeSummary, ...] = ()
    changes_left_out: int = 0
    destructive: tuple[str, ...] = Field(default=(), description="Where something is lost.")
    monthly_cost: str | None = None
    monthly_difference: str | None = None
    verdict: str | None = Field(default=None, description="What the council says.")
    findings: tuple[FindingSummary, ...] = ()
    findings_left_out: int = 0
    blocked: tuple[str, ...] = Field(default=(), description="Why it can't run.")
    awaits: str | None = Field(default=None, description="Whose approval is missing.")
    approved_by: tuple[str, ...] = ()
    decision: Decision | None = None
    deployment: DeploymentStatus | None = None
    links: dict[str, str] = Field(default_factory=dict)
