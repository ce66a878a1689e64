"""In which order things move: what others stand on, then what holds data, then what runs, and the traffic at last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from alma.core.model.blueprint import DATA, Blueprint, Resource, ResourceType, SecretRef

_T = ResourceType
_GROUND = frozenset({_T.NETWORK, _T.FIREWALL, _T.VOLUME, _T.KUBERNETES_CLUSTER})


class Stage(StrEnum):
    """What a wave is about."""

    GROUND = "foundation"
    DATA = "data"
    WORK = "workloads"
    TRAFFIC = "traffic"


@dataclass(frozen=True)
class Group:
    """Resources that move together."""

    stage: Stage
    resources: tuple[str, ...]


def needs(resource: Resource) -> frozenset[str]:
    """What has to be there before a resource."""
    owners = [
        value.secret.rpartition(".")[0]
        for value in resource.env.values()
        if isinstance(value, SecretRef)
    ]
    volumes = [mount.volume for mount in resource.mounts]
    wanted = {*resource.depends_on, *resource.backends, *resource.network.attach, *volumes, *owners}
    return frozenset(wanted - {resource.name, ""})


def holds_data(resource: Resource) -> bool:
    """Whether a resource has data of its own, or in a volume that it writes to."""
    return resource.type in DATA or any(not mount.read_only for mount in resource.mounts)


def waves_of(blueprint: Blueprint) -> tuple[Group, ...]:
    """Every resource in one wave, after all that it needs. What holds data comes before what does not, unless it needs
    it; a balancer that nobody needs comes last."""
    there = {resource.name: resource for resource in blueprint.resources}
    wanted = {name: needs(resource) & there.keys() for name, resource in there.items()}
    written = {m.volume for r in there.values() for m in r.mounts if not m.read_only}
    ground = {name for name, resource in there.items() if resource.type in _GROUND} - written
    # What a cluster or a network needs itself is ground, too.
    ground |= _closure(ground, wanted)
    data = {name for name, resource in there.items() if holds_data(resource)} | written
    data = (data & there.keys()) - ground
    data |= _closure(data, wanted) - ground
    needed = {name for names in wanted.values() for name in names}
    last = {
        name
        for name, resource in there.items()
        if resource.type is _T.LOAD_BALANCER and name not in needed
    }
    last -= ground | data
    work = there.keys() - ground - data - last
    groups: list[Group] = []
    for stage, names in (
        (Stage.GROUND, ground),
        (Stage.DATA, data),
        (Stage.WORK, work),
        (Stage.TRAFFIC, last),
    ):
        chosen = [name for name in there if name in names]
        groups += [
            Group(stage, level) for level in _levels(chosen, wanted, whole=stage is Stage.GROUND)
        ]
    return tuple(groups)


def _closure(names: set[str], wanted: Mapping[str, frozenset[str]]) -> set[str]:
    found: set[str] = set()
    todo = list(names)
    while todo:
        for need in wanted[todo.pop()]:
            if need not in found:
                found.add(need)
                todo.append(need)
    return found


def _levels(
    names: Sequence[str], wanted: Mapping[str, frozenset[str]], *, whole: bool
) -> list[tuple[str, ...]]:
    """The names so that each comes after what it needs of them; `whole` keeps them together. There are no cycles."""
    among = set(names)
    open_ = {name: len((wanted[name] & among) - {name}) for name in names}
    users: dict[str, list[str]] = defaultdict(list)
    for name in names:
        for need in (wanted[name] & among) - {name}:
            users[need].append(name)
    place = {name: number for number, name in enumerate(names)}
    level = [name for name in names if not open_[name]]
    made: list[tuple[str, ...]] = []
    while level:
        made.append(tuple(level))
        freed: list[str] = []
        for user in (user for name in level for user in users[name]):
            open_[user] -= 1
            if not open_[user]:
                freed.append(user)
        level = sorted(freed, key=place.__getitem__)
    if stuck := tuple(name for name in names if open_[name]):
        made.append(stuck)  # Names that wait for each other: none is to be lost.
    return [tuple(name for level in made for name in level)] if whole and made else made
