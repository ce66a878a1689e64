"""Rules of requests that are sent again, on both databases."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import select, update

from alma.core.model.blueprint import Blueprint
from alma.core.model.errors import Conflict, SecretUnreadable
from alma.core.model.idempotency import RUNNING, Answered, Run
from alma.core.model.principal import Principal
from alma.core.services.idempotency import (
    KEPT,
    SILENCE,
    Idempotency,
    KeyTaken,
    OutcomeUnknown,
    StillRunning,
)
from alma.db.access_tables import idempotent_answer
from alma.db.database import Database
from tests.unit.db.conftest import FakeClock

ADA, BOB = Principal(id="ada"), Principal(id="bob")
ANSWER = Answered(status=201, headers=(("content-type", "x"),), body=b"\x00made")


@pytest.fixture
def idempotency(database: Database, clock: FakeClock) -> Idempotency:
    return Idempotency(repositories=database, clock=clock)


def test_the_same_request_gets_the_same_answer(idempotency: Idempotency) -> None:
    assert idempotency.begin(ADA, "k", "r") is None
    idempotency.finish(ADA, "k", ANSWER)
    assert idempotency.begin(ADA, "k", "r") == ANSWER


def test_another_request_under_the_same_key_is_refused(idempotency: Idempotency) -> None:
    idempotency.begin(ADA, "k", "r")
    with pytest.raises(KeyTaken):
        idempotency.begin(ADA, "k", "other")
    idempotency.finish(ADA, "k", ANSWER)
    with pytest.raises(KeyTaken):
        idempotency.begin(ADA, "k", "other")


def test_a_key_is_of_one_caller_in_one_project(idempotency: Idempotency) -> None:
    idempotency.begin(ADA, "k", "r")
    idempotency.finish(ADA, "k", ANSWER)
    assert idempotency.begin(BOB, "k", "r") is None
    assert idempotency.begin(ADA.model_copy(update={"project": "two"}), "k", "r") is None


def test_a_request_that_runs_is_not_run_again_for_as_long_as_it_is_heard_of(
    idempotency: Idempotency, clock: FakeClock
) -> None:
    idempotency.begin(ADA, "k", "r")
    for _ in range(3):
        clock.advance(SILENCE.total_seconds())
        with pytest.raises(StillRunning):
            idempotency.begin(ADA, "k", "r")
        idempotency.alive(ADA, "k")


@contextmanager
def running(id_: str, key: str = "k") -> Iterator[None]:
    """What is written meanwhile is written by that attempt."""
    token = RUNNING.set(Run(ADA.id, ADA.project, key, id_))
    try:
        yield
    finally:
        RUNNING.reset(token)


def save(database: Database) -> None:
    with database.write() as transaction:
        blueprint = Blueprint.model_validate({"name": "shop"})
        transaction.blueprints.add(blueprint, project="p", origins={}, by="ada")


def saved(database: Database) -> int:
    with database.read() as transaction:
        return transaction.blueprints.count(project="p")


def test_a_request_whose_process_died_after_it_wrote_is_not_run_again(
    database: Database, idempotency: Idempotency, clock: FakeClock
) -> None:
    with running("one"):
        idempotency.begin(ADA, "k", "r")
        save(database)
    clock.advance(SILENCE.total_seconds() + 1)
    with running("two"), pytest.raises(OutcomeUnknown) as refused:
        idempotency.begin(ADA, "k", "r")
    assert refused.value.hint
    assert not refused.value.retryable
    with running("two"), pytest.raises(KeyTaken):
        idempotency.begin(ADA, "k", "other")


def test_a_request_that_wrote_nothing_before_its_process_died_is_run_again(
    database: Database, idempotency: Idempotency, clock: FakeClock
) -> None:
    with running("one"):
        idempotency.begin(ADA, "k", "r")
        with suppress(ZeroDivisionError), database.write() as transaction:
            blueprint = Blueprint.model_validate({"name": "shop"})
            transaction.blueprints.add(blueprint, project="p", origins={}, by="ada")
            raise ZeroDivisionError
        idempotency.alive(ADA, "k")
    clock.advance(SILENCE.total_seconds() + 1)
    with running("two"):
        assert idempotency.begin(ADA, "k", "r") is None


def test_a_process_that_comes_back_writes_nothing_after_another_one_took_its_request_over(
    database: Database, idempotency: Idempotency, clock: FakeClock
) -> None:
    with running("one"):
        idempotency.begin(ADA, "k", "r")
    clock.advance(SILENCE.total_seconds() + 1)
    with running("two"):
        idempotency.begin(ADA, "k", "r")
        save(database)
    with running("one"), pytest.raises(Conflict):
        save(database)
    assert saved(database) == 1


def test_what_goes_on_after_its_answer_may_write(
    database: Database, idempotency: Idempotency
) -> None:
    with running("one"):
        idempotency.begin(ADA, "k", "r")
        idempotency.finish(ADA, "k", ANSWER)
        save(database)
    with running("two", "dropped"):
        idempotency.begin(ADA, "dropped", "r")
        idempotency.drop(ADA, "dropped")
        save(database)
    assert saved(database) == 2
    assert idempotency.begin(ADA, "k", "r") == ANSWER


def test_a_request_of_which_nothing_was_noted_is_not_run_again(
    idempotency: Idempotency, clock: FakeClock
) -> None:
    """As the version before leaves it behind."""
    idempotency.begin(ADA, "k", "r")
    clock.advance(SILENCE.total_seconds() + 1)
    with pytest.raises(OutcomeUnknown):
        idempotency.begin(ADA, "k", "r")


def test_a_request_whose_process_died_can_be_sent_again(
    idempotency: Idempotency, clock: FakeClock
) -> None:
    with running("one"):
        idempotency.begin(ADA, "k", "r")
    clock.advance(SILENCE.total_seconds() + 1)
    with running("two"):
        assert idempotency.begin(ADA, "k", "r") is None
    with pytest.raises(StillRunning):
        idempotency.begin(ADA, "k", "r")


def test_a_request_that_was_dropped_can_be_sent_again(idempotency: Idempotency) -> None:
    idempotency.begin(ADA, "k", "r")
    idempotency.drop(ADA, "k")
    assert idempotency.begin(ADA, "k", "other") is None


def test_an_answer_is_not_dropped(idempotency: Idempotency) -> None:
    idempotency.begin(ADA, "k", "r")
    idempotency.finish(ADA, "k", ANSWER)
    idempotency.drop(ADA, "k")
    assert idempotency.begin(ADA, "k", "r") == ANSWER


def test_an_answer_is_kept_for_a_day(idempotency: Idempotency, clock: FakeClock) -> None:
    idempotency.begin(ADA, "k", "r")
    idempotency.finish(ADA, "k", ANSWER)
    clock.advance(KEPT.total_seconds())
    assert idempotency.forget_old() == 0
    assert idempotency.begin(ADA, "k", "r") == ANSWER
    clock.advance(1)
    assert idempotency.begin(ADA, "k", "other") is None
    clock.advance(KEPT.total_seconds() + 1)
    assert idempotency.forget_old() == 1


def test_of_many_at_once_one_runs(idempotency: Idempotency) -> None:
    def begin(_: int) -> bool:
        try:
            return idempotency.begin(ADA, "k", "r") is None
        except StillRunning:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(begin, range(16))) == 1


def test_neither_the_answer_nor_a_digest_that_can_be_tried_is_in_the_database(
    database: Database, idempotency: Idempotency
) -> None:
    secret = b"alma_0c4f_secret"
    asked = hashlib.sha256(b"password").hexdigest()
    idempotency.begin(ADA, "k", asked)
    idempotency.finish(
        ADA, "k", Answered(status=201, headers=(("x-told", secret.decode()),), body=secret)
    )

    with database.engine.connect() as connection:
        (row,) = connection.execute(select(idempotent_answer)).mappings()
    stored = bytes(row["body"])
    assert secret not in stored
    assert base64.b64encode(secret)[:-2] not in stored
    assert row["request"] != asked
    assert stored.startswith(b"v2|")


def test_an_answer_is_given_again_after_a_new_data_key(
    database: Database, idempotency: Idempotency
) -> None:
    idempotency.begin(ADA, "k", "r")
    idempotency.finish(ADA, "k", ANSWER)
    with database.write() as transaction:
        transaction.sealing.rotate(master=False, data_key=True)
    assert idempotency.begin(ADA, "k", "r") == ANSWER


def test_an_answer_that_was_moved_to_another_caller_is_not_given(
    database: Database, idempotency: Idempotency
) -> None:
    idempotency.begin(ADA, "k", "r")
    idempotency.finish(ADA, "k", ANSWER)
    with database.engine.begin() as connection:
        connection.execute(update(idempotent_answer).values(principal=BOB.id))
    with pytest.raises(SecretUnreadable):
        idempotency.begin(BOB, "k", "r")
