"""Where everything should be instead: "no, ireland", "sorry, in london", "move it to frankfurt".

Cities and countries are taken for regions in corrections like these alone: elsewhere they name offices and machines.
The region is kept as it was said.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_PLACES = (
    "frankfurt|ireland|dublin|london|paris|amsterdam|stockholm|madrid|milan|warsaw|berlin|munich|vienna|helsinki|"
    "falkenstein|nuremberg|zurich|zürich|geneva|oslo|copenhagen|brussels|lisbon|germany|france|netherlands|sweden|"
    "finland|spain|italy|poland|switzerland|austria|norway|denmark|belgium|england|uk|united kingdom|europe|eu|usa|"
    "virginia|oregon|ohio|california|texas|iowa|canada|montreal|toronto|brazil|sao paulo|são paulo|singapore|tokyo|"
    "osaka|seoul|hong kong|sydney|melbourne|australia|mumbai|india|japan|dubai|cape town"
)
_REGION = (
    r"(?:eu|us|ap|ca|sa|me|af)-(?:north|south|east|west|central)(?:east|west)?-\d|"
    r"(?:europe|asia|us)-(?:north|south|east|west|central)(?:east|west)?\d"
)
_LEAD = (
    r"(?P<lead>(?:no|nope|sorry|actually|wait|oops|hmm+|rather|i meant|we meant|i mean|make (?:it|that)|better|instead|"
    r"correction|not [\w-]+,?(?: but)?|ok|please|should be|it should be|let'?s (?:do|use|take))\b\W*)"
)
_MOVING = (
    r"(?:(?:please|can you|could you|now|and|then)\W+)*(?:move|put|host|run|place|relocate|deploy|take|shift)\s+"
    r"(?:it|everything|all|all of it|this|that|them|the whole thing|the lot)(?:\s+all)?\s+"
)
_END = r"(?:\W+(?:please|instead|rather|then|now|sorry|thanks|i meant|i mean|not [\w -]+))*\W*$"
_SAID = seldom(
    rf"^\W*(?:{_LEAD}+(?:in|to|at|region|in the|the)?\s*|{_MOVING}(?:in|into|to|at)\s+(?:the\s+|region\s+)?)"
    rf"(?P<place>{_PLACES}|{_REGION})(?:\s+region)?{_END}",
    re.IGNORECASE,
)


def place_said(message: str) -> str | None:
    """The place that is all a message says, as a correction or as where to move; None for every other message."""
    found = _SAID.match(message)
    return found["place"].casefold() if found else None
