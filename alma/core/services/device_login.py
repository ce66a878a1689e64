"""Signing a device in that has no browser, by somebody who has one: RFC 8628.

The device shows a short code and asks again and again. Somebody who is signed in enters the code, sees what asks, and
allows it: the device is that person from then on. The short code is all that has to be guessed to be fooled, so
guessing is slow, and it is worth ten minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from alma.core.model.access import Account
from alma.core.model.errors import (
    Conflict,
    DeviceLoginError,
    Forbidden,
    NotFound,
    RateLimited,
    Unauthenticated,
)
from alma.core.model.pending import (
    PendingKind,
    PendingLogin,
    id_of,
    new_secret,
    new_user_code,
    read_user_code,
)
from alma.core.model.principal import Principal, PrincipalKind, Source
from alma.core.ports import Clock, Repositories, Transaction
from alma.core.services.signing_in import SignedIn, SigningIn
from alma.core.services.slowing import Slowing, network_of

WAITS = timedelta(minutes=10)
INTERVAL = 5
_SLOWER = 5
"""Seconds: how often a device may ask, and what is added for one that asks more often (RFC 8628, section 3.5)."""
_MOST = 1000
_MOST_OF_ONE = 50
"""How many may wait in all, and how many of one network: nobody alone keeps everybody else's devices out."""
_TRIES = 5
_LONGEST = 80


class Waiting(StrEnum):
    """Why a device gets no tokens."""

    PENDING = "authorization_pending"
    SLOW_DOWN = "slow_down"
    EXPIRED = "expired_token"
    DENIED = "access_denied"
    UNKNOWN = "invalid_grant"


@dataclass(frozen=True, slots=True)
class DeviceCodes:
    """What a device shows, and what it asks with. Seconds."""

    device_code: str
    user_code: str
    expires_in: int
    interval: int


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """What somebody decides on: `client` is what the device calls itself, `address` where it asked from."""

    user_code: str
    client: str
    address: str
    asked_at: datetime
    expires_at: datetime


