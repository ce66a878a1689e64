"""One shape for every remark about a document or plan: where, what, and what to do about it."""

from __future__ import annotations

from enum import StrEnum

from alma.core.model.base import Frozen


class Severity(StrEnum):
    """How much a diagnostic weighs: an error stops, a warning is shown before approval, info explains."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Diagnostic(Frozen):
    """A remark about one place. `path` is dotted (`resources.0.specs.memory`), empty for the whole document;
    `line` and `column` count from 1 and are set where the source was a text."""

    severity: Severity = Severity.ERROR
    code: str
    path: str = ""
    message: str
    hint: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        position = f" (line {self.line}, column {self.column})" if self.line else ""
        return f"{where}{self.message}{position}"
