"""Prices: which books there are, and what stands in them."""

from __future__ import annotations

import asyncio

import strawberry

from alma.api.graphql.context import Info
from alma.api.graphql.deriving import noun, shown
from alma.api.graphql.paging import USUAL, After, Connection, First, among
from alma.api.paging import Order
from alma.core.services import prices as core

ORDER = Order[core.PriceView, tuple[str, str, str]](
    "prices", lambda price: (price.market, price.region, price.type), tuple[str, str, str]
)


@noun(core.BookView)
class PriceBook:
    """A price book by and large."""


@noun(core.PriceView)
class Price:
    """What an hour of one type costs in one region."""


@strawberry.type
class Queries:
    """What is asked about prices."""

    @strawberry.field(description="The price books, that of one's own machines first.")
    async def price_books(self, info: Info) -> list[PriceBook]:
        found = await asyncio.to_thread(core.books, info.context.alma.estimates)
        return [shown(PriceBook, item) for item in found]

    @strawberry.field(description="What a provider's machines cost, the cheapest first.")
    async def prices(
        self,
        info: Info,
        provider: str,
        region: str | None = None,
        type: str | None = None,
        first: First = USUAL,
        after: After = None,
    ) -> Connection[Price]:
        found = await asyncio.to_thread(
            core.prices, info.context.alma.estimates, provider, region=region, type_=type
        )
        return among(found, lambda item: shown(Price, item), order=ORDER, first=first, after=after)
