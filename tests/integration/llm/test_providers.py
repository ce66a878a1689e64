"""Every provider's own wire, as its SDK speaks it, against a server that answers in that wire's form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from alma.core.model.dialogue import Reply, Usage
from alma.llm import PROVIDERS
from alma.llm.entries import load
from alma.llm.faults import Kind
from alma.llm.settings import Endpoint
from alma.llm.wire import WireModel
from tests.integration.llm.conftest import KEY
from tests.integration.llm.provider import Provider, Script, Wire
from tests.integration.llm.test_wire import drained, failed

ANSWER = {"act": "create", "words": "two"}
PIECES = ('{"act": "cre', 'ate", "words": "two"}')
MODELS = {"anthropic": "claude-sonnet-5-5", "gemini": "gemini-2.5-flash", "openai": "gpt-4.1"}


async def as_openai(wire: Wire) -> None:
    await wire.start()
    for piece in PIECES:
        await wire.say(piece)
    await wire.end()


async def as_anthropic(wire: Wire) -> None:
    await wire.start()
    await _event(wire, "message_start", message=_anthropic_message())
    await _event(wire, "content_block_start", index=0, content_block={"type": "text", "text": ""})
    for piece in PIECES:
        delta = {"type": "text_delta", "text": piece}
        await _event(wire, "content_block_delta", index=0, delta=delta)
    await _event(wire, "content_block_stop", index=0)
    ended = {"stop_reason": "end_turn", "stop_sequence": None}
    await _event(wire, "message_delta", delta=ended, usage={"output_tokens": 34})
    await _event(wire, "message_stop")


def _anthropic_message() -> dict[str, Any]:
    return {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 12, "output_tokens": 1},
    }


async def _event(wire: Wire, kind: str, **data: Any) -> None:
    await wire.send(f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n")


async def as_gemini(wire: Wire) -> None:
    await wire.start()
    for last, piece in enumerate(PIECES):
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": piece}]}}
        if last:
            candidate["finishReason"] = "STOP"
        counted = {"promptTokenCount": 12, "candidatesTokenCount": 34, "totalTokenCount": 46}
        data = {"candidates": [candidate], "usageMetadata": counted, "modelVersion": "gemini"}
        await wire.send(f"data: {json.dumps(data)}\n\n")


SPOKEN: Mapping[str, Script] = {
    "openai": as_openai,
    "openai-compatible": as_openai,
    "ollama": as_openai,
    "anthropic": as_anthropic,
    "gemini": as_gemini,
}
SCHEMA_PLACES = {
    "anthropic": ("output_config", "format", "schema"),
    "gemini": ("generationConfig", "responseJsonSchema"),
}
DEFAULT_PLACE = ("response_format", "json_schema", "schema")


@pytest.fixture(name="provider", params=sorted(PROVIDERS))
def each_provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(name="opened")
def model_of_each_provider(provider: str, endpoint: Provider) -> WireModel:
    url = endpoint.url if SPOKEN[provider] is as_openai else endpoint.url.removesuffix("/v1")
    found = Endpoint.model_validate(
        {
            "provider": provider,
            "model": MODELS.get(provider, "m"),
            "base_url": url,
            "api_key": KEY,
        }
    )
    model = load(provider, PROVIDERS[provider])(found, silence=30.0)
    assert isinstance(model, WireModel)
    return model


async def test_every_provider_streams_by_schema_and_counts(
    provider: str, endpoint: Provider, opened: WireModel
) -> None:
    endpoint.scripts.append(SPOKEN[provider])
    *partials, reply = await drained(opened)
    await opened.close()
    assert [item.document for item in partials] == [{"act": "cre"}, ANSWER]
    assert isinstance(reply, Reply)
    assert reply.document == ANSWER
    assert reply.usage == Usage(consumed=12, generated=34)


async def test_every_provider_is_told_the_schema_natively(
    provider: str, endpoint: Provider, opened: WireModel
) -> None:
    endpoint.scripts.append(SPOKEN[provider])
    await drained(opened)
    await opened.close()
    place: Any = endpoint.requests[0].body
    for step in SCHEMA_PLACES.get(provider, DEFAULT_PLACE):
        assert step in place, place
        place = place[step]
    assert set(place["properties"]) == {"act", "words"}
    assert not endpoint.requests[0].body.get("tools")


async def test_every_provider_that_refuses_the_key_is_told_apart(
    provider: str, endpoint: Provider, opened: WireModel
) -> None:
    endpoint.refuses(401, {"error": {"code": 401, "message": KEY, "status": "UNAUTHENTICATED"}})
    error = await failed(opened)
    await opened.close()
    assert error.kind is Kind.DENIED
    assert KEY not in f"{error.message}{error.hint}{error.details}"
    assert len(endpoint.requests) == 1


async def test_every_provider_can_be_looked_at(
    provider: str, endpoint: Provider, opened: WireModel
) -> None:
    assert (await opened.check()).available
    endpoint.models_status = 401
    assert not (await opened.check()).available
