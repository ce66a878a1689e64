"""People whom somebody else vouches for: what an identity provider says of them, and what ALMA makes of it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from alma.core.model.base import Frozen


class Grant(Frozen):
    """A role in a project."""

    project: str = Field(min_length=1, max_length=63)
    role: str = Field(min_length=1, max_length=63)


class ProviderRules(Frozen):
    """What signing in through a provider gives. Whatever is not said here gives nothing."""

    new_accounts: bool = Field(
        default=True,
        description="Whether people whom ALMA has not seen before get an account, without any role.",
    )
    roles: Mapping[str, tuple[Grant, ...]] = Field(
        default_factory=dict,
        description="The roles of each of the provider's groups. They come and go with the group.",
    )
    administrators: frozenset[str] = Field(
        default=frozenset(),
        description="Groups whose members administer the installation, for as long as they are in one.",
    )

    def grants(self, groups: tuple[str, ...]) -> frozenset[Grant]:
        """Every role that somebody in these groups holds."""
        return frozenset(grant for group in groups for grant in self.roles.get(group, ()))


class Departure(Frozen):
    """A browser on its way to a provider: what it takes along, and what has to come back with it."""

    redirect_uri: str
    state: str = Field(repr=False)
    nonce: str = Field(repr=False)
    verifier: str = Field(repr=False)


class Identity(Frozen):
    """A person, as a provider knows them. Issuer and subject together are who they are, for ever; all else may change,
    may be chosen by the person, and proves nothing."""

    issuer: str
    subject: str
    name: str | None = None
    display: str | None = None
    email: str | None = None
    groups: tuple[str, ...] = ()
