"""What resolved instances would cost a month at a cloud's prices: each on the cheapest type that fits, line by line.

It is the plain move of what the blueprint says: databases, caches and balancers run on machines, as they do at home.
What a provider would run for you (managed databases and the like) is not priced, and that is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from alma.core.economics.cloudbook import Arch, Market
from alma.core.economics.cost import PRICED, copies, gib, listed, stands_for
from alma.core.economics.figures import Figure, shown
from alma.core.economics.fitting import MEMORY_SHORT, Need, Offer, Shelf
from alma.core.economics.hardware import HOURS_PER_MONTH
from alma.core.economics.pricebook import PriceBook
from alma.core.economics.purchase import Disk, Purchase, Store, purchase_of
from alma.core.model.blueprint import ResourceType
from alma.core.model.cost import CostLine, Estimate, Item, PriceKind, cents, total
from alma.core.model.state import DesiredResource
from alma.core.model.units import Size

TRAFFIC = "traffic"
_DISKS = {Disk.SSD: "disk", Disk.HDD: "disk_hdd"}
_STORES = {Store.HOT: "object", Store.COOL: "object_cool", Store.ARCHIVE: "object_archive"}
_MARKETS = {
    Market.SPOT: "spot price, which moves and may end at short notice",
    Market.YEAR_1: "price of a commitment for a year",
    Market.YEAR_3: "price of a commitment for three years",
}

_Key = tuple[str, Item, str, str, Figure]


@dataclass(frozen=True)
class _Pool:
    """Who shares machines: of one name, bought the same way."""

    name: str
    arch: Arch
    market: Market
    hours: Decimal


@dataclass
class _Bill:
    """Amounts of one resource at one price make one line. What can't be priced is kept by what is missing."""

    shelf: Shelf
    common: PriceBook
    amounts: dict[_Key, Decimal] = field(default_factory=dict)
    guessed: dict[str, dict[str, None]] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    missing: dict[str, dict[str, None]] = field(default_factory=dict)
    unpriced: dict[str, None] = field(default_factory=dict)
    pools: dict[_Pool, list[list[Need]]] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    traffic: Decimal = Decimal(0)

    def add(self, key: _Key, quantity: Decimal) -> None:
        if quantity:
            self.amounts[key] = self.amounts.get(key, Decimal(0)) + quantity

    def lines(self) -> Iterator[CostLine]:
        for (resource, what, unit, sku, price), quantity in self.amounts.items():
            yield CostLine(
                resource=resource,
                what=what,
                quantity=quantity,
                unit=unit,
                unit_price=price.value,
                monthly=cents(quantity * price.value),
                kind=price.kind,
                source=price.source,
                sku=sku,
                date=price.date,
            )

    def metered(self, resource: str, what: Item, meter: str, quantity: Decimal) -> None:
        """So much of what a meter counts, at its price for a month."""
        book = self.shelf.book
        price = self.shelf.meter(meter)
        if price is None:
            self.missing.setdefault(meter, {})[resource] = None
            return
        if price.kind is PriceKind.ASSUMPTION:
            self.notes[f"{book.meters[meter].title}: {price.source}"] = None
        self.add((resource, what, "GiB", book.meters[meter].title, price), quantity)


def cloud_estimate(desired: Sequence[DesiredResource], shelf: Shelf, common: PriceBook) -> Estimate:
    """What these instances cost a month in the shelf's region. Sizes that nobody says, and how much backups take, are
    taken from `common`, as for machines of one's own. What the book has no price for is named, never made up."""
    bill = _Bill(shelf, common)
    volumes = [i for i in desired if i.type is ResourceType.VOLUME and not i.implied]
    sizes = {item.address: _disk(bill, item) for item in volumes}
    entries = Counter(item.resource.name for item in desired if item.type in PRICED)
    for item in desired:
        if item.type in PRICED:
            _add_item(bill, item, sizes, times=stands_for(item, entries))
        elif item.address in sizes:
            _add_storage(bill, item, [sizes[item.address]], shared=[], times=1)
    _add_pools(bill)
    _add_traffic(bill)
    lines = tuple(bill.lines())
    book = shelf.book
    return Estimate(
        lines=lines,
        monthly=total(lines),
        currency=book.currency,
        book=book.version,
        basis=f"prices of {book.title} in {shelf.region}",
        assumptions=tuple(_assumptions(bill)),
        uncounted=tuple(_uncounted(bill, desired)),
        provider=book.provider,
        region=shelf.region,
        unpriced=tuple(bill.unpriced),
    )


