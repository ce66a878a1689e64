"""What the command line shows a server to be known: ALMA_API_KEY, what `alma login` stored for that server, or the
token that a server leaves for those who hold its data directory.

Sign-ins are kept by the server's address, so that no server is ever shown what belongs to another one. A refresh token
is good once: whoever uses it holds a lock, and looks first whether another command has used it meanwhile.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

REFRESH = "/api/v1/auth/refresh"
# An access token is renewed before it is over: the request that it goes with takes a while.
_EARLY_SECONDS = 30.0
_RENEW_SECONDS = 30.0


class SignIns:
    """What was stored, in one file for its owner alone."""

    def __init__(self, home: Path) -> None:
        self._file = home / "credentials.json"
        self._lock = home / "credentials.lock"

    def of(self, server: str) -> dict[str, Any] | None:
        """The sign-in at a server."""
        found = self._all().get(server)
        return found if isinstance(found, dict) else None

    def keep(self, server: str, answer: Mapping[str, Any]) -> None:
        """Stores what the server has answered to a sign-in or a refresh."""
        before = self.of(server) or {}
        kept = {
            "account": answer["account"]["name"],
            "access_token": answer["access_token"],
            "expires_at": time.time() + float(answer["expires_in"]),
            "refresh_token": answer["refresh_token"] or before.get("refresh_token"),
        }
        self._write({**self._all(), server: kept})

    def forget(self, server: str) -> None:
        """Removes the sign-in at a server."""
        self._write({name: kept for name, kept in self._all().items() if name != server})

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One command at a time."""
        self._lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _all(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            found = json.loads(self._file.read_text())
            return found if isinstance(found, dict) else {}
        return {}

    def _write(self, kept: Mapping[str, Any]) -> None:
        """Never half of it, and from the first moment on for its owner alone."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._file.with_suffix(f".{os.getpid()}.tmp")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(kept, file)
        draft.replace(self._file)


class Shown(httpx.Auth):
    """Adds the credential to each request; renews a sign-in that is about to be over."""

    def __init__(
        self,
        server: str,
        *,
        key: str | None = None,
        sign_ins: SignIns | None = None,
        local: Path | None = None,
    ) -> None:
        """`local`: the file with the token of the data directory that the server runs on."""
        self._server = server
        self._key = key
        self._sign_ins = sign_ins
        self._local = local

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """As httpx asks for it."""
        if self._key is not None:
            yield _bearing(request, self._key)
            return
        stored = self._sign_ins.of(self._server) if self._sign_ins else None
        if stored is None or self._sign_ins is None:
            token = _read(self._local)
            yield request if token is None else _bearing(request, token)
            return
        if stored["expires_at"] - time.time() < _EARLY_SECONDS:
            with self._sign_ins.alone():
                stored = self._renewed(request.url.copy_with(path=REFRESH, query=None))
        yield _bearing(request, stored["access_token"])

    def _renewed(self, address: httpx.URL) -> dict[str, Any]:
        """The sign-in as it is now. What can't be renewed is shown as it is: the server says what is wrong with it."""
        assert self._sign_ins is not None
        stored = self._sign_ins.of(self._server) or {"access_token": "", "expires_at": 0.0}
        if stored["expires_at"] - time.time() >= _EARLY_SECONDS:
            return stored
        # On a connection of its own: what goes through this one may be a stream, which must not be read here.
        token = {"refresh_token": stored.get("refresh_token") or ""}
        answer = httpx.post(address, json=token, timeout=_RENEW_SECONDS)
        if answer.status_code != httpx.codes.OK:
            return stored
        self._sign_ins.keep(self._server, answer.json())
        return self._sign_ins.of(self._server) or stored


def shown_to(server: str, *, home: Path | None, local: Path | None = None) -> Shown:
    """What this command shows a server. `home`: where sign-ins are stored."""
    key = os.environ.get("ALMA_API_KEY") or None
    sign_ins = SignIns(home) if home is not None else None
    return Shown(server, key=key, sign_ins=sign_ins, local=local)


def project_headers() -> dict[str, str]:
    """The project that --project or ALMA_PROJECT names."""
    project = os.environ.get("ALMA_PROJECT")
    return {"X-ALMA-Project": project} if project else {}


def _bearing(request: httpx.Request, credential: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {credential}"
    return request


def _read(file: Path | None) -> str | None:
    with suppress(OSError, UnicodeDecodeError):
        return file.read_text(encoding="ascii").strip() if file is not None else None
    return None
