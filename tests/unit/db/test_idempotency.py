"""Rules of requests that are sent again, on both databases."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from alma.core.model.errors import SecretUnreadable
from alma.core.model.idempotency import Answered
from alma.core.model.principal import Principal
from alma.core.services.idempotency import KEPT, SILENCE, Idempotency, KeyTaken, StillRunning
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


def test_a_request_whose_process_died_can_be_sent_again(
    idempotency: Idempotency, clock: FakeClock
) -> None:
    idempotency.begin(ADA, "k", "r")
    clock.advance(SILENCE.total_seconds() + 1)
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
