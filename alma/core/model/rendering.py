"""A blueprint written down for another tool: the files, and what of it that tool can't be told."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from alma.core.model.base import Frozen
from alma.core.model.diagnostic import Diagnostic


class Subject(Frozen):
    """What is rendered, for names and headings. `revision` is None for a document that was never saved; `region` is the
    one that the blueprint is bound to."""

    name: str
    stack: str = Field(description="The name made fit for hosts, which objects are called after.")
    revision: int | None = None
    digest: str
    region: str | None = None

    @property
    def words(self) -> str:
        """Where files come from, in one line. No time: the same blueprint gives the same files."""
        which = f", revision {self.revision}" if self.revision is not None else ""
        return f"Rendered by ALMA from the blueprint '{self.name}'{which} ({self.digest})"


class TargetFile(Frozen):
    """A file for the other tool. `path` is relative to the folder that all of them go to."""

    path: str
    content: str
    mode: int = 0o644


class Rendering(Frozen):
    """The files in the order in which people read them. The path of a note begins with a resource's name; its code is
    `approximated`, `unsupported`, or `left_to_you` for what has to be done by hand."""

    engine: str
    format: str
    files: tuple[TargetFile, ...]
    notes: tuple[Diagnostic, ...] = ()


class MachineType(Frozen):
    """A type of machine that a cloud offers. `arm`: its processor is one."""

    name: str
    vcpu: Decimal
    memory_gib: Decimal
    arm: bool = False
