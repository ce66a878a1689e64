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
_WHOM = r"(?:the |our |my )?(?P<{}>[\w.-]+(?:(?:, | and |, and )(?:the )?[\w.-]+)*)"
_STAYS_IN = seldom(
    r"\s*(?:[,;.!]+|\s[-–—]+|\band\b|\bbut\b|\bwhile\b)\s*(?:(?:and|but|while|please)\s+)*(?:"
    + _WHOM.format("who")
    + r" (?:(?:should|must|shall|will|can|has to|needs to|is to)\s+)?(?:also |still |just )?"
    r"(?:stays?|remains?|be kept|is kept|keeps?)|(?:keep|leave) " + _WHOM.format("whom") + r")"
    r" (?:strictly |completely )?(?:private|internal|hidden|unexposed|not public|non-public|off the internet|"
    r"without (?:one|a public (?:ip|address)))(?= *(?:$|[.;,!]))",
    re.IGNORECASE,
)


def only_public(message: str, blueprint: Blueprint) -> tuple[str, str]:
    """The message without such a restriction, and the orders that it stands for."""
    if not _SAID.search(message):
        return message, ""
    message, inside = _kept_inside(message, blueprint)
    rest, alone = _alone(message, blueprint)
    return rest, ". ".join(part for part in (alone, inside) if part)


def _kept_inside(message: str, blueprint: Blueprint) -> tuple[str, str]:
    """`Proxy needs a public IP, backend stays private`: the message without what stays as it is, and the order for
    what does not."""
    found = _STAYS_IN.search(message)
    if found is None or not message[: found.start()].strip():
        return message, ""
    listed = re.split(r",? and (?:the )?|, (?:the )?", found["who"] or found["whom"])
    owners = [blueprint.resource(name) for name in listed]
    if not all(owners):
        return message, ""
    orders = [f"make {o.name} internal" for o in owners if o is not None and o.network.public_ip]
    return message[: found.start()] + message[found.end() :], ". ".join(orders)


def _alone(message: str, blueprint: Blueprint) -> tuple[str, str]:
    found = _ALONE.search(message)
    owner = blueprint.resource(found["who"]) if found else None
    if found is None or owner is None:
        return message, ""
    others = [r.name for r in blueprint.resources if r.network.public_ip and r is not owner]
    orders = [*(f"make {name} internal" for name in others), f"make {owner.name} public"]
    rest = message[: found.start()] + message[found.end() :]
    return rest, ". ".join(orders)
