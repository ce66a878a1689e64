"""Everything that is wired around models, over real connections: repeats, the next model, a stop that gets through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from alma.core.model.dialogue import Partial
from alma.llm import Models, Surroundings, build_models
from alma.llm.faults import Kind, ModelFault
from alma.llm.metered import ModelMeter
from tests.integration.llm.conftest import KEY
from tests.integration.llm.provider import Provider, Wire, provider
from tests.unit.llm.asking import Clock, Ledger, ask, failed, replied


@pytest.fixture(name="second")
async def second_endpoint() -> AsyncIterator[Provider]:
    async with provider() as found:
        yield found


@pytest.fixture(name="around")
def what_models_are_built_with() -> Surroundings:
    return Surroundings(clock=Clock(), ledger=Ledger(), counts=ModelMeter())


@pytest.fixture(name="models")
async def chain_of_two(
    endpoint: Provider, second: Provider, around: Surroundings
) -> AsyncIterator[Models]:
    models = _built(endpoint, second, around)
    yield models
    await models.close()


def _built(endpoint: Provider, second: Provider, around: Surroundings) -> Models:
    given: dict[str, Any] = {
        "provider": "openai-compatible",
        "model": "first",
        "base_url": endpoint.url,
        "api_key": KEY,
        "fallbacks": f"openai-compatible:second@{second.url}",
        "retries": "2",
        "budget": "1",
    }
    models = build_models(given, around)
    assert models is not None
    return models


async def test_who_asks_to_wait_is_asked_again_after_that(
    endpoint: Provider, models: Models, around: Surroundings
) -> None:
    endpoint.refuses(429, {"error": {"message": "slow down"}}, Retry_After="0.01")
    endpoint.says('{"n": 1}')
    reply = await replied(models)
    assert reply.model == "openai-compatible:first"
    assert len(endpoint.requests) == 2
    assert isinstance(around.counts, ModelMeter)
    requests = around.counts.snapshot().requests
    assert requests == {("interpret", "busy"): 1, ("interpret", "success"): 1}


async def test_a_refused_key_is_not_repeated_and_the_next_model_answers(
    endpoint: Provider, second: Provider, models: Models
) -> None:
    endpoint.refuses(401, {"error": {"message": KEY}})
    second.says('{"n": 2}')
    assert (await replied(models)).model == "openai-compatible:second"
    assert len(endpoint.requests) == 1
    # A key is for the address that it was given for.
    assert KEY not in str(second.requests[0].headers)


async def test_when_all_refuse_nobody_shows_a_key(
    endpoint: Provider, second: Provider, models: Models, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    endpoint.refuses(401, {"error": {"message": KEY}})
    second.refuses(401, {"error": {"message": KEY}})
    error = await failed(models)
    assert "None of 2 language models answered" in error.message
    assert KEY not in f"{error.message}{error.hint}{error.details}{caplog.text}"


async def test_an_endpoint_that_dies_in_the_middle_ends_the_answer(
    endpoint: Provider, second: Provider, models: Models, around: Surroundings
) -> None:
    async def script(wire: Wire) -> None:
        await wire.start()
        await wire.say('{"words": "it is')
        wire.writer.transport.abort()

    endpoint.scripts.append(script)
    stream = models.answer(ask())
    assert await anext(stream) == Partial(document={"words": "it is"})
    with pytest.raises(ModelFault) as caught:
        await anext(stream)
    assert caught.value.kind is Kind.UNREACHABLE
    assert caught.value.retryable
    assert second.requests == []
    assert isinstance(around.ledger, Ledger)
    assert len(around.ledger.recorded) == 1  # what had come is paid for


async def test_a_stop_gets_through_everything_to_the_connection(
    endpoint: Provider, models: Models
) -> None:
    gone = asyncio.Event()

    async def script(wire: Wire) -> None:
        await wire.start()
        await wire.say('{"words": "it is')
        await wire.gone()
        gone.set()

    endpoint.scripts.append(script)
    stream = models.answer(ask())
    await anext(stream)
    await stream.aclose()
    await asyncio.wait_for(gone.wait(), 30)


async def test_secrets_do_not_reach_the_wire(endpoint: Provider, models: Models) -> None:
    endpoint.says('{"words": "AKIAIOSFODNN7EXAMPLE"}')
    reply = await replied(models, ask(f"password={KEY} and postgres://me:hunter2@db"))
    assert KEY not in str(endpoint.requests[0].body)
    assert "hunter2" not in str(endpoint.requests[0].body)
    assert reply.document == {"words": "[redacted]"}
