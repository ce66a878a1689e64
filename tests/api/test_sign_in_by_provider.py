"""Signing in through a real provider, over HTTP, as a browser and as a command line would; and everybody who tries to
get in between."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest

from alma.core.services.providers import challenge_of
from tests.api.server import API, Server, serve
from tests.oidc_providers import (
    CLIENT,
    SECRET,
    OwnProvider,
    allow,
    deny,
    own_provider,
    query_of,
    real_provider,
)

KEY = "an-administrators-key-0123456789"
ADMIN = {"X-API-Key": KEY}
PEOPLE = {
    "s-ada": {"preferred_username": "ada", "name": "Ada", "groups": ["infra-admins"]},
    "s-eve": {"preferred_username": "eve", "groups": ["guests"]},
}
PROVIDERS = """
lab:
  title: The lab
  issuer: {issuer}
  client_id: alma
impatient:
  title: The lab, asked by somebody who does not wait
  issuer: {issuer}
  client_id: alma
  timeout_seconds: 0.2
"""
VERIFIER = "v" * 43


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with real_provider(PEOPLE) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def lab() -> Iterator[OwnProvider]:
    with own_provider() as running:
        yield running


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, provider: str, lab: OwnProvider
) -> Iterator[Server]:
    home: Path = tmp_path_factory.mktemp("home")
    (home / "config").mkdir()
    (home / "config" / "providers.yaml").write_text(PROVIDERS.format(issuer=lab.url))
    oidc = {
        "name": "company",
        "title": "Company login",
        "issuer": provider,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "roles_map": "infra-admins=default:admin",
    }
    with serve(home, api_key=KEY, oidc=oidc) as running:
        yield running


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers={"Accept": "text/html"}) as client:
        yield client


def start(browser: httpx.Client, name: str = "company", **params: str) -> httpx.Response:
    return browser.get(f"{API}/auth/oidc/{name}/start", params=params)


def come_back(browser: httpx.Client, address: str) -> httpx.Response:
    """Follows the provider's redirect to this server."""
    return browser.get(address.replace(str(browser.base_url).rstrip("/"), ""))


