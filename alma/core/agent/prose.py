"""A model's words beside what the council has found. They explain, and decide nothing.

The model is shown a numbered list of what is cited and what is said, and may cite by number. What it says without that
is kept, marked as its opinion. One that fails, is slow, or answers something else leaves the findings as they are, and
the report says that its words are missing and why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from string import Template as Text

from alma.core.agent.asking import data, prompt
from alma.core.agent.exhibits import SENTENCES, Exhibits, Words, read_words
from alma.core.model.council import CONCERNS, TITLES, Agent, Claim, CouncilFinding
from alma.core.model.dialogue import Ask, Reply
from alma.core.model.errors import LanguageModelError
from alma.core.ports import LanguageModel
from alma.core.services.dossiers import Dossier

MAX_TOKENS = 900
_LIST = 9_000


@dataclass(frozen=True, slots=True)
class Prose:
    """What a model said, or `silence`: why it said nothing."""

    claims: tuple[Claim, ...] = ()
    model: str | None = None
    silence: str | None = None


class Speech:
    """Asks a model for the words of one of the council. `patience` is how long it may take, in seconds."""

    def __init__(self, model: LanguageModel, *, patience: float) -> None:
        self._model = model
        self._patience = patience

    async def about(
        self,
        agent: Agent,
        dossier: Dossier,
        findings: Sequence[CouncilFinding],
        *,
        project: str,
    ) -> Prose:
        """The words about a dossier. Never raises for what a model does."""
        exhibits = Exhibits(agent, dossier, findings)
        try:
            async with asyncio.timeout(self._patience):
                reply = await self._reply(_ask(agent, exhibits, project))
        except TimeoutError:
            return Prose(silence=f"the language model took longer than {self._patience:g} seconds")
        except LanguageModelError as error:
            return Prose(silence=f"the language model can't be used: {error.message}")
        words = read_words(reply.document)
        if words is None:
            return Prose(silence="the language model's answer could not be used")
        return Prose(tuple(exhibits.claims(words)), reply.model)

    async def _reply(self, ask: Ask) -> Reply:
        async with aclosing(self._model.answer(ask)) as answers:
            async for answer in answers:
                if isinstance(answer, Reply):
                    return answer
        raise LanguageModelError(f"{self._model.name} ended without an answer")


def _ask(agent: Agent, exhibits: Exhibits, project: str) -> Ask:
    system = Text(prompt("council.md")).substitute(
        title=TITLES[agent], concerns=CONCERNS[agent], most=SENTENCES
    )
    return Ask(
        purpose="council",
        system=system,
        parts=(data("What was found and what is said", exhibits.shown, limit=_LIST),),
        schema_=Words.model_json_schema(),
        schema_name="words",
        project=project,
        max_tokens=MAX_TOKENS,
    )
