"""Who may come in: accounts of people, keys of programs, and who is asking."""

from __future__ import annotations

import asyncio

import strawberry

from alma.api.graphql.context import Info, read
from alma.api.graphql.deriving import noun, shown, taken
from alma.api.graphql.paging import USUAL, After, Connection, First, paged
from alma.api.paging import Order
from alma.api.routes.accounts import changed
from alma.api.schemas.access import (
    AccountChange,
    AccountCreate,
    AccountView,
    CallerView,
    KeyCreate,
    KeyView,
    NewKeyView,
    NewPassword,
    account_view,
    caller_view,
    key_view,
    new_key_view,
)
from alma.core.model import access as core

ACCOUNTS = Order[core.Account, str]("accounts", lambda account: account.name, str)
KEYS = Order[core.ApiKey, str]("keys", lambda key: key.id, str)


@noun(CallerView)
class Me:
    """Who asks, and what that one may do in the project at hand."""


@noun(AccountView)
class Account:
    """A person that may sign in."""


@noun(KeyView)
class Key:
    """A key, without its secret."""


@noun(NewKeyView)
class NewKey:
    """A key that was just made, with its secret: the only time that it is shown."""


@taken(AccountCreate)
class CreateAccount:
    """A new account. Without a password it can sign in only by a provider."""


@taken(AccountChange)
class ChangeAccount:
    """What is to change; the rest stays."""


@taken(KeyCreate)
class CreateKey:
    """A new key for the project at hand."""


def show_account(found: core.Account) -> Account:
    """An account as it is shown."""
    return shown(Account, account_view(found))


def show_key(found: core.ApiKey) -> Key:
    """A key as it is shown."""
    return shown(Key, key_view(found))


@strawberry.type
class Queries:
    """What is asked about who may come in."""

    @strawberry.field(description="Who asks.")
    async def me(self, info: Info) -> Me:
        caller, alma = info.context.caller, info.context.alma
        return shown(Me, caller_view(caller, await info.context.ask(alma.authenticator.projects)))

    @strawberry.field(description="Everybody, by name. For administrators of the installation.")
    async def accounts(
        self, info: Info, first: First = USUAL, after: After = None
    ) -> Connection[Account]:
        return await paged(
            info.context,
            info.context.alma.accounts.list,
            show_account,
            order=ACCOUNTS,
            first=first,
            after=after,
        )

    @strawberry.field(description="One account; one's own takes no administrator.")
    async def account(self, info: Info, name: str) -> Account:
        return show_account(await info.context.ask(info.context.alma.accounts.get, name))

    @strawberry.field(description="The project's keys, for administrators those of all projects.")
    async def keys(self, info: Info, first: First = USUAL, after: After = None) -> Connection[Key]:
        return await paged(
            info.context,
            info.context.alma.keys.list,
            show_key,
            order=KEYS,
            first=first,
            after=after,
        )

    @strawberry.field(description="One key.")
    async def key(self, info: Info, id: str) -> Key:
        return show_key(await info.context.ask(info.context.alma.keys.get, id))


@strawberry.type
class Mutations:
    """What is done about who may come in."""

    @strawberry.mutation(description="Makes an account. It may do nothing until it has a role.")
    async def create_account(self, info: Info, input: CreateAccount) -> Account:
        body = read(AccountCreate, input)
        info.context.keep_nothing()
        made = await info.context.alma.accounts.create(
            info.context.caller,
            body.name,
            password=body.password,
            administrator=body.administrator,
            display=body.display,
            email=body.email,
        )
        return show_account(made)

    @strawberry.mutation(description="Disables or enables an account, makes it an administrator's.")
    async def change_account(self, info: Info, name: str, input: ChangeAccount) -> Account:
        body, alma = read(AccountChange, input), info.context.alma
        found = await asyncio.to_thread(changed, alma, info.context.caller, name, body)
        return show_account(found)

    @strawberry.mutation(description="Gives an account a new password; answers its name.")
    async def set_password(self, info: Info, name: str, password: str) -> str:
        body = read(NewPassword, {"password": password})
        info.context.keep_nothing()
        await info.context.alma.accounts.set_password(info.context.caller, name, body.password)
        return name

    @strawberry.mutation(description="Makes a key; its secret is shown this once.")
    async def create_key(self, info: Info, input: CreateKey) -> NewKey:
        body = read(KeyCreate, input)
        info.context.keep_nothing()
        made = await info.context.ask(
            info.context.alma.keys.create,
            body.name,
            permissions=body.permissions,
            administrator=body.administrator,
            expires_at=body.expires_at,
        )
        return shown(NewKey, new_key_view(made))

    @strawberry.mutation(description="Takes a key back, and with it every key that it has made.")
    async def revoke_key(self, info: Info, id: str) -> Key:
        return show_key(await info.context.ask(info.context.alma.keys.revoke, id))
