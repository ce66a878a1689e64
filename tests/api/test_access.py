"""Keys, accounts and sign-ins over HTTP: who gets in, who does not, and what the answers give away."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from alma.core.services.slowing import ACCOUNT, ADDRESS
from tests.api.server import Server, serve

ROOT = "a-key-of-the-configuration"
PASSWORD = "correct horse staple"
ADMIN = {"X-API-Key": ROOT}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home")
    with serve(home, api_key=ROOT, trusted_proxies=("127.0.0.1",)) as running:
        yield running


def call(
    server: Server,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    body: Any = None,
    *,
    address: str = "192.0.2.1",
) -> httpx.Response:
    headers = {**(headers or {}), "X-Forwarded-For": address}
    return server.http.request(method, f"/api/v1{path}", headers=headers, json=body)


def account(server: Server, name: str, **more: Any) -> Any:
    made = call(server, "POST", "/accounts", ADMIN, {"name": name, "password": PASSWORD, **more})
    assert made.status_code == 201, made.text
    return made.json()


def login(server: Server, name: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
    address = more.pop("address", "192.0.2.1")
    body = {"username": name, "password": password, **more}
    return call(server, "POST", "/auth/login", None, body, address=address)


def bearer(server: Server, name: str) -> dict[str, str]:
    answer = login(server, name)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def until_slowed(attempt: Callable[[], httpx.Response], *, after: int) -> httpx.Response:
    """Fails on and on; at least `after` times that is only wrong. How fast this machine is does not matter: waits grow
    faster than any attempt takes."""
    for number in range(4 * ADDRESS.free):
        answer = attempt()
        if answer.status_code == 429:
            assert number >= after
            return answer
        assert answer.status_code == 401, answer.text
    pytest.fail("never slowed")


def test_nothing_answers_a_stranger_but_the_way_in_and_health(server: Server) -> None:
    open_ = {path for path in server.http.get("/openapi.json").json()["paths"] if "{" not in path}
    answered = {path for path in open_ if server.http.get(path).status_code not in {401, 405}}
    allowed = {"/", "/api/v1/auth/providers"} | {
        f"/api/v1/monitoring/health/{name}" for name in ("live", "ready", "detailed")
    }
    assert {path for path in answered if not path.startswith("/api/v1/auth/")} <= allowed


@pytest.mark.parametrize(
    "path",
    ["/blueprints", "/blueprints/", "/nowhere", "/iprs/1", "/auth/me", "/accounts", "/keys"],
)
def test_a_stranger_is_told_how_to_be_known(server: Server, path: str) -> None:
    answer = call(server, "GET", path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == "unauthenticated"
    assert "X-API-Key" in answer.json()["hint"]


@pytest.mark.parametrize(
    "path", ["//api/v1/blueprints", "/api/v1/auth/../blueprints", "/api/v1/auth/%2e%2e/blueprints"]
)
def test_tricks_with_paths_open_nothing(server: Server, path: str) -> None:
    assert server.http.get(path).status_code in {401, 404}


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": ROOT},
        {"Authorization": f"Bearer {ROOT}"},
        {"authorization": f"bearer  {ROOT}"},
        {"Authorization": "Basic YTpi", "X-API-Key": ROOT},
    ],
)
def test_a_configured_key_opens_everything(server: Server, headers: dict[str, str]) -> None:
    assert call(server, "GET", "/accounts", headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": ROOT + "x"},
        {"X-API-Key": ""},
        {"Authorization": f"Basic {ROOT}"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer ' OR 1=1 --"},
        {"Authorization": "Bearer " + "x" * 8000},
        {"Authorization": "Bearer a.b.c"},
        {"Cookie": f"X-API-Key={ROOT}; alma_refresh={ROOT}"},
    ],
)
def test_a_wrong_credential_opens_nothing(server: Server, headers: dict[str, str]) -> None:
    answer = call(server, "GET", "/blueprints", headers, address="192.0.2.66")
    assert answer.status_code == 401
    assert ROOT not in answer.text


def test_a_wrong_credential_does_not_shut_what_is_public(server: Server) -> None:
    health = call(server, "GET", "/monitoring/health/live", {"X-API-Key": "wrong"})
    assert health.status_code == 200


def test_the_way_of_a_person(server: Server) -> None:
    assert account(server, "ada")["has_password"] is True
    signed = login(server, "ada").json()
    me = {"Authorization": f"Bearer {signed['access_token']}"}
    shown = call(server, "GET", "/auth/me", me).json()
    assert (shown["id"], shown["permissions"], shown["projects"]) == ("user:ada", [], {})
    assert call(server, "GET", "/blueprints", me).status_code == 403
    assert call(server, "GET", "/accounts", me).status_code == 403
    assert call(server, "GET", "/accounts/ada", me).status_code == 200
    renewed = call(
        server, "POST", "/auth/refresh", None, {"refresh_token": signed["refresh_token"]}
    )
    assert renewed.status_code == 200
    out = call(
        server, "POST", "/auth/logout", me, {"refresh_token": renewed.json()["refresh_token"]}
    )
    assert out.status_code == 204
    again = {"refresh_token": renewed.json()["refresh_token"]}
    assert call(server, "POST", "/auth/refresh", None, again).status_code == 401


def test_the_way_of_a_browser(server: Server) -> None:
    account(server, "browser")
    answer = login(server, "browser", cookie=True)
    cookie = answer.headers["set-cookie"]
    assert answer.json()["refresh_token"] is None
    for part in ("HttpOnly", "SameSite=strict", "Path=/api/v1/auth"):
        assert part in cookie
    assert "Secure" not in cookie
    text = {"Cookie": cookie.partition(";")[0]}
    server.http.cookies.clear()
    renewed = call(server, "POST", "/auth/refresh", text)
    assert renewed.status_code == 200
    assert renewed.json()["refresh_token"] is None
    assert renewed.headers["set-cookie"] != cookie
    server.http.cookies.clear()
    assert call(server, "GET", "/blueprints", text).status_code == 401


def test_a_cookie_from_behind_https_is_for_https(server: Server) -> None:
    account(server, "secure")
    body = {"username": "secure", "password": PASSWORD, "cookie": True}
    answer = server.http.post(
        "/api/v1/auth/login", json=body, headers={"X-Forwarded-Proto": "https"}
    )
    server.http.cookies.clear()
    assert "Secure" in answer.headers["set-cookie"]


def test_a_page_of_another_site_uses_no_cookie(server: Server) -> None:
    headers = {"Origin": "https://evil.example", "Cookie": "alma_refresh=x"}
    assert call(server, "POST", "/auth/refresh", headers).status_code == 403


def test_guessing_is_answered_the_same_whoever_it_is_and_slowed(server: Server) -> None:
    account(server, "guessed")
    seen: dict[str, Any] = {}
    for name in ("guessed", "never-there"):
        first = login(server, name, "wrong" * 3, address="198.51.100.3").json()
        slowed = until_slowed(
            partial(login, server, name, "wrong" * 3, address="198.51.100.3"),
            after=ACCOUNT.free - 1,
        )
        assert int(slowed.headers["retry-after"]) >= 1
        seen[name] = {key: first[key] for key in ("detail", "hint", "code")}
    assert seen["guessed"] == seen["never-there"]


def test_keys_are_guessed_slowly(server: Server) -> None:
    wrong = {"X-API-Key": "alma_abcdef_" + "0" * 64}
    until_slowed(
        lambda: call(server, "GET", "/blueprints", wrong, address="198.51.100.4"),
        after=ADDRESS.free,
    )
    assert call(server, "GET", "/blueprints", ADMIN, address="198.51.100.4").status_code == 200


def test_a_key_is_shown_once_and_does_what_it_was_given(server: Server) -> None:
    body = {"name": "ci", "permissions": ["blueprint:read"]}
    made = call(server, "POST", "/keys", ADMIN, body)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    secret, id_ = made.json()["secret"], made.json()["id"]
    key = {"Authorization": f"Bearer {secret}"}
    assert call(server, "GET", "/blueprints", key).status_code == 200
    assert call(server, "POST", "/blueprints", key, {"name": "x"}).status_code == 403
    assert call(server, "GET", "/keys", key).status_code == 403
    listed = call(server, "GET", "/keys", ADMIN)
    assert secret not in listed.text
    assert id_ in [item["id"] for item in listed.json()["items"]]
    assert call(server, "DELETE", f"/keys/{id_}", ADMIN).json()["revoked_at"]
    gone = call(server, "GET", "/blueprints", key)
    assert gone.status_code == 401
    assert "revoked" in gone.json()["detail"]


def test_lists_are_paged(server: Server) -> None:
    for number in range(3):
        call(server, "POST", "/keys", ADMIN, {"name": f"paged-{number}"})
    first = call(server, "GET", "/keys?limit=2", ADMIN).json()
    rest = call(server, "GET", f"/keys?cursor={first['next_cursor']}", ADMIN).json()
    ids = [item["id"] for item in (*first["items"], *rest["items"])]
    assert len(ids) == len(set(ids)) == first["total"]


def test_disabling_ends_tokens_and_keys_at_once(server: Server) -> None:
    account(server, "leaver", administrator=True)
    me = bearer(server, "leaver")
    secret = call(server, "POST", "/keys", me, {"name": "mine"}).json()["secret"]
    assert call(server, "GET", "/keys", {"X-API-Key": secret}).status_code == 200
    assert call(server, "PATCH", "/accounts/leaver", me, {"disabled": True}).status_code == 409
    assert call(server, "PATCH", "/accounts/leaver", ADMIN, {"disabled": True}).status_code == 200
    for headers in (me, {"X-API-Key": secret}):
        assert call(server, "GET", "/keys", headers).status_code == 401
    assert login(server, "leaver").status_code == 401


def test_a_password_is_refused_without_being_repeated(server: Server) -> None:
    for password in ("hunter2hunt", "passwordpassword"):
        answer = call(server, "POST", "/accounts", ADMIN, {"name": "weak", "password": password})
        assert answer.status_code == 422
        assert password not in answer.text


def test_a_project_that_is_not_there_is_404_for_everybody(server: Server) -> None:
    account(server, "nobody-here")
    me = bearer(server, "nobody-here")
    for headers in (me, ADMIN):
        for answer in (
            call(server, "GET", "/blueprints", {**headers, "X-ALMA-Project": "nowhere"}),
            call(server, "GET", "/blueprints?project=nowhere", headers),
        ):
            assert answer.status_code == 404
            assert "nowhere" in answer.json()["detail"]


def test_a_token_in_an_address_is_for_streams_and_a_key_never(server: Server) -> None:
    account(server, "streamer", administrator=True)
    token = bearer(server, "streamer")["Authorization"].split()[1]
    stream = {"Accept": "text/event-stream"}
    assert call(server, "GET", f"/blueprints?access_token={token}").status_code == 401
    assert call(server, "GET", f"/blueprints?access_token={token}", stream).status_code == 200
    key = call(server, "POST", "/keys", ADMIN, {"name": "k"}).json()["secret"]
    refused = call(server, "GET", f"/blueprints?access_token={key}", stream)
    assert refused.status_code == 401
    assert key not in refused.text


def test_the_local_token_is_in_a_file_that_nobody_else_reads(server: Server) -> None:
    file = server.home / "local.token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    headers = {"Authorization": f"Bearer {file.read_text().strip()}"}
    assert call(server, "GET", "/auth/me", headers).json()["id"] == "local"


def test_who_calls_is_believed_about_its_address_only_through_a_trusted_proxy(
    server: Server,
) -> None:
    """This server trusts 127.0.0.1; what a client wrote itself stands left of what the proxy saw."""
    numbers = iter(range(1, 250))
    until_slowed(
        lambda: call(
            server,
            "GET",
            "/keys",
            {"X-API-Key": "w"},
            address=f"1.2.3.{next(numbers)}, 198.51.100.77",
        ),
        after=ADDRESS.free,
    )
