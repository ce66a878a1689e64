"""Signing a device in: what the device calls, and the page on which a person allows it.

The page keeps its own short sign-in, in a cookie that is sent nowhere else. Each of its forms carries a word that only
a page of this server can have put there, made from two cookies that no other site can read or send.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.status import HTTP_204_NO_CONTENT, HTTP_303_SEE_OTHER

from alma.api.bodies import BodyRoute
from alma.api.deps import Alma, Caller, Wired
from alma.api.errors import headers_of, status_of
from alma.api.origin import came_securely, origin_of
from alma.api.pages import page, page_of
from alma.api.routes.auth import PATH, source_of
from alma.api.schemas.access import SignedInView, signed_in_view
from alma.api.schemas.common import failures
from alma.api.schemas.signing_in import (
    DEVICE_GRANT,
    DeviceAnswer,
    DeviceCodesView,
    DevicePoll,
    DeviceRequestView,
    DeviceStart,
    device_codes_view,
    device_request_view,
)
from alma.core.model.errors import AlmaError, Forbidden, InvalidInput, Unauthenticated
from alma.core.model.pending import new_secret
from alma.core.model.principal import Principal, PrincipalKind
from alma.core.services.signing_in import SignedIn

PAGE = "/device"
_SESSION = "alma_device"
_FORM = "alma_form"
_FORM_TYPE = "application/x-www-form-urlencoded"
_MOST_FIELDS = 20
_FORM_SECONDS = 3600


class FormRoute(BodyRoute):
    """A route that also takes its fields as a form: what RFC 8628 has programs send."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def read_form(request: Request) -> Response:
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            body = await request.body()
            if kind == _FORM_TYPE and body and body.lstrip()[:1] != b"{":
                body = json.dumps(_fields(body)).encode()
            return await handle(Request(request.scope, _again(body)))

        return read_form


router = APIRouter(tags=["auth"])
api = APIRouter(prefix=f"{PATH}/device", tags=["auth"], route_class=FormRoute)


# ── what the device calls ────────────────────────────────────────────────────────────────────────


@api.post(
    "",
    response_description="The codes. The device shows `user_code` and `verification_uri`.",
    responses=failures(422, 429),
)
def start_device(
    request: Request, response: Response, alma: Wired, body: DeviceStart | None = None
) -> DeviceCodesView:
    """Begins to sign in a device without a browser (RFC 8628)."""
    response.headers["Cache-Control"] = "no-store"
    name = body.client_name if body else ""
    codes = alma.device_login.begin(name, source_of(request))
    return device_codes_view(codes, f"{origin_of(request)}{PAGE}")


@api.post(
    "/token",
    response_description="Tokens, once somebody has allowed it.",
    responses=failures(400, 401, 422),
)
def poll_device(
    request: Request, response: Response, alma: Wired, body: DevicePoll
) -> SignedInView:
    """Asks whether somebody has allowed the device. Until then 400, whose `error` is `authorization_pending`,
    `slow_down`, `access_denied`, `expired_token` or `invalid_grant`, as RFC 8628 has it."""
    if body.grant_type != DEVICE_GRANT:
        raise InvalidInput("grant_type is not that of a device", hint=f"send {DEVICE_GRANT}")
    response.headers["Cache-Control"] = "no-store"
    found = alma.device_login.poll(body.device_code, source_of(request))
    return signed_in_view(found, cookie=False)


# ── what a person's own page calls ───────────────────────────────────────────────────────────────


@api.post("/answer", status_code=HTTP_204_NO_CONTENT, responses=failures(401, 403, 404, 422, 429))
def answer_device(alma: Wired, caller: Caller, body: DeviceAnswer) -> None:
    """Lets the device with that code be the caller, or sends it away. Show what asks before, and ask."""
    alma.device_login.answer(caller, body.user_code, allowed=body.allow)


@api.get("/{user_code}", responses=failures(401, 403, 404, 429))
def read_device(alma: Wired, caller: Caller, user_code: str) -> DeviceRequestView:
    """What asks to be signed in with that code."""
    return device_request_view(alma.device_login.look(caller, user_code))


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


@router.get(PAGE, include_in_schema=False)
async def show_page(request: Request, alma: Wired, user_code: str = "") -> Response:
    """Signs in, asks for the code, asks whether to allow: whatever comes next."""
    forms = _Forms(request)
    return forms.keep(await asyncio.to_thread(_next_page, request, alma, forms, user_code[:40]))


@router.post(f"{PAGE}/sign-in", include_in_schema=False)
async def sign_in(request: Request, alma: Wired) -> Response:
    """With a name and a password."""
    forms, fields = _Forms(request), _fields(await request.body())
    user_code = fields.get("user_code", "")[:40]
    try:
        forms.check(fields)
        found = await alma.signing_in.with_password(
            fields.get("username", ""), fields.get("password", ""), source_of(request)
        )
    except AlmaError as error:
        return _sign_in_page(alma, forms, user_code, error)
    answer = _to_page(user_code)
    remember(request, answer, found)
    return answer


