"""Secrets of stacks, encrypted under the keyring: a copy of the database alone gives none of them away."""

from __future__ import annotations

import secrets
import string

from sqlalchemy import delete, func, select

from alma.core.model.errors import InvalidInput
from alma.db import tables
from alma.db.data_keys import DataKeys
from alma.db.repository import Repository

# Nothing that a URL, a shell, a configuration file or SQL would read as anything but itself.
ALPHABET = string.ascii_letters + string.digits
MAX_LENGTH = 1024

_secret = tables.secret.c


class Secrets(Repository):
    """`SecretRepository` in SQL. Raises SecretUnreadable when the keyring lacks the key a value was encrypted with."""

    def ensure(self, stack_id: str, name: str, *, length: int) -> str:
        value = self.get(stack_id, name)
        if value is not None:
            return value
        if not 1 <= length <= MAX_LENGTH:
            raise InvalidInput(
                f"secret {name} can't have {length} characters", hint=f"ask for 1 to {MAX_LENGTH}"
            )
        self._add(stack_id, name, _generate(length))
        # What another transaction stored first is the value, not ours.
        stored = self.get(stack_id, name)
        assert stored is not None
        return stored

    def _add(self, stack_id: str, name: str, value: str) -> None:
        stack = tables.stack.c.id
        self._one(select(stack).where(stack == stack_id), f"stack {stack_id}")
        row = {
            "stack_id": stack_id,
            "name": name,
            "value": DataKeys(self._scope).encrypt(value, place_of_secret(stack_id, name)),
            "created_at": self._now(),
        }
        self._execute(self._insert(tables.secret).on_conflict_do_nothing(), row)

    def get(self, stack_id: str, name: str) -> str | None:
        here = (_secret.stack_id == stack_id) & (_secret.name == name)
        value = self._execute(select(_secret.value).where(here)).scalar()
        if value is None:
            return None
        return DataKeys(self._scope).decrypt(value, place_of_secret(stack_id, name))

    def forget(self, stack_id: str, prefix: str) -> None:
        # Not LIKE: SQLite's ignores case, and names may hold its wildcards.
        starts = func.substr(_secret.name, 1, len(prefix)) == prefix
        self._execute(delete(tables.secret).where(_secret.stack_id == stack_id, starts))


def place_of_secret(stack_id: str, name: str) -> tuple[str, ...]:
    """Where the value stands. It can be decrypted nowhere else: a row copied to another name stays shut."""
    return ("secret", stack_id, name, "value")


def _generate(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
