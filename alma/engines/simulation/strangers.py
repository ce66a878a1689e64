"""What stands in the simulated world and belongs to no stack: how it comes there, and how a blueprint describes it.

Nobody finds such things by accident: a rehearsal or a test plants them, as if they had been there before ALMA.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from alma.core.model.blueprint import Network, Resource, ResourceType
from alma.core.model.engine import Candidate, Companion, Discovered
from alma.core.model.state import DesiredResource, Properties, StackRef, Status
from alma.engines.base import base_shape
from alma.engines.simulation.changes import Wanted
from alma.engines.simulation.store import NOBODY, Thing, Transaction

_SIZES = ("specs.cpu", "specs.memory", "specs.disk")
_PLAIN = ("image", "cidr", "vlan")


def stranger(resource: Resource, *, number: int = 1, status: Status | None = None) -> Thing:
    """The object that somebody made as described, without ALMA. `number` tells several of one name apart."""
    desired = DesiredResource(
        address=resource.name,
        type=resource.type,
        resource=resource,
        image=resource.image,
        cpu=resource.specs.cpu,
        memory=resource.specs.memory,
        disk=resource.specs.disk_size,
        env={key: str(value) for key, value in resource.env.items()},
        ports=resource.network.ports,
        networks=resource.network.attach,
    )
    nobody = StackRef(id=NOBODY, name="", engine="simulation")
    wanted = Wanted(nobody, desired, base_shape(desired), key="outsider")
    text = f"outsider/{resource.name}/{number}"
    id_ = "sim-" + hashlib.sha256(text.encode()).hexdigest()[:16]
    made = wanted.thing(id_=id_)
    update = {"address": id_, "name": resource.name, "status": status or made.status}
    return made.model_copy(update=update)


def discovered(thing: Thing) -> Discovered:
    """The object in a list."""
    return Discovered(
        object_id=thing.id,
        name=thing.name,
        type=thing.type,
        status=thing.status,
        facts={path: thing.properties[path] for path in _SIZES if path in thing.properties},
    )


def candidates(world: Transaction, ids: Sequence[str]) -> list[Candidate]:
    """The objects of these ids that are nobody's."""
    found = [world.find_id(id_) for id_ in ids]
    return [_candidate(world, thing) for thing in found if thing and thing.stack == NOBODY]


def _candidate(world: Transaction, thing: Thing) -> Candidate:
    resource, said = _described(thing)
    beside = [
        other
        for other in world.things(NOBODY)
        if other.type is ResourceType.NETWORK and other.name in resource.network.attach
    ]
    unsaid = sorted(thing.properties.keys() - said)
    return Candidate(
        **dict(discovered(thing)),
        resource=resource,
        companions=tuple(
            Companion(resource=_described(other)[0], object_id=other.id) for other in beside
        ),
        properties=thing.properties,
        notes=(f"its {', '.join(unsaid)} can't be described",) if unsaid else (),
    )


def _described(thing: Thing) -> tuple[Resource, set[str]]:
    """The entry of a blueprint, and the properties that it says."""
    seen = thing.properties
    values: dict[str, Any] = {"name": thing.name, "type": thing.type}
    values |= {path: seen[path] for path in _PLAIN if path in seen}
    values["specs"] = {path.removeprefix("specs."): seen[path] for path in _SIZES if path in seen}
    values["env"], values["labels"] = _below(seen, "env."), _below(seen, "labels.")
    values["network"] = Network.model_validate(
        {
            name: seen[path]
            for name, path in (("ports", "ports"), ("attach", "networks"))
            if path in seen
        }
    )
    said = {path for path in seen if path in {*_PLAIN, *_SIZES, "ports", "networks"}}
    said |= {path for path in seen if path.startswith(("env.", "labels."))}
    filled = {key: value for key, value in values.items() if value not in ({}, Network())}
    return Resource.model_validate(filled), said


def _below(seen: Properties, prefix: str) -> Mapping[str, Any]:
    return {p.removeprefix(prefix): value for p, value in seen.items() if p.startswith(prefix)}
