"""What is there under an address, before anything is changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from alma.core.model.state import ObservedResource
from alma.engines.base import together
from alma.engines.kubernetes import look, marker, observe
from alma.engines.kubernetes.manifests import Manifests
from alma.engines.kubernetes.marker import Role
from alma.engines.kubernetes.session import Session
from alma.engines.kubernetes.work import Work

Object = Mapping[str, Any]
Identity = tuple[str, str]


def kind_of(found: Object) -> str:
    """The kind with its group, as the client is asked for it."""
    group = str(found["apiVersion"]).rpartition("/")[0]
    return f"{found['kind']}.{group}" if group else str(found["kind"])


def identity(found: Object) -> Identity:
    """By what an object is known within its namespace."""
    group = str(found["apiVersion"]).rpartition("/")[0]
    return f"{found['kind']}.{group}", str(found["metadata"]["name"])


async def named(work: Work, wanted: Iterable[Object]) -> list[Object]:
    """Those of the wanted objects that are there. Raises ChangeRejected when one of the names is somebody else's."""
    found = await together([_get(work.session, manifest) for manifest in wanted])
    there = [item for item in found if item is not None]
    for item in there:
        if not work.is_ours(item):
            raise work.taken(item)
    return there


async def _get(session: Session, manifest: Object) -> Object | None:
    meta = manifest["metadata"]
    async with session.looks:
        return await session.cluster.get(
            kind_of(manifest), meta["name"], namespace=meta.get("namespace")
        )


async def at_address(work: Work) -> list[Object]:
    """Every object of the address, of whatever kind, those first that are removed first."""
    return await with_labels(work.session, work.namespace, work.labels())


async def with_labels(session: Session, namespace: str, labels: Mapping[str, str]) -> list[Object]:
    """Every object with these labels, of all the kinds that a stack is made of."""
    served = await session.cluster.served()
    kinds = [kind for kind in look.KINDS if served.serves(kind)]
    found = await together([_list(session, kind, namespace, labels) for kind in kinds])
    return [item for items in found for item in items if marker.marker_of(item) is not None]


async def _list(
    session: Session, kind: str, namespace: str, labels: Mapping[str, str]
) -> Sequence[Object]:
    async with session.looks:
        found = look.where(kind, namespace, session.settings)
        return await session.cluster.listed(kind, namespace=found, labels=labels)


def primary_of(found: Iterable[Object]) -> Object | None:
    """The object that says what the address is."""
    return next((item for item in found if marker.role_of(item) is Role.PRIMARY), None)


async def seen(work: Work, found: Iterable[Object]) -> ObservedResource | None:
    """The address as a read would report it, from its objects and its pods as they are now."""
    objects = list(found)
    pods: Sequence[Object] = ()
    if any(item["kind"] in {"Deployment", "StatefulSet"} for item in objects):
        async with work.session.looks:
            pods = await work.session.cluster.listed(
                "Pod", namespace=work.namespace, labels=work.labels()
            )
    reported = observe.observed(work.stack, objects, pods, served=work.session.cluster.known)
    return next((item for item in reported if item.address == work.address), None)


def surplus(found: Iterable[Object], wanted: Manifests) -> list[Object]:
    """The objects of the address that it is not made of any more."""
    kept = {identity(manifest) for manifest in wanted}
    return [item for item in found if identity(item) not in kept]
