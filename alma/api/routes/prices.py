"""Prices: which books there are, what stands in them, and both as cost data that other tools read."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from alma.api.bodies import BodyRoute, Sent
from alma.api.deps import Wired
from alma.api.paging import Order, Part
from alma.api.schemas.common import PREFIX, failures
from alma.api.schemas.prices import BookList, PriceList
from alma.core.services import prices
from alma.core.services.prices import BookView, PriceView

router = APIRouter(prefix=f"{PREFIX}/prices", tags=["prices"], route_class=BodyRoute)

_BOOKS = Order[BookView, str]("price-books", lambda book: book.provider, str)
_PRICES = Order[PriceView, tuple[str, str, str]](
    "prices", lambda price: (price.type, price.region, price.market.value), tuple[str, str, str]
)

Region = Annotated[str | None, Query(max_length=64, description="Else the book's usual one.")]
_CSV = "text/csv; charset=utf-8"
_ROWS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {}}, "description": "FOCUS 1.2 rows."}
}


@router.get("")
async def list_books(alma: Wired, part: Part) -> BookList:
    """The price books, each with its version and the days its figures are from."""
    found = part.of(_BOOKS, await asyncio.to_thread(prices.books, alma.estimates))
    return BookList(items=found.items, **found.ends)


@router.get("/{provider}", responses=failures(422))
async def read_prices(
    alma: Wired,
    provider: str,
    part: Part,
    region: Region = None,
    type_: Annotated[str | None, Query(alias="type", max_length=100)] = None,
) -> PriceList:
    """What an hour of a provider's machines costs, the cheapest first, each price with its source."""
    there = await asyncio.to_thread(
        prices.prices, alma.estimates, provider, region=region, type_=type_
    )
    found = part.of(_PRICES, there)
    return PriceList(items=found.items, **found.ends)


@router.get("/{provider}/focus", response_class=Response, responses=_ROWS | failures(422))
async def export_prices(alma: Wired, provider: str, region: Region = None) -> Response:
    """A provider's prices as FOCUS rows; of all regions if none is named."""
    text = await asyncio.to_thread(prices.price_list, alma.estimates, provider, region=region)
    return Response(text, media_type=_CSV)


@router.post("/{provider}/focus", response_class=Response, responses=_ROWS | failures(422))
async def export_costs(alma: Wired, provider: str, sent: Sent, region: Region = None) -> Response:
    """What a blueprint would cost this month, as FOCUS rows."""
    blueprint = await asyncio.to_thread(sent.blueprint)
    today = datetime.now(UTC).date()
    text = await asyncio.to_thread(
        prices.cost_rows, alma.estimates, blueprint, provider, region=region, day=today
    )
    return Response(text, media_type=_CSV)
