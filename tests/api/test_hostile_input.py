"""What attackers write into parameters and headers is a text that finds nothing: never code, a path or a header."""

from __future__ import annotations

import json
import logging
import socket
from urllib.parse import quote, urlsplit

import pytest

from tests.api.server import API, Server
from tests.waiting import wait_until

ERRORS = "alma.api.errors"

WORDS = [
    "'; DROP TABLE blueprint; --",
    "1 OR 1=1",
    '" UNION SELECT value FROM secret --',
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "..\\..\\windows",
    "/etc/passwd",
    "file:///etc/passwd",
    "a\x00b",
    "x\r\nSet-Cookie: session=1",
    "\u202egnp.exe",
    "\ufeff",
    "İı\u0130ſK",
    "a\u0301" * 50,
    "𝕬" * 200,
    "{{7*7}}${7*7}<%= 7*7 %>",
    "$(reboot)`reboot`|reboot",
    "%s%n%x{0.__class__}",
]
PLACES = [
    "/blueprints/{}",
    "/blueprints/1/revisions/{}",
    "/iprs/{}",
    "/deployments/{}",
    "/deployments/{}/events",
    "/stacks/{}",
    "/templates/{}",
    "/conversation/{}",
    "/conversation/turns/{}/events",
    "/tools/{}",
    "/policies/{}",
    "/prices/{}",
    "/prices/{}/focus",
    "/engines/{}/check",
    "/engines/{}/connection",
    "/blueprints?name={}",
    "/blueprints?cursor={}",
    "/iprs?status={}",
    "/templates?category={}",
    "/templates/search?query={}",
    "/prices/aws?region={}",
    "/prices/aws?type={}",
]


@pytest.fixture(scope="module")
def saved(server: Server) -> int:
    document = {"name": "mine", "resources": [{"name": "web", "type": "vm"}]}
    return int(server.post("/blueprints", document)["id"])


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("place", PLACES)
def test_a_hostile_word_finds_nothing_and_breaks_nothing(
    server: Server, saved: int, place: str, word: str
) -> None:
    answer = server.http.get(API + place.format(quote(word, safe="")))

    assert answer.status_code < 500, answer.text
    assert "root:" not in answer.text
    assert "set-cookie" not in answer.headers
    assert server.get(f"/blueprints/{saved}")["name"] == "mine"


@pytest.mark.parametrize("word", WORDS)
def test_a_hostile_name_is_kept_as_it_is_or_refused(server: Server, word: str) -> None:
    document = {"name": word, "description": word, "resources": [{"name": "web", "type": "vm"}]}
    body = json.dumps(document)
    made = server.http.post(
        f"{API}/blueprints", content=body, headers={"Content-Type": "application/json"}
    )

    assert made.status_code in {201, 422}, made.text
    if made.is_success:
        assert made.json()["description"] == word
        assert "\n" not in made.headers["Location"]


def _sent(server: Server, raw: bytes) -> bytes:
    """What the server says to those bytes, to the end of the connection."""
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=20) as wire:
        wire.sendall(raw)
        return b"".join(iter(lambda: wire.recv(65536), b""))


@pytest.mark.parametrize(
    "target",
    [
        b"/api/v1/../../etc/passwd",
        b"/docs/../../../../etc/passwd",
        b"/%2e%2e/%2e%2e/etc/passwd",
        b"/static-offline-docs/..%2f..%2f..%2f..%2fetc%2fpasswd",
        b"//etc/passwd",
        b"/api/v1/blueprints/1%00.json",
        b"/api/v1/blueprints/\xff\xfe",
        b"/" + b"a" * 70_000,
    ],
)
def test_a_path_leads_nowhere_else(server: Server, target: bytes) -> None:
    answer = _sent(
        server, b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )

    status = int(answer.split(b" ", 2)[1])
    assert 400 <= status < 500
    assert b"root:" not in answer


@pytest.mark.parametrize(
    "header",
    [
        b"X-Request-ID: a\r\n b",
        b"X-Request-ID: \x00",
        b"X-Request-ID: " + b"a" * 5_000,
        b"X-ALMA-Project: ../other",
        b"X-ALMA-Project: '; DROP TABLE project; --",
        b"Accept: \xff\xfe",
        b'If-Match: "\x01"',
        b"Last-Event-ID: 1; DROP",
        b"Idempotency-Key: " + b"k" * 5_000,
        b"Content-Length: -1",
        b"Content-Length: 99999999999999999999",
        b"Transfer-Encoding: chunked, identity",
        b"Host: evil.example",
        b"Cookie: " + b"a" * 100_000,
    ],
)
def test_a_hostile_header_is_refused_or_ignored(server: Server, header: bytes) -> None:
    host = b"" if header.startswith(b"Host") else b"Host: localhost\r\n"
    raw = b"GET /api/v1/blueprints HTTP/1.1\r\n" + host + header + b"\r\nConnection: close\r\n\r\n"
    answer = _sent(server, raw)

    status = int(answer.split(b" ", 2)[1])
    assert status < 500, answer
    assert server.get("/blueprints")["items"] is not None


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
@pytest.mark.parametrize("asked", ["/audit?since={}", "/audit?until={}"])
def test_a_moment_that_no_calendar_has_in_utc_is_refused(
    server: Server, asked: str, moment: str
) -> None:
    answer = server.http.get(API + asked.format(quote(moment, safe="")))
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "invalid_input"


def test_a_body_that_is_broken_off_is_no_fault_of_the_servers(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    where = urlsplit(server.url)
    with (
        caplog.at_level(logging.INFO, ERRORS),
        socket.create_connection((where.hostname or "", where.port or 0), timeout=20) as wire,
    ):
        wire.sendall(
            b"POST /api/v1/blueprints HTTP/1.1\r\nHost: localhost\r\n"
            b'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"name":'
        )
        wire.shutdown(socket.SHUT_WR)
        assert wire.recv(65536) == b""
        told = wait_until(lambda: [line for line in caplog.records if line.name == ERRORS])
    assert [line.levelno for line in told] == [logging.INFO]
