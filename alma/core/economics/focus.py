"""Estimates and prices as FOCUS 1.2 rows, the open form of cost data, so that other tools can read them.

FOCUS is about what was billed, and this is not: `x_Estimate` says so in every row, and `x_Kind`, `x_Source` and
`x_PriceDate` say how far each price can be trusted.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from alma.core.economics.cloudbook import CloudBook, Market
from alma.core.economics.figures import shown
from alma.core.model.blueprint import Blueprint
from alma.core.model.cost import Estimate, Item

COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory",
    "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart", "ConsumedQuantity",
    "ConsumedUnit", "ContractedCost", "ContractedUnitPrice", "EffectiveCost", "InvoiceIssuerName", "ListCost",
    "ListUnitPrice", "PricingCategory", "PricingCurrency", "PricingQuantity", "PricingUnit", "ProviderName",
    "PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType", "ServiceCategory",
    "ServiceName", "SkuId", "SkuPriceDetails", "SkuPriceId", "Tags", "x_Book", "x_Estimate", "x_Kind", "x_PriceDate",
    "x_Source",
)  # fmt: skip
_CATEGORIES = {
    Item.CPU: "Compute",
    Item.MEMORY: "Compute",
    Item.GPU: "Compute",
    Item.INSTANCE: "Compute",
    Item.DISK: "Storage",
    Item.BACKUP: "Storage",
    Item.OBJECT: "Storage",
    Item.ADDRESS: "Networking",
    Item.TRAFFIC: "Networking",
}
_WAYS = {
    Market.ON_DEMAND: "Standard",
    Market.SPOT: "Dynamic",
    Market.YEAR_1: "Committed",
    Market.YEAR_3: "Committed",
}
_OWN = "On-premises"


def estimate_rows(
    estimate: Estimate, blueprint: Blueprint, *, day: date
) -> Iterator[dict[str, str]]:
    """One row for each line of an estimate, for the month in which `day` is."""
    start, end = _month(day)
    types = {resource.name: resource.type.value for resource in blueprint.resources}
    labels = {resource.name: dict(resource.labels) for resource in blueprint.resources}
    for line in estimate.lines:
        cost = f"{line.monthly:f}"
        yield {
            "BilledCost": cost,
            "BillingAccountId": blueprint.name,
            "BillingPeriodStart": start,
            "BillingPeriodEnd": end,
            "ChargePeriodStart": start,
            "ChargePeriodEnd": end,
            "ChargeCategory": "Usage",
            "ChargeFrequency": "Usage-Based",
            "ChargeDescription": f"{line.what.value} of {line.resource} for a month, estimated",
            "ConsumedQuantity": f"{line.quantity:f}",
            "ConsumedUnit": line.unit,
            "ContractedCost": cost,
            "ContractedUnitPrice": f"{line.unit_price:f}",
            "EffectiveCost": cost,
            "ListCost": cost,
            "ListUnitPrice": f"{line.unit_price:f}",
            "PricingCategory": "Standard" if line.kind.value != "estimate" else "Dynamic",
            "PricingQuantity": f"{line.quantity:f}",
            "PricingUnit": f"{line.unit}-Months",
            "RegionId": estimate.region or "",
            "RegionName": estimate.region or "",
            "ResourceId": f"{blueprint.name}/{line.resource}",
            "ResourceName": line.resource,
            "ResourceType": types.get(line.resource, line.what.value),
            "ServiceCategory": _CATEGORIES[line.what],
            "ServiceName": line.sku or line.what.value,
            "SkuId": line.sku or "",
            "SkuPriceId": line.sku or "",
            "SkuPriceDetails": _details({"InstanceType": line.sku} if line.what is Item.INSTANCE else {}),
            "Tags": json.dumps(labels.get(line.resource, {}), sort_keys=True),
            "x_Kind": line.kind.value,
            "x_Source": line.source,
            "x_PriceDate": line.date.isoformat() if line.date else "",
            **_common(estimate.provider or _OWN, estimate.currency, estimate.book),
        }  # fmt: skip


def book_rows(book: CloudBook, *, region: str | None = None) -> Iterator[dict[str, str]]:
    """One row for each price of a machine, without any cost."""
    for name, kind in book.types.items():
        details = {
            "InstanceType": name,
            "CoreCount": shown(kind.vcpu).replace(",", ""),
            "MemorySize": shown(kind.memory_gib).replace(",", ""),
            **({"GpuCount": kind.gpu} if kind.gpu else {}),
        }
        for market, way in _WAYS.items():
            for where in kind.priced(market):
                price = book.price(name, where, market)
                if price is None or region not in {None, where}:
                    continue
                term = f", {market.value}" if way == "Committed" else ""
                yield {
                    "ChargeCategory": "Usage",
                    "ChargeDescription": f"an hour of {name} in {where}{term}",
                    "ListUnitPrice": f"{price.value:f}",
                    "PricingCategory": way,
                    "PricingUnit": "Hours",
                    "RegionId": where,
                    "RegionName": where,
                    "ServiceCategory": "Compute",
                    "ServiceName": name,
                    "SkuId": name,
                    "SkuPriceId": f"{name}/{where}/{market.value}",
                    "SkuPriceDetails": _details(details),
                    "x_Kind": price.kind.value,
                    "x_Source": price.source,
                    "x_PriceDate": price.date.isoformat() if price.date else "",
                    **_common(book.title, book.currency, book.version),
                }


def as_csv(rows: Iterable[Mapping[str, str]]) -> str:
    """The rows under all columns; what a row does not say is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _common(provider: str, currency: str, book: str) -> dict[str, str]:
    return {
        "BillingCurrency": currency,
        "PricingCurrency": currency,
        "ProviderName": provider,
        "PublisherName": provider,
        "InvoiceIssuerName": provider,
        "x_Book": book,
        "x_Estimate": "true",
    }


def _details(found: Mapping[str, object]) -> str:
    return json.dumps(found, sort_keys=True) if found else ""


def _month(day: date) -> tuple[str, str]:
    start = day.replace(day=1)
    end = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return f"{start.isoformat()}T00:00:00Z", f"{end.isoformat()}T00:00:00Z"
