"""Some of several, whichever: "one of them with 8GB", "two of the vms on debian".

Nobody said which, so it is the last of them, and the answer says so. What is to go is chosen where things are removed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from alma.core.language.changing.targets import Focus, stem
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import COMPUTE, Blueprint, Resource

_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_COUNT = r"(?P<count>\d+|one|two|three|four|five|six)"
_OF_THEM = seldom(
    rf"\b(?:just |only |exactly |any )?{_COUNT}\s+of\s+(?:them|these|those|"
    r"(?:the|our|my|these|those)\s+(?P<what>[\w-]+?)s?(?:\s+(?:servers|vms|machines|containers|nodes|boxes))?)"
    r"(?=\s+(?:with|at|on|to|should|needs?|gets?|has|have|must|runs?|running|\d[\w.]*|a|an|more|less|bigger|smaller|in|is|"
    r"public|private|twice|double)\b|\W*$)",
    re.IGNORECASE,
)
_BARE = seldom(
    rf"^\W*(?:(?:and|but|ok|please|no)\W+)*(?:just |only )?{_COUNT}(?=\s+(?:should|needs?|gets?|must|with)\b)",
    re.IGNORECASE,
)
_TAKEN_OUT = seldom(
    r"\b(?:remove|delete|drop|kill|destroy|get rid|ditch|scrap|rid|enough|instead of|retire|rename|call|another|new|"
    r"more of)\b|\?",
    re.IGNORECASE,
)
_MACHINES = {"vm", "server", "machine", "box", "boxe", "container", "instance", "node", "service"}


@dataclass(frozen=True, slots=True)
class Picked:
    """A message with the names of those that were picked, and what was assumed."""

    message: str
    assumption: str


def picks(message: str) -> bool:
    """Whether a message may be about some of several."""
    return _OF_THEM.search(message) is not None or _BARE.search(message) is not None


def picked(message: str, blueprint: Blueprint, focus: Focus) -> Picked | None:
    """The message about those that it may be about; None where it picks none, or it is not clear of which."""
    found = _OF_THEM.search(message) or _BARE.search(message)
    if found is None or _TAKEN_OUT.search(message):
        return None
    among = _among(blueprint, focus, (found.groupdict().get("what") or "").casefold())
    said = found["count"].casefold()
    number = _NUMBERS.get(said) or int(said)
    if len({(r.type, stem(r)) for r in among}) != 1 or not 0 < number < len(among):
        return None
    names = [resource.name for resource in among[-number:]]
    text = f"{message[: found.start()]}{' and '.join(names)}{message[found.end() :]}"
    which = "one" if number == 1 else "ones"
    return Picked(text, f"which {which} was not said: {listed(names)}")


def _among(blueprint: Blueprint, focus: Focus, what: str) -> Sequence[Resource]:
    machines = [r for r in blueprint.resources if r.type in COMPUTE]
    if what and what not in _MACHINES:
        return [r for r in blueprint.resources if what in {stem(r).casefold(), str(r.type)}]
    spoken = [r for r in machines if r.name in focus.recent]
    return spoken if len(spoken) > 1 else machines
