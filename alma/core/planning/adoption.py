"""Plans how what is there already becomes part of a stack: as it is, or not at all.

An import changes nothing. So the blueprint must describe the object exactly, as the next plan will compare them; where
it does not, the plan says at which paths, and can't run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.engine import Candidate
from alma.core.model.plan import Action, Change, Effect, FieldChange, Support, Target
from alma.core.model.state import (
    DesiredResource,
    ObservedResource,
    Properties,
    Status,
    differing,
    is_among,
)


class Rules(Protocol):
    """The part of an engine that a comparison asks."""

    def support(self, desired: DesiredResource) -> Sequence[Support]: ...

    def effect(self, desired: DesiredResource, path: str) -> Effect: ...


def adoption(
    desired: DesiredResource,
    shape: Properties,
    candidate: Candidate | None,
    *,
    object_id: str,
    engine: Rules,
) -> Change:
    """The change that puts the stack's marker on an object. Fields are differences that forbid it."""
    name = f"'{candidate.name}'" if candidate else f"object {object_id}"
    return Change(
        address=desired.address,
        type=desired.type,
        action=Action.ADOPT,
        reason=f"it is there as {name} and stays as it is",
        fields=_differences(desired, shape, candidate, engine) if candidate else (),
        support=tuple(
            note
            for note in engine.support(desired)
            if candidate is None or not is_among(note.path, candidate.unread)
        ),
        after=desired.depends_on,
        desired=desired,
        object_id=object_id,
    )


def _differences(
    desired: DesiredResource, shape: Properties, candidate: Candidate, engine: Rules
) -> tuple[FieldChange, ...]:
    seen = candidate.properties
    type_ = FieldChange(
        path="type", before=candidate.type, after=desired.type, effect=Effect.REPLACE
    )
    fields = [
        FieldChange(
            path=path,
            before=seen.get(path),
            after=shape.get(path),
            effect=engine.effect(desired, path),
        )
        for path in differing(shape, seen)
        if not is_among(path, candidate.unread)
    ]
    return (*([] if candidate.type is desired.type else [type_]), *fields)


def remarks(
    target: Target,
    changes: Sequence[Change],
    observed: Mapping[str, ObservedResource],
    candidates: Mapping[str, Candidate],
) -> Iterator[Diagnostic]:
    """What stands against each adoption, and what the blueprint can't say of what is adopted."""
    by_address = {change.address: change for change in changes}
    for address, object_id in sorted(target.adopt.items()):
        change, there = by_address.get(address), observed.get(address)
        if change is None or change.desired is None:
            yield _fault(
                "adopt_nowhere",
                address,
                f"there is no '{address}' in the blueprint",
                "name it there",
            )
        elif there is not None and there.object_id != object_id:
            yield _fault(
                "address_taken",
                address,
                f"'{there.name}' ({there.object_id}) is at '{address}' already",
                "choose another name for what is to be imported",
            )
        elif there is None:
            yield from _about(change, candidates.get(object_id))


def _about(change: Change, candidate: Candidate | None) -> Iterator[Diagnostic]:
    address = change.address
    if candidate is None:
        yield _fault(
            "nothing_to_adopt",
            address,
            f"there is no object {change.object_id} that belongs to no stack",
            "look again at what can be imported",
        )
        return
    name = candidate.name
    if candidate.obstacle:
        yield _fault("not_adoptable", address, f"'{name}' can't be imported: {candidate.obstacle}")
    elif candidate.status in {Status.STOPPED, Status.FAILED}:
        yield _fault(
            "not_running",
            address,
            f"'{name}' is {candidate.status}, and what is in a stack is kept running",
            "start it, then plan again",
        )
    for field in change.fields:
        yield _fault(
            "adopt_differs",
            f"{address}.{field.path}",
            f"'{name}' has {_shown(field.before)}, the blueprint says {_shown(field.after)}, "
            "and an import changes nothing",
            "write into the blueprint what is there; change it after the import",
        )
    for note in candidate.notes:
        yield Diagnostic(
            severity=Severity.INFO, code="not_described", path=address, message=f"'{name}': {note}"
        )


def _shown(value: Any) -> str:
    if value is None or value == []:
        return "none"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _fault(code: str, path: str, message: str, hint: str | None = None) -> Diagnostic:
    return Diagnostic(code=code, path=path, message=message, hint=hint)
