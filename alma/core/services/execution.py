"""What one deployment does, effect by effect. The durable workflow decides when; these say what, safe to repeat.

Failures that can be explained are answers here, not exceptions, so that the workflow remembers them.
"""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.model.deployment import Check, Deployment, DeploymentState
from alma.core.model.errors import AlmaError, EngineError, PlanStale
from alma.core.model.plan import Action
from alma.core.model.principal import system
from alma.core.model.state import Observation
from alma.core.planning.compare import require_same_place
from alma.core.ports import Engine, Engines, Repositories
from alma.core.ports.telemetry import Tracing
from alma.core.services.applying import Applying
from alma.core.services.deploying import refuse_if_moved
from alma.core.services.failure import Failure, failure_of, told
from alma.core.services.journal import Journal
from alma.core.services.patience import FIRST_PAUSE_SECONDS, Patience
from alma.core.services.places import Places
from alma.core.services.plans import Plans
from alma.core.services.proving import prove
from alma.core.services.undoing import Undoing

_REMEMBERED = 64


class Execution:
    """The effects of deployments. No principal: a deployment was allowed when it was queued."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        engines: Engines,
        plans: Plans,
        journal: Journal,
        pause: float = FIRST_PAUSE_SECONDS,
        tracing: Tracing | None = None,
    ) -> None:
        self._engines = engines
        self._plans = plans
        self._journal = journal
        self._patience = Patience(pause)
        self._places = Places(self._patience)
        self._applying = Applying(
            engines=engines,
            journal=journal,
            patience=self._patience,
            places=self._places,
            tracing=tracing,
        )
        self._undoing = Undoing(
            repositories=repositories,
            engines=engines,
            journal=journal,
            applying=self._applying,
            patience=self._patience,
        )
        self._facts: dict[str, Deployment] = {}

    async def facts(self, id_: str) -> Deployment:
        """The deployment with what never changes of it: plan, project, author. Its state may be old."""
        found = self._facts.get(id_)
        if found is None:
            found = self._facts[id_] = await self._patience.durably(self._journal.load, id_)
            for eldest in list(self._facts)[:-_REMEMBERED]:
                self._facts.pop(eldest, None)
        return found

    def parallel(self, deployment: Deployment) -> int:
        """How many changes may be under way at once. One, where the engine can't be had: the run will say why."""
        try:
            return self._engine(deployment).traits.max_parallel
        except AlmaError:
            return 1

    def _engine(self, deployment: Deployment) -> Engine:
        """The same from the run's beginning to its end."""
        return self._engines.get(
            deployment.plan.target.engine, project=deployment.project, holder=deployment.id
        )

    async def lock(self, id_: str) -> Failure | None:
        """Takes the stack's lease and starts the run."""
        return await self._patience.durably(self._journal.start, id_)

    async def recheck(self, id_: str) -> Failure | None:
        """Reads again and refuses when what would run is not what was approved."""
        deployment = await self.facts(id_)
        principal = system(deployment.started_by, deployment.project)
        try:
            plan = deployment.plan
            now = await self._patience.patiently(
                lambda: self._plans.make(principal, plan.target, earlier=plan, holder=id_)
            )
            refuse_if_moved(deployment.plan, now, ipr_id=deployment.ipr_id)
            self._places.saw(id_)
        except AlmaError as error:
            return failure_of(error)
        words = "read again: the plan is the one that was approved"
        await self._patience.durably(self._journal.note, id_, words, once="rechecked")
        return None

    async def apply(self, id_: str, address: str) -> Failure | None:
        """Makes one change of the plan true and proves it, or says why not."""
        deployment = await self.facts(id_)
        refusal = await self._patience.durably(self._journal.skips, id_, address)
        if refusal is not None:
            return refusal
        change = next(item for item in deployment.plan.effective if item.address == address)
        return await self._applying.perform(deployment, change, f"{id_}:{address}")

    async def verify(self, id_: str) -> Failure | None:
        """Asks every workload of the plan whether it works, and stores the proofs. A cancel counts until then."""
        durably = self._patience.durably
        if cancelled := await durably(self._journal.cancelled, id_):
            return cancelled
        await durably(self._journal.enter, id_, DeploymentState.VERIFYING, "verifying what runs")
        try:
            checks = await self._prove(await self.facts(id_))
        except (EngineError, PlanStale) as error:
            return failure_of(error)
        await durably(self._journal.checks, id_, checks)
        failed = "; ".join(f"{c.address}: {c.name}: {c.detail}" for c in checks if not c.passed)
        if not failed:
            return await durably(self._journal.cancelled, id_)
        hint = "look at the resource's log, then deploy again"
        return {"code": "verification_failed", "message": told(failed), "hint": hint}

    async def undo(self, id_: str) -> Failure | None:
        """Brings what this deployment touched back to what was deployed before it, and removes what it made."""
        return await self._undoing.undo(id_)

    async def broke(self, id_: str, address: str, failure: Failure) -> None:
        """Writes down that a fault of ours ended a change in the middle: nobody knows how far it got."""
        await self._patience.durably(self._journal.broke, id_, address, failure)

    async def conclude(
        self, id_: str, failure: Failure | None, undone: bool, undo_failure: Failure | None
    ) -> str:
        """Writes the end: the deployment's state, its request's, the stack's revision; gives back the lease."""
        seen = await self._last_look(id_) if failure is None else None
        self._facts.pop(id_, None)
        self._engines.release(id_)
        self._places.forget(id_)
        return await self._patience.durably(
            self._journal.conclude,
            id_,
            failure=failure,
            undone=undone,
            undo_failure=undo_failure,
            seen=seen,
        )

    def unended(self) -> Sequence[str]:
        """The deployments that have not ended, of all projects."""
        return self._journal.unended()

    async def _prove(self, deployment: Deployment) -> list[Check]:
        """That what should be there works, and that what was deleted is not there: an engine's word is no proof."""
        engine, plan = self._engine(deployment), deployment.plan
        wanted = [change.desired for change in plan.changes if change.desired]
        checks = await prove(engine, plan.stack, wanted, self._patience)
        deleted = [c.address for c in plan.changes if c.action is Action.DELETE]
        if deleted:
            seen = await self._patience.patiently(lambda: engine.read(plan.stack))
            require_same_place(plan, seen)
            present = {item.address for item in seen.resources}
            checks += [_gone(address, address not in present) for address in deleted]
        return checks

    async def _last_look(self, id_: str) -> Observation | None:
        deployment = await self.facts(id_)
        try:
            seen = await self._engine(deployment).read(deployment.plan.stack)
            require_same_place(deployment.plan, seen)
            return seen
        except AlmaError:
            return None  # The run has succeeded; where it answers can be asked again later.


def _gone(address: str, passed: bool) -> Check:
    detail = "it is not there any more" if passed else "it is still there"
    return Check(address=address, name="gone", passed=passed, detail=detail)
