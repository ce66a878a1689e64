"""Who alone may be on the internet: "only web should be public", "nothing but the balancer may have a public address".

To be public is a property, and no rule of a firewall. So it is put as such: the one is made public, and of the others
those that are now are not.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint

_WHO = r"(?:the |our |my )?(?P<who>[\w.-]+)(?: (?:server|vm|box|container|machine|service|one))?"
_ONLY = r"(?:only|just|nothing (?:but|except|other than)|nobody but|no(?:thing| one) else but)"
_MAY = (
    r"(?:should|must|may|can|shall|needs to|has to|is (?:allowed|supposed) to|is to)"
    r"(?: (?:still|really|ever|be able to))*"
)
_PUBLIC = (
    r"(?:be (?:public|exposed|open|online|(?:publicly )?(?:reachable|accessible|available|visible|exposed|facing))"
    r"(?: (?:from|to|on) (?:the )?(?:public )?(?:internet|outside(?: world)?|world|web|public))?|"
    r"have (?:a |any )?public (?:ip(?: address)?|address|access|ips)|face the internet|be on the internet)"
)
_ALONE = seldom(
    rf"\s*(?:[,;.!?:]+|\s[-–—]+|\band\b|\bbecause\b|^)\s*(?:please )?{_ONLY} {_WHO} {_MAY} {_PUBLIC}"
    r"(?:,? (?:and )?nothing else)?(?=\W*(?:please\W*)?$|[.;,!])",
    re.IGNORECASE,
)
_SAID = seldom(r"\b(?:public|publicly|internet|expos\w+|outside|online|open)\b", re.IGNORECASE)


def only_public(message: str, blueprint: Blueprint) -> tuple[str, str]:
    """The message without such a restriction, and the orders that it stands for."""
    found = _ALONE.search(message) if _SAID.search(message) else None
    owner = blueprint.resource(found["who"]) if found else None
    if found is None or owner is None:
        return message, ""
    others = [r.name for r in blueprint.resources if r.network.public_ip and r is not owner]
    orders = [*(f"make {name} internal" for name in others), f"make {owner.name} public"]
    rest = message[: found.start()] + message[found.end() :]
    return rest, ". ".join(orders)
