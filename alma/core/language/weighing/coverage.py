"""How much of a message a reading accounts for: which amounts no edit explains.

Words that are not accounted for are what tells a wrong reading from a right one, whatever grammar it came from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alma.core.language.changing.targets import stem
from alma.core.language.weighing.plain import value_of
from alma.core.language.weighing.signs import WORDS, Mark, Sign
from alma.core.language.words.tokens import Kind
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import AddResource, Edit, RemoveResource, SetField
from alma.core.model.units import Size

_LEAST = 1e-6
_UNITS = (10**6, 10**9, 10**12, 2**20, 2**30, 2**40)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a reading leaves unexplained: amounts, as they were written."""

    left: tuple[str, ...]

    def better_than(self, other: Coverage) -> bool:
        return len(self.left) < len(other.left)


def coverage(
    marks: Sequence[Mark], edits: Sequence[Edit], blueprint: Blueprint, *, bare: bool = False
) -> Coverage:
    """What of the amounts in a message the edits explain: by what they set, or by what they change it by. What is so
    already is explained, too. `bare`: numbers without a unit have to be explained as well."""
    values = [value for edit in edits for value in leaves(edit.model_dump(mode="json"))]
    present = [
        value
        for resource in blueprint.resources
        for value in leaves(resource.model_dump(mode="json", exclude_none=True))
    ]
    changes = list(_changes(edits, blueprint))
    told = {number_of(value) for value in (*values, *present)} - {None}
    told |= set(_numbers(edits, blueprint))
    left = [
        mark.text
        for mark in marks
        if _counts(mark, bare=bare) and not _explained(mark, told, changes)
    ]
    return Coverage(tuple(left))


def _counts(mark: Mark, *, bare: bool) -> bool:
    """Whether a mark is an amount that something should become of."""
    if mark.sign is not Sign.AMOUNT or mark.factor:
        return False
    return mark.word in {Kind.SIZE, Kind.PERCENT} or (
        mark.word == Kind.NUMBER
        and (mark.path in {*WORDS, "count"} or (bare and mark.path is None))
    )


def _explained(mark: Mark, told: set[float | None], changes: Sequence[tuple[float, float]]) -> bool:
    if mark.word == Kind.PERCENT:
        share = float(mark.text.rstrip("%")) / 100
        near = (1 + share, 1 - share, share)
        return any(
            abs(new - old * factor) <= max(1, _LEAST * new)
            for old, new in changes
            for factor in near
        )
    number = number_of(mark.text)
    bare = mark.word == Kind.NUMBER and mark.path is None  # "64GB is much, 48 will do"
    if bare and any((number or 0) * unit in told for unit in _UNITS):
        return True
    return number in told or any(abs(abs(new - old) - (number or 0)) < 1 for old, new in changes)


def _changes(edits: Sequence[Edit], blueprint: Blueprint) -> Iterator[tuple[float, float]]:
    """What numbers and sizes were, and what they become."""
    for edit in edits:
        resource = blueprint.resource(edit.name) if isinstance(edit, SetField) else None
        if resource is None or not isinstance(edit, SetField):
            continue
        held = value_of(resource, edit.path) if edit.path in {*WORDS, "count"} else None
        old, new = number_of(held), number_of(edit.value)
        if old is not None and new is not None:
            yield old, new


def _numbers(edits: Sequence[Edit], blueprint: Blueprint) -> Iterator[float]:
    """How many there are of a tier, before and after, and how many edits there are of one kind: "two more"."""
    tiers: Counter[str] = Counter()
    for resource in blueprint.resources:
        tiers[stem(resource)] += resource.count
    yield from tiers.values()
    ops = Counter(edit.op for edit in edits)
    yield from ops.values()
    for edit in edits:
        if isinstance(edit, AddResource):
            tiers[stem(edit.resource)] += edit.resource.count
        elif isinstance(edit, RemoveResource) and (gone := blueprint.resource(edit.name)):
            tiers[stem(gone)] -= gone.count
    yield from tiers.values()


def leaves(value: object) -> Iterator[object]:
    """The plain values in something nested."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(inner)
    elif value is not None:
        yield value


def number_of(value: object) -> float | None:
    """Sizes in bytes, and numbers as they are."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    text = str(value)
    try:
        return float(Size(text).bytes)
    except ValueError:
        return float(text) if text.replace(".", "", 1).isdigit() else None
