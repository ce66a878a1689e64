"""Only what this installation signed, for this purpose, at this time, is a token."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from alma.core.model.errors import Unauthenticated
from alma.credentials.tokens import AUDIENCE, ISSUER, LEEWAY_SECONDS, TYPE, SignedTokens

KEY, OLD, FOREIGN = b"k" * 32, b"o" * 32, b"f" * 32
NOW = 1_800_000_000.0


class Clock:
    now = NOW


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> SignedTokens:
    return SignedTokens([KEY], now=lambda: clock.now)


def kid_of(token: str) -> str:
    return str(json.loads(_decoded(token.split(".", maxsplit=1)[0]))["kid"])


def forged(tokens: SignedTokens, *, key: bytes = KEY, **changes: Any) -> str:
    """A token signed like ours but for the changes; a value of None leaves its claim or header out."""
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "user:ada",
        "iat": int(NOW),
        "nbf": int(NOW),
        "exp": int(NOW) + 600,
        "jti": "1",
        "gen": 0,
    }
    header: dict[str, Any] = {
        "alg": "HS256",
        "typ": TYPE,
        "kid": kid_of(tokens.issue("x", generation=0, seconds=1)),
    }
    for name, value in changes.items():
        into = header if name in {"alg", "typ", "kid"} else claims
        into[name] = value
    header = {name: value for name, value in header.items() if value is not None}
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(header, claims, OctKey.import_key(key), algorithms=["HS256", "HS512"])


def test_a_token_says_who_it_was_issued_to(tokens: SignedTokens) -> None:
    found = tokens.read(tokens.issue("user:ada", generation=3, seconds=60))
    assert (found.subject, found.generation, found.expires_at) == ("user:ada", 3, NOW + 60)


def test_what_is_forged_below_would_be_read_if_nothing_were_changed(tokens: SignedTokens) -> None:
    assert tokens.read(forged(tokens)).subject == "user:ada"


def test_each_token_has_an_id_of_its_own(tokens: SignedTokens) -> None:
    first, second = (tokens.issue("user:ada", generation=0, seconds=60) for _ in range(2))
    assert tokens.read(first).id != tokens.read(second).id


def test_a_token_expires_but_for_the_skew_of_clocks(tokens: SignedTokens, clock: Clock) -> None:
    token = tokens.issue("user:ada", generation=0, seconds=60)
    clock.now = NOW + 60 + LEEWAY_SECONDS - 1
    assert tokens.read(token).subject == "user:ada"
    clock.now = NOW + 60 + LEEWAY_SECONDS
    with pytest.raises(Unauthenticated, match="expired"):
        tokens.read(token)


def test_the_skew_that_is_borne_is_at_most_a_minute() -> None:
    assert LEEWAY_SECONDS <= 60


@pytest.mark.parametrize(
    "changes",
    [
        {"key": FOREIGN},
        {"iss": "https://somebody.else"},
        {"aud": "another-service"},
        {"aud": ["another-service"]},
        {"nbf": int(NOW) + 3600},
        {"iat": int(NOW) + 3600},
        {"typ": "JWT"},
        {"typ": None},
        {"alg": "HS512"},
        {"kid": "00000000"},
        {"kid": None},
        {"gen": "0"},
        {"gen": True},
        {"gen": None},
        {"sub": 7},
        {"exp": "tomorrow"},
        *({name: None} for name in ("iss", "aud", "sub", "iat", "nbf", "exp", "jti")),
    ],
    ids=str,
)
def test_a_token_that_differs_in_anything_is_refused(
    tokens: SignedTokens, changes: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated, match="not valid"):
        tokens.read(forged(tokens, **changes))


def test_no_algorithm_is_none(tokens: SignedTokens) -> None:
    _, claims, _ = forged(tokens).split(".")
    for alg in ("none", "None", "NONE", ""):
        header = _encoded(json.dumps({"alg": alg, "typ": TYPE}).encode())
        for signature in ("", _encoded(b"x")):
            with pytest.raises(Unauthenticated):
                tokens.read(f"{header}.{claims}.{signature}")


def test_a_public_key_is_no_secret(tokens: SignedTokens) -> None:
    """The confusion of algorithms: signed with HS256 under the text of a public key, or with RS256 outright."""
    pair = RSAKey.generate_key(2048)
    header, claims = {"alg": "RS256", "typ": TYPE}, {"sub": "user:ada", "iss": ISSUER}
    with pytest.raises(Unauthenticated):
        tokens.read(jwt.encode(header, claims, pair))
    _, payload, _ = forged(tokens).split(".")
    signed = f"{_encoded(json.dumps({'alg': 'HS256', 'typ': TYPE}).encode())}.{payload}"
    mac = hmac.digest(pair.as_pem(private=False), signed.encode(), hashlib.sha256)
    with pytest.raises(Unauthenticated):
        tokens.read(f"{signed}.{_encoded(mac)}")


def test_a_key_that_a_token_brings_along_is_not_used(tokens: SignedTokens) -> None:
    own = OctKey.import_key(FOREIGN)
    header = {"alg": "HS256", "typ": TYPE, "jwk": own.as_dict()}
    token = jwt.encode(header, {"sub": "user:ada"}, own, algorithms=["HS256"])
    with pytest.raises(Unauthenticated):
        tokens.read(token)


def test_what_is_cut_or_changed_is_refused(tokens: SignedTokens) -> None:
    token = tokens.issue("user:ada", generation=0, seconds=60)
    header, claims, signature = token.split(".")
    changed = json.loads(_decoded(claims)) | {"sub": "user:root"}
    for text in (
        token[:-4],
        token[: len(token) // 2],
        f"{header}.{claims}.",
        f"{header}..{signature}",
        f"..{signature}",
        "..",
        f"{header}.{_encoded(json.dumps(changed).encode())}.{signature}",
        token + "A" * 8,
        f"{header}.{_encoded(b'[1]')}.{signature}",
        f"{_encoded(b'{' * 900)}.{claims}.{signature}",
        "ä.ö.ü",
        "x" * 10_000_000,
        f"{header}.{claims}.{'A' * 100_000}",
    ):
        with pytest.raises(Unauthenticated):
            tokens.read(text)


def test_tokens_of_an_earlier_key_are_read_and_new_ones_are_signed_with_the_first(
    tokens: SignedTokens, clock: Clock
) -> None:
    before = SignedTokens([OLD], now=lambda: clock.now)
    after = SignedTokens([KEY, OLD], now=lambda: clock.now)
    token = before.issue("user:ada", generation=0, seconds=60)
    assert after.read(token).subject == "user:ada"
    assert tokens.read(after.issue("user:ada", generation=0, seconds=60)).subject == "user:ada"
    with pytest.raises(Unauthenticated):
        tokens.read(token)


def test_its_text_form_shows_no_key(tokens: SignedTokens) -> None:
    assert "k" * 8 not in repr(tokens)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
