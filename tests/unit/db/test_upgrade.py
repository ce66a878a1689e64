"""An installation of the version before, as its own code left it after a conversation and a deployment: brought up to
date, and gone on with."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Connection, Table, text

from alma.core.model.deployment import DeploymentState
from alma.core.model.ipr import IPRState
from alma.core.model.principal import LOCAL
from alma.db import schema
from alma.db.engine import make_engine
from tests.talking import talking
from tests.unit.db.test_two_versions import BEFORE, SAID, migrated_to

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def left_behind(url: str) -> None:
    """The tables of then, with what was in them, brought up to date."""
    engine = make_engine(url)
    tables = migrated_to(engine, BEFORE).sorted_tables
    rows = json.loads((SAID / "rows.json").read_text(encoding="utf-8"))
    with engine.begin() as connection:
        for table in tables:
            found = rows.get(table.name, [])
            for row in found:
                _insert(connection, table, row)
            if found and engine.dialect.name == "postgresql" and "id" in found[0]:
                _count_on(connection, table.name, found)
    schema.migrate(engine)
    engine.dispose()


def _insert(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """As it was written: each database reads texts as what its column is."""
    values = []
    for name, value in row.items():
        if isinstance(value, dict):
            value = base64.b64decode(value["base64"])
        elif isinstance(table.c[name].type, Boolean) and value is not None:
            value = bool(value)
        values.append(value)
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join([mark] * len(values))
    connection.exec_driver_sql(
        f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', tuple(values)
    )


def _count_on(connection: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if all(isinstance(row["id"], int) for row in rows):
        last = max(row["id"] for row in rows)
        sequence = "SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)"
        connection.execute(text(sequence), {"table": table, "last": last})


async def test_what_the_version_before_left_is_there_and_is_gone_on_with(
    empty_url: str, tmp_path: Path
) -> None:
    left_behind(empty_url)
    async with talking(tmp_path, database_url=empty_url, secret_key=KEY) as talk:
        (ipr,) = talk.requests
        (deployment,), _ = talk.alma.deployments.list(LOCAL)
        before = len(talk.turns)
        answer = await talk.say("add a cache called sessions")

        assert ipr.state is IPRState.DEPLOYED
        assert deployment.state is DeploymentState.SUCCEEDED
        assert before == 5
        assert len(talk.turns) == 6
        assert answer.blueprint is not None
        assert answer.blueprint.resource("sessions") is not None
        assert talk.revisions == [3]
