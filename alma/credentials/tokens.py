"""Signs and reads access tokens: JSON Web Tokens (RFC 7519, in the profile of RFC 9068) that this installation made.

The one algorithm is HS256, with a key derived from a data key, and no token's header can say otherwise: what claims to
be signed with another one, or with none, is refused before anything in it is believed. Who reads tokens is who makes
them, so a shared key is right, and nobody outside has a public key to confuse it with. Tokens signed under an earlier
key are read until they expire.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from alma.core.model.credential import FixedKeys
from alma.core.model.errors import Unauthenticated
from alma.core.ports.access import Claims

if TYPE_CHECKING:
    from joserfc.jwk import OctKey
    from joserfc.jwt import JWTClaimsRegistry

    from alma.core.model.credential import DerivedKeys

ALGORITHMS = ["HS256"]
ISSUER = "alma"
AUDIENCE = "alma-api"
TYPE = "at+jwt"
LEEWAY_SECONDS = 30
_LONGEST = 4096


class SignedTokens:
    """`AccessTokens`. The first key signs, every key reads what it signed. `now`: seconds since 1970. Each call may
    raise what the keys raise."""

    def __init__(
        self, keys: DerivedKeys | Sequence[bytes], *, now: Callable[[], float] = time.time
    ) -> None:
        self._source = FixedKeys(keys) if isinstance(keys, Sequence) else keys
        self._named: tuple[Sequence[bytes], Mapping[str, OctKey]] = ((), {})
        self._now = now

    def _keys(self) -> Mapping[str, OctKey]:
        from joserfc.jwk import OctKey

        keys, named = self._named
        if keys is not self._source.keys():
            keys = self._source.keys()
            named = {_key_id(key): OctKey.import_key(key) for key in keys}
            self._named = (keys, named)
        return named

    @cached_property
    def _rules(self) -> JWTClaimsRegistry:
        from joserfc.jwt import JWTClaimsRegistry

        needed: dict[str, Any] = {
            name: {"essential": True} for name in ("exp", "iat", "nbf", "sub", "jti")
        }
        return JWTClaimsRegistry(
            now=lambda: int(self._now()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            **needed,
        )

    def issue(self, subject: str, *, generation: int, seconds: int) -> str:
        """A token for an account's principal id, for so many seconds."""
        from joserfc import jwt

        now = int(self._now())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": now,
            "nbf": now,
            "exp": now + seconds,
            "jti": uuid.uuid4().hex,
            "gen": generation,
        }
        key_id, key = next(iter(self._keys().items()))
        header = {"alg": ALGORITHMS[0], "typ": TYPE, "kid": key_id}
        return jwt.encode(header, claims, key, algorithms=ALGORITHMS)

    def read(self, token: str) -> Claims:
        """What a token says. Raises Unauthenticated, in the same words whatever is wrong but its age."""
        from joserfc import jwt
        from joserfc.errors import ExpiredTokenError, JoseError

        if len(token) > _LONGEST or not token.isascii():
            raise _refused()
        try:
            read = jwt.decode(token, self._key_of, algorithms=ALGORITHMS)
            if read.header.get("typ") != TYPE:
                raise _refused()
            self._rules.validate(read.claims)
            return _claims(read.claims)
        except ExpiredTokenError:
            raise Unauthenticated(
                "the access token has expired", hint="get a new one with the refresh token"
            ) from None
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise _refused() from None

    def _key_of(self, token: Any) -> OctKey:
        """By the header's `kid`, from ours alone: a key that a token brings along is not looked at."""
        key_id = str(token.headers().get("kid"))
        if key_id not in self._keys():
            self._source.renew()
        key = self._keys().get(key_id)
        if key is None:
            raise _refused()
        return key


def _claims(claims: Mapping[str, Any]) -> Claims:
    subject, generation, id_ = claims["sub"], claims["gen"], claims["jti"]
    if not (isinstance(subject, str) and isinstance(id_, str) and type(generation) is int):
        raise _refused()
    return Claims(subject, generation, id_, float(claims["exp"]))


def _refused() -> Unauthenticated:
    return Unauthenticated("the access token is not valid", hint="sign in again")


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"token key\0" + key).hexdigest()[:8]
