"""Finds workloads and claims that belong to no stack, and puts a stack's marker on them or takes it off.

The marker goes on the object's own labels and annotations and nowhere else: a word in the template of its pods would
exchange them all. Each change names the version of the object that was looked at, so nobody's is overwritten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from alma.core.model.engine import Candidate, Discovered, Outcome
from alma.core.model.errors import ChangeRejected
from alma.core.model.plan import Action
from alma.core.model.state import DesiredResource
from alma.engines import base
from alma.engines.base import together
from alma.engines.kubernetes import (
    adopted,
    describing,
    existing,
    kinds,
    marker,
    obstacles,
    shape,
)
from alma.engines.kubernetes.changes import found as there
from alma.engines.kubernetes.changes.patching import annotations_of, patched, patient
from alma.engines.kubernetes.describing import Surroundings
from alma.engines.kubernetes.marker import Role
from alma.engines.kubernetes.session import Session
from alma.engines.kubernetes.work import Work

Object = Mapping[str, Any]
_SCALER: Final = "HorizontalPodAutoscaler"


async def discover(session: Session) -> list[Discovered]:
    """Every workload and claim without a stack's marker, by name. One list for each kind."""
    *lists, scalers = await together([_all(session, kind) for kind in (*adopted.KINDS, _SCALER)])
    free = [item for items in lists for item in items if obstacles.is_offered(item)]
    around = Surroundings(scalers=scalers)
    found = [describing.discovered(item, around) for item in free]
    return sorted(found, key=lambda item: (item.name, item.object_id))


async def _all(session: Session, kind: str, namespace: str | None = None) -> Sequence[Object]:
    if not (await session.cluster.served()).serves(kind):
        return ()
    async with session.looks:
        return await session.cluster.listed(kind, namespace=session.settings.namespace or namespace)


async def inspect(session: Session, object_ids: Collection[str]) -> list[Candidate]:
    """Those of the objects that are there and nobody's, with what is around them."""
    await session.cluster.served(afresh=True)  # or nothing would be asked about ids that are none
    asked = [_asked(session, id_) for id_ in sorted(set(object_ids))]
    free = [item for item in await together(asked) if item and obstacles.is_offered(item)]
    around = await _around(session, {adopted.id_of(item).namespace for item in free})
    return [describing.candidate(item, around, session.settings) for item in free]


async def _asked(session: Session, object_id: str) -> Object | None:
    """The object of that id: another one of the same name is not it."""
    kind, _, rest = object_id.partition("/")
    parts = rest.split("/")
    if kind not in adopted.KINDS or len(parts) != 3:
        return None
    namespace, name, uid = parts
    if session.settings.namespace not in {None, namespace}:
        return None
    async with session.looks:
        found = await session.cluster.get(kind, name, namespace=namespace)
    return found if found is not None and found["metadata"]["uid"] == uid else None


async def _around(session: Session, namespaces: Iterable[str]) -> Surroundings:
    names = sorted(namespaces)
    claims = await together([_all(session, kinds.CLAIM, name) for name in names])
    scalers = await together([_all(session, _SCALER, name) for name in names])
    return Surroundings(
        claims={adopted.id_of(item)[1:]: item for found in claims for item in found},
        scalers=[item for found in scalers for item in found],
    )


# ── the two changes ──────────────────────────────────────────────────────────────────────────────


async def mark(work: Work) -> Outcome:
    """Puts the marker on the object of the change, or takes it off."""
    async with work.session.changes:
        return await (adopt if work.change.action is Action.ADOPT else release)(work)


async def adopt(work: Work) -> Outcome:
    """Puts the marker on the object of the change, with `retain`, and changes nothing else."""
    desired = work.desired()
    was_mine = False

    async def one() -> Object:
        nonlocal was_mine
        found = await _object(work)
        if found is None:
            raise _gone(work)
        was_mine = work.is_ours(found)
        if was_mine:
            return found
        await _require_free(work, desired, found)
        return await patched(work, found, {"metadata": _marks(work, desired, found)})

    found = await patient(work, one)
    resource = await there.seen(work, [found])
    return Outcome(resource=resource, adopted=was_mine)


async def release(work: Work) -> Outcome:
    """Takes the marker off, if the object carries that of this stack."""

    async def one() -> None:
        found = await _object(work)
        mark = marker.marker_of(found) if found else None
        if found is not None and mark is not None and mark.stack == work.stack.id:
            await patched(work, found, {"metadata": marker.without(found)})

    await patient(work, one)
    return Outcome()


async def _object(work: Work) -> Object | None:
    return await _asked(work.session, work.change.object_id or "")


def _gone(work: Work) -> ChangeRejected:
    return ChangeRejected(
        f"There is no object {work.change.object_id} to take in as {work.address}",
        hint="look again at what can be imported",
    )


async def _require_free(work: Work, desired: DesiredResource, found: Object) -> None:
    """Raises ChangeRejected for what belongs to somebody, can't be adopted, or is not what was approved."""
    place = adopted.id_of(found)
    if not obstacles.is_offered(found) or await there.at_address(work):
        raise ChangeRejected(
            f"{place} can't become {work.address}: one of the two belongs to a stack already",
            hint="make the plan again: it will show what is there",
        )
    if existing.place_of(desired) != place:
        raise ChangeRejected(
            f"{place} can't become {work.address}, which the blueprint says is {existing.place_of(desired)}",
            hint=f"write `existing: {place}` into its options, or import it anew",
        )
    if reason := obstacles.of(found):
        raise ChangeRejected(f"{place} can't be imported: {reason}", hint="then plan again")
    await _require_claims(work, desired, found)


async def _require_claims(work: Work, desired: DesiredResource, found: Object) -> None:
    """Each mount of the blueprint has to be the claim that this stack has as that volume."""
    namespace = adopted.id_of(found).namespace
    claims = describing.kept_for(desired, found).claims
    for mount in desired.mounts:
        name = claims.get(mount.volume)
        claim = (
            await work.session.cluster.get(kinds.CLAIM, name, namespace=namespace) if name else None
        )
        mark = marker.marker_of(claim) if claim else None
        if mark is None or (mark.stack, mark.address) != (work.stack.id, mount.volume):
            raise ChangeRejected(
                f"What {work.address} has at {mount.path} is not the volume '{mount.volume}' of this stack",
                hint="import the claim that is there under that name, then plan again",
            )


# ── what is written ──────────────────────────────────────────────────────────────────────────────


def _marks(work: Work, desired: DesiredResource, found: Object) -> dict[str, Any]:
    own = base.Marker.of(desired, work.stack, key=work.key).model_copy(update={"retain": True})
    wish = shape.shape_of(desired, work.session.settings)
    kept = describing.kept_for(desired, found)
    return {
        "labels": marker.labels_of(own, Role.PRIMARY),
        "annotations": annotations_of(own, work.stack, declared=wish, kept=kept),
    }
