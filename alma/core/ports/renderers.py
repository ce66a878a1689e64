"""The doors out: what writes a blueprint down for other tools, and what it may ask."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar, Protocol

from alma.core.model.engine import EngineTraits
from alma.core.model.rendering import MachineType, Rendering, Subject
from alma.core.model.state import DesiredResource


class MachineTypes(Protocol):
    """The types of machines that a cloud's price book knows."""

    def smallest(
        self, desired: DesiredResource, *, families: Collection[str] = ()
    ) -> MachineType | None:
        """The type that an instance fits on and that costs least; of these families only (`m5`), when any are given.
        None when the book has none."""


class Renderer(Protocol):
    """Writes resolved instances down for one kind of place. It touches nothing, and the same instances give the same
    files. No secret is in any of them: what has to be filled in is a note."""

    name: ClassVar[str]
    traits: ClassVar[EngineTraits]
    formats: ClassVar[tuple[str, ...]]
    """What it can write; the first is the usual one."""

    def render(
        self,
        resources: Sequence[DesiredResource],
        subject: Subject,
        *,
        format: str,
        types: MachineTypes,
    ) -> Rendering:
        """The files in one of `formats`. What the tool can't be told exactly is a note: nothing is lost silently."""


class Renderers(Protocol):
    """All that can be rendered for."""

    def names(self) -> Sequence[str]:
        """Sorted."""

    def get(self, name: str) -> Renderer:
        """The one of that name, in any case. Raises InvalidInput that names them."""
