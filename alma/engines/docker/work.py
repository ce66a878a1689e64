"""One change on its way: what every kind of object needs to be made, found again and taken away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from alma.core.model.errors import ChangeRejected
from alma.core.model.plan import Change
from alma.core.model.state import DesiredResource, Properties, StackRef
from alma.core.ports import ApplyContext
from alma.engines import base
from alma.engines.docker import names, shape
from alma.engines.docker.session import Session


@dataclass(frozen=True)
class Work:
    """One change with all it may use. `key` is its idempotency key."""

    session: Session
    stack: StackRef
    change: Change
    key: str
    context: ApplyContext

    @property
    def address(self) -> str:
        """The address the change is about."""
        return self.change.address

    @property
    def name(self) -> str:
        """What the object is called on the host."""
        return names.object_name(self.stack, self.address)

    def desired(self) -> DesiredResource:
        """What is wanted. Raises ChangeRejected when the change says nothing or the type can't be made here."""
        return base.require_desired(self.change, shape.TYPES, engine="docker")

    def marker(self, desired: DesiredResource) -> base.Marker:
        """The marker of what this change makes."""
        return base.Marker.of(desired, self.stack, key=self.key)

    def labels(self) -> dict[str, str]:
        """The labels by which the objects of this address are found."""
        return names.stack_filter(self.stack, self.address)

    def is_mine(self, labels: Mapping[str, str] | None) -> bool:
        """Whether an earlier attempt of this same change made the object with these labels."""
        return (labels or {}).get(base.KEY) == self.key

    def is_ours(self, labels: Mapping[str, str] | None) -> bool:
        """Whether the object with these labels is this stack's, at this address."""
        wanted = self.labels()
        return wanted.items() <= (labels or {}).items()

    def taken(self, kind: str) -> ChangeRejected:
        """The error for a name that belongs to somebody else's object."""
        return ChangeRejected(
            f"Creating {self.address}: a {kind} named '{self.name}' exists already and is not this stack's",
            hint=f"rename or remove it (`docker {kind} rm {self.name}`), or rename the blueprint: "
            "ALMA never touches what it did not make",
        )

    def require_same(self, desired: DesiredResource, seen: Properties) -> None:
        """Raises ChangeRejected when what is there is not what is to be created."""
        base.require_same(self.address, shape.shape_of(desired), seen)

    def require_in_place(self, desired: DesiredResource, paths: Iterable[str]) -> None:
        """Raises ChangeRejected when one of these differences takes a new object."""
        base.require_in_place(self.address, paths, partial(shape.effect_of, desired))

    def gone(self) -> ChangeRejected:
        """The error for an update of what is not there."""
        return base.gone(self.address)
