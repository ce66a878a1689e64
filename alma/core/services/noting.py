"""What the audit log is told of each noun: few facts, never a secret, the same from wherever it was done."""

from __future__ import annotations

from alma.core.model.access import Account
from alma.core.model.audit import Outcome
from alma.core.model.base import Json
from alma.core.model.blueprint import Revision
from alma.core.model.deployment import Deployment, DeploymentState
from alma.core.model.ipr import IPR, IPRState, ReviewAction
from alma.core.model.principal import Principal, Source, system
from alma.core.ports import Transaction

_DECIDED = {
    ReviewAction.APPROVE: "ipr.approve",
    ReviewAction.REJECT: "ipr.reject",
    ReviewAction.REQUEST_CHANGES: "ipr.request_changes",
}


def note_revision(transaction: Transaction, principal: Principal, revision: Revision) -> None:
    """A blueprint was saved: its first revision, or a further one."""
    transaction.audit.add(
        principal,
        action="blueprint.create" if revision.number == 1 else "blueprint.update",
        target=f"blueprint/{revision.id}",
        before={"revision": revision.number - 1} if revision.number > 1 else None,
        after={
            "revision": revision.number,
            "name": revision.blueprint.name,
            "digest": revision.digest,
            "resources": len(revision.blueprint.resources),
        },
    )


def note_opened(transaction: Transaction, principal: Principal, ipr: IPR) -> None:
    """A request was opened."""
    transaction.audit.add(
        principal,
        action="ipr.open",
        target=f"ipr/{ipr.id}",
        after={
            "blueprint": ipr.plan.target.blueprint_id,
            "revision": ipr.plan.target.revision,
            "engine": ipr.plan.target.engine,
            "kind": ipr.plan.target.kind.value,
            "plan_digest": ipr.plan.digest,
        },
    )


def note_decided(
    transaction: Transaction, principal: Principal, before: IPRState, ipr: IPR
) -> None:
    """The newest review of a request was recorded; one by configuration in nobody's name."""
    review = ipr.reviews[-1]
    who = principal
    if review.principal != principal.id:
        who = system(review.principal, ipr.project).model_copy(update={"source": principal.source})
    transaction.audit.add(
        who,
        action=_DECIDED[review.action],
        target=f"ipr/{ipr.id}",
        before={"state": before.value},
        after={
            "state": ipr.state.value,
            "plan_digest": review.plan_digest,
            "self_review": review.self_review,
        },
    )


def note_moved(
    transaction: Transaction, principal: Principal, action: str, before: IPR, after: IPR
) -> None:
    """A request was changed in another way."""
    transaction.audit.add(
        principal,
        action=action,
        target=f"ipr/{after.id}",
        before={"state": before.state.value, "plan_digest": before.plan.digest},
        after={"state": after.state.value, "plan_digest": after.plan.digest},
    )


def note_started(transaction: Transaction, principal: Principal, run: Deployment) -> None:
    """A deployment was queued."""
    transaction.audit.add(
        principal,
        action="deployment.start",
        target=f"deployment/{run.id}",
        after={
            "ipr": run.ipr_id,
            "engine": run.plan.target.engine,
            "plan_digest": run.plan.digest,
            "changes": len(run.plan.effective),
            "on_failure": run.on_failure.value,
        },
    )


def note_ended(transaction: Transaction, before: Deployment, after: Deployment) -> None:
    """A deployment came to its end, in the name of whoever started it."""
    failed = after.state is not DeploymentState.SUCCEEDED
    transaction.audit.add(
        system(after.started_by, after.project),
        action="deployment.end",
        target=f"deployment/{after.id}",
        before={"state": before.state.value},
        after={"state": after.state.value},
        outcome=Outcome.FAILED if failed else Outcome.ALLOWED,
    )


def note_account(
    transaction: Transaction, principal: Principal, action: str, account: Account, **facts: Json
) -> None:
    """Something was done to an account."""
    transaction.audit.add(
        principal,
        action=action,
        target=f"account/{account.name}",
        after=facts or None,
        installation=True,
    )


def signed_in(account: Account, source: Source) -> Principal:
    """Whoever has proved to be that account, for what is noted of signing in: it may do nothing yet."""
    return Principal(id=account.id, source=source)


def note_message(
    transaction: Transaction, principal: Principal, conversation_id: str, turn_id: str
) -> None:
    """Something was said to ALMA. The words are in the conversation, and nowhere else."""
    transaction.audit.add(
        principal,
        action="conversation.say",
        target=f"conversation/{conversation_id}",
        after={"turn": turn_id},
    )
