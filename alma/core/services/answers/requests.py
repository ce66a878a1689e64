"""Which requests wait for somebody's word, with what an approval would be of: the plan's digest and its summary."""

from __future__ import annotations

from alma.core.model.ipr import IPR, IPRState
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.words import SHOWN, ago, by_action, more, sentences, short


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
        (f"Explain request {first.id}",),
    )


def _told(asked: Asked, ipr: IPR) -> str:
    what = f"{ipr.plan.blueprint_name} on {ipr.plan.target.engine}"
    return (
        f"request {ipr.id} '{ipr.title}' by {ipr.author}, {ago(ipr.created_at, asked.now)}: {what}, "
        f"it would {by_action(ipr.plan)} (plan {short(ipr.plan.digest)})"
    )
