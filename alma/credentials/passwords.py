"""Hashes passwords with argon2id: slow on purpose, so never on the event loop and never many at once.

A sign-in costs a tenth of a second and 64 MiB. Two run at a time, a few wait, and who comes then is asked to come
back: a crowd of sign-ins takes neither the memory nor the threads that everybody else's requests need.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from alma.core.model.errors import RateLimited

if TYPE_CHECKING:
    from argon2 import PasswordHasher

Result = TypeVar("Result")

_PROFILE = "RFC_9106_LOW_MEMORY"
_AT_ONCE = 2
_WAITING = 32
_RETRY_SECONDS = 2.0


class Argon2:
    """`PasswordHashes` by argon2id, with the parameters that RFC 9106 gives for machines that do other things, too."""

    def __init__(
        self, *, at_once: int = _AT_ONCE, waiting: int = _WAITING, profile: str = _PROFILE
    ) -> None:
        """`profile`: the name of parameters in `argon2.profiles`; hashes made with others still match."""
        self._profile = profile
        self._pool = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="alma-passwords")
        self._most = at_once + waiting
        self._pending = 0

    @cached_property
    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher, profiles

        return PasswordHasher.from_parameters(getattr(profiles, self._profile))

    @cached_property
    def _nobodys(self) -> str:
        """Compared with where there is no hash, so that the answer takes as long."""
        return self._hasher.hash("nobody has this password")

    async def make(self, password: str) -> str:
        """The hash, with its parameters and a salt of its own. Raises RateLimited when too many wait."""
        return await self._in_turn(lambda: self._hasher.hash(_bytes(password)))

    async def matches(self, hash_: str | None, password: str) -> bool:
        """Whether that is the password; False for None, after as long. Raises RateLimited when too many wait."""

        def verify() -> bool:
            from argon2.exceptions import InvalidHashError, VerificationError

            try:
                self._hasher.verify(hash_ or self._nobodys, _bytes(password))
            except (VerificationError, InvalidHashError):
                return False
            return hash_ is not None

        return await self._in_turn(verify)

    def is_current(self, hash_: str) -> bool:
        """Whether it was made with the parameters of today."""
        return not self._hasher.check_needs_rehash(hash_)

    def close(self) -> None:
        """Ends the threads once they are done."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def _in_turn(self, work: Callable[[], Result]) -> Result:
        if self._pending >= self._most:
            raise RateLimited(
                "too many people sign in at this moment",
                retry_after=_RETRY_SECONDS,
                hint="try again in a moment",
            )
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._pending -= 1


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
