"""What one thing had, given to another: "delete valheim and give its 4GB to minecraft", "web-2 can go, web-1 gets its
memory".

What goes leaves its sizes behind only in words; the one that gets them has so much more.
"""

from __future__ import annotations

import re

from alma.core.language.followups.mentions import mentions
from alma.core.language.followups.properties import PROPERTIES, PROPERTY, property_of
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint, Resource
from alma.core.model.units import Size

_SIZE = r"(?:\d[\d.]*\s?(?:[kmgt]i?b?|gigs?)\b(?: of (?:memory|ram|disk|storage|space))?)"
_CORES = r"(?:(?:\d+|one|two|four|eight) (?:v?cpus?|cores?))"
_PROPERTY = "|".join(PROPERTIES.values())
_OF_WHAT = seldom(rf"\b(?:{PROPERTY})\b", re.IGNORECASE)
_WHOSE = r"(?:its|the|that|those|his|all its|all the|(?P<of>[\w.-]+)['’]s)"
_WHAT = (
    rf"(?P<what>{_SIZE}|{_CORES}|{_PROPERTY})(?: (?:it had|it has|that (?:is|gets) freed(?: up)?))?"
)
_GIVE = r"(?:give|hand|move|assign|pass|add|reassign|allocate|transfer|shift)"
_TO = r"(?:the |our |my )?(?P<to>[\w.-]+)"
_GIVEN = (
    rf"\b{_GIVE} {_WHOSE} {_WHAT}(?: (?:over|on|back))? (?:to|over to|on to) {_TO}",
    rf"\b{_GIVE} {_TO} {_WHOSE} {_WHAT}",
    rf"(?<![\w-]){_TO} (?:can have|gets|should get|takes|takes over|may have|inherits|could use) {_WHOSE} {_WHAT}",
)
_GIVING = [seldom(pattern, re.IGNORECASE) for pattern in _GIVEN]
_GOES = seldom(
    r"\b(?:delete|remove|drop|kill|scrap|ditch|get rid of|take out|retire|decommission|bin|shut down|tear down|"
    r"can go|should go|goes away)\b",
    re.IGNORECASE,
)


def handed_on(message: str, blueprint: Blueprint) -> str:
    """The message with what is handed on as an increase by so much; as it is where it is not clear of what."""
    goes = _GOES.search(message)
    if goes is None:
        return message
    for pattern in _GIVING:
        found = pattern.search(message)
        to = blueprint.resource(found["to"]) if found else None
        if found is None or to is None:
            continue
        gone = _gone(message[: found.start()], found["of"], to, blueprint)
        increase = _increase(found["what"], gone, to) if gone is not None else None
        if increase is not None:
            return f"{message[: found.start()]}{increase}{message[found.end() :]}"
    return message


def _gone(before: str, of: str | None, to: Resource, blueprint: Blueprint) -> Resource | None:
    """The one thing that is named before, and whose sizes are handed on."""
    if of:
        return blueprint.resource(of)
    named = [r for r in blueprint.resources if r is not to and mentions(before, r.name)]
    return named[0] if len(named) == 1 else None


def _increase(what: str, gone: Resource, to: Resource) -> str | None:
    """`4GB`, `memory`: the order that gives as much more of the property that it is of."""
    named = _OF_WHAT.search(what)
    path = property_of(named) if named else None
    has = {"memory": gone.specs.memory, "disk": gone.specs.disk_size, "cpu": gone.specs.cpu}
    amount = what if what[0].isdigit() else has.get(path or "")
    if path is None:
        same = [name for name, size in has.items() if name != "cpu" and _is(size, what)]
        path = same[0] if same else "memory"
    own = {"memory": to.specs.memory, "disk": to.specs.disk_size, "cpu": to.specs.cpu}[path]
    if amount is None:
        return None
    amount = re.sub(r" of \w+$|[ a-z]*(?:cpu|core)s?$", "", str(amount), flags=re.IGNORECASE)
    if own is None:  # nothing to add it to is known: it has at least that
        return f"set the {path} of {to.name} to {amount}"
    return f"increase the {path} of {to.name} by {amount}"


def _is(size: object, said: str) -> bool:
    """Whether a size is the one that was said."""
    written = re.sub(r"\s*(?:gigs?|g)$", "GB", said.strip(), flags=re.IGNORECASE)
    try:
        return size is not None and Size(str(size)) == Size(written)
    except ValueError:
        return False
