"""What is said about a message: the words, the figures and the next steps, from what it did and from the real state."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from alma.core.language.answering.budget import Costs, describe_cost
from alma.core.language.answering.reply import assumed, describe, suggested_actions
from alma.core.model.base import Json
from alma.core.model.blueprint import Revision
from alma.core.model.conversation import Drafted, Intent, Interpretation, NextStep
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.principal import Principal
from alma.core.ports import Transaction
from alma.core.services.answers import Answers, Told
from alma.core.services.drafting import Edited, limit_of
from alma.core.services.known import Known
from alma.core.services.plans import Plans

_MAX_ACTIONS = 5
# To how many dollars a limit that would be enough is rounded up.
_ROUND = 10
_CHEAPER = "Make it cheaper"
# What the next steps say better, and what a draft over its limit is refused.
_SAID_BY_STEPS = frozenset({NextStep.DEPLOY.value})


class Replying:
    """Puts answers together. `diagnosed` are the remarks on the latest drafts, for all who ask for them."""

    def __init__(
        self, *, plans: Plans, answers: Answers, diagnosed: Known[tuple[Diagnostic, ...]]
    ) -> None:
        self._plans = plans
        self._answers = answers
        self._diagnosed = diagnosed

    def told(
        self,
        transaction: Transaction,
        principal: Principal,
        reading: Interpretation,
        edited: Edited,
        *,
        message: str,
        revision: Revision | None = None,
    ) -> Told | None:
        """What the message asks, answered from the real state; None if it asks nothing."""
        return self._answers.about(
            transaction,
            principal,
            reading,
            message=message,
            blueprint=edited.blueprint,
            revision=revision,
            origins=edited.origins,
            engine=edited.engine,
            cost_told=bool(reading.edits and describe_cost(_costs(edited))),
        )

    def drafted(
        self,
        principal: Principal,
        reading: Interpretation,
        edited: Edited,
        *,
        told: Told | None = None,
        words: str | None = None,
        quiet: bool = False,
    ) -> Drafted:
        """The answer to a message. `words` are a model's, said instead of ALMA's own description; `quiet` leaves out
        what an act, which follows, says better."""
        blueprint = edited.blueprint
        ideas = (
            *_within_limit(edited),
            *(told.suggestions if told else ()),
            *suggested_actions(_left_of(reading, edited), blueprint, offered=bool(edited.offer)),
        )
        return Drafted(
            response=self._response(
                principal, reading, edited, told=told, words=words, quiet=quiet
            ),
            intent=reading.intent,
            blueprint=blueprint,
            origins=edited.origins,
            engine=edited.engine,
            understood=reading.understood,
            assumptions=reading.assumptions,
            question=reading.question,
            unused=reading.unused,
            warnings=(*_warnings(edited), *(self._diagnosed.of(blueprint) if blueprint else ())),
            suggested_actions=tuple(dict.fromkeys(ideas))[:_MAX_ACTIONS],
            cost=cost_of(edited),
            offers=bool(edited.offer),
            data=told.data if told else {},
        )

    def _response(
        self,
        principal: Principal,
        reading: Interpretation,
        edited: Edited,
        *,
        told: Told | None,
        words: str | None,
        quiet: bool,
    ) -> str:
        if edited.refused is not None:
            return f"That can't be done: {edited.refused}. Nothing was changed."
        if edited.note is not None:
            cost = "" if quiet else describe_cost(_costs(edited))
            return " ".join(part for part in (edited.note, cost) if part)
        if quiet and not reading.edits:
            return ""
        if words is not None:
            checks = assumed(reading) if reading.edits else ""
            said = " ".join(part for part in (words, checks, describe_cost(_costs(edited))) if part)
        elif told is not None and not reading.edits:
            said = ""
        else:
            said = describe(
                reading,
                edited.blueprint,
                engine=edited.engine,
                engines=self._plans.engine_names(principal.project),
                costs=_costs(edited),
            )
        parts = (said, told.text if told else None, *edited.warnings)
        return " ".join(part for part in parts if part)


def with_offer(edited: Edited, told: Told | None) -> Edited:
    """With what the answer to a question offers, unless the edits themselves led to an offer."""
    return edited if edited.offer or told is None else replace(edited, offer=told.offer)


def next_steps(drafted: Drafted, *, saved: bool, changed: bool) -> tuple[str, ...]:
    """The suggestions, with the calls that lead on from a draft that changed first: not from one that costs more than
    it may."""
    draft = drafted.blueprint is not None and bool(drafted.blueprint.resources)
    over = drafted.cost is not None and not drafted.cost["within_limit"]
    leads_on = saved and draft and changed and not over
    steps = (NextStep.OPEN_REQUEST, NextStep.LOOK_AT_PLAN) if leads_on else ()
    left_out = _SAID_BY_STEPS if steps or over else frozenset()
    ideas = [idea for idea in drafted.suggested_actions if idea not in left_out]
    return (*steps, *ideas)[:_MAX_ACTIONS]


def cost_of(edited: Edited) -> Mapping[str, Json] | None:
    """The draft's monthly cost as plain figures, None where there is nothing to pay for."""
    estimate = edited.estimate
    if estimate is None:
        return None
    figures: dict[str, Any] = {
        "monthly": float(estimate.monthly),
        "currency": estimate.currency,
        "basis": estimate.basis,
        "book": estimate.book,
        "limit": limit_of(edited.blueprint),
        "within_limit": not edited.over and _kept(edited),
    }
    if edited.variant is not None:
        figures["variant"] = {
            "monthly": float(edited.variant.estimate.monthly),
            "changes": list(edited.variant.changes),
            "within_limit": edited.variant.within,
        }
    return figures


def _left_of(reading: Interpretation, edited: Edited) -> Interpretation:
    """The reading as far as anything came of it: what was refused leads nowhere."""
    if edited.refused is None:
        return reading
    return reading.model_copy(update={"edits": (), "intent": Intent.UNKNOWN})


def _kept(edited: Edited) -> bool:
    """Whether the draft as it stands keeps its limit."""
    limit = limit_of(edited.blueprint)
    return limit is None or edited.estimate is None or float(edited.estimate.monthly) <= limit


def _within_limit(edited: Edited) -> tuple[str, ...]:
    """How a draft that costs more than it may gets within its limit: nothing else leads on from there."""
    there = edited.blueprint is not None and bool(edited.blueprint.resources)
    if _kept(edited) or edited.offer or edited.estimate is None or not there:
        return ()
    enough = math.ceil(edited.estimate.monthly / _ROUND) * _ROUND
    raised = f"Raise the limit to ${enough}"
    return (raised,) if edited.kept else (_CHEAPER, raised)


def _costs(edited: Edited) -> Costs:
    limit = float(edited.variant.limit) if edited.variant else limit_of(edited.blueprint)
    return Costs(
        estimate=edited.estimate,
        before=edited.before,
        limit=limit,
        variant=edited.variant,
        over=edited.over,
        kept=edited.kept,
    )


def _warnings(edited: Edited) -> Sequence[Diagnostic]:
    return [
        Diagnostic(
            severity=Severity.WARNING, code="limit_not_kept", path="constraints", message=text
        )
        for text in edited.warnings
    ]
