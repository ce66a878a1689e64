"""Price lists of others, read: a CSV of ours, SkyPilot's catalogue, libcloud's pricing.json, and FOCUS billing data.

What can't be used is left out and said: prices of zero, other currencies, types whose vCPU and memory nobody tells, and
burstable types without a known baseline, which would look better than they are.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from alma.core.economics.cloudbook import Arch, CloudBook, InstanceType
from alma.core.model.base import Json
from alma.core.model.cost import PriceKind
from alma.core.model.errors import InvalidInput

_MONEY = ("hour", "spot", "year_1", "year_3")
_ARM = {
    "aws": re.compile(r"^[a-z]+\d+g[a-z]*\."),
    "azure": re.compile(r"^Standard_[A-Z]+\d+(-\d+)?[a-z]*p"),
    "gcp": re.compile(r"^(t2a|c4a|n4a)-"),
}
_BURSTABLE = {
    "aws": re.compile(r"^t\d"),
    "azure": re.compile(r"^Standard_B"),
    "gcp": re.compile(r"^(e2-(micro|small|medium)|f1-|g1-)"),
}
_PROVIDERS = {
    "aws": "aws", "amazon web services": "aws", "amazon": "aws",
    "microsoft": "azure", "azure": "azure", "microsoft azure": "azure",
    "google cloud": "gcp", "google": "gcp", "gcp": "gcp", "google cloud platform": "gcp",
}  # fmt: skip
_LIBCLOUD = {"ec2_linux": "aws", "azure_linux": "azure"}
_HOURS = frozenset({"hour", "hours", "hrs", "hr", "1 hour"})


class Format(StrEnum):
    """Whose form a price list has."""

    CSV = "csv"
    SKYPILOT = "skypilot"
    LIBCLOUD = "libcloud"
    FOCUS = "focus"


@dataclass(frozen=True)
class Row:
    """The prices of one type in one region, USD an hour, and what the type is, as far as the list tells."""

    provider: str
    region: str
    type: str
    vcpu: Decimal | None = None
    memory_gib: Decimal | None = None
    arch: Arch | None = None
    gpu: int = 0
    hour: Decimal | None = None
    spot: Decimal | None = None
    year_1: Decimal | None = None
    year_3: Decimal | None = None
    day: date | None = None
    derived: bool = False


@dataclass
class Imported:
    """What a list holds. `skipped` counts what was left out, by the reason."""

    rows: list[Row] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def read_prices(
    text: str, form: Format, *, provider: str | None, books: Mapping[str, CloudBook]
) -> Imported:
    """The rows of a price list that can be used. `provider` is whose list it is, where it does not say itself; `books`
    tell what types are whose list only has prices. Raises InvalidInput for what is no such list."""
    found = Imported()
    merged: dict[tuple[str, str, str], Row] = {}
    for row in _READERS[form](text, provider, books):
        usable = _completed(row, books, found.skipped)
        if usable is not None:
            key = (usable.provider, usable.region, usable.type)
            merged[key] = _joined(merged[key], usable) if key in merged else usable
    found.rows = list(merged.values())
    if not found.rows:
        raise InvalidInput(
            f"the file has no price that can be used as {form.value}",
            hint=_reasons(found.skipped) or f"its columns are not those of {form.value}",
        )
    return found


def _reasons(skipped: Mapping[str, int]) -> str:
    return "; ".join(f"{count}: {reason}" for reason, count in skipped.items())


def _completed(row: Row, books: Mapping[str, CloudBook], skipped: Counter[str]) -> Row | None:
    """With what is known of its type; None, and counted, when it can't be used."""
    known = _known(row, books)
    if not any(getattr(row, name) for name in _MONEY):
        skipped["no price, or zero"] += 1
        return None
    if known is None and (not row.vcpu or not row.memory_gib):
        skipped["neither the list nor a book tells its vCPU and memory"] += 1
        return None
    burstable = _BURSTABLE.get(row.provider)
    if burstable and burstable.match(row.type) and (known is None or known.baseline is None):
        skipped["burstable, and what it keeps up is not known"] += 1
        return None
    if known is not None:
        return replace(
            row, vcpu=known.vcpu, memory_gib=known.memory_gib, arch=known.arch, gpu=known.gpu
        )
    return replace(row, arch=row.arch or _arch(row))


def _known(row: Row, books: Mapping[str, CloudBook]) -> InstanceType | None:
    book = books.get(row.provider)
    return book.types.get(row.type) if book else None


