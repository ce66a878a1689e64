"""Infrastructure Pull Requests: opened, reviewed, deployed. The only way to infrastructure, here as elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from alma.api.graphql.context import Expected, Info, Root, read
from alma.api.graphql.deployments import Deployment, QueuedDeployment, show_deployment
from alma.api.graphql.deriving import enumeration, noun, shown, taken
from alma.api.graphql.paging import USUAL, After, Connection, First, paged
from alma.api.graphql.plans import Plan, show_plan
from alma.api.paging import Order
from alma.api.schemas.deployments import queued
from alma.api.schemas.imports import ImportCreate
from alma.api.schemas.iprs import (
    DeployBody,
    EngineChoice,
    IPRCreate,
    IPREdit,
    IPRSummary,
    ReviewBody,
    ipr_summary,
)
from alma.core.model import council
from alma.core.model import ipr as core
from alma.core.model.ipr import IPRState, Whose

if TYPE_CHECKING:
    from alma.api.graphql.blueprints import Blueprint
    from alma.api.graphql.stacks import Stack

enumeration("IPRState", [*IPRState])
enumeration("Whose", [*Whose])
ORDER = Order[core.IPR, int]("iprs", lambda ipr: ipr.id, int)


@taken(IPRCreate)
class OpenIPR:
    """Asks for the approval of a blueprint's newest revision."""


@taken(IPREdit)
class EditIPR:
    """New words for a request that is still pending."""


@taken(ReviewBody)
class ReviewIPR:
    """A reviewer's word on the plan at hand."""


@taken(DeployBody, without=frozenset({"dry_run"}))
class DeployIPR:
    """How to run the approved plan."""


@taken(EngineChoice)
class PlanChoice:
    """Which engine and which pace, if not those that were chosen already."""


@taken(ImportCreate)
class OpenImport:
    """Asks for the approval to adopt what runs already."""


@noun(core.Review)
class Review:
    """What a reviewer said of one plan."""


@noun(council.CouncilReport)
class CouncilReport:
    """What Architect, SecOps and FinOps say of one plan."""


@noun(IPRSummary, without=frozenset({"stack"}))
class IPR:
    """A request to let one plan run."""

    @strawberry.field(description="What would be done.")
    async def plan(root: Root) -> Plan:
        return show_plan(root.noun.plan)

    @strawberry.field(description="What the council says of the plan.")
    async def council(root: Root) -> CouncilReport | None:
        found = root.noun.council
        return shown(CouncilReport, found) if found else None

    @strawberry.field(description="Everything that was said about it, oldest first.")
    async def reviews(root: Root) -> list[Review]:
        return [shown(Review, item) for item in root.noun.reviews]

    @strawberry.field(description="Its last run.")
    async def deployment(root: Root, info: Info) -> Deployment | None:
        if root["deployment_id"] is None:
            return None
        found = await info.context.load.deployment(root["deployment_id"])
        return show_deployment(found) if found else None

    @strawberry.field(description="The newest revision of its blueprint; null if that was deleted.")
    async def blueprint(
        root: Root, info: Info
    ) -> Annotated[Blueprint, strawberry.lazy("alma.api.graphql.blueprints")] | None:
        from alma.api.graphql.blueprints import show_blueprint

        found = await info.context.load.blueprint(root["blueprint_id"])
        return show_blueprint(found) if found else None

    @strawberry.field(description="Where it would run.")
    async def stack(
        root: Root, info: Info
    ) -> Annotated[Stack, strawberry.lazy("alma.api.graphql.stacks")] | None:
        from alma.api.graphql.stacks import show_stack

        found = await info.context.load.stack(root.noun.plan.stack.id)
        return show_stack(found) if found else None


def show_ipr(found: core.IPR) -> IPR:
    """A request as it is shown."""
    return shown(IPR, ipr_summary(found), found)


