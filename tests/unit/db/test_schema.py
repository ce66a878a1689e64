import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from alma.core.model.conversation import Turn
from alma.core.model.errors import DatabaseUnavailable
from alma.db.access_tables import metadata
from alma.db.database import Database
from alma.db.schema import MIGRATIONS
from alma.db.tables import HEAD
from tests.unit.db.samples import PROJECT, stored_deployment


def test_the_migrations_lead_to_exactly_the_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_the_head_in_the_tables_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


def test_migrating_again_changes_nothing(database: Database) -> None:
    database.migrate()
    with database.engine.connect() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    assert found == [HEAD]


def test_a_database_from_the_future_is_left_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(
        DatabaseUnavailable, match=f"9999, and this ALMA knows only up to {HEAD}"
    ) as caught:
        database.migrate()

    assert not caught.value.retryable
    with database.engine.connect() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    assert found == "9999"


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))

    with pytest.raises(DatabaseUnavailable):
        database.migrate()

    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT * FROM alembic_version")).all() == []


ACCESS = (
    "project", "project_role", "membership", "account", "api_key", "refresh_token", "pending_login",
    "audit_entry", "audit_head", "data_key", "idempotent_answer", "sign_in_count",
)  # fmt: skip
LATER_OF_TURNS = (
    "id", "state", "context", "offer", "answer", "ipr_id", "plan_digest", "deployment_id"
)  # fmt: skip


def test_a_database_of_the_first_version_is_brought_up_to_date_with_what_is_in_it(
    database: Database,
) -> None:
    queued = stored_deployment(database)
    said = Turn(id="t-1", message="a cache", response="Done.", created_at=datetime.now(UTC))
    with database.write() as transaction:
        transaction.conversations.add_turn("c-1", said, project=PROJECT, principal="ada")
    with database.engine.begin() as connection:
        for index in ("ix_turn_id", "ix_turn_state", "ix_turn_mentions"):
            connection.execute(text(f"DROP INDEX {index}"))
        for column in LATER_OF_TURNS:
            connection.execute(text(f"ALTER TABLE turn DROP COLUMN {column}"))
        for table in reversed(ACCESS):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("DROP TABLE declaration"))
        connection.execute(text("DROP TABLE turn_follower"))
        connection.execute(text("ALTER TABLE ipr DROP COLUMN council"))
        connection.execute(text("DROP TABLE waiver_revocation"))
        connection.execute(text("DROP TABLE waiver"))
        connection.execute(text("DROP TABLE model_usage"))
        connection.execute(text("DROP TABLE engine_connection"))
        connection.execute(text("ALTER TABLE state_record DROP COLUMN site"))
        connection.execute(text("ALTER TABLE step DROP COLUMN notes"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    database.migrate()

    with database.write() as transaction:
        assert transaction.deployments.get("d-1") == queued
        assert transaction.deployments.kept("d-1", "web-1", key="k") == {}
        transaction.deployments.keep("d-1", "web-1", key="k", name="vmid", value="104")
        assert transaction.deployments.kept("d-1", "web-1", key="k") == {"vmid": "104"}
        kept = transaction.conversations.get("c-1", project=PROJECT)
        assert kept is not None
        assert kept.turns == (said.model_copy(update={"id": f"{PROJECT}:c-1:1"}),)


STARTED = """
import sys
from pathlib import Path
from alma.db.database import open_database

database = open_database(sys.argv[1], home=Path(sys.argv[2]))
database.migrate()
database.ping()
print([name for name in ("alembic", "cryptography", "dbos") if name in sys.modules])
"""


def test_a_start_with_nothing_to_migrate_loads_neither_migrations_nor_ciphers(
    database: Database, url: str, tmp_path: Path
) -> None:
    started = [sys.executable, "-c", STARTED, url, str(tmp_path)]
    done = subprocess.run(started, capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout == "[]\n"
