"""The price book of a cloud: which types there are, what they are, and what an hour of each costs in which region.

A book holds a choice of common types, not a catalogue of everything. Every figure says where it is from and from which
day; a price that is not in the book is missing, and is never made up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from alma.core.economics.figures import Amount, Figure, Positive, exact
from alma.core.model.base import Frozen, digest_of
from alma.core.model.cost import PriceKind


class Market(StrEnum):
    """How a machine is paid for. The names of all but ON_DEMAND are those of the fields with their prices."""

    ON_DEMAND = "on-demand"
    SPOT = "spot"
    YEAR_1 = "year_1"
    YEAR_3 = "year_3"


class Arch(StrEnum):
    """What kind of processor."""

    X86 = "x86_64"
    ARM = "arm64"


class Quote(Frozen):
    """Where the prices of one market in one region are from."""

    kind: PriceKind
    source: str
    date: dt.date | None = None


class Region(Frozen):
    """Where the plain numbers of a region are from. A market without a quote has no prices there but those that bring
    their own."""

    hour: Quote | None = None
    spot: Quote | None = None
    year_1: Quote | None = None
    year_3: Quote | None = None


Price = Annotated[Figure | Amount, BeforeValidator(exact)]


class InstanceType(Frozen):
    """One type of machine. `baseline` is what a burstable one keeps up for ever, in vCPU; without it, all of them.
    Prices are USD an hour by region."""

    vcpu: Positive
    memory_gib: Positive
    arch: Arch = Arch.X86
    gpu: Annotated[int, Field(ge=0)] = 0
    baseline: Positive | None = None
    hour: Mapping[str, Price] = Field(default_factory=dict)
    spot: Mapping[str, Price] = Field(default_factory=dict)
    year_1: Mapping[str, Price] = Field(default_factory=dict)
    year_3: Mapping[str, Price] = Field(default_factory=dict)

    @property
    def sustained(self) -> Decimal:
        """vCPU that are there all the time."""
        return self.vcpu if self.baseline is None else min(self.baseline, self.vcpu)

    def priced(self, market: Market) -> Mapping[str, Figure | Decimal]:
        """Its prices in one market, by region."""
        found: Mapping[str, Figure | Decimal] = getattr(self, _FIELDS[market])
        return found


_FIELDS = {
    Market.ON_DEMAND: "hour",
    Market.SPOT: "spot",
    Market.YEAR_1: "year_1",
    Market.YEAR_3: "year_3",
}


class Meter(Quote):
    """Something that is paid by its amount: USD by region."""

    title: str
    usd: Mapping[str, Annotated[Amount, BeforeValidator(exact)]]

    def figure(self, region: str) -> Figure | None:
        """Its price there, or None."""
        if region not in self.usd:
            return None
        return Figure(value=self.usd[region], kind=self.kind, source=self.source, date=self.date)


class Step(Frozen):
    """Traffic up to an amount in a month costs so much a GB; the last step has no end."""

    usd: Amount
    up_to_gb: Positive | None = None


class Egress(Quote):
    """What traffic to the internet costs from one region."""

    region: str
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]


class CloudBook(Frozen):
    """What a provider's machines and what goes with them cost."""

    id: str
    provider: str
    title: str
    aliases: tuple[str, ...] = ()
    currency: str = "USD"
    usual_region: str
    regions: Mapping[str, Region]
    baseline: str = Field(
        default="", description="Where the baselines of burstable types are from."
    )
    types: Mapping[str, InstanceType] = Field(default_factory=dict)
    meters: Mapping[str, Meter] = Field(default_factory=dict)
    egress: Egress | None = None

    @model_validator(mode="after")
    def _complete(self) -> CloudBook:
        """Every plain number has a quote, so that no price is shown without its source."""
        if self.usual_region not in self.regions:
            raise ValueError(f"usual_region '{self.usual_region}' is not one of the regions")
        for name, kind in self.types.items():
            for market in Market:
                for region, price in kind.priced(market).items():
                    if isinstance(price, Decimal) and self._quote(region, market) is None:
                        raise ValueError(
                            f"types.{name}.{_FIELDS[market]}.{region}: nothing says where it is from; "
                            f"write value, kind and source, or add regions.{region}.{_FIELDS[market]}"
                        )
        return self

    @cached_property
    def version(self) -> str:
        """The book and the digest of everything in it: `aws@1f2e…`."""
        return f"{self.id}@{digest_of(self.model_dump(mode='json')).removeprefix('sha256:')[:12]}"

    @cached_property
    def dates(self) -> tuple[dt.date, dt.date] | None:
        """The oldest and the newest day that its figures are from."""
        quotes = [quote for region in self.regions.values() for _, quote in region if quote]
        own = [
            price
            for kind in self.types.values()
            for market in Market
            for price in kind.priced(market).values()
            if isinstance(price, Figure)
        ]
        more = [*self.meters.values(), *([self.egress] if self.egress else [])]
        days = [item.date for item in (*quotes, *own, *more) if item.date]
        return (min(days), max(days)) if days else None

    def price(self, name: str, region: str, market: Market) -> Figure | None:
        """USD for an hour of that type there, with its source; None where the book has none."""
        found = self.types[name].priced(market).get(region)
        if found is None or isinstance(found, Figure):
            return found
        quote = self._quote(region, market)
        assert quote is not None, "checked when the book is read"
        return Figure(value=found, kind=quote.kind, source=quote.source, date=quote.date)

    def meter(self, name: str, region: str) -> Figure | None:
        """USD for one unit of what a meter counts there. Where only another region's price is known, that stands in,
        as an assumption that says so; None where there is none at all."""
        found = self.meters.get(name)
        if found is None or not found.usd:
            return None
        if (own := found.figure(region)) is not None:
            return own
        other = self.usual_region if self.usual_region in found.usd else next(iter(found.usd))
        return _standing_in(found, found.usd[other], other)

    def traffic(self, region: str) -> tuple[tuple[Step, Figure], ...]:
        """The steps of what traffic to the internet costs from there, each with its price."""
        if self.egress is None:
            return ()
        known = self.egress
        return tuple(
            (
                step,
                Figure(value=step.usd, kind=known.kind, source=known.source, date=known.date)
                if known.region == region
                else _standing_in(known, step.usd, known.region),
            )
            for step in known.steps
        )

    def _quote(self, region: str, market: Market) -> Quote | None:
        found = self.regions.get(region)
        quote: Quote | None = getattr(found, _FIELDS[market]) if found else None
        return quote


def _standing_in(quote: Quote, value: Decimal, region: str) -> Figure:
    return Figure(
        value=value,
        kind=PriceKind.ASSUMPTION,
        source=f"{quote.source}; the price of {region} stands in",
        date=quote.date,
    )
