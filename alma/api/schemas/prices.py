"""Price books and prices, as the API shows them."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.model.base import Frozen
from alma.core.services.prices import BookView, PriceView


class BookList(Frozen):
    """The price books."""

    items: Sequence[BookView]


class PriceList(Frozen):
    """Prices of machines, the cheapest first."""

    items: Sequence[PriceView]
