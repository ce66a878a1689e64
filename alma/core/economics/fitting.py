"""Which type of a cloud an instance would run on: the cheapest that is big enough, and of the same kind.

Big enough is: at least its vCPU, all of them all the time unless less will do, and its memory, of which a
type may have a little less, for providers count it differently. More is never cheaper: what a bigger instance fits on,
a smaller one fits on too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from alma.core.economics.cloudbook import Arch, CloudBook, InstanceType, Market
from alma.core.economics.figures import Figure

# Types of 3.75 GiB stand beside ones of 4 GiB, and a GB is 7 % less than a GiB.
MEMORY_SHORT = Decimal("0.06")


@dataclass(frozen=True)
class Need:
    """What one instance has to have. `sustained`: so many vCPU all the time, where that need not be all of them.
    `families`: types of these only (`m5` of `m5.large`), for services that offer no others."""

    cpu: Decimal
    memory_gib: Decimal
    gpu: int = 0
    arch: Arch = Arch.X86
    sustained: Decimal | None = None
    type: str | None = None
    families: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Offer:
    """A type, the market, and what an hour of it costs."""

    name: str
    type: InstanceType
    market: Market
    hour: Figure


@dataclass
class Shelf:
    """The types of one region, the cheapest first; what was looked up once is remembered."""

    book: CloudBook
    region: str
    sorted: dict[Market, list[Offer]] = field(default_factory=dict)
    found: dict[tuple[Need, Market], Offer | None] = field(default_factory=dict)
    metered: dict[str, Figure | None] = field(default_factory=dict)
    months: dict[tuple[str, Market, Decimal], Figure] = field(default_factory=dict)

    def cheapest(self, need: Need, market: Market) -> Offer | None:
        """The cheapest type that fits, in that market; where it is not sold so, on demand. None when nothing fits."""
        key = (need, market)
        if key not in self.found:
            self.found[key] = self._first(need, market) or (
                self._first(need, Market.ON_DEMAND) if market is not Market.ON_DEMAND else None
            )
        return self.found[key]

    def meter(self, name: str) -> Figure | None:
        """USD for one unit of what a meter counts here."""
        if name not in self.metered:
            self.metered[name] = self.book.meter(name, self.region)
        return self.metered[name]

    def _first(self, need: Need, market: Market) -> Offer | None:
        return next((offer for offer in self._offers(market) if _fits(offer, need)), None)

    def _offers(self, market: Market) -> list[Offer]:
        if market not in self.sorted:
            offers = [
                Offer(name, kind, market, price)
                for name, kind in self.book.types.items()
                if (price := self.book.price(name, self.region, market)) is not None
            ]
            self.sorted[market] = sorted(offers, key=lambda offer: (offer.hour.value, offer.name))
        return self.sorted[market]


def _fits(offer: Offer, need: Need) -> bool:
    kind = offer.type
    if need.families and offer.name.partition(".")[0] not in need.families:
        return False
    if need.type is not None:
        return offer.name == need.type
    sustained = need.cpu if need.sustained is None else min(need.sustained, need.cpu)
    return (
        kind.vcpu >= need.cpu
        and kind.sustained >= sustained
        and kind.memory_gib >= need.memory_gib * (1 - MEMORY_SHORT)
        and kind.gpu >= need.gpu
        and bool(kind.gpu) is bool(need.gpu)
        and kind.arch is need.arch
    )