# ── instances ────────────────────────────────────────────────────────────────────────────────────


def _add_item(bill: _Bill, item: DesiredResource, sizes: dict[str, Size], *, times: int) -> None:
    name = item.resource.name
    way, wrong = purchase_of(item.resource)
    if wrong:
        bill.notes[wrong] = None
    if bill.seen[name] == 0:
        bill.traffic += way.egress_gb or 0
    disks = [_disk(bill, item), *(mount.size for mount in item.mounts if mount.size)]
    shared = [sizes[mount.volume] for mount in item.mounts if mount.volume in sizes]
    if item.type is ResourceType.OBJECT_STORE:
        bill.seen[name] += times
        amount = sum((gib(size) for size in disks), Decimal(0)) * times
        bill.metered(name, Item.OBJECT, _STORES[way.objects], amount)
        bill.notes["object storage is the provider's own; its requests are not counted"] = None
    else:
        _add_instances(bill, item, way, times=times)
        _add_storage(bill, item, disks, shared=shared, times=times)
        if item.public:
            _add_address(bill, name, times)


def _add_instances(bill: _Bill, item: DesiredResource, way: Purchase, *, times: int) -> None:
    name, need = item.resource.name, _need(bill, item, way)
    for _ in range(times):
        number = bill.seen[name]
        bill.seen[name] += 1
        market = Market.SPOT if number < way.spot else way.market
        if way.pool:
            pool = _Pool(way.pool, way.arch, market, way.hours or HOURS_PER_MONTH)
            machines = bill.pools.setdefault(pool, [])
            machines.extend([] for _ in range(number + 1 - len(machines)))
            machines[number].append(need)
        else:
            _add_machine(bill, name, need, market, way.hours or HOURS_PER_MONTH)


def _need(bill: _Bill, item: DesiredResource, way: Purchase) -> Need:
    unsaid, name = bill.common.unsaid, item.resource.name
    if item.cpu is None:
        bill.guessed.setdefault("cpu", {})[name] = None
    if item.memory is None:
        bill.guessed.setdefault("memory", {})[name] = None
    return Need(
        cpu=Decimal(str(item.cpu if item.cpu is not None else unsaid.cpu)),
        memory_gib=gib(item.memory or unsaid.memory),
        gpu=item.resource.specs.gpu or 0,
        arch=way.arch,
        sustained=way.sustained,
        type=way.type,
    )


def _add_machine(bill: _Bill, name: str, need: Need, market: Market, hours: Decimal) -> None:
    offer = bill.shelf.cheapest(need, market)
    if offer is None:
        bill.unpriced[name] = None
        bill.missing.setdefault(_wanted(need), {})[name] = None
        return
    key = (offer.name, offer.market, hours)
    if key not in bill.shelf.months:
        bill.shelf.months[key] = _monthly(offer, hours)
    month = bill.shelf.months[key]
    bill.add((name, Item.INSTANCE, "instance", offer.name, month), Decimal(1))


def _monthly(offer: Offer, hours: Decimal) -> Figure:
    """The price of one for its hours of a month, and what has to be known of it."""
    told = [offer.hour.source]
    if offer.market in _MARKETS:
        told.append(_MARKETS[offer.market])
    if hours != HOURS_PER_MONTH:
        told.append(f"{shown(hours)} hours a month")
    return offer.hour.model_copy(
        update={"value": offer.hour.value * hours, "source": "; ".join(told)}
    )


def _wanted(need: Need) -> str:
    if need.type is not None:
        return f"type {need.type}"
    parts = [f"{shown(need.cpu)} vCPU", f"{shown(need.memory_gib.normalize())} GiB"]
    if need.gpu:
        parts.append(f"{need.gpu} GPU")
    if need.arch is not Arch.X86:
        parts.append(need.arch)
    return " and ".join([", ".join(parts[:-1]), parts[-1]])


