"""How much of the time a design is there, by arithmetic on how often its parts fail and how long they are away.

In series everything has to be there: A = A1 · A2 …. In parallel k of n equal ones have to be: the sum over i from k to
n of C(n, i) · A^i · (1 - A)^(n - i). Equal machines also fail together: a share of failures (the beta factor, Fleming
1975) takes all of them. A part is there for MTBF / (MTBF + MTTR). Nothing here is a promise of a provider.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import Field, model_validator

from alma.core.economics.figures import Given, shown
from alma.core.model.base import Frozen, digest_of

HOURS_A_YEAR = 365.25 * 24


class Part(Frozen):
    """Something that fails and comes back."""

    fails_every_days: Given
    repair_hours: Given

    @model_validator(mode="after")
    def _sometimes(self) -> Part:
        if self.fails_every_days.value == 0:
            raise ValueError("fails_every_days must be more than 0")
        return self

    @property
    def availability(self) -> float:
        """The share of the time that it is there."""
        between = float(self.fails_every_days.value) * 24
        return between / (between + float(self.repair_hours.value))


class Place(Frozen):
    """Where machines stand."""

    site: Part
    host: Part


class AvailabilityModel(Frozen):
    """All figures that an availability rests on."""

    id: str
    own: Place
    cloud: Place
    software: Part
    failover_hours: Given
    common_share: Given

    @model_validator(mode="after")
    def _shares(self) -> AvailabilityModel:
        if self.common_share.value > 1:
            raise ValueError("common_share must be a share between 0 and 1")
        return self

    @cached_property
    def version(self) -> str:
        """The model and the digest of everything in it."""
        return f"{self.id}@{digest_of(self.model_dump(mode='json')).removeprefix('sha256:')[:12]}"


@dataclass(frozen=True)
class Layer:
    """Equal machines of which `needed` have to be there. `promoted`: when the one at work is lost, a person has to make
    another one take over."""

    name: str
    count: int
    needed: int = 1
    promoted: bool = False


class Availability(Frozen):
    """The share of the time that all of it is there, what that is in hours a year, and how it was worked out."""

    share: float
    percent: float
    hours_away_a_year: float
    working: tuple[str, ...] = Field(description="Each step, for people to check.")
    weakest: str


def series(parts: Sequence[float]) -> float:
    """All have to be there."""
    return math.prod(parts)


def at_least(needed: int, count: int, one: float) -> float:
    """That many of equal ones have to be there, failing each by itself."""
    return sum(
        math.comb(count, i) * one**i * (1 - one) ** (count - i) for i in range(needed, count + 1)
    )


def together(needed: int, count: int, one: float, common: float) -> float:
    """The same, where a share of the failures takes all of them; a single one can't be shared with anybody."""
    if count == needed:
        return at_least(needed, count, one)
    alone = 1 - (1 - one) * (1 - common)
    return at_least(needed, count, alone) * (1 - (1 - one) * common)


def availability_of(
    layers: Sequence[Layer], *, model: AvailabilityModel, cloud: bool
) -> Availability:
    """Of a design whose layers are all needed, in one place. One more machine in a layer never makes it less."""
    place = model.cloud if cloud else model.own
    parts = {"the place": place.site.availability}
    working = [_told_part("the place", place.site)]
    one = series([place.host.availability, model.software.availability])
    working.append(
        f"one machine with its software: {_percent(place.host.availability)} (host) × "
        f"{_percent(model.software.availability)} (software) = {_percent(one)}"
    )
    for layer in layers:
        parts[layer.name] = _layer(layer, one, place, model)
        working.append(_told_layer(layer, one, parts[layer.name], model))
    whole = series(list(parts.values()))
    product = " × ".join(_percent(share) for share in parts.values())
    away = (1 - whole) * HOURS_A_YEAR
    working.append(f"all in a row: {product} = {_percent(whole)}, {away:.1f} hours away a year")
    return Availability(
        share=whole,
        percent=round(whole * 100, 4),
        hours_away_a_year=round(away, 2),
        working=tuple(working),
        weakest=min(parts, key=lambda name: parts[name]),
    )


def _layer(layer: Layer, one: float, place: Place, model: AvailabilityModel) -> float:
    found = together(layer.needed, layer.count, one, float(model.common_share.value))
    if not layer.promoted or layer.count == layer.needed:
        return found
    # Waiting for the switch is never worse than waiting for the repair.
    return max(found - _switching(place, model), one)


def _switching(place: Place, model: AvailabilityModel) -> float:
    """The share of the time that is spent until somebody has switched over."""
    days = (place.host.fails_every_days.value, model.software.fails_every_days.value)
    failures_an_hour = sum(1 / (float(each) * 24) for each in days)
    return failures_an_hour * float(model.failover_hours.value)


def _told_part(name: str, part: Part) -> str:
    return (
        f"{name}: {shown(part.fails_every_days.value)} days ÷ ({shown(part.fails_every_days.value)} days + "
        f"{shown(part.repair_hours.value)} hours) = {_percent(part.availability)}"
    )


def _told_layer(layer: Layer, one: float, found: float, model: AvailabilityModel) -> str:
    if layer.count == layer.needed:
        every = f"{_percent(one)}^{layer.count}" if layer.count > 1 else _percent(one)
        return f"{layer.name}: {layer.count}, none to spare: {every} = {_percent(found)}"
    shared = shown(model.common_share.value * 100)
    until = ", less the time until a person has switched over" if layer.promoted else ""
    return (
        f"{layer.name}: {layer.needed} of {layer.count} are enough, {shared} % of failures take all{until}: "
        f"{_percent(found)}"
    )


def assumed(model: AvailabilityModel, *, cloud: bool) -> Iterator[str]:
    """Every figure that went in, with where it comes from."""
    place = model.cloud if cloud else model.own
    for name, part in (("place", place.site), ("host", place.host), ("software", model.software)):
        every, repair = part.fails_every_days, part.repair_hours
        yield f"{name} fails every {shown(every.value)} days: {every.kind}, {every.source}"
        yield f"{name} is back after {shown(repair.value)} hours: {repair.kind}, {repair.source}"
    for label, figure in (
        ("failover hours", model.failover_hours),
        ("common share", model.common_share),
    ):
        yield f"{label} {shown(figure.value)}: {figure.kind}, {figure.source}"


def _percent(share: float) -> str:
    return f"{share * 100:.4f} %"
