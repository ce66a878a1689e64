"""Where a conversation stands, from what is recorded: a message being answered, a request that waits, a run, its end.

The nodes are those of the two state machines that lead from words to what runs, and `approval` between them. Nothing is
remembered for this: the same question after a restart, or on another machine, has the same answer.
"""

from __future__ import annotations

from alma.core.model.access import Permission
from alma.core.model.conversation import Intent, Standing, Turn, TurnState
from alma.core.model.deployment import Deployment, DeploymentState, StepState
from alma.core.model.ipr import IPR, IPRState
from alma.core.model.principal import Principal
from alma.core.ports import Repositories, Transaction
from alma.core.services.conversations import Conversations

_DECISIONS = frozenset({Intent.APPROVE, Intent.REJECT})
_OVER = frozenset({IPRState.REJECTED, IPRState.CANCELLED, IPRState.DEPLOYED, IPRState.FAILED})


class Standings:
    """Looks up where conversations stand."""

    def __init__(self, *, repositories: Repositories, conversations: Conversations) -> None:
        self._repositories = repositories
        self._conversations = conversations

    def of(self, principal: Principal, id_: str) -> Standing:
        """Where it stands now. Raises NotFound, also for somebody else's conversation."""
        principal.require(Permission.CONVERSATION)
        with self._repositories.read() as transaction:
            last = self._conversations.last_turn(transaction, principal, id_)
            if last is not None and last.state is TurnState.ANSWERING:
                return _answering(last)
            return _answered(transaction, principal, id_)


def _answering(turn: Turn) -> Standing:
    """A draft is saved before anything is acted on: until then the message is being read."""
    if "drafted" not in turn.answer:
        return Standing(node="interpret", detail="the last message is being read")
    if turn.intent in _DECISIONS:
        return Standing(node="decide", detail="a decision about a request is being recorded")
    return Standing(node="plan", detail="what would be done is being planned")


def _answered(transaction: Transaction, principal: Principal, id_: str) -> Standing:
    drafted = transaction.conversations.drafted(id_, project=principal.project, last=1)
    mentions = transaction.conversations.mentions(id_, project=principal.project)
    if not drafted or not mentions:
        return _drafted(drafted[-1] if drafted else None)
    ipr = transaction.iprs.get(mentions[-1].ipr_id, project=principal.project)
    if ipr.state in _OVER and _went_on(ipr, drafted[-1]):
        return _drafted(drafted[-1])
    if ipr.state is IPRState.DEPLOYING and ipr.deployment_id is not None:
        run = transaction.deployments.get(ipr.deployment_id, project=principal.project)
        return _running(ipr, run)
    return _asked(ipr)


def _drafted(last: Turn | None) -> Standing:
    if last is None or last.blueprint is None:
        return Standing(node="interpret", detail="nothing is drafted yet")
    draft = last.blueprint.name
    return Standing(node="draft", detail=f"{draft} is drafted, and no request is open for it")


def _went_on(ipr: IPR, last: Turn) -> bool:
    """Whether the draft has changed since that request was planned."""
    target, revision = ipr.plan.target, last.answer.get("revision")
    if last.blueprint_id is None or not isinstance(revision, int):
        return False
    return (last.blueprint_id, revision) != (target.blueprint_id, target.revision)


def _asked(ipr: IPR) -> Standing:
    node, what = _STANDS[ipr.state]
    return Standing(
        node=node,
        detail=f"request {ipr.id} ({ipr.title}) {what}",
        ipr_id=ipr.id,
        deployment_id=ipr.deployment_id,
    )


_STANDS = {
    IPRState.PENDING: ("approval", "waits for its approval"),
    IPRState.APPROVED: ("deploy", "is approved and not deployed yet"),
    IPRState.DEPLOYING: ("lock", "is about to be deployed"),
    IPRState.DEPLOYED: ("conclude", "is deployed"),
    IPRState.FAILED: ("conclude", "failed"),
    IPRState.REJECTED: ("draft", "was rejected"),
    IPRState.CANCELLED: ("draft", "was cancelled"),
}


def _running(ipr: IPR, run: Deployment) -> Standing:
    node, what = _node_of(run)
    return Standing(
        node=node,
        detail=f"deployment {run.id} of request {ipr.id} {what}",
        ipr_id=ipr.id,
        deployment_id=run.id,
    )


def _node_of(run: Deployment) -> tuple[str, str]:
    match run.state:
        case DeploymentState.QUEUED:
            return "lock", "waits for its turn on the stack"
        case DeploymentState.RUNNING if _untouched(run):
            return "recheck", "compares the approved plan with what runs now"
        case DeploymentState.RUNNING:
            done = sum(step.state is StepState.SUCCEEDED for step in run.steps)
            return "execute", f"has done {done} of {len(run.steps)} steps"
        case DeploymentState.VERIFYING:
            return "verify", "checks that what it made works"
        case DeploymentState.ROLLING_BACK:
            return "undo", "takes back what it had done"
        case _:
            return "conclude", f"ended: {run.state.replace('_', ' ')}"


def _untouched(run: Deployment) -> bool:
    return all(step.state is StepState.PENDING for step in run.steps)
