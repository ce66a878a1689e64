"""The four changes of a guest. Each looks for what is there first, and the same one never runs twice at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from alma.core.model.engine import Outcome
from alma.core.model.errors import EngineError, OutcomeUnknown
from alma.core.model.plan import Effect
from alma.core.model.state import DesiredResource, differing
from alma.engines.proxmox import look, marker, observe, shape
from alma.engines.proxmox.client.errors import Refused
from alma.engines.proxmox.cluster import Guest, GuestKind
from alma.engines.proxmox.guests import making, power, removal
from alma.engines.proxmox.guests.converge import Convergence
from alma.engines.proxmox.guests.making import Made, Ready
from alma.engines.proxmox.guests.work import Work
from alma.engines.proxmox.options import options_of
from alma.engines.proxmox.view import View

Secrets = Mapping[str, str]
SNAPSHOT = "alma-"


# ── create ───────────────────────────────────────────────────────────────────────────────────────


async def create(work: Work) -> Outcome:
    """Makes and starts the guest, or adopts and completes the one that is there already."""
    desired = work.desired()
    secrets = work.secrets(desired)
    if found := await _found(work):
        return await _adopt(work, desired, secrets, found[0])
    prepared = await making.ready(work, desired, secrets)
    made = await making.make(work, desired, prepared)
    return await _complete(work, desired, secrets, made)


async def _found(work: Work) -> list[View]:
    """The guests of this address. One that an earlier attempt is making is waited for: it may have no notes yet."""
    found = await look.at(work.session, work.stack, work.address, also=work.kept_vmid)
    views = [view for one in found if (view := await making.settled(work, one))]
    if work.kept_vmid is None or any(view.guest.vmid == work.kept_vmid for view in views):
        return views
    listed = (await work.session.cluster()).guest(work.kept_vmid)
    late = await making.own(work, listed) if listed and listed.lock else None
    return [*views, late] if late else views


async def _adopt(work: Work, desired: DesiredResource, secrets: Secrets, found: View) -> Outcome:
    """Completes what an attempt of this change left, or takes over what equals the wish."""
    mine = found.notes.marker.key == work.key
    if not mine:
        work.require_same(desired, observe.properties(found))
    guest = await _as_it_runs(work, found.guest)
    wanted = work.shape(desired)
    unfinished = mine and not guest.running
    paths = [*wanted] if unfinished else differing(wanted, observe.properties(found))
    step = Convergence(
        work,
        desired,
        guest,
        secrets,
        key=found.notes.marker.key,
        paths=paths,
        may_reboot=mine,
    )
    return _outcome(work, await step.all(), adopted=True, warnings=step.warnings)


async def _complete(work: Work, desired: DesiredResource, secrets: Secrets, made: Made) -> Outcome:
    """Everything that a new guest still lacks. One that can't be completed goes; one that only its software is missing
    from stays, to be looked into."""
    step = _completing(work, desired, secrets, made)
    try:
        before = await step.configure()
        await step.surround(before)
        await step.run()
    except OutcomeUnknown:
        raise
    except EngineError as error:
        raise await removal.take_back(work, made.guest, error, storage=made.storage) from error
    await step.set_up()
    return _outcome(work, await step.seen(), adopted=made.adopted, warnings=step.warnings)


def _completing(work: Work, desired: DesiredResource, secrets: Secrets, made: Made) -> Convergence:
    """What a new guest still has to go through."""
    return Convergence(
        work,
        desired,
        made.guest,
        secrets,
        key=work.key,
        storage=made.storage,
        new=True,
        may_reboot=True,
        warnings=[*made.warnings],
    )


def _outcome(
    work: Work, view: View, *, adopted: bool = False, warnings: Sequence[str] = ()
) -> Outcome:
    memory = work.session.memory
    memory.made(work.stack.id, work.address, guest=view.guest)
    memory.saw(view.guest, view.configured)
    return Outcome(resource=observe.resource(view), adopted=adopted, warnings=tuple(warnings))


async def _as_it_runs(work: Work, guest: Guest) -> Guest:
    """The guest with its state of this moment: the listing may be a second old."""
    status = await power.state(work.session, guest)
    if status is None:
        raise work.gone()
    return guest.model_copy(update={"status": status})


# ── update ───────────────────────────────────────────────────────────────────────────────────────


async def update(work: Work) -> Outcome:
    """Changes what can be changed on the guest that is there, and starts it when it does not run."""
    desired = work.desired()
    secrets = work.secrets(desired)
    found = await look.at(work.session, work.stack, work.address)
    if not found:
        raise work.gone()
    current, *surplus = found
    paths = work.require_in_place(desired, observe.properties(current))
    removal.require_free(surplus)
    guest = await _as_it_runs(work, current.guest)
    warnings = await _snapshot(work, desired, guest, paths)
    warnings += await _removed(work, surplus)
    rebooting = any(shape.effect_of(desired, path) is Effect.REBOOT for path in paths)
    step = Convergence(
        work,
        desired,
        guest,
        secrets,
        key=current.notes.marker.key,
        paths=paths,
        may_reboot=rebooting or work.change.reboots,
        warnings=warnings,
    )
    return _outcome(work, await step.all(), warnings=step.warnings)


async def _snapshot(
    work: Work, desired: DesiredResource, guest: Guest, paths: Sequence[str]
) -> list[str]:
    """A snapshot from before the change, where the blueprint asks for one; the one before it goes. Where storage can't,
    a warning says so."""
    if not options_of(desired).snapshot_before_update or not paths:
        return []
    name = SNAPSHOT + hashlib.sha256(work.key.encode()).hexdigest()[:12]
    path, api = f"{guest.path}/snapshot", work.session.api
    before = [str(item["name"]) for item in await api.get(path) or ()]
    if name in before:
        return []
    doing = f"Taking a snapshot of {work.address}"
    data = {"snapname": name, "description": f"before a change by ALMA: {', '.join(paths)}"[:200]}
    try:
        await api.run("POST", path, data, doing=doing, log=work.log)
    except Refused as error:
        return [f"no snapshot of {work.address} was taken: {error.reason}"]
    for old in before:
        if old.startswith(SNAPSHOT):
            doing = f"Removing the snapshot {old} of {work.address}"
            await api.run("DELETE", f"{path}/{old}", doing=doing, log=work.log)
    return []


# ── replace ──────────────────────────────────────────────────────────────────────────────────────


async def replace(work: Work) -> Outcome:
    """Puts a new guest in the place of the old one.

    The new one is made and configured while the old one runs, under another name by then. The old one is stopped before
    the new one starts, as both have the same address, and is destroyed when the new one works. Until then, whatever
    fails removes the new one and starts the old one again.
    """
    desired = work.desired()
    secrets = work.secrets(desired)
    found = await _found(work)
    mine = [v for v in found if v.notes.marker.key == work.key]
    old = [view for view in found if view not in mine]
    removal.require_free(old)
    if mine and not old:
        return await _adopt(work, desired, secrets, mine[0])
    if mine:
        guest = await _as_it_runs(work, mine[0].guest)
        made = Made(guest, adopted=True)
    else:
        prepared = await making.ready(work, desired, secrets)
        made = await _make_beside(work, desired, prepared, old)
    return await _take_over(work, desired, secrets, made, old)


async def _make_beside(
    work: Work, desired: DesiredResource, prepared: Ready, old: Sequence[View]
) -> Made:
    for view in old:
        await _rename(work, view, aside=True)
    try:
        return await making.make(work, desired, prepared)
    except OutcomeUnknown:
        raise
    except EngineError:
        for view in old:
            await _rename(work, view, aside=False)
        raise


async def _rename(work: Work, view: View, *, aside: bool) -> None:
    """Gives an old guest another name while its successor takes its place, or gives it back its own."""
    key = "name" if view.guest.kind is GuestKind.QEMU else "hostname"
    name = marker.old_name(work.name) if aside else work.name
    notes = view.notes.model_copy(update={"replaced_by": work.key if aside else None})
    others = marker.beside(view.config.get("description"))
    data = {key: name, "description": marker.write(notes, others)}
    doing = f"Renaming the previous {work.address}"
    await work.session.api.put(f"{view.guest.path}/config", data, doing=doing)
    work.session.memory.changed(view.guest.vmid)


async def _take_over(
    work: Work, desired: DesiredResource, secrets: Secrets, made: Made, old: Sequence[View]
) -> Outcome:
    step = _completing(work, desired, secrets, made)
    try:
        await step.surround(await step.configure())
        for view in old:
            await power.stop(
                work.session, view.guest, name=f"the previous {work.address}", log=work.log
            )
        await step.run()
        await step.set_up()
    except OutcomeUnknown:
        raise
    except EngineError as error:
        raise await _take_back(work, made, old, error) from error
    left = await _removed(work, old)
    warnings = [*step.warnings, *left]
    return _outcome(work, await step.seen(), adopted=made.adopted, warnings=warnings)


async def _take_back(
    work: Work, made: Made, old: Sequence[View], error: EngineError
) -> EngineError:
    error = await removal.take_back(work, made.guest, error, storage=made.storage)
    name = f"the previous {work.address}"
    try:
        for view in old:
            await _rename(work, view, aside=False)
            await power.start(work.session, view.guest, name=name, log=work.log)
    except EngineError as second:
        error.hint = (
            f"{error.hint or 'see the message'}; {name} is as it was left: {second.message}"
        )
        return error
    if old:
        error.hint = f"{error.hint or 'see the message'}; {name} runs again"
    return error


# ── delete ───────────────────────────────────────────────────────────────────────────────────────


async def delete(work: Work) -> Outcome:
    """Removes every guest of the address."""
    found = await look.at(work.session, work.stack, work.address)
    removal.require_free(found)
    return Outcome(warnings=tuple(await _removed(work, found)))


async def _removed(work: Work, views: Sequence[View]) -> list[str]:
    """Removes them all, and says what of them is left."""
    told = []
    for view in views:
        left = await removal.remove(work.session, view, log=work.log)
        if left:
            told.append(f"{work.address}: left behind: {', '.join(left)}")
    return told
