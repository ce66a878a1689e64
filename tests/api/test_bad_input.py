"""Whatever is sent: a clear error of one shape, the right status, no traceback, and nothing half-written."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.server import API, WORDS, Server

SHAPE = {"detail", "code", "hint", "errors", "diagnostics", "request_id"}
DEEP = "[" * 100_000
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.fixture(autouse=True)
def _nothing_half_written(server: Server) -> Iterator[None]:
    def counted() -> list[int]:
        nouns = ("blueprints", "iprs", "deployments", "stacks", "conversation")
        return [server.get(f"/{noun}")["total"] for noun in nouns]

    before = counted()
    yield
    assert counted() == before


def refused(answer: httpx.Response, status: int) -> Any:
    """The body of a failure, in the shape that all have."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body.keys() >= SHAPE
    assert body["detail"]
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text
    return body


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"name": ', "line 1, column 10"),
        ('{"name": "x"} {}', "extra data"),
        ('{"name": NaN}', "not a number"),
        ('{"name": "x\x01"}', "line 1"),
        ("", "line 1"),
        ("null", "this is empty"),
        ("[]", "this is a list"),
        ("17", "this is a single value"),
        (DEEP, "nested more than"),
        ('{"name": "\\ud800", "resources": []}', "can't be stored"),
        ('{"name": "x", "name": "y"}', "name"),
        (b'\xff\xfe{"name": "x"}', "not UTF-8"),
    ],
)
def test_json_that_is_no_blueprint(server: Server, content: str | bytes, message: str) -> None:
    answer = server.http.post(
        f"{API}/blueprints", content=content, headers={"Content-Type": "application/json"}
    )

    body = refused(answer, 422)
    assert body["detail"] == "Invalid blueprint format"
    assert message in " ".join(body["errors"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name: [x", "line 1"),
        ("name: x\n\tresources: []", "line 2"),
        ("name: !!python/object/apply:os.system [ls]", "line 1"),
        ("name: x\nname: y", "line 2"),
        (BOMB, "more than"),
        ("name: *nowhere", "line 1"),
        ("just words", "a blueprint is a mapping"),
    ],
)
def test_yaml_that_is_no_blueprint(server: Server, content: str, message: str) -> None:
    answer = server.http.post(
        f"{API}/blueprints", content=content, headers={"Content-Type": "application/yaml"}
    )

    assert message in " ".join(refused(answer, 422)["errors"])


@pytest.mark.parametrize(
    ("resource", "error"),
    [
        ({"specs": {"memory": "-4GB"}}, "resources.0.specs.memory: "),
        ({"specs": {"memory": "4 bananas"}}, "resources.0.specs.memory: invalid format"),
        ({"specs": {"cpu": 0}}, "resources.0.specs.cpu: "),
        ({"specs": {"ram": "4GB"}}, "resources.0.specs.ram: unknown field"),
        ({"count": -1}, "resources.0.count: "),
        ({"depends_on": ["nobody"]}, "resources.0.depends_on.0: "),
        ({"name": "no spaces"}, "resources.0.name: "),
    ],
)
def test_a_faulty_resource(server: Server, resource: dict[str, Any], error: str) -> None:
    document = {"name": "x", "resources": [{"name": "web", "type": "vm"} | resource]}

    body = refused(server.http.post(f"{API}/blueprints", json=document), 422)

    assert any(line.startswith(error) for line in body["errors"]), body["errors"]


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("conversation/chat", None, "the request has no body"),
        ("conversation/chat", [], "must be a mapping"),
        ("conversation/chat", {}, "message: required field is missing"),
        ("conversation/chat", {"message": 5}, "message: must be a text"),
        ("conversation/chat", {"message": "hi", "contxt": {}}, "contxt: unknown field"),
        ("conversation/chat", {"message": "a\u0000b"}, "message: a character can't be stored"),
        ("iprs", {"title": "x"}, "blueprint_id: required field is missing"),
        ("iprs", {"title": "", "blueprint_id": 1}, "title: must not be empty"),
        (
            "policies/waivers",
            {"rule": "ALMA-NET-001", "reason": "x"},
            "reason: must have at least 3 characters",
        ),
        ("iprs", {"title": "x", "blueprint_id": 0}, "blueprint_id: must be at least 1"),
        ("iprs", {"title": "x", "blueprint_id": "one"}, "blueprint_id: must be a whole number"),
        ("iprs/1/review", {"action": "shrug"}, "action: "),
        ("iprs/1/deploy", {"engine": 7}, "engine: must be a text"),
        ("iprs/1/deploy", {"dry-run": True}, "dry-run: unknown field"),
        ("templates/ha-web-app/customize", {"parameters": []}, "parameters: must be a mapping"),
    ],
)
def test_a_request_that_is_not_what_the_route_takes(
    server: Server, path: str, body: Any, error: str
) -> None:
    content = "" if body is None else json.dumps(body)

    found = refused(server.http.post(f"{API}/{path}", content=content), 422)

    assert any(line.startswith(error) for line in found["errors"]), found["errors"]


