"""Every operation of the REST API, sent what its description allows and what it forbids: never a fault of ours, always
an answer that the description knows."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import schemathesis
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

from alma.api.app import create_app
from tests.api.server import Server
from tests.fuzz.conftest import BOUNDED, EXAMPLES, KEY

# What waits for what is outside, ends sessions, or answers for as long as somebody listens.
LEFT_OUT = r"/engines/\{name\}/(connection|check|discover)|/auth/|/oidc|/metrics$"
EVENTS = "text/event-stream"


SCHEMA = schemathesis.openapi.from_dict(create_app().openapi()).exclude(path_regex=LEFT_OUT)
# Every combination of what a description allows is for those who have the time.
SCHEMA.config.phases.coverage.enabled = bool(EXAMPLES)
KNOWN: dict[str, Any] = {}


@SCHEMA.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    """Half of all ids are of something that is there, or nothing behind the first check would be reached."""
    return {
        name: KNOWN[name] if name in KNOWN and len(str(value)) % 2 else value
        for name, value in (path_parameters or {}).items()
    }


@pytest.fixture(scope="module", autouse=True)
def known(fuzzed: Server) -> None:
    KNOWN.update(_known(fuzzed))


def _known(server: Server) -> dict[str, Any]:
    deployment = server.get("/deployments")["items"][0]
    return {
        "blueprint_id": 1,
        "ipr_id": 2,
        "number": 1,
        "deployment_id": deployment["id"],
        "stack_id": deployment["stack_id"],
        "conversation_id": "seed",
        "template_id": "simple-web-app",
        "rule_id": "ALMA-NET-001",
        "provider": "aws",
        "name": "validate_blueprint",
    }


# It shuffles its own cases: the library's business, and always in the same way.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
@SCHEMA.parametrize()
@BOUNDED
def test_an_operation_does_what_its_description_says(case: Any, fuzzed: Server) -> None:
    try:
        answer = case.call(base_url=fuzzed.url, headers={"X-API-Key": KEY}, timeout=60)
    except (UnicodeEncodeError, httpx.InvalidURL):
        return  # can't be sent by anybody
    told = {*case.operation.definition.raw["responses"]}
    if case.method.upper() != case.operation.method.upper():
        told.add("405")
    assert str(answer.status_code) in told, (answer.status_code, answer.text[:500])
    checks = [content_type_conformance]
    if not any(EVENTS in kind for kind in answer.headers.get("content-type", ())):
        checks.append(response_schema_conformance)
    case.validate_response(answer, checks=checks)
