"""What resolved instances would cost a month at a cloud's prices: each on the cheapest type that fits, line by line.

It is the plain move of what the blueprint says: databases, caches and balancers run on machines, as they do at home.
What a provider would run for you (managed databases and the like) is not priced, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from alma.core.economics.cloudbook import Arch, Market
from alma.core.economics.cost import PRICED, copies, gib, listed, mounted, stands_for, unsaid
from alma.core.economics.figures import Figure, shown
from alma.core.economics.fitting import MEMORY_SHORT, Need, Offer, Shelf
from alma.core.economics.hardware import HOURS_PER_MONTH
from alma.core.economics.parts import (
    Named,
    Note,
    Part,
    Pool,
    Shared,
    Tariff,
    is_volume,
    lines_of,
    notes_of,
)
from alma.core.economics.pricebook import PriceBook
from alma.core.economics.purchase import Disk, Purchase, Store, purchase_of
from alma.core.model.blueprint import ResourceType
from alma.core.model.cost import CostLine, Estimate, Item, PriceKind, cents, total
from alma.core.model.state import DesiredResource
from alma.core.model.units import Size

TRAFFIC = "traffic"
_DISKS = {Disk.SSD: "disk", Disk.HDD: "disk_hdd"}
_REQUESTS = Note("object storage is the provider's own; its requests are not counted")
_STORES = {Store.HOT: "object", Store.COOL: "object_cool", Store.ARCHIVE: "object_archive"}
_MARKETS = {
    Market.SPOT: "spot price, which moves and may end at short notice",
    Market.YEAR_1: "price of a commitment for a year",
    Market.YEAR_3: "price of a commitment for three years",
}

_Key = tuple[Item, str, str, Figure]


@dataclass
class _Bill:
    """What the instances of one resource come to: amounts at one price make one line."""

    shelf: Shelf
    common: PriceBook
    amounts: dict[_Key, Decimal] = field(default_factory=dict)
    guessed: dict[str, None] = field(default_factory=dict)
    notes: dict[Note, None] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)
    unpriced: bool = False
    shared: list[Shared] = field(default_factory=list)
    seen: int = 0
    traffic: Decimal = Decimal(0)

    def add(self, key: _Key, quantity: Decimal) -> None:
        if quantity:
            self.amounts[key] = self.amounts.get(key, Decimal(0)) + quantity

    def lines(self) -> Iterator[CostLine]:
        for key, quantity in self.amounts.items():
            yield _line("", key, quantity)

    def metered(self, what: Item, meter: str, quantity: Decimal) -> None:
        """So much of what a meter counts, at its price for a month."""
        book = self.shelf.book
        price = self.shelf.meter(meter)
        if price is None:
            self.missing[meter] = None
            return
        if price.kind is PriceKind.ASSUMPTION:
            self.notes[Note(f"{book.meters[meter].title}: {price.source}")] = None
        self.add((what, "GiB", book.meters[meter].title, price), quantity)


def _line(resource: str, key: _Key, quantity: Decimal) -> CostLine:
    what, unit, sku, price = key
    return CostLine(
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


def cloud_estimate(desired: Sequence[DesiredResource], shelf: Shelf, common: PriceBook) -> Estimate:
    """What these instances cost a month in the shelf's region. Sizes that nobody says, and how much backups take, are
    taken from `common`, as for machines of one's own. What the book has no price for is named, never made up."""
    return CloudTariff(shelf, common).of(desired)


@dataclass(frozen=True)
class CloudTariff(Tariff):
    """A cloud's prices in one region."""

    shelf: Shelf
    common: PriceBook

    @property
    def named(self) -> bool:
        return False

    def part(self, items: Sequence[DesiredResource], volumes: Mapping[str, Size | None]) -> Part:
        bill = _Bill(self.shelf, self.common)
        entries = sum(item.type in PRICED for item in items)
        for item in items:
            if item.type in PRICED:
                _add_item(bill, item, volumes, times=stands_for(item, entries))
            elif is_volume(item):
                _add_storage(bill, item, [_disk(bill, item)], shared=[], times=1)
        return Part(
            lines=tuple(bill.lines()),
            guessed=tuple(bill.guessed),
            notes=tuple(bill.notes),
            missing=tuple(bill.missing),
            unpriced=bill.unpriced,
            shared=tuple(bill.shared),
            traffic=bill.traffic,
            runs=entries > 0,
            volume=any(is_volume(item) for item in items),
        )

    def total(self, parts: Sequence[Named]) -> Estimate:
        whole = _Whole(self.shelf, parts)
        book = self.shelf.book
        return Estimate(
            lines=whole.lines,
            monthly=total(whole.lines),
            currency=book.currency,
            book=book.version,
            basis=f"prices of {book.title} in {self.shelf.region}",
            assumptions=tuple(_assumptions(parts, self.common)),
            uncounted=tuple(_uncounted(whole)),
            provider=book.provider,
            region=self.shelf.region,
            unpriced=tuple(whole.unpriced),
        )


