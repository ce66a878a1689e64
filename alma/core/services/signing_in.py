"""From a password, or from what an identity provider says, to tokens: one that opens doors for minutes, and one that
gets the next.

A refresh token is good once. Who shows one that was used before has it from somebody else, or lost it to somebody:
nothing tells which, so the whole sign-in ends and its person signs in again. Only in the few seconds in which a
second tab of a browser may show the same one is that no reason, and then it gets no further refresh token.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from alma.core.model.access import Account, RefreshToken
from alma.core.model.credential import REFRESH, Credential, Peppers
from alma.core.model.errors import Unauthenticated
from alma.core.model.password import LONGEST, normal
from alma.core.model.principal import Principal, Source
from alma.core.ports import Clock, Repositories, Transaction
from alma.core.ports.access import AccessTokens, PasswordHashes
from alma.core.services.access import AccessChanges
from alma.core.services.noting import note_account, signed_in
from alma.core.services.slowing import Slowing

# Two tabs of a browser that wake up together.
_TOGETHER = timedelta(seconds=10)
# Rows of tokens that have expired tell a theft apart from a mistake for a while.
_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long an access token opens doors, and after how long everybody signs in again."""

    access: timedelta = timedelta(minutes=15)
    session: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody, with the tokens to go on with. `expires_in`: seconds of the access token."""

    account: Account
    access_token: str
    expires_in: int
    refresh_token: str | None
    session_expires_at: datetime


class SigningIn:
    """Sign-ins of people. Methods that are not async read and write the database: call them in a thread."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        clock: Clock,
        tokens: AccessTokens,
        passwords: PasswordHashes,
        peppers: Peppers,
        changes: AccessChanges,
        slowing: Slowing,
        lifetimes: Lifetimes | None = None,
    ) -> None:
        self._repositories = repositories
        self._clock = clock
        self._tokens = tokens
        self._passwords = passwords
        self._peppers = peppers
        self._changes = changes
        self._slowing = slowing
        self._lifetimes = lifetimes or Lifetimes()

    async def with_password(self, name: str, password: str, source: Source) -> SignedIn:
        """Raises Unauthenticated, after the same time and in the same words, for a name that does not exist, a password
        that is wrong and an account that is disabled; RateLimited after too many of them."""
        name, password = name.strip().casefold()[:128], normal(password[: LONGEST + 1])
        await asyncio.to_thread(self._slowing.begin, name, source.address)
        account, hash_ = await asyncio.to_thread(self._account, f"user:{name}")
        right = await self._passwords.matches(hash_, password)
        if account is None or hash_ is None or not right or account.disabled_at is not None:
            raise Unauthenticated(
                "the name or the password is wrong",
                hint="try again; an administrator can set a new password",
                details={"account": name[:100]},
            )
        await asyncio.to_thread(self._slowing.succeeded, name, source.address)
        if not self._passwords.is_current(hash_):
            made = await self._passwords.make(password)
            await asyncio.to_thread(self._keep, account.id, hash_, made)
        return await asyncio.to_thread(self.begin, account, source)

    def begin(self, account: Account, source: Source) -> SignedIn:
        """A new sign-in of somebody who has proved to be that account, as it was then. Raises Unauthenticated for a
        disabled one, and where all its sign-ins were ended since: the proof is older than the reason for that."""
        with self._repositories.write() as transaction:
            now = self._clock.now()
            account = self._usable(transaction, account)
            transaction.sessions.forget(now - _KEPT)
            expires_at = now + self._lifetimes.session
            text = self._add(transaction, account, uuid4().hex, expires_at, source)
            note_account(transaction, signed_in(account, source), "session.open", account)
        return self._signed_in(account, text, expires_at)

    def refresh(self, text: str, source: Source) -> SignedIn:
        """The next tokens of a sign-in. Raises Unauthenticated, and ends the sign-in for a token that was used."""
        self._slowing.refuse_if_slowed(source.address)
        credential = Credential.read(text)
        if credential is None or credential.kind != REFRESH:
            self._slowing.failed(source.address)
            raise _ended()
        with self._repositories.write() as transaction:
            found = self._next(transaction, credential, source)
        if found is None:
            self._slowing.failed(source.address)
            raise _ended()
        return found

    def sign_out(self, text: str) -> None:
        """Ends the sign-in that a refresh token belongs to. Nothing happens for one that is none."""
        credential = Credential.read(text)
        if credential is None or credential.kind != REFRESH:
            return
        with self._repositories.write() as transaction:
            token = self._token(transaction, credential)
            if token is not None:
                transaction.sessions.end_family(token.family, self._clock.now())
                account = transaction.accounts.find(token.account)
                if account is not None:
                    who = signed_in(account, Source())
                    note_account(transaction, who, "session.end", account)

    def sign_out_everywhere(self, principal: Principal) -> None:
        """Ends every sign-in of the caller, and everything that was issued in them. Keys are not touched."""
        with self._repositories.write() as transaction:
            account = transaction.accounts.find(principal.id, locked=True)
            if account is None:
                return
            end_sign_ins(transaction, account, self._clock.now())
            note_account(transaction, principal, "session.end_all", account)
            transaction.after_commit(self._changes.happened)

    # ── tokens ─────────────────────────────────────────────────────────────────────────────────

    def _account(self, id_: str) -> tuple[Account | None, str | None]:
        with self._repositories.read() as transaction:
            return transaction.accounts.find(id_), transaction.accounts.password(id_)

    def _keep(self, id_: str, before: str, now: str) -> None:
        """Never brings a password back that was changed meanwhile."""
        with self._repositories.write() as transaction:
            account = transaction.accounts.find(id_, locked=True)
            if account is not None and transaction.accounts.password(id_) == before:
                transaction.accounts.set_password(id_, now)

    def _usable(self, transaction: Transaction, proved: Account) -> Account:
        account = transaction.accounts.find(proved.id, locked=True)
        if account is None or account.disabled_at is not None:
            raise _ended()
        if account.generation != proved.generation:
            raise _ended()
        return account

    def _token(self, transaction: Transaction, credential: Credential) -> RefreshToken | None:
        token = transaction.sessions.find(credential.id)
        stored = transaction.sessions.hash_of(credential.id)
        known = stored is not None and self._peppers.matches(stored, credential.text)
        return token if known else None

    def _next(
        self, transaction: Transaction, credential: Credential, source: Source
    ) -> SignedIn | None:
        """None for what gets nothing: what this writes about it has to be kept, so nothing is raised."""
        # The account first, as where sign-ins are ended: a token that is made meanwhile would outlive that.
        owner = transaction.sessions.owner(credential.id)
        account = transaction.accounts.find(owner, locked=True) if owner else None
        if account is None or account.disabled_at is not None:
            return None
        token, now = self._token(transaction, credential), self._clock.now()
        if token is None or token.revoked_at is not None or token.expires_at <= now:
            return None
        if token.used_at is None:
            transaction.sessions.use(token.id, now)
            text = self._add(transaction, account, token.family, token.expires_at, source)
            note_account(transaction, signed_in(account, source), "session.refresh", account)
            return self._signed_in(account, text, token.expires_at)
        if now - token.used_at <= _TOGETHER:
            return self._signed_in(account, None, token.expires_at)
        # What the thief got meanwhile opens nothing any more, either.
        end_sign_ins(transaction, account, now)
        note_account(transaction, signed_in(account, source), "session.stolen", account)
        transaction.after_commit(self._changes.happened)
        return None

    def _add(
        self,
        transaction: Transaction,
        account: Account,
        family: str,
        expires_at: datetime,
        source: Source,
    ) -> str:
        made = Credential.make(REFRESH)
        token = RefreshToken(
            id=made.id,
            family=family,
            account=account.id,
            client=(source.client or "")[:200] or None,
            created_at=self._clock.now(),
            expires_at=expires_at,
        )
        transaction.sessions.add(token, hash_=self._peppers.hash(made.text))
        return made.text

    def _signed_in(self, account: Account, refresh: str | None, expires_at: datetime) -> SignedIn:
        left = expires_at - self._clock.now()
        seconds = max(1, int(min(self._lifetimes.access, left).total_seconds()))
        token = self._tokens.issue(account.id, generation=account.generation, seconds=seconds)
        return SignedIn(account, token, seconds, refresh, expires_at)


def end_sign_ins(transaction: Transaction, account: Account, at: datetime) -> Account:
    """Nothing that was issued to the account until now opens anything any more; the account as it is then. Read the
    account locked before: whoever is just making a token of it has either done so, and it ends here, or comes later."""
    moved = account.model_copy(update={"generation": account.generation + 1})
    transaction.accounts.change(moved)
    transaction.sessions.end_all(account.id, at)
    return moved


def _ended() -> Unauthenticated:
    return Unauthenticated("this sign-in has ended", hint="sign in again")
