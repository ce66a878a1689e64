"""Price books and prices, as the API shows them."""

from __future__ import annotations

from collections.abc import Sequence

from alma.api.schemas.common import Listed
from alma.core.services.prices import BookView, PriceView


class BookList(Listed):
    """The price books."""

    items: Sequence[BookView]


class PriceList(Listed):
    """Prices of machines, the cheapest first."""

    items: Sequence[PriceView]
