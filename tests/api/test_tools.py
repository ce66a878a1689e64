"""Tools over HTTP: what there is, using one by name and in words, and everything that can be wrong with a call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from alma.core.tools import TOOLS
from tests.api.server import BASE, Server

SHOP = {
    "name": "shop",
    "resources": [
        {"name": "web", "type": "service", "engine": "nginx", "network": {"ports": [80]}},
        {"name": "db", "type": "database"},
    ],
}
ANSWER = {"success", "tool", "result", "error", "timestamp", "steps"}


def execute(server: Server, body: Any, *, path: str = "execute") -> tuple[int, dict[str, Any]]:
    answer = server.http.post(f"/api/v1/tools/{path}", json=body)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("slash", ["", "/"])
def test_every_tool_is_listed_with_what_it_takes_and_shown_alone(
    server: Server, slash: str
) -> None:
    listed = server.get(f"/tools{slash}")
    assert [tool["name"] for tool in listed["tools"]] == list(TOOLS)
    assert listed["count"] == len(TOOLS)
    for tool in listed["tools"]:
        assert server.get(f"/tools/{tool['name']}{slash}") == tool


@pytest.mark.parametrize("path", ["execute", "execute/", "execute-direct", "execute-direct/"])
@pytest.mark.parametrize("key", ["parameters", "arguments"])
def test_a_tool_is_used_by_name(server: Server, path: str, key: str) -> None:
    status, answer = execute(
        server, {"tool_name": "validate_blueprint", key: {"blueprint": SHOP}}, path=path
    )
    assert (status, set(answer)) == (200, ANSWER)
    assert (answer["success"], answer["tool"], answer["error"]) == (
        True,
        "validate_blueprint",
        None,
    )
    assert answer["result"]["valid"] is True


def test_curl_without_a_content_type_is_understood(server: Server) -> None:
    number = server.post("/blueprints", SHOP)["id"]
    body = json.dumps({"tool_name": "validate_blueprint", "parameters": {"blueprint_id": number}})
    answer = server.curl(f"curl -X POST {BASE}/tools/execute -d '{body}'")
    assert answer.status_code == 200, answer.text
    assert answer.json()["result"]["valid"] is True


def test_words_choose_the_tool_and_the_context_says_what_they_are_about(server: Server) -> None:
    number = server.post("/blueprints", SHOP)["id"]
    for context in ({"blueprint_id": number}, {"blueprint": SHOP}):
        status, answer = execute(server, {"query": "validate my blueprint", "context": context})
        assert (status, answer["success"], answer["tool"]) == (200, True, "validate_blueprint")
    status, answer = execute(server, {"query": f"please validate blueprint {number}"})
    assert (status, answer["result"]["valid"]) == (200, True)


def test_unclear_words_are_answered_with_what_may_be_meant(server: Server) -> None:
    status, answer = execute(server, {"query": "hm, the thing with the whatsit"})
    assert (status, answer["success"], answer["tool"]) == (200, False, None)
    assert answer["error"] == answer["result"]["question"]
    assert {item["tool"] for item in answer["result"]["candidates"]} <= set(TOOLS)
    assert answer["result"]["candidates"]


@pytest.mark.parametrize(
    ("body", "status", "line"),
    [
        ({"tool_name": "validate_blueprnt"}, 404, None),
        ({"tool_name": "validate_blueprint", "parameters": {"blueprint_id": 4711}}, 404, None),
        ({"tool_name": "validate_blueprint", "parameters": {"blueprint_id": 10**30}}, 422, None),
        ({"tool_name": "validate_blueprint", "parameters": {"strict": "very"}}, 422, "strict: "),
        (
            {"tool_name": "validate_blueprint", "parameters": {"blueprnt": {}}},
            422,
            "blueprnt: unknown field",
        ),
        ({"tool_name": "validate_blueprint", "parameters": {"blueprint": [1]}}, 422, "blueprint: "),
        ({"tool_name": "validate_blueprint", "parameters": 7}, 422, "parameters: "),
        ({"tool_name": "validate_blueprint", "query": "x"}, 422, "give tool_name or query"),
        ({"tool_name": "validate_blueprint"}, 422, None),
        ({"tool_name": 5}, 422, "tool_name: "),
        ({}, 422, "give tool_name or query"),
        ([], 422, None),
        ("nonsense", 422, None),
    ],
)
@pytest.mark.parametrize("path", ["execute", "execute-direct"])
def test_what_cant_be_taken_is_told_in_the_documented_shape(
    server: Server, body: Any, status: int, line: str | None, path: str
) -> None:
    found, answer = execute(server, body, path=path)
    assert (found, isinstance(answer["detail"], str)) == (status, True), answer
    assert line is None or any(line in told for told in answer["errors"]), answer["errors"]


def test_a_failure_of_a_tool_has_the_fields_of_an_answer_too(server: Server) -> None:
    _, answer = execute(server, {"tool_name": "validate_blueprint", "parameters": {"strict": "x"}})
    assert (answer["success"], answer["tool"], answer["result"]) == (
        False,
        "validate_blueprint",
        None,
    )
    assert answer["error"] == answer["detail"]
    assert answer["timestamp"]


def heard(server: Server, body: Any) -> list[dict[str, Any]]:
    with server.http.stream("POST", "/api/v1/tools/execute-stream", json=body) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = [
            line.removeprefix("data: ") for line in answer.iter_lines() if line.startswith("data: ")
        ]
    return [json.loads(line) for line in lines]


def test_a_stream_ends_with_the_whole_answer(server: Server) -> None:
    call = {"tool_name": "validate_blueprint", "parameters": {"blueprint": SHOP}}
    last = heard(server, call)[-1]
    assert last.pop("type") == "complete"
    assert set(last) == ANSWER
    assert last["result"]["valid"] is True


def test_a_failure_on_the_way_is_the_streams_last_event(server: Server) -> None:
    last = heard(server, {"tool_name": "validate_blueprint", "parameters": {"blueprint_id": 4711}})[
        -1
    ]
    assert (last["type"], last["code"], last["success"]) == ("error", "not_found", False)


def test_what_is_wrong_with_the_request_itself_is_told_before_a_stream_begins(
    server: Server,
) -> None:
    wrong: list[tuple[Any, int]] = [({"tool_name": "nothing_such"}, 404), ({}, 422)]
    wrong.append(({"tool_name": "validate_blueprint", "parameters": {"strict": "very"}}, 422))
    for body, status in wrong:
        assert execute(server, body, path="execute-stream")[0] == status


NASTY: list[Any] = [
    "",
    "x" * 300,
    "NaN",
    -1,
    0,
    10**30,
    1e308,
    True,
    [],
    [None],
    [[1]],
    {},
    {"a": {"b": None}},
]


@pytest.mark.parametrize("name", list(TOOLS))
def test_whatever_a_tool_is_given_the_answer_is_no_failure_of_almas(
    server: Server, name: str
) -> None:
    described = server.get(f"/tools/{name}")["parameters"]["properties"]
    good = server.get(f"/tools/{name}")["examples"][0]["parameters"]
    empty = {"blueprint": {"name": "empty", "resources": []}}
    tried: list[dict[str, Any]] = [{}, empty, {**good, "blueprint_id": 4711}]
    tried += [{**good, key: value} for key in described for value in NASTY]
    tried += [{key: value for key, value in good.items() if key != left_out} for left_out in good]
    for parameters in tried:
        status, answer = execute(server, {"tool_name": name, "parameters": parameters})
        assert status in {200, 404, 409, 422}, (parameters, answer)
        assert answer.get("success", False) is (status == 200), (parameters, answer)


def test_numbers_that_are_none_are_refused_as_json(server: Server) -> None:
    body = '{"tool_name": "validate_blueprint", "parameters": {"strict": NaN}}'
    answer = server.http.post("/api/v1/tools/execute", content=body)
    assert answer.status_code == 422
