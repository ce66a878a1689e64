"""How the messages of a case are read: offline by default, and by whatever else reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from alma.config import load_capacity, load_catalogue
from alma.core.economics.capacity import size_for
from alma.core.language.interpreter import Interpreter
from alma.core.model.conversation import Edit, Interpretation
from alma.core.services.templates import Templates
from benchmarks.understanding_cases import State


@dataclass(frozen=True)
class Heard:
    """What became of a message: `words` are a model's, `offer` is what it would do if the person agrees."""

    interpretation: Interpretation
    words: str | None = None
    offer: tuple[Edit, ...] = ()


class Reading(Protocol):
    """Who reads messages."""

    def read(self, message: str, state: State) -> Heard:
        """What becomes of a message where a conversation stands."""

    def report(self) -> dict[str, Any] | None:
        """What it has counted; None where there is nothing to count."""


class Offline:
    """Reads without a model."""

    def __init__(self, templates: Templates) -> None:
        sizing = partial(size_for, model=load_capacity())
        self.interpreter = Interpreter(load_catalogue(), templates.entries, sizing=sizing)
        self.interpreter.warm_up()  # as a server does once it has started

    def read(self, message: str, state: State) -> Heard:
        history = tuple(turn.message for turn in state.said)
        read = self.interpreter.interpret(message, blueprint=state.blueprint, history=history)
        return Heard(read)

    def report(self) -> dict[str, Any] | None:
        return None
