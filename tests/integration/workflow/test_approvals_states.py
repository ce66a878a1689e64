"""Whoever reviews what in whatever order, and whatever roles they lose meanwhile: a plan may run exactly when as many
different people as its rule wants approve of it, may still do so, and nobody asks for changes of it.

Over the real services and database. What should be is counted anew from all that was done, in the plainest way.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from alma.core.model.access import DEFAULT_PROJECT, ROLES, ApprovalRule, Permission, ProjectRules
from alma.core.model.errors import AlmaError, ApprovalRequired
from alma.core.model.ipr import IPR, IPRState, ReviewAction
from alma.core.model.principal import Principal
from alma.core.ports import Transaction
from alma.core.services.reviewing import Held, ReviewRules
from tests.people import somebody
from tests.world import World, world

NAMES = ("ann", "bob", "cem", "dan")
AUTHOR = "ann"
ANN = somebody(AUTHOR, role="admin")
TINY: dict[str, Any] = {"name": "tiny", "resources": [{"name": "box", "type": "vm"}]}
WORDS: dict[ReviewAction, IPRState] = {
    ReviewAction.REJECT: IPRState.REJECTED,
    ReviewAction.REQUEST_CHANGES: IPRState.PENDING,
}


class Reviews(RuleBasedStateMachine):
    """Four people and one request after another, under one rule."""

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._home = tempfile.TemporaryDirectory()
        self._roles: dict[str, set[str]] = {name: {"approver"} for name in NAMES}
        self._roles[AUTHOR].add("editor")
        self._world: World = self._run(self._opened())
        self._said: dict[str, ReviewAction] = {}
        self._count = 1

    async def _opened(self) -> World:
        opening = world(
            Path(self._home.name), rules=ReviewRules(present=self._present), started=False
        )
        return await self._open.enter_async_context(opening)

    def teardown(self) -> None:
        self._run(self._open.aclose())
        self._runner.close()
        self._home.cleanup()

    def _run(self, work: Awaitable[Any]) -> Any:
        async def done() -> Any:
            return await work

        return self._runner.run(done())

    # ── the people ───────────────────────────────────────────────────────────────────────────────

    def _present(self, transaction: Transaction, principal: str, project: str) -> Held | None:
        roles = self._roles.get(principal)
        return Held(_allowed(roles), frozenset(roles)) if roles else None

    def _principal(self, name: str) -> Principal:
        roles = self._roles[name]
        return Principal(id=name, roles=frozenset(roles), permissions=_allowed(roles))

    @initialize(
        wanted=st.integers(1, 3),
        approvers=st.sampled_from(
            [(), ("role:security",), ("bob", "role:approver"), ("ann", "bob")]
        ),
        author=st.sampled_from([None, True, False]),
    )
    def begin(self, wanted: int, approvers: tuple[str, ...], author: bool | None) -> None:
        self._rule = ApprovalRule(approvals=wanted, approvers=approvers)
        self._author_counts = author is not False
        rules = ProjectRules(author_may_approve=author, approvals=(self._rule,))
        with self._world.database.write() as transaction:
            found = transaction.projects.get(DEFAULT_PROJECT)
            transaction.projects.update(found.model_copy(update={"rules": rules}))
        self._blueprint = self._world.blueprints.create(ANN, TINY).id
        self._open_one()

    # ── what they do ─────────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: self._now().state is IPRState.REJECTED)
    @rule()
    def open_another(self) -> None:
        self._open_one()

    def _open_one(self) -> None:
        opening = self._world.iprs.open(ANN, title="a change", blueprint_id=self._blueprint)
        self._ipr = self._run(opening).id
        self._said = {}

    @rule(
        name=st.sampled_from(NAMES),
        action=st.sampled_from([*ReviewAction, *[ReviewAction.APPROVE] * 3]),
    )
    def review(self, name: str, action: ReviewAction) -> None:
        before, who = self._now(), self._principal(name)
        may = Permission.IPR_APPROVE in who.permissions
        own = action is ReviewAction.APPROVE and name == AUTHOR and not self._author_counts
        try:
            after = self._world.iprs.review(who, self._ipr, action=action)
        except AlmaError:
            assert self._now() == before, "what was refused has changed something"
            assert not may or own or before.state in {IPRState.REJECTED, IPRState.CANCELLED}
            return
        assert may
        assert not own
        self._said[name] = action
        assert after.state is WORDS.get(action, self._approved_if_complete())

    @rule(name=st.sampled_from(NAMES), role=st.sampled_from(["approver", "security", "viewer"]))
    def take(self, name: str, role: str) -> None:
        self._roles[name].discard(role)

    @rule(name=st.sampled_from(NAMES), role=st.sampled_from(["approver", "security"]))
    def give(self, name: str, role: str) -> None:
        self._roles[name].add(role)

    @rule()
    def plan_anew(self) -> None:
        """Another plan needs all of its approvals anew; nobody's word on the old one is a word on this one."""
        self._count += 1
        box = {**TINY["resources"][0], "count": self._count}
        self._world.blueprints.update(ANN, self._blueprint, {**TINY, "resources": [box]})
        if self._now().state in {IPRState.PENDING, IPRState.APPROVED}:
            self._run(self._world.iprs.replan(ANN, self._ipr))
            self._said = {}

    # ── what holds at every moment ───────────────────────────────────────────────────────────────

    @invariant()
    def a_request_says_who_counts_and_how_many_are_missing(self) -> None:
        stands = self._world.iprs.approvals(ANN, self._now())
        (need,) = stands.needs
        assert set(need.given_by) == self._counting()
        assert need.missing == max(0, self._rule.approvals - len(self._counting()))
        assert set(stands.held_by) == self._holding()
        assert stands.complete is self._complete()
        assert bool(stands.told) is not stands.complete

    @invariant()
    def a_plan_may_run_exactly_when_it_is_approved_and_complete(self) -> None:
        ipr, rules = self._now(), ReviewRules(present=self._present)
        with self._world.database.read() as transaction:
            try:
                rules.require_approval(transaction, somebody("olga", role="operator"), ipr)
                runs = True
            except ApprovalRequired:
                runs = False
        assert runs is (ipr.state is not IPRState.PENDING and self._complete())

    def _now(self) -> IPR:
        return self._world.iprs.get(ANN, self._ipr)

    def _counting(self) -> set[str]:
        return {
            name
            for name, said in self._said.items()
            if said is ReviewAction.APPROVE and self._counts(name)
        }

    def _counts(self, name: str) -> bool:
        roles, among = self._roles[name], self._rule.approvers
        if "approver" not in roles or (name == AUTHOR and not self._author_counts):
            return False
        return not among or name in among or any(f"role:{role}" in among for role in roles)

    def _holding(self) -> set[str]:
        return {name for name, said in self._said.items() if said is ReviewAction.REQUEST_CHANGES}

    def _complete(self) -> bool:
        return not self._holding() and len(self._counting()) >= self._rule.approvals

    def _approved_if_complete(self) -> IPRState:
        return IPRState.APPROVED if self._complete() else IPRState.PENDING


def _allowed(roles: set[str]) -> frozenset[Permission]:
    return frozenset[Permission]().union(*(ROLES.get(role, ()) for role in roles))


TestReviews = Reviews.TestCase
TestReviews.settings = settings(
    max_examples=10,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[*HealthCheck],
)
