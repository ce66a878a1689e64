"""Turns what a caller shows into a Principal: who it is, in which project, and what it may do there.

Everybody's credentials are looked up in the database once and remembered for two seconds, under a keyed hash of what
was shown. So a request costs no query as a rule, what one process takes back holds in another one two seconds later at
most, and in the same process from the next request on.
"""

from __future__ import annotations

import hmac
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property
from threading import Lock
from typing import Literal

from alma.core.model.access import DEFAULT_PROJECT, ApiKey
from alma.core.model.credential import KEY, LONGEST, Credential, Peppers
from alma.core.model.errors import NotFound, Unauthenticated
from alma.core.model.principal import LOCAL, Principal, PrincipalKind, Source
from alma.core.ports import Clock, Repositories
from alma.core.ports.access import AccessTokens
from alma.core.services.access import AccessChanges
from alma.core.services.slowing import Slowing
from alma.core.services.whoever import Whoever, is_closed, whoever

REMEMBERED_SECONDS = 2.0
_MEMORY = 10_000


class Unsettled(Enum):
    """What is not known without looking it up."""

    LOOK_UP = "look up"


LOOK_UP: Literal[Unsettled.LOOK_UP] = Unsettled.LOOK_UP


@dataclass(slots=True)
class _Known:
    """Somebody, as of a moment."""

    who: Whoever
    until: float
    version: int
    principals: dict[str | None, Principal] = field(default_factory=dict)


