"""Answers to questions, from the real state of things: one module for each family of questions.

Nothing here is a fixed sentence about what might be: every figure and name comes from the database, the draft, the
templates or a computation over them. Nothing here acts, and nothing asks an engine: what is told is what is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint, Origin, Revision
from alma.core.model.conversation import Intent, Interpretation
from alma.core.model.errors import Forbidden
from alma.core.model.principal import Principal
from alma.core.model.sizing import Load, Sizing
from alma.core.model.software import Catalogue
from alma.core.ports import Clock, Engines, Transaction
from alma.core.services.answers import (
    advising,
    auditing,
    capacity,
    comparing,
    costs,
    explaining,
    helping,
    listing,
    prospects,
    requests,
    status,
    troubleshooting,
)
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.compliance import Compliance
from alma.core.services.diagnosing import Diagnosing
from alma.core.services.estimates import Estimates
from alma.core.services.permitted import permitted
from alma.core.services.plans import Plans
from alma.core.services.templates import Templates

__all__ = ["Answers", "Told"]

Family = Callable[[Asked, Sources], Told | None]

_FAMILIES: Mapping[Intent, Family] = {
    Intent.STATUS: status.answer,
    Intent.LIST: listing.answer,
    Intent.EXPLAIN: explaining.answer,
    Intent.COST: costs.answer,
    Intent.COMPARE: comparing.answer,
    Intent.CAPACITY: capacity.answer,
    Intent.TROUBLESHOOT: troubleshooting.answer,
    Intent.SUGGEST: advising.suggest,
    Intent.AUDIT: auditing.answer,
    Intent.COMPLIANCE: auditing.answer,
    Intent.FORECAST: prospects.forecast,
    Intent.MIGRATE: prospects.migrate,
    Intent.HELP: helping.help_,
    Intent.SMALLTALK: helping.smalltalk,
    Intent.APPROVE: requests.waiting,
    Intent.REJECT: requests.waiting,
}
# What is no question of its own where something else was said too.
_MANNERS = frozenset({Intent.SMALLTALK, Intent.HELP})


class Answers:
    """What a message that asks is told."""

    def __init__(
        self,
        *,
        templates: Templates,
        plans: Plans,
        engines: Engines,
        catalogue: Catalogue,
        clock: Clock,
        interpreter: Interpreter,
        estimates: Estimates,
        compliance: Compliance,
        diagnosing: Diagnosing,
        size_for: Callable[[Load], Sizing],
    ) -> None:
        self._clock = clock
        self._sources = Sources(
            templates=templates,
            plans=plans,
            engines=engines,
            catalogue=catalogue,
            interpreter=interpreter,
            estimates=estimates,
            compliance=compliance,
            diagnosing=diagnosing,
            size_for=size_for,
        )

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
        cost_told: bool = False,
    ) -> Told | None:
        """The answer to everything that the message asks; None if it asks for nothing that is answered from state.
        `blueprint` is the draft after the message's edits, `revision` the draft as saved, `engine` where it would land;
        `cost_told` when the answer says already what it costs. Reads only, and never raises for what a person may ask.
        """
        asked = Asked(
            transaction=permitted(transaction, principal),
            principal=principal,
            interpretation=interpretation,
            message=message,
            now=self._clock.now(),
            blueprint=blueprint,
            revision=revision,
            origins=origins or {},
            engine=engine,
            cost_told=cost_told,
        )
        told = [_told(family, asked, self._sources) for family in _families(interpretation)]
        return _together([item for item in told if item is not None], interpretation)


def _told(family: Family, asked: Asked, sources: Sources) -> Told | None:
    """What one family says; where the person may not look at what it would tell, that."""
    try:
        return family(asked, sources)
    except Forbidden as error:
        return Told(f"I can't tell you that: {error.message}.", {"denied": error.details})


def _families(interpretation: Interpretation) -> list[Family]:
    """One for each kind of question, in the order they were asked."""
    acts = [act for act in interpretation.acts or (interpretation.intent,) if act in _FAMILIES]
    if len(acts) > 1 or interpretation.edits:
        acts = [act for act in acts if act not in _MANNERS]
    return list(dict.fromkeys(_FAMILIES[act] for act in acts))


def _together(told: Sequence[Told], interpretation: Interpretation) -> Told | None:
    if not told:
        return None
    # Where something is edited, the description of that asks the question.
    question = interpretation.question if not interpretation.edits else None
    return Told(
        text=" ".join(
            [*dict.fromkeys(item.text for item in told), *([question] if question else [])]
        ),
        data={key: value for item in told for key, value in item.data.items()},
        suggestions=tuple(dict.fromkeys(phrase for item in told for phrase in item.suggestions)),
        offer=next((item.offer for item in told if item.offer), ()),
    )
