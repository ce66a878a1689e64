"""Accounts of people: made by administrators of the installation."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Response
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from alma.api.bodies import BodyRoute
from alma.api.deps import Alma, Caller, Wired
from alma.api.paging import Order, Paging
from alma.api.schemas.access import (
    AccountChange,
    AccountCreate,
    AccountView,
    NewPassword,
    account_view,
)
from alma.api.schemas.common import PREFIX, Page, failures
from alma.core.model.access import Account
from alma.core.model.principal import Principal

router = APIRouter(prefix=f"{PREFIX}/accounts", tags=["accounts"], route_class=BodyRoute)

_BY_NAME = Order[Account, str]("accounts", lambda account: account.name, str)


@router.post("", status_code=HTTP_201_CREATED, responses=failures(403, 409, 422))
async def create_account(
    response: Response, alma: Wired, caller: Caller, body: AccountCreate
) -> AccountView:
    """Makes an account. It may do nothing until somebody gives it a role in a project, or it administers."""
    account = await alma.accounts.create(
        caller,
        body.name,
        password=body.password,
        administrator=body.administrator,
        display=body.display,
        email=body.email,
    )
    response.headers["Location"] = f"{PREFIX}/accounts/{account.name}"
    return account_view(account)


@router.get("", responses=failures(403, 422))
def list_accounts(alma: Wired, caller: Caller, paging: Paging) -> Page[AccountView]:
    """Everybody, by name."""
    found, total = alma.accounts.list(
        caller, after=paging.after(_BY_NAME), skip=paging.skip, limit=paging.most
    )
    return paging.page(_BY_NAME, found, total, account_view)


@router.get("/{name}", responses=failures(403, 404))
def read_account(alma: Wired, caller: Caller, name: str) -> AccountView:
    """One account; one's own takes no administrator."""
    return account_view(alma.accounts.get(caller, name))


@router.patch("/{name}", responses=failures(403, 404, 409, 422))
async def change_account(
    alma: Wired, caller: Caller, name: str, body: AccountChange
) -> AccountView:
    """Disables an account, which ends its sign-ins and its keys; enables it; makes it an administrator's, or not."""
    return account_view(await asyncio.to_thread(changed, alma, caller, name, body))


@router.put(
    "/{name}/password",
    status_code=HTTP_204_NO_CONTENT,
    response_description="Set. Every sign-in of the account has ended.",
    responses=failures(403, 404, 422),
)
async def set_password(alma: Wired, caller: Caller, name: str, body: NewPassword) -> None:
    """Gives an account a new password."""
    await alma.accounts.set_password(caller, name, body.password)


def changed(alma: Alma, caller: Principal, name: str, body: AccountChange) -> Account:
    """The account with what was sent in place of what there was. Raises Forbidden, NotFound, Conflict."""
    account = alma.accounts.get(caller, name)
    if body.administrator is not None:
        account = alma.accounts.set_administrator(caller, name, body.administrator)
    if body.disabled is not None:
        change = alma.accounts.disable if body.disabled else alma.accounts.enable
        account = change(caller, name)
    return account
