"""Writes down what a version of ALMA says to its database: a pytest plugin, for the tree of that version.

    git archive <commit> | tar x -C /tmp/before
    cd /tmp/before && PYTHONPATH=<here>/tests python -m pytest -n0 -p record_statements \
        --statements=<here>/tests/cases/versions/<its newest migration> tests/unit tests/api

Most of its tests use SQLite: what they say is written down as it reads for PostgreSQL, too, and the other way round.
`tests/unit/db/test_two_versions.py` holds the newest tables to what was written. Nothing of this tree is imported:
the plugin is loaded beside another one.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.exc import CompileError, UnsupportedCompilationError

_ASKED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
_OTHER: dict[str, Any] = {"sqlite": PGDialect_psycopg(), "postgresql": SQLiteDialect_pysqlite()}

found: dict[str, set[str]] = {"sqlite": set(), "postgresql": set()}
seen: dict[str, set[str]] = {"sqlite": set(), "postgresql": set()}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--statements", type=Path, required=True, help="Folder to write into.")


def pytest_sessionstart() -> None:
    event.listen(Engine, "before_cursor_execute", _note)


def _note(
    connection: Any, cursor: object, statement: str, _: object, context: Any, *__: Any
) -> None:
    dialect = connection.dialect.name
    text = re.sub(r"\s+", " ", statement.strip())
    if not _ASKED.match(statement) or text in seen[dialect]:
        return
    seen[dialect].add(text)
    found[dialect].add(text)
    compiled = getattr(context, "compiled", None)
    if compiled is None or compiled.statement is None:
        return
    other = _OTHER[dialect]
    try:
        there = str(compiled.statement.compile(dialect=other, column_keys=compiled.column_keys))
    except (CompileError, UnsupportedCompilationError):
        return  # written for one of them only: its tests run on both
    # A list of values is filled in when it is run.
    there = re.sub(r"\(__\[POSTCOMPILE_\w+\]\)", "(NULL)", there)
    found[other.name].add(re.sub(r"\s+", " ", there.strip()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One file for each kind of database: statements about ALMA's own tables, each once, in order."""
    from alma.db.tables import metadata

    own = re.compile(r"\b(" + "|".join(map(re.escape, metadata.tables)) + r")\b")
    folder: Path = session.config.getoption("--statements")
    folder.mkdir(parents=True, exist_ok=True)
    for dialect, statements in found.items():
        kept = sorted(text for text in statements if own.search(text) and "alembic" not in text)
        path = folder / f"{dialect}.json"
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
