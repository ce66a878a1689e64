"""What the objects of a cluster say about themselves, as observed resources. Pure.

An annotation tells *which* properties ALMA set; their values come from the objects as they really are, so that a change
made behind ALMA's back shows. Nothing is read that the server adds by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from alma.core.model.state import ObservedResource, StackRef, Status
from alma.engines.kubernetes import marker, names, shape
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.group import Group
from alma.engines.kubernetes.instead import as_asked
from alma.engines.kubernetes.marker import Role
from alma.engines.kubernetes.reading import properties_of
from alma.engines.kubernetes.standing import endpoints_of, extra_of, nodes_of, status_of

Object = Mapping[str, Any]


def observed(
    stack: StackRef,
    objects: Iterable[Object],
    pods: Iterable[Object] = (),
    *,
    served: Served | None = None,
) -> tuple[ObservedResource, ...]:
    """Every address of the stack among the objects (of all kinds, each with `apiVersion` and `kind`), sorted.

    A companion whose primary is not there is reported under its address as what is left over: a delete removes it.
    `object_id` is `<Kind>/<namespace>/<name>/<uid>`.
    """
    there = [*pods]
    running, nodes = _pods_by_label(there), nodes_of(there)
    found = [
        _observed(group, running.get(_label(address), ()), nodes, served)
        for address, group in _grouped(stack, objects)
    ]
    return tuple(sorted(found, key=lambda item: item.address))


def _label(address: str) -> str:
    return names.label_value(address)


def _pods_by_label(pods: Iterable[Object]) -> dict[str, list[Object]]:
    found: dict[str, list[Object]] = {}
    for pod in pods:
        address = (pod["metadata"].get("labels") or {}).get(marker.ADDRESS)
        if address:
            found.setdefault(address, []).append(pod)
    return found


def _grouped(stack: StackRef, objects: Iterable[Object]) -> Iterable[tuple[str, Sequence[Object]]]:
    """The objects of each address. What is being removed counts as there until it is gone."""
    found: dict[str, list[Object]] = {}
    for item in objects:
        mark = marker.marker_of(item)
        if mark is not None and mark.stack == stack.id:
            found.setdefault(mark.address, []).append(item)
    return found.items()


def _observed(
    objects: Sequence[Object],
    pods: Sequence[Object],
    nodes: Sequence[str],
    served: Served | None,
) -> ObservedResource:
    """One address by its objects. The eldest primary counts, should there be several: the others are left over."""
    primaries = sorted(filter(_is_primary, objects), key=_age)
    first = primaries[0] if primaries else min(objects, key=_age)
    mark = marker.marker_of(first)
    assert mark is not None  # or it would be in no group
    group = Group.of(mark.address, first, [item for item in objects if item not in primaries])
    properties = as_asked(properties_of(group), first, served) if primaries else {}
    leftovers = primaries[1:] if primaries else objects
    if leftovers:
        properties[shape.LEFTOVERS] = [*sorted(_name(item) for item in leftovers)]
    return ObservedResource(
        address=mark.address,
        type=mark.type,
        object_id=object_id(first),
        name=str(first["metadata"]["name"]),
        key=mark.key,
        properties=dict(sorted(properties.items())),
        depends_on=mark.depends_on,
        retain=mark.retain,
        status=status_of(first, pods) if primaries else Status.FAILED,
        endpoints=endpoints_of(group, nodes),
        extra=extra_of(first, pods),
    )


def _is_primary(item: Object) -> bool:
    return marker.role_of(item) is Role.PRIMARY


def _age(item: Object) -> tuple[str, str]:
    metadata = item["metadata"]
    return str(metadata.get("creationTimestamp", "")), str(metadata["name"])


def _name(item: Object) -> str:
    return f"{item['kind']} {item['metadata']['name']}"


def object_id(item: Object) -> str:
    """The name by which a change finds the object again: no other one ever has it."""
    metadata = item["metadata"]
    namespace = metadata.get("namespace", "")
    return f"{item['kind']}/{namespace}/{metadata['name']}/{metadata.get('uid', '')}"