def _add_pools(bill: _Bill) -> None:
    """One machine for the first instances of all who share, one for their second instances, and so on: no two
    instances of one resource are ever on the same machine."""
    for pool, machines in bill.pools.items():
        for needs in machines:
            joint = Need(
                cpu=sum((need.cpu for need in needs), Decimal(0)),
                memory_gib=sum((need.memory_gib for need in needs), Decimal(0)),
                gpu=sum(need.gpu for need in needs),
                arch=pool.arch,
                sustained=sum((_sustained(need) for need in needs), Decimal(0)),
            )
            _add_machine(bill, pool_line(pool.name), joint, pool.market, pool.hours)


def _sustained(need: Need) -> Decimal:
    return need.cpu if need.sustained is None else min(need.sustained, need.cpu)


def pool_line(pool: str) -> str:
    """Under which name the machines of a pool stand in an estimate."""
    return f"pool {pool}"


# ── storage, addresses, traffic ──────────────────────────────────────────────────────────────────


def _add_storage(
    bill: _Bill,
    item: DesiredResource,
    disks: Sequence[Size],
    *,
    shared: Sequence[Size],
    times: int,
) -> None:
    """Its disks, and backups of these and of the volumes it shares, which lie in object storage."""
    name, way = item.resource.name, purchase_of(item.resource)[0]
    own = sum((gib(size) for size in disks), Decimal(0))
    bill.metered(name, Item.DISK, _DISKS[way.disk], own * times)
    plan = item.resource.backup
    if plan is None or not plan.enabled:
        return
    kept = own + sum((gib(size) for size in shared), Decimal(0))
    taken, told = copies(bill.common.backups, name, plan)
    bill.notes[f"{told}, in object storage"] = None
    bill.metered(name, Item.BACKUP, _STORES[way.backups], kept * taken * times)


def _add_address(bill: _Bill, name: str, times: int) -> None:
    book = bill.shelf.book
    price = bill.shelf.meter("address_hour")
    if price is None:
        bill.missing.setdefault("address_hour", {})[name] = None
        return
    title = book.meters["address_hour"].title
    month = price.model_copy(update={"value": price.value * HOURS_PER_MONTH})
    bill.add((name, Item.ADDRESS, "address", title, month), Decimal(times))


def _add_traffic(bill: _Bill) -> None:
    left, start = bill.traffic, Decimal(0)
    for step, price in bill.shelf.book.traffic(bill.shelf.region):
        end = step.up_to_gb
        amount = left if end is None else min(left, end - start)
        bill.add((TRAFFIC, Item.TRAFFIC, "GB", "traffic to the internet", price), amount)
        left -= amount
        start = end or start


def _disk(bill: _Bill, item: DesiredResource) -> Size:
    if item.disk is None:
        bill.guessed.setdefault("disk", {})[item.resource.name] = None
    return item.disk or bill.common.unsaid.disk


# ── what has to be said ──────────────────────────────────────────────────────────────────────────


def _assumptions(bill: _Bill) -> Iterator[str]:
    usual = bill.common.unsaid
    yield f"everything runs all month, {shown(HOURS_PER_MONTH)} hours, unless a line says otherwise"
    yield (
        "each instance runs on the cheapest type with its vCPU, all the time, and its memory, of which a type may have "
        f"{shown(MEMORY_SHORT * 100)} % less; managed services are not priced"
    )
    for what, names in bill.guessed.items():
        yield f"{what} of {listed(list(names))} is not given: {getattr(usual, what)} each, {usual.source}"
    yield from bill.notes


def _uncounted(bill: _Bill, desired: Sequence[DesiredResource]) -> Iterator[str]:
    book, region = bill.shelf.book, bill.shelf.region
    for what, names in bill.missing.items():
        whose = listed(list(names))
        if what == "address_hour":
            yield f"public addresses of {whose}: no price is known for {region}"
        elif what in {*_DISKS.values(), *_STORES.values()}:
            yield f"{what.replace('_', ' ')} storage of {whose}: no price is known for {region}"
        else:
            yield f"{whose}: the book has no {book.title} type in {region} with {what}"
    if not bill.traffic and any(item.type in PRICED for item in desired):
        steps = book.traffic(region)
        first = next((step for step, price in steps if price.value), None)
        price = f" ({shown(first.usd)} {book.currency} a GB at list prices)" if first else ""
        yield f"traffic to the internet: how much is not known{price}"
    elif bill.traffic and not book.traffic(region):
        yield f"traffic to the internet, {shown(bill.traffic)} GB: no price is known"
