"""What is wrong, as somebody tells it, and what is investigated for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from alma.core.language.vocabulary.defaults import listed
from alma.core.model.blueprint import Blueprint, Resource
from alma.core.model.state import Stack, recorded_names


@dataclass(frozen=True, slots=True)
class Issue:
    """What is known of the trouble. `affected` are names of resources or addresses of instances; `blueprint` is the
    saved one of `blueprint_id`, or another document that it is about."""

    description: str = ""
    error_message: str = ""
    symptoms: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    blueprint_id: int | None = None
    blueprint: Blueprint | None = None
    affected: tuple[str, ...] = ()

    def concerns(self, address: str | None) -> bool:
        """Whether an address is among what is affected; everything is where nothing was named."""
        if not self.affected or address is None:
            return True
        owner = self.owner(address)
        return address in self.affected or (owner is not None and owner.name in self.affected)

    def owner(self, address: str) -> Resource | None:
        """The resource that an instance's address belongs to."""
        resources = self.blueprint.resources if self.blueprint else ()
        return next((item for item in resources if address in item.instance_names()), None)

    def as_recorded(self, stacks: Iterable[Stack]) -> Issue:
        """The same, with what is affected under the addresses at which it is recorded: an engine may keep equal
        instances as one."""
        records = [record for stack in stacks for record in stack.records]

        def address(name: str) -> str:
            owner = self.owner(name)
            together = owner is not None and recorded_names(owner, records) == (owner.name,)
            return owner.name if owner and together else name

        return replace(self, affected=tuple(dict.fromkeys(map(address, self.affected))))

    @property
    def about(self) -> str:
        """What is affected, for sentences."""
        if self.affected:
            return listed(list(self.affected))
        return self.blueprint.name if self.blueprint else "it"


def newest_first(stacks: Iterable[Stack]) -> list[Stack]:
    """Stacks by when something of them was last written."""
    return sorted(
        stacks,
        key=lambda stack: max((r.updated_at for r in stack.records), default=stack.created_at),
        reverse=True,
    )
