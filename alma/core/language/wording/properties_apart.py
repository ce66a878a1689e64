"""A property of another thing at the end of a list of amounts: "discourse to 4 CPUs, and nightly backups for the db".

Read on, the backups would be of what the amounts are of. Whose they are is said behind them: so they are an order of
their own.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_LIKE = r"(?:(?:regular|automatic|automated|full|encrypted|offsite) )*"
_OFTEN = r"(?:(?P<often>daily|nightly|hourly|weekly|monthly) )?"
_HAD = (
    rf"(?:(?:an? )?{_LIKE}{_OFTEN}{_LIKE}(?P<backups>backups?)|(?P<encryption>encryption(?: at rest)?)|"
    r"(?:an? )?public (?:ip(?: address)?|address))"
)
_WHO = (
    r"(?P<who>(?!(?:it|them|that|this|each|both|all|everything)\b)"
    r"(?:the |our |my )?[\w.-]*\w(?: (?:server|vm|box|container|machine|database|db|cache))?)"
)
_APART = seldom(
    rf"(?<=[\w.)%])\s*(?:,\s*(?:and |plus )?|\s(?:and|plus) ){_HAD} (?:for|of|on|to) {_WHO}"
    r"(?=\s*(?:$|[.,;!?]|and\b|please\b))",
    re.IGNORECASE,
)
_AMOUNT = seldom(r"\d\s?(?:[kmgt]i?b?\b|gigs?\b|v?cpus?\b|cores?\b)", re.IGNORECASE)


def properties_apart(message: str) -> str:
    """The message with such a property told in a sentence of its own."""
    first = _AMOUNT.search(message)
    if first is None:
        return message
    return _APART.sub(
        lambda found: _ordered(found) if found.start() >= first.start() else found[0], message
    )


def _ordered(found: re.Match[str]) -> str:
    """The property as an order of its own."""
    if found["backups"]:
        order = f"back up {found['who']} {found['often'] or ''}".rstrip()
    elif found["encryption"]:
        order = f"encrypt {found['who']}"
    else:
        order = f"make {found['who']} public"
    return f". {order}"
