"""Where something new goes, said as the place of what was spoken of before: "and a mariadb, same network", "another vm
behind the same balancer".

A place of which there is one is called by its name, so that nobody reads "same network" as a further network.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint, ResourceType

_PLACES = {
    "network": ResourceType.NETWORK,
    "subnet": ResourceType.NETWORK,
    "vlan": ResourceType.NETWORK,
    "vpc": ResourceType.NETWORK,
    "lan": ResourceType.NETWORK,
    "net": ResourceType.NETWORK,
    "load balancer": ResourceType.LOAD_BALANCER,
    "loadbalancer": ResourceType.LOAD_BALANCER,
    "balancer": ResourceType.LOAD_BALANCER,
    "lb": ResourceType.LOAD_BALANCER,
    "proxy": ResourceType.LOAD_BALANCER,
}
_LINKS = {ResourceType.NETWORK: "in", ResourceType.LOAD_BALANCER: "behind"}
_SAME = seldom(
    r"(?:\s*[,;–—-]+\s*|\s+|^)(?:(?:and|also|too|but)\s+)*"
    r"(?:(?:in|on|to|into|onto|inside|within|using|with|behind|under|joining)\s+)?(?:(?:the|that|this)\s+)?same\s+"
    rf"(?:private\s+|internal\s+)?(?P<what>{'|'.join(sorted(_PLACES, key=len, reverse=True))})\b(?!\s+as\b)",
    re.IGNORECASE,
)


def placed(message: str, blueprint: Blueprint) -> str:
    """The message with such a place by its name; as it is, where there is none or several."""

    def named(found: re.Match[str]) -> str:
        kind = _PLACES[found["what"].casefold()]
        places = [r.name for r in blueprint.resources if r.type is kind]
        return f" {_LINKS[kind]} {places[0]}" if len(places) == 1 else found[0]

    return _SAME.sub(named, message)
