"""The price books, to look at and to hand to others: what a machine costs where, and how anybody knows."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from alma.core.economics.cloudbook import CloudBook, Market
from alma.core.economics.focus import as_csv, book_rows, estimate_rows
from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint
from alma.core.model.cost import Amount, PriceKind
from alma.core.model.errors import InvalidInput
from alma.core.services.estimates import ONPREM, Estimates


class BookView(Frozen):
    """A price book by and large. `first` and `last` are the oldest and the newest day that a figure is from."""

    provider: str
    title: str
    version: str
    currency: str
    regions: tuple[str, ...] = ()
    usual_region: str | None = None
    types: int = 0
    first: dt.date | None = None
    last: dt.date | None = None


class PriceView(Frozen):
    """What an hour of one type costs in one region."""

    type: str
    region: str
    market: Market
    vcpu: Amount
    memory_gib: Amount
    arch: str
    gpu: int = 0
    sustained: Amount = Field(description="vCPU that are there all the time.")
    usd_hour: Amount
    kind: PriceKind
    source: str
    date: dt.date | None = None


def books(known: Estimates) -> tuple[BookView, ...]:
    """Every book there is, that of one's own machines first."""
    own = known.own
    dates = [
        figure.date
        for name in type(own.fallback).model_fields
        if (figure := getattr(own.fallback, name)) and getattr(figure, "date", None)
    ]
    view = BookView(
        provider=ONPREM,
        title="your own machines",
        version=own.version,
        currency=own.currency,
        types=len(own.hosts),
        first=min(dates, default=None),
        last=max(dates, default=None),
    )
    return (view, *(_view(book) for book in known.clouds.values()))


def _view(book: CloudBook) -> BookView:
    first, last = book.dates or (None, None)
    return BookView(
        provider=book.provider,
        title=book.title,
        version=book.version,
        currency=book.currency,
        regions=tuple(book.regions),
        usual_region=book.usual_region,
        types=len(book.types),
        first=first,
        last=last,
    )


def prices(
    known: Estimates, provider: str, *, region: str | None = None, type_: str | None = None
) -> tuple[PriceView, ...]:
    """The prices of a cloud's machines in a region, the usual one if none is named, the cheapest first. Raises
    InvalidInput for a provider, a region or a type that is not there."""
    book = _cloud(known, provider)
    where = known.region(book.provider, region)
    if type_ is not None and type_ not in book.types:
        raise InvalidInput(
            f"the book has no {book.title} type '{type_}'",
            hint=f"it has {len(book.types)}, {next(iter(book.types), 'none')} among them",
        )
    found = [
        _price(book, name, where, market)
        for name in ([type_] if type_ else book.types)
        for market in Market
        if book.price(name, where, market) is not None
    ]
    return tuple(sorted(found, key=lambda item: (item.market, item.usd_hour, item.type)))


def _price(book: CloudBook, name: str, region: str, market: Market) -> PriceView:
    kind, price = book.types[name], book.price(name, region, market)
    assert price is not None, "only what has a price is shown"
    return PriceView(
        type=name,
        region=region,
        market=market,
        vcpu=kind.vcpu,
        memory_gib=kind.memory_gib,
        arch=kind.arch,
        gpu=kind.gpu,
        sustained=kind.sustained,
        usd_hour=price.value,
        kind=price.kind,
        source=price.source,
        date=price.date,
    )


def price_list(known: Estimates, provider: str, *, region: str | None = None) -> str:
    """A cloud's prices as FOCUS rows, CSV; of all regions if none is named."""
    book = _cloud(known, provider)
    where = known.region(book.provider, region) if region else None
    return as_csv(book_rows(book, region=where))


def cost_rows(
    known: Estimates, blueprint: Blueprint, provider: str, *, region: str | None, day: dt.date
) -> str:
    """What a blueprint would cost in the month of `day`, as FOCUS rows, CSV."""
    estimate = known.estimate(blueprint, provider, region=region)
    return as_csv(estimate_rows(estimate, blueprint, day=day))


def _cloud(known: Estimates, provider: str) -> CloudBook:
    name = known.provider(provider)
    if name == ONPREM:
        raise InvalidInput(
            "your own machines have rates, not types",
            hint="enter their prices in config/prices/onprem.yaml",
        )
    return known.clouds[name]
