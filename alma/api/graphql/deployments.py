"""Deployments: looked at, watched, cancelled, tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

import strawberry
from pydantic import Field
from strawberry.scalars import JSON

from alma.api.graphql.context import Info, Root, read
from alma.api.graphql.deriving import enumeration, noun, shown
from alma.api.graphql.paging import USUAL, After, Connection, First, checked, paged
from alma.api.paging import Moment, Order
from alma.api.schemas.deployments import (
    DeploymentView,
    Queued,
    deployment_view,
    queued,
)
from alma.core.model import deployment as core
from alma.core.model import event
from alma.core.model.base import Frozen
from alma.core.model.deployment import DeploymentState
from alma.core.model.errors import DatabaseUnavailable, InvalidInput

if TYPE_CHECKING:
    from alma.api.graphql.iprs import IPR
    from alma.api.graphql.stacks import Stack
    from alma.core.services.watching import Watcher

enumeration("DeploymentState", [*DeploymentState])
ORDER = Order[core.Deployment, Moment](
    "deployments", lambda item: (item.created_at, item.id), Moment
)
LaterThan = Annotated[int, strawberry.argument(description="Only lines with a greater `seq`.")]
LATER = strawberry.argument(
    description="The last `seq` seen of each deployment, by its id: of those, all that came later."
)
_MOST_SEQ = 2**31 - 1
_LOOK_SECONDS, _AWAY_SECONDS = 15.0, 2.0


class Positions(Frozen):
    """Where several logs go on."""

    after: dict[str, Annotated[int, Field(ge=0, lt=2**63)]] = Field(max_length=1_000)


@noun(event.Event)
class Event:
    """One line of a deployment's log."""


@noun(Queued)
class QueuedDeployment:
    """A deployment on its way; subscribe to `deployment_events` to follow it."""


@noun(DeploymentView, without=frozenset({"stack"}))
class Deployment:
    """One run of one approved plan."""

    @strawberry.field(description="The request it was started for.")
    async def ipr(
        root: Root, info: Info
    ) -> Annotated[IPR, strawberry.lazy("alma.api.graphql.iprs")] | None:
        from alma.api.graphql.iprs import show_ipr

        found = await info.context.load.ipr(root["ipr_id"])
        return show_ipr(found) if found else None

    @strawberry.field(description="Where it runs.")
    async def stack(
        root: Root, info: Info
    ) -> Annotated[Stack, strawberry.lazy("alma.api.graphql.stacks")] | None:
        from alma.api.graphql.stacks import show_stack

        found = await info.context.load.stack(root["stack_id"])
        return show_stack(found) if found else None

    @strawberry.field(description="A part of its log, in order.")
    async def events(
        root: Root, info: Info, first: First = USUAL, after: LaterThan = 0
    ) -> list[Event]:
        found = await info.context.load.log(root["id"], _seq(after), checked(first))
        return [shown(Event, item) for item in found]


def show_deployment(found: core.Deployment) -> Deployment:
    """A deployment as it is shown."""
    return shown(Deployment, deployment_view(found), found)


@strawberry.type
class Queries:
    """What is asked about deployments."""

    @strawberry.field(description="Deployments, newest first.")
    async def deployments(
        self,
        info: Info,
        first: First = USUAL,
        after: After = None,
        status: DeploymentState | None = None,
    ) -> Connection[Deployment]:
        return await paged(
            info.context,
            info.context.alma.deployments.list,
            show_deployment,
            order=ORDER,
            first=first,
            after=after,
            state=status,
        )

    @strawberry.field(description="One deployment.")
    async def deployment(self, info: Info, id: str) -> Deployment:
        return show_deployment(await info.context.ask(info.context.alma.deployments.get, id))


@strawberry.type
class Mutations:
    """What is done with deployments."""

    @strawberry.mutation(description="Asks a run to stop at the next step boundary.")
    async def cancel_deployment(self, info: Info, id: str) -> Deployment:
        return show_deployment(await info.context.ask(info.context.alma.deployments.cancel, id))

    @strawberry.mutation(description="Deploys the request of a failed deployment again.")
    async def retry_deployment(self, info: Info, id: str) -> QueuedDeployment:
        alma, caller = info.context.alma, info.context.caller
        failed = await info.context.ask(alma.deployments.get, id)
        again = await alma.iprs.deploy(caller, failed.ipr_id, on_failure=failed.on_failure)
        return shown(QueuedDeployment, queued(again))


@strawberry.type
class Subscriptions:
    """What can be watched."""

    @strawberry.subscription(description="The log of a deployment as it grows, to its end.")
    async def deployment_events(
        self,
        info: Info,
        id: str,
        after: LaterThan = 0,
    ) -> AsyncGenerator[Event, None]:
        alma, caller = info.context.alma, info.context.caller
        async with aclosing(alma.deployments.follow(caller, id, after=_seq(after))) as events:
            async for item in events:
                yield shown(Event, item)

    @strawberry.subscription(
        description="What happens from now on in every deployment of the project."
    )
    async def all_deployment_events(
        self, info: Info, after: Annotated[JSON | None, LATER] = None
    ) -> AsyncGenerator[Event, None]:
        watching, caller = info.context.alma.watching, info.context.caller
        positions = read(Positions, {"after": after if after is not None else {}}).after
        with watching.watcher(caller) as watcher:
            await watcher.watch_all(positions)
            while True:
                for line in await _lines(watcher):
                    yield shown(Event, line)


async def _lines(watcher: Watcher) -> Sequence[event.Event]:
    """What has been said meanwhile. A database that is away is waited for: the log goes on where it was."""
    try:
        return await watcher.lines(_LOOK_SECONDS)
    except DatabaseUnavailable:
        await asyncio.sleep(_AWAY_SECONDS)
        return ()


def _seq(after: int) -> int:
    if not 0 <= after <= _MOST_SEQ:
        raise InvalidInput(f"after is {after}, which is no number of an event", hint="start with 0")
    return after
