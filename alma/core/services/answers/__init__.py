"""Answers to questions, from the real state of things: one module for each family of questions.

Nothing here is a fixed sentence about what might be: every figure and name comes from the database, the draft, the
templates or a computation over them. Nothing here acts, and nothing asks an engine: what is told is what is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from alma.core.model.blueprint import Blueprint, Origin, Revision
from alma.core.model.conversation import Intent, Interpretation
from alma.core.model.principal import Principal
from alma.core.ports import Clock, Transaction
from alma.core.services.answers import listing, status
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.plans import Plans
from alma.core.services.templates import Templates

__all__ = ["Answers", "Told"]

_FAMILIES: Mapping[Intent, Callable[[Asked, Sources], Told | None]] = {
    Intent.STATUS: status.answer,
    Intent.LIST: listing.answer,
}


class Answers:
    """What a message that asks is told."""

    def __init__(self, *, templates: Templates, plans: Plans, clock: Clock) -> None:
        self._sources = Sources(templates=templates, plans=plans)
        self._clock = clock

    def about(
        self,
        transaction: Transaction,
        principal: Principal,
        interpretation: Interpretation,
        *,
        message: str,
        blueprint: Blueprint | None = None,
        revision: Revision | None = None,
        origins: Mapping[str, Origin] | None = None,
        engine: str | None = None,
    ) -> Told | None:
        """The answer to what the message asks; None if it asks for nothing that is answered from state. `blueprint` is
        the draft after the message's edits, `revision` the draft as saved, `engine` where it would land."""
        family = _FAMILIES.get(interpretation.intent)
        if family is None:
            return None
        asked = Asked(
            transaction=transaction,
            principal=principal,
            interpretation=interpretation,
            message=message,
            now=self._clock.now(),
            blueprint=blueprint,
            revision=revision,
            origins=origins or {},
            engine=engine,
        )
        return family(asked, self._sources)
