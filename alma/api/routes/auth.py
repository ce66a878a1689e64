"""Signing in and out, and who one is. The way in takes no caller; everything else here does."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.status import HTTP_204_NO_CONTENT

from alma.api.bodies import BodyRoute
from alma.api.deps import Caller, Wired
from alma.api.schemas.access import (
    CallerView,
    Login,
    Logout,
    PasswordChange,
    Refresh,
    SignedInView,
    caller_view,
    signed_in_view,
)
from alma.api.schemas.common import PREFIX, failures
from alma.core.model.errors import Unauthenticated
from alma.core.model.principal import Source
from alma.core.services.signing_in import SignedIn
from alma.middleware.addresses import client_address, is_secure, networks
from alma.middleware.auth import caller_of
from alma.middleware.request_id import request_id

PATH = f"{PREFIX}/auth"
COOKIE = "alma_refresh"

router = APIRouter(prefix=PATH, tags=["auth"], route_class=BodyRoute)


@router.post(
    "/login",
    response_description="Tokens. Whoever tries too often waits: 429 with Retry-After.",
    responses=failures(401, 422, 429),
)
async def login(request: Request, response: Response, alma: Wired, body: Login) -> SignedInView:
    """Signs in with a name and a password. What is wrong with them is not said."""
    found = await alma.signing_in.with_password(body.username, body.password, source_of(request))
    if body.cookie:
        set_cookie(request, response, found)
    return signed_in_view(found, cookie=body.cookie)


@router.post(
    "/refresh",
    response_description="The next tokens. A refresh token is good once.",
    responses=failures(401, 422, 429),
)
def refresh(
    request: Request, response: Response, alma: Wired, body: Refresh | None = None
) -> SignedInView:
    """Goes on with a sign-in: by the refresh token in the body, or by the cookie of a browser. One that was used before
    ends all sign-ins of its account, since somebody else has it."""
    given = body.refresh_token if body else None
    cookie = request.cookies.get(COOKIE)
    text = given or cookie
    if not text:
        raise Unauthenticated("there is no refresh token", hint="sign in first")
    found = alma.signing_in.refresh(text, source_of(request))
    if given is None and found.refresh_token is not None:
        set_cookie(request, response, found)
    return signed_in_view(found, cookie=given is None)


@router.post(
    "/logout",
    status_code=HTTP_204_NO_CONTENT,
    response_description="Ended. So is one that had ended before.",
    responses=failures(401, 422),
)
def logout(request: Request, alma: Wired, body: Logout | None = None) -> Response:
    """Ends the sign-in of a refresh token, from the body or a browser's cookie; with `everywhere`, every sign-in of the
    caller, whose access tokens open nothing from then on."""
    body = body or Logout()
    caller = caller_of(request.scope)
    if body.everywhere:
        if caller is None:
            raise Unauthenticated(
                "only who is signed in ends all sign-ins", hint="send the access token, too"
            )
        alma.signing_in.sign_out_everywhere(caller)
    if text := body.refresh_token or request.cookies.get(COOKIE):
        alma.signing_in.sign_out(text)
    response = Response(status_code=HTTP_204_NO_CONTENT)
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="strict")
    return response


@router.get("/me", responses=failures(401, 404))
def who_am_i(alma: Wired, caller: Caller) -> CallerView:
    """Who is calling, in which project, and what that one may do there."""
    return caller_view(caller, alma.authenticator.projects(caller))


@router.post(
    "/password",
    status_code=HTTP_204_NO_CONTENT,
    response_description="Changed. Every sign-in has ended, this one too.",
    responses=failures(401, 422, 429),
)
async def change_password(alma: Wired, caller: Caller, body: PasswordChange) -> None:
    """Changes one's own password."""
    await alma.accounts.change_password(caller, body.old_password, body.new_password)


def source_of(request: Request) -> Source:
    """Where a sign-in comes from."""
    proxies = networks(request.app.state.settings.trusted_proxies)
    return Source(
        address=client_address(request.scope, proxies),
        request_id=request_id(),
        client=request.headers.get("user-agent", "")[:200] or None,
    )


def set_cookie(request: Request, response: Response, found: SignedIn) -> None:
    """The refresh token where no script can read it, sent to the routes of sign-in alone and by no other site."""
    proxies = networks(request.app.state.settings.trusted_proxies)
    response.set_cookie(
        COOKIE,
        found.refresh_token or "",
        expires=found.session_expires_at,
        path=PATH,
        secure=is_secure(request.scope, proxies),
        httponly=True,
        samesite="strict",
    )
