"""The price book of machines of one's own: what a vCPU, a GiB and a disk cost an hour, and how anybody knows.

Nobody's hardware has a public price. As long as none is entered, public list prices stand in, and every answer says so;
once hosts are entered, their rates follow by the formulas of `hardware`. What a machine cost is asked for, never
invented.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from alma.core.economics.figures import Figure, Given
from alma.core.economics.hardware import (
    Host,
    Settings,
    Settled,
    compute_rates,
    disk_rate,
    guesses,
    settle,
)
from alma.core.model.base import Frozen, digest_of
from alma.core.model.blueprint import Cpu
from alma.core.model.cost import PriceKind
from alma.core.model.units import Size

RATES = ("vcpu_hour", "gib_hour", "disk_gib_hour", "gpu_hour")


class Rates(Frozen):
    """USD an hour: of a vCPU, a GiB of memory, a GiB of disk, a GPU. What is not given comes from farther out."""

    vcpu_hour: Given | None = None
    gib_hour: Given | None = None
    disk_gib_hour: Given | None = None
    gpu_hour: Given | None = None


class Fallback(Frozen):
    """List prices that stand in for one's own. `label` is shown with every figure made from them."""

    label: str
    vcpu_hour: Figure
    gib_hour: Figure
    disk_gib_hour: Figure
    gpu_hour: Figure
    egress_gb: Figure


class Cluster(Rates):
    """Prices for a whole cluster, and settings for its hosts."""

    settings: Settings = Settings()


class Unsaid(Frozen):
    """Sizes of an instance of which neither blueprint nor catalogue say any."""

    cpu: Cpu
    memory: Size
    disk: Size
    source: str


class Backups(Frozen):
    """How much storage backups are taken to need, and their plan where none is given."""

    changed_share: Figure
    schedule: Literal["hourly", "daily", "weekly", "monthly"]
    retention_days: Annotated[int, Field(gt=0)]


class PriceBook(Frozen):
    """Prices in layers: of a guest (by its name), of the host it is on, of that host's cluster, of the site, and list
    prices that stand in. The nearest that says something counts."""

    id: str
    currency: Literal["USD"] = "USD"
    fallback: Fallback
    settings: Settings
    unsaid: Unsaid
    backups: Backups
    site: Rates = Rates()
    clusters: Mapping[str, Cluster] = Field(default_factory=dict)
    hosts: Mapping[str, Host] = Field(default_factory=dict)
    guests: Mapping[str, Rates] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> PriceBook:
        """Every host can be computed: a mistake is told when the book is read, not when a question comes."""
        self.settled(self.hosts)
        return self

    @cached_property
    def version(self) -> str:
        """The book and the digest of everything in it: `onprem@1f2e…`."""
        return f"{self.id}@{digest_of(self.model_dump(mode='json')).removeprefix('sha256:')[:12]}"

    @cached_property
    def guesses(self) -> tuple[str, ...]:
        """What nobody entered and the rates of the hosts rest on."""
        return tuple(guesses(self.settled(self.hosts)))

    def rates(self, *names: str, host: str | None = None) -> Fallback:
        """Prices for a guest of these names (the nearest first), on that host if it is known yet."""
        guests = [self.guests[name] for name in names if name in self.guests]
        there = self.hosts.get(host) if host else None
        if not guests and there is None:
            return self.common
        near: list[Rates] = [*guests]
        if host and there:
            near += [self._pooled([host]), self._cluster(there)]
        return _layered(near, self.common)

    @cached_property
    def common(self) -> Fallback:
        """What holds wherever a guest lands: the site's prices, those of all hosts together, what stands in."""
        return _layered([self.site, self._pooled(list(self.hosts))], self.fallback)

    def settled(self, names: Iterable[str]) -> list[Settled]:
        """Hosts with all their settings: their own, their cluster's, the site's."""
        found = []
        for name in names:
            host = self.hosts[name]
            found.append(settle(name, host, self._cluster(host).settings, self.settings))
        return found

    def _cluster(self, host: Host) -> Cluster:
        return self.clusters.get(host.cluster or "", Cluster())

    def _pooled(self, names: Sequence[str]) -> Rates:
        """One price for several hosts together."""
        if not names:
            return Rates()
        hosts = self.settled(names)
        vcpu, gib = compute_rates(hosts)
        source = f"your own hardware: {', '.join(names)}"
        return Rates(
            vcpu_hour=_derived(vcpu, source),
            gib_hour=_derived(gib, source),
            disk_gib_hour=_disks(disk_rate(hosts), source),
        )


def _derived(value: Decimal, source: str) -> Figure:
    return Figure(value=value, kind=PriceKind.DERIVED, source=source)


def _disks(value: Decimal, source: str) -> Figure:
    return _derived(value, source if value else f"{source}; disks are part of the price")


def _layered(near: Iterable[Rates], far: Fallback) -> Fallback:
    """The farthest prices, with those of nearer layers in their place, the nearest first."""
    found: dict[str, Figure] = {}
    for layer in near:
        for name in RATES:
            figure = getattr(layer, name)
            if figure is not None:
                found.setdefault(name, figure)
    return far.model_copy(update=found)
