"""What no person says at once is not read for minutes: it is asked for in smaller pieces, and nothing of it is done."""

from __future__ import annotations

import pytest

from alma.core.language.changing.targets import Focus
from alma.core.language.interpreter import Interpreter
from alma.core.language.screening.screen import MAX_MESSAGE, MAX_WORDS


@pytest.mark.parametrize(
    "message",
    ["add a vm and " * 200, "a vm, " * 1_300, "no " * 2_600, "remove web-1 and add web-2; " * 60],
)
def test_too_much_at_once_is_asked_for_in_pieces(interpreter: Interpreter, message: str) -> None:
    assert len(message) <= MAX_MESSAGE

    read = interpreter.interpret(message)

    assert read.question is not None
    assert "at once" in read.question
    assert read.edits == ()


def test_a_long_description_is_read(interpreter: Interpreter) -> None:
    message = "a database and two web servers" + " that serve the people of our town" * 100
    assert len(message.split()) < MAX_WORDS

    assert interpreter.interpret(message).edits


def test_what_is_spoken_of_again_and_again_is_remembered_once() -> None:
    focus = Focus().after(["web-1", "db"]).after(["web-1"]).after(["db", "web-1"])

    assert focus.names == ("web-1", "db")
    assert focus.recent == ("db", "web-1")
