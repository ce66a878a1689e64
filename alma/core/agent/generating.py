"""A blueprint from a description, outside of any conversation: the same reading and drafting, and nothing is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from alma.core.agent.events import Words, drafted_events
from alma.core.agent.parts import Parts, read_offline
from alma.core.agent.reading import Message, Read
from alma.core.model.access import Permission
from alma.core.model.blueprint import Constraints
from alma.core.model.conversation import ChatEvent, ChatEventType, Drafted, TurnContext
from alma.core.model.errors import InvalidInput
from alma.core.model.principal import Principal
from alma.core.services.conversations import checked_message
from alma.core.services.drafting import Draft, Edited


class Generating:
    """Drafts from descriptions."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def checked(self, description: str) -> str:
        """The description as it is read. Raises InvalidInput for what is known to be wrong before it is."""
        return checked_message(description)

    async def generate(
        self, principal: Principal, description: str, *, constraints: Constraints | None = None
    ) -> Drafted:
        """The draft. Raises InvalidInput when nothing in the description could be understood, and when it can't be had
        within the constraints, with the nearest that can."""
        principal.require(Permission.BLUEPRINT_WRITE)
        async with aclosing(self.events(principal, description, constraints=constraints)) as events:
            async for event in events:
                if isinstance(event, Drafted):
                    return event
        raise AssertionError("a description is either drafted or refused")

    async def events(
        self, principal: Principal, description: str, *, constraints: Constraints | None = None
    ) -> AsyncGenerator[ChatEvent | Drafted, None]:
        """What happens on the way, and last the draft. Raises like `generate`; closing it stops a model's work."""
        principal.require(Permission.BLUEPRINT_WRITE)
        yield ChatEvent(type=ChatEventType.THINKING, content="reading")
        text, draft = checked_message(description), Draft(principal.project)
        offline, _ = read_offline(self._parts.interpreter, text, draft)
        read, words = Read(interpretation=offline), Words()
        if self._parts.reader is not None and self._parts.asks_model(principal.project, offline):
            message = Message(
                text=text, offline=offline, principal=principal, constraints=constraints
            )
            async with aclosing(self._parts.reader.read(message)) as events:
                async for event in events:
                    if isinstance(event, Read):
                        read = event
                    else:
                        words.hear(event)
                        yield event
        drafted = await asyncio.to_thread(self._drafted, principal, text, read, constraints)
        for told in (*drafted_events(drafted, None), *words.missing(drafted.response)):
            yield told
        yield drafted

    def _drafted(
        self, principal: Principal, text: str, read: Read, constraints: Constraints | None
    ) -> Drafted:
        context = TurnContext(constraints=constraints)
        edited = self._parts.drafting.edited(Draft(principal.project), read.interpretation, context)
        if edited.over:
            raise InvalidInput(_over(edited), hint="raise the limit, or ask for less")
        if edited.blueprint is None or not edited.blueprint.resources:
            raise InvalidInput(
                edited.refused or "the description names nothing that could be built",
                hint=read.interpretation.question or "name servers, databases, caches and the like",
            )
        edited = replace(edited, offer=read.offer)
        with self._parts.repositories.read() as transaction:
            told = self._parts.replying.told(
                transaction, principal, read.interpretation, edited, message=text
            )
        drafted = self._parts.replying.drafted(
            principal, read.interpretation, edited, told=told, words=read.response
        )
        return drafted.model_copy(update={"opinions": read.opinions, "model": read.model})


def _over(edited: Edited) -> str:
    """Why the limit can't be kept, with the figures."""
    assert edited.variant is not None
    variant = edited.variant
    said = f"that would cost about ${variant.before:,.0f} a month, over the limit of ${variant.limit:,.0f}"
    nearest = f"the cheapest form that makes sense costs about ${variant.estimate.monthly:,.0f}"
    changes = f" ({'; '.join(variant.changes)})" if variant.changes else ""
    return f"{said}; {nearest}{changes}"