class TestABrowser:
    def test_every_provider_is_listed_with_where_to_begin(self, server: Server) -> None:
        listed = httpx.get(f"{server.url}{API}/auth/providers").json()
        assert {(item["name"], item["title"]) for item in listed["providers"]} == {
            ("company", "Company login"),
            ("lab", "The lab"),
            ("impatient", "The lab, asked by somebody who does not wait"),
        }
        assert listed["device"] == f"{server.url}/device"
        assert SECRET not in str(listed)

    def test_a_person_ends_where_they_wanted_to_be_signed_in_with_their_roles(
        self, server: Server, browser: httpx.Client
    ) -> None:
        gone = start(browser, next="/app?x=1")
        assert gone.status_code == 303
        back = come_back(browser, allow(gone.headers["location"], "s-ada"))
        assert (back.status_code, back.headers["location"]) == (303, "/app?x=1")

        # What a page of this server does next: the cookie gets it an access token.
        tokens = browser.post(f"{API}/auth/refresh").json()
        assert tokens["refresh_token"] is None
        me = httpx.get(
            f"{server.url}{API}/auth/me",
            headers={"Authorization": f"Bearer {tokens['access_token']}"},
        ).json()
        assert (me["id"], me["roles"], me["administrator"]) == ("user:ada", ["admin"], False)

    def test_a_person_without_a_group_gets_in_and_may_do_nothing(
        self, server: Server, browser: httpx.Client
    ) -> None:
        come_back(browser, allow(start(browser).headers["location"], "s-eve"))
        token = browser.post(f"{API}/auth/refresh").json()["access_token"]
        answer = httpx.get(
            f"{server.url}{API}/blueprints", headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 403

    def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
        self, browser: httpx.Client
    ) -> None:
        gone = start(browser)
        cookie = SimpleCookie(gone.headers["set-cookie"])["alma_sign_in"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "lax"
        assert cookie["path"] == f"{API}/auth/oidc/company"
        back = come_back(browser, allow(gone.headers["location"], "s-ada"))
        set_ = SimpleCookie("; ".join(back.headers.get_list("set-cookie")))
        assert set_["alma_refresh"]["samesite"] == "strict"
        assert set_["alma_refresh"]["httponly"]

    def test_the_verifier_never_leaves_the_server(self, browser: httpx.Client) -> None:
        gone = start(browser)
        asked = query_of(gone.headers["location"])
        assert asked["code_challenge_method"] == "S256"
        assert "code_verifier" not in asked
        assert asked["redirect_uri"].endswith(f"{API}/auth/oidc/company/callback")

    def test_an_answer_counts_once(self, browser: httpx.Client) -> None:
        address = allow(start(browser).headers["location"], "s-ada")
        cookies = dict(browser.cookies)
        assert come_back(browser, address).status_code == 303
        browser.cookies.update(cookies)
        assert come_back(browser, address).status_code == 401

    def test_an_answer_in_another_browser_opens_nothing(
        self, server: Server, browser: httpx.Client
    ) -> None:
        address = allow(start(browser).headers["location"], "s-ada")
        for cookies in ({}, {"alma_sign_in": "guessed"}):
            stolen = httpx.get(address, cookies=cookies)
            assert stolen.status_code == 401
            assert "set-cookie" not in stolen.headers

    def test_nobody_is_made_to_sign_in_as_somebody_else(
        self, server: Server, browser: httpx.Client
    ) -> None:
        """An address that another person's sign-in ends at is worth nothing in a browser with its own under way."""
        with httpx.Client(base_url=server.url) as eve:
            address = allow(start(eve).headers["location"], "s-eve")
        start(browser)
        assert come_back(browser, address).status_code == 401

    @pytest.mark.parametrize("state", ["", "wrong", "x" * 3000, "\x00"])
    def test_a_wrong_state_is_refused(self, browser: httpx.Client, state: str) -> None:
        start(browser)
        params = {"state": state, "code": "c"}
        answer = browser.get(f"{API}/auth/oidc/company/callback", params=params)
        assert answer.status_code == 401

    def test_an_answer_for_another_provider_is_refused(
        self, browser: httpx.Client, provider: str
    ) -> None:
        address = allow(start(browser).headers["location"], "s-ada")
        secret = browser.cookies["alma_sign_in"]
        mixed_up = browser.get(
            f"{API}/auth/oidc/lab/callback",
            params=query_of(address),
            headers={"Cookie": f"alma_sign_in={secret}"},
        )
        assert mixed_up.status_code == 401

    def test_an_answer_that_another_issuer_sent_is_refused(self, browser: httpx.Client) -> None:
        address = allow(start(browser).headers["location"], "s-ada")
        assert come_back(browser, f"{address}&iss=https://evil.example.org").status_code == 401

    def test_a_person_who_says_no_is_told_so_on_a_page(self, browser: httpx.Client) -> None:
        gone = start(browser)
        state = query_of(gone.headers["location"])["state"]
        answer = come_back(browser, f"{deny(gone.headers['location'])}&state={state}")
        assert answer.status_code == 401
        assert answer.headers["content-type"].startswith("text/html")
        assert "access_denied" in answer.text
        assert "script-src" not in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]

    def test_what_comes_in_an_address_is_never_run_on_a_page(self, browser: httpx.Client) -> None:
        gone = start(browser)
        state = query_of(gone.headers["location"])["state"]
        params = {"state": state, "error": "<script>alert(1)</script>"}
        answer = browser.get(f"{API}/auth/oidc/company/callback", params=params)
        assert answer.status_code == 502
        assert "<script" not in answer.text

    def test_a_missing_provider_is_a_page_too(self, browser: httpx.Client) -> None:
        answer = start(browser, name="<b>")
        assert answer.status_code == 404
        assert "<b>" not in answer.text

    @pytest.mark.parametrize("path", ["//evil.example.org", "https://evil.example.org", "/\\evil"])
    def test_a_sign_in_never_leads_away(self, browser: httpx.Client, path: str) -> None:
        assert start(browser, next=path).status_code == 422

    def test_a_disabled_account_is_not_let_in(self, server: Server, browser: httpx.Client) -> None:
        come_back(browser, allow(start(browser).headers["location"], "s-disabled"))
        me = browser.post(f"{API}/auth/refresh").json()["account"]["name"]
        changed = httpx.patch(
            f"{server.url}{API}/accounts/{me}", json={"disabled": True}, headers=ADMIN
        )
        assert changed.status_code == 200
        answer = come_back(browser, allow(start(browser).headers["location"], "s-disabled"))
        assert answer.status_code == 401
        assert "disabled" in answer.text


