"""Looks at deployments, waits for their events, and cancels them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime

from alma.core.model.access import Permission
from alma.core.model.deployment import ENDED, Deployment, DeploymentState
from alma.core.model.event import Event, EventType
from alma.core.model.principal import Principal
from alma.core.ports import EventBus, Repositories
from alma.core.services.ending import require_unended

# Another process may write the log without a notification reaching this one: look again at least this often.
_LOOK_AGAIN_SECONDS = 1.0
# A step writes several lines, and several steps write at once: lines that come so close together are read in one go.
_GATHER_SECONDS = 0.02


class Deployments:
    """Deployments of the caller's project."""

    def __init__(self, *, repositories: Repositories, bus: EventBus) -> None:
        self._repositories = repositories
        self._bus = bus

    def get(self, principal: Principal, id_: str) -> Deployment:
        """One deployment with its steps. Raises NotFound."""
        principal.require(Permission.DEPLOYMENT_READ)
        with self._repositories.read() as transaction:
            return transaction.deployments.get(id_, project=principal.project)

    def list(
        self,
        principal: Principal,
        *,
        state: DeploymentState | None = None,
        stack_id: str | None = None,
        skip: int = 0,
        limit: int = 100,
        after: tuple[datetime, str] | None = None,
    ) -> tuple[Sequence[Deployment], int]:
        """A page, newest first, and how many there are. `after`: moment and id of the last one of the page before."""
        principal.require(Permission.DEPLOYMENT_READ)
        with self._repositories.read() as transaction:
            page = transaction.deployments.list(
                project=principal.project,
                state=state,
                stack_id=stack_id,
                skip=skip,
                limit=limit,
                after=after,
            )
            return page, transaction.deployments.count(
                project=principal.project, state=state, stack_id=stack_id
            )

    def events(
        self, principal: Principal, id_: str, *, after: int = 0, limit: int = 500
    ) -> Sequence[Event]:
        """Lines of the log with a `seq` greater than `after`, in order."""
        principal.require(Permission.DEPLOYMENT_READ)
        with self._repositories.read() as transaction:
            transaction.deployments.state(id_, project=principal.project)
            return transaction.deployments.events(id_, after=after, limit=limit)

    def last_events(self, principal: Principal, id_: str, *, limit: int = 100) -> Sequence[Event]:
        """The end of the log, in order."""
        principal.require(Permission.DEPLOYMENT_READ)
        with self._repositories.read() as transaction:
            transaction.deployments.state(id_, project=principal.project)
            end = transaction.deployments.last_seq(id_)
            return transaction.deployments.events(id_, after=max(0, end - limit), limit=limit)

    def cancel(self, principal: Principal, id_: str) -> Deployment:
        """Asks the run to stop at the next step boundary. Work in flight is finished first; then what this deployment
        made is undone, unless it was started to keep it. Raises IllegalTransition when it has ended."""
        principal.require(Permission.DEPLOYMENT_CANCEL)
        with self._repositories.write() as transaction:
            transaction.deployments.state(id_, project=principal.project)
            require_unended(transaction, id_)
            transaction.deployments.request_cancel(id_)
            transaction.deployments.append_event(
                id_,
                EventType.LOG,
                f"cancel requested by {principal.id}",
                once="cancel-requested",
            )
            transaction.after_commit(lambda: self._bus.notify(id_))
            transaction.audit.add(principal, action="deployment.cancel", target=f"deployment/{id_}")
            return transaction.deployments.get(id_, project=principal.project)

    async def follow(
        self, principal: Principal, id_: str, *, after: int = 0
    ) -> AsyncGenerator[Event, None]:
        """The log from `after` on, as it grows, until the deployment has ended and all of it was given."""
        principal.require(Permission.DEPLOYMENT_READ)
        last, ended = after, await asyncio.to_thread(self._ended, principal, id_)
        with self._bus.subscribe(id_) as wait:
            while True:
                before = last
                while page := await asyncio.to_thread(self.events, principal, id_, after=last):
                    for event in page:
                        yield event
                        last, ended = event.seq, ended or event.type is EventType.COMPLETE
                if ended:
                    return
                if last == before:
                    # A silent log may have ended before `after`. The state is read before the rest of the log.
                    ended = await asyncio.to_thread(self._ended, principal, id_)
                if not ended:
                    await wait(_LOOK_AGAIN_SECONDS)
                    await asyncio.sleep(_GATHER_SECONDS)

    def _ended(self, principal: Principal, id_: str) -> bool:
        with self._repositories.read() as transaction:
            return transaction.deployments.state(id_, project=principal.project) in ENDED
