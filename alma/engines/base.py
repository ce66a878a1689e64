"""What engines share, so that a blueprint means the same on all of them: the marker, the normal form of properties, the
bounded wait. An engine composes these; there is no base class to inherit from.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Resource, ResourceType, SecretRef
from alma.core.model.errors import ChangeRejected
from alma.core.model.plan import Change, Effect, Support, SupportLevel
from alma.core.model.state import (
    DesiredResource,
    Properties,
    RenderedFile,
    StackRef,
    differing,
    is_among,
)
from alma.core.model.units import Size

T = TypeVar("T")

# ── markers ──────────────────────────────────────────────────────────────────────────────────────

STACK = "alma.stack"
ADDRESS = "alma.address"
TYPE = "alma.type"
KEY = "alma.key"
DEPENDS_ON = "alma.depends-on"
RETAIN = "alma.retain"


class Marker(Frozen):
    """What every object carries from its create call on. `key` is the idempotency key of the change that made it."""

    stack: str
    address: str
    type: ResourceType
    key: str
    depends_on: tuple[str, ...] = ()
    retain: bool = False

    @classmethod
    def of(cls, desired: DesiredResource, stack: StackRef, *, key: str) -> Marker:
        """The marker of the object that a change with that key makes."""
        return cls(
            stack=stack.id,
            address=desired.address,
            type=desired.type,
            key=key,
            depends_on=desired.depends_on,
            retain=desired.retain,
        )

    def labels(self) -> dict[str, str]:
        """The marker as labels or tags: texts only, nothing secret."""
        return {
            STACK: self.stack,
            ADDRESS: self.address,
            TYPE: self.type.value,
            KEY: self.key,
            DEPENDS_ON: ",".join(self.depends_on),
            RETAIN: "true" if self.retain else "false",
        }

    @classmethod
    def from_labels(cls, labels: Mapping[str, str]) -> Marker | None:
        """The marker in these labels; None when the object is not ALMA's or the marker is not whole."""
        try:
            type_ = ResourceType(labels[TYPE])
            stack, address, key = labels[STACK], labels[ADDRESS], labels[KEY]
        except (KeyError, ValueError):
            return None
        depends_on = tuple(filter(None, labels.get(DEPENDS_ON, "").split(",")))
        retain = labels.get(RETAIN) == "true"
        return cls(
            stack=stack, address=address, type=type_, key=key, depends_on=depends_on, retain=retain
        )


# ── the normal form of properties ────────────────────────────────────────────────────────────────


def normal_size(size: Size) -> str:
    """A size as properties have it: equal amounts give equal texts, however a person wrote them."""
    return _normal_text(size.bytes)


@lru_cache(maxsize=1024)  # a blueprint has many resources, but few different sizes
def _normal_text(amount: int) -> str:
    return str(Size.of_bytes(amount))


@lru_cache(maxsize=1024)  # many resources have the same few files
def hash_of_content(content: str | bytes) -> str:
    """A file's content as properties have it: `sha256:<hex>`."""
    data = content.encode() if isinstance(content, str) else content
    return "sha256:" + hashlib.sha256(data).hexdigest()


def file_property(file: RenderedFile) -> str:
    """A file as properties have it: the hash of its content, or the name of the secret it holds, and a mode that is
    not 0644."""
    content = f"secret:{file.secret}" if file.secret else hash_of_content(file.content)
    return content if file.mode == 0o644 else f"{content} {file.mode:04o}"


def env_property(value: str | SecretRef) -> str:
    """A variable as properties have it: its text, or the name of the secret it gets."""
    return f"secret:{value.secret}" if isinstance(value, SecretRef) else value


def base_shape(desired: DesiredResource) -> dict[str, Json]:
    """Every property of a desired resource in normal form, keyed by the blueprint's paths.

    What is unset, empty or off has no key. An engine takes away what it can't honour (`without`) and says so in
    `support`; it adds nothing that `read` can't report.
    """
    asked: dict[str, Json] = {
        "image": desired.image,
        "software": desired.software,
        "command": [*desired.command],
        "count": desired.replicas if desired.replicas > 1 else None,
        "ports": _sorted(str(port) for port in desired.ports),
        "public": desired.public,
        "networks": _sorted(desired.networks),
        "mounts": _sorted(
            f"{mount.volume}:{mount.path}{':ro' if mount.read_only else ''}"
            for mount in desired.mounts
        ),
        "backends": _sorted(f"{backend.address}:{backend.port}" for backend in desired.backends),
        **_specs(desired),
        **_written(desired.resource),
    }
    # Off and empty are unset; the number 0 is neither.
    shape = {
        path: value for path, value in asked.items() if value or (value == 0 and value is not False)
    }
    # An empty text is a value in these.
    shape |= {f"labels.{name}": value for name, value in desired.resource.labels.items()}
    shape |= {f"env.{name}": env_property(value) for name, value in desired.env.items()}
    shape |= {f"files.{file.path}": file_property(file) for file in desired.files}
    return dict(sorted(shape.items()))


def _sorted(texts: Iterable[str]) -> list[Json]:
    return [*sorted(texts)]


