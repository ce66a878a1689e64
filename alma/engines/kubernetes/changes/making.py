"""Makes, changes and replaces what an address is made of, so that an attempt that dies at any point leaves something
that the next one recognises and completes.

Every call is an apply of a whole manifest with the marker in it, so repeating all of them is always safe. What the pods
need comes first, then what makes pods, then what is about them; what is not wanted any more goes only when the new is
there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from alma.core.model.engine import Outcome
from alma.core.model.errors import ChangeRejected
from alma.core.model.state import DesiredResource
from alma.engines.base import together
from alma.engines.kubernetes import adopted, existing, levels, logs, marker, namespaces, removal
from alma.engines.kubernetes.changes import found as there
from alma.engines.kubernetes.changes import ownership, patching
from alma.engines.kubernetes.changes.undoing import taken_back
from alma.engines.kubernetes.client import Exists, FieldConflict, QuotaExceeded
from alma.engines.kubernetes.manifests import Manifests
from alma.engines.kubernetes.rollout import Rollout, Settled, Stuck, until_ready
from alma.engines.kubernetes.work import Work

Object = Mapping[str, Any]

_CLAIM: Final = "PersistentVolumeClaim"


async def create(work: Work) -> Outcome:
    """Makes the objects of an address, or adopts and finishes what is there already."""
    desired = work.desired()
    if existing.place_of(desired) is not None:
        return await _as_imported(work, desired)
    built = await work.manifests(desired)
    async with work.session.changes:
        current = await there.named(work, built)
        if current:  # there may be more than what has these names
            current = await removal.wait_for_ending(work.session, await there.at_address(work))
        primary = there.primary_of(current)
        if primary is not None:
            built = await _adopted(work, desired, built, current)
        else:
            await _ground(work, desired)
        sent = await _send(work, built, current)
    settled = await _rolled_out(work, desired, sent)
    return await _done(work, built, [*current], sent, settled, adopted=primary is not None)


async def _as_imported(work: Work, desired: DesiredResource) -> Outcome:
    """What was there before is never made: it is the stack's already, as it is to be, or not at all."""
    found = await there.at_address(work)
    seen = await there.seen(work, found)
    if seen is None or seen.properties.get(existing.EXISTING) != str(existing.place_of(desired)):
        raise _not_made(work, desired)
    work.require_same(desired, seen)
    return Outcome(resource=seen, adopted=True)


def _not_made(work: Work, desired: DesiredResource) -> ChangeRejected:
    return ChangeRejected(
        f"{existing.place_of(desired)} is not part of this stack, and ALMA makes no {work.address} in its place",
        hint="import it; or take the option `existing` away, and ALMA makes it anew as the blueprint describes it",
    )


async def _adopted(
    work: Work, desired: DesiredResource, built: Manifests, current: Sequence[Object]
) -> Manifests:
    """The manifests for what is there already: an earlier attempt's, or something equal, which keeps its key."""
    primary = there.primary_of(current)
    assert primary is not None
    if work.is_mine(primary):
        return built
    work.require_same(desired, await there.seen(work, current))
    return await _keeping(work, desired, primary)


async def _keeping(work: Work, desired: DesiredResource, primary: Object) -> Manifests:
    """The manifests for an object that stays: with its key, and kept where it was to be kept."""
    mark = marker.marker_of(primary)
    if mark is None:
        raise work.taken(primary)
    return await work.manifests(desired, key=mark.key, retain=mark.retain)


async def update(work: Work) -> Outcome:
    """Changes what is there in place, and waits until the change has reached every pod. What it was before is put back
    when that fails. Raises ChangeRejected for what is gone, or takes a new object."""
    desired = work.desired()
    if existing.place_of(desired) is not None:
        return await _update_imported(work)
    await work.manifests(desired)  # what is missing shows before anything is looked at
    async with work.session.changes:
        current = await removal.wait_for_ending(work.session, await there.at_address(work))
        primary = there.primary_of(current)
        if primary is None:
            raise work.gone()
        work.require_in_place(desired, work.difference(desired, await there.seen(work, current)))
        built = await _keeping(work, desired, primary)
        if there.identity(built.primary) != there.identity(primary):
            raise _of_another_kind(work, primary, built.primary)
        await there.named(work, built)
        await _ground(work, desired)
        await _send(work, built, current, dry_run=True)  # a no comes before anything is touched
    try:
        async with work.session.changes:
            sent = await _send(work, built, current)
        settled = await _rolled_out(work, desired, sent)
        _require_well(work, settled)
    except ChangeRejected as error:
        raise await taken_back(work, error, lambda: _restored(work, desired, current)) from error
    return await _done(work, built, current, sent, settled)


async def _update_imported(work: Work) -> Outcome:
    primary = there.primary_of(await there.at_address(work))
    if primary is None or adopted.kept_of(primary) is None:
        raise work.gone()
    return await patching.update(work, primary)


def _of_another_kind(work: Work, old: Object, new: Object) -> ChangeRejected:
    return ChangeRejected(
        f"{work.address} can't be changed in place: {old['kind']} {old['metadata']['name']} would become "
        f"{new['kind']} {new['metadata']['name']}",
        hint="make the plan again: it will replace it",
    )


