"""What is written about GraphQL is what it does: the schema in docs, and every example there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from alma.api.graphql.schema import schema
from tests.api.server import Server, serve

DOCS = Path(__file__).parents[2] / "docs"
_EXAMPLE = re.compile(r"```graphql\n(.*?)```(?:\n\n```json\n(.*?)```)?", re.DOTALL)


def test_the_written_schema_is_the_schema() -> None:
    """After a change: `.venv/bin/python -m alma.api.graphql > docs/schema.graphql`."""
    written = (DOCS / "schema.graphql").read_text(encoding="utf-8")
    assert written == schema().as_str() + "\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """One that knows its callers already: the first key that an example makes would shut it."""
    key = "k" * 40
    with serve(tmp_path, api_key=key) as running:
        running.http.headers["X-API-Key"] = key
        yield running


def test_every_example_is_answered(server: Server) -> None:
    examples = _EXAMPLE.findall((DOCS / "graphql.md").read_text(encoding="utf-8"))
    assert len(examples) >= 5
    for query, variables in examples:
        if query.lstrip().startswith("subscription"):
            continue  # tests/api/test_graphql_watching.py sends it
        body = {"query": query, "variables": json.loads(variables or "{}")}
        answer = server.http.post("/graphql", json=body).json()
        assert "errors" not in answer, (query, answer)