@strawberry.type
class Queries:
    """What is asked about requests."""

    @strawberry.field(description="Requests, newest first.")
    async def iprs(
        self,
        info: Info,
        first: First = USUAL,
        after: After = None,
        status: IPRState | None = None,
        turn: Whose | None = None,
    ) -> Connection[IPR]:
        return await paged(
            info.context,
            info.context.alma.iprs.list,
            show_ipr,
            order=ORDER,
            first=first,
            after=after,
            status=status,
            turn=turn,
        )

    @strawberry.field(description="One request.")
    async def ipr(self, info: Info, id: int) -> IPR:
        return show_ipr(await info.context.ask(info.context.alma.iprs.get, id))


@strawberry.type
class Mutations:
    """What is done with requests."""

    @strawberry.mutation(description="Plans a blueprint and asks for the plan's approval.")
    async def open_ipr(self, info: Info, input: OpenIPR) -> IPR:
        body = read(IPRCreate, input)
        ipr = await info.context.alma.iprs.open(
            info.context.caller,
            title=body.title,
            description=body.description,
            blueprint_id=body.blueprint_id,
            engine=body.engine,
            pace=body.pace,
        )
        return show_ipr(ipr)

    @strawberry.mutation(description="Opens a request to adopt what runs already.")
    async def open_import(self, info: Info, input: OpenImport) -> IPR:
        body = read(ImportCreate, input)
        ipr = await info.context.alma.importing.open(
            info.context.caller,
            engine=body.engine,
            wishes=body.wishes(),
            name=body.name,
            blueprint_id=body.blueprint_id,
            title=body.title,
            description=body.description,
        )
        return show_ipr(ipr)

    @strawberry.mutation(description="Changes the words of a request that is still pending.")
    async def edit_ipr(self, info: Info, id: int, input: EditIPR, expected: Expected = None) -> IPR:
        body = read(IPREdit, input)
        change, words = info.context.alma.iprs.update, body.model_dump()
        return show_ipr(await info.context.ask(change, id, **words, expected=expected))

    @strawberry.mutation(description="Withdraws a request that is pending or approved.")
    async def cancel_ipr(self, info: Info, id: int, expected: Expected = None) -> IPR:
        cancel = info.context.alma.iprs.cancel
        return show_ipr(await info.context.ask(cancel, id, expected=expected))

    @strawberry.mutation(description="Approves, rejects or asks for changes.")
    async def review_ipr(
        self, info: Info, id: int, input: ReviewIPR, expected: Expected = None
    ) -> IPR:
        body = read(ReviewBody, input)
        reviewed = await info.context.ask(
            info.context.alma.iprs.review,
            id,
            action=body.action,
            comments=body.comments,
            display=body.reviewer,
            plan_digest=body.plan_digest,
            expected=expected,
        )
        return show_ipr(reviewed)

    @strawberry.mutation(description="Plans again; an approval of another plan lapses.")
    async def replan_ipr(
        self,
        info: Info,
        id: int,
        input: PlanChoice | None = None,
        expected: Expected = None,
    ) -> IPR:
        body, alma = read(EngineChoice, input), info.context.alma
        again = await alma.iprs.replan(
            info.context.caller, id, engine=body.engine, pace=body.pace, expected=expected
        )
        return show_ipr(again)

    @strawberry.mutation(description="The plan as it would be now; nothing is stored or done.")
    async def dry_run_ipr(
        self,
        info: Info,
        id: int,
        input: PlanChoice | None = None,
        expected: Expected = None,
    ) -> Plan:
        body, alma = read(EngineChoice, input), info.context.alma
        plan = await alma.iprs.dry_run(
            info.context.caller, id, engine=body.engine, pace=body.pace, expected=expected
        )
        return show_plan(plan)

    @strawberry.mutation(description="Runs the approved plan, if it still is what would be done.")
    async def deploy_ipr(
        self,
        info: Info,
        id: int,
        input: DeployIPR | None = None,
        expected: Expected = None,
    ) -> QueuedDeployment:
        body, alma = read(DeployBody, input), info.context.alma
        deployment = await alma.iprs.deploy(
            info.context.caller,
            id,
            engine=body.engine,
            pace=body.pace,
            on_failure=body.on_failure,
            expected=expected,
        )
        return shown(QueuedDeployment, queued(deployment))
