"""One change on its way: what every kind of object needs to be made, found again and taken away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from alma.core.model.errors import ChangeRejected
from alma.core.model.plan import Change
from alma.core.model.state import (
    DesiredResource,
    ObservedResource,
    Properties,
    StackRef,
    differing,
)
from alma.core.ports import ApplyContext
from alma.engines import base
from alma.engines.kubernetes import manifests, marker, names, shape
from alma.engines.kubernetes.manifests import Manifests
from alma.engines.kubernetes.session import Session

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Work:
    """One change with all it may use. `key` is its idempotency key; `known` are the secrets it was given, so that they
    can be hidden in what is shown."""

    session: Session
    stack: StackRef
    change: Change
    key: str
    context: ApplyContext
    known: list[str] = field(default_factory=list, repr=False)

    @property
    def address(self) -> str:
        """The address the change is about."""
        return self.change.address

    @property
    def namespace(self) -> str:
        """Where the stack's objects live."""
        return names.namespace_of(self.stack, self.session.settings)

    def desired(self) -> DesiredResource:
        """What is wanted. Raises ChangeRejected when the change says nothing or the type can't be made here."""
        return base.require_desired(self.change, shape.TYPES, engine=self.stack.engine)

    def labels(self) -> dict[str, str]:
        """The labels by which the objects of this address are found."""
        return marker.selector_of(self.stack, self.address)

    async def manifests(
        self, desired: DesiredResource, *, key: str | None = None, retain: bool = False
    ) -> Manifests:
        """The objects of the address, with the key of the change that makes them; `retain`: even if nobody asks for it.
        Asks for all secrets. Raises ChangeRejected for what can't be made here."""
        if retain:
            desired = desired.model_copy(update={"retain": True})
        return manifests.build(
            desired,
            self.stack,
            served=await self.session.cluster.served(),
            settings=self.session.settings,
            secret=self._secret,
            key=key or self.key,
        )

    def _secret(self, name: str) -> str:
        value = self.context.secret(name)
        self.known.append(value)
        return value

    # ── whose is it ──

    def is_mine(self, found: Object) -> bool:
        """Whether an earlier attempt of this same change made the object."""
        mark = marker.marker_of(found)
        return mark is not None and mark.key == self.key

    def is_ours(self, found: Object) -> bool:
        """Whether the object is this stack's, at this address."""
        mark = marker.marker_of(found)
        return mark is not None and (mark.stack, mark.address) == (self.stack.id, self.address)

    def taken(self, found: Object) -> ChangeRejected:
        """The error for a name that belongs to somebody else's object."""
        mark = marker.marker_of(found)
        whose = "is not this stack's" if mark is None or mark.stack != self.stack.id else ""
        whose = whose or f"belongs to {mark.address if mark else 'another address'}"
        what = f"{found.get('kind')} {self.namespace}/{found['metadata']['name']}"
        return ChangeRejected(
            f"{self.change.action.value} of {self.address}: {what} exists already and {whose}",
            hint="rename or remove it, or rename the resource: ALMA never touches what it did not make",
        )

    # ── what may be done ──

    def require_same(self, desired: DesiredResource, seen: ObservedResource | None) -> None:
        """Raises ChangeRejected when what is there is not what is to be created."""
        base.require_same(self.address, self._shape(desired), seen.properties if seen else {})

    def require_in_place(self, desired: DesiredResource, paths: Iterable[str]) -> None:
        """Raises ChangeRejected when one of these differences takes a new object."""
        base.require_in_place(self.address, paths, partial(shape.effect_of, desired))

    def difference(self, desired: DesiredResource, seen: ObservedResource | None) -> list[str]:
        """The paths at which what is there is not what is wanted."""
        return differing(self._shape(desired), seen.properties if seen else {})

    def wish(self, desired: DesiredResource) -> Properties:
        """The properties that are wanted."""
        return self._shape(desired)

    def _shape(self, desired: DesiredResource) -> Properties:
        return shape.shape_of(desired, self.session.settings)

    def gone(self) -> ChangeRejected:
        """The error for an update of what is not there."""
        return base.gone(self.address)
