"""A provider's endpoint on this machine, and models that ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from alma.llm.makers import openai_compatible
from alma.llm.settings import Endpoint
from alma.llm.wire import WireModel
from tests.integration.llm.provider import Provider, provider

KEY = "sk-canary-5f2c9b71d04e4e1a"


@pytest.fixture(name="endpoint")
async def running_endpoint() -> AsyncIterator[Provider]:
    async with provider() as found:
        yield found


@pytest.fixture(name="model")
async def model_of_the_endpoint(endpoint: Provider) -> AsyncIterator[WireModel]:
    model = openai_compatible(settings(endpoint.url), silence=30.0)
    yield model
    await model.close()


def settings(url: str) -> Endpoint:
    return Endpoint.model_validate(
        {"provider": "openai-compatible", "model": "m", "base_url": url, "api_key": KEY}
    )
