"""Stacks as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from alma.api.schemas.common import PREFIX
from alma.core.model.base import Frozen
from alma.core.model.blueprint import ResourceType
from alma.core.model.deployment import Check
from alma.core.model.plan import Drift
from alma.core.model.state import ObservedResource, Properties, Stack
from alma.core.services.stacks import StackStatus


class StackSummary(Frozen):
    """A blueprint living on an engine, as ALMA recorded it."""

    id: str
    name: str
    engine: str
    blueprint_id: int
    revision: int | None = Field(
        description="The revision last deployed in full; None: nothing is."
    )
    resources: int = Field(description="How many resources are recorded.")
    created_at: datetime
    links: Mapping[str, str]


class Recorded(Frozen):
    """What ALMA remembers of one address."""

    address: str
    type: ResourceType
    object_id: str | None
    properties: Properties = Field(description="How the last deployment left it, path by path.")
    retain: bool
    site: Mapping[str, str] = Field(description="Where it was, where there are several places.")
    deployment_id: str
    updated_at: datetime


class StackView(StackSummary):
    """The same with what runs now. `observed` is None, and `problem` says why, when the engine can't tell."""

    blueprint_name: str
    recorded: tuple[Recorded, ...]
    observed: tuple[ObservedResource, ...] | None
    drift: tuple[Drift, ...] = Field(
        description="What is not as the last deployment left it: changed outside, gone, or moved."
    )
    problem: str | None


class DestroyBody(Frozen):
    """What is to go."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"volumes": False, "title": "The shop has closed"}}
    )

    volumes: bool = Field(default=False, description="The data, too. There is no way back.")
    title: str | None = Field(default=None, min_length=1, max_length=200)
    description: str = Field(default="", max_length=10_000)


class Verification(Frozen):
    """Whether everything deployed does its work, and the proofs."""

    passed: bool
    checks: Sequence[Check]


def _summary(stack: Stack) -> dict[str, Any]:
    base = f"{PREFIX}/stacks/{stack.ref.id}"
    return {
        "id": stack.ref.id,
        "name": stack.ref.name,
        "engine": stack.ref.engine,
        "blueprint_id": stack.blueprint_id,
        "revision": stack.revision,
        "resources": len(stack.records),
        "created_at": stack.created_at,
        "links": {"self": base, "verify": f"{base}/verify", "destroy": f"{base}/destroy"},
    }


def stack_summary(stack: Stack) -> StackSummary:
    """The stack for a list."""
    return StackSummary.model_validate(_summary(stack))


def stack_view(status: StackStatus) -> StackView:
    """The stack in full."""
    more = {
        "blueprint_name": status.blueprint_name,
        "recorded": tuple(
            Recorded(
                address=record.address,
                type=record.type,
                object_id=record.object_id,
                properties=record.properties,
                retain=record.retain,
                site=record.site,
                deployment_id=record.deployment_id,
                updated_at=record.updated_at,
            )
            for record in status.stack.records
        ),
        "observed": status.resources,
        "drift": status.drift,
        "problem": status.problem,
    }
    return StackView.model_validate(_summary(status.stack) | more)


def verification(checks: Sequence[Check]) -> Verification:
    """All proofs and what they come to."""
    return Verification(passed=all(check.passed for check in checks), checks=checks)
