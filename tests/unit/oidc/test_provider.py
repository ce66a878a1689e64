"""The authorization code flow, against a provider from a package and against one that does wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from alma.core.model.errors import ProviderError, ProviderUnavailable, Unauthenticated
from alma.core.model.identity import Departure, Identity
from alma.oidc import OidcProvider
from alma.oidc.settings import ProviderSettings
from tests.oidc_providers import (
    CLIENT,
    SECRET,
    OwnProvider,
    allow,
    own_provider,
    query_of,
    real_provider,
)

DEPARTURE = Departure(
    redirect_uri="http://localhost:8000/api/v1/auth/oidc/company/callback",
    state="a-state",
    nonce="a-nonce",
    verifier="v" * 43,
)


@pytest.fixture
def other() -> Iterator[OwnProvider]:
    with own_provider() as provider:
        yield provider


def provider_at(issuer: str, **settings: Any) -> OidcProvider:
    given = {"issuer": issuer, "client_id": CLIENT, "client_secret": SECRET, **settings}
    return OidcProvider("company", ProviderSettings.model_validate(given))


async def signed_in(
    other: OwnProvider, provider: OidcProvider | None = None, departure: Departure = DEPARTURE
) -> Identity:
    provider = provider or provider_at(other.url)
    back = query_of(other.come_back(await provider.address(departure)))
    return await provider.identity(back["code"], departure)


class TestARealProvider:
    async def test_a_person_comes_back_with_subject_name_and_groups(self) -> None:
        alice = {
            "preferred_username": "alice",
            "name": "Alice A.",
            "email": "alice@example.org",
            "groups": ["infra-admins", "devs"],
        }
        with real_provider({"s-1": alice}) as issuer:
            provider = provider_at(issuer)
            back = query_of(allow(await provider.address(DEPARTURE), "s-1"))
            identity = await provider.identity(back["code"], DEPARTURE)

        assert back["state"] == DEPARTURE.state
        assert identity == Identity(
            issuer=issuer,
            subject="s-1",
            name="alice",
            display="Alice A.",
            email="alice@example.org",
            groups=("infra-admins", "devs"),
        )

    async def test_a_code_counts_once(self) -> None:
        with real_provider({"s-1": {}}) as issuer:
            provider = provider_at(issuer)
            code = query_of(allow(await provider.address(DEPARTURE), "s-1"))["code"]
            await provider.identity(code, DEPARTURE)
            with pytest.raises(Unauthenticated, match="invalid_grant"):
                await provider.identity(code, DEPARTURE)

    async def test_the_way_there_carries_state_nonce_and_a_challenge_and_never_the_verifier(
        self,
    ) -> None:
        with real_provider({}) as issuer:
            address = await provider_at(issuer).address(DEPARTURE)

        asked = query_of(address)
        assert (asked["state"], asked["nonce"]) == (DEPARTURE.state, DEPARTURE.nonce)
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] == DEPARTURE.redirect_uri
        assert DEPARTURE.verifier not in address
        assert SECRET not in address


class TestIdTokens:
    @pytest.mark.parametrize("key", ["rsa", "ec", "okp"])
    async def test_each_accepted_signature_is_checked(self, other: OwnProvider, key: str) -> None:
        makers: dict[str, Callable[[], Key]] = {
            "rsa": lambda: RSAKey.generate_key(2048, auto_kid=True),
            "ec": lambda: ECKey.generate_key("P-256", auto_kid=True),
            "okp": lambda: OKPKey.generate_key("Ed25519", auto_kid=True),
        }
        other.key = makers[key]()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # of the signing in this test
            assert (await signed_in(other)).subject == "248289761001"

    @pytest.mark.parametrize(
        ("claims", "said"),
        [
            ({"iss": "https://other.example.org"}, "iss"),
            ({"aud": "another-client"}, "aud"),
            ({"aud": [CLIENT, "another-client"]}, "another client"),
            ({"azp": "another-client"}, "another client"),
            ({"nonce": "of-another-sign-in"}, "nonce"),
            ({"nonce": None}, "nonce"),
            ({"sub": None}, "sub"),
            ({"exp": None}, "exp"),
            ({"iat": None}, "iat"),
            ({"exp": 1}, "expired"),
            ({"exp": int(time.time()) - 61}, "expired"),
            ({"iat": int(time.time()) + 3600}, "iat"),
            ({"nbf": int(time.time()) + 3600}, "nbf"),
            ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "at_hash"),
            ({"at_hash": 7}, "at_hash"),
            ({"nonce": ["a-nonce"]}, "nonce"),
        ],
    )
    async def test_a_token_that_fails_one_check_is_refused_by_name(
        self, other: OwnProvider, claims: dict[str, Any], said: str
    ) -> None:
        other.claims = claims
        with pytest.raises(Unauthenticated, match=said):
            await signed_in(other)

    async def test_a_token_for_several_audiences_that_names_us_as_its_party_is_taken(
        self, other: OwnProvider
    ) -> None:
        other.claims = {"aud": [CLIENT, "x"], "azp": CLIENT, "at_hash": _half("at-1")}
        assert (await signed_in(other)).issuer == other.url

    async def test_a_signature_by_nobodys_key_is_refused(self, other: OwnProvider) -> None:
        other.published = [RSAKey.generate_key(2048, parameters={"kid": str(other.key.kid)})]
        with pytest.raises(Unauthenticated, match="no key"):
            await signed_in(other)

    async def test_the_public_key_is_no_shared_secret(self, other: OwnProvider) -> None:
        # An old trick: sign with the published key as if it were a secret, and say so in the header.
        header = _part({"alg": "HS256", "kid": other.key.kid})
        now = int(time.time())
        claims = {"iss": other.url, "sub": "1", "aud": CLIENT, "exp": now + 60, "iat": now}
        signed = f"{header}.{_part(claims | {'nonce': DEPARTURE.nonce})}"
        assert isinstance(other.key, RSAKey)
        mac = hmac.digest(other.key.as_pem(private=False), signed.encode(), "sha256")
        other.token = {"id_token": f"{signed}.{_b64(mac)}"}
        with pytest.raises(Unauthenticated, match="not accepted"):
            await signed_in(other)

    async def test_a_key_that_is_too_short_signs_nothing(self, other: OwnProvider) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # joserfc warns of what is tested here
            other.key = RSAKey.generate_key(1024, auto_kid=True)
            with pytest.raises(Unauthenticated, match="no key"):
                await signed_in(other)

    async def test_a_shared_secret_among_the_keys_signs_nothing(self, other: OwnProvider) -> None:
        other.key = OctKey.generate_key(256, auto_kid=True)
        with pytest.raises(Unauthenticated, match="not accepted"):
            await signed_in(other)

    async def test_a_token_without_a_signature_is_refused(self, other: OwnProvider) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            other.header = {"alg": "none"}
            with pytest.raises(Unauthenticated, match="not accepted"):
                await signed_in(other)

    async def test_an_algorithm_that_the_settings_leave_out_is_refused(
        self, other: OwnProvider
    ) -> None:
        with pytest.raises(Unauthenticated, match="not accepted"):
            await signed_in(other, provider_at(other.url, algorithms=["ES256"]))

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "ey.ey.ey", "x" * 200_000, "é.é.é"])
    async def test_what_is_no_token_is_refused(self, other: OwnProvider, token: str) -> None:
        other.token = {"id_token": token}
        with pytest.raises(Unauthenticated, match="not accepted"):
            await signed_in(other)


class TestKeys:
    async def test_a_key_that_nobody_has_seen_yet_is_asked_for(self, other: OwnProvider) -> None:
        ticks = iter(range(0, 10_000, 60))
        provider = provider_at(other.url)
        provider._ticks = lambda: float(next(ticks))
        await signed_in(other, provider)
        other.key = RSAKey.generate_key(2048, auto_kid=True)
        assert (await signed_in(other, provider)).subject
        assert other.asked.count("/keys") == 2

    async def test_unknown_keys_are_not_asked_for_again_and_again(self, other: OwnProvider) -> None:
        provider = provider_at(other.url)
        other.header = {"kid": "never-published"}
        for _ in range(3):
            with pytest.raises(Unauthenticated, match="no key"):
                await signed_in(other, provider)
        assert other.asked.count("/keys") == 1

    async def test_document_and_keys_are_kept_for_an_hour(self, other: OwnProvider) -> None:
        now = [0.0]
        provider = provider_at(other.url)
        provider._ticks = lambda: now[0]
        for now[0] in (0.0, 3600.0, 3601.0):
            await signed_in(other, provider)
        assert other.asked.count("/.well-known/openid-configuration") == 2

    async def test_keys_of_unknown_kinds_and_without_an_id_do_no_harm(
        self, other: OwnProvider
    ) -> None:
        other.raw["/keys"] = (
            200,
            _json(
                keys=[
                    {"kty": "ML-KEM", "kid": "q"},
                    "nonsense",
                    {"kty": "RSA"},
                    {"kty": "oct", "k": "c2VjcmV0"},
                    ECKey.generate_key("P-256").as_dict(private=False),
                    other.key.as_dict(private=False),
                ]
            ),
        )
        other.header = {"kid": None}
        assert (await signed_in(other)).subject


class TestTroubles:
    async def test_a_stolen_code_is_worth_nothing_without_the_verifier(
        self, other: OwnProvider
    ) -> None:
        provider = provider_at(other.url)
        code = query_of(other.come_back(await provider.address(DEPARTURE)))["code"]
        mine = DEPARTURE.model_copy(update={"verifier": "w" * 43})
        with pytest.raises(Unauthenticated, match="invalid_grant"):
            await provider.identity(code, mine)

    async def test_a_provider_that_is_not_there_is_unavailable(self) -> None:
        with own_provider() as gone:
            pass
        with pytest.raises(ProviderUnavailable, match="can't be reached") as told:
            await provider_at(gone.url).address(DEPARTURE)
        assert told.value.retryable

    @pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
    async def test_a_provider_that_says_nothing_is_not_waited_for_longer_than_said(
        self, other: OwnProvider, path: str
    ) -> None:
        other.silent = {path}
        with pytest.raises(ProviderUnavailable, match=r"within 0\.3 s"):
            await signed_in(other, provider_at(other.url, timeout_seconds=0.3))

    @pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            ((200, b"<html>a proxy</html>"), ProviderError),
            ((200, b"[]"), ProviderError),
            ((200, b"[" * 100_000), ProviderError),
            ((302, b""), ProviderError),
            ((404, b"{}"), ProviderError),
            ((200, b" " * 1_000_001), ProviderError),
            ((500, b"{}"), ProviderUnavailable),
        ],
    )
    async def test_garbage_is_a_fault_of_the_provider(
        self, other: OwnProvider, path: str, answer: tuple[int, bytes], expected: type[Exception]
    ) -> None:
        other.raw[path] = answer
        with pytest.raises(expected) as told:
            await signed_in(other)
        assert type(told.value) is expected

    @pytest.mark.parametrize(
        "document",
        [
            {"issuer": "https://other.example.org"},
            {"token_endpoint": "http://login.example.org/token"},
            {"token_endpoint": "https://a:b@login.example.org/token"},
            {"token_endpoint": None},
            {"jwks_uri": 7},
            {"id_token_signing_alg_values_supported": ["HS256", "none"]},
            {"code_challenge_methods_supported": ["plain"]},
        ],
    )
    async def test_a_document_that_secrets_can_not_be_sent_by_is_refused(
        self, other: OwnProvider, document: dict[str, Any]
    ) -> None:
        other.document = document
        with pytest.raises(ProviderError):
            await provider_at(other.url).address(DEPARTURE)

    async def test_a_client_that_the_provider_does_not_know_is_a_fault_of_the_settings(
        self, other: OwnProvider
    ) -> None:
        other.raw["/token"] = (401, _json(error="invalid_client", error_description=SECRET))
        with pytest.raises(ProviderError, match="does not know ALMA") as told:
            await signed_in(other)
        assert SECRET not in repr(vars(told.value))

    async def test_an_answer_that_names_another_sender_is_refused(self, other: OwnProvider) -> None:
        other.document = {"authorization_response_iss_parameter_supported": True}
        await provider_at(other.url).check_sender(other.url)
        for sender in ("https://other.example.org", None):
            with pytest.raises(Unauthenticated, match="does not come from"):
                await provider_at(other.url).check_sender(sender)

    async def test_a_provider_that_never_names_itself_need_not(self, other: OwnProvider) -> None:
        provider = provider_at(other.url)
        await provider.check_sender(None)
        with pytest.raises(Unauthenticated):
            await provider.check_sender("https://other.example.org")


class TestClaims:
    async def test_groups_that_are_told_only_when_asked_are_asked_for(
        self, other: OwnProvider
    ) -> None:
        other.document = {"userinfo_endpoint": f"{other.url}/userinfo"}
        other.userinfo = {"sub": "248289761001", "groups": ["devs"], "iss": "https://forged"}
        identity = await signed_in(other)
        assert (identity.groups, identity.issuer) == (("devs",), other.url)
        assert other.authorization == "Bearer at-1"

    async def test_what_is_told_of_another_person_is_refused(self, other: OwnProvider) -> None:
        other.document = {"userinfo_endpoint": f"{other.url}/userinfo"}
        other.userinfo = {"sub": "somebody-else", "groups": ["admins"]}
        with pytest.raises(Unauthenticated, match="another person"):
            await signed_in(other)

    async def test_groups_may_lie_deeper(self, other: OwnProvider) -> None:
        other.claims = {"realm_access": {"roles": ["ops", 7]}}
        provider = provider_at(other.url, roles={"claim": "realm_access.roles"})
        assert (await signed_in(other, provider)).groups == ("ops",)

    async def test_groups_that_were_left_out_are_not_taken_for_none(
        self, other: OwnProvider
    ) -> None:
        other.claims = {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {}}}
        with pytest.raises(ProviderError, match="too many"):
            await signed_in(other)


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ({}, "Basic"),
        ({"client_authentication": "client_secret_post"}, None),
        ({"client_secret": None}, None),
    ],
)
async def test_a_client_proves_itself_as_the_settings_say(
    other: OwnProvider, settings: dict[str, Any], sent: str | None
) -> None:
    await signed_in(other, provider_at(other.url, **settings))
    assert (other.authorization or "").partition(" ")[0] == (sent or "")


def _half(text: str) -> str:
    return _b64(hashlib.sha256(text.encode()).digest()[:16])


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _part(values: dict[str, Any]) -> str:
    return _b64(_json(**values))


def _json(**values: Any) -> bytes:
    return json.dumps(values).encode()