async def replace(work: Work) -> Outcome:
    """Removes what is there and makes it anew. An earlier attempt that got this far is finished."""
    desired = work.desired()
    if existing.place_of(desired) is not None:
        raise _not_made(work, desired)
    built = await work.manifests(desired)
    async with work.session.changes:
        await there.named(work, built)
        current = await removal.wait_for_ending(work.session, await there.at_address(work))
        mine = [item for item in current if work.is_mine(item)]
        old = [item for item in current if not work.is_mine(item)]
        adopted = there.primary_of(mine) is not None
        await _ground(work, desired)
        if not adopted:
            await _rehearse(work, built)
        await removal.remove(work.session, old)
    try:
        async with work.session.changes:
            sent = await _send(work, built, mine)
        settled = await _rolled_out(work, desired, sent)
    except ChangeRejected as error:
        if adopted or not old or any(item["kind"] == _CLAIM for item in old):
            raise
        raise await taken_back(work, error, lambda: _restored(work, desired, old)) from error
    return await _done(work, built, mine, sent, settled, adopted=adopted)


async def _rehearse(work: Work, built: Manifests) -> None:
    """Asks the server whether it would take these objects, before what they replace is removed. That the names are
    taken for now, and room in a quota with them, is no fault."""

    async def one(manifest: Object) -> None:
        with suppress(Exists, QuotaExceeded):
            await work.session.cluster.create(manifest, dry_run=True)

    await together([one(manifest) for manifest in built])


# ── sending ──────────────────────────────────────────────────────────────────────────────────────


async def _ground(work: Work, desired: DesiredResource) -> None:
    served = await work.session.cluster.served()
    level = levels.level_of(desired, work.session.settings, served)
    await namespaces.ensure(work.session, work.stack, level=level)


async def _send(
    work: Work, built: Manifests, current: Iterable[Object], *, dry_run: bool = False
) -> list[Object]:
    """Applies all of them; the primary comes first in the answer."""
    known = {there.identity(item): item for item in current}

    async def one(manifest: Object) -> Object:
        before = known.get(there.identity(manifest))
        return await _applied(work, manifest, before, dry_run=dry_run)

    before = await together([one(manifest) for manifest in built.before])
    primary = await one(built.primary)
    after = await together([one(manifest) for manifest in built.after])
    return [primary, *before, *after]


async def _applied(
    work: Work, manifest: Object, current: Object | None, *, dry_run: bool
) -> Object:
    """Applies one manifest; takes fields from others as far as the approved change says so."""
    cluster = work.session.cluster
    try:
        return await cluster.apply(manifest, dry_run=dry_run)
    except FieldConflict as error:
        stopped = current is not None and (current.get("spec") or {}).get("replicas") == 0
        paths = [change.path for change in work.change.fields]
        left = ownership.not_approved(error.owners, paths, stopped=stopped)
        if left:
            raise _not_ours(work, manifest, left) from error
    return await cluster.apply(manifest, force=True, dry_run=dry_run)


def _not_ours(work: Work, manifest: Object, left: Mapping[str, Sequence[str]]) -> ChangeRejected:
    whose = "; ".join(f"{by} owns {', '.join(fields)}" for by, fields in sorted(left.items()))
    return ChangeRejected(
        f"{work.address}: {manifest['kind']} {manifest['metadata']['name']} has fields that another field "
        f"manager has set since, and that the approved plan does not name: {whose}",
        hint="make the plan again: it shows what differs; where it shows nothing, let the other one give the field up",
        details={"owners": {by: list(fields) for by, fields in left.items()}},
    )


# ── the rollout and what comes after ─────────────────────────────────────────────────────────────


async def _rolled_out(work: Work, desired: DesiredResource, sent: Sequence[Object]) -> Settled:
    health = desired.health
    seconds = until_ready(health)
    return await Rollout(
        work.session,
        sent[0],
        work.labels(),
        seconds,
        logs.hider(work.known),
        work.context.log,
        answers=health is not None,
    ).settle()


def _require_well(work: Work, settled: Settled) -> None:
    """An update that makes a thing worse is none: what is new runs and does not get ready."""
    if not settled.well:
        raise Stuck(
            f"{work.address} runs as changed, and is not ready within the time of its health check",
            hint="look at its log and its health check; health.start_period says how long a start may take",
        )


async def _done(
    work: Work,
    built: Manifests,
    current: Iterable[Object],
    sent: Sequence[Object],
    settled: Settled,
    *,
    adopted: bool = False,
) -> Outcome:
    """Prunes what is not wanted any more, and says what is there."""
    await removal.remove(work.session, there.surplus(current, built))
    resource = await there.seen(work, [settled.workload, *sent[1:]])
    return Outcome(resource=resource, adopted=adopted)


async def _restored(work: Work, desired: DesiredResource, before: Sequence[Object]) -> bool:
    """Applies again what ALMA had applied before, and removes what came new. Whether that is well."""
    kept = {there.identity(item) for item in before}
    sent: list[Object] = []
    async with work.session.changes:
        for item in sorted(before, key=lambda item: item is there.primary_of(before)):
            previous = ownership.applied(item)
            if previous is not None:
                sent.append(await work.session.cluster.apply(previous, force=True))
        fresh = [item for item in await there.at_address(work) if there.identity(item) not in kept]
        await removal.remove(work.session, fresh)
    primary = there.primary_of(sent)
    return primary is None or (await _rolled_out(work, desired, [primary])).well
