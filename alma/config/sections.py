"""Files of settings that users may leave out: a YAML mapping of mappings, read the same way whatever is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alma.core.model.document import read_text
from alma.core.model.errors import BlueprintInvalid, InvalidInput


@dataclass(frozen=True)
class SectionFile:
    """One such file. `shape` is how it is written, for those whose file is not."""

    path: Path
    shape: str

    def read(self) -> dict[str, Any]:
        """What stands at its top; nothing when there is no such file. Raises InvalidInput for one that can't be read or
        has another shape."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self.invalid(str(error.strerror)) from error
        try:
            document = read_text(content, format="yaml") or {}
        except BlueprintInvalid as error:
            raise self.invalid("; ".join(map(str, error.diagnostics))) from None
        return self.mapping(document, "the file")

    def mapping(self, given: Any, where: str) -> dict[str, Any]:
        """A part of it as a mapping. Raises InvalidInput when it is none."""
        if not isinstance(given, Mapping):
            raise self.invalid(f"{where} must be a mapping")
        return {str(key): value for key, value in given.items()}

    def invalid(self, problem: str) -> InvalidInput:
        """What is wrong with the file."""
        return InvalidInput(
            f"{self.path}: {problem}",
            hint=f"write it as {self.shape}, or move the file away",
            details={"errors": [problem]},
        )
