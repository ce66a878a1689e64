"""Reads a stack: three lists, and one look at each container.

The lists are needed anyway and cost the same for one container as for a thousand. They say nothing of limits, variables
and commands, so each container is looked at once more, several at a time. A load balancer, whose configuration is
changed in place, costs two small file reads besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from alma.core.model.blueprint import ResourceType
from alma.core.model.state import Observation, ObservedResource, StackRef
from alma.engines import base
from alma.engines.base import together
from alma.engines.docker import names, observe
from alma.engines.docker.session import Session
from alma.engines.docker.spec import Surroundings

Found = Mapping[str, Any]
NOT_IN_USE = " (not in use)"


async def surroundings(session: Session, stack: StackRef) -> Surroundings:
    """The stack's networks and volumes, by address."""
    labels = names.stack_filter(stack)
    networks, volumes = await together(
        [session.daemon.networks(labels), session.daemon.volumes(labels)]
    )
    eldest_last = sorted(networks, key=lambda network: network["Created"], reverse=True)
    return Surroundings(_by_address(eldest_last), _by_address(volumes))


def _by_address(found: Iterable[Found]) -> dict[str, Found]:
    marked = ((base.Marker.from_labels(item.get("Labels") or {}), item) for item in found)
    return {marker.address: item for marker, item in marked if marker is not None}


async def stack(session: Session, ref: StackRef) -> Observation:
    """Everything with the stack's marker. Raises when the daemon can't be asked."""
    host = await session.host()
    found = groups(await session.daemon.containers(names.stack_filter(ref)))
    around = await surroundings(session, ref)
    seen = await together([_look(session, group, around, host.cpus) for group in found])
    seen += [observe.network(network) for network in around.networks.values()]
    seen += [observe.volume(volume) for volume in around.volumes.values()]
    resources = sorted((item for item in seen if item), key=lambda item: item.address)
    return Observation(
        stack=ref,
        place=host.place,
        resources=tuple(resources),
        diagnostics=tuple(_leftovers(found)),
    )


def groups(listed: Iterable[Found]) -> list[list[Found]]:
    """The containers of each address, the one that counts first. One that is being removed counts as gone."""
    by_address: dict[str, list[Found]] = {}
    for item in listed:
        address = item["Labels"].get(base.ADDRESS)
        if address and item.get("State") != "removing":
            by_address.setdefault(address, []).append(item)
    return [sorted(group, key=_rank) for group in by_address.values()]


def _rank(item: Found) -> tuple[bool, bool, int]:
    created = -int(item.get("Created", 0))
    return item.get("State") != "running", names.is_in_passing(_name(item)), created


def _leftovers(groups: Iterable[Sequence[Found]]) -> Iterable[str]:
    for first, *rest in groups:
        for item in rest:
            name = _name(item)
            yield f"{name} is left over from an interrupted replacement of {_name(first)}; the next change removes it"


def _name(item: Found) -> str:
    return str(item["Names"][0]).lstrip("/") if item["Names"] else str(item["Id"][:12])


async def _look(
    session: Session, group: Sequence[Found], around: Surroundings, cpus: int
) -> ObservedResource | None:
    first, *rest = group
    async with session.looks:
        inspected = await session.daemon.container(first["Id"])
        if inspected is None:  # removed since the list was made
            return None
        return await observed(
            session, inspected, around, cpus=cpus, leftovers=[_name(item) for item in rest]
        )


async def observed(
    session: Session,
    inspected: Found,
    around: Surroundings,
    *,
    cpus: int,
    leftovers: Sequence[str] = (),
) -> ObservedResource | None:
    """One container with what is kept inside it."""
    labels = inspected["Config"].get("Labels") or {}
    kept, files = await _inside(session, inspected["Id"], labels)
    return observe.container(
        inspected,
        around=around,
        cpus=cpus,
        kept=kept,
        files=files,
        leftovers=leftovers,
        hostname=session.daemon.hostname,
    )


async def _inside(
    session: Session, id_: str, labels: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The manifest of a load balancer that takes in new files, and the hashes of its files as they are."""
    if labels.get(base.TYPE) != ResourceType.LOAD_BALANCER:
        return {}, {}
    text = await session.daemon.get_file(id_, names.MANIFEST)
    if text is None:
        return {}, {}
    kept = names.parse_declared(text)
    said = observe.declared_of(names.declared_in(labels), kept)
    found: dict[str, str] = {}
    for key, value in said.items():
        group, _, path = key.partition(".")
        if group == "files" and not str(value).startswith("secret:"):
            found[path] = await _file(session, id_, path, str(value))
    return kept, found


async def _file(session: Session, id_: str, path: str, said: str) -> str:
    """A file as a property. One that is not what was taken in last is named so, also when it is what is wanted: it
    was placed, and the software has not been told."""
    content = await session.daemon.get_file(id_, path)
    if content is None:
        return "missing"
    digest, _, mode = said.partition(" ")
    actual = base.hash_of_content(content)
    return said if actual == digest else f"{actual}{' ' + mode if mode else ''}{NOT_IN_USE}"
