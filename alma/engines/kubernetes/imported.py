"""Before a plan is shown: what stands against changes of what was imported, the server's own no included."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.model.diagnostic import Diagnostic
from alma.core.model.errors import ChangeRejected
from alma.core.model.state import DesiredResource, Observation, ObservedResource, differing
from alma.engines.base import together
from alma.engines.kubernetes import adopted, existing, marker, shape
from alma.engines.kubernetes.changes.patching import patch_of
from alma.engines.kubernetes.client import Altered
from alma.engines.kubernetes.session import Session


async def faults(
    session: Session, desired: Sequence[DesiredResource], observation: Observation
) -> list[Diagnostic]:
    """Faults of all that is there already. What is as it should be costs nothing."""
    there = {item.address: item for item in observation.resources}
    asked = [
        _of_one(session, item, there.get(item.address))
        for item in desired
        if existing.place_of(item) is not None
    ]
    return [fault for found in await together(asked) for fault in found]


async def _of_one(
    session: Session, item: DesiredResource, observed: ObservedResource | None
) -> list[Diagnostic]:
    wish = shape.shape_of(item, session.settings)
    paths = frozenset(differing(wish, observed.properties if observed else {}))
    found = [*existing.faults(item, observed, paths)]
    if found or not paths or observed is None:
        return found
    refusal = await _refusal(session, item, observed, paths)
    return [refusal] if refusal else []


async def _refusal(
    session: Session, item: DesiredResource, observed: ObservedResource, paths: frozenset[str]
) -> Diagnostic | None:
    """The server's no to the change, by a dry run."""
    place = existing.place_of(item)
    assert place is not None
    async with session.looks:
        found = await session.cluster.get(place.kind, place.name, namespace=place.namespace)
    if found is None or marker.marker_of(found) is None:
        return None  # it went since it was read: the deployment's own look tells
    kept = adopted.kept_of(found) or adopted.Kept()
    try:
        change = patch_of(
            found,
            kept,
            sorted(paths),
            before=observed.properties,
            wish=shape.shape_of(item, session.settings),
        )
        async with session.looks:
            await session.cluster.patch(
                place.kind, place.name, namespace=place.namespace, change=change, dry_run=True
            )
    except Altered:
        return None
    except ChangeRejected as error:
        return Diagnostic(code="refused", path=item.address, message=error.message, hint=error.hint)
    return None
