from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from alma.core.model.errors import NotFound
from alma.core.model.ipr import IPRState, Review, ReviewAction
from alma.core.model.plan import Plan
from alma.db import tables
from alma.db.database import Database, SqlTransaction
from tests.unit.db.conftest import START, FakeClock
from tests.unit.db.samples import OTHER, PROJECT, add_ipr, add_stack, deployment_of, plan_for


def plans_stored(transaction: SqlTransaction) -> int:
    statement = select(func.count()).select_from(tables.plan)
    return int(transaction.connection.execute(statement).scalar_one())


def approval(digest: str = "sha256:1") -> Review:
    return Review(
        action=ReviewAction.APPROVE,
        principal="bob",
        display="Bob",
        comments="looks good",
        plan_digest=digest,
        created_at=START + timedelta(hours=1),
    )


def test_a_request_comes_back_as_it_was_opened(
    database: Database, open_again: Callable[[], Database]
) -> None:
    with database.write() as transaction:
        opened = add_ipr(transaction)

    # Another process: nothing is remembered, everything is read.
    with open_again().read() as transaction:
        found = transaction.iprs.get(opened.id, project=PROJECT)

    assert found == opened
    assert (found.id, found.state, found.created_at) == (1, IPRState.PENDING, START)
    assert found.plan.changes[0].desired == opened.plan.changes[0].desired


def test_reviews_are_kept_in_the_order_in_which_they_came(database: Database) -> None:
    refusal = approval().model_copy(update={"action": ReviewAction.REJECT, "self_review": True})
    with database.write() as transaction:
        opened = add_ipr(transaction)
        transaction.iprs.add_review(opened.id, refusal)
        transaction.iprs.add_review(opened.id, approval())

    with database.read() as transaction:
        found = transaction.iprs.get(opened.id, project=PROJECT)

    assert found.reviews == (refusal, approval())
    assert found.approval == approval()


def test_an_update_writes_everything_but_the_reviews_and_the_origin(
    database: Database, clock: FakeClock
) -> None:
    with database.write() as transaction:
        opened = add_ipr(transaction)
        transaction.iprs.add_review(opened.id, approval())
    changed = opened.model_copy(
        update={
            "title": "Three servers",
            "state": IPRState.DEPLOYING,
            "deployment_id": "d-1",
            "plan": opened.plan.model_copy(update={"digest": "sha256:2"}),
            "engine_chosen": False,
            "updated_at": START + timedelta(hours=2),
            "author": "eve",
        }
    )

    with database.write() as transaction:
        transaction.iprs.update(changed)

    with database.read() as transaction:
        found = transaction.iprs.get(opened.id, project=PROJECT)
    assert found == changed.model_copy(update={"author": "ada", "reviews": (approval(),)})


def test_a_request_and_its_deployments_share_one_stored_plan(
    database: Database, open_again: Callable[[], Database]
) -> None:
    with database.write() as transaction:
        opened = add_ipr(transaction)
        transaction.deployments.add(deployment_of(opened))
        transaction.iprs.update(opened.model_copy(update={"state": IPRState.DEPLOYING}))

    with open_again().write() as transaction:
        found = transaction.iprs.get(opened.id, project=PROJECT)
        transaction.iprs.update(found.model_copy(update={"state": IPRState.DEPLOYED}))
        assert transaction.deployments.get("d-1").plan == found.plan
        assert plans_stored(transaction) == 1


def test_a_plan_that_was_rolled_back_is_stored_when_it_comes_again(database: Database) -> None:
    with database.write() as transaction:
        stack = add_stack(transaction)
    plan: Plan = plan_for(stack.ref, stack.blueprint_id)

    def add(transaction: SqlTransaction) -> int:
        return transaction.iprs.add(
            project=PROJECT, title="", description="", author="a", plan=plan, engine_chosen=True
        ).id

    with suppress(NotFound), database.write() as transaction:
        add(transaction)
        transaction.iprs.get(99, project=PROJECT)
    with database.write() as transaction:
        id_ = add(transaction)

    with database.read() as transaction:
        assert plans_stored(transaction) == 1
        assert transaction.iprs.get(id_, project=PROJECT).plan == plan


def test_lists_are_by_state_newest_first_and_count(database: Database) -> None:
    with database.write() as transaction:
        made = [add_ipr(transaction) for _ in range(3)]
        transaction.iprs.add_review(made[0].id, approval())
        transaction.iprs.update(made[1].model_copy(update={"state": IPRState.REJECTED}))

    with database.read() as transaction:
        iprs = transaction.iprs
        assert [item.id for item in iprs.list(project=PROJECT)] == [3, 2, 1]
        assert [item.id for item in iprs.list(project=PROJECT, skip=1, limit=1)] == [2]
        assert iprs.list(project=PROJECT, skip=2)[0].reviews == (approval(),)
        pending = iprs.list(project=PROJECT, status=IPRState.PENDING)
        assert [item.id for item in pending] == [3, 1]
        assert iprs.count(project=PROJECT) == 3
        assert iprs.count(project=PROJECT, status=IPRState.REJECTED) == 1


def test_another_projects_request_is_not_found(database: Database) -> None:
    with database.write() as transaction:
        opened = add_ipr(transaction)
        for use in (
            lambda: transaction.iprs.get(opened.id, project=OTHER),
            lambda: transaction.iprs.get(opened.id, project=OTHER, lock=True),
            lambda: transaction.iprs.update(opened.model_copy(update={"project": OTHER})),
        ):
            with pytest.raises(NotFound, match=f"IPR {opened.id} does not exist"):
                use()
        assert transaction.iprs.list(project=OTHER) == []
        assert transaction.iprs.count(project=OTHER) == 0


def test_a_review_of_nothing_is_not_found(database: Database) -> None:
    with database.write() as transaction, pytest.raises(NotFound):
        transaction.iprs.add_review(7, approval())


def test_which_of_some_requests_are_in_a_state_is_told_without_reading_them(
    database: Database,
) -> None:
    with database.write() as transaction:
        first, second = add_ipr(transaction), add_ipr(transaction)
        transaction.iprs.update(first.model_copy(update={"state": IPRState.REJECTED}))
        ids = [first.id, second.id, 99]

        open_ones = transaction.iprs.among(ids, {IPRState.PENDING}, project=PROJECT)
        either = transaction.iprs.among(ids, {IPRState.PENDING, IPRState.REJECTED}, project=PROJECT)
        elsewhere = transaction.iprs.among(ids, {IPRState.PENDING}, project=OTHER)

    assert open_ones == {second.id}
    assert either == {first.id, second.id}
    assert elsewhere == set()
