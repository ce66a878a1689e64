"""A device without a browser is signed in on a page that works without scripts, and by nobody's cunning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.server import API, Server, serve
from tests.oidc_providers import CLIENT, SECRET, allow, real_provider

KEY = "an-administrators-key-0123456789"
PASSWORD = "seven lamps above the quiet harbour"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home: Path = tmp_path_factory.mktemp("home")
    with real_provider({"s-bob": {"preferred_username": "bob"}}) as issuer:
        oidc = {"issuer": issuer, "client_id": CLIENT, "client_secret": SECRET, "name": "company"}
        with serve(home, api_key=KEY, oidc=oidc) as running:
            for name in ("ada", "eve"):
                made = running.http.post(
                    f"{API}/accounts",
                    json={"name": name, "password": PASSWORD, "display": f"<i>{name}</i>"},
                    headers={"X-API-Key": KEY},
                )
                assert made.status_code == 201, made.text
            yield running


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, follow_redirects=True) as client:
        yield client


def asked(server: Server, **more: str) -> dict[str, Any]:
    """The codes of a new device."""
    answer = httpx.post(f"{server.url}{API}/auth/device", json=more)
    assert answer.status_code == 200, answer.text
    codes: dict[str, Any] = answer.json()
    return codes


def poll(server: Server, device_code: str) -> httpx.Response:
    body = {"grant_type": GRANT, "device_code": device_code}
    return httpx.post(f"{server.url}{API}/auth/device/token", data=body)


def form_of(page: httpx.Response) -> str:
    """The word that the page's forms carry."""
    found = re.search(r'name="form" value="([^"]+)"', page.text)
    assert found, page.text
    return unescape(found[1])


def signed_in(browser: httpx.Client, user_code: str = "", name: str = "ada") -> httpx.Response:
    """The page after signing in there."""
    page = browser.get("/device", params={"user_code": user_code} if user_code else {})
    fields = {
        "form": form_of(page),
        "user_code": user_code,
        "username": name,
        "password": PASSWORD,
    }
    return browser.post("/device/sign-in", data=fields)


def decide(browser: httpx.Client, page: httpx.Response, code: str, answer: str) -> httpx.Response:
    fields = {"form": form_of(page), "user_code": code, "answer": answer}
    return browser.post("/device/answer", data=fields)


class TestTheWhole:
    def test_a_device_is_signed_in_by_a_person_on_the_page(
        self, server: Server, browser: httpx.Client
    ) -> None:
        codes = asked(server, client_name="alma on <laptop>")
        assert codes["verification_uri"] == f"{server.url}/device"
        waiting = poll(server, codes["device_code"])
        assert (waiting.status_code, waiting.json()["error"]) == (400, "authorization_pending")

        page = signed_in(browser, codes["user_code"])
        assert "Allow this device?" in page.text
        assert "alma on &lt;laptop&gt;" in page.text
        done = decide(browser, page, codes["user_code"], "allow")
        assert (done.status_code, "Allowed" in done.text) == (200, True)

        tokens = poll(server, codes["device_code"]).json()
        assert tokens["token_type"] == "Bearer"
        me = httpx.get(
            f"{server.url}{API}/auth/me",
            headers={"Authorization": f"Bearer {tokens['access_token']}"},
        )
        assert me.json()["id"] == "user:ada"
        assert poll(server, codes["device_code"]).json()["error"] == "invalid_grant"

    def test_a_person_may_type_the_code_as_they_like(
        self, server: Server, browser: httpx.Client
    ) -> None:
        codes = asked(server)
        signed_in(browser)
        typed = codes["user_code"].lower().replace("-", " ")
        page = browser.get("/device", params={"user_code": typed})
        assert codes["user_code"] in page.text

    def test_a_device_that_was_sent_away_is_told(
        self, server: Server, browser: httpx.Client
    ) -> None:
        codes = asked(server)
        page = signed_in(browser, codes["user_code"])
        assert "Not allowed" in decide(browser, page, codes["user_code"], "deny").text
        assert poll(server, codes["device_code"]).json()["error"] == "access_denied"

    def test_a_person_of_a_provider_comes_back_to_the_page_with_the_code(
        self, server: Server, browser: httpx.Client
    ) -> None:
        codes = asked(server)
        page = browser.get("/device", params={"user_code": codes["user_code"]})
        link = re.search(r'href="([^"]+/start[^"]*)"', page.text)
        assert link
        gone = browser.get(unescape(link[1]), follow_redirects=False)
        page = browser.get(allow(gone.headers["location"], "s-bob").replace(server.url, ""))
        assert "Allow this device?" in page.text
        decide(browser, page, codes["user_code"], "allow")
        assert poll(server, codes["device_code"]).json()["account"]["name"] == "bob"

    def test_programs_may_ask_with_a_form_or_with_json(self, server: Server) -> None:
        url = f"{server.url}{API}/auth/device"
        form = httpx.post(url, data={"client_id": "tool", "scope": "openid"})
        assert form.status_code == 200
        assert httpx.post(url).status_code == 200
        code = form.json()["device_code"]
        as_json = httpx.post(f"{url}/token", json={"device_code": code})
        assert as_json.json()["error"] == "authorization_pending"

    def test_one_that_asks_too_often_is_told_to_slow_down(self, server: Server) -> None:
        codes = asked(server)
        told = [poll(server, codes["device_code"]).json() for _ in range(4)]
        slowed = [item["interval"] for item in told if item["error"] == "slow_down"]
        assert told[0]["error"] == "authorization_pending"
        assert slowed[0] == codes["interval"] + 5

    @pytest.mark.parametrize(
        "body",
        [{}, {"device_code": ""}, {"device_code": "x", "grant_type": "password"}, {"x": "y"}],
    )
    def test_a_question_that_is_none_is_refused(self, server: Server, body: dict[str, str]) -> None:
        answer = httpx.post(f"{server.url}{API}/auth/device/token", data=body)
        assert answer.status_code == 422


