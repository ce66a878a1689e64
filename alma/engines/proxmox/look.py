"""Reads a stack: one listing of the cluster, and one look at each guest that may be the stack's.

A listing costs the same for one guest as for a thousand, and says nothing of what ALMA has to compare. So what was seen
of a guest is remembered together with the listing's facts about it. Each read looks again at every guest whose facts
have changed, and at the hundred that were not looked at for longest: small stacks are always read fresh, and big ones
cost a bounded number of calls.

What a listing says of a guest's state is up to ten seconds old, as nodes tell it only now and then. So a guest that is
not said to run is asked itself before anybody believes it, and so are two that stand for the same address.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum, auto

from alma.core.model.errors import EngineUnavailable
from alma.core.model.state import Observation, StackRef
from alma.engines.base import together
from alma.engines.proxmox import firewall, marker, observe
from alma.engines.proxmox.client.errors import Missing, NodeOffline
from alma.engines.proxmox.cluster import Cluster, Guest
from alma.engines.proxmox.guests import power
from alma.engines.proxmox.session import Session
from alma.engines.proxmox.view import Configured, View

FRESH = 100
BEING_MADE = frozenset({"create", "clone"})
_ROUNDS = 3


class Foreign(Enum):
    """A guest that is there and is not the stack's."""

    FOREIGN = auto()


async def stack(session: Session, ref: StackRef) -> Observation:
    """Everything with the stack's marker. Raises when it can't be known."""
    cluster = await session.cluster_now()
    views, copies, lost = await _views(session, cluster, ref)
    for _ in range(_ROUNDS):
        if not lost:
            break
        # Something was removed, or moved to another node, since the listing was made.
        cluster = await session.cluster_now()
        views, copies, lost = await _views(session, cluster, ref)
    views = await _as_they_are(session, cluster, views)
    await _require_made(session, cluster, ref, seen={view.guest.vmid for view in views})
    counted = [_with_leftovers(group) for group in grouped(views)]
    return Observation(
        stack=ref,
        place=cluster.place,
        resources=tuple(sorted(map(observe.resource, counted), key=lambda item: item.address)),
        diagnostics=(
            *observe.waits(counted),
            *copies,
            *cluster.remarks([view.guest for view in views]),
        ),
    )


async def _require_made(
    session: Session, cluster: Cluster, ref: StackRef, *, seen: set[int]
) -> None:
    """Raises EngineUnavailable while a guest of the stack is being made that has no notes yet, as far as this process
    knows: it was begun here, and its end was not seen."""
    for (stack_id, address), guests in [*session.memory.own.items()]:
        for vmid in guests.keys() - seen if stack_id == ref.id else ():
            listed = cluster.guest(vmid)
            made = await _configured(session, listed) if listed else None
            if made and made.notes is None and made.coming.get("lock") in BEING_MADE:
                raise EngineUnavailable(
                    f"Guest {vmid} is still being made for {address}: what is there can't be told before it is done",
                    hint=f"look at the task list of {listed.node if listed else 'its node'}, and wait for the task",
                )


async def everything(session: Session, ref: StackRef) -> list[View]:
    """Every guest of a stack, leftovers too."""
    return (await _views(session, await session.cluster_now(), ref))[0]


async def members(session: Session, ref: StackRef) -> list[View]:
    """The guests of a stack, each address once, as far as a listing a moment ago shows them."""
    views, _, _ = await _views(session, await session.cluster(), ref, fresh=0)
    own = {
        g.vmid: g
        for at, ours in session.memory.own.items()
        if at[0] == ref.id
        for g in ours.values()
    }
    listed = {view.guest.vmid for view in views}
    late = await together([one(session, ref, g) for g in own.values() if g.vmid not in listed])
    # What this process has just started, a listing may not know to run.
    running = {vmid for vmid, guest in own.items() if guest.running}
    views = [_with_status(v, "running") if v.guest.vmid in running else v for v in views]
    return [group[0] for group in grouped([*views, *filter(None, late)])]


