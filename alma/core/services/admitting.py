"""From a person whom a provider vouches for to an account, and to the roles that the provider's groups give.

An account belongs to an issuer and a subject, which nobody can choose. Names and addresses of mail can be chosen, at
some providers by anybody: they never lead to an account that is there already, and a taken name is left to its owner.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from alma.core.model.access import DEFAULT_PROJECT, Account
from alma.core.model.errors import Conflict, Forbidden, Unauthenticated
from alma.core.model.identity import Grant, Identity, ProviderRules
from alma.core.model.principal import system
from alma.core.ports import Clock, Repositories, Transaction
from alma.core.services.access import AccessChanges
from alma.core.services.noting import note_account

_UNFIT = re.compile(r"[^a-z0-9._@+-]+")
_LONGEST = 100


class Admission:
    """Lets people in. Methods read and write the database: call them in a thread."""

    def __init__(self, *, repositories: Repositories, clock: Clock, changes: AccessChanges) -> None:
        self._repositories = repositories
        self._clock = clock
        self._changes = changes

    def admit(self, identity: Identity, *, provider: str, rules: ProviderRules) -> Account:
        """The account of a person, with the roles that their groups give from now on. Raises Forbidden for a person
        whom nobody knows where only known people are let in, Unauthenticated for a disabled account."""
        with self._repositories.write() as transaction:
            account = transaction.accounts.find_subject(identity.issuer, identity.subject)
            if account is None:
                account = self._made(transaction, identity, provider, rules)
            if account.disabled_at is not None:
                raise Unauthenticated(
                    "this account is disabled", hint="an administrator can enable it again"
                )
            account = self._kept(transaction, account, identity, rules)
            self._give_roles(transaction, account, provider, rules.grants(identity.groups))
            transaction.after_commit(self._changes.happened)
        return account

    def _give_roles(
        self, transaction: Transaction, account: Account, provider: str, grants: frozenset[Grant]
    ) -> None:
        held = transaction.provided_roles
        if held.replace(account.id, provider=provider, grants=grants):
            roles = ", ".join(sorted(f"{grant.project}:{grant.role}" for grant in grants))
            caller = system(account.id, DEFAULT_PROJECT)
            note_account(
                transaction, caller, "account.set_roles", account, provider=provider, roles=roles
            )

    def _made(
        self, transaction: Transaction, identity: Identity, provider: str, rules: ProviderRules
    ) -> Account:
        if not rules.new_accounts:
            raise Forbidden(
                "nobody has let this person in yet",
                hint="ask an administrator: here, signing in makes no account",
                details={"provider": provider},
            )
        for name in _names(identity, provider):
            account = Account(
                id=f"user:{name}",
                name=name,
                issuer=identity.issuer,
                subject=identity.subject,
                created_at=self._clock.now(),
            )
            try:
                transaction.accounts.add(account)
            except Conflict:
                continue
            note_account(
                transaction,
                system(account.id, DEFAULT_PROJECT),
                "account.create",
                account,
                provider=provider,
            )
            return account
        # Two sign-ins of one new person at the same moment: the other one has made the account.
        found = transaction.accounts.find_subject(identity.issuer, identity.subject)
        if found is None:
            raise Conflict("no name is free for this person", hint="sign in again")
        return found

    def _kept(
        self, transaction: Transaction, account: Account, identity: Identity, rules: ProviderRules
    ) -> Account:
        """With what the provider says today. Who administers is its business only if it was told so."""
        administrator = account.administrator
        if rules.administrators:
            administrator = not rules.administrators.isdisjoint(identity.groups)
        today = account.model_copy(
            update={
                "display": identity.display or account.display,
                "email": identity.email,
                "administrator": administrator,
            }
        )
        if today != account:
            transaction.accounts.change(today)
        if today.administrator != account.administrator:
            note_account(
                transaction,
                system(account.id, DEFAULT_PROJECT),
                "account.set_administrator",
                account,
                administrator=today.administrator,
            )
        return today


def _names(identity: Identity, provider: str) -> Iterator[str]:
    """Names to try, the nicest first. The last one is nobody else's."""
    own = hashlib.sha256(f"{identity.issuer}\0{identity.subject}".encode()).hexdigest()
    wanted = _UNFIT.sub("-", (identity.name or "").casefold()).strip("-._@+")[:_LONGEST]
    if wanted:
        yield wanted
        yield f"{wanted}+{provider}"[:128]
        yield f"{wanted}+{own[:8]}"
    yield f"{provider}-{own[:16]}"
