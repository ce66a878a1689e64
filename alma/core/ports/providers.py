"""What the core asks of whoever vouches for people: an identity provider, and the sign-ins that wait for one."""

from __future__ import annotations

from typing import Protocol

from alma.core.model.identity import Departure, Identity, ProviderRules


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

    def check_sender(self, issuer: str | None) -> None:
        """`issuer`: who says that it sent the browser back (RFC 9207). Raises Unauthenticated where that is another."""

    async def identity(self, code: str, departure: Departure) -> Identity:
        """Who came back with that code. Raises Unauthenticated for a code or a token that does not hold, ProviderError
        when the provider does not answer, or not as it should."""
