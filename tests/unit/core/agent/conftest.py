from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from alma.config import load_catalogue, load_templates
from alma.core.agent.reading import Exchange, Message, Read, Reader
from alma.core.language.interpreter import Interpreter
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint, Constraints, Origin
from alma.core.model.conversation import ChatEvent, Interpretation
from alma.core.services.templates import Templates
from alma.llm.scripted import Line, ScriptedModel
from tests.unit.core.agent.hearing import ASKER, BY_ITSELF, Heard, knowledge

Reads = Callable[..., Any]


@pytest.fixture(scope="session")
def interpreter() -> Interpreter:
    return Interpreter(load_catalogue(), load_templates())


@pytest.fixture(scope="session")
def templates() -> Templates:
    return Templates(load_templates())


@pytest.fixture
def hear(interpreter: Interpreter, templates: Templates) -> Reads:
    """Reads one message with a scripted model, after the offline interpreter has read it as it always does."""

    async def reads(
        text: str,
        *script: Line,
        blueprint: Blueprint | None = None,
        earlier: tuple[Exchange, ...] = (),
        constraints: Constraints | None = None,
        state: Mapping[str, Json] | None = None,
        log: Json = "all is well",
        forever: bool = False,
        offline: Interpretation | None = None,
        origins: Mapping[str, Origin] | None = None,
    ) -> Heard:
        model = ScriptedModel(script, forever=forever)
        reader = Reader(
            model=model, knowledge=knowledge(log), interpreter=interpreter, templates=templates
        )
        message = Message(
            text=text,
            offline=offline
            or BY_ITSELF.get(text)
            or interpreter.interpret(
                text, blueprint=blueprint, history=[turn.said for turn in earlier]
            ),
            principal=ASKER,
            blueprint=blueprint,
            earlier=earlier,
            constraints=constraints,
            state=state or {},
            origins=origins or {},
        )
        events: list[ChatEvent] = []
        read: Read | None = None
        async for event in reader.read(message):
            assert read is None, "nothing follows the reading"
            if isinstance(event, Read):
                read = event
            else:
                events.append(event)
        assert read is not None
        return Heard(events, read, model, blueprint)

    return reads
