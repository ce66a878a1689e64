"""The master keys, which are never in the database themselves, and how a value is sealed under a key.

A sealed value is `<format>|<key id>|<nonce>|<ciphertext>`: AES-256-GCM, a new nonce each time, with the value's place
(table, row, column) as associated data. Under `v1` the key is a master key itself; under `v2` it is a data key, which
the database keeps sealed under a master key (`data_keys.py`). The first master key encrypts, the others only decrypt,
so that a key can be replaced without losing what was written before.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from alma.core.model.errors import InvalidInput, SecretUnreadable
from alma.db.key_sources import (
    KEY_BYTES,
    KEY_FILE,
    KEY_HINT,
    KeyCommand,
    KeyFile,
    KeySource,
    decoded,
)

__all__ = ["KEY_BYTES", "KEY_FILE", "Keyring", "Place", "Sealed", "derived", "seal"]

FORMAT = "v1"
_NONCE_BYTES = 12

Place: TypeAlias = tuple[str, ...]

logger = logging.getLogger(__name__)


class Keyring:
    """AES-256 keys, the current one first. Neither its text form nor its errors show one. Safe from any thread."""

    def __init__(self, keys: Sequence[bytes], *, source: KeySource | None = None) -> None:
        """Raises InvalidInput unless every key has 32 bytes and there is one. `source` is read again by `reload`."""
        self._source = source
        self._take(keys)

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self.ids)})"

    @classmethod
    def of(cls, text: str, *, source: KeySource | None = None) -> Keyring:
        """The keyring of a text: base64 keys, separated by commas, the current one first."""
        return cls(_keys_of(text), source=source)

    @classmethod
    def open(
        cls, home: Path, secret_key: str | None = None, *, command: str | None = None
    ) -> Keyring:
        """`secret_key`'s keyring, or what `command` prints, or the one of the key file in `home`, which is made if
        there is none yet. Of several processes that start at once, all get the same key.
        """
        if secret_key and command:
            raise InvalidInput(
                "the secret key is given twice: itself, and as a command that prints it",
                hint="set ALMA_SECRET_KEY or ALMA_SECRET_KEY_COMMAND, not both",
            )
        if secret_key:
            return cls.of(secret_key)
        source: KeySource = KeyCommand(command) if command else KeyFile(home / KEY_FILE)
        return cls.of(source.read(), source=source)

    @property
    def ids(self) -> tuple[str, ...]:
        """Tell the keys apart without saying anything about them; the current one's first."""
        return tuple(self._keys)

    @property
    def current(self) -> str:
        """The id of the key that encrypts."""
        return self.ids[0]

    @property
    def extensible(self) -> bool:
        """Whether `extend` can add a key where the others are kept."""
        return isinstance(self._source, KeyFile)

    def reload(self) -> bool:
        """Reads the keys again where they came from, for one that was added since. Says whether there are others now.
        Raises InvalidInput when they can't be read."""
        if self._source is None:
            return False
        before = self._keys
        self._take(_keys_of(self._source.read()))
        return self._keys != before

    def extend(self) -> str:
        """Makes a new key the current one and keeps it before the others in their file. Answers its id. Raises
        InvalidInput for keys that were given in another way."""
        if not isinstance(self._source, KeyFile):
            raise InvalidInput(
                "the secret key was not read from a file, so ALMA can't put a new one there",
                hint="put a new key before the present one where it is kept, separated by a comma, and start again",
            )
        self._source.extend()
        self.reload()
        return self.current

    def derived_by_id(self, purpose: str) -> dict[str, bytes]:
        """32 bytes for one purpose from each key, the current one first, by the keys' ids: to check what was made with
        them once. Nothing new is made so: it would end with its master key."""
        return {id_: derived(key, purpose) for id_, key in self._keys.items()}

    def encrypt(self, value: str, place: Place) -> str:
        """The text to store at `place`, under the current key itself."""
        key_id, key = next(iter(self._keys.items()))
        return seal(FORMAT, key_id, key, value, place)

    def decrypt(self, stored: str, place: Place) -> str:
        """The value that was encrypted for `place`. Raises SecretUnreadable."""
        sealed = Sealed.of(stored, place)
        if sealed.format != FORMAT:
            raise damaged(place)
        if sealed.key_id not in self._keys and not self.reload_quietly(sealed.key_id):
            raise self._unknown(sealed.key_id, place)
        return sealed.open(self._keys[sealed.key_id], place)

    def reload_quietly(self, key_id: str) -> bool:
        """Whether the keys, read again, have that one: for a key that another process has begun to use."""
        try:
            self.reload()
        except InvalidInput as error:
            logger.warning("the secret keys can't be read again: %s", error.message)
        return key_id in self._keys

    def _take(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise InvalidInput(f"a secret key must have {KEY_BYTES} bytes", hint=KEY_HINT)
        # Replaced whole: who reads meanwhile sees the keys of before or of after.
        self._keys = {_key_id(key): key for key in keys}

    def _unknown(self, key_id: str, place: Place) -> SecretUnreadable:
        return SecretUnreadable(
            f"{said(place)} was encrypted with key {key_id}, which ALMA was not given",
            hint=f"start ALMA with that key in ALMA_SECRET_KEY, or put back the {KEY_FILE} that this database "
            "was used with",
            details={"key_id": key_id, "known": list(self._keys)},
        )


class Sealed(NamedTuple):
    """A stored text, taken apart."""

    format: str
    key_id: str
    nonce: bytes
    sealed: bytes

    @classmethod
    def of(cls, stored: str, place: Place) -> Sealed:
        """Raises SecretUnreadable for a text that is none."""
        try:
            format_, key_id, nonce, sealed = stored.split("|")
            return cls(format_, key_id, base64.b64decode(nonce), base64.b64decode(sealed))
        except ValueError:
            raise damaged(place) from None

    def open(self, key: bytes, place: Place) -> str:
        """The value. Raises SecretUnreadable unless this key sealed it for this place."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(key).decrypt(self.nonce, self.sealed, _associated(place)).decode()
        except (InvalidTag, ValueError):
            raise damaged(place) from None


def seal(format_: str, key_id: str, key: bytes, value: str, place: Place) -> str:
    """The text to store at `place`."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, value.encode(), _associated(place))
    return "|".join((format_, key_id, _text(nonce), _text(sealed)))


def derived(key: bytes, purpose: str) -> bytes:
    """32 bytes from a key, for one purpose: HKDF with SHA-256 (RFC 5869)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = b"alma derived key\0" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


def damaged(place: Place) -> SecretUnreadable:
    """Says that what is stored at a place is not what ALMA put there."""
    return SecretUnreadable(
        f"{said(place)} is damaged: it is not what ALMA stored there",
        hint="restore the database from a backup; whoever wrote to it went around ALMA",
    )


def said(place: Place) -> str:
    """A place in words, without its column."""
    return " ".join(place[:-1])


def _keys_of(text: str) -> list[bytes]:
    return [decoded(part) for part in text.split(",")]


def _key_id(key: bytes) -> str:
    """Tells keys apart without saying anything about them."""
    return hashlib.sha256(b"alma key id\0" + key).hexdigest()[:8]


def _associated(place: Place) -> bytes:
    return json.dumps(place, separators=(",", ":")).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
