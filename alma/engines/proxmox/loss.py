"""Whether everything would still have room if a node were lost. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from alma.core.model.diagnostic import Severity
from alma.engines.proxmox.cluster import Cluster
from alma.engines.proxmox.wants import Placed, Remark, Want, amount, by_name


def after_a_loss(wants: Iterable[Want], placed: Placed, cluster: Cluster) -> Remark | None:
    """Whether what runs and what is planned would still fit, by memory, after any one node is lost. None for a single
    node, and while one is lost already or says nothing of its memory."""
    nodes = by_name(cluster.nodes)
    if len(nodes) < 2 or any(node.memory_free is None for node in nodes):
        return None
    loads: defaultdict[str, list[int]] = defaultdict(list)
    for guest in cluster.guests:
        if guest.running and not guest.template:
            loads[guest.node].append(guest.memory)
    free = {node.name: node.memory_free or 0 for node in nodes}
    for want in wants:
        if (place := placed.places.get(want.address)) is not None:
            loads[place.node].append(want.memory)
            free[place.node] -= want.memory
    homeless = [
        (name, loads[name]) for name in free if not _fits(loads[name], _without(free, name))
    ]
    return _loss(homeless, free)


def _without(free: Mapping[str, int], name: str) -> list[int]:
    return [room for node, room in free.items() if node != name]


def _fits(guests: Sequence[int], rooms: Sequence[int]) -> bool:
    """The biggest first, each into the biggest room that is left."""
    left = sorted(rooms, reverse=True)
    for guest in sorted(guests, reverse=True):
        if guest > left[0]:
            return False
        left[0] -= guest
        left.sort(reverse=True)
    return True


def _loss(homeless: Sequence[tuple[str, Sequence[int]]], free: Mapping[str, int]) -> Remark:
    if not homeless:
        message = "all guests would still fit, by memory, after the loss of any one node"
        return Remark(
            address="", code="fits_after_loss", field="", message=message, severity=Severity.INFO
        )
    said = [
        f"{name} (its guests need {amount(sum(guests))}, the other nodes have "
        f"{amount(sum(max(room, 0) for room in _without(free, name)))} free)"
        for name, guests in homeless
    ]
    return Remark(
        address="",
        code="loss_not_covered",
        field="",
        severity=Severity.WARNING,
        message=f"the guests would not fit, by memory, after the loss of {', or of '.join(said)}",
        hint="add memory or a node, or ask for less memory, if they must survive that",
    )
