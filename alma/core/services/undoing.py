"""Takes back what one deployment did: to what was deployed before it, judged by what the engine says and not by memory.

What an interrupted change really did is what is there. So it is read, undone and read again, until nothing is left to
undo; then the records are what was read last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from alma.core.model.deployment import Deployment, DeploymentState, Step, StepState
from alma.core.model.errors import AlmaError
from alma.core.model.plan import Action, Change, Plan, PlanKind
from alma.core.model.state import DesiredResource, Observation, StateRecord
from alma.core.planning.compare import require_same_place
from alma.core.planning.order import waves
from alma.core.planning.planner import make_plan
from alma.core.ports import Engine, Engines, Repositories
from alma.core.services.applying import Applying
from alma.core.services.deployed import deployed
from alma.core.services.failure import Failure, failure_of, told
from alma.core.services.journal import Journal
from alma.core.services.patience import Patience

# A call that was thought lost may end while it is being undone: then there is a second round, seldom a third.
ROUNDS = 3
_REMOVING = {Action.DELETE, Action.REPLACE}


@dataclass(frozen=True)
class _Found:
    """One look: what is there, what of it is to be undone, and sentences on what nothing brings back."""

    observation: Observation
    plan: Plan
    lost: tuple[str, ...]


class Undoing:
    """Undoes deployments. Safe to repeat: a second time goes on where the first was interrupted."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        engines: Engines,
        journal: Journal,
        applying: Applying,
        patience: Patience,
    ) -> None:
        self._repositories = repositories
        self._engines = engines
        self._journal = journal
        self._applying = applying
        self._patience = patience

    async def undo(self, id_: str) -> Failure | None:
        """Brings what this deployment touched back to what was deployed before it, and removes what it made; or says
        what of it could not be."""
        durably = self._patience.durably
        await durably(
            self._journal.enter, id_, DeploymentState.ROLLING_BACK, "undoing what was done"
        )
        deployment = await durably(self._journal.load, id_)
        touched = {s.address: s for s in deployment.steps if s.state is not StepState.PENDING}
        if not touched:
            return None
        try:
            return await self._take_back(deployment, touched)
        except AlmaError as error:
            return failure_of(error)

    async def _take_back(self, deployment: Deployment, touched: dict[str, Step]) -> Failure | None:
        failures: dict[str, Failure] = {}
        found = await self._look(deployment, touched)
        for _ in range(ROUNDS):
            # What failed may only have been in the way of what turned up meanwhile; by itself it would fail again.
            if all(change.address in failures for change in found.plan.effective):
                break
            failures = await self._perform(deployment, found.plan)
            found = await self._look(deployment, touched)
        rest = tuple(c.address for c in found.plan.effective if c.address not in failures)
        left = _incomplete(failures, found.lost, rest)
        await self._patience.durably(
            self._journal.settle, deployment, tuple(touched), found.observation, undone=left is None
        )
        return left

    async def _perform(self, deployment: Deployment, plan: Plan) -> dict[str, Failure]:
        """All of it, whatever fails: what can be taken back is. As many at once as the engine takes."""
        limit = asyncio.Semaphore(self._engine(deployment).traits.max_parallel)
        changes = {change.address: change for change in plan.effective}

        async def one(address: str) -> Failure | None:
            async with limit:
                key = f"{deployment.id}:undo:{address}"
                return await self._applying.perform(deployment, changes[address], key)

        failures: dict[str, Failure] = {}
        for wave in waves(plan):
            # What raises is raised when the others have ended: they may be in the middle of a call.
            answers = await asyncio.gather(*map(one, wave), return_exceptions=True)
            for address, answer in zip(wave, answers, strict=True):
                if isinstance(answer, BaseException):
                    raise answer
                if answer is not None:
                    failures[address] = answer
        return failures

    async def _look(self, deployment: Deployment, touched: dict[str, Step]) -> _Found:
        """The plan back to what was deployed before, cut down to what this deployment touched."""
        engine = self._engine(deployment)
        observation = await self._patience.patiently(lambda: engine.read(deployment.plan.stack))
        require_same_place(deployment.plan, observation)
        return await self._patience.durably(self._compare, deployment, touched, engine, observation)

    def _engine(self, deployment: Deployment) -> Engine:
        return self._engines.get(
            deployment.plan.target.engine, project=deployment.project, holder=deployment.id
        )

    def _compare(
        self,
        deployment: Deployment,
        touched: Mapping[str, Step],
        engine: Engine,
        observation: Observation,
    ) -> _Found:
        before, records = self._before(deployment)
        plan = make_plan(
            # Volumes this deployment made go too: nothing was in them before it.
            target=deployment.plan.target.model_copy(
                update={"kind": PlanKind.DEPLOY, "volumes": True, "adopt": {}}
            ),
            blueprint_name=deployment.plan.blueprint_name,
            revision_digest="undo",
            desired=before,
            observation=observation,
            records=records,
            engine=engine,
        )
        known = {item.address for item in before}
        made = {address for address, step in touched.items() if step.action is Action.CREATE}
        adopted = {at for at, step in touched.items() if step.action is Action.ADOPT}
        ours = (known | made) & touched.keys() - adopted
        mine = [change for change in plan.changes if change.address in ours]
        stays = _would_take_data(touched, mine, observation)
        lost = [
            *_lost(deployment.id, touched, before, observation),
            *(
                f"{address} stays as it is now: going back would take what it holds"
                for address in stays
            ),
        ]
        kept = [change for change in mine if change.address not in stays]
        released = _releases(deployment.plan, adopted, observation)
        return _Found(
            observation=observation,
            plan=plan.model_copy(update={"changes": (*kept, *released)}),
            lost=tuple(lost),
        )

    def _before(
        self, deployment: Deployment
    ) -> tuple[Sequence[DesiredResource], Sequence[StateRecord]]:
        stack_id, project = deployment.plan.stack.id, deployment.project
        with self._repositories.read() as transaction:
            desired = deployed(transaction, stack_id=stack_id, project=project)
            return desired, transaction.stacks.get(stack_id, project=project).records


