"""The key to a guest, made from a secret that ALMA already keeps: no key file has to be stored, backed up or moved."""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from pydantic import Field

from alma.core.model.base import Frozen

# Part of what existing guests let in: another text here would lock ALMA out of all of them.
_PURPOSE = b"alma guest ssh key v1"


class KeyPair(Frozen):
    """An Ed25519 key in the text forms of OpenSSH. The public one ends with a comment that says whose it is."""

    private_openssh: str = Field(repr=False)
    public_openssh: str

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` shows it: `SHA256:…`."""
        return fingerprint(self.public_openssh)


def keypair(secret: str) -> KeyPair:
    """The key that belongs to this secret: always the same, and nothing of the secret can be read from it. (The private
    text differs from call to call, as the format has random bytes; the key in it does not.)"""
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    key = Ed25519PrivateKey.from_private_bytes(seed)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return KeyPair(private_openssh=private, public_openssh=f"{public} alma")


def fingerprint(public_openssh: str) -> str:
    """The fingerprint of a public key in its text form (`ssh-ed25519 AAAA…`, a comment may follow)."""
    digest = hashlib.sha256(base64.b64decode(public_openssh.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")