class DeviceLogin:
    """Devices that wait. Every method reads and writes the database: call them in a thread."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        clock: Clock,
        signing_in: SigningIn,
        slowing: Slowing,
    ) -> None:
        self._repositories = repositories
        self._clock = clock
        self._signing_in = signing_in
        self._slowing = slowing

    def begin(self, client: str, source: Source) -> DeviceCodes:
        """New codes for a device. Raises RateLimited while too many wait."""
        secret, now, origin = new_secret(), self._clock.now(), network_of(source.address)
        with self._repositories.write() as transaction:
            transaction.pending_logins.forget(now)
            _require_room(transaction, origin)
            pending = PendingLogin(
                id=id_of(PendingKind.DEVICE, secret),
                kind=PendingKind.DEVICE,
                facts={
                    "client": _plain(client),
                    "address": source.address or "unknown",
                    "interval": str(INTERVAL),
                },
                created_at=now,
                expires_at=now + WAITS,
                origin=origin,
            )
            code = _added(transaction, pending)
        return DeviceCodes(secret, code, int(WAITS.total_seconds()), INTERVAL)

    def look(self, principal: Principal, user_code: str) -> DeviceRequest:
        """What would be allowed. Raises Forbidden for who is no person, NotFound for a code that waits for nobody,
        RateLimited after too many of those."""
        guesser = self._guess(principal)
        with self._repositories.read() as transaction:
            pending = self._found(transaction, user_code, locked=False)
        self._slowing.succeeded(*guesser)
        return self._asked(pending)

    def answer(self, principal: Principal, user_code: str, *, allowed: bool) -> DeviceRequest:
        """Lets the device be the caller, or sends it away. Raises like `look`."""
        guesser = self._guess(principal)
        with self._repositories.write() as transaction:
            pending = self._found(transaction, user_code, locked=True)
            settled: dict[str, Any] = {
                "settled_at": self._clock.now(),
                "account": principal.id if allowed else None,
            }
            account = transaction.accounts.find(principal.id)
            if account is not None:
                settled["facts"] = {**pending.facts, "generation": str(account.generation)}
            transaction.pending_logins.change(pending.model_copy(update=settled))
            transaction.audit.add(
                principal,
                action="device.allow" if allowed else "device.refuse",
                target=f"account/{principal.id.removeprefix('user:')}",
                after={"client": pending.facts["client"], "address": pending.facts["address"]},
                installation=True,
            )
        self._slowing.succeeded(*guesser)
        return self._asked(pending)

    def poll(self, device_code: str, source: Source) -> SignedIn:
        """The tokens of a device that was allowed in, once. Raises DeviceLoginError, which says why there are none:
        whoever has ended all sign-ins of their account since has ended this one, too."""
        with self._repositories.write() as transaction:
            found = self._polled(transaction, id_of(PendingKind.DEVICE, device_code))
        if isinstance(found, _Told):
            raise found.error()
        try:
            return self._signing_in.begin(found, source)
        except Unauthenticated:
            raise _Told(Waiting.DENIED).error() from None

    def _polled(self, transaction: Transaction, id_: str) -> Account | _Told:
        """The account that has allowed it, as it was then, or what the device is told. What that changes is kept."""
        pending, now = transaction.pending_logins.find(id_, PendingKind.DEVICE), self._clock.now()
        if pending is None:
            return _Told(Waiting.UNKNOWN)
        if pending.expires_at <= now:
            return _Told(Waiting.EXPIRED)
        if pending.settled_at is not None:
            transaction.pending_logins.remove(id_)
            return as_it_was(transaction, pending) or _Told(Waiting.DENIED)
        facts, interval = dict(pending.facts), int(pending.facts["interval"])
        early = "asked" in facts and now < datetime.fromisoformat(facts["asked"]) + timedelta(
            seconds=interval
        )
        interval += _SLOWER if early else 0
        facts |= {"asked": now.isoformat(), "interval": str(interval)}
        transaction.pending_logins.change(pending.model_copy(update={"facts": facts}))
        return _Told(Waiting.SLOW_DOWN if early else Waiting.PENDING, interval)

    def _guess(self, principal: Principal) -> tuple[str, str | None]:
        """Who guesses, from where. A code counts as guessed until it is found: a thousand at the same moment are a
        thousand guesses."""
        if principal.kind is not PrincipalKind.USER:
            raise Forbidden(
                f"{principal.id} can't sign a device in: it is no person",
                hint="sign in with an account",
            )
        guesser = f"device\0{principal.id}", principal.source.address
        self._slowing.begin(*guesser)
        return guesser

    def _found(self, transaction: Transaction, text: str, *, locked: bool) -> PendingLogin:
        code = read_user_code(text)
        pending = transaction.pending_logins.find_by_code(code, locked=locked) if code else None
        if pending is None or pending.settled_at or pending.expires_at <= self._clock.now():
            raise NotFound(
                "no device waits with this code",
                hint="compare it with what the device shows; after ten minutes it has to ask for a new one",
            )
        return pending

    def _asked(self, pending: PendingLogin) -> DeviceRequest:
        return DeviceRequest(
            user_code=pending.user_code or "",
            client=pending.facts["client"],
            address=pending.facts["address"],
            asked_at=pending.created_at,
            expires_at=pending.expires_at,
        )


_WORDS = {
    Waiting.PENDING: ("nobody has allowed this device yet", "ask again after the interval"),
    Waiting.SLOW_DOWN: ("this device asks too often", "ask again after the longer interval"),
    Waiting.EXPIRED: ("nobody has allowed this device in time", "ask for a new code"),
    Waiting.DENIED: ("this device was not allowed in", "ask for a new code, if that was a mistake"),
    Waiting.UNKNOWN: ("no device waits with this code", "ask for a new code"),
}


@dataclass(frozen=True, slots=True)
class _Told:
    """What a device gets instead of tokens."""

    why: Waiting
    interval: int | None = None

    def error(self) -> DeviceLoginError:
        message, hint = _WORDS[self.why]
        facts = {} if self.interval is None else {"interval": self.interval}
        return DeviceLoginError(message, hint=hint, details={"error": self.why.value, **facts})


def as_it_was(transaction: Transaction, pending: PendingLogin) -> Account | None:
    """Who settled a sign-in, in the generation of that moment; None for nobody."""
    account = transaction.accounts.find(pending.account) if pending.account else None
    if account is None:
        return None
    return account.model_copy(update={"generation": int(pending.facts.get("generation", -1))})


def _require_room(transaction: Transaction, origin: str | None) -> None:
    waiting = transaction.pending_logins
    if waiting.count(PendingKind.DEVICE) >= _MOST:
        whose = "too many devices wait to be signed in"
    elif origin is not None and waiting.count(PendingKind.DEVICE, origin=origin) >= _MOST_OF_ONE:
        whose = "too many devices at your address wait to be signed in"
    else:
        return
    raise RateLimited(
        whose, retry_after=60.0, hint="let those in that wait, or try again in some minutes"
    )


def _added(transaction: Transaction, pending: PendingLogin) -> str:
    for _ in range(_TRIES):
        code = new_user_code()
        try:
            transaction.pending_logins.add(pending.model_copy(update={"user_code": code}))
        except Conflict:
            continue
        return code
    raise RateLimited("no code is free", retry_after=60.0, hint="try again in a minute")


def _plain(text: str) -> str:
    """What a device calls itself, as one short line: it is shown to whoever decides."""
    return "".join(c for c in text if c.isprintable()).strip()[:_LONGEST] or "a device"
