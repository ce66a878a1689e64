"""What people tell of themselves beside a wish: `we teach databases next term`, `our tool goes live in May`.

A sentence that names nothing new (no program, no number of things, no thing with "a") asks for nothing, if another
sentence does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.vocabulary.terms import Item, Sort
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, tokenize

_SENTENCE = seldom(r"[^.!?\n]*(?:\.\d[^.!?\n]*)*(?:[.!?\n]+|$)")
_TELLING = seldom(
    r"^\W*(?:(?:hi|hello|hey|morning|so|ok|well|and|but|actually|basically)\b[\s,!]*)*"
    r"(?:we|i|our|my|the|this|these|each|every|all|they|it|he|she|people|customers|users|students|"
    r"currently|last|next|today)\b",
    re.IGNORECASE,
)
_WISH = seldom(
    r"\b(?:need\w*|want\w*|like|love|require\w*|get|gets|give|create|set up|add|build|make|run|runs|host|"
    r"deploy|should|must|please|"
    r"call\w*|name\w*|order|use|using|have to|put|no|not|without|behind|public|private|internal|backup\w*|"
    r"backed|same|both|"
    r"each|every|all of|rest|others?|keep|kept|store\w*|save\w*|ha|available|redundan\w*)\b",
    re.IGNORECASE,
)
# What people do for others, day after day: "we host WordPress for clients".
_TRADE = seldom(
    r"^\W*(?:(?:hi|hello|hey|so|ok|well|basically)\b[\s,!]*)*(?:we|i)(?:'re| are|'m| am)?(?: mostly| mainly| "
    r"currently| already| usually)? "
    r"(?:host|hosting|run|running|build|building|make|making|sell|selling|offer|offering|develop|"
    r"developing|maintain|maintaining|manage|managing|operate|operating|design|designing|rent out|look after)\b"
    r"[^.!?\n,;:]*? (?:for|to)(?: (?:our|my|other|some|many|several|local|small|different|various))*"
    r" (?!backups|sites|servers|websites|tests)[a-z-]+(?:s|men|people|folk)\W*$",
    re.IGNORECASE,
)
_THINGS = {Sort.TYPE, Sort.COMPUTE, Sort.PRODUCT, Sort.GROUP, Sort.ROLE}
_NEW = {"a", "an", "one", "some", "another"}
_TALKED_OF = {Sort.SOFTWARE, Sort.IMAGE, Sort.ENGINE, Sort.ATTRIBUTE}
_AMOUNTS = {
    Kind.NUMBER,
    Kind.SIZE,
    Kind.MONEY,
    Kind.REGION,
    Kind.CIDR,
    Kind.ADDRESS,
    Kind.IMAGE,
    Kind.QUOTED,
}


def without_remarks(message: str, gazetteer: Gazetteer) -> str:
    """The message without such sentences; the whole of it where nothing else names anything."""
    sentences = [found[0] for found in _SENTENCE.finditer(message) if found[0]]
    if len(sentences) < 2:
        return message
    if not any(map(_may_be_told, sentences)):
        return message
    items = [gazetteer.tag(gazetteer.prepare(tokenize(each)).tokens) for each in sentences]
    told = [_is_told(text, said) for text, said in zip(sentences, items, strict=True)]
    wanted = any(_names(said) for said, aside in zip(items, told, strict=True) if not aside)
    if not wanted or not any(told):
        return message
    return "".join(text for text, aside in zip(sentences, told, strict=True) if not aside)


def _may_be_told(text: str) -> bool:
    return _tells_trade(text) or (_TELLING.match(text) is not None and _WISH.search(text) is None)


def _tells_trade(text: str) -> bool:
    return _TRADE.match(text) is not None


def _is_told(text: str, items: Sequence[Item]) -> bool:
    """Whether a sentence speaks of things without introducing any."""
    spoken = any(item.terms.keys() & (_THINGS | _TALKED_OF) for item in items)
    if not spoken or not _may_be_told(text):
        return False
    if any(item.kind in _AMOUNTS for item in items):
        return False
    if not _tells_trade(text) and any(item.terms.keys() & _TALKED_OF for item in items):
        return False
    return not any(item.norm in _NEW for item in items)


def _names(items: Sequence[Item]) -> bool:
    return any(item.terms.keys() & (_THINGS | {Sort.SOFTWARE}) for item in items)