def _arch(row: Row) -> Arch:
    pattern = _ARM.get(row.provider)
    return Arch.ARM if pattern and pattern.match(row.type) else Arch.X86


def _joined(first: Row, other: Row) -> Row:
    """Of several rows of one type in one region: on demand the later, of spot prices, which differ by zone, the
    highest."""
    spots = [price for price in (first.spot, other.spot) if price]
    return replace(
        other,
        hour=other.hour or first.hour,
        spot=max(spots) if spots else None,
        year_1=other.year_1 or first.year_1,
        year_3=other.year_3 or first.year_3,
    )


# ── the forms ────────────────────────────────────────────────────────────────────────────────────


def _own(text: str, provider: str | None, books: Mapping[str, CloudBook]) -> Iterator[Row]:
    """cloud, region, instance_type, vcpu, memory_gib, arch, gpu, ondemand_usd_hour, spot_usd_hour,
    commit_1y_usd_hour, commit_3y_usd_hour, price_date."""
    for row in _table(text, {"region", "instance_type", "ondemand_usd_hour"}, "csv"):
        yield Row(
            provider=_whose(row.get("cloud") or provider),
            region=row["region"],
            type=row["instance_type"],
            vcpu=_decimal(row.get("vcpu")),
            memory_gib=_decimal(row.get("memory_gib")),
            arch=_processor(row.get("arch")),
            gpu=int(_decimal(row.get("gpu")) or 0),
            hour=_decimal(row.get("ondemand_usd_hour")),
            spot=_decimal(row.get("spot_usd_hour")),
            year_1=_decimal(row.get("commit_1y_usd_hour")),
            year_3=_decimal(row.get("commit_3y_usd_hour")),
            day=_day(row.get("price_date")),
        )


def _skypilot(text: str, provider: str | None, books: Mapping[str, CloudBook]) -> Iterator[Row]:
    """InstanceType, AcceleratorName, AcceleratorCount, vCPUs, MemoryGiB, Price, SpotPrice, Region and more. The file is
    one provider's and does not say whose."""
    for row in _table(text, {"InstanceType", "Price", "Region"}, "skypilot"):
        if row["InstanceType"]:
            yield Row(
                provider=_whose(provider),
                region=row["Region"],
                type=row["InstanceType"],
                vcpu=_decimal(row.get("vCPUs")),
                memory_gib=_decimal(row.get("MemoryGiB")),
                arch=_processor(row.get("Arch")),
                gpu=int(_decimal(row.get("AcceleratorCount")) or 0),
                hour=_decimal(row.get("Price")),
                spot=_decimal(row.get("SpotPrice")),
            )


def _libcloud(text: str, provider: str | None, books: Mapping[str, CloudBook]) -> Iterator[Row]:
    """Prices by type and region, of Google by core and GiB; only of types that a book knows."""
    try:
        document = json.loads(text)
        compute = document["compute"]
    except (ValueError, KeyError, TypeError):
        raise InvalidInput(
            "the file is no pricing.json of libcloud", hint="it is JSON with the key compute"
        ) from None
    stamp = document.get("updated")
    day = datetime.fromtimestamp(stamp, UTC).date() if isinstance(stamp, int) else None
    for section, whose in _LIBCLOUD.items():
        names = {_plain(name): name for name in _types(books, whose)}
        for key, regions in _mapping(compute, section).items():
            for region, price in _mapping({"": regions}, "").items():
                name = names.get(_plain(key), key)
                yield Row(whose, str(region), name, hour=_decimal(price), day=day)
    yield from _by_parts(compute, books, day)


def _by_parts(compute: Any, books: Mapping[str, CloudBook], day: date | None) -> Iterator[Row]:
    families = _mapping(compute, "gce_instances")
    for name, kind in _types(books, "gcp").items():
        parts = _mapping(families, name.partition("-")[0])
        cores = _mapping(_mapping(parts, "cpu"), "on_demand")
        memory = _mapping(_mapping(parts, "ram"), "on_demand")
        for region in cores.keys() & memory.keys() if not kind.gpu else ():
            core = _decimal(_mapping(cores, region).get("price"))
            gib = _decimal(_mapping(memory, region).get("price"))
            hour = kind.sustained * core + kind.memory_gib * gib if core and gib else None
            yield Row("gcp", region, name, hour=hour, day=day, derived=True)


