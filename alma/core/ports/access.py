"""What is kept of callers, and the arithmetic of passwords and tokens that libraries do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from alma.core.model.access import Account, ApiKey, Binding, RefreshToken


class AccountRepository(Protocol):
    """People who may sign in. Nothing here belongs to a project."""

    def add(self, account: Account, *, password: str | None = None) -> None:
        """`password`: its hash. Raises Conflict for a name, or an issuer's subject, that is taken."""

    def find(self, id_: str, *, locked: bool = False) -> Account | None:
        """`locked`: nobody else changes it until the transaction ends."""

    def find_subject(self, issuer: str, subject: str) -> Account | None:
        """The account that an identity provider knows by that name, locked until the transaction ends."""

    def list(self, *, after: str | None = None, skip: int = 0, limit: int) -> Sequence[Account]:
        """By name, those after a name."""

    def count(self) -> int: ...

    def password(self, id_: str) -> str | None:
        """The hash; None for an account without one, or that is none."""

    def change(self, account: Account) -> None:
        """Keeps display, email, administrator, issuer, subject, disabled_at and generation. Raises NotFound."""

    def set_password(self, id_: str, password: str) -> None:
        """Keeps a hash. Raises NotFound."""

    def any(self) -> bool:
        """Whether there is one."""

    def bindings(self, principal: str) -> Sequence[Binding]:
        """Every role that a principal holds in a project that is not archived."""

    def project_exists(self, project: str) -> bool: ...


class ApiKeyRepository(Protocol):
    """Keys of programs."""

    def add(self, key: ApiKey, *, hash_: str) -> None: ...

    def find(self, id_: str) -> ApiKey | None: ...

    def hash_of(self, id_: str) -> str | None: ...

    def set_hash(self, id_: str, hash_: str) -> None:
        """The same secret under another pepper."""

    def list(
        self,
        *,
        owner: str | None = None,
        project: str | None = None,
        after: str | None = None,
        skip: int = 0,
        limit: int,
    ) -> Sequence[ApiKey]:
        """By id, those after an id: of an owner, of a project, or all."""

    def count(self, *, owner: str | None = None, project: str | None = None) -> int: ...

    def revoke(self, id_: str, at: datetime) -> None:
        """From now on it opens nothing; doing so twice keeps the first moment."""

    def used(self, moments: Mapping[str, datetime]) -> None:
        """When each was last used."""

    def any(self) -> bool:
        """Whether there ever was one."""


class SessionRepository(Protocol):
    """Refresh tokens."""

    def add(self, token: RefreshToken, *, hash_: str) -> None: ...

    def find(self, id_: str) -> RefreshToken | None:
        """Locked until the transaction ends, so that of two who show the same one, one comes second."""

    def owner(self, id_: str) -> str | None:
        """Whose token it is."""

    def hash_of(self, id_: str) -> str | None: ...

    def use(self, id_: str, at: datetime) -> None: ...

    def end_family(self, family: str, at: datetime) -> None:
        """Revokes every token of one sign-in."""

    def end_all(self, account: str, at: datetime) -> None:
        """Revokes every token of an account."""

    def forget(self, before: datetime) -> int:
        """Removes what expired before a moment, and says how many."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says, once its signature, its time, its issuer and its audience were found right."""

    subject: str
    generation: int
    id: str
    expires_at: float


class AccessTokens(Protocol):
    """Short-lived signed tokens."""

    def issue(self, subject: str, *, generation: int, seconds: int) -> str: ...

    def read(self, token: str) -> Claims:
        """Raises Unauthenticated for whatever is not a token of ours that holds now."""


class PasswordHashes(Protocol):
    """Slow hashes: off the event loop, and only so many at once."""

    async def make(self, password: str) -> str:
        """Raises RateLimited when too many wait."""

    async def matches(self, hash_: str | None, password: str) -> bool:
        """False for None, after the same time: whoever asks can't tell whether there is a hash. Raises RateLimited when
        too many wait."""

    def is_current(self, hash_: str) -> bool:
        """Whether it was made as slow as it is made today."""
