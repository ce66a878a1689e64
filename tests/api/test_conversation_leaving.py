"""Streams that break off: somebody leaves, a server restarts, a model dies. Each test has servers of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from alma.core.model.errors import LanguageModelError
from alma.llm.scripted import ScriptedModel
from tests.api.server import API, WORDS, Server, serve
from tests.api.streaming import Frame, Gate, frames, types, words
from tests.waiting import wait_until

STREAM = f"{API}/conversation/chat-stream"
HELLO: dict[str, Any] = {"say": "Good evening. What shall it be?"}
GREETING = "good evening to you, dear machine"


def body(message: str, conversation: str) -> dict[str, Any]:
    return {"message": message, "context": {"conversation_id": conversation}}


def streamed(server: Server, message: str, conversation: str) -> list[Frame]:
    with server.http.stream("POST", STREAM, json=body(message, conversation)) as answer:
        assert answer.status_code == 200, answer.read()
        return list(frames(answer.iter_lines()))


def test_the_first_event_is_there_before_the_work_is_done(tmp_path: Path) -> None:
    gate = Gate(HELLO, partials=({"say": "Good evening."},))
    with (
        serve(tmp_path, model=ScriptedModel([gate])) as server,
        server.http.stream("POST", STREAM, json=body(GREETING, "early")) as answer,
    ):
        told = frames(answer.iter_lines())
        first = next(told)
        token = next(frame for frame in told if frame.type == "token")
        assert server.get("/conversation/early")["turns"][0]["state"] == "answering"
        gate.open()
        rest = list(told)

    assert first.type == "thinking"
    assert token.data["content"].startswith("Good evening")
    assert rest[-1].type == "complete"
    assert rest[-1].data["model"] == "scripted:test"


def test_who_leaves_stops_the_models_work_and_can_go_on_talking(tmp_path: Path) -> None:
    model = ScriptedModel([Gate(HELLO, partials=({"say": "Good"},)), HELLO])
    with serve(tmp_path, model=model, grace=0.0) as server:
        with server.http.stream("POST", STREAM, json=body(GREETING, "left")) as answer:
            next(frame for frame in frames(answer.iter_lines()) if frame.type == "token")
        wait_until(lambda: model.stopped == 1, what="the model's answer is closed")
        wait_until(lambda: state(server, "left") == "stopped", what="the turn is stopped")
        [turn] = server.get("/conversation/left")["turns"]
        told = streamed(server, GREETING, "left")

    assert turn["response"] == ""
    assert turn["blueprint"] is None
    assert told[-1].type == "complete"


def state(server: Server, conversation: str) -> str:
    return str(server.get(f"/conversation/{conversation}")["turns"][-1]["state"])


def test_who_comes_back_in_time_loses_nothing(tmp_path: Path) -> None:
    gate = Gate(HELLO, partials=({"say": "Good"}, {"say": "Good evening."}))
    model = ScriptedModel([gate])
    with serve(tmp_path, model=model, grace=60.0) as server:
        with server.http.stream("POST", STREAM, json=body(GREETING, "back")) as answer:
            told = frames(answer.iter_lines())
            before = [next(told)]
            while before[-1].type != "token":
                before.append(next(told))
        headers = {"Last-Event-ID": str(before[-1].id)}
        with server.http.stream("POST", STREAM, headers=headers) as answer:
            again = frames(answer.iter_lines())
            after = [next(again)]
            gate.open()
            after += again

    assert model.stopped == 0
    numbers = [int(str(frame.id).rpartition(":")[2]) for frame in [*before, *after]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert words([*before, *after]) == after[-1].data["response"]


def test_two_may_follow_one_answer_and_one_may_leave(tmp_path: Path) -> None:
    gate = Gate(HELLO, partials=({"say": "Good"},))
    model = ScriptedModel([gate])
    with (
        serve(tmp_path, model=model, grace=0.0) as server,
        server.http.stream("POST", STREAM, json=body(GREETING, "two")) as answer,
    ):
        told = frames(answer.iter_lines())
        first = next(told)
        events = f"{API}/conversation/turns/{first.data['turn_id']}/events"
        with httpx.Client(base_url=server.url) as other, other.stream("GET", events) as second:
            assert next(frames(second.iter_lines())).id == first.id
        gate.open()
        rest = list(told)

    assert rest[-1].type == "complete"
    assert model.stopped == 0


def test_a_model_that_dies_in_the_middle_is_told_and_answered_without_it(tmp_path: Path) -> None:
    fault = LanguageModelError("the model's endpoint is gone", hint="start it again")
    gate = Gate(HELLO, partials=({"say": "Let me thi"},), fault=fault)
    with (
        serve(tmp_path, model=ScriptedModel([gate])) as server,
        server.http.stream("POST", STREAM, json=body(WORDS, "dead")) as answer,
    ):
        told = frames(answer.iter_lines())
        seen = [next(told)]
        while seen[-1].type != "token":
            seen.append(next(told))
        gate.open()
        seen += told

    assert "warning" in types(seen)
    last = seen[-1].data
    assert seen[-1].type == "complete"
    assert last["model"] is None
    assert [resource["name"] for resource in last["blueprint"]["resources"]] == [
        "web-1",
        "web-2",
        "db-1",
        "lb-1",
    ]
    assert words(seen) == last["response"]
    assert "Let me thi" not in last["response"]


def test_a_message_while_another_is_answered_is_refused_with_its_turn(tmp_path: Path) -> None:
    gate = Gate(HELLO)
    with (
        serve(tmp_path, model=ScriptedModel([gate])) as server,
        server.http.stream("POST", STREAM, json=body(GREETING, "busy")) as answer,
    ):
        told = frames(answer.iter_lines())
        first = next(told)
        refused = [
            server.http.post(f"{API}/conversation/{path}", json=body("and a cache", "busy"))
            for path in ("chat", "chat-stream")
        ]
        deleted = server.http.delete(f"{API}/conversation/busy")
        gate.open()
        rest = list(told)

    assert [one.status_code for one in (*refused, deleted)] == [409, 409, 409]
    assert {one.json()["turn_id"] for one in refused} == {first.data["turn_id"]}
    assert rest[-1].type == "complete"


def test_a_turn_of_before_a_restart_is_told_by_its_end(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        told = streamed(server, WORDS, "kept")
    with serve(tmp_path) as server:
        headers = {"Last-Event-ID": str(told[3].id)}
        with server.http.stream("POST", STREAM, headers=headers) as answer:
            again = list(frames(answer.iter_lines()))
        over = server.http.post(STREAM, headers={"Last-Event-ID": str(again[-1].id)})

    assert again[-1].type == "complete"
    assert again[-1].data["response"] == told[-1].data["response"]
    assert over.status_code == 204


def test_who_leaves_a_draft_stops_the_models_work(tmp_path: Path) -> None:
    model = ScriptedModel([Gate(HELLO, partials=({"say": "Good"},))])
    url = f"{API}/blueprints/generate-blueprint-stream"
    with serve(tmp_path, model=model, grace=0.0) as server:
        with server.http.stream("POST", url, json={"description": WORDS}) as answer:
            next(frame for frame in frames(answer.iter_lines()) if frame.type == "token")
        wait_until(lambda: model.stopped == 1, what="the model's answer is closed")


def test_an_answer_is_stopped_by_saying_so(tmp_path: Path) -> None:
    model = ScriptedModel([Gate(HELLO, partials=({"say": "Good"},))])
    with (
        serve(tmp_path, model=model, grace=600.0) as server,
        server.http.stream("POST", STREAM, json=body(GREETING, "stopped")) as answer,
    ):
        told = frames(answer.iter_lines())
        turn_id = next(told).data["turn_id"]
        next(frame for frame in told if frame.type == "token")
        stopped = server.http.post(f"{API}/conversation/turns/{turn_id}/stop")
        rest = list(told)
        again = server.http.post(f"{API}/conversation/turns/{turn_id}/stop")
        unknown = server.http.post(f"{API}/conversation/turns/abc/stop")
        found = state(server, "stopped")

    assert (stopped.status_code, again.status_code, unknown.status_code) == (204, 204, 404)
    assert model.stopped == 1
    assert found == "stopped"
    assert (rest[-1].type, rest[-1].data["code"]) == ("error", "turn_stopped")
