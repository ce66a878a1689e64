"""What a person may decide about one Proxmox VE cluster: where it is, who ALMA is there, and how hard it is worked.

A fault is told without repeating a value, as any of them may be a secret or sit next to one.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, SecretStr, field_validator, model_validator

from alma.core.model.base import Frozen

PORT = 8006
_SECRETS = ("token", "password", "totp")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?$")
_USER = re.compile(r"[^\s:/!=]+@[A-Za-z][A-Za-z0-9._-]+$")
_TOKEN = re.compile(r"[^\s:/!=]+@[A-Za-z][A-Za-z0-9._-]+![A-Za-z][A-Za-z0-9._-]*=[A-Za-z0-9-]+$")
_BASE32 = re.compile(r"[A-Z2-7]{16,}$")
_HEX = re.compile(r"[0-9A-F]+$")
_SHA1, _SHA256 = 40, 64


class ProxmoxSettings(Frozen):
    """How to reach a cluster, and its limits. Times are seconds.

    `urls` are nodes of one cluster and are tried in order. ALMA logs in with an API token (preferred: it has its own
    privileges and no session), or as a user with a password and, for a second factor, the base32 seed of its TOTP.
    The nodes' certificates are proved by `ca_file`, by `fingerprint` (SHA-256; several with commas, one for each node),
    or by the system's CAs; there is no way to switch that off. `node`, `storage`, `image_storage`, `bridge` and `pool`
    stand in where a blueprint names none.

    Defaults of the limits: pveproxy and pvedaemon have three workers each, and a storage's lock is given up after
    seconds, so more than four tasks at a time only wait. A stopped QEMU template takes several clones at once; a
    container locks its source, and the ones after it wait their turn.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    urls: tuple[str, ...] = ()
    token: SecretStr | None = None
    user: str | None = None
    password: SecretStr | None = None
    totp: SecretStr | None = None
    ca_file: Path | None = None
    fingerprint: str | None = None

    node: str | None = None
    storage: str | None = None
    image_storage: str | None = None
    bridge: str | None = None
    pool: str | None = None

    vmid_first: int = Field(default=100, ge=100, le=999_999_999)
    vmid_last: int = Field(default=999_999_999, ge=100, le=999_999_999)

    connections: int = Field(default=16, ge=1, le=256)
    tasks_per_node: int = Field(default=4, ge=1, le=256)
    tasks_per_storage: int = Field(default=4, ge=1, le=256)
    clones_per_source: int = Field(default=4, ge=1, le=256)

    request_timeout: float = Field(default=30, gt=0)
    task_timeout: float = Field(default=3600, gt=0)
    lock_timeout: float = Field(default=300, ge=0)
    stop_timeout: int = Field(default=60, ge=0, le=3600)
    poll_least: float = Field(default=0.05, gt=0)
    poll_most: float = Field(default=2, gt=0)

    ssh_user: str = "root"
    state_dir: Path | None = None
    discard_unreferenced_disks: bool = False

    @model_validator(mode="before")
    @classmethod
    def _wrap_secrets(cls, given: Any) -> Any:
        """Wraps before anything else looks at them, so that no fault can carry them as its input."""
        if not isinstance(given, dict):
            return given
        return {
            name: SecretStr(value) if name in _SECRETS and isinstance(value, str) else value
            for name, value in given.items()
        }

    @field_validator("urls", mode="before")
    @classmethod
    def _normal_urls(cls, given: Any) -> Any:
        """One text with commas is several; every one becomes `https://host:port`."""
        texts = given.split(",") if isinstance(given, str) else given
        if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
            return given
        return tuple(dict.fromkeys(_url(text.strip()) for text in texts if text.strip()))

    @field_validator("token")
    @classmethod
    def _check_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not _TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError(
                "a token looks like user@realm!name=secret, with the secret that Proxmox showed when it was made"
            )
        return token

    @field_validator("user")
    @classmethod
    def _check_user(cls, user: str | None) -> str | None:
        if user is not None and not _USER.fullmatch(user):
            raise ValueError("a user has a realm: root@pam, or alma@pve")
        return user

    @field_validator("totp")
    @classmethod
    def _normal_totp(cls, totp: SecretStr | None) -> SecretStr | None:
        if totp is None:
            return None
        seed = totp.get_secret_value().replace(" ", "").rstrip("=").upper()
        if not _BASE32.fullmatch(seed):
            raise ValueError(
                "the seed of a second factor is base32 (letters and 2 to 7, 16 or more), not a six-digit code"
            )
        return SecretStr(seed)

    @field_validator("fingerprint")
    @classmethod
    def _normal_fingerprint(cls, given: str | None) -> str | None:
        if given is None or not given.strip():
            return None
        return ",".join(_fingerprint(text) for text in given.split(","))

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        named = self.user is not None
        if self.token is not None and (named or self.password is not None):
            raise ValueError("give a token, or a user and a password, not both")
        if named != (self.password is not None):
            raise ValueError("a user and a password belong together: one of them is missing")
        if self.totp is not None and self.password is None:
            raise ValueError("the seed of a second factor goes with a user and a password")
        if self.urls and self.token is None and not named:
            raise ValueError("there is no way to log in: give a token, or a user and a password")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.ca_file is not None and self.fingerprint is not None:
            raise ValueError("give a CA file or a fingerprint, not both: either proves the node")
        if self.vmid_first > self.vmid_last:
            raise ValueError("vmid_first is greater than vmid_last")
        if self.poll_least > self.poll_most:
            raise ValueError("poll_least is greater than poll_most")
        return self

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """The pinned certificates, as `AB:CD:…`."""
        return tuple(self.fingerprint.split(",")) if self.fingerprint else ()


def _url(text: str) -> str:
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if parts.scheme != "https":
        raise ValueError("a node is reached over https only: https://pve1.example.org:8006")
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            "a node's url carries no user and no password: they have fields of their own"
        )
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("a node's url ends after its port: https://pve1.example.org:8006")
    try:
        port = parts.port or PORT
    except ValueError:
        raise ValueError("the port in a node's url is a number from 1 to 65535") from None
    return f"https://{_host(parts.hostname or '')}:{port}"


def _host(host: str) -> str:
    try:
        return f"[{host}]" if ip_address(host).version == 6 else host
    except ValueError:
        if not _HOST.fullmatch(host):
            raise ValueError("a node's url has no valid host name or address") from None
        return host.lower()


def _fingerprint(text: str) -> str:
    digits = text.strip().removeprefix("sha256 Fingerprint=").replace(":", "").upper()
    if not _HEX.fullmatch(digits) or len(digits) not in {_SHA1, _SHA256}:
        raise ValueError("a fingerprint is SHA-256: 64 hexadecimal digits, with or without colons")
    if len(digits) == _SHA1:
        raise ValueError(
            "this fingerprint is SHA-1; take the SHA-256 one: "
            "openssl x509 -fingerprint -sha256 -noout -in /etc/pve/local/pve-ssl.pem"
        )
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))
