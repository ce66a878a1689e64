"""Estimates for people: one sentence that never shows a figure without saying whose prices it is made of."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from alma.core.economics.figures import shown
from alma.core.model.cost import CostLine, Estimate, Item, Variant

_MANY = Decimal(10)
_NAMES = {
    Item.CPU: "vCPU",
    Item.MEMORY: "GiB of memory",
    Item.DISK: "GiB of disk",
    Item.BACKUP: "GiB of backups",
    Item.GPU: "GPU",
    Item.OBJECT: "GiB of object storage",
    Item.ADDRESS: "public address",
    Item.TRAFFIC: "GB to the internet",
}


def money(amount: Decimal, currency: str = "USD") -> str:
    """`$117`; cents only below ten."""
    digits = Decimal("0.01") if amount < _MANY else Decimal(1)
    figure = f"{amount.quantize(digits, rounding=ROUND_HALF_UP):,f}"
    return f"${figure}" if currency == "USD" else f"{figure} {currency}"


def in_words(estimate: Estimate) -> str:
    """`about $117 a month (4 vCPU, 8 GiB; list-price proxy, not your own cost)`."""
    if not estimate.lines:
        return "nothing that costs anything"
    sizes = [
        _amount(estimate, Item.CPU, "vCPU"),
        _amount(estimate, Item.MEMORY, "GiB"),
        _amount(estimate, Item.DISK, "GiB of disk"),
        _amount(estimate, Item.GPU, "GPU"),
        _amount(estimate, Item.INSTANCE, "instances"),
        _amount(estimate, Item.OBJECT, "GiB of object storage"),
    ]
    counted = ", ".join(size for size in sizes if size)
    return (
        f"about {money(estimate.monthly, estimate.currency)} a month ({counted}; {estimate.basis})"
    )


def explained(estimate: Estimate) -> tuple[str, ...]:
    """The whole sum for people to check: each line, the total, whose prices, what was assumed and what is missing."""
    prices = dict.fromkeys(f"{line.kind}: {line.source}" for line in estimate.lines)
    return (
        *(line_in_words(line) for line in estimate.lines),
        f"total {estimate.monthly:,.2f} {estimate.currency} a month, by {estimate.book}",
        *(f"price, {price}" for price in prices),
        *(f"assumed: {text}" for text in estimate.assumptions),
        *(f"not counted: {text}" for text in estimate.uncounted),
    )


def line_in_words(line: CostLine) -> str:
    """`web: 8 vCPU × 23.076 = 184.61`."""
    price = shown(line.unit_price.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP))
    amount = f"{_rounded(line.quantity)} {_NAMES.get(line.what) or line.sku or line.unit}"
    return f"{line.resource}: {amount} × {price} = {line.monthly:,.2f}"


def offered(variant: Variant) -> str:
    """What a cheaper variant would change and what it costs then: `about $237 a month rather than $400, with …`. Says
    so when even that is more than the limit, or when there is nothing to change."""
    currency = variant.estimate.currency
    limit, before = money(variant.limit, currency), money(variant.before, currency)
    if not variant.edits:
        return f"{before} a month is {'within' if variant.within else 'more than'} the limit of {limit}"
    costs = f"about {money(variant.estimate.monthly, currency)} a month rather than {before}"
    offer = f"{costs}, with {'; '.join(variant.changes)}"
    return offer if variant.within else f"nothing sensible keeps to {limit}; the nearest is {offer}"


def _amount(estimate: Estimate, what: Item, unit: str) -> str:
    amount = estimate.amount(what)
    unit = unit.removesuffix("s") if amount == 1 and unit == "instances" else unit
    return f"{_rounded(amount)} {unit}" if amount else ""


def _rounded(amount: Decimal) -> str:
    return shown(amount.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))
