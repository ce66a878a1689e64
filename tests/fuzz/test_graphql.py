"""Every field that begins a GraphQL request, with arguments of every kind: never a fault of ours, and an answer of the
documented shape."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from graphql import parse_value
from hypothesis import strategies as st

from alma.api.graphql.schema import schema
from tests.api.server import Server
from tests.fuzz.conftest import BOUNDED

_DOCUMENT = '{name: "shop", resources: [{name: "web", type: "vm", count: 2}]}'
_LEAVES = st.sampled_from(
    ["null", "true", "-1", "1e300", '""', '"4GB"', '"web"', '"../x"', '"a\\u0000b"', "vm"]
)
_NAMES = st.sampled_from(["name", "resources", "type", "specs", "memory", "cidr", "count", "x"])


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    pairs = st.dictionaries(_NAMES, inner, max_size=4)
    told = pairs.map(lambda found: ", ".join(f"{name}: {item}" for name, item in found.items()))
    return lists | told.map(lambda text: f"{{{text}}}")


# A document, something like one, or anything at all.
DOCUMENTS = st.just(_DOCUMENT) | st.recursive(_LEAVES, _nested, max_leaves=12)
schemathesis.graphql.scalar("JSON", DOCUMENTS.map(parse_value))
SCHEMA = schemathesis.graphql.from_file(schema().as_str())
# Subscriptions are no requests, and these wait for what is outside.
OUTSIDE = {"save_connection", "forget_connection", "discover", "engines", "engine", "health"}


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
@SCHEMA.parametrize()
@BOUNDED
def test_a_field_answers_what_the_schema_says(case: Any, fuzzed: Server) -> None:
    if case.operation.definition.field_name in OUTSIDE:
        return
    answer = fuzzed.http.post("/graphql", json={"query": case.body})
    body = answer.json()

    assert answer.status_code == 200, body
    assert {*body} <= {"data", "errors"}
    for error in body.get("errors", ()):
        facts = error["extensions"]
        assert facts["code"] != "internal_error", (case.body, error)
        assert facts["request_id"]
        assert facts["status"] < 500 or facts["code"].startswith("engine_"), error
