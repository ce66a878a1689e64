"""Where amounts are in a draft: a property of something, or how many of a tier there are.

Whoever corrects an amount names the amount, and hardly ever what it is of: it is found again among these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from alma.core.language.changing.targets import stem
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.base import Json
from alma.core.model.blueprint import COMPUTE, Resource, ResourceType
from alma.core.model.units import Size

_VERSION = seldom(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_MASTERS = seldom(r"\b(?:control[ -]planes?|masters?)\b", re.IGNORECASE)
NUMERIC = ("specs.cpu", "specs.nodes", "specs.workers", "specs.control_plane", "specs.gpu")
"""Properties that are plain numbers."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an amount is: a property of resources, or (`path` empty) the number of a tier."""

    resources: tuple[Resource, ...]
    path: str
    value: Json


def places(resources: Sequence[Resource]) -> list[Place]:
    """Every amount of the resources."""
    found: list[Place] = []
    for resource in resources:
        specs = resource.specs
        numbers = {path: getattr(specs, path.partition(".")[2]) for path in NUMERIC}
        found += [Place((resource,), path, n) for path, n in numbers.items() if n is not None]
        if specs.memory is not None:
            found.append(Place((resource,), "specs.memory", str(specs.memory)))
        if specs.disk_size is not None:
            path = "specs.storage" if specs.storage is not None else "specs.disk"
            found.append(Place((resource,), path, str(specs.disk_size)))
    return found


def versions(resources: Sequence[Resource], request: str) -> list[tuple[Place, str]]:
    """Every version that a request said of the resources, of their software or their system, and its number."""
    found: list[tuple[Place, str]] = []
    for resource in resources:
        for path, value in (("version", resource.version), ("image", resource.image)):
            number = _VERSION.search(value) if value else None
            if number and re.search(rf"(?<![\w.]){re.escape(number[0])}(?![\w.]\w)", request):
                found.append((Place((resource,), path, value), number[0]))
    return found


def renewed(new: Token, place: Place) -> Json:
    """The new amount in the form of the old one: a version as it was written."""
    if place.path in {"version", "image"}:
        return _VERSION.sub(new.text, str(place.value))
    return written(new, place.value)


def tiers(resources: Sequence[Resource], old: Token) -> list[Place]:
    """Every tier by how many it has, where a number is sought."""
    found: dict[str, tuple[Resource, ...]] = {}
    for resource in resources if old.kind is Kind.NUMBER else ():
        if resource.type in COMPUTE:
            found[stem(resource)] = (*found.get(stem(resource), ()), resource)
    return [Place(tier, "", sum(r.count for r in tier)) for tier in found.values()]


def several_of(places: Sequence[Place]) -> Place:
    """The first of them, for all that have the same: what was set for several is changed for several."""
    first = places[0]
    if not first.path:
        return first
    alike = [
        p for p in places
        if p.path == first.path and p.value == first.value and kin(p.resources[0], first.resources[0])
    ]  # fmt: skip
    return replace(first, resources=tuple(p.resources[0] for p in alike))


def kin(one: Resource, other: Resource) -> bool:
    return one.type is other.type and stem(one) == stem(other)


def whole(owners: Sequence[Resource], new: Token, said: str) -> Place:
    """What a bare amount is of a thing that is too big or too small."""
    first = owners[0]
    if first.type is ResourceType.KUBERNETES_CLUSTER and new.kind is Kind.NUMBER:
        members = "specs.workers" if first.specs.workers is not None else "specs.nodes"
        path = "specs.control_plane" if _MASTERS.search(said) else members
        return Place((first,), path, None)
    if new.kind is Kind.NUMBER:
        return Place(tuple(owners), "", None)
    sized = first.specs.memory is None and first.specs.disk_size is not None
    path = (
        "specs.disk"
        if sized and first.specs.storage is None
        else "specs.storage"
        if sized
        else "specs.memory"
    )
    return Place(tuple(owners), path, None)


def takes(place: Place, new: Token) -> bool:
    return (place.path in {*NUMERIC, ""}) == (new.kind is Kind.NUMBER) or new.kind is Kind.NUMBER


def _bytes(value: Json) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        return float(Size(str(value)).bytes)
    except ValueError:
        return None


def apart(one: Json, other: Json) -> float:
    """By what factor two amounts differ."""
    first, second = _bytes(one), _bytes(other)
    if not first or not second:
        return float("inf")
    return max(first, second) / min(first, second)


def is_amount(value: Json, old: Token) -> bool:
    """Whether an amount is what was said: with its unit, or by its figure alone."""
    if old.kind is Kind.NUMBER and isinstance(value, str):
        figure = re.match(r"[\d.]+", value)
        return figure is not None and float(figure[0]) == old.value
    return apart(value, old.value) == 1.0


def written(new: Token, old: Json) -> Json:
    """The new amount, in the unit of the old one where it has none."""
    unit = re.sub(r"^[0-9.]+", "", old) if isinstance(old, str) else ""
    return f"{new.value}{unit}" if new.kind is Kind.NUMBER and unit else new.value
