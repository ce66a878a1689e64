"""The look-ups ALMA brings along: what runs, what there is to build with, what the draft costs, what a load needs.

All of them read. What the database says of other people's things is not trusted; what ALMA itself ships or computes is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import Field

from alma.core.agent.knowledge import Arguments, Asker, LookUp, LookUps
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.cost import Estimate
from alma.core.model.errors import InvalidInput
from alma.core.model.ipr import IPRState
from alma.core.model.principal import Principal
from alma.core.model.sizing import Load, Sizing
from alma.core.model.software import Catalogue
from alma.core.ports import Repositories, Transaction
from alma.core.services.permitted import permitted
from alma.core.services.templates import Templates

_SHOWN = 10
_LINES = 24


class Nothing(Arguments):
    """No arguments."""


class Words(Arguments):
    """What to search for."""

    words: str = Field(default="", max_length=60, description="Empty for all of them.")


class OfType(Arguments):
    """What kind of software to list."""

    type: ResourceType | None = Field(default=None, description="Leave out for all software.")


class Expected(Arguments):
    """A load to size for."""

    users: int | None = Field(default=None, gt=0, le=10**10, description="Registered users.")
    requests_per_second: float | None = Field(
        default=None, gt=0, le=10**7, description="At the busiest time."
    )


def look_ups(
    *,
    repositories: Repositories,
    templates: Templates,
    catalogue: Catalogue,
    estimate: Callable[[Blueprint], Estimate] | None = None,
    size_for: Callable[[Load], Sizing] | None = None,
) -> LookUps:
    """The tools of an installation; those without anything behind them are left out."""
    found: list[LookUp[Any]] = [
        _state(repositories),
        _templates(templates),
        _software(catalogue),
    ]
    if estimate is not None:
        found.append(_cost(estimate))
    if size_for is not None:
        found.append(_sizes(size_for))
    return LookUps(found)


# ── what runs ────────────────────────────────────────────────────────────────────────────────────────


def state_of(repositories: Repositories, principal: Principal) -> dict[str, Json]:
    """What the caller's project has: its stacks, its last deployment and the requests that wait for a review, newest
    first. Raises Forbidden."""
    project = principal.project
    with repositories.read() as opened:
        transaction = permitted(opened, principal)
        return {
            "stacks": list(_stacks(transaction, project)),
            "last_deployment": next(_deployments(transaction, project), None),
            "waiting_for_review": [
                {"ipr": ipr.id, "title": ipr.title}
                for ipr in transaction.iprs.list(
                    project=project, status=IPRState.PENDING, limit=_SHOWN
                )
            ],
        }


def _stacks(transaction: Transaction, project: str) -> Iterator[Json]:
    alive = [stack for stack in transaction.stacks.list(project=project) if stack.records]
    for stack in alive[:_SHOWN]:
        yield {
            "name": stack.ref.name,
            "engine": stack.ref.engine,
            "resources": len(stack.records),
            "revision": stack.revision,
        }


def _deployments(transaction: Transaction, project: str) -> Iterator[Json]:
    for deployment in transaction.deployments.list(project=project, limit=1):
        failed = transaction.deployments.failed_step(deployment.id)
        yield {
            "blueprint": deployment.plan.blueprint_name,
            "engine": deployment.plan.target.engine,
            "kind": deployment.plan.target.kind.value,
            "state": deployment.state.value,
            "failed_at": failed.address if failed else None,
            "error": str(failed.error) if failed and failed.error else None,
        }


def _state(repositories: Repositories) -> LookUp[Nothing]:
    async def find(_: Nothing, asker: Asker) -> Json:
        return await asyncio.to_thread(state_of, repositories, asker.principal)

    return LookUp(
        "look_at_state",
        "What runs, how the last deployment went, and which requests wait for a review.",
        Nothing,
        find,
    )


# ── what there is to build with ──────────────────────────────────────────────────────────────────────


def _templates(templates: Templates) -> LookUp[Words]:
    async def find(given: Words, _: Asker) -> Json:
        return [
            {"template": entry.id, "what": entry.description, "for": entry.use_case}
            for entry in templates.search(given.words, _SHOWN)
        ]

    description = "Ready-made blueprints, by words such as 'web application' or 'monitoring'."
    return LookUp("list_templates", description, Words, find, trusted=True)


def _software(catalogue: Catalogue) -> LookUp[OfType]:
    async def find(given: OfType, _: Asker) -> Json:
        entries = [catalogue.software[id_] for id_ in catalogue.names(given.type)]
        return [
            {
                "software": entry.id,
                "what": entry.title,
                "version": entry.default_version,
                "cpu": entry.cpu,
                "memory": str(entry.memory),
            }
            for entry in entries
        ]

    description = "Known software with its default version and size, of one type or all."
    return LookUp("list_software", description, OfType, find, trusted=True)


# ── figures ──────────────────────────────────────────────────────────────────────────────────────────


def _cost(estimate: Callable[[Blueprint], Estimate]) -> LookUp[Nothing]:
    async def find(_: Nothing, asker: Asker) -> Json:
        if asker.blueprint is None or not asker.blueprint.resources:
            raise InvalidInput("there is no draft yet that could cost anything")
        made = await asyncio.to_thread(estimate, asker.blueprint)
        names = dict.fromkeys(line.resource for line in made.lines)
        return {
            "monthly": float(made.monthly),
            "currency": made.currency,
            "of": {name: float(made.of(name)) for name in list(names)[:_LINES]},
            "basis": made.basis,
            "assumptions": list(made.assumptions[:_SHOWN]),
            "uncounted": list(made.uncounted[:_SHOWN]),
        }

    return LookUp(
        "estimate_cost", "What the draft costs a month, by resource.", Nothing, find, trusted=True
    )


def _sizes(size_for: Callable[[Load], Sizing]) -> LookUp[Expected]:
    async def find(given: Expected, _: Asker) -> Json:
        if given.users is None and given.requests_per_second is None:
            raise InvalidInput("no load is given", hint="give users or requests_per_second")
        load = Load(users=given.users, requests_per_second=given.requests_per_second)
        sizing = await asyncio.to_thread(size_for, load)
        sizes: dict[str, Json] = sizing.model_dump(mode="json", exclude={"sensitivity"})
        return sizes

    description = (
        "How many servers of which size, and which database, a number of users or requests needs."
    )
    return LookUp("size_for_load", description, Expected, find, trusted=True)
