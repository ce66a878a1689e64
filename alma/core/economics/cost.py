"""What resolved instances cost a month: quantity times price, line by line, so that anyone can check the sum.

Priced is what would be made, with the catalogue's sizes where the blueprint says none. Each line is rounded to cents
once and the total is the sum of the lines, so an estimate always adds up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from alma.core.economics.figures import Figure, shown
from alma.core.economics.hardware import HOURS_PER_MONTH
from alma.core.economics.parts import (
    Named,
    Note,
    Part,
    Tariff,
    guesses_of,
    is_volume,
    lines_of,
    notes_of,
)
from alma.core.economics.pricebook import RATES, Backups, Fallback, PriceBook
from alma.core.model.blueprint import WORKLOADS, Backup, ResourceType
from alma.core.model.cost import CostLine, Estimate, Item, cents, total
from alma.core.model.state import DesiredResource
from alma.core.model.units import Size

GIB = 1024**3
PRICED = WORKLOADS | {ResourceType.KUBERNETES_CLUSTER}
_HOURS_BETWEEN = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 730}
_UNITS = {
    Item.CPU: "vCPU",
    Item.MEMORY: "GiB",
    Item.DISK: "GiB",
    Item.BACKUP: "GiB",
    Item.GPU: "GPU",
}
_NAMED = 4  # names in one sentence
_HOST = "node"  # the word in which engines say on which host an instance is


@dataclass
class _Bill:
    """What the instances of one resource come to: amounts at one price make one line."""

    book: PriceBook
    amounts: dict[tuple[Item, Figure], Decimal] = field(default_factory=dict)
    unsaid: dict[str, None] = field(default_factory=dict)
    backups: dict[Note, None] = field(default_factory=dict)

    def add(self, what: Item, *, price: Figure, quantity: Decimal) -> None:
        if quantity:
            self.amounts[what, price] = self.amounts.get((what, price), Decimal(0)) + quantity

    def lines(self) -> Iterator[CostLine]:
        for (what, price), quantity in self.amounts.items():
            monthly = price.value * HOURS_PER_MONTH
            yield CostLine(
                resource="",
                what=what,
                quantity=quantity,
                unit=_UNITS[what],
                unit_price=monthly,
                monthly=cents(quantity * monthly),
                kind=price.kind,
                source=price.source,
            )


def estimate(desired: Sequence[DesiredResource], book: PriceBook) -> Estimate:
    """What these instances cost a month. Networks and firewalls cost nothing; volumes, backups and the nodes of
    clusters do. One entry that stands for a whole cluster counts for each of its nodes."""
    return OwnTariff(book).of(desired)


@dataclass(frozen=True)
class OwnTariff(Tariff):
    """The prices of machines of one's own."""

    book: PriceBook

    @property
    def named(self) -> bool:
        return bool(self.book.guests)

    def part(self, items: Sequence[DesiredResource], volumes: Mapping[str, Size | None]) -> Part:
        bill = _Bill(self.book)
        entries = sum(item.type in PRICED for item in items)
        for item in items:
            if item.type in PRICED:
                _add_instance(bill, item, volumes, times=stands_for(item, entries))
            elif is_volume(item):
                _add_storage(bill, item, [_disk(bill, item)], times=1)
        return Part(
            lines=tuple(bill.lines()),
            guessed=tuple(bill.unsaid),
            notes=tuple(bill.backups),
            runs=entries > 0,
            volume=any(is_volume(item) for item in items),
        )

    def total(self, parts: Sequence[Named]) -> Estimate:
        lines, book = tuple(lines_of(parts)), self.book
        return Estimate(
            lines=lines,
            monthly=total(lines),
            currency=book.currency,
            book=book.version,
            basis=_basis(lines, book),
            assumptions=tuple(_assumptions(parts, book)),
            uncounted=tuple(_uncounted(parts, book)),
        )


# ── instances ────────────────────────────────────────────────────────────────────────────────────


def stands_for(item: DesiredResource, entries: int) -> int:
    """A cluster is one entry where an engine makes it whole, and one for each node where it is made of guests."""
    if item.type is not ResourceType.KUBERNETES_CLUSTER or entries > 1:
        return 1
    return sum(item.resource.specs.roles)


