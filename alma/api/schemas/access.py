"""Accounts, keys and sign-ins as they are sent and shown. Of secrets, only new ones are shown, and each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import AwareDatetime, ConfigDict, Field

from alma.core.model.access import Account, ApiKey, Permission
from alma.core.model.base import Frozen
from alma.core.model.principal import Principal, PrincipalKind
from alma.core.services.keys import NewKey
from alma.core.services.signing_in import SignedIn


class Login(Frozen):
    """Who signs in. With `cookie`, a browser's page gets its refresh token as a cookie that no script can read."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"username": "ada", "password": "correct horse staple"}}
    )

    username: str = Field(min_length=1, max_length=128)
    password: str = Field(min_length=1, max_length=1024, repr=False)
    cookie: bool = False


class Refresh(Frozen):
    """The refresh token, where it did not come as a cookie."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"refresh_token": "almr_3d12502e6f90_…"}}
    )

    refresh_token: str | None = Field(default=None, max_length=400, repr=False)


class Logout(Frozen):
    """Which sign-in ends: the refresh token's, and with `everywhere` every one of the caller's."""

    model_config = ConfigDict(json_schema_extra={"example": {"everywhere": True}})

    refresh_token: str | None = Field(default=None, max_length=400, repr=False)
    everywhere: bool = False


class PasswordChange(Frozen):
    """One's own password, old and new."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "old_password": "correct horse staple",
                "new_password": "four other words now",
            }
        }
    )

    old_password: str = Field(min_length=1, max_length=1024, repr=False)
    new_password: str = Field(min_length=1, max_length=1024, repr=False)


class AccountView(Frozen):
    """A person that may sign in."""

    id: str
    name: str
    display: str | None
    email: str | None
    administrator: bool
    provider: str | None = Field(description="The issuer that the account came from.")
    has_password: bool
    disabled_at: datetime | None
    created_at: datetime


class SignedInView(Frozen):
    """Tokens. `access_token` goes into `Authorization: Bearer …`, `refresh_token` gets the next ones, once."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - a kind of token
    expires_in: int = Field(description="Seconds.")
    refresh_token: str | None = Field(
        description="None where it went into a cookie, or where a second tab has it already."
    )
    session_expires_at: datetime
    account: AccountView


class CallerView(Frozen):
    """Who is calling, and what that one may do in the project at hand."""

    id: str
    display: str | None
    kind: PrincipalKind
    administrator: bool
    owner: str | None = Field(description="Whose key it is.")
    project: str
    roles: Sequence[str]
    permissions: Sequence[Permission]
    projects: Mapping[str, Sequence[str]] | None = Field(
        description="The projects the caller is a member of, with its roles; None: all."
    )


class AccountCreate(Frozen):
    """A new account. Without a password it can sign in only by a provider."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "ada", "password": "correct horse staple"}}
    )

    name: str = Field(min_length=1, max_length=128)
    password: str | None = Field(default=None, max_length=1024, repr=False)
    display: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=320)
    administrator: bool = Field(default=False, description="Everything, in every project.")


class AccountChange(Frozen):
    """What is to change; the rest stays."""

    model_config = ConfigDict(json_schema_extra={"example": {"disabled": True}})

    disabled: bool | None = None
    administrator: bool | None = None


class NewPassword(Frozen):
    """A password that an administrator gives."""

    model_config = ConfigDict(json_schema_extra={"example": {"password": "four other words now"}})

    password: str = Field(min_length=1, max_length=1024, repr=False)


class KeyCreate(Frozen):
    """A new key for the project at hand."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"name": "ci", "permissions": ["blueprint:read", "plan:make"]}
        }
    )

    name: str = Field(min_length=1, max_length=100)
    permissions: frozenset[Permission] | None = Field(
        default=None, description="All it may do; all that you may, if unset."
    )
    administrator: bool = Field(
        default=False, description="Everything, in every project: only an administrator's to give."
    )
    expires_at: AwareDatetime | None = None


class KeyView(Frozen):
    """A key, without its secret."""

    id: str
    name: str
    owner: str
    project: str | None
    permissions: Sequence[Permission]
    administrator: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute, roughly.")


class NewKeyView(KeyView):
    """A key that was just made, with its text: the only time that it is shown."""

    secret: str = Field(description="Keep it now: nobody can show it again.")


def account_view(account: Account) -> AccountView:
    """As it is shown."""
    return AccountView(
        id=account.id,
        name=account.name,
        display=account.display,
        email=account.email,
        administrator=account.administrator,
        provider=account.issuer,
        has_password=account.has_password,
        disabled_at=account.disabled_at,
        created_at=account.created_at,
    )


def signed_in_view(found: SignedIn, *, cookie: bool) -> SignedInView:
    """As it is shown; `cookie`: the refresh token goes another way."""
    return SignedInView(
        access_token=found.access_token,
        expires_in=found.expires_in,
        refresh_token=None if cookie else found.refresh_token,
        session_expires_at=found.session_expires_at,
        account=account_view(found.account),
    )


def caller_view(principal: Principal, projects: Mapping[str, frozenset[str]] | None) -> CallerView:
    """As it is shown."""
    return CallerView(
        id=principal.id,
        display=principal.display,
        kind=principal.kind,
        administrator=principal.administrator,
        owner=principal.owner,
        project=principal.project,
        roles=sorted(principal.roles),
        permissions=sorted(principal.permissions),
        projects=None
        if projects is None
        else {name: sorted(roles) for name, roles in sorted(projects.items())},
    )


def key_view(key: ApiKey) -> KeyView:
    """As it is shown."""
    values = {name: getattr(key, name) for name in KeyView.model_fields if name != "permissions"}
    return KeyView(**values, permissions=sorted(key.permissions))


def new_key_view(made: NewKey) -> NewKeyView:
    """As it is shown, once."""
    return NewKeyView(**dict(key_view(made.key)), secret=made.text)
