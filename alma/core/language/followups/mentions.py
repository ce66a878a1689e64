"""Where a text names something: the whole name, in any case, and no part of a longer one (`web` is not in `web-2`)."""

from __future__ import annotations

import re


def naming(name: str) -> re.Pattern[str]:
    """What finds a name."""
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.IGNORECASE)


def mentions(text: str, name: str) -> bool:
    """Whether a text has the name."""
    return naming(name).search(text) is not None
