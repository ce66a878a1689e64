"""Lets no secret out to a model, and none that it makes up or remembers into what is stored."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from alma.core.model.base import Json
from alma.core.model.dialogue import Ask, Partial, Reply
from alma.core.ports import LanguageModel
from alma.llm.secrets import Redaction
from alma.llm.wrapper import Wrapper


class Redacted(Wrapper):
    """Takes secrets out of the system's text and all parts before they are sent, and out of every text of an answer.

    Of an answer under way only whole secrets are found; its beginning may be seen before its end has come. The reply,
    which is what is kept, is whole.
    """

    def __init__(self, inner: LanguageModel, redaction: Redaction) -> None:
        super().__init__(inner)
        self._redaction = redaction

    async def answer(self, ask: Ask) -> AsyncGenerator[Partial | Reply, None]:
        """The inner one's answer to the redacted ask, redacted."""
        clean = self._redaction.open()
        async with aclosing(self.inner.answer(_cleaned(ask, clean))) as items:
            async for item in items:
                document = {name: _deep(value, clean) for name, value in item.document.items()}
                yield item.model_copy(update={"document": document})


def _cleaned(ask: Ask, clean: Callable[[str], str]) -> Ask:
    parts = tuple(part.model_copy(update={"text": clean(part.text)}) for part in ask.parts)
    return ask.model_copy(update={"system": clean(ask.system), "parts": parts})


def _deep(value: Json, clean: Callable[[str], str]) -> Json:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_deep(item, clean) for item in value]
    if isinstance(value, dict):
        return {name: _deep(item, clean) for name, item in value.items()}
    return value
