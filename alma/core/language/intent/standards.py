"""The standards that a question about compliance names, so that the answer is about those: "are we GDPR compliant?"."""

from __future__ import annotations

import re

from alma.core.language.words.seldom import Seldom, seldom
from alma.core.model.standards import SPELLED

_KNOWN: tuple[tuple[str, Seldom], ...] = tuple(
    (title, seldom(rf"\b(?:{pattern})\b", re.IGNORECASE)) for title, pattern in SPELLED.items()
)


def standards(message: str) -> list[str]:
    """The titles of the standards that a message names."""
    return [title for title, pattern in _KNOWN if pattern.search(message)]
