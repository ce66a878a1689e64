"""Descriptions that are being drafted, for those who follow them: who lost the connection goes on where it broke off.

One process only, and nothing that lasts: a draft outside of any conversation is nobody's until somebody saves it.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from alma.core.agent.generating import Generating
from alma.core.agent.live import GRACE_SECONDS, LiveTurn
from alma.core.model.access import Permission
from alma.core.model.blueprint import Constraints
from alma.core.model.conversation import ChatEvent, ChatEventType, Drafted
from alma.core.model.errors import AlmaError, Conflict, NotFound
from alma.core.model.principal import Principal
from alma.core.services.failure import InternalFault

KEPT_DRAFTS = 64

logger = logging.getLogger(__name__)

Told = ChatEvent | Drafted | AlmaError


class DraftStopped(Conflict):
    """Whoever sent the description went away."""

    code = "draft_stopped"


@dataclass
class _Draft:
    """One description under way, or drafted."""

    owner: Principal
    live: LiveTurn = field(default_factory=LiveTurn)
    drafted: Drafted | None = None

    def told(self, event: ChatEvent) -> Told:
        """An event as whoever follows gets it: the ends carry what they are the end of."""
        if event.type is ChatEventType.COMPLETE and self.drafted is not None:
            return self.drafted
        if event.type is ChatEventType.ERROR and self.live.error is not None:
            return self.live.error
        return event


class Drafts:
    """Drafts descriptions while somebody follows. Lives on one event loop."""

    def __init__(self, generating: Generating, *, grace: float = GRACE_SECONDS) -> None:
        self._generating = generating
        self._grace = grace
        self._drafts: OrderedDict[str, _Draft] = OrderedDict()
        self._working: set[asyncio.Task[None]] = set()

    def begin(
        self, principal: Principal, description: str, *, constraints: Constraints | None = None
    ) -> str:
        """Begins to draft; the id to follow it by. Raises InvalidInput for what is known to be wrong at once."""
        principal.require(Permission.BLUEPRINT_WRITE)
        text = self._generating.checked(description)
        id_, draft = uuid.uuid4().hex, _Draft(principal)
        self._drafts[id_] = draft
        while len(self._drafts) > KEPT_DRAFTS:
            self._drafts.popitem(last=False)
        events = self._generating.events(principal, text, constraints=constraints)
        task = asyncio.create_task(self._work(id_, draft, events))
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return id_

    async def follow(
        self, principal: Principal, id_: str, *, after: int = 0
    ) -> AsyncGenerator[tuple[int, Told], None]:
        """What is told after that number, each with its own; last the draft, or the error that there is instead of one.
        Once nobody has followed for a while, the work is stopped. Raises NotFound."""
        principal.require(Permission.BLUEPRINT_WRITE)
        draft = self._own(principal, id_)
        async with aclosing(draft.live.follow(after, grace=self._grace)) as events:
            async for number, event in events:
                yield number, draft.told(event)

    def anything_after(self, principal: Principal, id_: str, after: int) -> bool:
        """Whether following from there tells anything. Raises NotFound."""
        principal.require(Permission.BLUEPRINT_WRITE)
        return self._own(principal, id_).live.later_than(after)

    async def close(self) -> None:
        """Stops all work."""
        working = tuple(self._working)
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)

    def _own(self, principal: Principal, id_: str) -> _Draft:
        draft = self._drafts.get(id_)
        if draft is None or (draft.owner.id, draft.owner.project) != (
            principal.id,
            principal.project,
        ):
            raise NotFound(f"draft {id_} does not exist", hint="send the description again")
        return draft

    async def _work(
        self, id_: str, draft: _Draft, events: AsyncGenerator[ChatEvent | Drafted, None]
    ) -> None:
        """To the end, or until nobody follows any more. The boundary: whoever follows gets an end, whatever it was."""
        telling = asyncio.ensure_future(_tell(draft, events))
        stopped = asyncio.ensure_future(draft.live.deserted.wait())
        try:
            await asyncio.wait({telling, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not telling.done():
                draft.live.fail(DraftStopped(f"draft {id_} was stopped: nobody waited for it"))
        finally:
            for one in (telling, stopped):
                one.cancel()
            error, _ = await asyncio.gather(telling, stopped, return_exceptions=True)
            if isinstance(error, AlmaError):
                draft.live.fail(error)
            elif isinstance(error, Exception):
                logger.error("draft %s met a fault of ALMA's own", id_, exc_info=error)
                told = f"ALMA failed while drafting: {type(error).__name__}"
                draft.live.fail(InternalFault(told, hint="see the server's log"))


async def _tell(draft: _Draft, events: AsyncGenerator[ChatEvent | Drafted, None]) -> None:
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Drafted):
                draft.drafted = event
                event = ChatEvent(type=ChatEventType.COMPLETE, content=event.response)
            draft.live.say(event)