def grouped(views: Iterable[View]) -> list[list[View]]:
    """The guests of each address, the one that counts first: one that is being replaced comes after the new one as soon
    as that runs."""
    by_address: dict[str, list[View]] = {}
    for view in views:
        by_address.setdefault(view.notes.marker.address, []).append(view)
    return [sorted(group, key=_rank) for group in by_address.values()]


async def _as_they_are(session: Session, cluster: Cluster, views: Sequence[View]) -> list[View]:
    """The guests with their states of now, as far as it matters and their nodes answer."""
    several = Counter(view.notes.marker.address for view in views)
    doubtful = [not view.guest.running or several[view.notes.marker.address] > 1 for view in views]
    return await together(
        [
            _asked(session, view, ask=ask and view.guest.node not in cluster.offline)
            for view, ask in zip(views, doubtful, strict=True)
        ]
    )


async def _asked(session: Session, view: View, *, ask: bool) -> View:
    if not ask:
        return view
    try:
        async with session.looks:
            status = await power.state(session, view.guest)
    except NodeOffline:
        return view
    return view if status is None else _with_status(view, status)


def _with_status(view: View, status: str) -> View:
    return replace(view, guest=view.guest.model_copy(update={"status": status}))


def _rank(view: View) -> tuple[bool, bool, int]:
    return not view.guest.running, view.notes.replaced_by is not None, view.guest.vmid


def _with_leftovers(group: Sequence[View]) -> View:
    first, *others = group
    return replace(first, leftovers=tuple(f"{v.guest.vmid} ({_name(v)})" for v in others))


def _name(view: View) -> str:
    return observe.marker_name(view)


async def one(session: Session, ref: StackRef, guest: Guest) -> View | None:
    """The guest as it is now; None when it is gone or is not this stack's."""
    found = await _one(session, ref, guest)
    return found if isinstance(found, View) else None


async def moved(session: Session, view: View) -> View | None:
    """The same guest on another node, when it went there since it was seen; None when it is gone."""
    guest = (await session.cluster_now()).guest(view.guest.vmid)
    if guest is None or guest.node == view.guest.node:
        return None
    configured = await _configured(session, guest)
    notes = configured.notes if configured else None
    if configured is None or notes is None or notes.vmid != guest.vmid:
        return None
    same = notes.marker.stack == view.notes.marker.stack
    return replace(view, guest=guest, configured=configured, notes=notes) if same else None


async def _one(session: Session, ref: StackRef, guest: Guest) -> View | Foreign | None:
    configured = await _configured(session, guest)
    if configured is None:
        return None
    notes = configured.notes
    if notes is None or notes.marker.stack != ref.id or notes.vmid != guest.vmid:
        return Foreign.FOREIGN
    return View(guest, configured, notes, session.memory.addresses.get(guest.vmid, ()))


async def at(
    session: Session, ref: StackRef, address: str, *, also: int | None = None
) -> list[View]:
    """The guests at one address as they are now, the one that counts first. `also` is a number that was chosen for it
    before: that guest is looked at whatever the listing says of it."""
    found, lost = await _at(session, await session.cluster(), ref, address, also=also)
    if lost:  # removed, or moved to another node since the listing was made
        found, _ = await _at(session, await session.cluster_now(), ref, address, also=also)
    if len(found) > 1:
        found = [await _asked(session, view, ask=True) for view in found]
    return next(iter(grouped(found)), [])


async def _at(
    session: Session, cluster: Cluster, ref: StackRef, address: str, *, also: int | None
) -> tuple[list[View], bool]:
    candidates = {guest.vmid: guest for guest in _candidates(session, cluster, ref)}
    for vmid, guest in session.memory.own.get((ref.id, address), {}).items():
        candidates.setdefault(vmid, guest)
    if also is not None and (known := cluster.guest(also)):
        candidates[also] = known
    name = marker.guest_name(ref, address)
    names = {name, marker.old_name(name)}
    at = (ref.id, address)
    near = [g for g in candidates.values() if _may_be(session, g, at, names) or g.vmid == also]
    views = await together([_one(session, ref, guest) for guest in near])
    found = [view for view in views if isinstance(view, View)]
    return [view for view in found if view.notes.marker.address == address], None in views


