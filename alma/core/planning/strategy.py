"""How fast a plan goes through what runs already: all at once, a few at a time, or one first and then the rest.

A strategy only adds waits to a plan. Every change is proven to work before those that wait for it begin, and the first
that fails ends the run: so waits are all it takes. Instances that don't run yet are not held back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter

from alma.core.model.plan import Action, Change, Strategy, Target

_DISTURBS = frozenset({Action.UPDATE, Action.REPLACE})


def paced(changes: Sequence[Change], target: Target) -> tuple[Change, ...]:
    """The changes with the waits of the target's strategy. Never a circle: within a resource the instances go in an
    order that the plan has anyway."""
    if target.strategy is Strategy.ALL_AT_ONCE:
        return tuple(changes)
    waits = {
        later: earlier
        for group in _groups(changes)
        for later, earlier in _waits(group, target.strategy, target.batch)
    }
    return tuple(_waiting(change, waits) for change in changes)


def _groups(changes: Sequence[Change]) -> Iterator[list[str]]:
    """The instances of each resource that are running and changed; nobody waits for a later one."""
    groups: dict[str, list[str]] = {}
    by_address = {change.address: change for change in changes}
    for address in _in_order(by_address):
        change = by_address[address]
        if change.action in _DISTURBS and change.desired is not None:
            groups.setdefault(change.desired.resource.name, []).append(address)
    yield from groups.values()


def _in_order(changes: Mapping[str, Change]) -> list[str]:
    sorter = TopologicalSorter(
        {address: [n for n in change.after if n in changes] for address, change in changes.items()}
    )
    return list(sorter.static_order())


def _waits(group: Sequence[str], strategy: Strategy, batch: int) -> Iterator[tuple[str, list[str]]]:
    """Who waits for whom: the next few for the few before, or all for the first."""
    if strategy is Strategy.CANARY:
        yield from ((address, [group[0]]) for address in group[1:])
        return
    for start in range(batch, len(group), batch):
        before = list(group[start - batch : start])
        yield from ((address, before) for address in group[start : start + batch])


def _waiting(change: Change, waits: Mapping[str, list[str]]) -> Change:
    more = [name for name in waits.get(change.address, ()) if name not in change.after]
    return change.model_copy(update={"after": (*change.after, *more)}) if more else change
