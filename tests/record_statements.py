"""Writes down what a version of ALMA says to its database: a pytest plugin, for the tree of that version.

    git archive <commit> | tar x -C /tmp/before
    cd /tmp/before && PYTHONPATH=<here>/tests python -m pytest -n0 -p record_statements \
        --statements=<here>/tests/cases/versions/<its newest migration> tests/unit/db

`tests/unit/db/test_two_versions.py` holds the newest tables to what was written. Nothing of this tree is imported:
the plugin is loaded beside another one.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

_ASKED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)

found: dict[str, set[str]] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--statements", type=Path, required=True, help="Folder to write into.")


def pytest_sessionstart() -> None:
    event.listen(Engine, "before_cursor_execute", _note)


def _note(connection: object, cursor: object, statement: str, *_: object) -> None:
    if not _ASKED.match(statement):
        return
    dialect = connection.dialect.name  # type: ignore[attr-defined]
    found.setdefault(dialect, set()).add(re.sub(r"\s+", " ", statement.strip()))


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
