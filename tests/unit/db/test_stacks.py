from collections.abc import Callable

import pytest

from alma.core.model.errors import NotFound
from alma.core.model.state import Stack
from alma.db.database import Database
from tests.unit.db.conftest import START, FakeClock
from tests.unit.db.samples import OTHER, PROJECT, add_blueprint, add_stack, record


def ensure(
    database: Database, blueprint_id: int, name: str = "My Shop!", engine: str = "docker"
) -> Stack:
    with database.write() as transaction:
        return transaction.stacks.ensure(
            blueprint_id=blueprint_id, blueprint_name=name, engine=engine, project=PROJECT
        )


@pytest.fixture
def stack(database: Database) -> Stack:
    with database.write() as transaction:
        return add_stack(transaction)


def blueprints(database: Database, *names: str) -> list[int]:
    with database.write() as transaction:
        return [add_blueprint(transaction, name) for name in names]


def test_a_blueprint_has_one_stack_on_an_engine(database: Database) -> None:
    (id_,) = blueprints(database, "My Shop!")

    made = ensure(database, id_)

    assert ensure(database, id_) == made
    assert (made.ref.name, made.ref.engine, made.ref.project) == ("my-shop", "docker", PROJECT)
    assert (made.blueprint_id, made.created_at, made.records) == (id_, START, ())
    elsewhere = ensure(database, id_, engine="simulation")
    assert elsewhere.ref.id != made.ref.id
    assert elsewhere.ref.name == "my-shop"


def test_stacks_of_equally_named_blueprints_get_names_of_their_own(database: Database) -> None:
    ids = blueprints(database, "shop", "Shop", "shop-4", "SHOP")

    names = [
        ensure(database, id_, name).ref.name
        for id_, name in zip(ids, ("shop", "Shop", "shop-4", "SHOP"), strict=True)
    ]

    assert names == ["shop", "shop-2", "shop-4", "shop-4-2"]


def test_a_renamed_blueprint_keeps_its_stack_and_the_stacks_name(database: Database) -> None:
    (id_,) = blueprints(database, "shop")
    made = ensure(database, id_, "shop")

    assert ensure(database, id_, "store") == made


def test_a_stack_needs_a_blueprint_of_its_project(database: Database) -> None:
    with database.write() as transaction:
        foreign = add_blueprint(transaction, project=OTHER)

    with pytest.raises(NotFound, match=f"blueprint {foreign} does not exist"):
        ensure(database, foreign)


def test_another_projects_stack_is_not_found(database: Database, stack: Stack) -> None:
    with database.read() as transaction:
        with pytest.raises(NotFound):
            transaction.stacks.get(stack.ref.id, project=OTHER)
        assert transaction.stacks.list(project=OTHER) == []
        assert (
            transaction.stacks.find(
                blueprint_id=stack.blueprint_id, engine=stack.ref.engine, project=OTHER
            )
            is None
        )


def test_records_come_back_as_written_and_the_last_one_counts(
    database: Database, stack: Stack
) -> None:
    with database.write() as transaction:
        for address in ("web-2", "web-1"):
            transaction.stacks.record(stack.ref.id, record(address, "d-1"))
        transaction.stacks.record(stack.ref.id, record("web-1", "d-2"))
        transaction.stacks.set_revision(stack.ref.id, 3)

    with database.read() as transaction:
        found = transaction.stacks.get(stack.ref.id, project=PROJECT)
        assert transaction.stacks.list(project=PROJECT, blueprint_id=stack.blueprint_id) == [found]

    assert found.records == (record("web-1", "d-2"), record("web-2", "d-1"))
    assert found.revision == 3


def test_a_forgotten_record_is_gone_and_the_others_stay(database: Database, stack: Stack) -> None:
    with database.write() as transaction:
        transaction.stacks.record(stack.ref.id, record("web-1"))
        transaction.stacks.record(stack.ref.id, record("web-2"))
        transaction.stacks.forget(stack.ref.id, "web-1")
        transaction.stacks.forget(stack.ref.id, "never-was")

    with database.read() as transaction:
        assert transaction.stacks.get(stack.ref.id, project=PROJECT).records == (record("web-2"),)


def test_writing_to_a_stack_that_is_not_there_is_an_error(database: Database) -> None:
    with database.write() as transaction:
        stacks = transaction.stacks
        for use in (
            lambda: stacks.record("gone", record("web-1")),
            lambda: stacks.set_revision("gone", 1),
            lambda: stacks.acquire("gone", holder="d-1", seconds=10),
        ):
            with pytest.raises(NotFound, match="stack gone does not exist"):
                use()


def acquire(database: Database, stack: Stack, holder: str) -> bool:
    with database.write() as transaction:
        return transaction.stacks.acquire(stack.ref.id, holder=holder, seconds=30)


def holder(database: Database, stack: Stack) -> str | None:
    with database.read() as transaction:
        return transaction.stacks.holder(stack.ref.id)


def test_a_lease_is_one_holders_until_it_is_given_back(database: Database, stack: Stack) -> None:
    assert holder(database, stack) is None
    assert acquire(database, stack, "d-1")
    assert not acquire(database, stack, "d-2")
    assert holder(database, stack) == "d-1"

    with database.write() as transaction:
        transaction.stacks.release(stack.ref.id, holder="d-1")

    assert holder(database, stack) is None
    assert acquire(database, stack, "d-2")


def test_a_lease_that_is_renewed_lives_on_and_one_that_is_not_ends(
    database: Database, stack: Stack, clock: FakeClock
) -> None:
    acquire(database, stack, "d-1")
    clock.advance(20)
    assert acquire(database, stack, "d-1")
    clock.advance(20)
    assert not acquire(database, stack, "d-2")
    clock.advance(10)
    assert holder(database, stack) is None
    assert acquire(database, stack, "d-2")


def test_a_late_release_does_not_take_the_lease_from_the_next_holder(
    database: Database, stack: Stack, clock: FakeClock
) -> None:
    acquire(database, stack, "d-1")
    clock.advance(31)
    acquire(database, stack, "d-2")

    with database.write() as transaction:
        transaction.stacks.release(stack.ref.id, holder="d-1")

    assert holder(database, stack) == "d-2"


def test_a_lease_survives_the_process_that_took_it(
    open_again: Callable[[], Database], database: Database, stack: Stack
) -> None:
    acquire(database, stack, "d-1")
    database.close()

    assert not acquire(open_again(), stack, "d-2")
