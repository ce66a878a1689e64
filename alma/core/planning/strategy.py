"""How fast a plan goes through what runs already: all at once, a few at a time, or one first and then the rest.

A strategy only adds waits to a plan. Every change is proven to work before those that wait for it begin, and the first
that fails ends the run: so waits are all it takes. Instances that don't run yet are not held back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter

from alma.core.model.errors import InvalidInput
from alma.core.model.plan import Action, Change, Pace, Strategy, Target

_AS_BEFORE = Pace()
_DISTURBS = frozenset({Action.UPDATE, Action.REPLACE})


def at_pace(target: Target, asked: Pace = _AS_BEFORE) -> Target:
    """The target at the pace that is asked for, and at its own where nothing is asked. Raises InvalidInput for what one
    plan can't do, and for a batch that nothing would come of."""
    strategy = target.strategy if asked.strategy is None else asked.strategy
    if strategy is Strategy.BLUE_GREEN:
        raise InvalidInput(
            "blue-green is several plans, one after the other, and not the pace of one",
            hint="a deployment plan (generate_deployment_plan) makes its stages; or go rolling or canary",
        )
    if asked.batch is not None and strategy is not Strategy.ROLLING:
        raise InvalidInput(
            f"a batch of {asked.batch} is for rolling, and this goes {strategy}",
            hint="ask for rolling too, or for no batch",
        )
    before = target.batch if target.strategy is strategy else 1
    return target.model_copy(update={"strategy": strategy, "batch": asked.batch or before})


def pace_of(target: Target) -> Pace:
    """What has to be asked for to get that target's pace."""
    rolling = target.strategy is Strategy.ROLLING
    return Pace(strategy=target.strategy, batch=target.batch if rolling else None)


def going(target: Target) -> str:
    """The target's pace in words: `rolling, 2 at a time`."""
    rolling = target.strategy is Strategy.ROLLING
    return f"{target.strategy}, {target.batch} at a time" if rolling else str(target.strategy)


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