class TestAProviderInTrouble:
    @pytest.fixture(autouse=True)
    def _as_it_was(self, lab: OwnProvider) -> Iterator[None]:
        yield
        lab.silent, lab.raw, lab.claims = set(), {}, {}

    def signed_in(self, browser: httpx.Client, lab: OwnProvider) -> httpx.Response:
        gone = start(browser, name="lab")
        return come_back(browser, lab.come_back(gone.headers["location"]))

    def test_a_provider_that_proves_everything_lets_people_in(
        self, browser: httpx.Client, lab: OwnProvider
    ) -> None:
        assert self.signed_in(browser, lab).status_code == 303

    @pytest.mark.parametrize(
        "claims",
        [{"nonce": "of-another"}, {"iss": "https://evil.example.org"}, {"aud": "x"}, {"exp": 1}],
    )
    def test_a_token_that_was_not_made_for_this_sign_in_is_refused(
        self, browser: httpx.Client, lab: OwnProvider, claims: dict[str, Any]
    ) -> None:
        lab.claims = claims
        assert self.signed_in(browser, lab).status_code == 401

    def test_a_code_of_another_sign_in_is_worth_nothing(
        self, server: Server, browser: httpx.Client, lab: OwnProvider
    ) -> None:
        """The code was issued for another verifier: the provider says no."""
        with httpx.Client(base_url=server.url) as victim:
            address = lab.come_back(start(victim, name="lab").headers["location"])
        mine = query_of(lab.come_back(start(browser, name="lab").headers["location"]))
        params = {"state": mine["state"], "code": query_of(address)["code"]}
        answer = browser.get(f"{API}/auth/oidc/lab/callback", params=params)
        assert answer.status_code == 401
        assert "invalid_grant" in answer.text

    def test_a_slow_provider_is_not_waited_for(
        self, browser: httpx.Client, lab: OwnProvider
    ) -> None:
        lab.silent = {"/.well-known/openid-configuration"}
        answer = start(browser, name="impatient")
        assert answer.status_code == 503
        assert answer.headers["retry-after"]

    def test_garbage_is_a_bad_gateway_and_none_of_it_is_shown(
        self, browser: httpx.Client, lab: OwnProvider
    ) -> None:
        lab.raw["/token"] = (200, b"<html>a-secret-of-somebody</html>")
        answer = self.signed_in(browser, lab)
        assert answer.status_code == 502
        assert "a-secret-of-somebody" not in answer.text

    def test_programs_are_told_in_the_shape_of_all_failures(
        self, server: Server, lab: OwnProvider
    ) -> None:
        with httpx.Client(base_url=server.url) as program:
            lab.raw["/token"] = (500, b"")
            body = self.signed_in(program, lab).json()
        assert body["code"] == "provider_unavailable"
        assert body["hint"]


class TestACommandLine:
    def test_it_gets_tokens_for_what_its_browser_brought(
        self, server: Server, browser: httpx.Client
    ) -> None:
        gone = start(
            browser,
            redirect="http://127.0.0.1:9999/signed-in",
            code_challenge=challenge_of(VERIFIER),
            state="mine",
        )
        back = come_back(browser, allow(gone.headers["location"], "s-ada"))
        assert back.headers["location"].startswith("http://127.0.0.1:9999/signed-in?")
        brought = query_of(back.headers["location"])
        assert brought["state"] == "mine"
        assert "alma_refresh" not in browser.cookies

        body = {"code": brought["code"], "code_verifier": VERIFIER}
        answer = httpx.post(f"{server.url}{API}/auth/oidc/token", json=body)
        assert answer.json()["account"]["name"] == "ada"
        assert answer.json()["refresh_token"]
        assert httpx.post(f"{server.url}{API}/auth/oidc/token", json=body).status_code == 401

    def test_who_has_only_the_code_gets_nothing(
        self, server: Server, browser: httpx.Client
    ) -> None:
        gone = start(
            browser,
            redirect="http://127.0.0.1:9999/signed-in",
            code_challenge=challenge_of(VERIFIER),
        )
        back = come_back(browser, allow(gone.headers["location"], "s-ada"))
        stolen = {"code": query_of(back.headers["location"])["code"], "code_verifier": "w" * 43}
        assert httpx.post(f"{server.url}{API}/auth/oidc/token", json=stolen).status_code == 401

    def test_it_waits_on_its_own_machine_only(self, browser: httpx.Client) -> None:
        answer = start(
            browser,
            redirect="http://192.0.2.1:9999/signed-in",
            code_challenge=challenge_of(VERIFIER),
        )
        assert answer.status_code == 422