def _specs(desired: DesiredResource) -> dict[str, Json]:
    specs = desired.resource.specs
    return {
        "specs.cpu": desired.cpu,
        "specs.memory": normal_size(desired.memory) if desired.memory else None,
        "specs.disk": normal_size(desired.disk) if desired.disk else None,
        "specs.gpu": specs.gpu or None,
        "specs.nodes": specs.nodes,
        "specs.control_plane": specs.control_plane,
        "specs.workers": specs.workers,
    }


def _written(resource: Resource) -> dict[str, Json]:
    """What resolving leaves as it was written."""
    backup = resource.backup if resource.backup and resource.backup.enabled else None
    policies = resource.policies
    return {
        "cidr": resource.cidr,
        "vlan": resource.vlan,
        "network.private_ip": resource.network.private_ip,
        "policies.network": policies.network if policies else None,
        "policies.pod_security": policies.pod_security if policies else None,
        "rules": [rule.model_dump(mode="json", exclude_none=True) for rule in resource.rules],
        "backup.schedule": (backup.schedule or "daily") if backup else None,
        "backup.retention_days": backup.retention_days if backup else None,
    }


def without(shape: Mapping[str, Json], *paths: str) -> dict[str, Json]:
    """The shape without these properties; a path that ends in `.` takes away all below it."""
    return {path: value for path, value in shape.items() if not is_among(path, paths)}


def unsupported(path: str, reason: str) -> Support:
    """What is asked for at `path` is missing here, or at `type` the whole resource."""
    return Support(path=path, level=SupportLevel.UNSUPPORTED, reason=reason)


def approximated(path: str, reason: str) -> Support:
    """What is asked for at `path` is there in another way."""
    return Support(path=path, level=SupportLevel.APPROXIMATED, reason=reason)


# ── effects, changes, waiting ────────────────────────────────────────────────────────────────────

DEFAULT_EFFECTS: Mapping[str, Effect] = {
    "count": Effect.IN_PLACE,
    "specs.cpu": Effect.IN_PLACE,
    "specs.memory": Effect.IN_PLACE,
}


def effect_of(path: str, effects: Mapping[str, Effect] = DEFAULT_EFFECTS) -> Effect:
    """The effect of changing the property at `path`: its own entry, that of the nearest path above it (`specs` for
    `specs.cpu`), or REPLACE, which is right for what nobody has thought about."""
    while path:
        if path in effects:
            return effects[path]
        path = path.rpartition(".")[0]
    return Effect.REPLACE


def require_desired(
    change: Change, types: frozenset[ResourceType], *, engine: str
) -> DesiredResource:
    """What a change other than a delete wants. Raises ChangeRejected when it says nothing, or asks for a type that
    the engine can't make: nothing was made."""
    desired = change.desired
    if desired is None:
        raise ChangeRejected(
            f"The change of {change.address} does not say what it should become",
            hint="make the plan again",
        )
    if desired.type not in types:
        raise ChangeRejected(
            f"Engine '{engine}' can't make {desired.address}: it has no type '{desired.type}'",
            hint=f"choose another engine, or one of these types: {', '.join(sorted(types))}",
        )
    return desired


def require_same(address: str, wanted: Properties, seen: Properties) -> None:
    """Raises ChangeRejected when what is there is not what is to be created."""
    if other := differing(wanted, seen):
        raise ChangeRejected(
            f"{address} exists already and differs in {', '.join(other)}",
            hint="make the plan again: it will say what to change or replace",
        )


def require_in_place(
    address: str, paths: Iterable[str], effect: Callable[[str], Effect], *, what: str = "object"
) -> None:
    """Raises ChangeRejected when one of these differences takes a new `what`."""
    hard = [path for path in paths if effect(path) is Effect.REPLACE]
    if hard:
        raise ChangeRejected(
            f"{address} can't be changed in place: {', '.join(hard)} takes a new {what}",
            hint="make the plan again: it will replace it",
        )


def gone(address: str) -> ChangeRejected:
    """The error for an update of what is not there."""
    return ChangeRejected(
        f"{address} is not there any more, so it can't be changed",
        hint="make the plan again: it will create it",
    )


async def together(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """The results of all, in order. The first that fails fails all, with its own error, and leaves nothing running."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def adopts_nothing(change: Change, *, engine: str) -> ChangeRejected:
    """The refusal of an engine that can't put its marker on what it did not make."""
    return ChangeRejected(
        f"Engine '{engine}' can't {change.action} {change.address}",
        hint="describe it in a blueprint and let ALMA make it anew",
    )


async def until(
    probe: Callable[[], Awaitable[T | None]],
    *,
    within: float,
    every: float = 0.1,
    at_most: float = 2.0,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> T | None:
    """Asks `probe` until it answers something other than None, for at most `within` seconds; None when it never did.

    It asks at least once, at once, and once more when the time is over. The pause grows by half from `every` to
    `at_most` seconds, so that what is quick is seen quickly and what is slow is not asked to death.
    """
    deadline = clock() + within
    while True:
        answer = await probe()
        left = deadline - clock()
        if answer is not None or left <= 0:
            return answer
        await sleep(min(every, left))
        every = min(every * 1.5, at_most)
