"""The API's answers as far as the command line reads them. What a newer server adds is passed over."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

Json = dict[str, Any]


class Field(TypedDict):
    """One property before and after."""

    path: str
    before: Any
    after: Any
    effect: str
    drift: bool


class Support(TypedDict):
    """What an engine does not honour exactly."""

    path: str
    level: str
    reason: str


class Placement(TypedDict):
    """Where an engine puts it, and why there."""

    site: dict[str, str]
    reason: str


class Change(TypedDict):
    """What one address goes through."""

    address: str
    type: str
    action: str
    reason: str
    fields: list[Field]
    wanted: NotRequired[Json]
    support: list[Support]
    destructive: bool
    reboots: bool
    implied: bool
    placement: NotRequired[Placement | None]


class Diagnostic(TypedDict):
    """A remark about one place."""

    severity: str
    path: str
    message: str
    hint: str | None


class Plan(TypedDict):
    """What would be done, and why."""

    digest: str
    kind: str
    blueprint_name: str
    engine: str
    stack: Json
    blocked: bool
    changes: list[Change]
    diagnostics: list[Diagnostic]
    strategy: NotRequired[str]
    batch: NotRequired[int | None]
    waves: NotRequired[list[list[str]]]
    blast_radius: NotRequired[dict[str, list[str]]]
    drift: NotRequired[list[Drift]]


class Council(TypedDict):
    """What Architect, SecOps and FinOps say of a plan."""

    verdict: str
    shut: bool
    findings: list[Json]
    omitted: int
    agents: list[Json]
    disagreements: list[str]
    unexamined: list[str]
    estimate: NotRequired[Json | None]
    delta: NotRequired[float | None]
    compared_with: NotRequired[str | None]
    bundle: str
    book: str
    blueprint_name: str
    blueprint: NotRequired[Json]


class Event(TypedDict):
    """One line of a deployment's log."""

    deployment_id: str
    seq: int
    time: str
    type: str
    message: str
    address: str | None
    data: Json


class Check(TypedDict):
    """One proof that something works, or that it doesn't."""

    address: str
    name: str
    passed: bool
    detail: str


class Deployment(TypedDict):
    """One run of one plan."""

    id: str
    ipr_id: int
    status: str
    kind: str
    engine: str
    stack: str
    stack_id: str
    error: Json | None
    endpoints: dict[str, list[str]]
    created_at: str
    finished_at: str | None
    cancel_requested: bool
    steps: NotRequired[list[Json]]
    checks: NotRequired[list[Check]]


class Observed(TypedDict):
    """What an engine sees of one resource."""

    address: str
    type: str
    object_id: str
    name: str
    status: str
    endpoints: list[str]
    retain: bool


class Drift(TypedDict):
    """One address that is not as the last deployment left it."""

    address: str
    kind: str
    detail: str
    paths: list[str]


class Discovered(TypedDict):
    """An object that belongs to no stack."""

    object_id: str
    name: str
    type: str
    status: str
    site: dict[str, str]
    facts: Json
    obstacle: str | None


class Discovery(TypedDict):
    """What is on an engine and belongs to no stack."""

    engine: str
    items: list[Discovered]


class Stack(TypedDict):
    """A blueprint living on an engine."""

    id: str
    name: str
    engine: str
    blueprint_id: int
    revision: int | None
    resources: int
    blueprint_name: NotRequired[str]
    recorded: NotRequired[list[Json]]
    observed: NotRequired[list[Observed] | None]
    drift: NotRequired[list[Drift]]
    problem: NotRequired[str | None]


class Approvals(TypedDict):
    """Whether people have agreed to the plan at hand."""

    complete: bool
    missing: str
    held_by: list[str]
    needs: list[Json]


class IPR(TypedDict):
    """A request to let one plan run."""

    id: int
    title: str
    description: str
    status: str
    author: str
    kind: str
    engine: str
    stack: str
    plan_digest: str
    approved: bool
    deployment_id: str | None
    created_at: str
    changes_summary: Json
    plan: Plan
    council: NotRequired[Council | None]
    reviews: list[Json]
    approvals: NotRequired[Approvals | None]


class Engine(TypedDict):
    """An engine and whether it can be used now."""

    engine: str
    available: bool
    detail: str
    version: str | None
    problems: list[str]
    facts: dict[str, Any]
    default: bool
    configured: bool


class Connection(TypedDict):
    """How an engine is reached, without its secrets."""

    engine: str
    source: str
    settings: dict[str, Any]
    secrets: list[str]
