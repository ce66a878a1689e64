"""The table of permissions in docs/security.md is the one that the code has."""

from __future__ import annotations

from pathlib import Path

from alma.core.model.access import ROLES, Permission

TEXT = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")


def _cells(line: str) -> list[str]:
    return [cell.strip(" `") for cell in line.strip().strip("|").split("|")]


def test_the_table_of_roles_is_what_roles_allow() -> None:
    lines = TEXT.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("| permission |"))
    roles = _cells(lines[start])[1:]
    told: dict[str, set[str]] = {role: set() for role in roles}
    named = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        permission, *marks = _cells(line)
        named.append(permission)
        for role, mark in zip(roles, marks, strict=True):
            told[role] |= {permission} if mark else set()
    assert named == [item.value for item in Permission]
    assert told == {role: {item.value for item in held} for role, held in ROLES.items()}
