"""Asks one model of one provider over pydantic-ai, which knows the providers' wires; the rest of ALMA knows the port.

Answers are asked for by JSON schema, as text, because small local models fail at native tool calls. Only a provider
that has no such mode is offered the schema as its one tool. The text is read as it comes in.

Clients belong to the event loop they were made on, and each loop that asks gets its own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import httpx
import httpx2
from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings as RequestSettings
from pydantic_ai.tools import ToolDefinition

from alma.core.model.dialogue import Ask, Partial, Reply, Usage
from alma.core.model.engine import Health
from alma.llm.faults import Kind, ModelFault
from alma.llm.prompt import Message, rendered
from alma.llm.reading import LONGEST, Answer
from alma.llm.secrets import Redaction
from alma.llm.settings import Endpoint
from alma.llm.tokens import estimated
from alma.llm.translation import translated

_CONNECT_SECONDS = 10.0
_CHECK_SECONDS = 5.0
_CLOSE_SECONDS = 5.0


@dataclass(frozen=True)
class Probe:
    """A request that costs nothing and needs the key: it shows whether the provider answers."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Wire:
    """How an endpoint is spoken to. `open` makes its model over an HTTP client; `settings` go with every request."""

    open: Callable[[httpx2.AsyncClient], Model]
    probe: Probe
    settings: RequestSettings = field(default_factory=RequestSettings)


@dataclass
class _Client:
    http: httpx2.AsyncClient
    model: Model


class WireModel:
    """`LanguageModel` over one endpoint. `silence` is how many seconds may pass without a word from it."""

    def __init__(self, endpoint: Endpoint, wire: Wire, *, silence: float) -> None:
        self._endpoint = endpoint
        self._wire = wire
        self._silence = silence
        key = endpoint.api_key.get_secret_value() if endpoint.api_key else ""
        self._clean = Redaction(lambda: [key]).open()
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Client] = WeakKeyDictionary()

    @property
    def name(self) -> str:
        """`provider:model`."""
        return self._endpoint.name

    async def answer(self, ask: Ask) -> AsyncGenerator[Partial | Reply, None]:
        """Streams the answer. Closing it closes the connection, at which servers stop working."""
        text = Answer()
        with translated(self.name, clean=self._clean):
            model = self._client().model
            request = model_request_stream(
                model,
                _messages(ask),
                model_settings=self._settings(ask),
                model_request_parameters=_parameters(ask, model),
            )
            async with request as stream:
                async for event in stream:
                    document = text.add(_words(event))
                    if document is not None:
                        yield Partial(document=document)
                    if text.length > LONGEST:
                        raise self._unusable("is longer than any answer can be")
                reply = self._reply(ask, text, stream)
        yield reply

    async def check(self) -> Health:
        """Asks for the provider's list of models."""
        probe = self._wire.probe
        try:
            async with httpx.AsyncClient(timeout=_CHECK_SECONDS) as client:
                answer = await client.get(probe.url, headers=dict(probe.headers))
        except httpx.HTTPError as error:
            return self._health(f"can't be reached: {type(error).__name__}", "check its address")
        if answer.status_code in {401, 403}:
            return self._health("refuses the key", "check the key")
        if answer.status_code >= 500:
            return self._health(f"fails with status {answer.status_code}", "see its own log")
        return Health(engine=self.name, available=True, detail="answers")

    async def close(self) -> None:
        """Gives back the connections, each on its own loop. Those of loops that have ended went with them."""
        here = asyncio.get_running_loop()
        for loop, client in list(self._clients.items()):
            if loop is here:
                await client.http.aclose()
            elif loop.is_running():
                there = asyncio.run_coroutine_threadsafe(client.http.aclose(), loop)
                await asyncio.wait([asyncio.wrap_future(there)], timeout=_CLOSE_SECONDS)
        self._clients.clear()

    def _client(self) -> _Client:
        loop = asyncio.get_running_loop()
        found = self._clients.get(loop)
        if found is None:
            timeout = httpx2.Timeout(self._silence, connect=min(_CONNECT_SECONDS, self._silence))
            http = httpx2.AsyncClient(timeout=timeout)
            found = self._clients[loop] = _Client(http, self._wire.open(http))
        return found

    def _settings(self, ask: Ask) -> RequestSettings:
        limits = RequestSettings(
            max_tokens=ask.max_tokens, first_event_timeout=self._silence, max_retries=0
        )
        return {**self._wire.settings, **limits}

    def _reply(self, ask: Ask, text: Answer, stream: StreamedResponse) -> Reply:
        document = text.whole()
        if document is None and not (stream.provider_details or {}).get("finish_reason"):
            raise ModelFault(
                f"{self.name} broke off in the middle of its answer",
                kind=Kind.UNREACHABLE,
                hint="try again; its own log may say why",
            )
        if document is None:
            cut = stream.finish_reason == "length"
            raise self._unusable(
                f"was cut off at {ask.max_tokens} tokens" if cut else "is not a JSON object"
            )
        usage = stream.usage
        counted = Usage(consumed=usage.input_tokens or 0, generated=usage.output_tokens or 0)
        return Reply(
            document=document,
            model=self.name,
            usage=counted if counted.consumed else estimated(ask, document),
        )

    def _unusable(self, problem: str) -> ModelFault:
        return ModelFault(
            f"The answer of {self.name} {problem}",
            kind=Kind.UNUSABLE,
            hint="ask again, raise max_tokens, or use a model that keeps to a JSON schema",
        )

    def _health(self, problem: str, hint: str) -> Health:
        detail = f"{self.name} {problem}"
        return Health(engine=self.name, available=False, detail=detail, problems=(hint,))


def _messages(ask: Ask) -> list[ModelMessage]:
    prompt = rendered(ask)
    messages = [_message(message) for message in prompt.messages] or [ModelRequest(parts=[])]
    first = messages[0]
    if isinstance(first, ModelResponse):  # an answer to a question that was not kept
        first = ModelRequest(parts=[])
        messages.insert(0, first)
    for message in messages:
        if isinstance(message, ModelRequest):
            message.instructions = prompt.system
    return messages


def _message(message: Message) -> ModelRequest | ModelResponse:
    if message.by_model:
        return ModelResponse(parts=[TextPart(content=message.text)])
    return ModelRequest(parts=[UserPromptPart(content=message.text)])


def _parameters(ask: Ask, model: Model) -> ModelRequestParameters:
    schema = dict(ask.schema_)
    if model.profile.get("supports_json_schema_output", False):
        return ModelRequestParameters(
            output_mode="native",
            output_object=OutputObjectDefinition(json_schema=schema, name=ask.schema_name),
        )
    tool = ToolDefinition(name=ask.schema_name, parameters_json_schema=schema, kind="output")
    return ModelRequestParameters(output_mode="tool", output_tools=[tool], allow_text_output=False)


def _words(event: Any) -> str:
    """The text of the answer that an event brings; a model's thinking is none."""
    match event:
        case PartStartEvent(part=TextPart(content=text)):
            return text
        case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
            return text
        case PartStartEvent(part=ToolCallPart(args=str(text))):
            return text
        case PartStartEvent(part=ToolCallPart(args=dict(whole))):
            return json.dumps(whole)
        case PartDeltaEvent(delta=ToolCallPartDelta(args_delta=str(text))):
            return text
        case _:
            return ""
