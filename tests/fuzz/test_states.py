"""Whatever several people do in whatever order: requests and deployments move only where they may, one run of a
stack is under way at a time, and nothing runs that was not approved as it is.

Over the real services, database, workflow and simulation; what is refused is part of the game.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)

from alma.core.model.access import DEFAULT_PROJECT, ApprovalRule, ProjectRules
from alma.core.model.deployment import DEPLOYMENT_TRANSITIONS, ENDED, Deployment, DeploymentState
from alma.core.model.errors import AlmaError
from alma.core.model.ipr import IPR, IPR_TRANSITIONS, IPRState, ReviewAction
from alma.core.model.principal import LOCAL, Principal
from alma.core.services.reviewing import ReviewRules
from tests.fuzz.conftest import EXAMPLES
from tests.people import somebody
from tests.world import World, world

State = TypeVar("State", bound=Hashable)

AUTHOR = somebody("ann", role="editor")
OPERATOR = somebody("olga", role="operator")
ROOT = somebody("root", role="admin")
PEOPLE = [
    AUTHOR,
    somebody("bob", role="approver"),
    somebody("eve", role="approver"),
    OPERATOR,
    ROOT,
]
APPROVERS = [who for who in PEOPLE if who.may_approve]
WRITERS = [AUTHOR, ROOT]


def reachable(transitions: Mapping[State, frozenset[State]]) -> dict[State, set[State]]:
    """Where a state may lead in any number of steps: a look may miss some in between."""
    found = {state: {state, *after} for state, after in transitions.items()}
    for _ in found:
        for after in found.values():
            after.update(*(found[state] for state in tuple(after)))
    return found


IPRS_MAY = reachable(IPR_TRANSITIONS)
DEPLOYMENTS_MAY = reachable(DEPLOYMENT_TRANSITIONS)


class Requests(RuleBasedStateMachine):
    """People at work on the requests of one project."""

    # What was refused stands in a bundle as an id that no one has: whether a run still
    # blocks its stack depends on how fast it is, and a bundle that is filled by luck would make the game differ each
    # time it is played.
    iprs: Bundle[int] = Bundle("iprs")
    deployments: Bundle[str] = Bundle("deployments")

    def __init__(self) -> None:
        super().__init__()
        # As in a server: the loop runs on between what people do, in a thread of its own, and the worker with it.
        self._loop = asyncio.new_event_loop()
        self._beside = threading.Thread(target=self._loop.run_forever)
        self._beside.start()
        self._open = AsyncExitStack()
        self._home = tempfile.TemporaryDirectory()
        self._world: World = self._run(self._opened())
        self._blueprints: list[int] = []
        self._needed = 1
        self._iprs: dict[int, IPRState] = {}
        self._deployments: dict[str, DeploymentState] = {}

    async def _opened(self) -> World:
        home = Path(self._home.name)
        opening = world(home, rules=ReviewRules(require_review=True))
        return await self._open.enter_async_context(opening)

    def teardown(self) -> None:
        self._run(self._open.aclose())
        self._run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._beside.join()
        self._loop.close()
        self._home.cleanup()

    def _run(self, work: Awaitable[Any]) -> Any:
        async def done() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result()

    def _try(self, work: Callable[[], Any]) -> Any:
        """The answer; None where the deed was refused in words of ours: anything else fails the test."""
        try:
            found = work()
            return self._run(found) if asyncio.iscoroutine(found) else found
        except AlmaError:
            return None

    # ── what people do ───────────────────────────────────────────────────────────────────────

    @initialize(target=iprs, needed=st.integers(1, 2))
    def begin(self, needed: int) -> Any:
        self._needed = needed
        with self._world.database.write() as transaction:
            found = transaction.projects.get(DEFAULT_PROJECT)
            rules = ProjectRules(approvals=(ApprovalRule(approvals=needed),))
            transaction.projects.update(found.model_copy(update={"rules": rules}))
        document = {"name": "shop", "resources": [{"name": "web", "type": "vm"}]}
        self._blueprints.append(self._world.blueprints.create(AUTHOR, document).id)
        opening = self._world.iprs.open
        first = opening(AUTHOR, title="x", blueprint_id=self._blueprints[0])
        return self._run(first).id

    @rule(count=st.integers(1, 3), who=st.sampled_from(WRITERS))
    def change(self, count: int, who: Principal) -> None:
        document = {"name": "shop", "resources": [{"name": "web", "type": "vm", "count": count}]}
        self._world.blueprints.update(who, self._blueprints[0], document)

    @rule(target=iprs, who=st.sampled_from(PEOPLE))
    def open(self, who: Principal) -> Any:
        iprs = self._world.iprs
        made = self._try(lambda: iprs.open(who, title="x", blueprint_id=self._blueprints[0]))
        return made.id if made else 0

    @rule(ipr=iprs, who=st.sampled_from(PEOPLE), action=st.sampled_from(ReviewAction))
    def review(self, ipr: int, who: Principal, action: ReviewAction) -> None:
        self._try(lambda: self._world.iprs.review(who, ipr, action=action))

    @rule(ipr=iprs)
    def approve(self, ipr: int) -> None:
        """More often than chance would: else hardly anything would run."""
        for who in APPROVERS[: self._needed]:
            self._agree(who, ipr)

    def _agree(self, who: Principal, ipr: int) -> None:
        self._try(lambda: self._world.iprs.review(who, ipr, action=ReviewAction.APPROVE))

    @rule(ipr=iprs, who=st.sampled_from(PEOPLE))
    def edit(self, ipr: int, who: Principal) -> None:
        self._try(lambda: self._world.iprs.update(who, ipr, title="y"))

    @rule(ipr=iprs, who=st.sampled_from(PEOPLE))
    def replan(self, ipr: int, who: Principal) -> None:
        self._try(lambda: self._world.iprs.replan(who, ipr))

    @rule(ipr=iprs, who=st.sampled_from(PEOPLE))
    def withdraw(self, ipr: int, who: Principal) -> None:
        self._try(lambda: self._world.iprs.cancel(who, ipr))

    @rule(target=deployments, ipr=iprs)
    def approve_and_deploy(self, ipr: int) -> Any:
        self.approve(ipr)
        return self.deploy(ipr, OPERATOR)

    @rule(
        target=deployments,
        ipr=iprs,
        counts=st.permutations((1, 2, 3)),
        writer=st.sampled_from(WRITERS),
    )
    def deploy_another_plan_than_was_approved(
        self, ipr: int, counts: list[int], writer: Principal
    ) -> Any:
        """What only approvals of an earlier plan speak for, with one of them given anew where two are needed."""
        self.change(counts[0], AUTHOR)
        self.replan(ipr, AUTHOR)
        self.approve(ipr)
        self.change(counts[1], writer)
        self.replan(ipr, AUTHOR)
        for who in APPROVERS[1 : self._needed]:
            self._agree(who, ipr)
        return self.deploy(ipr, OPERATOR)

    @rule(target=deployments, ipr=iprs, who=st.sampled_from(PEOPLE))
    def deploy(self, ipr: int, who: Principal) -> Any:
        queued = self._try(lambda: self._world.iprs.deploy(who, ipr))
        return queued.id if queued else ""

    @rule(deployment=deployments, who=st.sampled_from(PEOPLE))
    def stop(self, deployment: str, who: Principal) -> None:
        self._try(lambda: self._world.deployments.cancel(who, deployment))

    @rule(deployment=consumes(deployments))
    def wait(self, deployment: str) -> None:
        if not deployment:
            return
        ended = self._run(self._world.ended(deployment))
        assert ended.state in ENDED

    # ── what holds at every moment ───────────────────────────────────────────────────────────

    @invariant()
    def requests_move_only_where_they_may(self) -> None:
        found, _ = self._world.iprs.list(LOCAL, limit=500)
        for ipr in found:
            before = self._iprs.get(ipr.id, IPRState.PENDING)
            assert ipr.state in IPRS_MAY[before], f"{ipr.id}: {before} → {ipr.state}"
            self._iprs[ipr.id] = ipr.state

    @invariant()
    def deployments_move_only_where_they_may(self) -> None:
        for run in self._runs():
            before = self._deployments.get(run.id, DeploymentState.QUEUED)
            assert run.state in DEPLOYMENTS_MAY[before], f"{run.id}: {before} → {run.state}"
            self._deployments[run.id] = run.state

    @invariant()
    def nothing_runs_that_was_not_approved_as_it_is(self) -> None:
        for run in self._runs():
            ipr = self._world.iprs.get(LOCAL, run.ipr_id)
            counting = self._approvers(ipr, run) - self._authors(ipr, run)
            assert len(counting) >= self._needed, f"{run.id} runs {run.plan.digest}"

    @invariant()
    def one_run_at_a_time(self) -> None:
        under_way = [run.plan.stack.id for run in self._runs() if run.state not in ENDED]
        assert len(under_way) == len(set(under_way))

    def _runs(self) -> list[Deployment]:
        return [*self._world.deployments.list(LOCAL, limit=500)[0]]

    def _authors(self, ipr: IPR, run: Deployment) -> set[str]:
        """Who opened the request, and whoever wrote what was new in the run."""
        target = run.plan.target
        before = [
            other
            for other in self._runs()
            if other.state is DeploymentState.SUCCEEDED
            and other.finished_at is not None
            and other.finished_at <= run.created_at
        ]
        last = max(before, key=lambda other: other.finished_at or other.created_at, default=None)
        base = last.plan.target.revision if last else 0
        written = self._world.blueprints.revisions(LOCAL, target.blueprint_id)
        new = range(min(base, target.revision - 1) + 1, target.revision + 1)
        return {ipr.author, *(item.created_by for item in written if item.number in new)}

    def _approvers(self, ipr: IPR, run: Deployment) -> set[str]:
        return {
            review.principal
            for review in ipr.reviews
            if review.action is ReviewAction.APPROVE
            and review.plan_digest == run.plan.digest
            and review.created_at <= run.created_at
        }


TestRequests = Requests.TestCase
TestRequests.settings = settings(
    max_examples=EXAMPLES or 12,
    stateful_step_count=25 if EXAMPLES else 15,
    # A game that takes a second a move is not made shorter within a test's time: it is told as it was played.
    phases=[*Phase] if EXAMPLES else [Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    suppress_health_check=[*HealthCheck],
)
