"""Where a number of a port ends: what may stand after it without being counted by it."""

from __future__ import annotations

# "on 80 and 443 in front of two containers", "on 3000 for everyone".
AFTER_PORTS = frozenset(
    {
        "",
        ",",
        ";",
        "and",
        "&",
        "\n",
        ")",
        ".",
        "in",
        "for",
        "with",
        "behind",
        "from",
        "open",
        "public",
        "inside",
        "internally",
        "internal",
        "only",
        "private",
    }
)
