"""Tells how the world moved since the last deployment: what was changed outside, what is gone, and what is elsewhere.

By what was recorded then, and not by what is wanted now: whether a difference will be taken back is for a plan to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.plan import Drift, DriftKind
from alma.core.model.state import ObservedResource, StateRecord, Status, differing

OBJECT = "object"
DOWN = frozenset({Status.STOPPED, Status.FAILED})


def drift_of(
    records: Iterable[StateRecord], resources: Iterable[ObservedResource]
) -> tuple[Drift, ...]:
    """Every address that is not as the last deployment left it, by kind and address."""
    seen = {item.address: item for item in resources}
    found = (drift for record in records for drift in _of(record, seen.get(record.address)))
    return tuple(sorted(found, key=lambda drift: (drift.kind, drift.address)))


def _of(record: StateRecord, seen: ObservedResource | None) -> Iterator[Drift]:
    address = record.address
    if seen is None:
        detail = f"'{address}' was there after the last deployment and is gone"
        yield Drift(address=address, kind=DriftKind.GONE, detail=detail)
        return
    if seen.object_id != record.object_id:
        instead = f"{seen.object_id} instead of {record.object_id}"
        detail = f"'{address}' is another object than the last deployment left: {instead}"
        yield Drift(address=address, kind=DriftKind.CHANGED, detail=detail, paths=(OBJECT,))
    changed = tuple(differing(record.properties, seen.properties))
    if seen.status in DOWN:
        changed = (*changed, "status")
    if changed:
        detail = f"'{address}' was changed outside of ALMA: {', '.join(changed)}"
        yield Drift(address=address, kind=DriftKind.CHANGED, detail=detail, paths=changed)
    # What was recorded before places were is no move.
    moved = tuple(name for name in differing(record.site, seen.site) if name in record.site)
    if moved:
        where = ", ".join(
            f"{name} {seen.site.get(name, 'unknown')} now (was {record.site[name]})"
            for name in moved
        )
        yield Drift(
            address=address, kind=DriftKind.MOVED, detail=f"'{address}' is on {where}", paths=moved
        )


def unsaid(drift: Iterable[Drift]) -> Iterator[Diagnostic]:
    """What a blueprint says nothing of, so that no change of the plan tells it: a move; and another object in the place
    of the one that was made, which gets its secrets and its changes from now on."""
    for item in drift:
        if item.paths == (OBJECT,):
            yield Diagnostic(
                severity=Severity.WARNING,
                code="another_object",
                path=item.address,
                message=item.detail,
                hint="approve only if you know who put it there: it carries ALMA's marker, which can be copied",
            )
        if item.kind is DriftKind.MOVED:
            yield Diagnostic(
                severity=Severity.INFO, code="moved", path=item.address, message=item.detail
            )
