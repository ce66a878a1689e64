"""GraphQL tells what REST tells: the same nouns, the same rules, the same failures."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from httpx import Response

from tests.api.server import Server

SHOP = {
    "name": "shop",
    "resources": [
        {"name": "web", "type": "vm", "count": 2, "specs": {"cpu": 2, "memory": "4GB"}},
        {"name": "db", "type": "database", "engine": "postgresql"},
    ],
}
CREATE = "mutation ($document: JSON!) { create_blueprint(document: $document) { id } }"
OPEN = "mutation ($input: OpenIPR!) { open_ipr(input: $input) { id status plan_digest } }"
REVIEW = (
    "mutation ($id: Int!, $input: ReviewIPR!) { review_ipr(id: $id, input: $input) { status } }"
)
DEPLOY = "mutation ($id: Int!) { deploy_ipr(id: $id) { deployment_id status } }"


def send(server: Server, query: str, **variables: Any) -> Response:
    # As ASCII: a lone surrogate has to get there as one.
    body = json.dumps({"query": query, "variables": variables})
    return server.http.post("/graphql", content=body, headers={"Content-Type": "application/json"})


def ask(server: Server, query: str, **variables: Any) -> Any:
    body = send(server, query, **variables).json()
    assert "errors" not in body, body
    return body["data"]


def refused(server: Server, query: str, **variables: Any) -> Any:
    """The only failure of an answer."""
    (error,) = send(server, query, **variables).json()["errors"]
    return error


@pytest.fixture(scope="module")
def blueprint(server: Server) -> int:
    return int(ask(server, CREATE, document=SHOP)["create_blueprint"]["id"])


@pytest.fixture(scope="module")
def deployed(server: Server, blueprint: int) -> dict[str, Any]:
    ipr = ask(server, OPEN, input={"title": "a change", "blueprint_id": blueprint})["open_ipr"]
    reviewed = ask(server, REVIEW, id=ipr["id"], input={"action": "approve"})["review_ipr"]
    assert reviewed["status"] == "approved"
    queued = ask(server, DEPLOY, id=ipr["id"])["deploy_ipr"]
    server.ended(queued["deployment_id"])
    return {"ipr": ipr["id"], "deployment": queued["deployment_id"]}


def test_the_status_of_the_system_can_be_asked_for(server: Server) -> None:
    status = ask(server, "{ status { status name version } }")["status"]

    assert status["status"] == "healthy"
    assert status["name"] == "ALMA"


def test_a_query_may_come_by_get_and_a_mutation_may_not(server: Server) -> None:
    asked = server.http.get("/graphql", params={"query": "{ status { status } }"})
    changed = server.http.get("/graphql", params={"query": "mutation { cancel_ipr(id: 1) { id } }"})

    assert asked.json() == {"data": {"status": {"status": "healthy"}}}
    assert changed.status_code == 400
    assert changed.json()["code"] == "invalid_request"


def test_only_json_is_taken_by_post(server: Server) -> None:
    """A page of somebody else can make a browser send a form, but not this."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = server.http.post(
            "/graphql", content='{"query": "{ status { status } }"}', headers={"Content-Type": kind}
        )
        assert answer.status_code in {400, 415}, kind
        assert answer.json()["request_id"]


def test_a_page_of_another_site_can_not_ask(server: Server) -> None:
    answer = server.http.post(
        "/graphql",
        json={"query": "{ status { status } }"},
        headers={"Origin": "https://elsewhere.example"},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "field", "fields"),
    [
        ("/blueprints/{blueprint}", "blueprint(id: {blueprint})", "id revision digest created_at"),
        ("/iprs/{ipr}", "ipr(id: {ipr})", "id status created_at updated_at plan_digest approved"),
        (
            "/deployments/{deployment}",
            'deployment(id: "{deployment}")',
            "id status kind engine stack_id created_at finished_at endpoints",
        ),
        ("/templates/simple-web-app", 'template(id: "simple-web-app")', "id name complexity tags"),
        ("/council", "council", "verdicts calls_for"),
    ],
)
def test_a_noun_says_what_it_says_over_rest(
    server: Server, blueprint: int, deployed: dict[str, Any], path: str, field: str, fields: str
) -> None:
    names = {"blueprint": blueprint, **deployed}
    for name, value in names.items():
        path, field = (
            path.replace(f"{{{name}}}", str(value)),
            field.replace(f"{{{name}}}", str(value)),
        )
    (found,) = ask(server, f"{{ {field} {{ {fields} }} }}").values()

    over_rest = server.get(path)
    assert found == {name: over_rest[name] for name in fields.split()}