@pytest.mark.parametrize("path", ["conversation/chat", "iprs", "iprs/1/review"])
@pytest.mark.parametrize("content", ['{"message": ', "{'message': 'x'}x", DEEP, b"\xff"])
def test_a_body_that_can_not_be_read(server: Server, path: str, content: str | bytes) -> None:
    answer = server.http.post(
        f"{API}/{path}", content=content, headers={"Content-Type": "application/json"}
    )

    assert refused(answer, 422)["detail"] == "Invalid request body"


@pytest.mark.parametrize("path", ["blueprints", "conversation/chat", "iprs/1/deploy"])
def test_a_body_of_unknown_length_is_refused_as_it_grows_and_not_at_its_end(
    server: Server, path: str
) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = (
            f"POST {API}/{path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        connection.sendall(head.encode())
        for _ in range(6):
            connection.sendall(b"f4240\r\n" + b"x" * 1_000_000 + b"\r\n")
        # The body goes on, as far as the server can know: it answers all the same.
        answer = ""
        while "request_id" not in answer and (part := connection.recv(65_536)):
            answer += part.decode()

    assert answer.startswith("HTTP/1.1 413 ")
    assert '"code":"document_too_large"' in answer


def test_a_large_body_that_is_announced_is_refused_by_its_length(server: Server) -> None:
    answer = server.http.post(f"{API}/blueprints", content=b" " * 50_000_000)

    refused(answer, 413)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nowhere"),
        ("POST", "/api/v1/nowhere"),
        ("GET", "/api/v1/blueprints/4711"),
        ("PUT", "/api/v1/iprs/4711"),
        ("GET", "/api/v1/blueprints/4711/revisions"),
        ("DELETE", "/api/v1/iprs/4711"),
        ("GET", "/api/v1/deployments/never-was"),
        ("GET", "/api/v1/deployments/never-was/events?stream=true"),
        ("POST", "/api/v1/deployments/never-was/retry"),
        ("GET", "/api/v1/stacks/never-was"),
        ("POST", "/api/v1/stacks/never-was/destroy"),
        ("GET", "/api/v1/templates/never-was"),
        ("POST", "/api/v1/templates/never-was/customize"),
        ("GET", "/api/v1/conversation/never-was"),
    ],
)
def test_what_is_not_there(server: Server, method: str, path: str) -> None:
    answer = server.http.request(method, path, content="{}")

    refused(answer, 404)


@pytest.mark.parametrize("id_", ["one", "1.5", "9" * 30])
def test_an_id_that_is_no_number(server: Server, id_: str) -> None:
    refused(server.http.get(f"{API}/blueprints/{id_}"), 422)


def test_a_method_that_is_not_taken_names_those_that_are(server: Server) -> None:
    answer = server.http.delete(f"{API}/templates")

    assert refused(answer, 405)["hint"] == "it takes GET"
    assert answer.headers["Allow"] == "GET"


def test_a_method_that_is_not_taken_is_told_all_that_are(server: Server) -> None:
    answer = server.http.patch(f"{API}/iprs/1")
    assert refused(answer, 405)["hint"] == "it takes DELETE, GET, PUT"
    assert answer.headers["Allow"] == "DELETE, GET, PUT"


@pytest.mark.parametrize("engine", ["mars", "no-such", ""])
def test_an_engine_that_is_not_here_names_those_that_are(server: Server, engine: str) -> None:
    answer = server.http.get(f"{API}/engines/{engine or '%20'}/check")

    assert "simulation" in refused(answer, 422)["hint"]


def test_words_are_data_wherever_they_are_sent(server: Server) -> None:
    hostile = "'; DROP TABLE blueprint; -- <script>alert(1)</script> ${jndi:x} {{7*7}}"

    answer = server.http.get(f"{API}/blueprints", params={"name": hostile})

    assert answer.json()["items"] == []
    refused(server.http.get(f"{API}/templates/{hostile}"), 404)


def test_words_on_the_wrong_route_are_told_so(server: Server) -> None:
    body = refused(server.http.post(f"{API}/blueprints", json={"message": WORDS}), 422)

    assert "message: unknown field" in body["errors"]


@pytest.mark.parametrize(
    ("path", "body", "line", "hint"),
    [
        ("/templates/simple-web-app/customize", {"params": {}}, "params", "'parameters'"),
        ("/iprs", {"title": "x", "blueprint": 1}, "blueprint", "'blueprint_id'"),
        ("/iprs/1/deploy", {"engines": "docker"}, "engines", "'engine'"),
        (
            "/blueprints/generate-blueprint",
            {"description": "x", "constraints": {"regions": "eu"}},
            "constraints.regions",
            "'region'",
        ),
    ],
)
def test_a_misspelt_field_of_a_request(
    server: Server, path: str, body: dict[str, Any], line: str, hint: str
) -> None:
    found = refused(server.http.post(f"{API}{path}", json=body), 422)

    assert f"{line}: unknown field" in found["errors"]
    [fault] = [item for item in found["diagnostics"] if item["path"] == line]
    assert hint in fault["hint"]
