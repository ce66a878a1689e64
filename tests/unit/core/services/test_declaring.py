"""A blueprint that is declared elsewhere becomes revisions and requests, each once, whoever says it how often."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from alma.core.model.access import ROLES, Permission
from alma.core.model.declaration import approvers, cap_of, keeper
from alma.core.model.errors import BlueprintInvalid, Conflict, Forbidden, NotFound, Overtaken
from alma.core.model.ipr import IPRState, ReviewAction
from alma.core.model.plan import PlanKind
from alma.core.model.principal import LOCAL
from alma.core.services.declaring import Declaring
from alma.core.services.reviewing import Held, ReviewRules
from alma.core.services.whoever import whoever
from tests.world import SystemClock, World, world

WHO = keeper("shop", "web", project="default")
SOURCE = "kubernetes:shop/web"
DOCUMENT: dict[str, Any] = {
    "name": "web",
    "resources": [{"name": "web", "type": "service", "engine": "nginx"}],
}
LARGER: dict[str, Any] = {
    "name": "web",
    "resources": [{"name": "web", "type": "service", "engine": "nginx", "specs": {"cpu": 2}}],
}


def present(transaction: Any, principal: str, project: str) -> Held | None:
    who = whoever(transaction, principal, SystemClock().now())
    return None if who is None else Held(who.allowed(project), frozenset())


@pytest.fixture
async def alma(tmp_path: Path) -> AsyncIterator[World]:
    rules = ReviewRules(require_review=True, present=present)
    async with world(tmp_path, rules=rules) as made:
        yield made


@pytest.fixture
def declaring(alma: World) -> Declaring:
    return Declaring(repositories=alma.database, plans=alma.plans, iprs=alma.iprs)


def taken(
    declaring: Declaring, document: Any = DOCUMENT, *, holder: str = "u-1", **more: Any
) -> Any:
    given = {"holder": holder, "generation": 1, "document": document, **more}
    return declaring.take(WHO, SOURCE, **given)


async def test_the_same_words_make_one_revision_however_often_they_are_said(
    alma: World, declaring: Declaring
) -> None:
    first = taken(declaring)
    assert taken(declaring) == first
    assert taken(declaring, generation=2).revision == 1
    revisions = alma.blueprints.revisions(WHO, first.blueprint_id)
    assert [(r.number, r.created_by) for r in revisions] == [(1, "kubernetes:shop/web")]


async def test_other_words_are_a_further_revision_of_the_same_blueprint(
    declaring: Declaring,
) -> None:
    first = taken(declaring)
    second = taken(declaring, LARGER, generation=2)
    assert (second.blueprint_id, second.revision) == (first.blueprint_id, 2)


async def test_faults_are_told_together_and_nothing_is_saved(
    alma: World, declaring: Declaring
) -> None:
    wrong = {"name": "web", "resources": [{"name": "a", "type": "vm", "count": 0}, {"name": "b"}]}
    with pytest.raises(BlueprintInvalid) as caught:
        taken(declaring, wrong)
    assert {d.path for d in caught.value.diagnostics} == {"resources.0.count", "resources.1.type"}
    assert alma.blueprints.list(WHO) == ([], 0)
    assert declaring.find(WHO, SOURCE) is None


async def test_a_second_object_of_the_name_is_refused_until_it_may_take_over(
    declaring: Declaring,
) -> None:
    first = taken(declaring)
    with pytest.raises(Conflict, match="another object declares"):
        taken(declaring, holder="u-2")
    assert taken(declaring, holder="u-2", take_over=True).blueprint_id == first.blueprint_id


async def test_one_that_was_let_go_is_taken_up_again_with_its_blueprint(
    declaring: Declaring,
) -> None:
    first = taken(declaring)
    declaring.let_go(WHO, first)
    again = taken(declaring, holder="u-2")
    assert (again.blueprint_id, again.holder) == (first.blueprint_id, "u-2")


async def test_what_is_declared_stays_in_its_project(alma: World, declaring: Declaring) -> None:
    taken(declaring)
    with pytest.raises(NotFound, match="project lab"):
        declaring.take(
            keeper("shop", "web", project="lab"), SOURCE, holder="u-1", generation=1,
            document=DOCUMENT,
        )  # fmt: skip


async def test_a_revision_saved_by_somebody_else_is_seen_and_followed_by_what_is_declared(
    alma: World, declaring: Declaring
) -> None:
    first = taken(declaring)
    assert declaring.current(WHO, first)
    alma.blueprints.update(LOCAL, first.blueprint_id, LARGER)
    assert not declaring.current(WHO, first)
    assert taken(declaring).revision == 3


async def test_a_blueprint_that_somebody_deleted_comes_again(
    alma: World, declaring: Declaring
) -> None:
    first = taken(declaring)
    alma.blueprints.delete(LOCAL, first.blueprint_id)
    assert not declaring.current(WHO, first)
    again = taken(declaring)
    assert again.blueprint_id != first.blueprint_id
    assert again.revision == 1


async def test_of_two_who_ask_at_once_one_opens_a_request_and_the_other_looks_again(
    alma: World, declaring: Declaring
) -> None:
    declared = taken(declaring)
    _, ipr = await declaring.request(WHO, declared, title="one")
    assert ipr is not None
    with pytest.raises(Overtaken):
        await declaring.request(WHO, declared, title="the same, from another process")
    assert alma.iprs.list(WHO)[1] == 1


async def test_a_newer_revision_takes_the_place_of_a_request_that_waits(
    alma: World, declaring: Declaring
) -> None:
    declared, first = await declaring.request(WHO, taken(declaring), title="one")
    changed = taken(declaring, LARGER, generation=2)
    assert changed.ipr_id == declared.ipr_id
    _, second = await declaring.request(WHO, changed, title="two")
    assert first is not None
    assert second is not None
    assert alma.iprs.get(WHO, first.id).state is IPRState.CANCELLED
    assert second.plan.target.revision == 2


async def test_its_author_may_not_approve_and_the_cluster_s_approvers_may(
    alma: World, declaring: Declaring
) -> None:
    _, ipr = await declaring.request(WHO, taken(declaring), title="one")
    assert ipr is not None
    with pytest.raises(Forbidden):
        alma.iprs.review(WHO, ipr.id, action=ReviewAction.APPROVE)
    deciding = approvers("shop", project="default")
    approved = alma.iprs.review(
        deciding, ipr.id, action=ReviewAction.APPROVE, plan_digest=ipr.plan.digest
    )
    assert approved.state is IPRState.APPROVED
    run = await alma.iprs.deploy(WHO, ipr.id)
    assert (await alma.ended(run.id)).state == "succeeded"


async def test_what_is_deployed_already_needs_no_request(alma: World, declaring: Declaring) -> None:
    declared, ipr = await declaring.request(WHO, taken(declaring), title="one")
    assert ipr is not None
    alma.iprs.review(approvers("shop", project="default"), ipr.id, action=ReviewAction.APPROVE)
    await alma.ended((await alma.iprs.deploy(WHO, ipr.id)).id)
    assert declaring.settle(WHO, declared).settled == 1
    described = {**DOCUMENT, "description": "says more and wants the same"}
    changed = taken(declaring, described, generation=2)
    settled, none = await declaring.request(WHO, changed, title="two")
    assert none is None
    assert (settled.revision, settled.settled) == (2, 2)
    assert alma.iprs.list(WHO)[1] == 1


async def test_nothing_is_asked_for_while_the_request_before_is_deploying(
    alma: World, declaring: Declaring
) -> None:
    declared, ipr = await declaring.request(WHO, taken(declaring), title="one")
    assert ipr is not None
    with alma.database.write() as transaction:
        moved = ipr.model_copy(update={"state": IPRState.DEPLOYING})
        transaction.iprs.update(moved)
    with pytest.raises(Conflict, match="is deploying"):
        await declaring.request(WHO, declared, title="two")


async def test_removing_what_was_never_deployed_needs_no_request(
    alma: World, declaring: Declaring
) -> None:
    declared, ipr = await declaring.request(WHO, taken(declaring), title="one")
    assert ipr is not None
    gone, none = await declaring.request(WHO, declared, title="go", kind=PlanKind.DESTROY)
    assert none is None
    assert gone.kind is PlanKind.DESTROY
    assert alma.iprs.get(WHO, ipr.id).state is IPRState.CANCELLED
    again = taken(declaring, holder="u-1")
    assert (again.kind, again.settled) == (PlanKind.DEPLOY, 0)


async def test_letting_go_withdraws_what_waits(alma: World, declaring: Declaring) -> None:
    declared, ipr = await declaring.request(WHO, taken(declaring), title="one")
    assert ipr is not None
    declaring.let_go(WHO, declared)
    assert alma.iprs.get(WHO, ipr.id).state is IPRState.CANCELLED
    found = declaring.find(WHO, SOURCE)
    assert found is not None
    assert found.holder is None


def test_neither_may_do_what_would_let_it_go_round_the_other() -> None:
    author, decider = keeper("a", "b", project="p"), approvers("a", project="p")
    assert not author.may(Permission.IPR_APPROVE)
    assert not author.may(Permission.POLICY_WAIVE)
    assert decider.permissions <= ROLES["approver"]
    assert not decider.may(Permission.POLICY_WAIVE)
    assert (cap_of(author.id), cap_of(decider.id)) == (author.permissions, decider.permissions)
    assert cap_of("user:kubernetes:a/b") is None
    assert author.person != decider.person