class _Whole:
    """All parts together, with what they share and what is counted only once."""

    def __init__(self, shelf: Shelf, parts: Sequence[Named]) -> None:
        self.shelf = shelf
        self.parts = parts
        self.missing: dict[str, dict[str, None]] = {}
        self.unpriced: dict[str, None] = {}
        for item in parts:
            for what in item.part.missing:
                self.missing.setdefault(what, {})[item.name] = None
            if item.part.unpriced:
                self.unpriced[item.name] = None
        self.traffic = sum((item.part.traffic for item in parts), Decimal(0))
        self.lines = (*lines_of(parts), *self._pools(), *self._traffic())

    def _pools(self) -> Iterator[CostLine]:
        """One machine for the first instances of all who share, one for their second instances, and so on: no two
        instances of one resource are ever on the same machine."""
        amounts: dict[tuple[str, _Key], Decimal] = {}
        for pool, machines in _pools(self.parts).items():
            name = pool_line(pool.name)
            for needs in machines:
                need = _joint(needs, pool.arch)
                key = _machine(self.shelf, need, pool.market, pool.hours)
                if key is None:
                    self.unpriced[name] = None
                    self.missing.setdefault(_wanted(need), {})[name] = None
                else:
                    amounts[name, key] = amounts.get((name, key), Decimal(0)) + 1
        for (name, key), quantity in amounts.items():
            yield _line(name, key, quantity)

    def _traffic(self) -> Iterator[CostLine]:
        left, start = self.traffic, Decimal(0)
        amounts: dict[_Key, Decimal] = {}
        for step, price in self.shelf.book.traffic(self.shelf.region):
            end = step.up_to_gb
            amount = left if end is None else min(left, end - start)
            if amount:
                key = (Item.TRAFFIC, "GB", "traffic to the internet", price)
                amounts[key] = amounts.get(key, Decimal(0)) + amount
            left -= amount
            start = end or start
        for key, quantity in amounts.items():
            yield _line(TRAFFIC, key, quantity)


# ── instances ────────────────────────────────────────────────────────────────────────────────────


def _add_item(
    bill: _Bill, item: DesiredResource, volumes: Mapping[str, Size | None], *, times: int
) -> None:
    way, wrong = purchase_of(item.resource)
    if wrong:
        bill.notes[Note("", f": {wrong}")] = None
    if bill.seen == 0:
        bill.traffic += way.egress_gb or 0
    disks = [_disk(bill, item), *(mount.size for mount in item.mounts if mount.size)]
    shared = mounted(item, volumes, usual=bill.common)
    if item.type is ResourceType.OBJECT_STORE:
        bill.seen += times
        amount = sum((gib(size) for size in disks), Decimal(0)) * times
        bill.metered(Item.OBJECT, _STORES[way.objects], amount)
        bill.notes[_REQUESTS] = None
    else:
        _add_instances(bill, item, way, times=times)
        _add_storage(bill, item, disks, shared=shared, times=times)
        if item.public:
            _add_address(bill, times)


def _add_instances(bill: _Bill, item: DesiredResource, way: Purchase, *, times: int) -> None:
    need = _need(bill, item, way)
    for _ in range(times):
        number = bill.seen
        bill.seen += 1
        market = Market.SPOT if number < way.spot else way.market
        if way.pool:
            pool = Pool(way.pool, way.arch, market, way.hours or HOURS_PER_MONTH)
            bill.shared.append(Shared(pool, number, need))
        else:
            _add_machine(bill, need, market, way.hours or HOURS_PER_MONTH)


def _need(bill: _Bill, item: DesiredResource, way: Purchase) -> Need:
    if item.cpu is None:
        bill.guessed["cpu"] = None
    if item.memory is None:
        bill.guessed["memory"] = None
    return need_of(item, way, bill.common)


