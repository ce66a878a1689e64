"""Separation of duties: how many approvals of whom a plan needs before it runs, and what takes an approval back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from alma.core.model.access import (
    DEFAULT_PROJECT,
    ROLES,
    ApprovalRule,
    Permission,
    ProjectRules,
)
from alma.core.model.errors import ApprovalRequired, Forbidden
from alma.core.model.ipr import IPR, IPRState, ReviewAction
from alma.core.model.plan import Pace, Strategy
from alma.core.model.principal import LOCAL
from alma.core.ports import Transaction
from alma.core.services.reviewing import Held, ReviewRules
from tests.people import somebody
from tests.world import World, world

APPROVE, CHANGES = ReviewAction.APPROVE, ReviewAction.REQUEST_CHANGES
TINY: dict[str, Any] = {"name": "tiny", "resources": [{"name": "box", "type": "vm"}]}

ADA, BOB, EVE = (somebody(name, role="approver") for name in ("ada", "bob", "eve"))
OLGA = somebody("olga", role="operator")
OPENER = somebody("olga", role="editor")


@dataclass
class Staff:
    """Who holds which role now, as the installation would say."""

    roles: dict[str, set[str]] = field(
        default_factory=lambda: {
            "local": {"admin"},
            "ada": {"approver"},
            "bob": {"approver"},
            "eve": {"approver", "security"},
            "olga": {"operator"},
        }
    )

    def present(self, transaction: Transaction, principal: str, project: str) -> Held | None:
        roles = self.roles.get(principal)
        if roles is None:
            return None
        permissions = frozenset[Permission]().union(*(ROLES.get(role, ()) for role in roles))
        return Held(permissions, frozenset(roles))


@asynccontextmanager
async def office(
    home: Path,
    *approvals: ApprovalRule,
    staff: Staff | None = None,
    started: bool = False,
    **more: Any,
) -> AsyncIterator[World]:
    """An installation whose default project has these rules; `require_review` and `auto_approve` are settings."""
    settings = {name: more.pop(name) for name in ("require_review", "auto_approve") if name in more}
    rules = ReviewRules(present=(staff or Staff()).present, **settings)
    async with world(home, rules=rules, started=started) as here:
        with here.database.write() as transaction:
            found = transaction.projects.get(DEFAULT_PROJECT)
            said = ProjectRules(approvals=approvals, **more)
            transaction.projects.update(found.model_copy(update={"rules": said}))
        yield here


async def opened(here: World, document: dict[str, Any] = TINY, *, by: Any = LOCAL) -> IPR:
    saved = here.blueprints.create(LOCAL, document)
    return await here.iprs.open(by, title="a change", blueprint_id=saved.id)


@contextmanager
def lacking(*, missing: int | None = None) -> Iterator[pytest.ExceptionInfo[ApprovalRequired]]:
    with pytest.raises(ApprovalRequired) as told:
        yield told
    if missing is not None:
        assert [item["approvals"] for item in _missing(told.value)] == [missing]


def _missing(error: ApprovalRequired) -> list[dict[str, Any]]:
    found = error.details["missing"]
    assert isinstance(found, list)
    return found


async def test_a_plan_waits_until_as_many_different_people_approved_as_its_rule_says(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, ApprovalRule(approvals=2), started=True) as here:
        ipr = await opened(here)
        here.iprs.review(ADA, ipr.id, action=APPROVE)
        again = here.iprs.review(ADA, ipr.id, action=APPROVE)
        assert again.state is IPRState.PENDING, "one person is one approval"
        with lacking(missing=1) as told:
            await here.iprs.deploy(OLGA, ipr.id)
        assert told.value.hint == "it needs 1 more approval"

        done = here.iprs.review(BOB, ipr.id, action=APPROVE)
        assert done.state is IPRState.APPROVED
        assert (await here.iprs.deploy(OLGA, ipr.id)).ipr_id == ipr.id


async def test_a_rule_counts_the_approvals_of_those_it_names_only(tmp_path: Path) -> None:
    rule = ApprovalRule(approvers=("role:security",))
    async with office(tmp_path, rule) as here:
        ipr = await opened(here)
        assert here.iprs.review(ADA, ipr.id, action=APPROVE).state is IPRState.PENDING
        with lacking(missing=1) as told:
            await here.iprs.deploy(OLGA, ipr.id)
        assert told.value.hint == "it needs 1 approval from somebody with the role security"
        assert here.iprs.review(EVE, ipr.id, action=APPROVE).state is IPRState.APPROVED


async def test_every_rule_that_fits_holds_and_others_do_not(tmp_path: Path) -> None:
    rules = (
        ApprovalRule(engine="proxmox", approvals=5),
        ApprovalRule(engine="simulation", approvers=("ada",)),
        ApprovalRule(environment="prod", approvers=("bob",)),
        ApprovalRule(environment="test", approvals=7),
    )
    async with office(tmp_path, *rules) as here:
        live = {**TINY, "metadata": {"environment": "production"}}
        ipr = await opened(here, live)
        assert here.iprs.review(ADA, ipr.id, action=APPROVE).state is IPRState.PENDING
        stands = here.iprs.approvals(LOCAL, here.iprs.get(LOCAL, ipr.id))
        assert [(need.given_by, need.missing) for need in stands.needs] == [(("ada",), 0), ((), 1)]
        assert stands.told == "1 approval from bob in production"
        assert here.iprs.review(BOB, ipr.id, action=APPROVE).state is IPRState.APPROVED


async def test_an_authors_approval_counts_as_the_project_says_whatever_the_setting(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, author_may_approve=False) as here:
        author = somebody("ada")
        ipr = await opened(here, by=author)
        with pytest.raises(Forbidden, match="opened by ada"):
            here.iprs.review(author, ipr.id, action=APPROVE)
    async with office(tmp_path, author_may_approve=True, require_review=True) as here:
        ipr = await opened(here, by=author)
        assert here.iprs.review(author, ipr.id, action=APPROVE).state is IPRState.APPROVED


async def test_who_puts_their_own_revision_into_somebodys_request_does_not_approve_it(
    tmp_path: Path,
) -> None:
    """Planned again, a request is of the newest revision: who wrote that is its author as much as who opened it."""
    async with office(tmp_path, author_may_approve=False, started=True) as here:
        writes = {"permissions": ROLES["editor"] | ROLES["approver"]}
        bob, key = BOB.model_copy(update=writes), {"id": "key:7", "owner": "bob"}
        ipr = await opened(here, by=somebody("olga", role="editor"))
        here.iprs.review(ADA, ipr.id, action=APPROVE)
        more = {**TINY, "resources": [*TINY["resources"], {"name": "own", "type": "vm"}]}
        number = ipr.plan.target.blueprint_id
        here.blueprints.update(bob.model_copy(update=key), number, more, expected=1)
        moved = await here.iprs.replan(bob, ipr.id)
        assert (moved.state, moved.plan.target.revision) == (IPRState.PENDING, 2)
        for caller in (bob, bob.model_copy(update=key)):
            with pytest.raises(Forbidden, match="has what bob wrote since the last deployment"):
                here.iprs.review(caller, ipr.id, action=APPROVE)
        assert here.iprs.review(ADA, ipr.id, action=APPROVE).state is IPRState.APPROVED


def _larger(count: int) -> dict[str, Any]:
    return {**TINY, "resources": [{"name": "box", "type": "vm", "count": count}]}


async def test_two_who_each_write_a_part_do_not_approve_each_others(tmp_path: Path) -> None:
    """Whoever wrote any revision since the deployed one is an author of all that a plan brings."""
    both = {"permissions": ROLES["editor"] | ROLES["approver"]}
    ada, bob = ADA.model_copy(update=both), BOB.model_copy(update=both)
    async with office(tmp_path, author_may_approve=False, started=True) as here:
        number = here.blueprints.create(ada, TINY).id
        here.blueprints.update(bob, number, _larger(2), expected=1)
        ipr = await here.iprs.open(bob, title="two hands", blueprint_id=number)
        with pytest.raises(Forbidden, match="has what ada wrote since the last deployment"):
            here.iprs.review(ada, ipr.id, action=APPROVE)
        assert here.iprs.review(EVE, ipr.id, action=APPROVE).state is IPRState.APPROVED
        await here.ended((await here.iprs.deploy(OLGA, ipr.id)).id)

        # What ada wrote has been approved by somebody else and runs: the next change is bob's alone.
        here.blueprints.update(bob, number, _larger(3), expected=2)
        later = await here.iprs.open(OPENER, title="one hand", blueprint_id=number)
        with pytest.raises(Forbidden, match="bob"):
            here.iprs.review(bob, later.id, action=APPROVE)
        assert here.iprs.review(ada, later.id, action=APPROVE).state is IPRState.APPROVED


async def test_who_chooses_another_place_or_pace_for_a_request_does_not_approve_it(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, author_may_approve=False, started=True) as here:
        ipr = await opened(here, by=OPENER)
        await here.iprs.replan(BOB, ipr.id)
        slow = await here.iprs.replan(ADA, ipr.id, pace=Pace(strategy=Strategy.ROLLING, batch=2))
        assert slow.plan.steered_by == ("ada",)
        # Planned once more by somebody else, it still goes where ada had it go.
        again = await here.iprs.replan(BOB, ipr.id)
        assert again.plan.steered_by == ("ada",)
        with pytest.raises(Forbidden, match="planned as ada chose"):
            here.iprs.review(ADA, ipr.id, action=APPROVE)
        assert here.iprs.review(BOB, ipr.id, action=APPROVE).state is IPRState.APPROVED


async def test_who_wrote_and_took_it_back_has_written(tmp_path: Path) -> None:
    """What stands in a revision is not looked at: only who wrote one, so that there is nothing to argue about."""
    both = {"permissions": ROLES["editor"] | ROLES["approver"]}
    ada, bob = ADA.model_copy(update=both), BOB.model_copy(update=both)
    async with office(tmp_path, author_may_approve=False, started=True) as here:
        number = here.blueprints.create(bob, TINY).id
        here.blueprints.update(ada, number, _larger(2), expected=1)
        here.blueprints.update(bob, number, TINY, expected=2)
        ipr = await here.iprs.open(OPENER, title="there and back", blueprint_id=number)
        with pytest.raises(Forbidden, match="ada"):
            here.iprs.review(ada, ipr.id, action=APPROVE)


async def test_a_key_of_the_author_is_not_somebody_else(tmp_path: Path) -> None:
    async with office(tmp_path, author_may_approve=False) as here:
        author = somebody("ada")
        ipr = await opened(here, by=author)
        key = author.model_copy(update={"id": "key:7", "owner": "ada"})
        with pytest.raises(Forbidden, match="opened by ada"):
            here.iprs.review(key, ipr.id, action=APPROVE)


async def test_a_person_and_their_key_are_one_approval(tmp_path: Path) -> None:
    async with office(tmp_path, ApprovalRule(approvals=2)) as here:
        ipr = await opened(here)
        here.iprs.review(ADA, ipr.id, action=APPROVE)
        key = ADA.model_copy(update={"id": "key:7", "owner": "ada"})
        assert here.iprs.review(key, ipr.id, action=APPROVE).state is IPRState.PENDING


async def test_who_asks_for_changes_holds_a_plan_until_they_agree(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        ipr = await opened(here)
        here.iprs.review(ADA, ipr.id, action=CHANGES, comments="why?")
        assert here.iprs.review(BOB, ipr.id, action=APPROVE).state is IPRState.PENDING
        with lacking() as told:
            await here.iprs.deploy(OLGA, ipr.id)
        assert told.value.details["held_by"] == ["ada"]
        assert here.iprs.review(ADA, ipr.id, action=APPROVE).state is IPRState.APPROVED


async def test_who_asks_for_changes_later_takes_an_approved_plan_back(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        ipr = await opened(here)
        here.iprs.review(BOB, ipr.id, action=APPROVE)
        assert here.iprs.review(ADA, ipr.id, action=CHANGES).state is IPRState.PENDING
        with lacking():
            await here.iprs.deploy(OLGA, ipr.id)


async def test_an_approval_ends_with_the_role_it_rested_on(tmp_path: Path) -> None:
    staff = Staff()
    async with office(tmp_path, staff=staff, started=True) as here:
        ipr = await opened(here)
        here.iprs.review(ADA, ipr.id, action=APPROVE)
        staff.roles["ada"] = {"viewer"}
        with lacking(missing=1):
            await here.iprs.deploy(OLGA, ipr.id)
        del staff.roles["ada"]
        with lacking(missing=1):
            await here.iprs.deploy(OLGA, ipr.id)
        staff.roles["ada"] = {"approver"}
        assert (await here.iprs.deploy(OLGA, ipr.id)).ipr_id == ipr.id


async def test_another_plan_needs_all_its_approvals_anew(tmp_path: Path) -> None:
    async with office(tmp_path, ApprovalRule(approvals=2)) as here:
        ipr = await opened(here)
        here.iprs.review(ADA, ipr.id, action=APPROVE)
        larger = {**TINY, "resources": [{"name": "box", "type": "vm", "count": 2}]}
        here.blueprints.update(LOCAL, ipr.plan.target.blueprint_id, larger)
        moved = await here.iprs.replan(LOCAL, ipr.id)
        assert moved.state is IPRState.PENDING
        assert here.iprs.review(BOB, ipr.id, action=APPROVE).state is IPRState.PENDING
        with lacking(missing=1):
            await here.iprs.deploy(OLGA, ipr.id)


async def test_configuration_approves_only_what_no_rule_is_about(tmp_path: Path) -> None:
    rule = ApprovalRule(environment="production")
    async with office(tmp_path, rule, auto_approve=True) as here:
        assert (await opened(here)).state is IPRState.APPROVED
        live = {**TINY, "name": "live", "metadata": {"environment": "prod"}}
        assert (await opened(here, live)).state is IPRState.PENDING


async def test_a_project_approves_by_itself_or_not_whatever_the_setting(tmp_path: Path) -> None:
    async with office(tmp_path, auto_approve=True) as here:
        with here.database.write() as transaction:
            found = transaction.projects.get(DEFAULT_PROJECT)
            said = ProjectRules(auto_approve=False)
            transaction.projects.update(found.model_copy(update={"rules": said}))
        assert (await opened(here)).state is IPRState.PENDING


async def test_who_approved_starts_nothing_where_two_are_wanted(tmp_path: Path) -> None:
    async with office(tmp_path, approver_may_deploy=False, started=True) as here:
        ipr = await opened(here)
        both = somebody("ada")
        here.iprs.review(both, ipr.id, action=APPROVE)
        with pytest.raises(Forbidden, match="ada approved IPR 1, and can't start it"):
            await here.iprs.deploy(both, ipr.id)
        assert (await here.iprs.deploy(OLGA, ipr.id)).ipr_id == ipr.id


async def test_of_a_role_taken_while_a_run_is_queued_the_taking_comes_first(
    tmp_path: Path,
) -> None:
    """The approval is looked at once more in the transaction that queues the run."""
    staff = Staff()
    async with office(tmp_path, staff=staff) as here:
        ipr = await opened(here)
        here.iprs.review(ADA, ipr.id, action=APPROVE)
        plans, make = here.plans, here.plans.make

        async def meanwhile(*given: Any, **more: Any) -> Any:
            staff.roles["ada"] = set()
            return await make(*given, **more)

        plans.make = meanwhile  # type: ignore[method-assign]  # what happens between two looks
        with lacking(missing=1):
            await here.iprs.deploy(OLGA, ipr.id)
        assert await asyncio.to_thread(here.deployments.list, LOCAL) == ([], 0)


async def test_who_looks_is_told_why_their_own_approval_would_not_count(tmp_path: Path) -> None:
    async with office(tmp_path, require_review=True) as here:
        ipr = await opened(here)

        assert here.iprs.refusal(ADA, ipr) is None
        assert here.iprs.refusal(OLGA, ipr) == "olga may not approve requests here"
        own = here.iprs.refusal(LOCAL, ipr)
        assert own is not None
        assert own.startswith(f"IPR {ipr.id} was opened by local, who can't approve it: ")