class Authenticator:
    """Callers of one installation. `at_once` never waits; `look_up` reads the database: call it in a thread."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        clock: Clock,
        tokens: AccessTokens,
        peppers: Peppers,
        changes: AccessChanges,
        slowing: Slowing,
        configured: Sequence[str] = (),
        local_token: str | None = None,
        enabled: bool | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`configured`: administrators' keys of the settings. `enabled` None: as soon as there is a key or an account.
        `local_token`: whoever shows it holds the data directory."""
        self._repositories = repositories
        self._clock = clock
        self._tokens = tokens
        self._peppers = peppers
        self._changes = changes
        self._slowing = slowing
        self._now = now
        # Of this process alone: it names what is remembered, and is kept nowhere.
        self._salt = os.urandom(32)
        self._configured, self._local_token = configured, local_token
        self._enabled = True if enabled is None and configured else enabled
        self._open_until, self._open_version = 0.0, -1
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._used: dict[str, datetime] = {}
        self._lock = Lock()

    def at_once(
        self, credential: str | None, project: str | None, source: Source
    ) -> Principal | Literal[Unsettled.LOOK_UP] | None:
        """The caller, None for nobody, LOOK_UP for who is not remembered."""
        now = self._now()
        if self._enabled is None or not self._enabled:
            usual = self._open(now) and project in {None, DEFAULT_PROJECT}
            return _from(LOCAL, source) if usual else LOOK_UP
        if credential is None:
            return None
        if len(credential) > LONGEST:
            return LOOK_UP
        known = self._known.get(self._name(credential))
        if known is None or now >= known.until or known.version != self._changes.version:
            return LOOK_UP
        principal = known.principals.get(project)
        return LOOK_UP if principal is None else _from(principal, source)

    def look_up(
        self, credential: str | None, project: str | None, source: Source
    ) -> Principal | None:
        """The caller; None for nobody. Raises Unauthenticated for wrong credentials, RateLimited for too many of them,
        NotFound for a project that is not there for this caller, DatabaseUnavailable."""
        if not self.required():
            return _from(self._in_project(LOCAL_WHOEVER, project), source)
        if credential is None:
            return None
        name = self._name(credential)
        known = self._known.get(name)
        if known is None or self._now() >= known.until or known.version != self._changes.version:
            known = self._recognised(name, credential, source)
        principal = self._in_project(known.who, project)
        known.principals[project] = principal
        return _from(principal, source)

    def required(self) -> bool:
        """Whether callers have to be known. Raises DatabaseUnavailable when that can't be told: nobody is let in on a
        guess."""
        if self._enabled is not None:
            return self._enabled
        now, version = self._now(), self._changes.version
        if self._open(now):
            return False
        with self._repositories.read() as transaction:
            anybody = transaction.accounts.any() or transaction.api_keys.any()
        if anybody:
            # Neither accounts nor keys are ever removed: from now on for good.
            self._enabled = True
        else:
            self._open_until, self._open_version = now + REMEMBERED_SECONDS, version
        return anybody

    def projects(self, principal: Principal) -> Mapping[str, frozenset[str]] | None:
        """The projects that a caller is a member of, with its roles there; None for all there are."""
        with self._repositories.read() as transaction:
            who = whoever(transaction, principal.id, self._clock.now())
        if who is None or who.everywhere:
            return None
        return {
            name: who.roles.get(name, frozenset())
            for name in who.permissions
            if who.only in {None, name}
        }

    def note_uses(self) -> None:
        """Writes down when keys were last used: now and then, since nobody's request should wait for it."""
        with self._lock:
            used, self._used = self._used, {}
        if used:
            with self._repositories.write() as transaction:
                transaction.api_keys.used(used)

    # ── who it is ──────────────────────────────────────────────────────────────────────────────

    def _open(self, now: float) -> bool:
        if self._enabled is not None:
            return not self._enabled
        return now < self._open_until and self._open_version == self._changes.version

    def _name(self, credential: str) -> bytes:
        return hmac.digest(self._salt, credential.encode("utf-8", "surrogatepass"), "sha256")

    @cached_property
    def _fixed(self) -> Mapping[bytes, Whoever]:
        found = {
            self._name(key): Whoever(
                f"key:configured-{self._peppers.label(key)}",
                kind=PrincipalKind.KEY,
                everywhere=True,
                administrator=True,
            )
            for key in self._configured
        }
        local = self._local_token
        return found | ({self._name(local): LOCAL_WHOEVER} if local else {})

    def _recognised(self, name: bytes, credential: str, source: Source) -> _Known:
        now, version = self._now(), self._changes.version
        who = self._fixed.get(name)
        seconds = REMEMBERED_SECONDS
        if who is None:
            who, seconds = self._shown(credential, source)
        known = _Known(who, now + min(seconds, REMEMBERED_SECONDS), version)
        with self._lock:
            self._known.pop(name, None)
            self._known[name] = known
            while len(self._known) > _MEMORY:
                self._known.popitem(last=False)
        return known

    def _shown(self, text: str, source: Source) -> tuple[Whoever, float]:
        """Who shows that, and for how many seconds it holds."""
        if len(text) > LONGEST:
            raise _wrong()
        credential = Credential.read(text)
        if credential is None and text.count(".") == 2:
            return self._with_token(text)
        self._slowing.refuse_if_slowed(source.address)
        if credential is None or credential.kind != KEY:
            self._slowing.failed(source.address)
            raise _wrong()
        return self._with_key(credential, source)

    def _with_token(self, text: str) -> tuple[Whoever, float]:
        claims, now = self._tokens.read(text), self._clock.now()
        with self._repositories.read() as transaction:
            who = whoever(transaction, claims.subject, now)
        if who is None or who.generation != claims.generation:
            raise Unauthenticated(
                "this sign-in was ended", hint="sign in again, if the account is still yours to use"
            )
        return who, max(0.0, claims.expires_at - now.timestamp())

    def _with_key(self, credential: Credential, source: Source) -> tuple[Whoever, float]:
        now = self._clock.now()
        with self._repositories.read() as transaction:
            stored = transaction.api_keys.hash_of(credential.id)
            key = transaction.api_keys.find(credential.id)
            who = whoever(transaction, f"key:{credential.id}", now)
            closed = key is not None and who is None and is_closed(transaction, key)
        if stored is None or not self._peppers.matches(stored, credential.text):
            self._slowing.failed(source.address)
            raise _wrong()
        if key is None or who is None:
            raise _over(key, now, closed=closed)
        if not self._peppers.is_current(stored):
            with self._repositories.write() as transaction:
                transaction.api_keys.set_hash(key.id, self._peppers.hash(credential.text))
        with self._lock:
            self._used[key.id] = now
        left = (key.expires_at - now).total_seconds() if key.expires_at else REMEMBERED_SECONDS
        return who, left

    # ── where ──────────────────────────────────────────────────────────────────────────────────

    def _in_project(self, who: Whoever, project: str | None) -> Principal:
        if project is None or project == who.only:
            return who.principal(who.usual_project)
        if who.only is not None or not (who.everywhere or project in who.permissions):
            raise _no_project(project)
        if who.everywhere and project != DEFAULT_PROJECT:
            with self._repositories.read() as transaction:
                if not transaction.accounts.project_exists(project):
                    raise _no_project(project)
        return who.principal(project)


LOCAL_WHOEVER = Whoever("local", kind=PrincipalKind.LOCAL, everywhere=True, administrator=True)


def _from(principal: Principal, source: Source) -> Principal:
    return principal.model_copy(update={"source": source})


def _wrong() -> Unauthenticated:
    return Unauthenticated(
        "this key or token is not valid", hint="check that it was copied whole, or get a new one"
    )


def _over(key: ApiKey | None, now: datetime, *, closed: bool) -> Unauthenticated:
    """Told to whoever has shown the right secret."""
    if key is None:
        return _wrong()
    if key.revoked_at is not None:
        why = "was revoked"
    elif key.expires_at is not None and key.expires_at <= now:
        why = "has expired"
    elif closed:
        why = "ended with its project, which is archived"
    else:
        why = "ended with the account or key that made it"
    return Unauthenticated(
        f"the key '{key.name}' {why}", hint="get a new one from an administrator of the project"
    )


def _no_project(project: str) -> NotFound:
    return NotFound(
        f"project '{project[:80]}' does not exist", hint="a list of projects shows yours"
    )
