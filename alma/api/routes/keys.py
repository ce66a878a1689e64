"""Keys for programs: made, listed, taken back."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.status import HTTP_201_CREATED

from alma.api.bodies import BodyRoute
from alma.api.deps import Caller, Wired
from alma.api.paging import Order, Paging
from alma.api.schemas.access import KeyCreate, KeyView, NewKeyView, key_view, new_key_view
from alma.api.schemas.common import PREFIX, Page, failures
from alma.core.model.access import ApiKey

router = APIRouter(prefix=f"{PREFIX}/keys", tags=["keys"], route_class=BodyRoute)

_BY_ID = Order[ApiKey, str]("keys", lambda key: key.id, str)


@router.post(
    "",
    status_code=HTTP_201_CREATED,
    response_description="The key with its secret, which is shown this once.",
    responses=failures(403, 422),
)
def create_key(response: Response, alma: Wired, caller: Caller, body: KeyCreate) -> NewKeyView:
    """Makes a key for the project at hand. It can never do more than whoever makes it, and ends with that one."""
    made = alma.keys.create(
        caller,
        body.name,
        permissions=body.permissions,
        administrator=body.administrator,
        expires_at=body.expires_at,
    )
    response.headers["Location"] = f"{PREFIX}/keys/{made.key.id}"
    response.headers["Cache-Control"] = "no-store"
    return new_key_view(made)


@router.get("", responses=failures(403, 422))
def list_keys(alma: Wired, caller: Caller, paging: Paging) -> Page[KeyView]:
    """The project's keys, for administrators those of all projects; those that are over among them."""
    found, total = alma.keys.list(
        caller, after=paging.after(_BY_ID), skip=paging.skip, limit=paging.most
    )
    return paging.page(_BY_ID, found, total, key_view)


@router.get("/{key_id}", responses=failures(403, 404))
def read_key(alma: Wired, caller: Caller, key_id: str) -> KeyView:
    """One key."""
    return key_view(alma.keys.get(caller, key_id))


@router.delete(
    "/{key_id}",
    response_description="The key as it is from now on: it opens nothing, but stays known.",
    responses=failures(403, 404),
)
def revoke_key(alma: Wired, caller: Caller, key_id: str) -> KeyView:
    """Takes a key back, and with it every key that it has made."""
    return key_view(alma.keys.revoke(caller, key_id))
