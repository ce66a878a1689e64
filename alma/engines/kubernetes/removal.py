"""Takes objects away, and waits until they are really gone: also what ends slowly, or is held by something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from alma.core.model.engine import Outcome
from alma.core.model.errors import EngineError
from alma.core.model.state import StackRef
from alma.engines import base
from alma.engines.kubernetes import adopted, marker, names, namespaces, vitals
from alma.engines.kubernetes.changes import found as there
from alma.engines.kubernetes.client import Altered
from alma.engines.kubernetes.session import Session
from alma.engines.kubernetes.work import Work

Object = Mapping[str, Any]

# A pod is given thirty seconds to end, and a volume waits for its pods.
SECONDS: Final = 180.0


async def delete(work: Work) -> Outcome:
    """Removes everything of the address, and the stack's namespace when that was the last."""
    async with work.session.changes:
        await remove(work.session, await there.at_address(work))
        warnings = await namespaces.remove_if_empty(work.session, work.stack)
    return Outcome(warnings=warnings)


async def remove(session: Session, found: Iterable[Object]) -> None:
    """Removes these objects, in this order, and waits until they and their pods are gone. Raises EngineError naming
    what holds one that stays."""
    objects = list(found)
    for item in objects:
        await _send(session, item)
    left = list(objects)

    async def gone() -> bool | None:
        left[:] = [item for item in left if await _is_there(session, item)]
        return not left or None

    if not await base.until(gone, within=SECONDS, at_most=1.0):
        raise await _held(session, left)


async def _send(session: Session, item: Object) -> None:
    meta = item["metadata"]
    try:
        await session.cluster.delete(
            there.kind_of(item),
            meta["name"],
            namespace=meta["namespace"],
            uid=meta["uid"],
            propagation="Foreground",
        )
    except Altered:  # that one is gone, and its name is another's by now
        return


async def _is_there(session: Session, item: Object) -> bool:
    meta = item["metadata"]
    now = await session.cluster.get(there.kind_of(item), meta["name"], namespace=meta["namespace"])
    return now is not None and now["metadata"]["uid"] == meta["uid"]


async def _held(session: Session, left: Sequence[Object]) -> EngineError:
    item = left[0]
    what = f"{item['kind']} {item['metadata']['name']}"
    by = ", ".join(item["metadata"].get("finalizers") or ())
    if item["kind"] == "PersistentVolumeClaim" and (pods := await _users(session, item)):
        by = f"its users: pods {', '.join(pods)}"
    return EngineError(
        f"{what} is still being removed after {SECONDS:g} s{f', held by {by}' if by else ''}",
        hint="let go of it (its finalizers, or the pods that use it), then deploy again",
    )


async def _users(session: Session, claim: Object) -> list[str]:
    meta = claim["metadata"]
    pods = await session.cluster.listed("Pod", namespace=meta["namespace"])
    return sorted(
        pod["metadata"]["name"]
        for pod in pods
        for volume in pod["spec"].get("volumes") or ()
        if (volume.get("persistentVolumeClaim") or {}).get("claimName") == meta["name"]
    )


async def wait_for_ending(session: Session, found: Iterable[Object]) -> list[Object]:
    """The objects that stay. Those that are just being removed are waited for."""
    objects = list(found)
    ending = [item for item in objects if vitals.is_ending(item)]
    if ending:
        await remove(session, ending)
    return [item for item in objects if not vitals.is_ending(item)]


async def wipe(session: Session, stack: StackRef) -> None:
    """Removes everything with the stack's marker, and its namespace. What was there before loses the marker only."""
    namespace = names.namespace_of(stack, session.settings)
    objects = await there.with_labels(session, namespace, marker.selector_of(stack))
    imported = [item for item in objects if adopted.kept_of(item) is not None]
    for item in imported:
        await _let_go(session, item)
    await remove(session, [item for item in objects if item not in imported])
    await namespaces.remove_if_empty(session, stack)


async def _let_go(session: Session, item: Object) -> None:
    meta = item["metadata"]
    await session.cluster.patch(
        there.kind_of(item),
        meta["name"],
        namespace=meta["namespace"],
        change={"metadata": marker.without(item)},
    )