def _would_take_data(
    touched: Mapping[str, Step], changes: Sequence[Change], observation: Observation
) -> Sequence[str]:
    """What was changed, holds data and could only be brought back by making it anew, empty: where a disk belongs to its
    guest, such as after it grew."""
    holds_data = {item.address for item in observation.resources if item.retain}
    changed = {at for at, step in touched.items() if step.action is Action.UPDATE}
    back = [change.address for change in changes if change.action is Action.REPLACE]
    return [address for address in back if address in holds_data & changed]


def _releases(plan: Plan, adopted: set[str], observation: Observation) -> Iterator[Change]:
    """What was adopted was never ALMA's to delete or to change, whatever was at its address before: its marker goes."""
    for change in plan.changes:
        ours = [o for o in observation.resources if o.object_id == change.object_id]
        if change.address in adopted and ours:
            yield Change(
                address=change.address,
                type=change.type,
                action=Action.RELEASE,
                reason="it was there before it was adopted",
                object_id=change.object_id,
            )


def _lost(
    id_: str,
    touched: Mapping[str, Step],
    before: Sequence[DesiredResource],
    observation: Observation,
) -> Iterator[str]:
    """What no undoing brings back: data that was taken away, and what was changed though no deployment says what it
    was. What this deployment was to take away is still there only under another's key, whatever its engine said."""
    keys = {item.address: item.key for item in observation.resources}
    holds_data = {item.address: item.retain for item in before}
    for address, step in sorted(touched.items()):
        gone = step.action in _REMOVING and keys.get(address, f"{id_}:").startswith(f"{id_}:")
        if gone and holds_data.get(address):
            yield f"what {address} held is gone"
        elif address not in holds_data and (gone or _was_updated(step)):
            yield f"no deployment says what {address} was before it was changed"


def _was_updated(step: Step) -> bool:
    """The engine had answered, or may have done it."""
    answered = step.object_id is not None or step.state in {StepState.RUNNING, StepState.UNKNOWN}
    return step.action is Action.UPDATE and answered


def _incomplete(
    failures: Mapping[str, Failure], lost: Sequence[str], rest: Sequence[str]
) -> Failure | None:
    said = [*(str(failure["message"]) for failure in failures.values()), *lost]
    if rest:
        said.append(f"{', '.join(rest)} changed again while it was undone")
    if not said:
        return None
    return {
        "code": "rollback_incomplete",
        "message": told("; ".join(said)),
        "hint": "plan again to see what is left",
    }
