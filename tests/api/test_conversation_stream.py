"""Answers as they are made: in order, resumed where they broke off, and stopped when nobody is left."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.server import API, WORDS, Server, good
from tests.api.streaming import Frame, frames, types, words

STREAM = f"{API}/conversation/chat-stream"
GENERATE = f"{API}/blueprints/generate-blueprint-stream"


def streamed(server: Server, message: str, conversation: str | None = None) -> list[Frame]:
    body: dict[str, Any] = {"message": message}
    if conversation is not None:
        body["context"] = {"conversation_id": conversation}
    with server.http.stream("POST", STREAM, json=body) as answer:
        assert answer.status_code == 200, answer.read()
        return list(frames(answer.iter_lines()))


def resumed(server: Server, event_id: str) -> list[Frame]:
    with server.http.stream("POST", STREAM, headers={"Last-Event-ID": event_id}) as answer:
        return list(frames(answer.iter_lines()))


def test_a_stream_tells_what_happens_and_ends_with_the_whole_answer(server: Server) -> None:
    told = streamed(server, WORDS, "told")

    assert types(told) == ["thinking", "progress", "resource", "blueprint", "token", "complete"]
    first, last = told[0].data, told[-1].data
    assert first["conversation_id"] == "told"
    assert words(told) == last["response"] == last["content"]
    assert [frame.data["resource"] for frame in told if frame.type == "resource"] == (
        last["blueprint"]["resources"]
    )
    assert last["conversation_id"] == "told"
    assert last["blueprint_id"]
    assert last["links"]["blueprint"] == f"/api/v1/blueprints/{last['blueprint_id']}"


def test_complete_is_the_body_that_chat_answers_with(server: Server) -> None:
    asked = {"message": WORDS, "context": {"conversation_id": "in-one-piece"}}
    plain = good(server.http.post(f"{API}/conversation/chat", json=asked))
    complete = streamed(server, WORDS, "in-parts")[-1].data

    assert set(complete) == set(plain) | {"type", "content"}
    same = ("response", "blueprint", "origins", "intent", "cost", "assumptions", "state")
    assert {key: complete[key] for key in same} == {key: plain[key] for key in same}


def test_the_documented_call_streams_without_a_content_type(server: Server) -> None:
    answer = server.curl(
        f"curl -N http://localhost:8000{STREAM} \\\n"
        '-d \'{"message": "Deploy a web server", "context": {"conversation_id": "curl"}}\''
    )

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text.startswith(":")
    assert "\nretry: " in answer.text
    assert list(frames(answer.text.split("\n")))[-1].type == "complete"


@pytest.mark.parametrize(
    "path", [STREAM, GENERATE, f"{API}/conversation/generate-blueprint-stream"]
)
def test_each_url_streams_with_a_slash_at_its_end_too(server: Server, path: str) -> None:
    body = {"message": WORDS} if path == STREAM else {"description": WORDS}

    for url in (path, f"{path}/"):
        answer = server.http.post(url, json=body)
        assert not answer.history
        assert list(frames(answer.text.split("\n")))[-1].type == "complete"


def test_every_event_has_an_id_that_the_rest_can_be_asked_for_with(server: Server) -> None:
    told = streamed(server, WORDS)
    turn_id = told[0].data["turn_id"]
    assert [frame.id for frame in told] == [f"{turn_id}:{n + 1}" for n in range(len(told))]

    by_header = resumed(server, f"{turn_id}:3")
    again = server.http.get(f"{API}/conversation/turns/{turn_id}/events?last_event_id={turn_id}:3")
    by_number = server.http.get(
        f"{API}/conversation/turns/{turn_id}/events", headers={"Last-Event-ID": "3"}
    )

    assert by_header == told[3:]
    assert list(frames(again.text.split("\n"))) == told[3:]
    assert list(frames(by_number.text.split("\n"))) == told[3:]


def test_a_message_sent_again_with_the_last_event_is_not_said_twice(server: Server) -> None:
    told = streamed(server, WORDS, "once")
    body = {"message": WORDS, "context": {"conversation_id": "once"}}

    with server.http.stream(
        "POST", STREAM, json=body, headers={"Last-Event-ID": str(told[0].id)}
    ) as answer:
        rest = list(frames(answer.iter_lines()))

    assert rest == told[1:]
    assert len(server.get("/conversation/once")["turns"]) == 1


def test_who_has_seen_the_end_is_told_to_come_no_more(server: Server) -> None:
    told = streamed(server, WORDS)
    turn_id = told[0].data["turn_id"]

    answer = server.http.get(
        f"{API}/conversation/turns/{turn_id}/events", headers={"Last-Event-ID": str(told[-1].id)}
    )

    assert answer.status_code == 204


@pytest.mark.parametrize(
    "event_id", ["x", "a:b", ":3", "abc:", "abc:-1", "a/b:1", "ä:1", "abc:" + "9" * 30, "a" * 99]
)
def test_a_position_that_is_none_is_refused(server: Server, event_id: str) -> None:
    answer = server.http.post(STREAM, params={"last_event_id": event_id})

    assert answer.status_code == 422
    assert "Last-Event-ID" in answer.json()["detail"]


def test_a_turn_that_is_not_there_is_not_found(server: Server) -> None:
    assert server.http.post(STREAM, headers={"Last-Event-ID": "abc:1"}).status_code == 404
    assert server.http.get(f"{API}/conversation/turns/abc/events").status_code == 404
    wrong = server.http.get(
        f"{API}/conversation/turns/abc/events", headers={"Last-Event-ID": "def:1"}
    )
    assert wrong.status_code == 422


def test_a_message_with_nothing_in_it_is_refused_before_anything_streams(server: Server) -> None:
    for body, status in (
        ({"message": ""}, 422),
        ({"message": " \n"}, 422),
        ({"message": "a server " * 12_000}, 422),
        ({"message": "hi", "context": {"conversation_id": "a b"}}, 422),
        ({"message": "hi", "context": {"constraints": {"max_cost": -1}}}, 422),
        ({}, 422),
    ):
        answer = server.http.post(STREAM, json=body)
        assert answer.status_code == status, body
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["detail"]
    assert server.http.post(STREAM).status_code == 422


def test_a_message_of_100_kilobytes_is_refused_with_what_to_do(server: Server) -> None:
    for path in ("chat", "chat-stream"):
        answer = server.http.post(f"{API}/conversation/{path}", json={"message": "word " * 20_000})

        assert answer.status_code == 422
        assert "several messages" in answer.json()["hint"]


def test_a_message_of_emoji_is_answered_with_a_question(server: Server) -> None:
    told = streamed(server, "🚀🔥😀")

    assert told[-1].type == "complete"
    assert told[-1].data["blueprint"] is None
    assert "?" in told[-1].data["response"]


def test_acts_are_told_while_they_are_done(server: Server) -> None:
    streamed(server, WORDS, "acting")

    told = streamed(server, "deploy it", "acting")

    doing = [frame.data["content"] for frame in told if frame.type == "progress"]
    assert doing[:2] == ["planning", "examining"]
    last = told[-1].data
    assert last["ipr_id"]
    assert last["links"]["ipr"] == f"/api/v1/iprs/{last['ipr_id']}"
    assert words(told) == last["response"]
    [approve, reject] = last["suggested_actions"]
    assert f"POST /api/v1/iprs/{last['ipr_id']}/review" in approve
    assert last["plan_digest"] in approve
    assert '"reject"' in reject


def test_a_description_is_drafted_as_a_stream(server: Server) -> None:
    before = server.get("/blueprints")["total"]
    body = {"description": WORDS, "constraints": {"max_cost": 1000}}

    answer = server.http.post(GENERATE, json=body)

    told = list(frames(answer.text.split("\n")))
    assert types(told) == ["thinking", "progress", "resource", "blueprint", "token", "complete"]
    complete = told[-1].data
    plain = server.post("/conversation/generate-blueprint", body, status=200)
    assert {key: complete[key] for key in plain} == plain
    assert complete["blueprint"]["constraints"] == {"max_monthly_cost": 1000}
    assert server.get("/blueprints")["total"] == before


def test_a_limit_that_can_not_be_kept_ends_the_stream_with_the_reason(server: Server) -> None:
    body = {"description": WORDS, "constraints": {"max_cost": 1}}

    told = list(frames(server.http.post(GENERATE, json=body).text.split("\n")))
    refused = server.http.post(f"{API}/blueprints/generate-blueprint", json=body)

    assert types(told) == ["thinking", "error"]
    assert refused.status_code == 422
    ids = {"request_id"}
    error = {key: value for key, value in told[-1].data.items() if key not in ids}
    plain = {key: value for key, value in refused.json().items() if key not in ids}
    assert error == plain | {"type": "error", "content": plain["detail"]}
    assert "$1" in plain["detail"]


def test_an_empty_description_is_refused_before_anything_streams(server: Server) -> None:
    for description in ("", "  ", "x" * 9_000):
        answer = server.http.post(GENERATE, json={"description": description})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/json"


def test_a_draft_is_taken_up_where_it_broke_off(server: Server) -> None:
    body = {"description": WORDS}
    told = list(frames(server.http.post(GENERATE, json=body).text.split("\n")))

    rest = server.http.post(GENERATE, json=body, headers={"Last-Event-ID": str(told[2].id)})
    over = server.http.post(GENERATE, headers={"Last-Event-ID": str(told[-1].id)})
    unknown = server.http.post(GENERATE, headers={"Last-Event-ID": "abc:1"})

    assert len({frame.id for frame in told}) == len(told)
    assert list(frames(rest.text.split("\n"))) == told[3:]
    assert (over.status_code, unknown.status_code) == (204, 404)
    assert server.http.post(GENERATE).status_code == 422
