"""Estimates for people: one sentence that never shows a figure without saying whose prices it is made of."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from alma.core.economics.figures import shown
from alma.core.model.cost import CostLine, Estimate, Item

_MANY = Decimal(10)


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
    ]
    counted = ", ".join(size for size in sizes if size)
    return (
        f"about {money(estimate.monthly, estimate.currency)} a month ({counted}; {estimate.basis})"
    )


def line_in_words(line: CostLine, currency: str = "USD") -> str:
    """`web-1: 4 vCPU of cpu at 23.08 = 92.30 USD (list: OpenCost …)`: one line to check the sum by."""
    price = shown(line.unit_price.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP))
    return (
        f"{line.resource}: {line.what}, {_rounded(line.quantity)} {line.unit} × {price}"
        f" = {line.monthly:,.2f} {currency} ({line.kind}: {line.source})"
    )


def _amount(estimate: Estimate, what: Item, unit: str) -> str:
    amount = estimate.amount(what)
    return f"{_rounded(amount)} {unit}" if amount else ""


def _rounded(amount: Decimal) -> str:
    return shown(amount.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))
