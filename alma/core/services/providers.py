"""Signing in through an identity provider: from the button to the tokens, and nothing in between that can be stolen.

A sign-in under way is a row that is used once, found by the state that went to the provider, and bound to the browser
by a secret that only its cookie has. So nobody can finish a sign-in that another browser began, in either direction.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from alma.core.model.access import Account
from alma.core.model.errors import (
    InvalidInput,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Unauthenticated,
)
from alma.core.model.identity import Departure
from alma.core.model.pending import PendingKind, PendingLogin, id_of, new_secret
from alma.core.model.principal import Source
from alma.core.ports import Clock, Repositories
from alma.core.ports.providers import IdentityProvider
from alma.core.services.admitting import Admission
from alma.core.services.device_login import as_it_was
from alma.core.services.signing_in import SignedIn, SigningIn

WAITS = timedelta(minutes=10)
"""For how long somebody may be away at a provider."""
HANDED_OVER = timedelta(minutes=1)
_MOST = 10_000
_LONGEST_NEXT = 2000
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]):([1-9]\d{0,4})(/[A-Za-z0-9/_-]{0,100})?")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_STATE = re.compile(r"[A-Za-z0-9._~-]{0,200}")
# What a provider may say instead of a code (RFC 6749, section 4.1.2.1; OpenID Connect Core 1.0, section 3.1.2.6).
_SETTINGS = frozenset({"invalid_request", "unauthorized_client", "invalid_scope"})
_SETTINGS |= {"unsupported_response_type", "request_not_supported", "registration_not_supported"}
_BUSY = frozenset({"server_error", "temporarily_unavailable"})
_PERSON = frozenset({"access_denied", "interaction_required", "login_required"})
_PERSON |= {"account_selection_required", "consent_required"}


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a sign-in leads: a page of this server, or a command line that waits at `loopback` on the same machine and
    shows the verifier of `challenge` there."""

    next: str = "/"
    loopback: str | None = None
    challenge: str | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """Where the browser goes, and the secret that it has to bring back."""

    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What a provider sends a browser back with. Nothing of it is believed yet."""

    state: str | None = None
    code: str | None = None
    error: str | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody who is in: with tokens, or with a code that their command line gets them for."""

    onward: Onward
    signed_in: SignedIn | None = None
    handover: str | None = None