def _focus(text: str, provider: str | None, books: Mapping[str, CloudBook]) -> Iterator[Row]:
    """Usage of machines by the hour: what the list price of an hour was, with the type from SkuPriceDetails."""
    needed = {"ServiceCategory", "ListUnitPrice", "PricingUnit", "RegionId"}
    for row in _table(text, needed, "focus"):
        detail = _details(row.get("SkuPriceDetails") or row.get("x_SkuDetails"))
        name = detail.get("InstanceType") or row.get("x_InstanceType")
        usable = (
            row["ServiceCategory"] == "Compute"
            and row["PricingUnit"].casefold() in _HOURS
            and (row.get("PricingCurrency") or row.get("BillingCurrency") or "USD") == "USD"
            and name
        )
        price, way = _decimal(row["ListUnitPrice"]), row.get("PricingCategory") or "Standard"
        if usable and way in {"Standard", "Dynamic"}:
            yield Row(
                provider=_whose(row.get("ProviderName") or provider),
                region=row["RegionId"],
                type=str(name),
                vcpu=_decimal(detail.get("CoreCount")),
                memory_gib=_decimal(detail.get("MemorySize")),
                gpu=int(_decimal(detail.get("GpuCount")) or 0),
                hour=price if way == "Standard" else None,
                spot=price if way == "Dynamic" else None,
                day=_day((row.get("ChargePeriodStart") or "")[:10]),
            )


_READERS: Mapping[Format, Callable[[str, str | None, Mapping[str, CloudBook]], Iterator[Row]]] = {
    Format.CSV: _own,
    Format.SKYPILOT: _skypilot,
    Format.LIBCLOUD: _libcloud,
    Format.FOCUS: _focus,
}


# ── into a book ──────────────────────────────────────────────────────────────────────────────────


def as_books(rows: Iterable[Row], *, source: str, today: date) -> dict[str, dict[str, Any]]:
    """The rows as what a book of each provider would say over what it says already."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        book = found.setdefault(row.provider, {"regions": {}, "types": {}})
        book["regions"].setdefault(row.region, {})
        kind = book["types"].setdefault(row.type, _shape(row))
        for name in _MONEY:
            if (price := getattr(row, name)) is not None and price > 0:
                kind.setdefault(name, {})[row.region] = _figure(row, name, price, source, today)
    return found


def _shape(row: Row) -> dict[str, Json]:
    assert row.vcpu is not None, "rows are completed when read"
    assert row.memory_gib is not None, "rows are completed when read"
    shape: dict[str, Json] = {"vcpu": float(row.vcpu), "memory_gib": float(row.memory_gib)}
    if row.arch is Arch.ARM:
        shape["arch"] = row.arch.value
    return {**shape, "gpu": row.gpu} if row.gpu else shape


def _figure(row: Row, name: str, price: Decimal, source: str, today: date) -> dict[str, Json]:
    kind = PriceKind.LIST if name == "hour" else PriceKind.ESTIMATE
    if row.derived:
        kind = PriceKind.DERIVED
    return {
        "value": float(price),
        "kind": kind.value,
        "source": source,
        "date": (row.day or today).isoformat(),
    }


# ── values ───────────────────────────────────────────────────────────────────────────────────────


def _table(text: str, needed: set[str], form: str) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if missing := sorted(needed - set(reader.fieldnames or ())):
        raise InvalidInput(
            f"the file has no column {', '.join(missing)}", hint=f"is it a list of the form {form}?"
        )
    for row in reader:
        yield {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}


def _whose(name: str | None) -> str:
    if not name:
        raise InvalidInput(
            "the list does not say whose prices it has", hint="name the provider: aws, azure, gcp"
        )
    word = " ".join(name.casefold().split())
    return _PROVIDERS.get(word, re.sub(r"[^a-z0-9]+", "-", word).strip("-") or "other")


def _decimal(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > 0 else None


def _processor(value: str | None) -> Arch | None:
    word = (value or "").casefold()
    if word in {"arm64", "aarch64", "arm"}:
        return Arch.ARM
    return Arch.X86 if word in {"x86_64", "amd64", "x86"} else None


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value or "")
    except ValueError:
        return None


def _details(value: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(value or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _mapping(value: Any, key: str) -> Mapping[str, Any]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _types(books: Mapping[str, CloudBook], provider: str) -> Mapping[str, InstanceType]:
    book = books.get(provider)
    return book.types if book else {}


def _plain(name: str) -> str:
    """libcloud writes Standard_D2s_v3 as d2sv3."""
    return re.sub(r"[^a-z0-9.]", "", name.casefold()).removeprefix("standard")
