"""One OpenID provider as the core sees it: the authorization code flow with PKCE, from the way there to who came back.

The libraries are imported by the first sign-in, not before: most processes never see one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alma.core.model.errors import ProviderError, Unauthenticated
from alma.core.model.identity import Departure, Identity, ProviderRules
from alma.oidc.claims import identity_of, listed
from alma.oidc.settings import ProviderSettings

if TYPE_CHECKING:
    from joserfc.jwk import Key

    from alma.oidc.fetching import Fetching
    from alma.oidc.id_tokens import Expected, Signature
    from alma.oidc.metadata import Metadata

KEPT_SECONDS = 3600.0
"""For how long documents and keys are taken for true without asking again."""
_ROTATION_SECONDS = 10.0
_REFUSED = frozenset({"invalid_grant", "access_denied"})


@dataclass(frozen=True)
class _Kept:
    """What a provider has told, and when."""

    metadata: Metadata
    keys: tuple[Key, ...]
    at: float


class OidcProvider:
    """`IdentityProvider` over OpenID Connect. `now` and `ticks` give seconds: of the calendar, and of a clock that
    nobody sets."""

    def __init__(
        self,
        name: str,
        settings: ProviderSettings,
        *,
        now: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._settings = settings
        self._now = now
        self._ticks = ticks
        self._kept: _Kept | None = None
        self._wire: Fetching | None = None

    @property
    def name(self) -> str:
        """Its name in configuration and addresses."""
        return self._name

    @property
    def title(self) -> str:
        """What a page calls it."""
        return self._settings.title or self._name

    @property
    def rules(self) -> ProviderRules:
        """What signing in through it gives."""
        return self._settings.rules

    async def address(self, departure: Departure) -> str:
        """Where the browser goes. Raises ProviderError."""
        metadata = (await self._known()).metadata
        return await asyncio.to_thread(self._address, metadata, departure)

    def _address(self, metadata: Metadata, departure: Departure) -> str:
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        url: str = prepare_grant_uri(
            metadata.authorization_endpoint,
            client_id=self._settings.client_id,
            response_type="code",
            redirect_uri=departure.redirect_uri,
            scope=" ".join(self._settings.scopes),
            state=departure.state,
            nonce=departure.nonce,
            code_challenge=create_s256_code_challenge(departure.verifier),
            code_challenge_method="S256",
        )
        return url

    async def check_sender(self, issuer: str | None) -> None:
        """Against a provider that has another one's browser come back here (RFC 9207). Raises Unauthenticated,
        ProviderError. The browser may have left from another process: what the provider is like is asked anew."""
        if issuer is None and not (await self._known()).metadata.names_itself:
            return
        if issuer != self._settings.issuer:
            raise Unauthenticated(
                f"this answer does not come from {self.title}",
                hint="start the sign-in again, from the page that you know",
            )

    async def identity(self, code: str, departure: Departure) -> Identity:
        """Who came back with that code. Raises Unauthenticated, ProviderError."""
        known = await self._known()
        tokens = await self._redeemed(known.metadata, code, departure)
        claims = await self._checked(known, tokens, departure)
        if not listed(claims, self._settings.roles.claim) and known.metadata.userinfo_endpoint:
            claims = await self._asked(known.metadata.userinfo_endpoint, tokens, claims)
        return identity_of(claims, self._settings, title=self.title)

    # ── tokens ───────────────────────────────────────────────────────────────────────────────────

    async def _redeemed(
        self, metadata: Metadata, code: str, departure: Departure
    ) -> dict[str, str]:
        """The tokens that the code is worth, together with the verifier that only this sign-in knows."""
        headers, body = await asyncio.to_thread(self._request, metadata, code, departure)
        status, answer = await self._http().ask(
            "POST", metadata.token_endpoint, headers=headers, body=body
        )
        answer = answer or {}
        if "error" in answer or status >= 400:
            raise self._refusal(answer.get("error"), status)
        tokens = {name: answer.get(name) for name in ("id_token", "access_token")}
        if not all(isinstance(token, str) for token in tokens.values()):
            raise self._http().unusable("gave no ID token: is `openid` among the scopes?")
        return {name: str(token) for name, token in tokens.items()}

    def _request(
        self, metadata: Metadata, code: str, departure: Departure
    ) -> tuple[dict[str, str], str]:
        from authlib.oauth2.auth import ClientAuth
        from authlib.oauth2.rfc6749.parameters import prepare_token_request

        body = prepare_token_request(
            "authorization_code",
            redirect_uri=departure.redirect_uri,
            code=code,
            code_verifier=departure.verifier,
        )
        secret = self._settings.client_secret
        method = self._settings.client_authentication or metadata.client_authentication(
            secret=secret is not None
        )
        client = ClientAuth(
            self._settings.client_id, secret.get_secret_value() if secret else "", str(method)
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        _, headers, body = client.prepare("POST", metadata.token_endpoint, headers, body)
        return headers, body

    def _refusal(self, error: object, status: int) -> ProviderError | Unauthenticated:
        # Only words of the specification are repeated: what else a provider writes is not ours to show.
        if error in _REFUSED:
            return Unauthenticated(
                f"{self.title} does not take this sign-in: {error}",
                hint="start the sign-in again: its code is used, old, or not the one that was asked for",
            )
        if error in {"invalid_client", "unauthorized_client"}:
            return ProviderError(
                f"{self.title} does not know ALMA: {error}",
                hint="check client_id, client_secret and client_authentication in ALMA's settings",
            )
        return self._http().unusable(f"refused to give tokens (HTTP {status})")

    async def _checked(
        self, known: _Kept, tokens: Mapping[str, str], departure: Departure
    ) -> dict[str, Any]:
        expected = await asyncio.to_thread(self._expected, known.metadata)
        token = tokens["id_token"]
        signature = expected.signature(token)
        keys = await self._signers(known, signature)
        return await asyncio.to_thread(
            expected.check,
            token,
            keys,
            nonce=departure.nonce,
            access_token=tokens["access_token"],
        )

    def _expected(self, metadata: Metadata) -> Expected:
        from alma.oidc.id_tokens import Expected

        return Expected(
            issuer=self._settings.issuer,
            client_id=self._settings.client_id,
            algorithms=metadata.algorithms(self._settings.algorithms),
            leeway=self._settings.leeway_seconds,
            now=self._now,
        )

    async def _asked(
        self, url: str, tokens: Mapping[str, str], claims: dict[str, Any]
    ) -> dict[str, Any]:
        """The claims, with what the provider tells only when it is asked. It must speak of the same person (OpenID
        Connect Core 1.0, section 5.3.2), and never overrules what was signed."""
        more = await self._http().get(url, bearer=tokens["access_token"])
        if more.get("sub") != claims["sub"]:
            raise Unauthenticated(
                f"{self.title} tells of another person than the one who signed in",
                hint="start the sign-in again; if it stays so, the provider's operators should know",
            )
        return more | claims

    # ── what is kept ─────────────────────────────────────────────────────────────────────────────

    async def _known(self) -> _Kept:
        kept = self._kept
        if kept is None or self._ticks() - kept.at > KEPT_SECONDS:
            kept = self._kept = await self._discovered()
        return kept

    async def _discovered(self) -> _Kept:
        from alma.oidc.metadata import Metadata

        url = f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        document = await self._http().get(url)
        metadata = Metadata.read(document, issuer=self._settings.issuer, title=self.title)
        if not metadata.algorithms(self._settings.algorithms):
            raise self._http().unusable("signs ID tokens in no way that is accepted")
        return _Kept(metadata, await self._keys(metadata), self._ticks())

    async def _keys(self, metadata: Metadata) -> tuple[Key, ...]:
        document = await self._http().get(metadata.jwks_uri)
        return await asyncio.to_thread(self._usable, document, metadata)

    def _usable(self, document: Mapping[str, Any], metadata: Metadata) -> tuple[Key, ...]:
        from alma.oidc.id_tokens import usable_keys

        return tuple(usable_keys(document, metadata.algorithms(self._settings.algorithms)))

    async def _signers(self, known: _Kept, signature: Signature) -> list[Key]:
        """The keys that may have signed. One that nobody has seen yet is asked for: providers change their keys; but
        not again and again."""
        from alma.oidc.id_tokens import fitting

        found = fitting(known.keys, signature)
        if not found and self._ticks() - known.at > _ROTATION_SECONDS:
            keys = await self._keys(known.metadata)
            self._kept = _Kept(known.metadata, keys, self._ticks())
            found = fitting(keys, signature)
        return found

    def _http(self) -> Fetching:
        if self._wire is None:
            from alma.oidc.fetching import Fetching

            self._wire = Fetching(
                self.title,
                timeout=self._settings.timeout_seconds,
                ca_file=self._settings.ca_file,
            )
        return self._wire
