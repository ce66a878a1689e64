"""Whether an ID token holds: OpenID Connect Core 1.0, section 3.1.3.7, with nothing left to the token to decide.

The algorithm is one of a short list of ours, whatever the token's header says; symmetric ones and `none` are not on it.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ExpiredTokenError,
    InvalidClaimError,
    JoseError,
    MissingClaimError,
)
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, extract_compact

from alma.core.model.errors import Unauthenticated
from alma.oidc.settings import Algorithm

_TYPES: Mapping[Algorithm, type[Key]] = {
    Algorithm.RS256: RSAKey,
    Algorithm.ES256: ECKey,
    Algorithm.EDDSA: OKPKey,
}
# What half of a hash an `at_hash` is made with. Ed25519 uses SHA-512.
_HASHES = {
    Algorithm.RS256: hashlib.sha256,
    Algorithm.ES256: hashlib.sha256,
    Algorithm.EDDSA: hashlib.sha512,
}
_LONGEST = 100_000
# Characters of 2048 bits in base64.
_SHORTEST_MODULUS = 342


class Signature(NamedTuple):
    """What a token's header says of it, before anything is believed."""

    algorithm: Algorithm
    kid: str | None


class Expected:
    """What a token has to say to be accepted. `leeway` is in seconds."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        algorithms: Collection[Algorithm],
        leeway: int,
        now: Callable[[], float],
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._algorithms = [str(item) for item in algorithms]
        self._leeway = leeway
        self._now = now

    def signature(self, token: str) -> Signature:
        """How the token says that it was signed. Raises Unauthenticated for what is no token, or one that is signed in
        a way that is not accepted."""
        if len(token) > _LONGEST:
            raise _refused("it is too long")
        try:
            registry = _registry_of(self._algorithms)
            header = extract_compact(token.encode(), registry=registry).headers()
        except (JoseError, ValueError) as error:
            raise _refused("it is no signed token") from error
        if header.get("alg") not in self._algorithms:
            raise _refused("it is signed in a way that is not accepted")
        kid = header.get("kid")
        return Signature(Algorithm(header["alg"]), kid if isinstance(kid, str) else None)

    def check(
        self, token: str, keys: Sequence[Key], *, nonce: str, access_token: str
    ) -> dict[str, Any]:
        """Its claims. Raises Unauthenticated, saying which check it fails."""
        algorithm, claims = self._verified(token, keys)
        try:
            self._registry().validate(claims)
        except ExpiredTokenError as error:
            raise _refused("it has expired") from error
        except MissingClaimError as error:
            raise _refused(f"it lacks {error.description}") from error
        except InvalidClaimError as error:
            raise _refused(f"its {error.claim} is not the one expected") from error
        self._check_party(claims)
        if not _same(claims["nonce"], nonce):
            raise _refused("its nonce is not the one expected")
        if (half := claims.get("at_hash")) is not None and not _same(
            half, half_hash(access_token, algorithm)
        ):
            raise _refused("its at_hash is not that of the access token")
        return claims

    def _verified(self, token: str, keys: Sequence[Key]) -> tuple[Algorithm, dict[str, Any]]:
        registry = _registry_of(self._algorithms)
        for key in keys:
            try:
                found = jwt.decode(token, key, algorithms=self._algorithms, registry=registry)
            except BadSignatureError:
                continue
            except (JoseError, ValueError, TypeError) as error:
                raise _refused("it is no signed token of that provider") from error
            return Algorithm(found.header["alg"]), found.claims
        raise _refused("no key of that provider has signed it")

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=lambda: int(self._now()),
            leeway=self._leeway,
            iss={"essential": True, "value": self._issuer},
            sub={"essential": True},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True},
        )

    def _check_party(self, claims: Mapping[str, Any]) -> None:
        """A token for several audiences has to say which of them it was made for."""
        audience, party = claims["aud"], claims.get("azp")
        several = isinstance(audience, list) and len(audience) > 1
        if (party is None and several) or (party is not None and party != self._client_id):
            raise _refused("it was made for another client")


def usable_keys(document: Mapping[str, Any], algorithms: Collection[Algorithm]) -> list[Key]:
    """The keys of a key set that can check a signature. Shared secrets are none, whatever the set says of them, and a
    key that can't be read does not spoil the others."""
    types = tuple(_TYPES[algorithm] for algorithm in algorithms)
    entries = document.get("keys")
    found: list[Key] = []
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or not _signs(entry, {kind.key_type for kind in types}):
            continue
        try:
            key = JWKRegistry.import_key(entry)
        except (JoseError, ValueError, TypeError):
            continue
        if isinstance(key, types):
            found.append(key)
    return found


def _signs(entry: Mapping[str, Any], kinds: Collection[str]) -> bool:
    """Whether it is meant to sign, and strong enough to be believed (RFC 7518, section 3.3)."""
    if entry.get("kty") not in kinds or entry.get("use", "sig") != "sig":
        return False
    return entry["kty"] != RSAKey.key_type or len(str(entry.get("n", ""))) >= _SHORTEST_MODULUS


def fitting(keys: Sequence[Key], signature: Signature) -> list[Key]:
    """Those that may have signed: keys for that algorithm, of that id unless the token names none."""
    return [
        key
        for key in keys
        if isinstance(key, _TYPES[signature.algorithm])
        and key.alg in {None, signature.algorithm}
        and (signature.kid is None or signature.kid == key.kid)
    ]


def half_hash(text: str, algorithm: Algorithm) -> str:
    """The left half of the text's hash, in base64 for URLs (OpenID Connect Core 1.0, section 3.1.3.6)."""
    digest = _HASHES[algorithm](text.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _registry_of(algorithms: Collection[str]) -> JWSRegistry:
    registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
    registry.max_header_length = 4096  # some providers put certificates in
    known = {name: copy.copy(JWSRegistry.algorithms[name]) for name in algorithms}
    if Algorithm.EDDSA in known:
        # RFC 9864 would have it called `Ed25519`, and joserfc warns of the old name, which providers still use.
        known[Algorithm.EDDSA].security_warning = None
    registry.algorithms = known
    return registry


def _same(given: object, expected: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())


def _refused(problem: str) -> Unauthenticated:
    return Unauthenticated(
        f"the provider's ID token is not accepted: {problem}",
        hint="sign in again; if it stays so, compare client, issuer and clock of both sides",
    )
