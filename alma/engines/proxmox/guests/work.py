"""One change on its way: what making, finding and removing a guest has to know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from alma.core.model.errors import ChangeRejected
from alma.core.model.plan import Change, Effect
from alma.core.model.state import DesiredResource, Placement, Properties, StackRef, differing
from alma.core.ports import ApplyContext
from alma.engines import base
from alma.engines.proxmox import marker, shape, spec, values
from alma.engines.proxmox.marker import Notes
from alma.engines.proxmox.options import Kind, kind_of, options_of
from alma.engines.proxmox.provisioning.job import Job, Provisioned
from alma.engines.proxmox.session import Session
from alma.engines.proxmox.spec import Defaults

VMID = "vmid"


class Provision(Protocol):
    """What brings software into a guest."""

    async def __call__(
        self,
        job: Job,
        *,
        log: Callable[[str], None],
        timeout: float,  # noqa: ASYNC109
    ) -> Provisioned:
        """Does what the job says. See `provisioning.run.provision`."""


Place = Callable[[DesiredResource, StackRef], Awaitable[Placement]]


@dataclass(frozen=True)
class Work:
    """One change with all it may use. `key` is its idempotency key; `place` says where a guest goes that nobody has
    placed yet."""

    session: Session
    stack: StackRef
    change: Change
    key: str
    context: ApplyContext
    provision: Provision
    place: Place

    @property
    def address(self) -> str:
        """The address the change is about."""
        return self.change.address

    @property
    def name(self) -> str:
        """What the guest is called."""
        return marker.guest_name(self.stack, self.address)

    @property
    def defaults(self) -> Defaults:
        """What the settings say where a blueprint says nothing."""
        return Defaults.of(self.session.settings)

    @property
    def kept_vmid(self) -> int | None:
        """The number that this or an earlier attempt at this change has chosen."""
        kept = self.context.kept(VMID)
        return int(kept) if kept else None

    def log(self, message: str) -> None:
        """A line for those who watch."""
        self.context.log(message)

    def secrets(self, desired: DesiredResource) -> dict[str, str]:
        """The values of all secrets that it takes. Raises AlmaError when there is none of a name: asked before anything
        is made."""
        return {name: self.context.secret(name) for name in desired.secret_names}

    def desired(self) -> DesiredResource:
        """What is wanted. Raises ChangeRejected when the change says nothing, or the type can't be made here."""
        desired = base.require_desired(self.change, shape.TYPES, engine="proxmox")
        for note in shape.support_of(desired, self.defaults):
            if note.path == "type" and note.level == "unsupported":
                raise ChangeRejected(
                    f"{desired.address} can't be made: {note.reason}",
                    hint="mend the blueprint, and make the plan again",
                )
        return desired

    def shape(self, desired: DesiredResource) -> Properties:
        """The properties it will have."""
        return shape.shape_of(desired, self.defaults)

    def tags(self, desired: DesiredResource, there: Iterable[str] = ()) -> str:
        """All tags it carries: ALMA's, those wished for, and those that people gave it."""
        return values.tags_text([*marker.own_tags(self.stack), *options_of(desired).tags, *there])

    def tags_at_once(self, desired: DesiredResource) -> dict[str, str]:
        """The tags for the call that makes it. None where it gets into a pool: about tags, Proxmox asks for privileges
        on the guest itself, and does not see yet that the pool gives them. Such a guest gets its tags after that."""
        pool = options_of(desired).pool or self.defaults.pool
        return {} if pool else {"tags": self.tags(desired)}

    def needs_setup(self, desired: DesiredResource) -> bool:
        """Whether anything has to be done inside the guest."""
        disks = desired.mounts and kind_of(desired) is Kind.VM
        recipe = desired.recipe is not None and desired.recipe.known
        return bool(recipe or desired.files or disks or (desired.env and shape.takes_env(desired)))

    def notes(
        self,
        desired: DesiredResource,
        vmid: int,
        *,
        disks: Mapping[str, str],
        key: str | None = None,
        unfinished: bool = False,
        as_set: Mapping[str, str] | None = None,
    ) -> Notes:
        """The notes of the guest. `as_set` are sizes that turned out other than they were asked for."""
        return Notes(
            marker=base.Marker.of(desired, self.stack, key=key or self.key),
            vmid=vmid,
            declared=self.shape(desired),
            as_set={**spec.as_set(desired), **(as_set or {})},
            disks=disks,
            unfinished=unfinished,
        )

    def require_same(self, desired: DesiredResource, seen: Properties) -> None:
        """Raises ChangeRejected when what is there is not what is to be created."""
        base.require_same(self.address, self.shape(desired), seen)

    def require_in_place(self, desired: DesiredResource, seen: Properties) -> list[str]:
        """The paths that differ. Raises ChangeRejected when one of them takes a new guest."""
        wanted = self.shape(desired)
        paths = differing(wanted, seen)

        def effect(path: str) -> Effect:
            return shape.effect_between(desired, path, seen.get(path), wanted.get(path))

        base.require_in_place(self.address, paths, effect, what="guest")
        return paths

    def gone(self) -> ChangeRejected:
        """The error for an update of what is not there."""
        return base.gone(self.address)
