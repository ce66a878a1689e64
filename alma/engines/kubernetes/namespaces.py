"""The namespace that a stack lives in: made before its first object, and removed after its last.

Only a namespace with the stack's own mark is touched. One that a setting names is somebody else's to make and remove.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from alma.core.model.errors import ChangeRejected, EngineError
from alma.core.model.state import StackRef
from alma.engines import base
from alma.engines.kubernetes import manifests, marker, names, vitals
from alma.engines.kubernetes.client import NotAllowedToRead, Terminating
from alma.engines.kubernetes.discovery import Api, Served
from alma.engines.kubernetes.session import Session
from alma.engines.kubernetes.settings import PodSecurity

Object = Mapping[str, Any]

_ENFORCED: Final = "pod-security.kubernetes.io/enforce"
_LEVELS: Final[tuple[PodSecurity, ...]] = ("restricted", "baseline", "privileged")
# Which of these is there usually tells at once that a namespace is in use.
_FIRST: Final = ("NetworkPolicy", "Deployment", "StatefulSet", "PersistentVolumeClaim")
# What the cluster itself puts into every namespace, or writes down about what is in it.
_NOTES: Final = frozenset({"Event", "Endpoints", "EndpointSlice", "PodMetrics"})
_GIVEN: Final = frozenset(
    {
        ("ServiceAccount", "default"),
        ("ConfigMap", "kube-root-ca.crt"),
        ("ConfigMap", "openshift-service-ca.crt"),
        ("ConfigMap", "istio-ca-root-cert"),
    }
)
_TOKEN: Final = "kubernetes.io/service-account-token"  # noqa: S105  # a type of Secret


async def ensure(session: Session, stack: StackRef, *, level: PodSecurity) -> None:
    """Sees to it that the stack's namespace is there and admits pods of that level. Waits, for at most
    `rollout_timeout` seconds, for one that is just being removed. Raises ChangeRejected when it is somebody else's."""
    if session.settings.namespace is not None:
        return
    name = names.namespace_of(stack, session.settings)

    async def usable() -> bool | None:
        found = await session.cluster.get("Namespace", name)
        if found is not None and vitals.is_ending(found):
            return None
        if found is not None and not is_own(found, stack):
            raise ChangeRejected(
                f"Namespace {name} is there already and does not belong to this stack",
                hint="rename the stack, or set `namespace` to use one that is there",
            )
        wanted = _loosest(level, found)
        if found is None or _enforced(found) != wanted:
            try:
                await session.cluster.apply(
                    manifests.namespace(stack, session.settings, level=wanted), force=True
                )
            except Terminating:
                return None
        return True

    seconds = session.settings.rollout_timeout
    if not await base.until(usable, within=seconds):
        raise EngineError(
            f"Namespace {name} is still being removed after {seconds:g} s",
            hint="see what holds it: `kubectl describe namespace` names the objects and finalizers that are left",
        )


def is_own(found: Object, stack: StackRef) -> bool:
    """Whether ALMA made the namespace for this stack."""
    labels = found["metadata"].get("labels") or {}
    own = {marker.MANAGED_BY: marker.MANAGER, marker.STACK: names.label_value(stack.id)}
    return own.items() <= labels.items()


def _enforced(found: Object) -> str | None:
    value: str | None = (found["metadata"].get("labels") or {}).get(_ENFORCED)
    return value


def _loosest(level: PodSecurity, found: Object | None) -> PodSecurity:
    """The level that lets in what is there and what comes: all of a stack share one namespace."""
    there = _enforced(found) if found else None
    known = [item for item in _LEVELS if item in {level, there}]
    return known[-1]


# ── removing ─────────────────────────────────────────────────────────────────────────────────────


async def remove_if_empty(session: Session, stack: StackRef) -> tuple[str, ...]:
    """Removes the stack's own namespace when nothing is in it any more, neither of the stack nor of anybody else. What
    people should know if it stays. It takes a moment to go; who makes it anew waits for that."""
    if session.settings.namespace is not None:
        return ()
    name = names.namespace_of(stack, session.settings)
    found = await session.cluster.get("Namespace", name)
    if found is None or vitals.is_ending(found) or not is_own(found, stack):
        return ()
    if (why := await _why_kept(session, stack, name)) is not None:
        return why
    await session.cluster.delete("Namespace", name, uid=found["metadata"]["uid"])
    return ()


async def _why_kept(session: Session, stack: StackRef, name: str) -> tuple[str, ...] | None:
    """What people should know of a namespace that stays; None: it is empty."""
    served = await session.cluster.served(afresh=True)
    if served.silent:
        away = ", ".join(served.silent)
        return (
            f"Namespace {name} is kept: {away} of the cluster does not answer, so it may not be empty",
        )
    try:
        left = await _left(session, served, name)
    except NotAllowedToRead as error:
        return (f"Namespace {name} is kept: {error.message}, so it may not be empty",)
    if left is None:
        return None
    mark = marker.marker_of(left)
    if mark is not None and mark.stack == stack.id:
        return ()
    what = f"{left.get('kind')} {left['metadata']['name']}"
    return (f"Namespace {name} is kept: {what} is in it, which is not this stack's",)


async def _left(session: Session, served: Served, namespace: str) -> Object | None:
    """Something that is in a namespace and was not put there by the cluster itself; None: nothing is."""
    kinds = [api for api in served.listable() if api.namespaced and api.kind not in _NOTES]
    kinds.sort(key=lambda api: (api.kind not in _FIRST, api.kind))
    for group in (kinds[: len(_FIRST)], kinds[len(_FIRST) :]):
        found = await base.together([_first_in(session, api, namespace) for api in group])
        if there := [item for item in found if item is not None]:
            return there[0]
    return None


async def _first_in(session: Session, api: Api, namespace: str) -> Object | None:
    kind = f"{api.kind}.{api.group}" if api.group else api.kind
    async with session.looks:
        found = await session.cluster.listed(kind, namespace=namespace)
    return next(_own_things(found), None)


def _own_things(found: Any) -> Iterator[Object]:
    """What somebody put there: not what belongs to something else, goes already, or is in every namespace."""
    for item in found:
        meta = item["metadata"]
        given = (item["kind"], meta["name"]) in _GIVEN or item.get("type") == _TOKEN
        if not (given or meta.get("ownerReferences") or vitals.is_ending(item)):
            yield item
