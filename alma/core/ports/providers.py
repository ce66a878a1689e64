"""What the core asks of whoever vouches for people: an identity provider, and the sign-ins that wait for one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from alma.core.model.identity import Departure, Grant, Identity, ProviderRules
from alma.core.model.pending import PendingKind, PendingLogin


class IdentityProvider(Protocol):
    """One provider that people may sign in through. Used from any event loop."""

    @property
    def name(self) -> str:
        """Its name in configuration and addresses."""

    @property
    def title(self) -> str:
        """What a page calls it."""

    @property
    def rules(self) -> ProviderRules: ...

    async def address(self, departure: Departure) -> str:
        """Where the browser goes. Raises ProviderError."""

    async def check_sender(self, issuer: str | None) -> None:
        """`issuer`: who says that it sent the browser back (RFC 9207). Raises Unauthenticated where that is another,
        ProviderError."""

    async def identity(self, code: str, departure: Departure) -> Identity:
        """Who came back with that code. Raises Unauthenticated for a code or a token that does not hold, ProviderError
        when the provider does not answer, or not as it should."""


class PendingLoginRepository(Protocol):
    """Sign-ins that wait. What has expired is there until it is forgotten: whoever finds it decides."""

    def add(self, pending: PendingLogin) -> None:
        """Raises Conflict for a user code that is taken."""

    def find(self, id_: str, kind: PendingKind) -> PendingLogin | None:
        """Locked until the transaction ends, so that of two who come for it, one comes second."""

    def find_by_code(self, user_code: str, *, locked: bool) -> PendingLogin | None: ...

    def change(self, pending: PendingLogin) -> None:
        """Keeps account, facts and settled_at."""

    def remove(self, id_: str) -> None: ...

    def count(self, kind: PendingKind, *, origin: str | None = None) -> int:
        """How many there are; with `origin`, from there."""

    def forget(self, before: datetime) -> None:
        """Removes what expired before a moment."""


class ProvidedRoleRepository(Protocol):
    """Roles that people hold because a provider says so: beside those that people have given them."""

    def replace(self, principal: str, *, provider: str, grants: Collection[Grant]) -> bool:
        """From now on the principal holds these through that provider, and no others through it; whether that changed
        anything. Grants in projects that don't exist give nothing."""