class ProviderSignIn:
    """Sign-ins through the providers of an installation."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        clock: Clock,
        providers: Mapping[str, IdentityProvider],
        admission: Admission,
        signing_in: SigningIn,
    ) -> None:
        self._repositories = repositories
        self._clock = clock
        self._providers = providers
        self._admission = admission
        self._signing_in = signing_in

    def list(self) -> Sequence[IdentityProvider]:
        """Every provider that people may sign in through."""
        return tuple(self._providers.values())

    async def start(self, name: str, *, callback: str, onward: Onward) -> Started:
        """Sends somebody off to a provider, to come back to `callback`. Raises NotFound, InvalidInput for where it is
        to lead, ProviderError, RateLimited while too many are away."""
        provider = self._provider(name)
        check_onward(onward)
        departure = Departure(
            redirect_uri=callback, state=new_secret(), nonce=new_secret(), verifier=new_secret()
        )
        address = await provider.address(departure)
        browser = new_secret()
        await asyncio.to_thread(self._keep, provider.name, departure, onward, browser)
        return Started(address, browser)

    async def finish(
        self, name: str, answer: ProviderAnswer, *, browser: str | None, source: Source
    ) -> Arrived:
        """Lets in who comes back. Raises NotFound, Unauthenticated for whatever does not fit together, Forbidden for
        people who are not let in, ProviderError."""
        provider = self._provider(name)
        departure, onward = await asyncio.to_thread(
            self._taken, provider.name, answer.state, browser
        )
        await provider.check_sender(answer.issuer)
        if answer.error is not None or not answer.code:
            raise _refused(provider.title, answer.error)
        identity = await provider.identity(answer.code, departure)
        account = await asyncio.to_thread(
            self._admission.admit, identity, provider=provider.name, rules=provider.rules
        )
        if onward.loopback is None:
            signed_in = await asyncio.to_thread(self._signing_in.begin, account, source)
            return Arrived(onward, signed_in=signed_in)
        code = await asyncio.to_thread(self._handed_over, account, onward)
        return Arrived(onward, handover=code)

    def redeem(self, code: str, verifier: str, source: Source) -> SignedIn:
        """The tokens that a command line's browser has got it: once, and only for whoever began. Reads and writes the
        database: call it in a thread. Raises Unauthenticated."""
        with self._repositories.write() as transaction:
            id_ = id_of(PendingKind.HANDOVER, code)
            pending = transaction.pending_logins.find(id_, PendingKind.HANDOVER)
            transaction.pending_logins.remove(id_)
            account = None
            if pending is not None:
                account = as_it_was(transaction, pending)
        # What was found is gone by now, whatever comes of it: a code is tried once.
        if pending is None or account is None or pending.expires_at <= self._clock.now():
            raise _unknown()
        if not hmac.compare_digest(pending.facts["challenge"], challenge_of(verifier)):
            raise _unknown()
        return self._signing_in.begin(account, source)

    # ── what waits ───────────────────────────────────────────────────────────────────────────────

    def _provider(self, name: str) -> IdentityProvider:
        found = self._providers.get(name)
        if found is None:
            raise NotFound(
                f"there is no identity provider '{name[:80]}'",
                hint=f"there are: {', '.join(self._providers) or 'none'}",
            )
        return found

    def _keep(self, provider: str, departure: Departure, onward: Onward, browser: str) -> None:
        now = self._clock.now()
        pending = PendingLogin(
            id=id_of(PendingKind.PROVIDER, departure.state),
            kind=PendingKind.PROVIDER,
            facts={
                "provider": provider,
                "redirect_uri": departure.redirect_uri,
                "nonce": departure.nonce,
                "verifier": departure.verifier,
                "browser": id_of(PendingKind.PROVIDER, browser),
                "next": onward.next,
                "loopback": onward.loopback or "",
                "challenge": onward.challenge or "",
                "state": onward.state,
            },
            created_at=now,
            expires_at=now + WAITS,
        )
        with self._repositories.write() as transaction:
            transaction.pending_logins.forget(now)
            if transaction.pending_logins.count(PendingKind.PROVIDER) >= _MOST:
                raise RateLimited(
                    "too many people are signing in at once", retry_after=60.0, hint="try again"
                )
            transaction.pending_logins.add(pending)

    def _taken(
        self, provider: str, state: str | None, browser: str | None
    ) -> tuple[Departure, Onward]:
        """A sign-in under way, which ends with this. One that another browser began goes on waiting for that one."""
        if not state or not browser:
            raise _unknown()
        with self._repositories.write() as transaction:
            id_ = id_of(PendingKind.PROVIDER, state)
            pending = transaction.pending_logins.find(id_, PendingKind.PROVIDER)
            if pending is None or not _is_own(pending, provider, browser):
                raise _unknown()
            transaction.pending_logins.remove(id_)
        if pending.expires_at <= self._clock.now():
            raise _unknown()
        facts = pending.facts
        departure = Departure(
            redirect_uri=facts["redirect_uri"],
            state=state,
            nonce=facts["nonce"],
            verifier=facts["verifier"],
        )
        loopback, challenge = facts["loopback"] or None, facts["challenge"] or None
        return departure, Onward(facts["next"], loopback, challenge, facts["state"])

    def _handed_over(self, account: Account, onward: Onward) -> str:
        code, now = new_secret(), self._clock.now()
        pending = PendingLogin(
            id=id_of(PendingKind.HANDOVER, code),
            kind=PendingKind.HANDOVER,
            account=account.id,
            facts={
                "challenge": onward.challenge or "",
                "generation": str(account.generation),
            },
            created_at=now,
            expires_at=now + HANDED_OVER,
            settled_at=now,
        )
        with self._repositories.write() as transaction:
            transaction.pending_logins.add(pending)
        return code


def challenge_of(verifier: str) -> str:
    """PKCE's S256 (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def check_onward(onward: Onward) -> None:
    """Raises InvalidInput for whatever would lead away from this server or this machine."""
    if not is_own_page(onward.next):
        raise InvalidInput(
            "next must be a page of this server, such as /blueprints",
            hint="begin it with one / and leave the server out",
        )
    if onward.loopback is None:
        return
    found = _LOOPBACK.fullmatch(onward.loopback)
    if not found or int(found[2]) > 65_535:
        raise InvalidInput(
            "redirect must be on this machine", hint="write it like http://127.0.0.1:9000/signed-in"
        )
    if not _CHALLENGE.fullmatch(onward.challenge or "") or not _STATE.fullmatch(onward.state):
        raise InvalidInput(
            "a redirect needs a code_challenge (S256), and a state of letters and digits",
            hint="only who began may fetch the tokens, and shows it with the challenge's verifier",
        )


def is_own_page(path: str) -> bool:
    """Whether a browser that is sent there stays here: browsers read `//x` and `/\\x` as another server's name."""
    plain = len(path) <= _LONGEST_NEXT and path.isascii() and path.isprintable()
    return plain and path.startswith("/") and not path.startswith("//") and "\\" not in path


def _is_own(pending: PendingLogin, provider: str, browser: str) -> bool:
    shown = id_of(PendingKind.PROVIDER, browser)
    same_browser = hmac.compare_digest(pending.facts["browser"], shown)
    return same_browser and pending.facts["provider"] == provider


def _unknown() -> Unauthenticated:
    return Unauthenticated(
        "this sign-in is not known here, was used already, or took too long",
        hint="start it again, in the same browser to its end",
    )


def _refused(title: str, error: str | None) -> Unauthenticated | ProviderError:
    # Only words of the specification are repeated: anybody can write an address with others.
    if error in _BUSY:
        return ProviderUnavailable(f"{title} can't sign anybody in now: {error}", hint="try again")
    if error in _PERSON:
        return Unauthenticated(f"{title} has not let you in: {error}", hint="start it again")
    said = f": {error}" if error in _SETTINGS else ""
    return ProviderError(
        f"{title} does not accept what ALMA asks for{said}",
        hint="compare client, scopes and redirect address in the settings of both sides",
    )