def _add_instance(
    bill: _Bill, item: DesiredResource, volumes: Mapping[str, Size | None], *, times: int
) -> None:
    rates = _rates(bill.book, item)
    cpu, memory = item.cpu, item.memory
    if cpu is None:
        bill.unsaid["cpu"] = None
        cpu = bill.book.unsaid.cpu
    if memory is None:
        bill.unsaid["memory"] = None
        memory = bill.book.unsaid.memory
    gpus = Decimal(item.resource.specs.gpu or 0)
    bill.add(Item.CPU, price=rates.vcpu_hour, quantity=Decimal(str(cpu)) * times)
    bill.add(Item.MEMORY, price=rates.gib_hour, quantity=gib(memory) * times)
    bill.add(Item.GPU, price=rates.gpu_hour, quantity=gpus * times)
    disks = [_disk(bill, item), *(mount.size for mount in item.mounts if mount.size)]
    shared = mounted(item, volumes, usual=bill.book)
    _add_storage(bill, item, disks, times=times, elsewhere=shared)


def _add_storage(
    bill: _Bill,
    item: DesiredResource,
    disks: Sequence[Size],
    *,
    times: int,
    elsewhere: Sequence[Size] = (),
) -> None:
    """Its disks, and the backups of these. Volumes that are counted `elsewhere` are in its backups all the same."""
    price = _rates(bill.book, item).disk_gib_hour
    own = sum((gib(size) for size in disks), Decimal(0))
    bill.add(Item.DISK, price=price, quantity=own * times)
    plan = item.resource.backup
    if plan is not None and plan.enabled:
        kept = own + sum((gib(size) for size in elsewhere), Decimal(0))
        bill.add(Item.BACKUP, price=price, quantity=kept * _copies(bill, plan) * times)


def _disk(bill: _Bill, item: DesiredResource) -> Size:
    if item.disk is None:
        bill.unsaid["disk"] = None
    return item.disk or bill.book.unsaid.disk


def mounted(
    item: DesiredResource, volumes: Mapping[str, Size | None], *, usual: PriceBook
) -> list[Size]:
    """The sizes of the volumes it mounts that are counted by themselves."""
    names = (mount.volume for mount in item.mounts if mount.volume in volumes)
    return [volumes[name] or usual.unsaid.disk for name in names]


def _rates(book: PriceBook, item: DesiredResource) -> Fallback:
    host = item.placement.site.get(_HOST) if item.placement else None
    return book.rates(item.address, item.resource.name, host=host)


def gib(size: Size) -> Decimal:
    """An amount in GiB, exact."""
    return Decimal(size.bytes) / GIB


def _copies(bill: _Bill, plan: Backup) -> Decimal:
    """Full disks' worth of storage that a resource's backups take: the first whole, of the others what changed."""
    taken, told = copies(bill.book.backups, plan)
    bill.backups[told] = None
    return taken


def copies(usual: Backups, plan: Backup) -> tuple[Decimal, Note]:
    """How many full disks a resource's backups take, and the sentence that says why."""
    schedule = plan.schedule if plan.schedule in _HOURS_BETWEEN else usual.schedule
    days = plan.retention_days or usual.retention_days
    kept = max(days * 24 // _HOURS_BETWEEN[schedule], 1)
    share = usual.changed_share
    told = (
        f": {schedule}, kept {days} days, so {kept} of them; "
        f"after the first, {shown(share.value * 100)} % of the disk each ({share.source})"
    )
    return 1 + share.value * (kept - 1), Note("backups of ", told)


# ── what has to be said ──────────────────────────────────────────────────────────────────────────


def _basis(lines: Sequence[CostLine], book: PriceBook) -> str:
    """Whose prices these are, in half a sentence."""
    stand_ins = {getattr(book.fallback, rate).source for rate in RATES}
    proxied = [line.source in stand_ins for line in lines]
    if not proxied or all(proxied):
        return book.fallback.label
    own = "rates of your own hardware" if book.hosts else "your own prices"
    return f"{own}, in part a {book.fallback.label}" if any(proxied) else own


def _assumptions(parts: Sequence[Named], book: PriceBook) -> Iterator[str]:
    yield f"everything runs all month, {shown(HOURS_PER_MONTH)} hours"
    yield from unsaid(parts, book)
    yield from notes_of(parts)
    yield from book.guesses


def unsaid(parts: Sequence[Named], book: PriceBook) -> Iterator[str]:
    """Whose sizes nobody gave, and what is taken for them."""
    usual = book.unsaid
    for what, names in guesses_of(parts).items():
        yield f"{what} of {listed(names)} is not given: {getattr(usual, what)} each, {usual.source}"


def _uncounted(parts: Sequence[Named], book: PriceBook) -> Iterator[str]:
    if any(item.part.runs for item in parts):
        price = book.fallback.egress_gb
        yield (
            "traffic to the internet: how much is not known "
            f"({shown(price.value)} {book.currency} a GB at list prices)"
        )


def listed(names: Sequence[str]) -> str:
    """A few names in one phrase."""
    if len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
