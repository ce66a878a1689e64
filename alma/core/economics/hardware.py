"""What a machine that somebody bought costs an hour, and what a vCPU and a GiB of it cost then.

A host's cost is its price spread over its life, with maintenance, energy, space, work and licences. It is shared out by
what can be sold: threads are counted as so many GiB of memory, so that one rate covers both, and only the share of the
host that is expected to be in use pays for all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from alma.core.economics.figures import Amount, Figure, Given, Positive, shown
from alma.core.model.base import Frozen
from alma.core.model.cost import PriceKind

HOURS_PER_MONTH = Decimal(730)
HOURS_PER_YEAR = Decimal(8766)


class Settings(Frozen):
    """What the cost of a host depends on besides its price: years, USD, shares of one."""

    life_years: Given | None = None
    residual: Given | None = Field(default=None, description="What is got for it at the end.")
    maintenance_per_year: Given | None = Field(default=None, description="Share of the price.")
    pue: Given | None = Field(
        default=None, description="Energy drawn for each unit a machine uses."
    )
    tariff_per_kwh: Given | None = None
    rack_unit_month: Given | None = None
    admin_month: Given | None = None
    licence_year: Given | None = None
    cpu_gib_ratio: Given | None = Field(
        default=None, description="A vCPU's worth in GiB of memory."
    )
    target_utilisation: Given | None = Field(default=None, description="Share that is in use.")
    vcpu_overcommit: Given | None = Field(default=None, description="vCPUs sold for each thread.")


# Values with which a setting changes nothing: not worth a word.
_NEUTRAL = {
    "residual": 0,
    "admin_month": 0,
    "licence_year": 0,
    "vcpu_overcommit": 1,
}
# What a cost is divided by.
_DIVISORS = ("life_years", "cpu_gib_ratio", "target_utilisation", "vcpu_overcommit")


class Host(Settings):
    """A machine somebody bought. `watts` is what it draws on average; without it energy is not counted, and that is
    said. `disk_purchase` is the part of the price that was paid for `usable_gib` of disk, which is what RAID leaves:
    without it disks are part of the machine, and cost nothing by themselves."""

    purchase: Positive
    threads: Annotated[int, Field(gt=0)]
    memory_gib: Positive
    watts: Amount | None = None
    rack_units: Amount = Decimal(0)
    disk_purchase: Amount = Decimal(0)
    usable_gib: Positive | None = None
    cluster: str | None = None


@dataclass(frozen=True)
class Settled:
    """A host with every setting it depends on."""

    name: str
    host: Host
    settings: Mapping[str, Figure]

    def value(self, setting: str) -> Decimal:
        return self.settings[setting].value


def settle(name: str, host: Host, *farther: Settings) -> Settled:
    """With the host's own settings, else those of its surroundings, the nearest first. Raises ValueError when one is
    missing everywhere, or is 0 where a cost is divided by it."""
    found: dict[str, Figure] = {}
    for field in Settings.model_fields:
        layers = (getattr(layer, field) for layer in (host, *farther))
        figure = next((figure for figure in layers if figure is not None), None)
        if figure is None:
            raise ValueError(f"{field} of host '{name}' is given nowhere")
        if field in _DIVISORS and figure.value == 0:
            raise ValueError(f"{field} of host '{name}' must be more than zero")
        found[field] = figure
    return Settled(name, host, found)


def parts(settled: Settled) -> dict[str, Decimal]:
    """What a host costs an hour, by cause."""
    host, value = settled.host, settled.value
    kilowatts = (host.watts or Decimal(0)) / 1000 * value("pue")
    written_off = max(host.purchase - value("residual"), Decimal(0))
    return {
        "capital": written_off / (value("life_years") * HOURS_PER_YEAR),
        "maintenance": host.purchase * value("maintenance_per_year") / HOURS_PER_YEAR,
        "energy": kilowatts * value("tariff_per_kwh"),
        "rack": host.rack_units * value("rack_unit_month") / HOURS_PER_MONTH,
        "work": value("admin_month") / HOURS_PER_MONTH,
        "licences": value("licence_year") / HOURS_PER_YEAR,
    }


def compute_rates(hosts: Sequence[Settled]) -> tuple[Decimal, Decimal]:
    """USD for a vCPU and for a GiB an hour on these hosts: what they cost together over what they sell together."""
    cost = sum((sum(parts(host).values()) - _disk_hourly(host) for host in hosts), Decimal(0))
    threads = sum((_in_gib(host) for host in hosts), Decimal(0))
    memory = sum(
        (host.host.memory_gib * host.value("target_utilisation") for host in hosts), Decimal(0)
    )
    gib = cost / (threads + memory)
    sold = sum((_vcpus(host) for host in hosts), Decimal(0))
    return gib * threads / sold, gib


def disk_rate(hosts: Sequence[Settled]) -> Decimal:
    """USD for a GiB of disk an hour; 0 where no price of disks is given, for they are part of the machine then."""
    priced = [host for host in hosts if host.host.usable_gib and host.host.disk_purchase]
    if not priced:
        return Decimal(0)
    usable = sum(
        (
            (host.host.usable_gib or Decimal(0)) * host.value("target_utilisation")
            for host in priced
        ),
        Decimal(0),
    )
    return sum((_disk_hourly(host) for host in priced), Decimal(0)) / usable


def guesses(hosts: Sequence[Settled]) -> list[str]:
    """Every figure behind the rates that nobody entered, and what is left out for want of one."""
    found: dict[str, None] = {}
    for host in hosts:
        for name, figure in host.settings.items():
            if figure.kind is PriceKind.ASSUMPTION and figure.value != _NEUTRAL.get(name):
                found[f"{name.replace('_', ' ')} {shown(figure.value)}: {figure.source}"] = None
        if host.host.watts is None:
            found[f"energy of {host.name} is not counted: its watts are not entered"] = None
    return list(found)


def _disk_hourly(settled: Settled) -> Decimal:
    if not settled.host.usable_gib:
        return Decimal(0)
    whole = parts(settled)["capital"]
    return min(settled.host.disk_purchase / (settled.value("life_years") * HOURS_PER_YEAR), whole)


def _in_gib(settled: Settled) -> Decimal:
    """What is sold of its threads, in the GiB they are worth."""
    return (
        settled.host.threads * settled.value("cpu_gib_ratio") * settled.value("target_utilisation")
    )


def _vcpus(settled: Settled) -> Decimal:
    return (
        settled.host.threads
        * settled.value("target_utilisation")
        * settled.value("vcpu_overcommit")
    )
