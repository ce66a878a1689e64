"""One function a provider: what its endpoint needs, and how pydantic-ai speaks to it.

The parts of pydantic-ai that need a provider's SDK are imported in that provider's function, so that a missing SDK is
the business of who uses it.
"""

from __future__ import annotations

import httpx2
from pydantic_ai.models import Model
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.settings import ModelSettings as RequestSettings

from alma.llm.settings import Endpoint
from alma.llm.wire import Probe, Wire, WireModel

# The same words get the same answer, as far as the server can: providers' newest models refuse to be told.
_STEADY = RequestSettings(temperature=0.0)
# Servers without keys get one all the same, for their SDK insists on one.
_NO_KEY = "none"
_ANTHROPIC_VERSION = "2023-06-01"


def openai_compatible(endpoint: Endpoint, *, silence: float) -> WireModel:
    """Whatever speaks OpenAI's chat completions: vLLM, llama.cpp, LM Studio, OpenRouter, Ollama."""
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    url = _url(endpoint, "")

    def opened(http: httpx2.AsyncClient) -> Model:
        provider = OpenAICompatibleProvider(
            name=endpoint.provider, base_url=url, api_key=_key(endpoint), http_client=http
        )
        profile = ModelProfile(supports_json_schema_output=True)
        return OpenAIChatModel(endpoint.model, provider=provider, profile=profile)

    probe = Probe(f"{url}/models", {"Authorization": f"Bearer {_key(endpoint)}"})
    return WireModel(endpoint, Wire(opened, probe, _STEADY), silence=silence)


def openai(endpoint: Endpoint, *, silence: float) -> WireModel:
    """OpenAI itself, by chat completions."""
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    url = _url(endpoint, "https://api.openai.com/v1")

    def opened(http: httpx2.AsyncClient) -> Model:
        provider = OpenAIProvider(base_url=url, api_key=_key(endpoint), http_client=http)
        return OpenAIChatModel(endpoint.model, provider=provider)

    probe = Probe(f"{url}/models", {"Authorization": f"Bearer {_key(endpoint)}"})
    return WireModel(endpoint, Wire(opened, probe), silence=silence)


def anthropic(endpoint: Endpoint, *, silence: float) -> WireModel:
    """Anthropic's messages."""
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    url = _url(endpoint, "https://api.anthropic.com")

    def opened(http: httpx2.AsyncClient) -> Model:
        provider = AnthropicProvider(api_key=_key(endpoint), base_url=url, http_client=http)
        return AnthropicModel(endpoint.model, provider=provider)

    headers = {"x-api-key": _key(endpoint), "anthropic-version": _ANTHROPIC_VERSION}
    return WireModel(endpoint, Wire(opened, Probe(f"{url}/v1/models", headers)), silence=silence)


def gemini(endpoint: Endpoint, *, silence: float) -> WireModel:
    """Google's Gemini, by its own API."""
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    url = _url(endpoint, "https://generativelanguage.googleapis.com")

    def opened(http: httpx2.AsyncClient) -> Model:
        provider = GoogleProvider(
            api_key=_key(endpoint), base_url=endpoint.base_url, http_client=http
        )
        return GoogleModel(endpoint.model, provider=provider)

    probe = Probe(f"{url}/v1beta/models", {"x-goog-api-key": _key(endpoint)})
    return WireModel(endpoint, Wire(opened, probe), silence=silence)


def _url(endpoint: Endpoint, default: str) -> str:
    return (endpoint.base_url or default).rstrip("/")


def _key(endpoint: Endpoint) -> str:
    return endpoint.api_key.get_secret_value() if endpoint.api_key else _NO_KEY
