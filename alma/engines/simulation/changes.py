"""What one change does to the simulated world, inside one transaction: what a real engine decides, without a clock.

The rules are those of real engines: an object is recognised by its marker, a workload stands on networks and volumes
that exist, and what others stand on can't be taken away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from alma.core.model.blueprint import WORKLOADS, ResourceType
from alma.core.model.errors import ChangeRejected
from alma.core.model.plan import Action, Change
from alma.core.model.state import DesiredResource, Properties, StackRef, Status
from alma.engines.simulation.store import NOBODY, Thing, Transaction


@dataclass(frozen=True)
class Wanted:
    """What an object should be after the change with that key."""

    stack: StackRef
    desired: DesiredResource
    properties: Properties
    key: str
    unhealthy: bool = False

    @property
    def status(self) -> Status:
        """How the object is once it is made or changed."""
        if self.desired.type not in WORKLOADS:
            return Status.PRESENT
        return Status.UNHEALTHY if self.unhealthy else Status.RUNNING

    def thing(self, *, id_: str) -> Thing:
        """The object, marker included."""
        desired = self.desired
        return Thing(
            stack=self.stack.id,
            address=desired.address,
            id=id_,
            name=f"{self.stack.name}-{desired.address}",
            type=desired.type,
            key=self.key,
            depends_on=desired.depends_on,
            retain=desired.retain,
            properties=self.properties,
            status=self.status,
        )


@dataclass(frozen=True)
class Done:
    """What is there after a step (None: nothing), and whether an earlier attempt had done it."""

    thing: Thing | None = None
    adopted: bool = False


Step = Callable[[Transaction], Done]


def steps(change: Change, wanted: Wanted | None, *, key: str, stack: StackRef) -> list[Step]:
    """The effects of a change, each to be done in a transaction of its own: a real engine can't do two at once either.

    `wanted` is None for a delete, a release and a no-op, and only there.
    """
    id_ = change.object_id or ""
    if wanted is None:
        if change.action is Action.RELEASE:
            return [lambda world: release(world, stack, id_, key=key)]
        if change.action is Action.DELETE:
            return [lambda world: delete(world, stack, change.address, key=key)]
        return [lambda world: Done(world.find(stack.id, change.address), adopted=True)]
    if change.action is Action.UPDATE:
        return [lambda world: update(world, wanted)]
    if change.action is Action.ADOPT:
        return [lambda world: adopt(world, wanted, id_)]
    removing: list[Step] = [lambda world: remove_old(world, wanted)]
    making: list[Step] = [lambda world: create(world, wanted)]
    return removing + making if change.action is Action.REPLACE else making


def create(world: Transaction, wanted: Wanted) -> Done:
    """Makes the object, or adopts the one that is there."""
    found = world.find(wanted.stack.id, wanted.desired.address)
    if found is None:
        return Done(_make(world, wanted))
    if not _is(found, wanted) and found.key != wanted.key:
        raise ChangeRejected(
            f"There is another {found.type} at {found.address} already",
            hint="make the plan again: it will show what to change",
        )
    return Done(_finish(world, found, wanted), adopted=True)


def update(world: Transaction, wanted: Wanted) -> Done:
    """Changes the object in place."""
    found = world.find(wanted.stack.id, wanted.desired.address)
    if found is None:
        raise ChangeRejected(
            f"{wanted.desired.address} is not there to be changed",
            hint="make the plan again: it will create it",
        )
    if found.key == wanted.key and _is(found, wanted):
        return Done(_finish(world, found, wanted), adopted=True)
    _require_foundations(world, wanted)
    kept = {"name": found.name, "retain": found.retain or wanted.desired.retain}
    changed = wanted.thing(id_=found.id).model_copy(update=kept)
    world.put(changed, action="update")
    return Done(changed)


def remove_old(world: Transaction, wanted: Wanted) -> Done:
    """The first half of a replace: takes away what the same change did not make itself."""
    found = world.find(wanted.stack.id, wanted.desired.address)
    _require_foundations(world, wanted)  # before anything is lost
    if found is not None and found.key != wanted.key:
        world.remove(found, key=wanted.key)
    return Done()


def delete(world: Transaction, stack: StackRef, address: str, *, key: str) -> Done:
    """Takes the object away, if there is one."""
    found = world.find(stack.id, address)
    if found is None:
        return Done()
    users = _users(world, found)
    if users:
        raise ChangeRejected(
            f"The {found.type} {address} is still used by {', '.join(users)}",
            hint="delete or change those first",
        )
    world.remove(found, key=key)
    return Done()


def adopt(world: Transaction, wanted: Wanted, id_: str) -> Done:
    """Puts the stack's marker on an object that is nobody's. What it holds nobody knows: it is retained."""
    found, address = world.find_id(id_), wanted.desired.address
    if found is None:
        raise ChangeRejected(
            f"There is no object {id_} to adopt as {address}",
            hint="look again at what can be imported",
        )
    if (found.stack, found.address) == (wanted.stack.id, address):
        return Done(found, adopted=True)
    if found.stack != NOBODY or world.find(wanted.stack.id, address) is not None:
        raise ChangeRejected(
            f"{found.name} can't become {address}: one of the two belongs to a stack already",
            hint="make the plan again: it will show what is there",
        )
    marker = {
        "stack": wanted.stack.id,
        "address": address,
        "key": wanted.key,
        "depends_on": wanted.desired.depends_on,
        "retain": True,
    }
    adopted = found.model_copy(update=marker)
    world.put(adopted, action="adopt")
    return Done(adopted)


def release(world: Transaction, stack: StackRef, id_: str, *, key: str) -> Done:
    """Takes the stack's marker off the object, if it carries it."""
    found = world.find_id(id_)
    if found is not None and found.stack == stack.id:
        world.release(found, key=key)
    return Done()


