"""Where it is written down what became of blueprints that are declared elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from alma.core.model.declaration import Declaration


class DeclarationRepository(Protocol):
    """Declarations by their source."""

    def find(self, source: str, *, lock: bool = False) -> Declaration | None:
        """With `lock`, nobody else changes it before this transaction ends."""

    def add(self, declaration: Declaration) -> bool:
        """False when there is one of that source already: of two that add at once, one goes through."""

    def put(self, declaration: Declaration) -> None:
        """Overwrites the one of that source."""

    def list(self, *, project: str) -> Sequence[Declaration]:
        """By source."""
