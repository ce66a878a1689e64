"""What leads to a list and asks for nothing itself: `my pi died, so now everything moves to proxmox: a pihole lxc, …`.

Before the colon stands what happened; what is wanted comes after it. Where it should run is kept.
"""

from __future__ import annotations

import re

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.vocabulary.terms import Item, Sort
from alma.core.language.words.tokens import Kind, tokenize

_INTRO = re.compile(r"^(?P<intro>[^:\n]{12,200}):[ \t]*(?P<list>\S.*)$", re.DOTALL)
_STORY = re.compile(
    r"\b(?:died|dies|dying|moves?|moved|moving|going|goes|broke|broken|has|have|had|is|are|was|were|gets?|"
    r"got|comes?|said|says|"
    r"plan(?:s|ning)?|will|should|must|decided|wants?|agreed|finally|so|because|since)\b",
    re.IGNORECASE,
)
_KEPT = re.compile(
    r"\b(?:called|named|name|region|budget|under|below|max(?:imum)?|each|all)\b|[\"'][^\"']+[\"']",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"\b(?:need|require|order|create|deploy|set up|add|build|want|give|provision)\w*\b",
    re.IGNORECASE,
)
_THINGS = {Sort.TYPE, Sort.SOFTWARE, Sort.COMPUTE, Sort.PRODUCT, Sort.ROLE}
_FEWEST = 2


def without_intro(message: str, gazetteer: Gazetteer) -> str:
    """The list alone, as a request; the message where its beginning may say what is wanted."""
    found = _INTRO.match(message)
    if found is None or _KEPT.search(found["intro"]) or _WISH.search(found["intro"]):
        return message
    if not _STORY.search(found["intro"]):
        return message
    intro, listed = _items(found["intro"], gazetteer), _items(found["list"], gazetteer)
    again = {item.norm for item in listed}
    things = [item for item in intro if Sort.ENGINE not in item.terms and item.norm not in again]
    if any(item.terms.keys() & _THINGS for item in things):
        return message
    if any(item.kind in {Kind.NUMBER, Kind.SIZE, Kind.MONEY, Kind.REGION} for item in intro):
        return message
    if sum(bool(item.terms.keys() & _THINGS) for item in listed) < _FEWEST:
        return message
    engine = next((item.text for item in intro if Sort.ENGINE in item.terms), None)
    return f"I need {found['list']}" + (f". Everything on {engine}." if engine else "")


def _items(text: str, gazetteer: Gazetteer) -> tuple[Item, ...]:
    return gazetteer.tag(gazetteer.prepare(tokenize(text)).tokens)