def test_what_belongs_to_a_noun_can_be_asked_with_it(
    server: Server, blueprint: int, deployed: dict[str, Any]
) -> None:
    found = ask(
        server,
        """query ($id: Int!) { ipr(id: $id) {
          blueprint { id name revisions(first: 1) { revision document } stacks { name } }
          deployment { status steps { address state } events(first: 3) { seq type } stack { name } }
          stack { name state { problem observed { address } drift { address } } }
          reviews { action plan_digest } plan { digest summary } council { verdict }
        } }""",
        id=deployed["ipr"],
    )["ipr"]

    assert found["blueprint"]["id"] == blueprint
    assert found["blueprint"]["revisions"][0]["document"]["name"] == "shop"
    assert found["deployment"]["status"] == "succeeded"
    assert [event["seq"] for event in found["deployment"]["events"]] == [1, 2, 3]
    assert found["stack"]["state"]["problem"] is None
    assert {item["address"] for item in found["stack"]["state"]["observed"]} >= {"web", "db"}
    assert found["reviews"][0]["plan_digest"] == found["plan"]["digest"]


def test_a_failure_has_the_facts_that_it_has_over_rest(server: Server) -> None:
    error = refused(server, "{ blueprint(id: 4711) { id } }")
    over_rest = server.http.get("/api/v1/blueprints/4711").json()

    assert error["message"] == over_rest.pop("detail")
    facts = error["extensions"]
    assert facts.pop("status") == 404
    assert facts.pop("request_id")
    del over_rest["request_id"]
    assert facts == over_rest


def test_everything_wrong_with_a_document_is_said_at_once(server: Server) -> None:
    bad = {"name": "x", "resources": [{"name": "a", "type": "vm", "specs": {"memory": "much"}}, {}]}
    facts = refused(server, CREATE, document=bad)["extensions"]

    assert facts["code"] == "blueprint_invalid"
    assert len(facts["diagnostics"]) >= 3


def test_a_body_is_checked_as_over_rest(server: Server) -> None:
    facts = refused(server, OPEN, input={"title": "", "blueprint_id": 1})["extensions"]

    assert facts["code"] == "invalid_request"
    assert facts["diagnostics"][0]["path"] == "title"


def test_a_list_is_read_page_by_page(server: Server) -> None:
    for number in range(5):
        ask(server, CREATE, document={**SHOP, "name": f"page-{number}"})
    query = """query ($after: String) { blueprints(first: 2, after: $after) {
      nodes { id } total page_info { has_next_page end_cursor } } }"""
    seen: list[int] = []
    page = ask(server, query)["blueprints"]
    while True:
        seen += [node["id"] for node in page["nodes"]]
        if not page["page_info"]["has_next_page"]:
            break
        page = ask(server, query, after=page["page_info"]["end_cursor"])["blueprints"]

    assert len(seen) == page["total"] == len(set(seen))
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize("first", [0, -1, 101])
def test_a_page_has_bounds(server: Server, first: int) -> None:
    error = refused(server, "query ($n: Int!) { iprs(first: $n) { total } }", n=first)
    assert error["extensions"]["code"] == "invalid_input"


def test_a_cursor_of_another_list_is_refused(server: Server) -> None:
    page = ask(server, "{ blueprints(first: 1) { page_info { end_cursor } } }")["blueprints"]
    cursor = page["page_info"]["end_cursor"]
    error = refused(server, "query ($c: String) { iprs(after: $c) { total } }", c=cursor)
    assert error["extensions"]["code"] == "invalid_input"


# ── bounds ───────────────────────────────────────────────────────────────────────────────────────


WIDE = """{ blueprints(first: 100) { nodes {
  revisions(first: $n) { document revision name digest } } } }"""


def _deep(levels: int) -> str:
    return (
        "{ iprs(first: 1) { nodes "
        + "{ blueprint { stacks " * levels
        + "{ id }"
        + " } }" * levels
        + " } }"
    )


def test_a_query_that_goes_too_deep_is_not_answered(server: Server) -> None:
    errors = send(server, _deep(8)).json()["errors"]
    assert {error["extensions"]["code"] for error in errors} == {"query_too_large"}
    assert "levels deep" in errors[0]["message"]


def test_pages_within_pages_count_as_many_times_as_they_are_long(server: Server) -> None:
    query = f"query ($n: Int!) {WIDE}"

    assert "up to" in refused(server, query, n=100)["message"]
    assert ask(server, query, n=2)["blueprints"]["nodes"]


