"""The address under which a browser reaches this server: what a provider sends it back to, and what people type."""

from __future__ import annotations

from fastapi import Request

from alma.middleware.addresses import is_secure, networks


def origin_of(request: Request) -> str:
    """`https://alma.example.org`, without a slash at its end: as the settings say, else as the request came. Which
    names a request may come by is checked before (`ALMA_TRUSTED_HOSTS`)."""
    configured: str | None = request.app.state.settings.public_url
    if configured:
        return configured
    scheme = "https" if came_securely(request) else "http"
    return f"{scheme}://{request.headers.get('host') or request.url.netloc}"


def came_securely(request: Request) -> bool:
    """Whether cookies may be kept for HTTPS alone."""
    settings = request.app.state.settings
    if (settings.public_url or "").startswith("https://"):
        return True
    return is_secure(request.scope, networks(settings.trusted_proxies))