@router.post(f"{PAGE}/sign-out", include_in_schema=False)
async def sign_out(request: Request) -> Response:
    """Forgets who it is, on this page only."""
    try:
        _Forms(request).check(_fields(await request.body()))
    except AlmaError as error:
        return page_of(error, back=PAGE)
    answer = _to_page("")
    answer.delete_cookie(_SESSION, path=PAGE, httponly=True, samesite="lax")
    return answer


@router.post(f"{PAGE}/answer", include_in_schema=False)
async def decide(request: Request, alma: Wired) -> Response:
    """Allows the device, or not."""
    fields = _fields(await request.body())
    try:
        _Forms(request).check(fields)
        allowed = _decision(fields)
        code = fields.get("user_code", "")
        await asyncio.to_thread(_decided, request, alma, code, allowed)
    except AlmaError as error:
        return page_of(error, back=PAGE)
    if allowed:
        text = "The device is signed in as you. You may close this page and go on there."
        return page("done", title="Allowed", text=text)
    return page(
        "done", title="Not allowed", text="The device was sent away. Nothing else happened."
    )


def remember(request: Request, answer: Response, found: SignedIn) -> None:
    """Signs somebody in on this page, for as long as the access token lasts."""
    answer.set_cookie(
        _SESSION,
        found.access_token,
        max_age=found.expires_in,
        path=PAGE,
        secure=came_securely(request),
        httponly=True,
        samesite="lax",
    )


def _decision(fields: Mapping[str, str]) -> bool:
    if fields.get("answer") not in {"allow", "deny"}:
        raise InvalidInput("neither allowed nor not", hint="press one of the two buttons")
    return fields["answer"] == "allow"


def _decided(request: Request, alma: Alma, code: str, allowed: bool) -> None:
    person = _person(request, alma)
    if person is None:
        raise Unauthenticated("your sign-in on this page is over", hint="sign in again")
    alma.device_login.answer(person, code, allowed=allowed)


def _next_page(request: Request, alma: Alma, forms: _Forms, user_code: str) -> Response:
    try:
        person = _person(request, alma)
        if person is None:
            return _sign_in_page(alma, forms, user_code, None)
        who, trouble = person.display or person.id, None
        if user_code:
            try:
                asked = alma.device_login.look(person, user_code)
            except AlmaError as error:
                trouble = error.message
            else:
                return page("confirm", asked=asked, who=who, form=forms.word())
        return page("code", user_code=user_code, trouble=trouble, who=who, form=forms.word())
    except AlmaError as error:
        return page_of(error, back=PAGE)


def _person(request: Request, alma: Alma) -> Principal | None:
    """Who is signed in on this page; None for nobody, or whose sign-in is over."""
    token = request.cookies.get(_SESSION)
    if not token:
        return None
    try:
        found = alma.authenticator.look_up(token, None, source_of(request))
    except Unauthenticated:
        return None
    return found if found is not None and found.kind is PrincipalKind.USER else None


def _sign_in_page(alma: Alma, forms: _Forms, user_code: str, error: AlmaError | None) -> Response:
    onward = PAGE + (f"?{urlencode({'user_code': user_code})}" if user_code else "")
    providers = [
        {"title": item.title, "start": f"{PATH}/oidc/{item.name}/start?next={quote(onward, '')}"}
        for item in alma.provider_sign_in.list()
    ]
    answer = page(
        "sign_in",
        status=200 if error is None else status_of(error).value,
        providers=providers,
        user_code=user_code,
        trouble=error and error.message,
        form=forms.word(),
    )
    answer.headers.update(headers_of(error) if error is not None else {})
    return forms.keep(answer)


def _to_page(user_code: str) -> RedirectResponse:
    query = f"?{urlencode({'user_code': user_code})}" if user_code else ""
    return RedirectResponse(f"{PAGE}{query}", status_code=HTTP_303_SEE_OTHER)


class _Forms:
    """The word in the forms of one browser. Another site can neither read it nor guess it, and makes no browser send
    the strict cookie that it has to match."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._own = request.cookies.get(_FORM) or new_secret()
        self._session = request.cookies.get(_SESSION, "")

    def word(self) -> str:
        """What a form carries."""
        return hmac.digest(self._own.encode(), self._session.encode(), hashlib.sha256).hex()

    def check(self, fields: Mapping[str, str]) -> None:
        """Raises Forbidden for a form that this browser was not given."""
        known = _FORM in self._request.cookies
        sent = fields.get("form", "").encode("utf-8", "surrogatepass")
        if not known or not hmac.compare_digest(sent, self.word().encode()):
            raise Forbidden("this form is too old, or not of this page", hint="open the page again")

    def keep(self, answer: Response) -> Response:
        """Has the browser bring back what its forms are checked with."""
        answer.set_cookie(
            _FORM,
            self._own,
            max_age=_FORM_SECONDS,
            path=PAGE,
            secure=came_securely(self._request),
            httponly=True,
            samesite="strict",
        )
        return answer


def _fields(body: bytes) -> dict[str, str]:
    """A form's fields; of one that comes twice, the last."""
    try:
        return dict(parse_qsl(body.decode("utf-8"), max_num_fields=_MOST_FIELDS))
    except (UnicodeDecodeError, ValueError):
        raise InvalidInput("the form can't be read", hint="open the page again") from None


def _again(body: bytes) -> Callable[[], Coroutine[Any, Any, dict[str, Any]]]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