def _may_be(session: Session, guest: Guest, at: tuple[str, str], names: set[str]) -> bool:
    """Whether it is worth a look: not when it was seen to be another's, or is being made for another."""
    if guest.name in names:
        return True
    if session.memory.owners.get(guest.vmid, at) != at:
        return False
    seen = session.memory.seen.get(guest.vmid)
    # A listing does not know the name of a guest that was made a moment ago.
    same = seen is not None and guest.name in {"", seen.guest.name}
    notes = seen.configured.notes if seen and same else None
    return notes is None or notes.marker.address == at[1]


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


def _candidates(session: Session, cluster: Cluster, ref: StackRef) -> list[Guest]:
    return [
        guest
        for guest in cluster.guests
        if not guest.template and marker.is_candidate(guest.name, guest.tags, ref)
    ]


async def _views(
    session: Session, cluster: Cluster, ref: StackRef, *, fresh: int = FRESH
) -> tuple[list[View], list[str], bool]:
    """The stack's guests, a sentence for each that only looks like one, and whether one was not where it should be."""
    candidates = _candidates(session, cluster, ref)
    known = session.memory.seen
    changed = [g for g in candidates if g.vmid not in known or known[g.vmid].guest != g]
    others = [g for g in candidates if g.vmid in known and known[g.vmid].guest == g]
    oldest = sorted(others, key=lambda guest: known[guest.vmid].at)[: max(fresh - len(changed), 0)]
    there = await together([_look(session, ref, guest) for guest in (*changed, *oldest)])
    views: list[View] = []
    copies: list[str] = []
    for guest in candidates:
        seen = known.get(guest.vmid)
        notes = seen.configured.notes if seen else None
        if seen and notes is None and marker.stack_tag(ref) in guest.tags:
            copies.append(
                f"guest {guest.vmid} ({guest.name}) on {guest.node} has the tag of this stack, and notes that ALMA "
                "can't read any more: it is not touched; put its notes back, or take the tag away"
            )
        if seen is None or notes is None or notes.marker.stack != ref.id:
            continue
        if notes.vmid != guest.vmid:
            copies.append(
                f"guest {guest.vmid} ({guest.name}) on {guest.node} is a copy of {notes.marker.address}: "
                "it carries its notes, and is not touched"
            )
            continue
        addresses = session.memory.addresses.get(guest.vmid, ())
        views.append(View(guest, seen.configured, notes, addresses))
    return views, copies, not all(there)


async def _look(session: Session, ref: StackRef, guest: Guest) -> bool:
    """Looks at one guest and remembers it; whether it is there. What is on a node that is down stays as it was seen."""
    try:
        return await _configured(session, guest) is not None
    except NodeOffline as error:
        if guest.vmid in session.memory.seen or marker.stack_tag(ref) not in guest.tags:
            return True
        raise EngineUnavailable(
            f"Guest {guest.vmid} of {ref.name} is on {guest.node}, which does not answer: nobody can tell what it is",
            hint=f"bring {guest.node} back, or move the guest to another node",
        ) from error


async def _configured(session: Session, guest: Guest) -> Configured | None:
    """The guest's configuration, looked up now and remembered; None when there is no such guest."""
    async with session.looks:
        try:
            entries = await session.api.get(f"{guest.path}/pending")
            configured = Configured.of(entries or ())
            notes = configured.notes
            if notes and "rules" in notes.declared:
                rules = await firewall.read(session.api, guest.path)
                configured = replace(configured, rules=tuple(rules))
        except Missing:
            session.memory.changed(guest.vmid)
            return None
    session.memory.saw(guest, configured)
    return configured
