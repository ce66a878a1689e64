"""GraphQL is no way around the limits: what it does counts as it would over REST, however it is packed together."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.server import Server, serve
from tests.api.test_graphql_access import KEY, ROOT, code, send
from tests.api.test_graphql_watching import connection

RUN = 'run_tool(input: {tool_name: "validate_blueprint", parameters: {blueprint_id: 4711}}) { success }'


@pytest.fixture
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # What is left grows again while a test runs; by less than one request in a while.
    with serve(
        tmp_path_factory.mktemp("limited"),
        api_key=KEY,
        rate_limit_enabled=True,
        rate_limit_rpm=8,
        rate_limit_burst=8,
        rate_limit_tools_rpm=3,
        rate_limit_generation_rpm=2,
    ) as running:
        yield running


def test_a_mutation_of_many_fields_is_counted_for_each_and_begun_only_as_a_whole(
    limited: Server,
) -> None:
    many = " ".join(f"a{number}: {RUN}" for number in range(4))
    answer = send(limited, f"mutation {{ {many} }}", headers=ROOT)
    assert answer.json()["data"] is None
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "rate_limit_exceeded"
    assert error["extensions"]["status"] == 429
    assert error["extensions"]["retry_after"] >= 1
    assert code(send(limited, f"mutation {{ {RUN} }}", headers=ROOT)) == "rate_limit_exceeded"


def test_tools_through_graphql_and_rest_share_one_limit(limited: Server) -> None:
    for _ in range(3):
        assert code(send(limited, f"mutation {{ {RUN} }}", headers=ROOT)) == "not_found"
    body = {"tool_name": "validate_blueprint", "parameters": {"blueprint_id": 4711}}
    over_rest = httpx.post(f"{limited.url}/api/v1/tools/execute", json=body, headers=ROOT)
    assert over_rest.status_code == 429


async def test_a_connection_is_counted_for_each_operation(limited: Server) -> None:
    query = {"query": "{ status { status } }"}
    codes: list[str | None] = []
    async with connection(limited, additional_headers=ROOT) as socket:
        for number in range(12):
            message = {"id": str(number), "type": "subscribe", "payload": query}
            await socket.send(json.dumps(message))
            async with asyncio.timeout(30):
                found: dict[str, Any] = {}
                while found.get("type") != "complete":
                    found = json.loads(await socket.recv())
                    if found["type"] != "complete":
                        payload = found["payload"]
                        errors = payload if found["type"] == "error" else payload.get("errors")
                        codes.append(errors[0]["extensions"]["code"] if errors else None)
                    if found["type"] == "error":
                        break
    assert codes[0] is None
    assert "rate_limit_exceeded" in codes


def test_a_refusal_for_too_many_is_tried_again_under_the_same_key(limited: Server) -> None:
    for _ in range(3):
        send(limited, f"mutation {{ {RUN} }}", headers=ROOT)
    headers = {**ROOT, "Idempotency-Key": str(uuid.uuid4())}
    answer = send(limited, f"mutation {{ {RUN} }}", headers=headers)
    assert code(answer) == "rate_limit_exceeded"
    assert answer.headers["Idempotency-Stored"] == "false"
