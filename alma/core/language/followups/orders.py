"""Whether there is an order in what stands before one that is put in full."""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

ORDERS = seldom(
    r"\b(?:add|remove|delete|drop|give|set|scale|make|put|double|rename|deploy|create|back up|increase|decrease)\b",
    re.IGNORECASE,
)
"""The verbs of orders."""
