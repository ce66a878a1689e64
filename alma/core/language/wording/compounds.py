"""One machine that is told by several nouns in a row: "VM nginx reverse proxy", "lxc docker host", "nginx proxy vm".

Each noun could be a thing of its own. Without a comma or an "and" between them they are one: the machine, what runs on
it, and what it is for.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_ARTICLE = r"(?P<article>(?:an? |one |the )?(?:(?:small|new|ubuntu|debian|alpine|fedora) )*)"
_MACHINE = r"(?P<machine>vm|virtual machine|lxc(?: container)?|container|droplet)"
_SOFTWARE = (
    r"(?P<software>(?!(?:with|for|and|as|to|in|on|from|running|called|named|plus|or|that|the|a|an|load|reverse|web|"
    r"mail|file|dns|vpn|proxy|docker|podman|test|build|jump|game|print|license|backup)\b)[a-z][\w.-]*)"
)
_PURPOSE = (
    r"(?:(?:as|for) (?:an? |the |our )?)?(?:reverse[- ]proxy|load[- ]?balancer|proxy server|proxy)"
)
_RUNTIME = r"(?:docker|podman)[ -](?:host|server|machine|box|node)"
_END = r"(?=\s*(?:[,;.!\n]|$|with\b|called\b|named\b|\())"
_BEGINS = r"(?P<before>^\W*|[,;:\n]\s*|\b(?:need|want|add|create|set up|deploy|and|plus)\s+)"
_RUN = rf"{_BEGINS}{_ARTICLE}{_MACHINE} {_RUNTIME}{_END}"
_AFTER = rf"{_BEGINS}{_ARTICLE}{_MACHINE} (?:with |running )?{_SOFTWARE} {_PURPOSE}{_END}"
_BEFORE = rf"{_BEGINS}{_ARTICLE}{_SOFTWARE} {_PURPOSE} {_MACHINE}{_END}"
_BARE = r"\g<before>\g<article>\g<machine>"
_ROWS = (
    (seldom(_RUN, re.IGNORECASE), _BARE),
    (seldom(_AFTER, re.IGNORECASE), rf"{_BARE} with \g<software>"),
    (seldom(_BEFORE, re.IGNORECASE), rf"{_BARE} with \g<software>"),
)


def as_one_machine(message: str) -> str:
    """The message with each row of nouns for one machine as the machine with its software."""
    for row, told in _ROWS:
        message = row.sub(told, message)
    return message
