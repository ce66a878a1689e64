"""People who may sign in: administrators of the installation make their accounts, and everybody looks after their own
password."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import ValidationError

from alma.core.model.access import Account
from alma.core.model.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from alma.core.model.password import check_password, normal
from alma.core.model.principal import Principal, PrincipalKind
from alma.core.ports import Clock, Repositories, Transaction
from alma.core.ports.access import PasswordHashes
from alma.core.services.access import AccessChanges
from alma.core.services.noting import note_account
from alma.core.services.signing_in import end_sign_ins
from alma.core.services.slowing import Slowing


class Accounts:
    """Accounts of an installation. Methods that are not async read and write the database: call them in a thread."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        clock: Clock,
        passwords: PasswordHashes,
        changes: AccessChanges,
        slowing: Slowing,
    ) -> None:
        self._repositories = repositories
        self._clock = clock
        self._passwords = passwords
        self._changes = changes
        self._slowing = slowing

    async def create(
        self,
        principal: Principal,
        name: str,
        *,
        password: str | None = None,
        administrator: bool = False,
        display: str | None = None,
        email: str | None = None,
    ) -> Account:
        """A new account; without a password it can sign in only by a provider. Raises Forbidden, InvalidInput for a
        name or a password that is not taken, Conflict for a name that is."""
        principal.require_administrator()
        account = self._made(name, administrator=administrator, display=display, email=email)
        hash_ = await self._hashed(password, account.name) if password is not None else None
        account = account.model_copy(update={"has_password": hash_ is not None})
        await asyncio.to_thread(self._add, principal, account, hash_)
        return account

    def _add(self, principal: Principal, account: Account, hash_: str | None) -> None:
        with self._repositories.write() as transaction:
            transaction.accounts.add(account, password=hash_)
            facts = {"administrator": account.administrator, "has_password": hash_ is not None}
            note_account(transaction, principal, "account.create", account, **facts)
            transaction.after_commit(self._changes.happened)

    def list(
        self, principal: Principal, *, after: str | None = None, skip: int = 0, limit: int = 100
    ) -> tuple[Sequence[Account], int]:
        """By name, those after a name, and how many there are in all. Raises Forbidden."""
        principal.require_administrator()
        with self._repositories.read() as transaction:
            found = transaction.accounts.list(after=after, skip=skip, limit=limit)
            return found, transaction.accounts.count()

    def get(self, principal: Principal, name: str) -> Account:
        """Raises Forbidden, NotFound. Everybody may look at their own."""
        if principal.person != _id(name):
            principal.require_administrator()
        with self._repositories.read() as transaction:
            return _found(transaction, name, locked=False)

    def disable(self, principal: Principal, name: str) -> Account:
        """Ends every sign-in and every key of the account until it is enabled again. Raises Forbidden, NotFound,
        Conflict for one's own account."""
        principal.require_administrator()
        if principal.person == _id(name):
            raise Conflict(
                "nobody disables their own account",
                hint="ask another administrator, or do it on the machine of the data directory",
            )
        with self._repositories.write() as transaction:
            account, now = _found(transaction, name), self._clock.now()
            disabled = account.model_copy(update={"disabled_at": account.disabled_at or now})
            note_account(transaction, principal, "account.disable", account)
            return self._changed(transaction, end_sign_ins(transaction, disabled, now))

    def enable(self, principal: Principal, name: str) -> Account:
        """Raises Forbidden, NotFound."""
        principal.require_administrator()
        with self._repositories.write() as transaction:
            account = _found(transaction, name).model_copy(update={"disabled_at": None})
            transaction.accounts.change(account)
            note_account(transaction, principal, "account.enable", account)
            return self._changed(transaction, account)

    def set_administrator(self, principal: Principal, name: str, administrator: bool) -> Account:
        """Raises Forbidden, NotFound, Conflict for one's own account."""
        principal.require_administrator()
        if principal.person == _id(name):
            raise Conflict(
                "nobody changes what their own account may do",
                hint="ask another administrator, or do it on the machine of the data directory",
            )
        with self._repositories.write() as transaction:
            account = _found(transaction, name)
            account = account.model_copy(update={"administrator": administrator})
            transaction.accounts.change(account)
            facts = {"administrator": administrator}
            note_account(transaction, principal, "account.set_administrator", account, **facts)
            return self._changed(transaction, account)

    async def set_password(self, principal: Principal, name: str, password: str) -> None:
        """An administrator gives somebody a new password: every sign-in of theirs ends. Raises Forbidden, NotFound,
        InvalidInput."""
        principal.require_administrator()
        await self._replace(principal, name, password)

    async def change_password(self, principal: Principal, old: str, new: str) -> None:
        """One's own: every sign-in ends, this one too. Raises Unauthenticated for a wrong old one, InvalidInput."""
        if principal.kind is not PrincipalKind.USER:
            raise InvalidInput(
                f"{principal.id} has no password", hint="sign in as the account that it belongs to"
            )
        name = principal.id.removeprefix("user:")
        await asyncio.to_thread(self._slowing.begin, name, principal.source.address)
        hash_ = await asyncio.to_thread(self._hash_of, principal.id)
        if not await self._passwords.matches(hash_, normal(old)):
            raise Unauthenticated(
                "the present password is wrong", hint="an administrator can set a new one"
            )
        await asyncio.to_thread(self._slowing.succeeded, name, principal.source.address)
        await self._replace(principal, name, new)

    async def _replace(self, principal: Principal, name: str, password: str) -> None:
        hash_ = await self._hashed(password, name)
        await asyncio.to_thread(self._keep, principal, name, hash_)

    def _keep(self, principal: Principal, name: str, hash_: str) -> None:
        with self._repositories.write() as transaction:
            account = _found(transaction, name)
            transaction.accounts.set_password(account.id, hash_)
            end_sign_ins(transaction, account, self._clock.now())
            note_account(transaction, principal, "account.set_password", account)
            transaction.after_commit(self._changes.happened)

    def _hash_of(self, id_: str) -> str | None:
        with self._repositories.read() as transaction:
            return transaction.accounts.password(id_)

    async def _hashed(self, password: str, name: str) -> str:
        check_password(password, name=name)
        return await self._passwords.make(normal(password))

    def _made(
        self, name: str, *, administrator: bool, display: str | None, email: str | None
    ) -> Account:
        try:
            return Account(
                id=_id(name),
                name=name,
                administrator=administrator,
                display=display,
                email=email,
                created_at=self._clock.now(),
            )
        except ValidationError:
            raise InvalidInput(
                f"'{name[:80]}' can't be the name of an account",
                hint="lower case letters, digits and . _ @ + - only, beginning with a letter or digit",
            ) from None

    def _changed(self, transaction: Transaction, account: Account) -> Account:
        transaction.after_commit(self._changes.happened)
        return account


def _id(name: str) -> str:
    return f"user:{name}"


def _found(transaction: Transaction, name: str, *, locked: bool = True) -> Account:
    account = transaction.accounts.find(_id(name), locked=locked)
    if account is None:
        raise NotFound(
            f"account '{name[:80]}' does not exist", hint="a list of accounts shows who there is"
        )
    return account
