"""What a conversation is told about the real state of things: what runs, what waits, and how a wish becomes a request.

Answers come from the database; whoever wants what an engine sees at this moment is told where to ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alma.core.language.vocabulary import plural
from alma.core.model.blueprint import Revision
from alma.core.model.conversation import Intent
from alma.core.model.ipr import IPRState
from alma.core.model.plan import PlanKind
from alma.core.model.state import Stack
from alma.core.ports import Transaction

_SHOWN = 8


class Outlook:
    """What one project's database has to say, within one transaction."""

    def __init__(self, transaction: Transaction, *, project: str) -> None:
        self._transaction = transaction
        self._project = project

    def about(self, intent: Intent, revision: Revision | None = None) -> str | None:
        """What to add to the answer; None if the message asks for nothing of the kind. `revision`: the saved draft."""
        match intent:
            case Intent.STATUS:
                return " ".join(self._status())
            case Intent.LIST:
                return " ".join([self._blueprints(), *self._status()])
            case Intent.DEPLOY if revision is not None:
                return _how_to_deploy(revision)
            case Intent.APPROVE | Intent.REJECT:
                return self._waiting()
            case Intent.DESTROY:
                return self._removable(revision)
            case _:
                return None

    def _status(self) -> Iterator[str]:
        alive = self._alive(None)
        if not alive:
            yield "Nothing is deployed."
        for stack in alive[:_SHOWN]:
            yield f"{_told(stack)}."
        if len(alive) > _SHOWN:
            yield f"And {len(alive) - _SHOWN} more stacks."
        for deployment in self._transaction.deployments.list(project=self._project, limit=1):
            what = f"{deployment.plan.blueprint_name} on {deployment.plan.target.engine}"
            verb = "removing" if deployment.plan.target.kind is PlanKind.DESTROY else "deploying"
            yield f"Last was {verb} {what}: {deployment.state.value.replace('_', ' ')}."
        waiting = self._transaction.iprs.count(project=self._project, status=IPRState.PENDING)
        if waiting:
            yield f"Requests that wait for a review: {waiting}."

    def _alive(self, blueprint_id: int | None) -> Sequence[Stack]:
        """The stacks of which something is recorded."""
        found = self._transaction.stacks.list(project=self._project, blueprint_id=blueprint_id)
        return [stack for stack in found if stack.records]

    def _blueprints(self) -> str:
        blueprints = self._transaction.blueprints
        found = blueprints.list(project=self._project, limit=_SHOWN)
        if not found:
            return "There are no blueprints yet."
        more = blueprints.count(project=self._project) - len(found)
        names = ", ".join(f"{item.blueprint.name} ({item.id})" for item in found)
        return f"Blueprints, newest first: {names}{f' and {more} more' if more else ''}."

    def _waiting(self) -> str:
        found = self._transaction.iprs.list(
            project=self._project, status=IPRState.PENDING, limit=_SHOWN
        )
        if not found:
            return "No request waits for a review."
        names = ", ".join(f"{item.id} ({item.title})" for item in found)
        return f"Requests are reviewed with their plan at hand. Waiting: {names}."

    def _removable(self, revision: Revision | None) -> str:
        alive = self._alive(revision.id if revision else None)
        if not alive:
            return "Nothing of it is deployed, so there is nothing to remove."
        names = ", ".join(f"{stack.ref.name} on {stack.ref.engine}" for stack in alive[:_SHOWN])
        return f"Deployed: {names}. To remove one, open a request to destroy its stack, and have it approved."


def _told(stack: Stack) -> str:
    recorded = plural("resource", len(stack.records))
    where = f"{stack.ref.name} on {stack.ref.engine} has {recorded} recorded"
    return f"{where}, revision {stack.revision}" if stack.revision else where


def _how_to_deploy(revision: Revision) -> str:
    return (
        f"To deploy it, open a request for blueprint {revision.id}, have its plan approved, then deploy "
        "the request: nothing runs from a conversation."
    )
