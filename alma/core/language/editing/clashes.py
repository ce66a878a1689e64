"""Edits of one clause that can't both be meant: "make it public and not reachable from outside".

Only what is on or off: of two amounts ("32 => 64GB") the second is what is wanted.
"""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.editing.outcome import Asks
from alma.core.model.base import Json
from alma.core.model.conversation import Edit, SetField


def clashing(edits: Sequence[Edit]) -> Asks | None:
    """The question whether a field should be on or off, if a clause says both."""
    given: dict[tuple[str, str], Json] = {}
    for edit in edits:
        if not isinstance(edit, SetField) or not isinstance(edit.value, bool):
            continue
        if given.setdefault((edit.name, edit.path), edit.value) != edit.value:
            return Asks(f"Should the {_field(edit.path)} of {edit.name} be on or off?", open=True)
    return None


def _field(path: str) -> str:
    return path.rpartition(".")[2].replace("_", " ")
