"""Which requests, runs and stacks a conversation means: looked up in what is recorded, and nothing is changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from heapq import merge
from itertools import count

from alma.core.language.followups.consent import names_decision
from alma.core.model.blueprint import Revision
from alma.core.model.conversation import Intent, Interpretation, Mention, Turn, TurnPlace
from alma.core.model.deployment import Deployment, DeploymentState
from alma.core.model.errors import NotFound
from alma.core.model.ipr import IPR, IPRState
from alma.core.model.plan import Plan, PlanKind, Target
from alma.core.model.principal import Principal
from alma.core.model.state import Stack
from alma.core.ports import Transaction

OPEN = frozenset({IPRState.PENDING, IPRState.APPROVED})
# How many runs are read at a time in search of an earlier revision.
_RUNS = 10


def mentions_of(transaction: Transaction, place: TurnPlace) -> Sequence[Mention]:
    """Where requests were spoken of in the conversation that a turn belongs to. Raises NotFound."""
    id_, project = place.conversation_id, place.project
    if transaction.conversations.get(id_, project=project, last=0) is None:
        raise NotFound(f"conversation {id_} does not exist any more")
    return transaction.conversations.mentions(id_, project=project)


def draft_of(transaction: Transaction, principal: Principal, turn: Turn) -> Revision | None:
    """The newest revision of the draft that a turn is about. Raises NotFound."""
    if turn.blueprint_id is None:
        return None
    return transaction.blueprints.latest(turn.blueprint_id, project=principal.project)


def last_request(mentions: Sequence[Mention]) -> int | None:
    """The request that was spoken of last."""
    return mentions[-1].ipr_id if mentions else None


def shown_digest(mentions: Sequence[Mention], ipr_id: int) -> str | None:
    """The plan of a request that the person has seen here last."""
    seen = (mention.plan_digest for mention in reversed(mentions) if mention.ipr_id == ipr_id)
    return next((digest for digest in seen if digest), None)


def spoken_past(
    transaction: Transaction, place: TurnPlace, mentions: Sequence[Mention], ipr_id: int
) -> str | None:
    """Why a message that names no request may mean something else than the one that was shown last: the draft changed
    since, or it is a mere yes to something that was said in between. None where that one is at hand."""
    of_it = (
        mention.number
        for mention in reversed(mentions)
        if mention.ipr_id == ipr_id and mention.turn_id != place.turn.id
    )
    since = _after(transaction, place, next(of_it, 0))
    if any(since.values()):
        return "the draft has changed since it was opened"
    if since and not names_decision(place.turn.message):
        return "something else was spoken of since"
    return None


def meant(
    transaction: Transaction,
    principal: Principal,
    place: TurnPlace,
    reading: Interpretation,
    *,
    act: Intent,
    mentions: Sequence[Mention],
    decided: bool,
) -> IPR | None:
    """The request that is to run: the one that this message names or has decided on; or the last one, once approved and
    as long as the draft stays as it was then. Raises NotFound."""
    if act is not Intent.DEPLOY and not decided:
        return None
    if reading.ipr_id is not None:
        return transaction.iprs.get(reading.ipr_id, project=principal.project)
    id_ = last_request(mentions)
    if id_ is None:
        return None
    ipr = transaction.iprs.get(id_, project=principal.project)
    if decided:
        return ipr
    waits = ipr.state is IPRState.APPROVED and not reading.engine
    # From the message on that it was opened or first spoken of in.
    first = next(mention.number for mention in mentions if mention.ipr_id == id_)
    changed = waits and any(_after(transaction, place, first, own=True).values())
    return ipr if waits and not changed else None


def _after(
    transaction: Transaction, place: TurnPlace, number: int, *, own: bool = False
) -> Mapping[str, bool]:
    """The turns after that one, and whether they changed the draft; `own`: this one is among them."""
    later = transaction.conversations.after(place.conversation_id, number, project=place.project)
    return {id_: changed for id_, changed in later.items() if own or id_ != place.turn.id}


def request_for(
    transaction: Transaction, principal: Principal, mentions: Sequence[Mention], target: Target
) -> IPR | None:
    """The request that this conversation has for exactly this target already."""
    there = _requests(transaction, principal, mentions, OPEN | {IPRState.DEPLOYING})
    return next((ipr for ipr in there if ipr.plan.target == target), None)


def superseded(
    transaction: Transaction, principal: Principal, place: TurnPlace, plan: Plan
) -> int | None:
    """The request that another plan for the same stack takes the place of."""
    for ipr in _requests(transaction, principal, mentions_of(transaction, place), OPEN):
        if ipr.plan.stack.id == plan.stack.id and ipr.author == principal.person:
            return ipr.id
    return None


def _requests(
    transaction: Transaction,
    principal: Principal,
    mentions: Sequence[Mention],
    states: Collection[IPRState],
) -> Iterator[IPR]:
    """The requests of a conversation that are in one of the states, the last one first."""
    spoken_of = [*dict.fromkeys(mention.ipr_id for mention in reversed(mentions))]
    there = transaction.iprs.among(spoken_of, states, project=principal.project)
    for id_ in spoken_of:
        if id_ in there:
            yield transaction.iprs.get(id_, project=principal.project)


def ran(transaction: Transaction, principal: Principal, blueprint_id: int) -> Iterator[Revision]:
    """The revisions of a blueprint that ran, the last one first."""
    stacks = transaction.stacks.list(project=principal.project, blueprint_id=blueprint_id)
    runs = [_succeeded(transaction, principal, stack) for stack in stacks]
    for run in merge(*runs, key=lambda run: run.created_at, reverse=True):
        yield transaction.blueprints.revision(
            blueprint_id, run.plan.target.revision, project=principal.project
        )


def _succeeded(
    transaction: Transaction, principal: Principal, stack: Stack
) -> Iterator[Deployment]:
    for skip in count(0, _RUNS):
        page = transaction.deployments.list(
            project=principal.project,
            state=DeploymentState.SUCCEEDED,
            stack_id=stack.ref.id,
            skip=skip,
            limit=_RUNS,
        )
        yield from (run for run in page if run.plan.target.kind is PlanKind.DEPLOY)
        if len(page) < _RUNS:
            return


def alive_stacks(
    transaction: Transaction,
    principal: Principal,
    revision: Revision | None,
    reading: Interpretation,
) -> Sequence[Stack]:
    """The stacks that are meant: by name, else those of the draft."""
    blueprint_id = revision.id if revision and reading.stack is None else None
    found = [
        stack
        for stack in transaction.stacks.list(project=principal.project, blueprint_id=blueprint_id)
        if stack.records
    ]
    if reading.stack is not None:
        found = [stack for stack in found if stack.ref.name.casefold() == reading.stack.casefold()]
    elif revision is None:
        found = []
    if reading.engine is not None:
        found = [stack for stack in found if stack.ref.engine == reading.engine]
    return found


def waiting(transaction: Transaction, principal: Principal, *, most: int) -> Sequence[IPR]:
    """The requests of the project that wait for a decision."""
    return transaction.iprs.list(project=principal.project, status=IPRState.PENDING, limit=most)
