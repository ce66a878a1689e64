"""Reads server-sent events as a client does, and a model that answers when the test says so."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from alma.core.model.dialogue import Ask
from alma.core.model.errors import LanguageModelError
from alma.llm.scripted import Document, Scripted


@dataclass(frozen=True)
class Frame:
    """One event as it came."""

    id: str | None
    data: Any

    @property
    def type(self) -> str:
        return str(self.data["type"])


def frames(lines: Iterable[str]) -> Iterator[Frame]:
    """The events of a stream, each as soon as it is there."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
            continue
        if "data" in fields:
            yield Frame(fields.get("id"), json.loads(fields["data"]))
        fields = {}


def types(told: Iterable[Frame]) -> list[str]:
    """What kinds of events there were, each once, in their order."""
    return list(dict.fromkeys(frame.type for frame in told))


def words(told: Iterable[Frame]) -> str:
    """The words as somebody has them who follows."""
    text = ""
    for frame in told:
        if frame.data.get("restart"):
            text = ""
        elif frame.type == "token":
            text += frame.data["content"]
    return text


class Gate:
    """A model's answer that says how it begins, and goes on when the test lets it."""

    def __init__(
        self,
        document: Document,
        *,
        partials: tuple[Document, ...] = (),
        fault: LanguageModelError | None = None,
    ) -> None:
        self._document, self._partials, self._fault = document, partials, fault
        self._asked = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: asyncio.Event | None = None

    def __call__(self, ask: Ask) -> Scripted:
        self._loop, self._open = asyncio.get_running_loop(), asyncio.Event()
        self._asked.set()
        return Scripted(self._document, partials=self._partials, then=self._open, fault=self._fault)

    def open(self) -> None:
        """Lets it answer; waits until it is asked."""
        assert self._asked.wait(30), "the model was not asked"
        assert self._loop is not None
        assert self._open is not None
        self._loop.call_soon_threadsafe(self._open.set)
