"""What people call the sizes that a machine has."""

from __future__ import annotations

import re

PROPERTIES = {
    "cpu": r"(?:v?cpus?|(?:cpu |processor )?cores?|processors?|computing power)",
    "memory": r"(?:memory|ram|mem)(?: size)?",
    "disk": r"(?:disk(?: (?:space|size))?|storage(?: space)?|space)",
}
"""The words for each size of a machine, by its field."""

WORDS = {"cpu": "cores", "memory": "memory", "disk": "disk"}
"""The word for each that is read beside an amount."""

PROPERTY = "|".join(f"(?P<{name}>{words})" for name, words in PROPERTIES.items())
"""One of them; `property_of` says which was found."""


def property_of(found: re.Match[str]) -> str:
    """The field that was found; empty where none was."""
    return next((name for name in PROPERTIES if found[name]), "")
