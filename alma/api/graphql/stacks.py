"""Stacks: what lives where, whether it works, and how it goes away again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from alma.api.graphql.context import Info, Root, read
from alma.api.graphql.deriving import noun, shown, taken
from alma.api.graphql.paging import USUAL, After, Connection, First, among
from alma.api.paging import Order
from alma.api.schemas.stacks import (
    DestroyBody,
    Recorded,
    StackSummary,
    StackView,
    Verification,
    stack_summary,
    stack_view,
    verification,
)
from alma.core.model import state as core
from alma.core.model.plan import PlanKind

if TYPE_CHECKING:
    from alma.api.graphql.blueprints import Blueprint
    from alma.api.graphql.iprs import IPR

ORDER = Order[core.Stack, str]("stacks", lambda stack: stack.ref.id, str)
_RECORDED = frozenset(
    {"address", "type", "object_id", "retain", "site", "deployment_id", "updated_at"}
)


@noun(Recorded)
class RecordedResource:
    """What is remembered of one address."""


@noun(StackView)
class StackState:
    """A stack as recorded and as its engine sees it now: `problem` says why it could not be seen."""


@noun(Verification)
class VerificationResult:
    """Whether everything deployed does its work, and the proofs."""


@taken(DestroyBody)
class DestroyStack:
    """What is to go."""


@noun(StackSummary)
class Stack:
    """A blueprint living on an engine, as recorded."""

    @strawberry.field(description="What is remembered of each address.")
    async def recorded(root: Root) -> list[RecordedResource]:
        records = root.noun.records
        bodies = (item.model_dump(mode="json", include=_RECORDED) for item in records)
        return [shown(RecordedResource, body) for body in bodies]

    @strawberry.field(description="What runs now and what is not as it was left: asks the engine.")
    async def state(root: Root, info: Info) -> StackState:
        found = await info.context.alma.stacks.status(info.context.caller, root["id"])
        return shown(StackState, stack_view(found))

    @strawberry.field(description="The newest revision of what is wanted there.")
    async def blueprint(
        root: Root, info: Info
    ) -> Annotated[Blueprint, strawberry.lazy("alma.api.graphql.blueprints")] | None:
        from alma.api.graphql.blueprints import show_blueprint

        found = await info.context.load.blueprint(root["blueprint_id"])
        return show_blueprint(found) if found else None


def show_stack(found: core.Stack) -> Stack:
    """A stack as it is shown."""
    return shown(Stack, stack_summary(found), found)


@strawberry.type
class Queries:
    """What is asked about stacks."""

    @strawberry.field(description="Stacks, by name and engine.")
    async def stacks(
        self,
        info: Info,
        first: First = USUAL,
        after: After = None,
        blueprint_id: int | None = None,
    ) -> Connection[Stack]:
        found = await info.context.ask(info.context.alma.stacks.list, blueprint_id=blueprint_id)
        return among(found, show_stack, order=ORDER, first=first, after=after)

    @strawberry.field(description="One stack.")
    async def stack(self, info: Info, id: str) -> Stack:
        return show_stack(await info.context.ask(info.context.alma.stacks.get, id))


@strawberry.type
class Mutations:
    """What is done with stacks."""

    @strawberry.mutation(description="Asks every workload whether it does its work, now.")
    async def verify_stack(self, info: Info, id: str) -> VerificationResult:
        checks = await info.context.alma.stacks.verify(info.context.caller, id)
        return shown(VerificationResult, verification(checks))

    @strawberry.mutation(description="Opens a request to remove everything of a stack.")
    async def destroy_stack(
        self,
        info: Info,
        id: str,
        input: DestroyStack | None = None,
    ) -> Annotated[IPR, strawberry.lazy("alma.api.graphql.iprs")]:
        from alma.api.graphql.iprs import show_ipr

        body, alma = read(DestroyBody, input), info.context.alma
        stack = await info.context.ask(alma.stacks.get, id)
        ipr = await alma.iprs.open(
            info.context.caller,
            title=body.title or f"Destroy stack {stack.ref.name}",
            description=body.description,
            blueprint_id=stack.blueprint_id,
            engine=stack.ref.engine,
            kind=PlanKind.DESTROY,
            volumes=body.volumes,
        )
        return show_ipr(ipr)