def need_of(item: DesiredResource, way: Purchase, common: PriceBook) -> Need:
    """What a machine for one instance has to have; `common` says the sizes that the blueprint does not."""
    unsaid = common.unsaid
    return Need(
        cpu=Decimal(str(item.cpu if item.cpu is not None else unsaid.cpu)),
        memory_gib=gib(item.memory or unsaid.memory),
        gpu=item.resource.specs.gpu or 0,
        arch=way.arch,
        sustained=way.sustained,
        type=way.type,
    )


def _add_machine(bill: _Bill, need: Need, market: Market, hours: Decimal) -> None:
    key = _machine(bill.shelf, need, market, hours)
    if key is None:
        bill.unpriced = True
        bill.missing[_wanted(need)] = None
    else:
        bill.add(key, Decimal(1))


def _machine(shelf: Shelf, need: Need, market: Market, hours: Decimal) -> _Key | None:
    """The cheapest machine that fits, for so many hours; None where the book has none."""
    offer = shelf.cheapest(need, market)
    if offer is None:
        return None
    key = (offer.name, offer.market, hours)
    if key not in shelf.months:
        shelf.months[key] = _monthly(offer, hours)
    return (Item.INSTANCE, "instance", offer.name, shelf.months[key])


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


def _pools(parts: Sequence[Named]) -> dict[Pool, list[list[Need]]]:
    """What each machine of each pool has to carry."""
    found: dict[Pool, list[list[Need]]] = {}
    for item in parts:
        for pool, number, need in item.part.shared:
            machines = found.setdefault(pool, [])
            machines.extend([] for _ in range(number + 1 - len(machines)))
            machines[number].append(need)
    return found


def _joint(needs: Sequence[Need], arch: Arch) -> Need:
    return Need(
        cpu=sum((need.cpu for need in needs), Decimal(0)),
        memory_gib=sum((need.memory_gib for need in needs), Decimal(0)),
        gpu=sum(need.gpu for need in needs),
        arch=arch,
        sustained=sum((_sustained(need) for need in needs), Decimal(0)),
    )


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
    way = purchase_of(item.resource)[0]
    own = sum((gib(size) for size in disks), Decimal(0))
    bill.metered(Item.DISK, _DISKS[way.disk], own * times)
    plan = item.resource.backup
    if plan is None or not plan.enabled:
        return
    kept = own + sum((gib(size) for size in shared), Decimal(0))
    taken, told = copies(bill.common.backups, plan)
    bill.notes[Note(told.text, f"{told.after}, in object storage")] = None
    bill.metered(Item.BACKUP, _STORES[way.backups], kept * taken * times)


def _add_address(bill: _Bill, times: int) -> None:
    book = bill.shelf.book
    price = bill.shelf.meter("address_hour")
    if price is None:
        bill.missing["address_hour"] = None
        return
    title = book.meters["address_hour"].title
    month = price.model_copy(update={"value": price.value * HOURS_PER_MONTH})
    bill.add((Item.ADDRESS, "address", title, month), Decimal(times))


def _disk(bill: _Bill, item: DesiredResource) -> Size:
    if item.disk is None:
        bill.guessed["disk"] = None
    return item.disk or bill.common.unsaid.disk


# ── what has to be said ──────────────────────────────────────────────────────────────────────────


def _assumptions(parts: Sequence[Named], common: PriceBook) -> Iterator[str]:
    yield f"everything runs all month, {shown(HOURS_PER_MONTH)} hours, unless a line says otherwise"
    yield (
        "each instance runs on the cheapest type with its vCPU, all the time, and its memory, of which a type may have "
        f"{shown(MEMORY_SHORT * 100)} % less; managed services are not priced"
    )
    yield from unsaid(parts, common)
    yield from notes_of(parts)


def _uncounted(whole: _Whole) -> Iterator[str]:
    book, region = whole.shelf.book, whole.shelf.region
    for what, names in whole.missing.items():
        whose = listed(list(names))
        if what == "address_hour":
            yield f"public addresses of {whose}: no price is known for {region}"
        elif what in {*_DISKS.values(), *_STORES.values()}:
            yield f"{what.replace('_', ' ')} storage of {whose}: no price is known for {region}"
        else:
            yield f"{whose}: the book has no {book.title} type in {region} with {what}"
    if not whole.traffic and any(item.part.runs for item in whole.parts):
        steps = book.traffic(region)
        first = next((step for step, price in steps if price.value), None)
        price = f" ({shown(first.usd)} {book.currency} a GB at list prices)" if first else ""
        yield f"traffic to the internet: how much is not known{price}"
    elif whole.traffic and not book.traffic(region):
        yield f"traffic to the internet, {shown(whole.traffic)} GB: no price is known"
