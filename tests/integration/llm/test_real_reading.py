"""A message read with a real model: its server takes the whole form of an answer, and something usable comes of it.

The model is too small to be right. That its answers keep to the form, stream, and end in a valid draft is what counts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from alma.config import load_catalogue, load_templates
from alma.core.agent.knowledge import LookUps
from alma.core.agent.reading import Message, Read, Reader
from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.model.conversation import ChatEvent, ChatEventType, Intent, Interpretation
from alma.core.model.document import parse_blueprint
from alma.core.model.principal import LOCAL
from alma.core.services.templates import Templates
from alma.llm.makers import openai_compatible
from alma.llm.settings import Endpoint
from tests.conftest import required
from tests.integration.llm import real
from tests.unit.core.agent.hearing import knowledge

UNCLEAR = Interpretation(intent=Intent.UNKNOWN, unused=("orders",), question="What is that?")


@pytest.fixture(scope="module", name="url")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if reason := real.missing():
        if "llm" in required():
            pytest.fail(f"ALMA_TEST_REQUIRE names llm, but there is {reason}", pytrace=False)
        pytest.skip(reason)
    with real.server(tmp_path_factory.mktemp("llm") / "server.log") as url:
        yield url


@pytest.fixture(name="interpreter", scope="module")
def offline_interpreter() -> Interpreter:
    return Interpreter(load_catalogue(), load_templates())


@pytest.fixture(name="reader")
async def reader_of_the_server(url: str, interpreter: Interpreter) -> AsyncIterator[Reader]:
    given = {"provider": "openai-compatible", "model": "smollm2", "base_url": url}
    endpoint = Endpoint.model_validate(given | {"api_key": "for-tests-only"})
    model = openai_compatible(endpoint, silence=300.0)
    templates = Templates(load_templates())
    yield Reader(model=model, knowledge=LookUps([]), interpreter=interpreter, templates=templates)
    await model.close()


async def heard(reader: Reader, text: str, offline: Interpretation) -> tuple[list[ChatEvent], Read]:
    events: list[ChatEvent] = []
    async for event in reader.read(Message(text, offline, LOCAL)):
        if isinstance(event, Read):
            return events, event
        events.append(event)
    raise AssertionError("a reading has an end")


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_wish_ends_in_a_valid_draft(reader: Reader) -> None:
    _, read = await heard(reader, "somewhere to keep the orders of our shop", UNCLEAR)
    # It may ramble on to the end of its bounds, or never get an edit right. A form refused would be another reason.
    reasons = ("cut off at", "answers could not be used")
    assert read.fallback is None or any(reason in read.fallback for reason in reasons)
    assert read.fallback or read.usage.generated > 10
    if read.interpretation.edits:
        made, _ = apply_edits(None, read.interpretation.edits, templates=reader.templates.customize)
        parse_blueprint(made.dump())


@pytest.mark.timeout(600)
async def test_an_answer_to_a_question_streams_and_changes_nothing(
    reader: Reader, interpreter: Interpreter
) -> None:
    text = "what can you do?"
    events, read = await heard(reader, text, interpreter.interpret(text))
    assert read.fallback is None
    assert read.interpretation == interpreter.interpret(text)
    tokens = [event.content for event in events if event.type is ChatEventType.TOKEN]
    assert len(tokens) > 2
    assert read.response
    assert read.response.startswith(tokens[0])


@pytest.mark.timeout(600)
async def test_tools_are_called_through_the_form_alone(reader: Reader, url: str) -> None:
    """A server that could not make a grammar of the tools' schemas would answer with an error."""
    form = reader.asking.form
    tools = knowledge().tools
    for edits in (True, False):
        ask = reader.asking.ask([], edits=edits, tools=tools, project="default")
        assert ask.schema_ == form.schema(edits=edits, tools=tools)
        replies = [
            answer
            async for answer in reader.model.answer(ask.model_copy(update={"max_tokens": 900}))
        ]
        assert "say" in replies[-1].document