class TestThePage:
    def test_nothing_on_it_runs_or_is_loaded(self, browser: httpx.Client) -> None:
        page = browser.get("/device")
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "<script" not in page.text
        assert page.headers["cache-control"] == "no-store"

    def test_its_cookies_are_for_it_alone(self, server: Server, browser: httpx.Client) -> None:
        page = browser.get("/device")
        fields = {"form": form_of(page), "username": "ada", "password": PASSWORD}
        answer = browser.post("/device/sign-in", data=fields, follow_redirects=False)
        cookies = answer.headers.get_list("set-cookie")
        assert all("HttpOnly" in item and "Path=/device" in item for item in cookies)
        me = browser.get(f"{API}/auth/me")
        assert me.status_code == 401

    def test_a_wrong_password_is_told_on_it(self, browser: httpx.Client) -> None:
        page = browser.get("/device")
        fields = {"form": form_of(page), "username": "ada", "password": "wrong"}
        answer = browser.post("/device/sign-in", data=fields)
        assert answer.status_code == 401
        assert "wrong" in answer.text

    @pytest.mark.parametrize("code", ["<script>alert(1)</script>", '"><b>', "XXXX-XXXX", "x" * 999])
    def test_a_code_that_is_none_is_told_and_never_run(
        self, browser: httpx.Client, code: str
    ) -> None:
        signed_in(browser, name="eve")
        answer = browser.get("/device", params={"user_code": code})
        assert "no device waits" in answer.text or "too many" in answer.text
        assert "<script" not in answer.text
        assert "<b>" not in answer.text
        assert "<i>" not in answer.text

    def test_somebody_else_can_take_over(self, server: Server, browser: httpx.Client) -> None:
        page = signed_in(browser)
        assert "&lt;i&gt;ada&lt;/i&gt;" in page.text
        out = browser.post("/device/sign-out", data={"form": form_of(page)})
        assert "Sign in to allow a device" in out.text


class TestCunning:
    def test_a_form_of_another_site_allows_nothing(
        self, server: Server, browser: httpx.Client
    ) -> None:
        codes = asked(server)
        signed_in(browser, codes["user_code"])
        fields = {"user_code": codes["user_code"], "answer": "allow"}
        for form in ({}, {"form": ""}, {"form": "guessed"}, {"form": "é"}):
            answer = browser.post("/device/answer", data=fields | form)
            assert answer.status_code == 403
        cross = browser.post(
            "/device/answer", data=fields, headers={"Origin": "https://evil.example.org"}
        )
        assert cross.status_code == 403
        assert poll(server, codes["device_code"]).json()["error"] == "authorization_pending"

    def test_the_word_of_one_browser_is_worth_nothing_in_another(
        self, server: Server, browser: httpx.Client
    ) -> None:
        codes = asked(server)
        with httpx.Client(base_url=server.url, follow_redirects=True) as eve:
            word = form_of(signed_in(eve, codes["user_code"], name="eve"))
        signed_in(browser, codes["user_code"])
        fields = {"form": word, "user_code": codes["user_code"], "answer": "allow"}
        assert browser.post("/device/answer", data=fields).status_code == 403

    def test_a_form_from_before_the_sign_in_is_worth_nothing_after_it(
        self, server: Server, browser: httpx.Client
    ) -> None:
        word = form_of(browser.get("/device"))
        codes = asked(server)
        signed_in(browser, codes["user_code"])
        fields = {"form": word, "user_code": codes["user_code"], "answer": "allow"}
        assert browser.post("/device/answer", data=fields).status_code == 403

    def test_nobody_allows_a_device_without_being_signed_in(
        self, server: Server, browser: httpx.Client
    ) -> None:
        codes = asked(server)
        page = browser.get("/device")
        assert decide(browser, page, codes["user_code"], "allow").status_code == 401
        for headers in ({}, {"X-API-Key": KEY}):
            answer = httpx.post(
                f"{server.url}{API}/auth/device/answer",
                json={"user_code": codes["user_code"], "allow": True},
                headers=headers,
            )
            assert answer.status_code == (403 if headers else 401)

    def test_a_persons_own_page_may_allow_it_with_their_token(self, server: Server) -> None:
        codes = asked(server, client_name="alma")
        login = {"username": "ada", "password": PASSWORD}
        token = httpx.post(f"{server.url}{API}/auth/login", json=login).json()["access_token"]
        with httpx.Client(
            base_url=f"{server.url}{API}", headers={"Authorization": f"Bearer {token}"}
        ) as client:
            assert client.get(f"/auth/device/{codes['user_code']}").json()["client"] == "alma"
            answer = {"user_code": codes["user_code"], "allow": True}
            assert client.post("/auth/device/answer", json=answer).status_code == 204
        assert poll(server, codes["device_code"]).status_code == 200

    def test_guessing_codes_is_slowed(self, server: Server) -> None:
        login = {"username": "eve", "password": PASSWORD}
        token = httpx.post(f"{server.url}{API}/auth/login", json=login).json()["access_token"]
        with httpx.Client(
            base_url=f"{server.url}{API}", headers={"Authorization": f"Bearer {token}"}
        ) as client:
            told = [client.get("/auth/device/BCDF-GHJK") for _ in range(12)]
        assert told[-1].status_code == 429
        assert int(told[-1].headers["retry-after"]) >= 1
