"""An answer is heard to its end whatever the connection does, and nothing is said twice."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from alma.cli.client import Client
from alma.cli.errors import CliError, ExitCode
from alma.cli.talking import talk
from tests.unit.cli.web import answering, send, send_part

STREAM = "text/event-stream"


def frame(number: int, type_: str = "token", **more: Any) -> str:
    data = json.dumps({"type": type_, "content": f"{number} ", **more})
    return f": a comment\n\nid: turn:{number}\ndata: {data}\n\n"


COMPLETE: dict[str, Any] = {"response": "1 2 3 ", "conversation_id": "c"}


def test_a_broken_answer_goes_on_after_the_last_event_heard() -> None:
    asked: list[str | None] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.headers["Last-Event-ID"])
        if len(asked) == 1:
            send_part(handler, frame(1) + frame(2) + frame(3)[:-9])
        else:
            send(handler, frame(3) + frame(4, "complete", **COMPLETE), type_=STREAM)

    breaks: list[int] = []
    with answering(answer) as url, Client.at(url) as client:
        events = list(talk(client, "hi", None, on_break=breaks.append, pause=0))

    assert "".join(event["content"] for event in events[:-1]) == "1 2 3 "
    assert events[-1]["response"] == "1 2 3 "
    assert asked == [None, "turn:2"]
    assert breaks == [1]


def test_a_stream_that_ends_before_its_end_is_taken_up_again() -> None:
    streams = [frame(1), frame(2, "complete", **COMPLETE)]

    def answer(handler: BaseHTTPRequestHandler) -> None:
        send(handler, streams.pop(0), type_=STREAM)

    with answering(answer) as url, Client.at(url) as client:
        events = list(talk(client, "hi", None, pause=0))

    assert [event["type"] for event in events] == ["token", "complete"]


def test_a_message_of_which_nothing_was_heard_is_not_sent_twice() -> None:
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        send_part(handler, ": events follow\n\n")

    with answering(answer) as url, Client.at(url) as client, pytest.raises(CliError) as caught:
        list(talk(client, "hi", None, pause=0))

    assert caught.value.exit_code is ExitCode.UNAVAILABLE
    assert len(asked) == 1


def test_an_answer_that_is_lost_with_its_server_is_told() -> None:
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        if len(asked) == 1:
            send_part(handler, frame(1))
        else:
            body = {"detail": "turn t does not exist", "code": "not_found", "hint": None}
            send(handler, json.dumps(body), status=404)

    with answering(answer) as url, Client.at(url) as client, pytest.raises(CliError) as caught:
        list(talk(client, "hi", None, pause=0))

    assert "lost" in caught.value.message
    assert caught.value.hint == "say it again"


def test_an_answer_that_keeps_breaking_off_is_given_up() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        send_part(handler, ": nothing new\n\n" if handler.headers["Last-Event-ID"] else frame(1))

    breaks: list[int] = []
    with answering(answer) as url, Client.at(url) as client, pytest.raises(CliError):
        list(talk(client, "hi", None, on_break=breaks.append, pause=0))

    assert len(breaks) > 3


def test_an_error_in_the_stream_is_an_error_like_any() -> None:
    error = {
        "detail": "that would cost $900",
        "code": "invalid_input",
        "hint": "ask for less",
        "errors": [],
    }

    def answer(handler: BaseHTTPRequestHandler) -> None:
        send(handler, frame(1) + frame(2, "error", **error), type_=STREAM)

    with answering(answer) as url, Client.at(url) as client, pytest.raises(CliError) as caught:
        list(talk(client, "hi", None, pause=0))

    assert (caught.value.message, caught.value.hint) == ("that would cost $900", "ask for less")
    assert caught.value.exit_code is ExitCode.INVALID


def test_what_is_said_and_where_goes_along() -> None:
    bodies: list[Any] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        bodies.append(handler.path)
        send(handler, frame(1, "complete", **COMPLETE), type_=STREAM)

    with answering(answer) as url, Client.at(url) as client:
        list(talk(client, "hi", "c", engine="docker", pause=0))

    assert bodies == ["/api/v1/conversation/chat-stream"]
