"""What of a fix ALMA can do itself: edits of the blueprint, where it is certain which resource they are for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from alma.core.model.blueprint import Blueprint, Origin, Resource, dump_plain
from alma.core.model.conversation import Edit, SetField
from alma.core.model.signature import Mend, Signature
from alma.core.model.units import Size
from alma.core.services.diagnosing.issue import Issue


def edits_of(signature: Signature, addresses: Sequence[str], issue: Issue) -> tuple[Edit, ...]:
    """The edits, for each resource that a line is about; without a line that names one, for the one that is affected.
    None where the blueprint is not known, or what would be changed is not said in it."""
    return tuple(
        edit
        for resource in _concerned(signature, addresses, issue)
        for mend in signature.mend
        for edit in _edits(mend, resource)
    )


def _concerned(signature: Signature, addresses: Sequence[str], issue: Issue) -> list[Resource]:
    if issue.blueprint is None or not signature.mend:
        return []
    owners = {owner.name: owner for address in addresses if (owner := issue.owner(address))}
    if owners:
        return list(owners.values())
    named = [_resource(issue.blueprint, name) for name in issue.affected]
    found = {item.name: item for item in named if item is not None}
    return list(found.values()) if len(found) == 1 else []


def _resource(blueprint: Blueprint, name: str) -> Resource | None:
    return next((r for r in blueprint.resources if name in {r.name, *r.instance_names()}), None)


def _edits(mend: Mend, resource: Resource) -> Iterator[Edit]:
    path = mend.grow or mend.unset or ""
    now = _value(resource, path)
    if now is None:
        return
    value = None if mend.grow is None else _grown(now, mend.factor)
    if mend.unset is None and value is None:
        return
    yield SetField(name=resource.name, path=path, value=value, origin=Origin.INFERRED)


def _value(resource: Resource, path: str) -> object:
    found: object = dump_plain(resource)
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _grown(now: object, factor: float) -> str | int | None:
    """So much more, rounded up to whole cores, GiB, or MiB below one GiB."""
    if isinstance(now, str):
        wanted = Size(now).bytes * factor
        unit, name = (2**30, "GiB") if wanted >= 2**30 else (2**20, "MiB")
        return f"{math.ceil(wanted / unit)}{name}"
    return math.ceil(now * factor) if isinstance(now, int | float) else None