def _make(world: Transaction, wanted: Wanted) -> Thing:
    _require_foundations(world, wanted)
    made = wanted.thing(id_=_new_id(wanted))
    world.put(made, action="create")
    return made


def _new_id(wanted: Wanted) -> str:
    """Made from the key, so that a run repeated with the same keys gives the same ids."""
    text = f"{wanted.stack.id}/{wanted.desired.address}/{wanted.key}"
    return "sim-" + hashlib.sha256(text.encode()).hexdigest()[:16]


def _is(found: Thing, wanted: Wanted) -> bool:
    return found.type is wanted.desired.type and found.properties == wanted.properties


def _finish(world: Transaction, found: Thing, wanted: Wanted) -> Thing:
    """Brings an adopted object to where the change wanted it: its shape, and running."""
    status = wanted.status if found.status is Status.STOPPED else found.status
    finished = found.model_copy(update={"properties": wanted.properties, "status": status})
    if finished != found:
        world.put(finished, action="start" if _is(found, wanted) else "update")
    return finished


def _require_foundations(world: Transaction, wanted: Wanted) -> None:
    desired = wanted.desired
    foundations = [(name, ResourceType.NETWORK) for name in desired.networks]
    foundations += [(mount.volume, ResourceType.VOLUME) for mount in desired.mounts]
    for name, type_ in foundations:
        found = world.find(wanted.stack.id, name)
        if found is None or found.type is not type_:
            raise ChangeRejected(
                f"{desired.address} needs the {type_} {name}, and there is none in the stack",
                hint=f"create {name} first: let {desired.address} depend on it",
            )


def _users(world: Transaction, found: Thing) -> list[str]:
    if found.type not in {ResourceType.NETWORK, ResourceType.VOLUME}:
        return []  # nothing stands on it
    return [thing.address for thing in world.things(found.stack) if _stands_on(thing, found)]


def _stands_on(thing: Thing, other: Thing) -> bool:
    if other.type is ResourceType.NETWORK:
        return other.address in _texts(thing, "networks")
    return any(mount.startswith(f"{other.address}:") for mount in _texts(thing, "mounts"))


def _texts(thing: Thing, path: str) -> list[str]:
    value = thing.properties.get(path)
    return [str(item) for item in value] if isinstance(value, list) else []
