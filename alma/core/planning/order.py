"""Which change waits for which, and what a change touches beyond itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter

from alma.core.model.cycles import find_cycles
from alma.core.model.plan import Action, Change, Plan
from alma.core.model.state import ObservedResource

_GIVES_NOTHING_UP = {Action.CREATE, Action.ADOPT, Action.RELEASE, Action.NO_OP}


def ordered(
    changes: Sequence[Change], observed: Mapping[str, ObservedResource]
) -> tuple[Change, ...]:
    """The changes with `after` filled in: creations after what they depend on, removals after everything that depended
    on them, and whoever takes a published port or an address after the one that gives it up. Never a circle."""
    effective = {change.address for change in changes if change.action is not Action.NO_OP}
    dependents: dict[str, list[str]] = {}
    for item in observed.values():
        if item.address in effective:
            for name in item.depends_on:
                dependents.setdefault(name, []).append(item.address)
    frees = _freed(changes, observed)
    result = [_with_after(change, effective, dependents, frees) for change in changes]
    circular = _circular(result)
    if frees and circular:
        result = [_with_after(change, effective, dependents, {}) for change in changes]
        circular = _circular(result)
    return tuple(_without(change, circular) for change in result) if circular else tuple(result)


def _with_after(
    change: Change,
    effective: set[str],
    dependents: Mapping[str, list[str]],
    frees: Mapping[str, str],
) -> Change:
    if change.action is Action.NO_OP:
        after: tuple[str, ...] = ()
    elif change.action is Action.DELETE:
        after = tuple(sorted(dependents.get(change.address, ())))
    else:
        after = tuple(name for name in change.after if name in effective)
        waits = (
            {frees[claim] for claim in _claims(change) if claim in frees} - {change.address, *after}
            if frees
            else ()
        )
        after = (*after, *sorted(waits))
    return change if after == change.after else change.model_copy(update={"after": after})


def _without(change: Change, circular: set[tuple[str, str]]) -> Change:
    after = tuple(name for name in change.after if (change.address, name) not in circular)
    return change if after == change.after else change.model_copy(update={"after": after})


def _claims(change: Change) -> set[str]:
    desired = change.desired
    if desired is None:
        return set()
    ports = {f"port:{port.published}/{port.protocol}" for port in desired.ports if port.published}
    address = desired.resource.network.private_ip
    return ports | ({f"address:{address}"} if address else set())


def _freed(changes: Sequence[Change], observed: Mapping[str, ObservedResource]) -> dict[str, str]:
    """What is given up, and by whom."""
    freed: dict[str, str] = {}
    for change in changes:
        if change.action not in _GIVES_NOTHING_UP and change.address in observed:
            for claim in _held(observed[change.address]) - _claims(change):
                freed[claim] = change.address
    return freed


def _held(observed: ObservedResource) -> set[str]:
    held: set[str] = set()
    ports = observed.properties.get("ports")
    for text in ports if isinstance(ports, list) else []:
        published, colon, rest = str(text).partition(":")
        if colon:
            held.add(f"port:{published}/{'udp' if rest.endswith('/udp') else 'tcp'}")
    if address := observed.properties.get("network.private_ip"):
        held.add(f"address:{address}")
    return held


def _circular(changes: Sequence[Change]) -> set[tuple[str, str]]:
    """The waits without which nobody would wait for himself."""
    after = {change.address: change.after for change in changes if change.after}
    return {(cycle[-1], cycle[0]) for cycle in find_cycles(after)}


def waves(plan: Plan) -> list[list[str]]:
    """The effective changes in groups: every group needs only the groups before it."""
    effective = {change.address: change for change in plan.effective}
    sorter = TopologicalSorter(
        {a: [n for n in c.after if n in effective] for a, c in effective.items()}
    )
    sorter.prepare()
    groups: list[list[str]] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        groups.append(ready)
        sorter.done(*ready)
    return groups


def blast_radius(plan: Plan) -> dict[str, tuple[str, ...]]:
    """For each change that takes something away or down, the addresses that depend on it, directly or not."""
    dependents: dict[str, set[str]] = {}
    for change in plan.changes:
        for name in change.desired.depends_on if change.desired else ():
            dependents.setdefault(name, set()).add(change.address)
    return {
        change.address: tuple(sorted(_closure(change.address, dependents)))
        for change in plan.effective
        if change.destructive or change.reboots
    }


def _closure(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        for name in edges.get(todo.pop(), ()):
            if name not in seen:
                seen.add(name)
                todo.append(name)
    return seen
