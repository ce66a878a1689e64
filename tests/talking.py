"""A whole installation that somebody talks to: a real database, real durable runs and the simulation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alma.bootstrap import Alma, build
from alma.core.agent.events import Words
from alma.core.agent.live import GRACE_SECONDS
from alma.core.model.conversation import ChatAnswer, ChatEvent, Turn, TurnContext
from alma.core.model.ipr import IPR
from alma.core.model.principal import LOCAL, Principal
from alma.core.ports import LanguageModel
from alma.settings import Settings

SHOP = "a postgres database and 2 web servers"


@dataclass
class Talk:
    """One conversation."""

    alma: Alma
    who: Principal = LOCAL
    id: str = "c"

    async def say(self, *messages: str, context: TurnContext | None = None) -> ChatAnswer:
        """Says one after the other; the answer is the last one's."""
        chat = self.alma.dialogue.chat
        return [await chat(self.who, words, self.id, context=context) for words in messages][-1]

    async def events(self, message: str) -> list[ChatEvent]:
        """What somebody hears who listens to the answer from its beginning."""
        begun = await self.alma.dialogue.begin(self.who, message, self.id)
        return await self.heard(begun.turn_id)

    async def heard(self, turn_id: str, *, after: int = 0) -> list[ChatEvent]:
        """What is told of a turn after that number."""
        async with aclosing(self.alma.dialogue.follow(self.who, turn_id, after=after)) as numbered:
            return [event async for _, event in numbered]

    async def runs_end(self) -> None:
        """Waits for every deployment there is."""
        for deployment in self.alma.deployments.list(LOCAL)[0]:
            async for _ in self.alma.deployments.follow(LOCAL, deployment.id):
                pass

    @property
    def requests(self) -> list[IPR]:
        """All there are, the first one first."""
        return sorted(self.alma.iprs.list(LOCAL)[0], key=lambda ipr: ipr.id)

    @property
    def turns(self) -> tuple[Turn, ...]:
        return self.alma.conversations.get(self.who, self.id).turns

    @property
    def revisions(self) -> list[int]:
        """How many revisions each blueprint has."""
        found, _ = self.alma.blueprints.list(LOCAL)
        return [item.number for item in found]


def words_of(events: list[ChatEvent]) -> str:
    """The words as somebody has them who follows the stream."""
    words = Words()
    for event in events:
        words.hear(event)
    return words.text


@asynccontextmanager
async def talking(
    home: Path,
    *,
    model: LanguageModel | None = None,
    started: bool = True,
    grace: float = GRACE_SECONDS,
    **settings: Any,
) -> AsyncIterator[Talk]:
    """Opens the installation in `home`. Not started, it drafts and deploys nothing."""
    alma = build(Settings(home=home, simulation_time_scale=0, **settings), model=model, grace=grace)
    try:
        if started:
            await alma.start()
        else:
            alma.database.migrate()
        yield Talk(alma)
    finally:
        await alma.stop()
