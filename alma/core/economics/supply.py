"""What a blueprint has to carry a load with, whether that is enough, and the greatest load for which it is.

The same yardstick as for sizing, read backwards, so that the sizes that are said for a load are enough for that load.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from alma.core.model.base import Frozen
from alma.core.model.blueprint import COMPUTE, ResourceType
from alma.core.model.sizing import Load, Sizing
from alma.core.model.state import DesiredResource
from alma.core.model.units import Size

MOST_USERS = 10**10
# How near the greatest number of users is looked for: a hundredth is far finer than the model is true.
_NEAR = 100


class Supply(Frozen):
    """What there is: the servers that answer requests, and the biggest database. Of different servers the smallest
    counts, for a balancer treats them alike."""

    servers: tuple[str, ...] = ()
    cpu: float = 0
    memory: Size | None = None
    database: str | None = None
    database_cpu: float = 0
    database_memory: Size | None = None

    @property
    def at_work(self) -> int:
        """Servers that do the work while one is away; a single one has nobody to stand in."""
        return max(len(self.servers) - 1, min(len(self.servers), 1))


@dataclass(frozen=True)
class Shortage:
    """What is too little, of what: `servers` (how many are missing), `cpu` or `memory` of the database (how much it
    takes)."""

    what: str
    name: str | None
    needed: int | Size


def supply_of(instances: Sequence[DesiredResource], wanted: Collection[str] = ()) -> Supply:
    """Of instances as they would be deployed, sizes filled in. `wanted` names the servers that are meant."""
    serving = _serving(instances, wanted)
    databases = [i for i in instances if i.type is ResourceType.DATABASE]
    biggest = max(databases, key=lambda i: (bytes_of(i.memory), i.cpu or 0), default=None)
    return Supply(
        servers=tuple(name for item in serving for name in _machines(item)),
        cpu=min((float(i.cpu or 0) for i in serving), default=0),
        memory=min((i.memory for i in serving if i.memory), key=bytes_of, default=None),
        database=biggest.address if biggest else None,
        database_cpu=float(biggest.cpu or 0) if biggest else 0,
        database_memory=biggest.memory if biggest else None,
    )


def _serving(
    instances: Sequence[DesiredResource], wanted: Collection[str]
) -> Sequence[DesiredResource]:
    """What answers requests: servers that are named, else those that listen, else any; without servers, clusters."""
    servers = [i for i in instances if i.type in COMPUTE and not i.implied]
    chosen = [i for i in servers if i.resource.name in wanted]
    clusters = [i for i in instances if i.type is ResourceType.KUBERNETES_CLUSTER]
    return chosen or [i for i in servers if i.ports] or servers or clusters


def _machines(item: DesiredResource) -> Sequence[str]:
    """A server is one machine, a cluster as many as work in it."""
    if item.type is not ResourceType.KUBERNETES_CLUSTER:
        return [item.address]
    specs = item.resource.specs
    number = specs.workers if specs.workers is not None else specs.nodes or 1
    return [f"{item.address} worker {index + 1}" for index in range(number)]


def shortages(supply: Supply, need: Sizing) -> Sequence[Shortage]:
    """What falls short of a sizing; nothing when it is enough. A load without a database of its own needs none."""
    found: list[Shortage] = []
    short = servers_needed(supply, need) - len(supply.servers)
    if short > 0:
        found.append(Shortage("servers", None, short))
    if supply.database is None:
        return found
    if supply.database_cpu < need.database_cpu:
        found.append(Shortage("cpu", supply.database, need.database_cpu))
    if bytes_of(supply.database_memory) < need.database_memory.bytes:
        found.append(Shortage("memory", supply.database, need.database_memory))
    return found


def servers_needed(supply: Supply, need: Sizing) -> int:
    """How many servers as big as those there are it takes: cores and memory count together, and while one server is
    away the others do the work, as the sizing has it."""
    spare = min(need.app_servers - 1, 1)
    at_work = need.app_servers - spare
    cores = math.ceil(at_work * need.app_cpu / (supply.cpu or 1))
    memory = bytes_of(supply.memory)
    return max(cores, math.ceil(at_work * need.app_memory.bytes / memory) if memory else 0) + spare


def most_users(supply: Supply, size_for: Callable[[Load], Sizing]) -> int:
    """The most users for which nothing falls short, looked for by halving, as more users never need less; to a
    hundredth. 0 when it is not enough for a single one."""

    def enough(users: int) -> bool:
        return not shortages(supply, size_for(Load(users=users)))

    if not supply.servers or not enough(1):
        return 0
    low, high = 1, 2
    while high < MOST_USERS and enough(high):
        low, high = high, min(high * 2, MOST_USERS)
    if high == MOST_USERS and enough(high):
        return high
    while high - low > max(1, low // _NEAR):
        middle = (low + high) // 2
        low, high = (middle, high) if enough(middle) else (low, middle)
    return low


def bytes_of(size: Size | None) -> int:
    """0 for what has no size."""
    return size.bytes if size is not None else 0
