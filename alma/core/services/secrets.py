"""Renews the keys that secrets are encrypted with, while everything runs."""

from __future__ import annotations

from alma.core.model.principal import Principal
from alma.core.model.sealing import Resealed, Sealing
from alma.core.ports import Repositories


class SecretKeys:
    """The keys of the whole installation: for those who administer it."""

    def __init__(self, repositories: Repositories) -> None:
        self._repositories = repositories

    def status(self, principal: Principal) -> Sealing:
        """The keys, and how many values are under each. Raises Forbidden."""
        principal.require_administrator()
        with self._repositories.read() as transaction:
            return transaction.sealing.status()

    def rotate(
        self, principal: Principal, *, master: bool = False, data_key: bool = False
    ) -> Sealing:
        """Seals all data keys under the current master key: the first that ALMA was given, or with `master` a new one.
        With `data_key`, what is written from now on is under a new data key. Raises InvalidInput, SecretUnreadable."""
        principal.require_administrator()
        with self._repositories.write() as transaction:
            rewrapped = transaction.sealing.rotate(master=master, data_key=data_key)
            after = transaction.sealing.status()
            transaction.audit.add(
                principal,
                action="secrets.rotate",
                installation=True,
                after={
                    "master": after.masters[0],
                    "data_key": after.data_keys[-1].id,
                    "rewrapped": rewrapped,
                },
            )
            return after

    def reseal(
        self, principal: Principal, *, limit: int = 100, after: str | None = None
    ) -> Resealed:
        """Encrypts one batch of values again that are not under the current data key; go on with the answer's `after`
        until it is None. Safe to repeat and to leave off."""
        principal.require_administrator()
        with self._repositories.write() as transaction:
            done = transaction.sealing.reseal(limit=limit, after=after)
            if done.resealed or done.unreadable:
                transaction.audit.add(
                    principal,
                    action="secrets.reencrypt",
                    installation=True,
                    after={"values": done.resealed, "unreadable": len(done.unreadable)},
                )
            return done
