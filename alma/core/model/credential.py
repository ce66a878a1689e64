"""What a caller shows to be known: how keys look, and how they are kept without being known here.

A key is `alma_<id>_<secret>`: the id finds the row, the secret (256 random bits) proves that it is the caller's. Such
a secret can't be guessed, so it is kept as an HMAC-SHA256 under a pepper that the database has only sealed:
microseconds to check, and worthless to whoever reads the table. Passwords can be guessed and take a slow hash; they are
not kept here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

KEY = "alma"
REFRESH = "almr"
PURPOSE = "credentials"
"""What the keys of peppers are derived for."""
LONGEST = 4096
"""Characters of any credential: what is longer is none, and is not looked at."""

_ID_BYTES = 6
_SECRET_BYTES = 32
_FORM = re.compile(r"(alma|almr)_([a-z0-9]{4,32})_([A-Za-z0-9_-]{16,200})")


@dataclass(frozen=True, slots=True)
class Credential:
    """A key or a refresh token, as text and in its parts. Its text form never shows the secret."""

    kind: str
    id: str
    text: str = field(repr=False)

    @classmethod
    def make(cls, kind: str) -> Self:
        """A new one, at random."""
        id_ = secrets.token_hex(_ID_BYTES)
        return cls(kind, id_, f"{kind}_{id_}_{secrets.token_hex(_SECRET_BYTES)}")

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The parts of a text, None if it is no credential of ALMA's."""
        found = _FORM.fullmatch(text) if len(text) <= LONGEST else None
        return cls(found[1], found[2], text) if found else None


class DerivedKeys(Protocol):
    """Keys for one purpose, which can be renewed while everything runs."""

    def keys(self) -> Sequence[bytes]:
        """The one that makes new things first, then those that check older ones. The same object until it changes.
        Raises SecretUnreadable, DatabaseUnavailable."""

    def renew(self) -> None:
        """Looks for keys that another process has made. Raises the same."""

    def lasting(self) -> bytes:
        """One that stays the same for as long as there is a database. Raises the same."""


class FixedKeys:
    """`DerivedKeys` that are given once; the last one is the oldest."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def keys(self) -> Sequence[bytes]:
        return self._keys

    def renew(self) -> None:
        """There is nowhere to look."""

    def lasting(self) -> bytes:
        return self._keys[-1]


class Peppers:
    """Keyed hashes of random secrets. The first key makes them, every key checks what it made. Each call may raise what
    the keys raise."""

    def __init__(self, keys: DerivedKeys | Sequence[bytes]) -> None:
        self.keys = FixedKeys(keys) if isinstance(keys, Sequence) else keys
        self._named: tuple[Sequence[bytes], dict[str, bytes]] = ((), {})

    def hash(self, text: str) -> str:
        """What may be stored of a secret."""
        name, key = next(iter(self._keys().items()))
        return f"{name}:{_mac(key, text)}"

    def matches(self, stored: str, text: str) -> bool:
        """Whether that is the hash of the text, in time that says nothing of it. A hash made with a key that is not at
        hand matches nothing."""
        name, _, mac = stored.partition(":")
        if name not in self._keys():
            self.keys.renew()
        key = self._keys().get(name)
        return key is not None and hmac.compare_digest(mac, _mac(key, text))

    def is_current(self, stored: str) -> bool:
        """Whether the key of today made it. Others should be made anew while their text is at hand."""
        return stored.startswith(f"{next(iter(self._keys()))}:")

    def label(self, text: str) -> str:
        """Tells texts apart without telling them, the same for as long as there is a database."""
        return _mac(self.keys.lasting(), text)[-8:]

    def _keys(self) -> dict[str, bytes]:
        keys, named = self._named
        if keys is not self.keys.keys():
            keys = self.keys.keys()
            named = {pepper_name(key): key for key in keys}
            self._named = (keys, named)
        return named


def pepper_name(key: bytes) -> str:
    """What a hash names its pepper by: nothing is told of the key."""
    return hashlib.sha256(b"pepper\0" + key).hexdigest()[:8]


def _mac(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()
