"""The few pages that this server draws itself: signing in to allow a device, and what a browser is told of failures.

They work without scripts and load nothing. Everything that is filled in is escaped by the template engine, and a policy
keeps the browser from running or loading anything, should something slip through.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse

from alma.api.errors import headers_of, status_of
from alma.core.model.errors import AlmaError

if TYPE_CHECKING:
    from jinja2 import Environment


def page(name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """One of the pages, filled in."""
    text = _environment().get_template(f"{name}.html").render(style=_style(), **values)
    return HTMLResponse(text, status_code=status, headers=_headers())


def page_of(error: AlmaError, *, back: str | None = None) -> HTMLResponse:
    """What went wrong, for people; `back` is where they may try again."""
    answer = page(
        "trouble",
        status=status_of(error).value,
        message=error.message,
        hint=error.hint,
        back=back,
    )
    answer.headers.update(headers_of(error))
    return answer


def _headers() -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        # Not no-referrer: a browser would then hide where a form comes from, too.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


@cache
def _style() -> str:
    return files("alma.api.pages").joinpath("pages.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("alma.api.pages", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
