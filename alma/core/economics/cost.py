"""What resolved instances cost a month: quantity times price, line by line, so that anyone can check the sum.

Priced is what would be made, with the catalogue's sizes where the blueprint says none. Each line is rounded to cents
once and the total is the sum of the lines, so an estimate always adds up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from alma.core.economics.figures import Figure, shown
from alma.core.economics.hardware import HOURS_PER_MONTH
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
    """Amounts of one resource at one price make one line. `unsaid` are names of resources by what they leave open."""

    book: PriceBook
    amounts: dict[tuple[str, Item, str, Figure], Decimal] = field(default_factory=dict)
    unsaid: dict[str, dict[str, None]] = field(default_factory=dict)
    backups: dict[str, None] = field(default_factory=dict)

    def add(self, resource: str, what: Item, *, price: Figure, quantity: Decimal) -> None:
        if quantity:
            key = (resource, what, _UNITS[what], price)
            self.amounts[key] = self.amounts.get(key, Decimal(0)) + quantity

    def guessed(self, name: str, what: str) -> None:
        self.unsaid.setdefault(what, {})[name] = None

    def lines(self) -> Iterator[CostLine]:
        for (resource, what, unit, price), quantity in self.amounts.items():
            monthly = price.value * HOURS_PER_MONTH
            yield CostLine(
                resource=resource,
                what=what,
                quantity=quantity,
                unit=unit,
                unit_price=monthly,
                monthly=cents(quantity * monthly),
                kind=price.kind,
                source=price.source,
            )


def estimate(desired: Sequence[DesiredResource], book: PriceBook) -> Estimate:
    """What these instances cost a month. Networks and firewalls cost nothing; volumes, backups and the nodes of
    clusters do. One entry that stands for a whole cluster counts for each of its nodes."""
    bill = _Bill(book)
    # A volume that is implied is the disk of the instance it was made for.
    volumes = [i for i in desired if i.type is ResourceType.VOLUME and not i.implied]
    sizes = {item.address: _disk(bill, item) for item in volumes}
    entries = Counter(item.resource.name for item in desired if item.type in PRICED)
    for item in desired:
        if item.type in PRICED:
            _add_instance(bill, item, sizes, times=stands_for(item, entries))
        elif item.address in sizes:
            _add_storage(bill, item, [sizes[item.address]], times=1)
    lines = tuple(bill.lines())
    return Estimate(
        lines=lines,
        monthly=total(lines),
        currency=book.currency,
        book=book.version,
        basis=_basis(lines, book),
        assumptions=tuple(_assumptions(bill)),
        uncounted=tuple(_uncounted(desired, book)),
    )


# ── instances ────────────────────────────────────────────────────────────────────────────────────


def stands_for(item: DesiredResource, entries: Mapping[str, int]) -> int:
    """A cluster is one entry where an engine makes it whole, and one for each node where it is made of guests."""
    if item.type is not ResourceType.KUBERNETES_CLUSTER or entries[item.resource.name] > 1:
        return 1
    return sum(item.resource.specs.roles)


def _add_instance(
    bill: _Bill, item: DesiredResource, sizes: Mapping[str, Size], *, times: int
) -> None:
    rates, name = _rates(bill.book, item), item.resource.name
    cpu, memory = item.cpu, item.memory
    if cpu is None:
        bill.guessed(name, "cpu")
        cpu = bill.book.unsaid.cpu
    if memory is None:
        bill.guessed(name, "memory")
        memory = bill.book.unsaid.memory
    gpus = Decimal(item.resource.specs.gpu or 0)
    bill.add(name, Item.CPU, price=rates.vcpu_hour, quantity=Decimal(str(cpu)) * times)
    bill.add(name, Item.MEMORY, price=rates.gib_hour, quantity=gib(memory) * times)
    bill.add(name, Item.GPU, price=rates.gpu_hour, quantity=gpus * times)
    disks = [_disk(bill, item), *(mount.size for mount in item.mounts if mount.size)]
    shared = [sizes[mount.volume] for mount in item.mounts if mount.volume in sizes]
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
    price, name = _rates(bill.book, item).disk_gib_hour, item.resource.name
    own = sum((gib(size) for size in disks), Decimal(0))
    bill.add(name, Item.DISK, price=price, quantity=own * times)
    plan = item.resource.backup
    if plan is not None and plan.enabled:
        kept = own + sum((gib(size) for size in elsewhere), Decimal(0))
        bill.add(name, Item.BACKUP, price=price, quantity=kept * _copies(bill, name, plan) * times)


def _disk(bill: _Bill, item: DesiredResource) -> Size:
    if item.disk is None:
        bill.guessed(item.resource.name, "disk")
    return item.disk or bill.book.unsaid.disk


def _rates(book: PriceBook, item: DesiredResource) -> Fallback:
    host = item.placement.site.get(_HOST) if item.placement else None
    return book.rates(item.address, item.resource.name, host=host)


def gib(size: Size) -> Decimal:
    """An amount in GiB, exact."""
    return Decimal(size.bytes) / GIB


def _copies(bill: _Bill, name: str, plan: Backup) -> Decimal:
    """Full disks' worth of storage that a resource's backups take: the first whole, of the others what changed."""
    taken, told = copies(bill.book.backups, name, plan)
    bill.backups[told] = None
    return taken


def copies(usual: Backups, name: str, plan: Backup) -> tuple[Decimal, str]:
    """How many full disks the backups of a resource take, and the sentence that says why."""
    schedule = plan.schedule if plan.schedule in _HOURS_BETWEEN else usual.schedule
    days = plan.retention_days or usual.retention_days
    kept = max(days * 24 // _HOURS_BETWEEN[schedule], 1)
    share = usual.changed_share
    told = (
        f"backups of {name}: {schedule}, kept {days} days, so {kept} of them; "
        f"after the first, {shown(share.value * 100)} % of the disk each ({share.source})"
    )
    return 1 + share.value * (kept - 1), told


# ── what has to be said ──────────────────────────────────────────────────────────────────────────


def _basis(lines: Sequence[CostLine], book: PriceBook) -> str:
    """Whose prices these are, in half a sentence."""
    stand_ins = {getattr(book.fallback, rate).source for rate in RATES}
    proxied = [line.source in stand_ins for line in lines]
    if not proxied or all(proxied):
        return book.fallback.label
    own = "rates of your own hardware" if book.hosts else "your own prices"
    return f"{own}, in part a {book.fallback.label}" if any(proxied) else own


def _assumptions(bill: _Bill) -> Iterator[str]:
    usual = bill.book.unsaid
    yield f"everything runs all month, {shown(HOURS_PER_MONTH)} hours"
    for what, names in bill.unsaid.items():
        yield f"{what} of {listed(list(names))} is not given: {getattr(usual, what)} each, {usual.source}"
    yield from bill.backups
    yield from bill.book.guesses


def _uncounted(desired: Iterable[DesiredResource], book: PriceBook) -> Iterator[str]:
    if any(item.type in PRICED for item in desired):
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
