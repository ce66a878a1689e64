"""What answers callers whom nobody knows: the way in, and what says that ALMA is there. All else needs a caller.

A route that is not named here is refused before the routing. Those that are may still ask for one themselves:
`/metrics` does unless it was opened, and so does whatever of `/auth` is about somebody who is signed in.
"""

from __future__ import annotations

from alma.api.schemas.common import PREFIX

_PATHS = frozenset(
    {
        "/",
        "/health",
        "/docs",
        "/docs/oauth2-redirect",
        "/redoc",
        "/openapi.json",
        "/metrics",
        "/favicon.ico",
        "/device",
    }
)
UNCROWDED = frozenset({f"{PREFIX}/monitoring/health/live"})
"""What is answered also when there is no place for another request: it says whether to restart the process."""
_UNDER = ("/static-offline-docs/", "/device/", f"{PREFIX}/auth/", f"{PREFIX}/monitoring/health/")


_SHOWN_ONCE = ("/device", f"{PREFIX}/auth", f"{PREFIX}/keys", f"{PREFIX}/accounts")


def is_shown_once(path: str) -> bool:
    """Whether answers of a path can hold a secret that is shown once and kept nowhere."""
    return path.startswith(_SHOWN_ONCE)


def is_public(path: str) -> bool:
    """Whether a path, without a slash at its end, may be answered without a caller."""
    return path in _PATHS or path.startswith(_UNDER)
