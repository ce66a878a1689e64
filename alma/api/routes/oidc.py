"""Signing in through an identity provider: the way there, the way back, and what a command line fetches after it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.status import HTTP_303_SEE_OTHER

from alma.api.bodies import BodyRoute
from alma.api.deps import Wired
from alma.api.errors import answer_to
from alma.api.origin import came_securely, origin_of
from alma.api.pages import page_of
from alma.api.routes.auth import PATH, set_cookie, source_of
from alma.api.routes.device import PAGE, remember
from alma.api.schemas.access import SignedInView, signed_in_view
from alma.api.schemas.common import failures
from alma.api.schemas.signing_in import Handover, ProvidersView, ProviderView
from alma.core.model.errors import AlmaError
from alma.core.services.providers import WAITS, Arrived, Onward, ProviderAnswer

COOKIE = "alma_sign_in"
_Text = Annotated[str | None, Query(max_length=4000)]

router = APIRouter(prefix=PATH, tags=["auth"], route_class=BodyRoute)


@router.get("/providers")
def list_providers(request: Request, alma: Wired) -> ProvidersView:
    """The providers that people may sign in through. A browser that is sent to `start` comes back signed in."""
    found = [
        ProviderView(name=item.name, title=item.title, start=f"{PATH}/oidc/{item.name}/start")
        for item in alma.provider_sign_in.list()
    ]
    return ProvidersView(providers=found, device=f"{origin_of(request)}{PAGE}")


@router.get(
    "/oidc/{provider}/start",
    status_code=HTTP_303_SEE_OTHER,
    response_class=RedirectResponse,
    response_description="To the provider, with a cookie that only this browser has.",
    responses=failures(404, 422, 429, 502, 503),
)
async def start_sign_in(
    request: Request,
    alma: Wired,
    provider: str,
    next: Annotated[
        str, Query(max_length=2000, description="The page of this server to end at.")
    ] = "/",
    redirect: Annotated[
        str | None, Query(max_length=200, description="Where a command line waits on this machine.")
    ] = None,
    code_challenge: Annotated[str | None, Query(max_length=128)] = None,
    state: Annotated[str, Query(max_length=200, description="Comes back to `redirect`.")] = "",
) -> Response:
    """Sends a browser to a provider. A page of this server is reached at the end with the refresh token as a cookie; a
    command line at `redirect` gets a code, which is worth tokens together with the verifier of its challenge."""
    onward = Onward(next=next, loopback=redirect, challenge=code_challenge, state=state)
    callback = f"{origin_of(request)}{PATH}/oidc/{provider}/callback"
    try:
        started = await alma.provider_sign_in.start(provider, callback=callback, onward=onward)
    except AlmaError as error:
        return _told(request, error)
    answer = RedirectResponse(started.address, status_code=HTTP_303_SEE_OTHER)
    answer.headers["Cache-Control"] = "no-store"
    # Lax and not strict: it has to come along when the provider sends the browser back.
    answer.set_cookie(
        COOKIE,
        started.browser,
        max_age=int(WAITS.total_seconds()),
        path=_place(provider),
        secure=came_securely(request),
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get(
    "/oidc/{provider}/callback",
    status_code=HTTP_303_SEE_OTHER,
    response_class=RedirectResponse,
    response_description="Signed in, and on the way to where the sign-in was to lead.",
    responses=failures(401, 403, 404, 422, 502, 503),
)
async def finish_sign_in(
    request: Request,
    alma: Wired,
    provider: str,
    state: _Text = None,
    code: _Text = None,
    error: _Text = None,
    iss: _Text = None,
) -> Response:
    """Where a provider sends the browser back to. What it brings is good once, and only in the browser that began."""
    said = ProviderAnswer(state=state, code=code, error=error, issuer=iss)
    try:
        arrived = await alma.provider_sign_in.finish(
            provider, said, browser=request.cookies.get(COOKIE), source=source_of(request)
        )
    except AlmaError as trouble:
        return _told(request, trouble)
    answer = RedirectResponse(_onward(arrived), status_code=HTTP_303_SEE_OTHER)
    answer.headers["Cache-Control"] = "no-store"
    answer.delete_cookie(COOKIE, path=_place(provider), httponly=True, samesite="lax")
    if arrived.signed_in is not None:
        set_cookie(request, answer, arrived.signed_in)
        if arrived.onward.next.partition("?")[0] == PAGE:
            remember(request, answer, arrived.signed_in)
    return answer


@router.post(
    "/oidc/token",
    response_description="Tokens, once.",
    responses=failures(401, 422),
)
def fetch_tokens(request: Request, alma: Wired, body: Handover) -> SignedInView:
    """The tokens that a command line's browser has got it."""
    found = alma.provider_sign_in.redeem(body.code, body.code_verifier, source_of(request))
    return signed_in_view(found, cookie=False)


def _onward(arrived: Arrived) -> str:
    if arrived.onward.loopback is None:
        return arrived.onward.next
    query = urlencode({"code": arrived.handover or "", "state": arrived.onward.state})
    return f"{arrived.onward.loopback}?{query}"


def _place(provider: str) -> str:
    return f"{PATH}/oidc/{quote(provider, safe='')}"


def _told(request: Request, error: AlmaError) -> Response:
    """To a browser as a page, to programs as ever."""
    if "text/html" in request.headers.get("accept", ""):
        return page_of(error)
    return answer_to(error)
