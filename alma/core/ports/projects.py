"""What is kept of projects and of who holds which role there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from alma.core.model.access import Membership, Project, ProjectRules, Role


class ProjectRepository(Protocol):
    """Projects, those that are archived among them."""

    def add(self, project: Project) -> None:
        """Raises Conflict for an id that is taken, also by an archived one."""

    def get(self, id_: str, *, lock: bool = False) -> Project:
        """With `lock`, nobody else changes it or its members before this transaction ends. Raises NotFound."""

    def list(
        self, *, ids: Sequence[str] | None = None, after: str = "", limit: int
    ) -> Sequence[Project]:
        """Those of `ids`, or all, by id, after an id."""

    def count(self, *, ids: Sequence[str] | None = None) -> int: ...

    def restricted(self) -> Mapping[str, ProjectRules]:
        """The rules of those that may use some engines only."""

    def update(self, project: Project) -> None:
        """Writes name, rules and whether it is archived. Raises NotFound."""


class MemberRepository(Protocol):
    """Roles of projects, and who holds them."""

    def grant(self, membership: Membership) -> bool:
        """Whether it is new: a role that is held already stays as it was granted."""

    def revoke(self, project: str, principal: str, role: str) -> bool:
        """Whether there was one."""

    def list(self, project: str, *, principal: str | None = None) -> Sequence[Membership]:
        """By principal and role."""

    def projects(self, principal: str) -> Sequence[str]:
        """The ids of the open projects that somebody holds a role in."""

    def roles(self, project: str) -> Sequence[Role]:
        """Those that the project made, by name."""

    def put_role(self, project: str, role: Role) -> None:
        """Makes a role, or makes it allow something else."""

    def remove_role(self, project: str, name: str) -> bool:
        """Whether there was one."""
