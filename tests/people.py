"""The people of tests: known by a name, with what a role allows them."""

from __future__ import annotations

from alma.core.model.access import DEFAULT_PROJECT, ROLES, Permission
from alma.core.model.principal import Principal


def somebody(
    id_: str,
    *,
    project: str = DEFAULT_PROJECT,
    role: str = "admin",
    without: frozenset[Permission] = frozenset(),
) -> Principal:
    """A member of a project, by default one that may do everything there."""
    return Principal(
        id=id_, project=project, roles=frozenset({role}), permissions=ROLES[role] - without
    )
