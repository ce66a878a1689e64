"""Sign-ins that wait: for a browser to come back from a provider, for somebody to allow a device, or for a command line
to fetch what its browser has got. Each is used once, or ends by itself.

Whoever comes for one shows a secret. It is kept as a hash, so that reading the table opens nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from alma.core.model.base import Frozen

# No vowels, so that no words come out; no digits, so that nothing is mistaken for one (RFC 8628, section 6.1).
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_CODE_LETTERS = 8
_SECRET_BYTES = 32


class PendingKind(StrEnum):
    """What it waits for."""

    PROVIDER = "provider"
    DEVICE = "device"
    HANDOVER = "handover"


class PendingLogin(Frozen):
    """One of them. `account` is who allowed it; settled without one means that somebody said no."""

    id: str = Field(description="The hash of the secret that whoever comes for it shows.")
    kind: PendingKind
    user_code: str | None = None
    account: str | None = None
    facts: Mapping[str, str] = Field(default_factory=dict, repr=False)
    created_at: datetime
    expires_at: datetime
    settled_at: datetime | None = None
    origin: str | None = Field(
        default=None, description="The network that it was begun from, where those are counted."
    )


def new_secret() -> str:
    """256 random bits, fit for a URL; with 43 characters, for a PKCE verifier, too."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def id_of(kind: PendingKind, secret: str) -> str:
    """What is kept of a secret. It is random, so a fast hash hides it."""
    return hashlib.sha256(f"{kind}\0{secret}".encode("utf-8", "surrogatepass")).hexdigest()


def new_user_code() -> str:
    """A code that people can read, say and type: `BCDF-GHJK`, one of 25.6 thousand millions."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LETTERS))
    return f"{letters[:4]}-{letters[4:]}"


def read_user_code(text: str) -> str | None:
    """The code that somebody has typed, however they wrote it; None for what can't be one."""
    letters = re.sub(r"[\s\-–—_.]", "", text[:40]).upper()
    if len(letters) != _CODE_LETTERS or set(letters) - set(_LETTERS):
        return None
    return f"{letters[:4]}-{letters[4:]}"
