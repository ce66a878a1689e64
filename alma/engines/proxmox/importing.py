"""Finds guests that belong to no stack, and puts a stack's marker on them or takes it off: tags and notes, no more.

The tags and notes that people gave a guest stay as they are, so that taking the marker off gives back what was there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from alma.core.model.engine import Candidate, Discovered, Outcome
from alma.core.model.errors import ChangeRejected
from alma.core.model.plan import Action
from alma.core.model.state import DesiredResource
from alma.engines.base import Marker, together
from alma.engines.proxmox import describing, look, marker, observe
from alma.engines.proxmox.client.errors import Missing, NodeOffline
from alma.engines.proxmox.cluster import Guest
from alma.engines.proxmox.guests import ha
from alma.engines.proxmox.guests.work import Work
from alma.engines.proxmox.marker import Notes
from alma.engines.proxmox.session import Session
from alma.engines.proxmox.spec import Defaults
from alma.engines.proxmox.view import Configured


async def discover(session: Session) -> list[Discovered]:
    """Every guest without a stack's tags, by name. In a number of calls that does not grow with them."""
    cluster = await session.cluster_now()
    free = [guest for guest in cluster.guests if not guest.template and not _is_tagged(guest)]
    return [
        Discovered(
            object_id=str(guest.vmid),
            name=guest.name or str(guest.vmid),
            type=describing.TYPES[guest.kind],
            status=observe.status(guest),
            site={"node": guest.node},
            facts=describing.facts(guest),
            obstacle=describing.obstacle(guest),
        )
        for guest in sorted(free, key=lambda guest: (guest.name, guest.vmid))
    ]


def _is_tagged(guest: Guest) -> bool:
    return any(tag.startswith(f"{marker.TAG}-") for tag in guest.tags)


async def inspect(session: Session, object_ids: Collection[str]) -> list[Candidate]:
    """Those of the guests that are there and nobody's, with their configurations."""
    cluster = await session.cluster_now()
    known = (cluster.guest(int(id_)) for id_ in sorted(object_ids) if id_.isdigit())
    found = await together([_inspected(session, guest) for guest in known if guest])
    return [candidate for candidate in found if candidate is not None]


async def _inspected(session: Session, guest: Guest) -> Candidate | None:
    async with session.looks:
        try:
            entries = await session.api.get(f"{guest.path}/pending")
        except (Missing, NodeOffline):
            return None
        configured = Configured.of(entries or ())
        if _owner(configured.notes, guest):
            return None
        managed = await _ha(session, guest)
    defaults = Defaults.of(session.settings)
    return describing.candidate(guest, configured, defaults=defaults, ha=managed)


async def _ha(session: Session, guest: Guest) -> Mapping[str, Any] | None:
    """How the HA stack runs it, if it does."""
    if guest.ha_state is None:
        return None
    with suppress(Missing):
        found: Mapping[str, Any] = await session.api.get(f"{ha.RESOURCES}/{ha.sid(guest)}") or {}
        return found
    return {}


def _owner(notes: Notes | None, guest: Guest) -> Marker | None:
    """Whose guest it is. Notes that were written for another number came with a copy."""
    return notes.marker if notes and notes.vmid == guest.vmid else None


# ── the two changes ──────────────────────────────────────────────────────────────────────────────


async def mark(work: Work) -> Outcome:
    """Puts the marker on the guest of the change, or takes it off."""
    return await (adopt if work.change.action is Action.ADOPT else release)(work)


async def adopt(work: Work) -> Outcome:
    """Puts the marker on the guest of the change."""
    desired = work.desired()
    guest = await _guest(work)
    if guest is None:
        raise ChangeRejected(
            f"There is no guest {work.change.object_id} to take in as {work.address}",
            hint="look again at what can be imported",
        )
    config = await _config(work, guest)
    owner = _owner(marker.read(config.get("description")), guest)
    done = owner is not None and (owner.stack, owner.address) == (work.stack.id, work.address)
    if not done:
        await _require_free(work, guest, owner)
        await _put(work, guest, config, _marked(work, desired, guest, config))
    view = await look.one(work.session, work.stack, guest)
    if view is None:
        raise work.gone()
    work.session.memory.made(work.stack.id, work.address, guest=guest)
    return Outcome(resource=observe.resource(view), adopted=done)


async def _require_free(work: Work, guest: Guest, owner: Marker | None) -> None:
    if owner or await look.at(work.session, work.stack, work.address):
        raise ChangeRejected(
            f"Guest {guest.vmid} can't become {work.address}: one of the two belongs to a stack already",
            hint="make the plan again: it will show what is there",
        )


def _marked(
    work: Work, desired: DesiredResource, guest: Guest, config: Mapping[str, Any]
) -> dict[str, Any]:
    """Notes and tags with the marker. What is in the guest nobody knows, so it is retained."""
    own = Marker.of(desired, work.stack, key=work.key).model_copy(update={"retain": True})
    notes = Notes(
        marker=own,
        vmid=guest.vmid,
        declared=work.shape(desired),
        disks=describing.devices(desired, guest, config),
        adopted=True,
    )
    tags = [str(config.get("tags") or ""), *marker.own_tags(work.stack)]
    return {
        "description": marker.write(notes, marker.beside(config.get("description"))),
        "tags": ";".join(filter(None, tags)),
    }


async def release(work: Work) -> Outcome:
    """Takes the marker off, if the guest carries that of this stack."""
    guest = await _guest(work)
    if guest is None:
        return Outcome()
    try:
        config = await _config(work, guest)
    except Missing:
        return Outcome()
    owner = _owner(marker.read(config.get("description")), guest)
    if owner is None or owner.stack != work.stack.id:
        return Outcome()
    text = str(config.get("tags") or "")
    tags = [tag for tag in text.split(";") if tag and not marker.is_own_tag(tag)]
    left = {"description": marker.beside(config.get("description")), "tags": ";".join(tags)}
    patch: dict[str, Any] = {key: value for key, value in left.items() if value}
    if gone := sorted(left.keys() - patch.keys()):
        patch["delete"] = ",".join(gone)
    await _put(work, guest, config, patch)
    work.session.memory.own.get((work.stack.id, work.address), {}).pop(guest.vmid, None)
    return Outcome()


async def _guest(work: Work) -> Guest | None:
    id_ = work.change.object_id or ""
    return (await work.session.cluster_now()).guest(int(id_)) if id_.isdigit() else None


async def _config(work: Work, guest: Guest) -> Mapping[str, Any]:
    found: Mapping[str, Any] = await work.session.api.get(f"{guest.path}/config")
    return found


async def _put(
    work: Work, guest: Guest, config: Mapping[str, Any], patch: Mapping[str, Any]
) -> None:
    """Changes the configuration, unless somebody else has since it was read."""
    digest = {"digest": config["digest"]} if config.get("digest") else {}
    doing = f"Marking guest {guest.vmid}"
    await work.session.api.put(f"{guest.path}/config", {**patch, **digest}, doing=doing)
    work.session.memory.changed(guest.vmid)
