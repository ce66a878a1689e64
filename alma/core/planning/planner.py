"""Compares what should be with what is and says, address by address, what would be done and why.

Pure and deterministic: equal inputs give an equal plan with an equal digest, so that an approval can name exactly what
will run. Nothing is ever deleted because an answer was missing: an observation only exists when a read succeeded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from pydantic import TypeAdapter

from alma.core.model.base import Json, digest_of
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.engine import Candidate
from alma.core.model.plan import (
    Action,
    Change,
    Effect,
    FieldChange,
    Plan,
    PlanKind,
    Support,
    SupportLevel,
    Target,
)
from alma.core.model.state import (
    DesiredResource,
    Observation,
    ObservedResource,
    Placement,
    Properties,
    StackRef,
    StateRecord,
)
from alma.core.planning.adoption import adoption, remarks
from alma.core.planning.collector import without_collector
from alma.core.planning.drift import DOWN, drift_of, unsaid
from alma.core.planning.order import ordered
from alma.core.planning.strategy import paced
from alma.core.ports import Weighs

# The stamp of a plan that was made without rules or prices, such as one that removes things.
UNSTAMPED = "none"

_DESIRED = TypeAdapter(tuple[DesiredResource, ...])
# The resource as written is in the blueprint's own digest; the rest is all that an engine is told.
# Why it goes where it goes may be told with other figures a minute later.
_AS_WRITTEN: Any = {"__all__": {"resource": True, "placement": {"reason"}}}


_NOBODY: Mapping[str, Candidate] = {}


class EngineRules(Protocol):
    """The pure half of an engine."""

    def support(self, desired: DesiredResource) -> Sequence[Support]: ...

    def shape(self, desired: DesiredResource, stack: StackRef) -> Properties: ...

    def effect(self, desired: DesiredResource, path: str) -> Effect: ...


@without_collector
def make_plan(
    *,
    target: Target,
    blueprint_name: str,
    revision_digest: str,
    desired: Sequence[DesiredResource],
    observation: Observation,
    records: Iterable[StateRecord],
    engine: EngineRules,
    diagnostics: Sequence[Diagnostic] = (),
    candidates: Mapping[str, Candidate] = _NOBODY,
    policy: str = UNSTAMPED,
    prices: str = UNSTAMPED,
) -> Plan:
    """The plan that makes `observation` look like `desired`.

    `records` (what ALMA itself did last) tell drift from a changed wish and a vanished object from a new one. For a
    destroy, `desired` is empty. `candidates` are the objects, by id, that the target says to adopt, as far as they are
    there and nobody's. `policy` and `prices` name the rules and the prices that it is judged by.
    """
    stack = observation.stack
    observed = {item.address: item for item in observation.resources}
    recorded = {record.address: record for record in records}
    shapes = {item.address: engine.shape(item, stack) for item in desired}
    changes = [
        adoption(
            item,
            shapes[item.address],
            candidates.get(target.adopt[item.address]),
            object_id=target.adopt[item.address],
            engine=engine,
        )
        if item.address in target.adopt and item.address not in observed
        else _change(
            item,
            shapes[item.address],
            observed.get(item.address),
            recorded.get(item.address),
            engine,
        )
        for item in desired
    ]
    changes += [
        _removal(item, target)
        for address, item in sorted(observed.items())
        if address not in shapes
    ]
    in_order = paced(ordered(changes, observed), target)
    deploys = target.kind is PlanKind.DEPLOY
    drift = drift_of(recorded.values(), observation.resources) if deploys else ()
    inputs = {
        "target": digest_of(_aim(target) | {"stack": stack.id}),
        "blueprint": revision_digest,
        "place": digest_of(observation.place),
        "desired": digest_of([shapes, _told(desired)]),
        "observed": digest_of(
            [
                *(_seen(item) for item in sorted(observation.resources, key=_place)),
                *(_looked_at(candidates[id_]) for id_ in sorted(candidates)),
            ]
        ),
        "steps": digest_of([_step(change) for change in in_order]),
        "policy": policy,
        "prices": prices,
    }
    found = (
        *_support_diagnostics(changes),
        *_doubles(observation),
        *_told_of(observation, diagnostics),
        *_losses(changes, observed, target),
        *remarks(target, changes, observed, candidates),
        *unsaid(drift),
    )
    return Plan(
        target=target,
        stack=stack,
        blueprint_name=blueprint_name,
        changes=in_order,
        diagnostics=(*diagnostics, *found),
        drift=drift,
        digest=digest_of(inputs),
        inputs=inputs,
    )


def placed(
    desired: Sequence[DesiredResource], placements: Mapping[str, Placement]
) -> tuple[DesiredResource, ...]:
    """The same resources, each with the place the engine chose for it."""
    return tuple(
        item.model_copy(update={"placement": placements[item.address]})
        if item.address in placements
        else item
        for item in desired
    )


def _aim(target: Target) -> dict[str, Any]:
    """The target as its digest has it. What is not used says nothing: an approval outlives a new possibility. How fast
    it goes is in the steps."""
    unsaid = {"strategy", "batch"} | (set() if target.adopt else {"adopt"})
    return target.model_dump(mode="json", exclude=unsaid)


def _told(desired: Sequence[DesiredResource]) -> str:
    told = _DESIRED.dump_json(tuple(desired), exclude=_AS_WRITTEN)
    return hashlib.sha256(told).hexdigest()


def _place(item: ObservedResource) -> tuple[str, str]:
    return item.address, item.object_id


def _seen(item: ObservedResource) -> list[Any]:
    """One object: several may carry one address, and all of them count."""
    marker = [item.address, item.object_id, item.type, item.depends_on, item.retain]
    return [*marker, dict(item.properties), _down(item)]


def _looked_at(candidate: Candidate) -> list[Any]:
    """One object that belongs to no stack yet."""
    found = [candidate.object_id, candidate.type, candidate.obstacle, candidate.unread]
    return [*found, dict(candidate.properties), candidate.status in DOWN]


def _step(change: Change) -> list[Any]:
    """What is done and how: the reasons may be told differently without another approval."""
    how = [[field.path, field.effect] for field in change.fields]
    return [change.address, change.action, change.after, how]


def _down(observed: ObservedResource) -> bool:
    return observed.status in DOWN


def _change(
    desired: DesiredResource,
    shape: Properties,
    observed: ObservedResource | None,
    record: StateRecord | None,
    engine: EngineRules,
) -> Change:
    fields: tuple[FieldChange, ...] = ()
    if observed is None:
        action, reason = Action.CREATE, _creation_reason(desired, record)
    elif observed.type is not desired.type:
        fields = (
            FieldChange(
                path="type", before=observed.type, after=desired.type, effect=Effect.REPLACE
            ),
        )
        action, reason = Action.REPLACE, f"it is a {observed.type} and shall be a {desired.type}"
    else:
        fields = _differences(desired, shape, observed, record, engine)
        action, reason = _verdict(fields)
    return Change(
        address=desired.address,
        type=desired.type,
        action=action,
        reason=reason,
        fields=fields,
        support=tuple(engine.support(desired)),
        after=() if action is Action.NO_OP else desired.depends_on,
        destructive=action is Action.REPLACE,
        reboots=action is Action.UPDATE and any(field.effect is Effect.REBOOT for field in fields),
        desired=desired,
        object_id=observed.object_id if observed else None,
    )


def _creation_reason(desired: DesiredResource, record: StateRecord | None) -> str:
    if record is not None:
        return "it was there after the last deployment and is gone"
    return "implied by the blueprint" if desired.implied else "new in the blueprint"


def _differences(
    desired: DesiredResource,
    shape: Properties,
    observed: ObservedResource,
    record: StateRecord | None,
    engine: EngineRules,
) -> tuple[FieldChange, ...]:
    known: Mapping[str, Json] = record.properties if record else {}
    seen = observed.properties
    found: list[FieldChange] = []
    if shape != seen:
        for path in sorted(shape.keys() | seen.keys()):
            before, after = seen.get(path), shape.get(path)
            if before != after:
                drift = record is not None and known.get(path) == after
                effect = (
                    engine.effect_between(desired, path, before, after)
                    if isinstance(engine, Weighs)
                    else engine.effect(desired, path)
                )
                found.append(
                    FieldChange(path=path, before=before, after=after, effect=effect, drift=drift)
                )
    if _down(observed):
        found.append(
            FieldChange(path="status", before=observed.status, after="running", drift=True)
        )
    return tuple(found)


def _verdict(fields: Sequence[FieldChange]) -> tuple[Action, str]:
    if not fields:
        return Action.NO_OP, "as it should be"
    causes = [field.path for field in fields if field.effect is Effect.REPLACE]
    if causes:
        return Action.REPLACE, f"{', '.join(causes)} can't be changed on what exists"
    if all(field.drift for field in fields):
        return Action.UPDATE, "it was changed outside of ALMA"
    return Action.UPDATE, f"{', '.join(field.path for field in fields)} changed"


def _removal(observed: ObservedResource, target: Target) -> Change:
    keep = observed.retain and not target.volumes
    return Change(
        address=observed.address,
        type=observed.type,
        action=Action.NO_OP if keep else Action.DELETE,
        reason="kept: it holds data; ask for volumes to delete it too"
        if keep
        else _removal_reason(target),
        destructive=not keep,
        object_id=observed.object_id,
    )


def _removal_reason(target: Target) -> str:
    return (
        "the stack is to be destroyed" if target.kind == "destroy" else "it is not in the blueprint"
    )


def _support_diagnostics(changes: Iterable[Change]) -> list[Diagnostic]:
    """What the engine can't give. A whole resource it can't make stops the plan; a lost property is a warning."""
    found: list[Diagnostic] = []
    for change in changes:
        for note in change.support:
            if note.level is not SupportLevel.UNSUPPORTED or change.action is Action.NO_OP:
                continue
            whole = note.path in {"", "type"}
            found.append(
                Diagnostic(
                    severity=Severity.ERROR if whole else Severity.WARNING,
                    code="unsupported",
                    path=".".join(part for part in (change.address, note.path) if part),
                    message=note.reason,
                    hint="choose another engine or leave it out"
                    if whole
                    else "it will be left out",
                )
            )
    return found


def _doubles(observation: Observation) -> list[Diagnostic]:
    """Two objects with one address: nobody can say which is the right one, so a person must."""
    seen: set[str] = set()
    found: list[Diagnostic] = []
    for item in observation.resources:
        if item.address in seen:
            found.append(
                Diagnostic(
                    code="duplicate_object",
                    path=item.address,
                    message=f"two objects carry the address '{item.address}'; one of them is '{item.name}'",
                    hint="remove the one that should not be there, then plan again",
                )
            )
        seen.add(item.address)
    return found


def _told_of(observation: Observation, said: Sequence[Diagnostic]) -> list[Diagnostic]:
    """What the engine says of what it saw, unless it has said so already."""
    known = {item.message for item in said}
    return [
        Diagnostic(severity=Severity.WARNING, code="observed", path="", message=text)
        for text in observation.diagnostics
        if text not in known
    ]


def _losses(
    changes: Sequence[Change], observed: Mapping[str, ObservedResource], target: Target
) -> list[Diagnostic]:
    """What holds data goes only when it is asked for, and a replacement does not ask."""
    if target.volumes:
        return []
    return [
        Diagnostic(
            code="data_would_be_lost",
            path=f"{change.address}.{change.fields[0].path}",
            message=f"'{change.address}' holds data, and {change.reason}: it would be made anew, empty",
            hint="give what is new another name; what holds the data is kept then",
        )
        for change in changes
        if change.action is Action.REPLACE and observed[change.address].retain
    ]
