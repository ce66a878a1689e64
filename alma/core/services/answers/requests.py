"""Which requests wait for somebody's word, with what an approval would be of: the plan's digest and its summary."""

from __future__ import annotations

import re

from alma.core.model.conversation import NextStep
from alma.core.model.errors import NotFound
from alma.core.model.ipr import IPR, IPRState
from alma.core.model.plan import PlanKind
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.words import SHOWN, ago, by_action, more, sentences, short
from alma.core.services.council_words import council_words
from alma.core.services.plan_words import summary

_NEWEST = 20
_LOOK = "Show the plan"
_OPEN = (IPRState.PENDING, IPRState.APPROVED)
_PLAN = re.compile(
    r"\b(?:show|see|view|read|print|look at|display|open|explain|what(?:'s| is| does))\b[^.?!]*\bplan\b"
    r"|^(?:the |its )?plan\W*$"
)
_FUTURE = re.compile(
    r"\bwhat (?:will|would|is going to|does it|exactly will)\b[^.?!]*"
    r"\b(?:happen|do|change|destroy|create|remove|delete|replace)\w*"
)


def waiting(asked: Asked, sources: Sources) -> Told:
    """Every request that waits for a review, newest first: what there is to approve or reject."""
    pending = IPRState.PENDING
    page = asked.transaction.iprs.list(project=asked.project, status=pending, limit=SHOWN)
    total = asked.transaction.iprs.count(project=asked.project, status=pending)
    if not page:
        return Told("No request waits for a review.", {"waiting": []})
    told = [_told(asked, ipr) for ipr in page]
    first = page[0]
    return Told(
        sentences([f"Waiting: {'; '.join(told)}{more(page, total)}"]),
        {
            "waiting": [
                {"ipr_id": ipr.id, "plan_digest": ipr.plan.digest, **ipr.plan.count()}
                for ipr in page
            ],
            "total": total,
        },
        (f"Explain request {first.id}", *by_number(first)),
    )


def _told(asked: Asked, ipr: IPR) -> str:
    what = f"{ipr.plan.blueprint_name} on {ipr.plan.target.engine}"
    return (
        f"request {ipr.id} '{ipr.title}' by {ipr.author}, {ago(ipr.created_at, asked.now)}: {what}, "
        f"it would {by_action(ipr.plan)} (plan {short(ipr.plan.digest)})"
    )


def open_one(asked: Asked) -> IPR | None:
    """The draft's newest request that waits for approval or for its run."""
    if asked.revision is None:
        return None
    found = [
        ipr
        for state in _OPEN
        for ipr in asked.transaction.iprs.list(project=asked.project, status=state, limit=_NEWEST)
        if ipr.plan.target.blueprint_id == asked.revision.id
    ]
    return max(found, key=lambda ipr: ipr.id, default=None)


def next_of(ipr: IPR) -> Told:
    """What a request waits for, and what can be said to it."""
    head = f"Request {ipr.id} ({ipr.title})"
    if ipr.state is IPRState.APPROVED:
        return Told(
            f"{head} is approved: say deploy to start it.", _data(ipr), (NextStep.DEPLOY.value,)
        )
    return Told(
        f"{head} waits for approval: say approve, or reject.",
        _data(ipr),
        (NextStep.APPROVE.value, NextStep.REJECT.value, _LOOK),
    )


def by_number(ipr: IPR) -> tuple[str, ...]:
    """What can be said to a request, whichever the conversation is about."""
    if ipr.state is IPRState.APPROVED:
        return (f"Deploy request {ipr.id}",)
    if ipr.state is IPRState.PENDING:
        return f"Approve request {ipr.id}", f"Reject request {ipr.id}"
    return ()


def of_plan(asked: Asked, sources: Sources) -> Told | None:
    """What the plan would do, when that is asked; None when it is not, or when a named resource is asked about."""
    text = asked.message.casefold()
    looks = _PLAN.search(text) is not None
    if asked.draft is None or not (looks or _FUTURE.search(text)):
        return None
    ipr = open_one(asked)
    if ipr is not None:
        waits = next_of(ipr)
        others = tuple(words for words in waits.suggestions if words != _LOOK)
        parts = (_summary(asked, sources, ipr), council_words(ipr.council), waits.text)
        return Told(" ".join(part for part in parts if part), waits.data, others)
    if not looks and "deploy" not in text:
        return None
    return Told(
        f"There is no plan for {asked.draft.name} that waits. Say deploy it: that makes one and shows it, and nothing "
        "is touched before it is approved.",
        {"plan": None},
        (NextStep.DEPLOY.value,),
    )


def _summary(asked: Asked, sources: Sources, ipr: IPR) -> str:
    target = ipr.plan.target
    if target.kind is PlanKind.DESTROY:
        return summary(ipr.plan)
    try:
        revision = asked.transaction.blueprints.revision(
            target.blueprint_id, target.revision, project=asked.project
        )
    except NotFound:
        return summary(ipr.plan)
    return summary(ipr.plan, sources.estimates.estimate(revision.blueprint))


def _data(ipr: IPR) -> dict[str, object]:
    return {"ipr_id": ipr.id, "plan_digest": ipr.plan.digest, **ipr.plan.count()}
