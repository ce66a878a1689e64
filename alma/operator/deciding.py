"""Annotations on a request, made decisions: an approval names the plan that was looked at, or it is none.

Who may annotate is the cluster's business (RBAC), and who it was the cluster does not tell. So whoever annotates in a
namespace is one approver in ALMA, under ALMA's rules for approvals, and the author of the request is another.
"""

from __future__ import annotations

from alma.core.model.declaration import approvers
from alma.core.model.errors import AlmaError, DatabaseUnavailable
from alma.core.model.ipr import IPR, IPRState, ReviewAction
from alma.core.model.principal import Principal
from alma.core.services.iprs import IPRs
from alma.operator import names
from alma.operator.documents import Decision, clipped
from alma.operator.seen import SeenRequest
from alma.operator.turn import in_full

_DECIDABLE = frozenset({IPRState.PENDING, IPRState.APPROVED})


def decided(
    iprs: IPRs, ipr: IPR, request: SeenRequest, *, allowed: bool = True
) -> tuple[IPR, Decision | None]:
    """The request after what its object's annotations say, and what became of them. Deciding twice is deciding once.

    `allowed` False: nothing is decided by annotation here. Raises DatabaseUnavailable; what else stands against a
    decision is an answer.
    """
    before = request.status.decision if request.status else None
    if ipr.state not in _DECIDABLE:
        return ipr, before
    said = f"{names.REJECT}: {request.reject}" if request.reject else None
    if said is None and request.approve:
        said = f"{names.APPROVE}: {request.approve}"
    if said is None:
        return ipr, None
    if not allowed:
        return ipr, _refusal(
            said, "ApprovalsOff", "requests are decided on in ALMA here, not by annotation"
        )
    who = approvers(request.namespace, project=ipr.project)
    try:
        return _reviewed(iprs, who, ipr, request, said)
    except DatabaseUnavailable:
        raise
    except AlmaError as error:
        return ipr, _refusal(said, type(error).__name__, in_full(error))


def _reviewed(
    iprs: IPRs, who: Principal, ipr: IPR, request: SeenRequest, said: str
) -> tuple[IPR, Decision]:
    if request.reject:
        rejected = iprs.review(
            who, ipr.id, action=ReviewAction.REJECT, comments=clipped(request.reject, 10_000)
        )
        return rejected, Decision(
            annotation=clipped(said, 400), accepted=True, reason="Rejected", message=request.reject
        )
    digest = ipr.plan.digest
    if request.approve not in {digest, digest.partition(":")[2]}:
        return ipr, _refusal(
            said,
            "WrongDigest",
            f"the plan is {digest}, and another one was approved: look at this plan, then approve it",
        )
    if not _approved_already(who, ipr):
        ipr = iprs.review(
            who,
            ipr.id,
            action=ReviewAction.APPROVE,
            comments=f"annotated in namespace {request.namespace}",
            plan_digest=digest,
        )
    return ipr, Decision(annotation=clipped(said, 400), accepted=True, reason="Approved")


def _approved_already(who: Principal, ipr: IPR) -> bool:
    own = [review for review in ipr.reviews if review.principal == who.person]
    last = own[-1] if own else None
    return (
        last is not None
        and last.action is ReviewAction.APPROVE
        and last.plan_digest == ipr.plan.digest
    )


def _refusal(said: str, reason: str, message: str) -> Decision:
    return Decision(
        annotation=clipped(said, 400), accepted=False, reason=reason, message=clipped(message)
    )
