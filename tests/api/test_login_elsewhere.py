"""`alma login` without a password: the whole way, from the command to the browser and back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from alma.cli.client import Client
from alma.cli.errors import CliError, ExitCode
from alma.cli.login_elsewhere import by_device, by_provider
from alma.cli.terminal import Terminal
from tests.api.server import API, Server, serve
from tests.oidc_providers import CLIENT, SECRET, allow, query_of, real_provider

KEY = "an-administrators-key-0123456789"
PASSWORD = "seven lamps above the quiet harbour"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home: Path = tmp_path_factory.mktemp("home")
    with real_provider({"s-bob": {"preferred_username": "bob"}}) as issuer:
        oidc = {
            "issuer": issuer,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "name": "company",
        }
        with serve(home, api_key=KEY, oidc=oidc) as running:
            account = {"name": "ada", "password": PASSWORD}
            headers = {"X-API-Key": KEY}
            assert running.http.post(f"{API}/accounts", json=account, headers=headers).is_success
            yield running


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client.at(server.url) as client:
        yield client


class TestByDevice:
    def test_a_command_waits_until_its_code_is_allowed(
        self, server: Server, client: Client, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pauses: list[float] = []

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 2:
                decide(server, code_in(capsys.readouterr().out), allowed=True)

        found = by_device(client, Terminal(), pause=pause)

        assert found["account"]["name"] == "ada"
        assert pauses == [5.0, 5.0]

    def test_it_asks_less_often_when_told_to(
        self, server: Server, client: Client, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pauses: list[float] = []

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if seconds > 5:
                decide(server, code_in(capsys.readouterr().out), allowed=True)

        by_device(client, Terminal(), pause=pause)
        assert pauses == sorted(pauses)
        assert pauses[-1] >= 10

    def test_a_refusal_ends_it(
        self, server: Server, client: Client, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def pause(seconds: float) -> None:
            decide(server, code_in(capsys.readouterr().out), allowed=False)

        with pytest.raises(CliError, match="not allowed") as told:
            by_device(client, Terminal(), pause=pause)
        assert told.value.exit_code is ExitCode.DENIED

    def test_with_json_what_is_for_people_is_not_on_standard_output(
        self, server: Server, client: Client, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def pause(seconds: float) -> None:
            said = capsys.readouterr()
            assert not said.out
            decide(server, code_in(said.err), allowed=True)

        assert by_device(client, Terminal(as_json=True), pause=pause)["access_token"]


class TestByProvider:
    def test_a_browser_on_this_machine_brings_the_tokens(self, client: Client) -> None:
        with Browser() as browser:
            found = by_provider(client, Terminal(), "company", shown=browser.open)
        assert found["account"]["name"] == "bob"
        assert browser.page is not None
        assert "You are signed in" in browser.page.text

    def test_what_another_page_sends_to_the_port_is_not_taken(self, client: Client) -> None:
        def slipped_in(url: str) -> None:
            waits = query_of(url)["redirect"]
            for path in ("?code=evil", "?code=evil&state=guessed", "/../x?code=evil", ""):
                assert httpx.get(waits + path).status_code == 404

        with Browser(before=slipped_in) as browser:
            found = by_provider(client, Terminal(), "company", shown=browser.open)
        assert found["account"]["name"] == "bob"

    def test_nobody_is_waited_for_for_ever(self, client: Client) -> None:
        with pytest.raises(CliError, match="in time") as told:
            by_provider(client, Terminal(), "company", patience=0.05)
        assert told.value.exit_code is ExitCode.DENIED

    def test_an_unknown_provider_is_told_with_those_there_are(self, client: Client) -> None:
        with pytest.raises(CliError, match="nobody") as told:
            by_provider(client, Terminal(), "nobody")
        assert "company" in str(told.value.hint)


class Browser:
    """A person with a browser, at work while the command waits."""

    def __init__(self, before: Any = None) -> None:
        self._before = before
        self._thread: threading.Thread | None = None
        self.page: httpx.Response | None = None

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._thread.join()

    def open(self, url: str) -> None:
        self._thread = threading.Thread(target=self._sign_in, args=(url,))
        self._thread.start()

    def _sign_in(self, url: str) -> None:
        if self._before is not None:
            self._before(url)
        with httpx.Client() as http:
            gone = http.get(url)
            back = http.get(allow(gone.headers["location"], "s-bob"))
            self.page = http.get(back.headers["location"])


def code_in(text: str) -> str:
    """The code among what the command has said."""
    return next(line.strip() for line in text.splitlines() if line.strip()[4:5] == "-")


def decide(server: Server, code: str, *, allowed: bool) -> None:
    login = {"username": "ada", "password": PASSWORD}
    token = httpx.post(f"{server.url}{API}/auth/login", json=login).json()["access_token"]
    answer = httpx.post(
        f"{server.url}{API}/auth/device/answer",
        json={"user_code": code, "allow": allowed},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 204, answer.text
