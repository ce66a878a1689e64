"""The client makes every failure of the network a sentence, and loses no line of a log."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from typer.testing import CliRunner

from alma.cli.app import app
from alma.cli.client import Client
from alma.cli.documents import Document
from alma.cli.errors import CliError, ExitCode
from alma.core.model.access import ProjectRules
from tests.unit.cli.web import answering, send, send_part


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def frame(seq: int, type_: str = "log") -> str:
    event = {"deployment_id": "d", "seq": seq, "type": type_, "message": f"line {seq}"}
    return f"id: {seq}\ndata: {json.dumps(event)}\n\n"


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://host:port", "http://[::1"])
def test_what_is_no_url_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(CliError) as refused:
        Client.at(url)
    assert refused.value.exit_code is ExitCode.INVALID
    assert refused.value.hint == "write it like http://localhost:8000"


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000", "http://127.0.0.1:8000/", "http://127.0.0.1:8000/api/v1"]
)
def test_a_url_may_be_written_as_people_do(url: str) -> None:
    with Client.at(url) as client:
        assert client.where == "http://127.0.0.1:8000"


def test_no_answer_says_where_and_what_to_do() -> None:
    with Client.at(f"127.0.0.1:{free_port()}") as client:
        assert not client.alive()
        with pytest.raises(CliError, match=r"no answer from http://127\.0\.0\.1") as failed:
            client.stacks()
    assert failed.value.exit_code is ExitCode.UNAVAILABLE
    assert failed.value.message.endswith(": connection refused")
    assert "alma serve" in str(failed.value.hint)


def test_another_program_on_the_port_is_not_alma() -> None:
    with answering(lambda h: send(h, "<html>", type_="text/html")) as url, Client.at(url) as client:
        assert not client.alive()
        with pytest.raises(CliError, match="not in ALMA's words"):
            client.stacks()


def test_a_name_can_not_leave_its_part_of_the_path() -> None:
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        send(handler, "{}")

    with answering(answer) as url, Client.at(url) as client:
        client.template("../iprs?x=1#y")
    assert asked == ["/api/v1/templates/..%2Fiprs%3Fx%3D1%23y"]


def test_a_document_is_sent_as_it_is_with_the_revision_it_was_made_on() -> None:
    sent: list[tuple[str, str | None, str | None]] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        sent.append((handler.command, handler.headers["If-Match"], handler.headers["Content-Type"]))
        send(handler, "{}")

    document = Document(content=b"name: x", media_type="application/yaml", source="x.yaml")
    with answering(answer) as url, Client.at(url) as client:
        client.update_blueprint(3, 7, document)
    assert sent == [("PUT", '"7"', "application/yaml")]


def test_a_broken_stream_goes_on_after_the_last_line_seen() -> None:
    asked: list[str | None] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.headers["Last-Event-ID"])
        if len(asked) == 1:
            # The third line is cut in the middle: it must come again, whole.
            send_part(handler, frame(1) + frame(2) + frame(3)[:-9])
        else:
            send(handler, frame(3) + frame(4, "complete"), type_="text/event-stream")

    breaks: list[int] = []
    with answering(answer) as url, Client.at(url) as client:
        events = list(client.follow("d", on_break=breaks.append, pause=0))
    assert [event["seq"] for event in events] == [1, 2, 3, 4]
    assert asked == ["0", "2"]
    assert breaks == [1]


def test_a_stream_that_ends_early_is_asked_again() -> None:
    streams = [frame(1), frame(2, "complete")]

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if "stream" in handler.path:
            send(handler, streams.pop(0), type_="text/event-stream")
        else:
            send(handler, '{"items": [], "last": 1, "ended": false}')

    with answering(answer) as url, Client.at(url) as client:
        events = list(client.follow("d", pause=0))
    assert [event["seq"] for event in events] == [1, 2]


def test_the_log_of_an_ended_deployment_is_followed_to_its_end_only() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if "stream" in handler.path:
            handler.send_response(204)
            handler.end_headers()
        else:
            send(handler, '{"items": [], "last": 9, "ended": true}')

    with answering(answer) as url, Client.at(url) as client:
        assert list(client.follow("d", after=9, pause=0)) == []


def test_a_refused_stream_is_an_error_and_not_tried_again() -> None:
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        send(handler, '{"detail": "there is no deployment d", "code": "not_found"}', status=404)

    refused = pytest.raises(CliError, match="there is no deployment d")
    with answering(answer) as url, Client.at(url) as client, refused:
        list(client.follow("d", pause=0))
    assert len(asked) == 1


def test_a_server_that_stays_away_is_given_up() -> None:
    with Client.at(f"127.0.0.1:{free_port()}") as client:
        breaks: list[int] = []
        with pytest.raises(CliError, match="no answer") as failed:
            list(client.follow("d", on_break=breaks.append, pause=0))
    assert len(breaks) > 3
    assert "alma deployments logs d --follow" in str(failed.value.hint)


def test_all_pages_of_a_log_are_read() -> None:
    pages = {
        "0": '{"items": [{"seq": 1}, {"seq": 2}], "last": 2, "ended": false}',
        "2": '{"items": [{"seq": 3}], "last": 3, "ended": true}',
    }

    def answer(handler: BaseHTTPRequestHandler) -> None:
        send(handler, pages[handler.path.partition("after=")[2]])

    with answering(answer) as url, Client.at(url) as client:
        assert [event["seq"] for event in client.events("d")] == [1, 2, 3]


def test_a_long_list_is_followed_as_far_as_it_was_asked_for_and_the_rest_is_told() -> None:
    asked: list[str] = []

    def page(handler: BaseHTTPRequestHandler) -> None:
        query = dict(parse_qsl(urlsplit(handler.path).query))
        asked.append(query["limit"])
        begin, limit = int(query.get("cursor", 0)), int(query["limit"])
        items = [{"id": number} for number in range(begin, min(begin + limit, 1200))]
        following = str(begin + limit) if begin + limit < 1200 else None
        send(handler, json.dumps({"items": items, "total": 1200, "next_cursor": following}))

    with answering(page) as url, Client.at(url) as client:
        some = client.iprs(limit=700)
        everything = client.iprs(limit=5000)
    assert [item["id"] for item in some] == list(range(700))
    assert asked[:2] == ["500", "200"]
    assert some.cut == "500 more: ask for them with --limit 1200, or --all"
    assert [item["id"] for item in everything] == list(range(1200))
    assert everything.cut is None


def paged(
    total: int, asked: list[dict[str, list[str]]]
) -> Callable[[BaseHTTPRequestHandler], None]:
    """A list of that many, in pages of at most 500."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        query = parse_qs(urlsplit(handler.path).query)
        asked.append(query)
        begin, size = int(query.get("cursor", ["0"])[0]), min(int(query["limit"][0]), 500)
        items = [
            {"id": f"n{n}", "seq": n, "at": "2027-01-01T00:00:00", "name": f"n{n}"}
            | {"principal": "user:ada", "action": "ipr.open", "target": None, "outcome": "allowed"}
            | {"role": "viewer", "granted_by": "x", "permissions": [], "builtin": False}
            | {"archived_at": None, "project": "shop", "administrator": False, "owner": "user:ada"}
            | {"granted_at": "2027-01-01T00:00:00", "display": None, "has_password": True}
            | {"provider": None, "disabled_at": None, "created_at": "2027-01-01T00:00:00"}
            | {"expires_at": None, "revoked_at": None, "last_used_at": None, "rules": RULES}
            for n in range(begin, min(begin + size, total))
        ]
        end = begin + len(items)
        body = {"items": items, "total": total, "next_cursor": str(end) if end < total else None}
        send(handler, json.dumps(body))

    return answer


RULES = ProjectRules().model_dump(mode="json")
LISTS = ("audit", "keys", "users", "projects", "members", "roles")


@pytest.mark.parametrize("noun", LISTS)
def test_every_list_goes_on_past_a_page(noun: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALMA_PROJECT", "shop")
    asked: list[dict[str, list[str]]] = []
    with answering(paged(1203, asked)) as url:
        for words, number in ((["--all"], 1203), (["--limit", "700"], 700), ([], None)):
            said = CliRunner().invoke(
                app, [noun, "list", "--json", "--server", url, *words], prog_name="alma"
            )
            assert said.exit_code == 0, said.output
            told = json.loads(said.stdout)
            seqs = [item["seq"] for item in told["items"]]
            assert (told["total"], seqs) == (1203, list(range(len(seqs))))
            assert number is None or len(seqs) == number
            assert {"items", "total"} <= told.keys() <= {"items", "total", "project"}