def test_a_page_size_that_is_no_number_counts_as_the_largest(server: Server) -> None:
    query = f"query ($n: Int = 100) {WIDE}"
    assert refused(server, query)["extensions"]["code"] == "query_too_large"


def test_many_names_for_one_field_are_not_answered(server: Server) -> None:
    many = " ".join(f"a{number}: status {{ status }}" for number in range(40))
    assert "aliases" in refused(server, f"{{ {many} }}")["message"]


def test_fragments_that_multiply_are_counted_and_not_followed(server: Server) -> None:
    levels = "".join(
        f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} ...F{n + 1} }} " for n in range(30)
    )
    query = "{ ...F0 } " + levels + "fragment F30 on Query { status { status } }"
    assert refused(server, query)["extensions"]["code"] == "query_too_large"


def test_a_fragment_that_holds_itself_is_refused(server: Server) -> None:
    query = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"
    assert send(server, query).json()["errors"][0]["extensions"]["code"] == "invalid_query"


def test_a_text_of_too_many_words_is_not_read(server: Server) -> None:
    query = "{ " + "status { status } " * 2000 + "}"
    assert "token" in refused(server, query)["message"].casefold()


def test_only_so_many_operations_come_in_one_request(server: Server) -> None:
    one = {"query": "{ status { status } }"}
    assert len(server.http.post("/graphql", json=[one] * 5).json()) == 5
    assert server.http.post("/graphql", json=[one] * 6).status_code == 400


# ── bad input ────────────────────────────────────────────────────────────────────────────────────

ODD = [
    "a\x00b",
    "'; DROP TABLE blueprint; --",
    "../../etc/passwd",
    "\ud800",
    "x\r\nSet-Cookie: a=b",
    "\u202eevil",
    "𝕬" * 200,
]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize(
    "query",
    [
        "query ($t: String!) { deployment(id: $t) { id } }",
        "query ($t: String!) { stack(id: $t) { id } }",
        "query ($t: String!) { conversation(id: $t) { id } }",
        "query ($t: String!) { template(id: $t) { id } }",
        "query ($t: String!) { rule(id: $t) { id } }",
        "query ($t: String!) { engine(name: $t) { engine } }",
        "query ($t: String!) { tool(name: $t) { name } }",
        "query ($t: String!) { prices(provider: $t) { total } }",
        "query ($t: String!) { blueprints(name: $t) { total } }",
        "query ($t: String!) { iprs(after: $t) { total } }",
        'mutation ($t: String!) { chat(input: {message: "a web server", context: {conversation_id: $t}}) { turn_id } }',
        "mutation ($t: String!) { revoke_waiver(id: $t) { id } }",
    ],
)
def test_odd_words_are_refused_or_find_nothing_and_break_nothing(
    server: Server, query: str, text: str
) -> None:
    answer = send(server, query, t=text)
    assert answer.status_code < 500
    failures = answer.json().get("errors", [])
    codes = [error["extensions"]["code"] for error in failures]
    assert answer.status_code == 400 or "internal_error" not in codes, failures


def test_a_query_may_not_write_what_no_database_takes(server: Server) -> None:
    error = refused(server, r'{ blueprints(name: "a\u0000b") { total } }')
    assert error["extensions"]["code"] == "invalid_query"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b'"x"',
        b"null",
        b'{"query": 1}',
        b'{"query": "{a"}',
        b"\xff\xfe",
        b'{"query": null}',
        b'{"query": "{ status { status } }", "variables": []}',
        b'{"query": "{ status { status } }", "variables": {"a": NaN}}',
        b"[" * 5000,
    ],
)
def test_a_request_that_is_none_is_refused_in_the_documented_shape(
    server: Server, body: bytes
) -> None:
    answer = server.http.post(
        "/graphql", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code < 500, answer.text
    values = answer.json()
    facts = (
        values["errors"][0]["extensions"]
        if "errors" in values and answer.status_code == 200
        else values
    )
    assert facts["code"] in {"invalid_request", "invalid_query"}


def test_the_page_is_not_shown_unless_it_is_asked_for(server: Server) -> None:
    answer = server.http.get("/graphql", headers={"Accept": "text/html"})
    assert answer.status_code in {400, 404}


def test_starting_a_server_does_not_load_graphql() -> None:
    code = (
        "import sys, alma.api.app as app; app.create_app(); "
        "assert not {'strawberry', 'graphql'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
