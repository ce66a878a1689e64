from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from alma.core.model.connection import Connection, ConnectionKey, ConnectionSource
from alma.core.model.errors import NotFound, SecretUnreadable
from alma.db.database import Database
from tests.unit.db.conftest import START, FakeClock
from tests.unit.db.samples import OTHER, PROJECT

LAB = ConnectionKey(PROJECT, "proxmox", "lab")
CANARY = "canary-0b7c19"


def saved(database: Database, key: ConnectionKey = LAB, **settings: Any) -> Connection:
    with database.write() as transaction:
        return transaction.engine_connections.put(
            key,
            settings=settings or {"urls": ["https://pve1:8006"]},
            secrets={"token": CANARY},
            by="ada",
        )


def test_a_connection_comes_back_whole_and_is_shown_without_its_secrets(
    database: Database, open_again: Callable[[], Database]
) -> None:
    made = saved(database)

    assert made == Connection(
        engine="proxmox@lab",
        source=ConnectionSource.PROJECT,
        settings={"urls": ["https://pve1:8006"]},
        secrets=("token",),
        updated_at=START,
        updated_by="ada",
    )
    with open_again().read() as transaction:
        connections = transaction.engine_connections
        assert connections.find(LAB) == made
        assert connections.list(project=PROJECT) == [made]
        assert connections.list(project=OTHER) == []
        found = connections.settings(LAB)
    assert found == {"urls": ["https://pve1:8006"], "token": CANARY}


def test_the_database_holds_no_secret_in_plain_text(database: Database) -> None:
    saved(database)

    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM engine_connection")).all()
    assert "v2|" in str(rows)
    assert CANARY not in str(rows)


def test_saving_again_replaces_all_of_it(database: Database, clock: FakeClock) -> None:
    saved(database)
    clock.advance(5)
    with database.write() as transaction:
        connections = transaction.engine_connections
        before = connections.versions()[LAB]
        connections.put(LAB, settings={"node": "pve2"}, secrets={}, by="bob")

    with database.read() as transaction:
        assert transaction.engine_connections.settings(LAB) == {"node": "pve2"}
        found = transaction.engine_connections.find(LAB)
        assert transaction.engine_connections.versions()[LAB] != before
    assert found is not None
    assert (found.secrets, found.updated_by) == ((), "bob")
    assert found.updated_at != START


def test_the_same_words_saved_again_are_another_version(database: Database) -> None:
    """The clock of these tests stands still."""
    saved(database)
    with database.read() as transaction:
        before = transaction.engine_connections.versions()
    saved(database)
    with database.read() as transaction:
        assert transaction.engine_connections.versions()[LAB] != before[LAB]


def test_connections_of_projects_engines_and_names_are_apart(database: Database) -> None:
    keys = [
        LAB,
        ConnectionKey(PROJECT, "proxmox", ""),
        ConnectionKey(PROJECT, "docker", "lab"),
        ConnectionKey(OTHER, "proxmox", "lab"),
    ]
    for number, key in enumerate(keys):
        saved(database, key, number=number)

    with database.write() as transaction:
        connections = transaction.engine_connections
        assert set(connections.versions()) == set(keys)
        assert [c.engine for c in connections.list(project=PROJECT)] == [
            "docker@lab",
            "proxmox",
            "proxmox@lab",
        ]
        assert connections.delete(LAB)
        assert not connections.delete(LAB)
        assert set(connections.versions()) == set(keys[1:])
        with pytest.raises(NotFound, match="connection proxmox@lab"):
            connections.settings(LAB)


def test_a_secret_copied_to_another_project_stays_shut(database: Database) -> None:
    saved(database)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE engine_connection SET project = 'other'"))

    with database.read() as transaction, pytest.raises(SecretUnreadable):
        transaction.engine_connections.settings(ConnectionKey(OTHER, "proxmox", "lab"))
