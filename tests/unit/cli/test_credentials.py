"""What a command shows to a server: the right thing, to the right one, and nothing to others."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from alma.cli.client import Client
from alma.cli.credentials import SignIns
from alma.cli.errors import CliError, ExitCode
from tests.unit.cli.web import answering, send


class Server:
    """Answers every request, and remembers what it was shown."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str | None, str | None]] = []
        self.refreshed = 0
        self.refuses = False

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        header = handler.headers.get
        self.seen.append((handler.path, header("Authorization"), header("X-ALMA-Project")))
        if handler.path.endswith("/auth/refresh"):
            self.refreshed += 1
            body = {"detail": "over", "code": "unauthenticated", "hint": None}
            send(
                handler,
                json.dumps(body if self.refuses else signed_in(f"a{self.refreshed}")),
                status=401 if self.refuses else 200,
            )
            return
        send(handler, '{"items": [], "status": "alive"}')


def signed_in(access: str, *, seconds: float = 900) -> dict[str, Any]:
    return {
        "account": {"name": "ada"},
        "access_token": access,
        "expires_in": seconds,
        "refresh_token": f"refresh-after-{access}",
    }


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALMA_API_KEY", "ALMA_PROJECT"):
        monkeypatch.delenv(name, raising=False)


def shown(server: Server, url: str, home: Path, local: Path | None = None) -> str | None:
    """What the next call shows."""
    with Client.at(url, home=home, local=local) as client:
        client.stacks()
    return server.seen[-1][1]


def test_without_anything_nothing_is_shown(tmp_path: Path) -> None:
    server = Server()
    with answering(server.answer) as url:
        assert shown(server, url, tmp_path) is None


def test_a_key_comes_before_a_sign_in_and_that_before_the_local_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, local = Server(), tmp_path / "local.token"
    local.write_text("local.abc\n")
    with answering(server.answer) as url:
        assert shown(server, url, tmp_path, local) == "Bearer local.abc"
        SignIns(tmp_path).keep(url, signed_in("a0"))
        assert shown(server, url, tmp_path, local) == "Bearer a0"
        monkeypatch.setenv("ALMA_API_KEY", "alma_k_s")
        assert shown(server, url, tmp_path, local) == "Bearer alma_k_s"


def test_a_sign_in_is_shown_to_its_own_server_only(tmp_path: Path) -> None:
    server = Server()
    SignIns(tmp_path).keep("http://elsewhere", signed_in("a0"))
    with answering(server.answer) as url:
        assert shown(server, url, tmp_path) is None


def test_who_is_not_known_to_be_alma_is_shown_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALMA_API_KEY", "alma_k_s")
    server = Server()
    with answering(server.answer) as url, Client.at(url, home=tmp_path) as client:
        assert client.alive()
    assert server.seen[-1][1] is None


def test_a_sign_in_that_is_about_to_be_over_is_renewed_first(tmp_path: Path) -> None:
    server, sign_ins = Server(), SignIns(tmp_path)
    with answering(server.answer) as url:
        sign_ins.keep(url, signed_in("a0", seconds=5))
        assert shown(server, url, tmp_path) == "Bearer a1"
        assert shown(server, url, tmp_path) == "Bearer a1"
        stored = sign_ins.of(url)
    assert server.refreshed == 1
    assert stored is not None
    assert stored["refresh_token"] == "refresh-after-a1"
    assert stored["expires_at"] > time.time() + 600


def test_several_commands_renew_it_once(tmp_path: Path) -> None:
    """Two that show the same refresh token would end the sign-in."""
    server = Server()
    with answering(server.answer) as url:
        SignIns(tmp_path).keep(url, signed_in("a0", seconds=5))
        threads = [threading.Thread(target=shown, args=(server, url, tmp_path)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert server.refreshed == 1


def test_what_cannot_be_renewed_is_shown_for_the_server_to_refuse(tmp_path: Path) -> None:
    server = Server()
    server.refuses = True
    with answering(server.answer) as url:
        SignIns(tmp_path).keep(url, signed_in("a0", seconds=5))
        assert shown(server, url, tmp_path) == "Bearer a0"


def test_what_is_stored_is_for_its_owner_alone(tmp_path: Path) -> None:
    sign_ins = SignIns(tmp_path / "new")
    sign_ins.keep("http://a", signed_in("a0"))
    sign_ins.keep("http://b", signed_in("b0"))
    assert (tmp_path / "new" / "credentials.json").stat().st_mode & 0o777 == 0o600
    sign_ins.forget("http://a")
    assert sign_ins.of("http://a") is None
    assert sign_ins.of("http://b") is not None


def test_a_damaged_file_is_no_sign_in(tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text('{"http://a": ')
    assert SignIns(tmp_path).of("http://a") is None


def test_the_project_goes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALMA_PROJECT", "shop")
    server = Server()
    with answering(server.answer) as url:
        shown(server, url, tmp_path)
    assert server.seen[-1][2] == "shop"


def test_who_is_not_known_is_told_how_to_be(tmp_path: Path) -> None:
    body = {
        "detail": "this needs a caller who is known",
        "code": "unauthenticated",
        "hint": "send an API key or a token: Authorization: Bearer <key>, or X-API-Key: <key>",
    }
    refusing = answering(lambda handler: send(handler, json.dumps(body), status=401))
    with refusing as url, Client.at(url, home=tmp_path) as client:
        with pytest.raises(CliError) as refused:
            client.stacks()
        assert refused.value.exit_code is ExitCode.DENIED
        assert "alma login" in str(refused.value.hint)
