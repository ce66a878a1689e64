"""What processes tell each other without storing it: heard by all of them, in order, sealed, and by nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alma.core.model.errors import InvalidInput
from alma.db import notifications
from alma.db.database import Database, open_database
from alma.db.whispers import WHISPERED
from tests import postgres
from tests.waiting import wait_until

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.fixture
def shared_url(postgres_server: Path, migrated_template: str) -> Iterator[str]:
    name = postgres.create_database(postgres_server, migrated_template)
    yield postgres.database_url(postgres_server, name)
    postgres.drop_database(postgres_server, name)


@pytest.fixture
def speaker(shared_url: str, tmp_path: Path) -> Iterator[Database]:
    database = open_database(shared_url, home=tmp_path, secret_key=KEY)
    yield database
    database.close()


@pytest.fixture
def heard(shared_url: str, tmp_path: Path) -> Iterator[list[str]]:
    """What another process hears."""
    told, missed = list[str](), list[bool]()
    database = open_database(shared_url, home=tmp_path, secret_key=KEY)
    database.listen(lambda _: None, missed=lambda: missed.append(True), whispered=told.append)
    wait_until(lambda: missed, interval=0.01)
    yield told
    database.close()


def test_what_is_told_is_heard_in_its_order(speaker: Database, heard: list[str]) -> None:
    speaker.whispers.tell(["one", "zwei ✓", "three"])
    speaker.whispers.tell(["four"])
    wait_until(lambda: len(heard) == 4, interval=0.01)
    assert heard == ["one", "zwei ✓", "three", "four"]


def test_the_same_text_twice_is_heard_twice(speaker: Database, heard: list[str]) -> None:
    speaker.whispers.tell(["one", "one", "end"])
    wait_until(lambda: "end" in heard, interval=0.01)
    assert heard == ["one", "one", "end"]


def test_what_somebody_else_tells_on_the_database_is_not_heard(
    speaker: Database, heard: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    forged = ("I am ALMA", "w1|-|AAAAAAAAAAAAAAAA|AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "")
    with speaker.engine.begin() as connection:
        notifications.tell(connection, forged, channel=WHISPERED)
    speaker.whispers.tell(["end"])
    wait_until(lambda: "end" in heard, interval=0.01)
    assert heard == ["end"]
    assert "not ALMA's" in caplog.text


def test_nobody_who_listens_on_the_database_learns_what_is_told(
    speaker: Database, shared_url: str, tmp_path: Path
) -> None:
    listened, ready = list[str](), list[bool]()
    listener = notifications.Listener(
        speaker.engine, {WHISPERED: listened.append}, missed=lambda: ready.append(True)
    )
    listener.start()
    try:
        wait_until(lambda: ready, interval=0.01)
        speaker.whispers.tell(["what the person is told"])
        wait_until(lambda: listened, interval=0.01)
    finally:
        listener.stop()
    assert "person" not in listened[0]


def test_the_longest_piece_of_an_answer_can_be_told_and_a_longer_text_is_refused(
    speaker: Database, heard: list[str]
) -> None:
    longest = "é" * 2_900
    speaker.whispers.tell([longest])
    wait_until(lambda: heard, interval=0.01)
    assert heard == [longest]
    with pytest.raises(InvalidInput):
        speaker.whispers.tell(["x" * 6_100])
