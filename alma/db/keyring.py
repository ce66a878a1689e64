"""The keys that stored secrets are encrypted with, which are never in the database themselves.

A value is `v1|<key id>|<nonce>|<ciphertext>`: AES-256-GCM, a new nonce each time, with the value's place (table, row,
column) as associated data. The first key encrypts, the others only decrypt, so that a key can be replaced without
losing what was written before.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from alma.core.model.errors import InvalidInput, SecretUnreadable

KEY_FILE = "secret.key"
KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = "v1"


class Keyring:
    """AES-256 keys, the current one first. Neither its text form nor its errors show one."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Raises InvalidInput unless every key has 32 bytes and there is one."""
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise InvalidInput(f"a secret key must have {KEY_BYTES} bytes", hint=_HINT)
        self._keys = {_key_id(key): key for key in keys}
        self._current = _key_id(keys[0])

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self._keys)})"

    @classmethod
    def of(cls, text: str) -> Keyring:
        """The keyring of a text: base64 keys, separated by commas, the current one first."""
        return cls([_decoded(part) for part in text.split(",")])

    @classmethod
    def open(cls, home: Path, secret_key: str | None = None) -> Keyring:
        """`secret_key`'s keyring, or the one of the key file in `home`, which is made if there is none yet.

        Of several processes that start at once, all get the same key.
        """
        if secret_key:
            return cls.of(secret_key)
        path = home / KEY_FILE
        if not path.exists():
            _create(path)
        return cls.of(_read(path))

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose, made from the current key: they tell nothing of it, nor of another purpose's."""
        return _derived(self._keys[self._current], purpose)

    def derive_all(self, purpose: str) -> tuple[bytes, ...]:
        """What `derive` gives for each key, the current one first: to check what an earlier key has made."""
        return tuple(_derived(key, purpose) for key in self._keys.values())

    def encrypt(self, value: str, place: tuple[str, ...]) -> str:
        """The text to store at `place`."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE_BYTES)
        cipher = AESGCM(self._keys[self._current])
        sealed = cipher.encrypt(nonce, value.encode(), _associated(place))
        return "|".join((_FORMAT, self._current, _text(nonce), _text(sealed)))

    def decrypt(self, stored: str, place: tuple[str, ...]) -> str:
        """The value that was encrypted for `place`. Raises SecretUnreadable."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key_id, nonce, sealed = self._parts(stored, place)
        if key_id not in self._keys:
            raise SecretUnreadable(
                f"{_said(place)} was encrypted with key {key_id}, which ALMA was not given",
                hint=f"start ALMA with that key in ALMA_SECRET_KEY, or put back the {KEY_FILE} that this database "
                "was used with",
                details={"key_id": key_id, "known": list(self._keys)},
            )
        try:
            return AESGCM(self._keys[key_id]).decrypt(nonce, sealed, _associated(place)).decode()
        except InvalidTag:
            raise _damaged(place) from None

    def _parts(self, stored: str, place: tuple[str, ...]) -> tuple[str, bytes, bytes]:
        try:
            version, key_id, nonce, sealed = stored.split("|")
            if version != _FORMAT:
                raise ValueError(version)
            return key_id, base64.b64decode(nonce), base64.b64decode(sealed)
        except ValueError:
            raise _damaged(place) from None


_HINT = (
    "ALMA_SECRET_KEY is 32 random bytes in base64, such as `openssl rand -base64 32` prints; "
    "several are separated by commas, the current one first"
)


def _derived(key: bytes, purpose: str) -> bytes:
    """HKDF with SHA-256 (RFC 5869)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = b"alma derived key\0" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


def _key_id(key: bytes) -> str:
    """Tells keys apart without saying anything about them."""
    return hashlib.sha256(b"alma key id\0" + key).hexdigest()[:8]


def _associated(place: tuple[str, ...]) -> bytes:
    return json.dumps(place, separators=(",", ":")).encode()


def _said(place: tuple[str, ...]) -> str:
    return " ".join(place[:-1])


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _damaged(place: tuple[str, ...]) -> SecretUnreadable:
    return SecretUnreadable(
        f"{_said(place)} is damaged: it is not what ALMA stored there",
        hint="restore the database from a backup; whoever wrote to it went around ALMA",
    )


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("a secret key is not base64", hint=_HINT) from None


def _create(path: Path) -> None:
    """Makes the key file whole or not at all. Who comes second keeps the first one's."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Readable by its owner alone from its first moment on, and in place only once it is complete.
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as draft:
            draft.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            draft.flush()
            os.fsync(draft.fileno())
            os.link(draft.name, path)
    except FileExistsError:
        return
    except OSError as error:
        raise _file_trouble(path, error) from error


def _read(path: Path) -> str:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise InvalidInput(
                f"the secret key in {path} can be read by others",
                hint=f"chmod 600 {path}; where files have no modes, give the key as ALMA_SECRET_KEY instead",
            )
        return path.read_text(encoding="ascii")
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is no key file", hint=_HINT) from None
    except OSError as error:
        raise _file_trouble(path, error) from error


def _file_trouble(path: Path, error: OSError) -> InvalidInput:
    return InvalidInput(
        f"the secret key in {path} can't be used: {error.strerror}",
        hint="make the data directory writable, or give the key as ALMA_SECRET_KEY",
    )
