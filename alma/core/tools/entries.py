"""Where tools are: ALMA's own and those that other installed distributions bring, each imported when it is asked for.

A third party's entry point in the group `alma.tools` names a `Tool`, or a subclass of `InfrastructureTools` with any
number of them. In a checkout, the module `alma/core/custom_tools.py` is found without an entry point.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from alma.core.model.errors import ToolUnavailable
from alma.core.tools import TOOLS

ENTRY_POINTS = "alma.tools"
CUSTOM = "alma.core.custom_tools"


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a tool is defined, and the pip extra that brings what it needs (None: nothing more than ALMA does). Without
    an attribute, it is every tool of the module."""

    module: str
    attribute: str = "TOOL"
    extra: str | None = None
    distribution: str = "alma"

    @property
    def install(self) -> str:
        """The command that installs what is missing."""
        return f'pip install "{self.distribution}{f"[{self.extra}]" if self.extra else ""}"'


def own(table: Mapping[str, str] = TOOLS) -> dict[str, Entry]:
    """ALMA's own tools."""
    return {name: _entry_of(EntryPoint(name, value, ENTRY_POINTS)) for name, value in table.items()}


def third_party() -> dict[str, Entry]:
    """What other installed distributions bring, by the name of the entry point. ALMA's own names stay its own."""
    found: dict[str, Entry] = {}
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        if point.name not in TOOLS:
            found.setdefault(point.name, _entry_of(point))
    if importlib.util.find_spec(CUSTOM) is not None:
        found.setdefault("custom_tools", Entry(CUSTOM, attribute=""))
    return found


def _entry_of(point: EntryPoint) -> Entry:
    return Entry(
        module=point.module,
        attribute=point.attr or "TOOL",
        extra=point.extras[0] if point.extras else None,
        distribution=point.dist.name if point.dist else "alma",
    )


def load(name: str, entry: Entry) -> Any:
    """What the entry names. Raises ToolUnavailable when it can't be imported or is not there."""
    try:
        module = importlib.import_module(entry.module)
    except ImportError as error:
        problem = f"is not installed completely: {error.msg}"
        raise unusable(name, problem, hint=f"install what it needs: {entry.install}") from error
    found = getattr(module, entry.attribute, None) if entry.attribute else module
    if found is None:
        raise unusable(name, f"is broken: {entry.module} has no '{entry.attribute}'")
    return found


def unusable(name: str, problem: str, *, hint: str | None = None) -> ToolUnavailable:
    """The error of a tool that is registered and can't be used."""
    return ToolUnavailable(f"Tool '{name}' {problem}", hint=hint, details={"tool": name})


def plain(name: str) -> str:
    """The name as tools are registered: lower case, words joined by `_`."""
    return "_".join(name.strip().lower().replace("-", " ").replace("_", " ").split())
