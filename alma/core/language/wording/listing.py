"""Lists of things in text, cut into what is told of each: `a web VM with 2 cores and 4GB, and a Postgres` are two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.vocabulary.terms import Item, Sort
from alma.core.language.wording.environments import environment_named
from alma.core.language.words.amounts import NUMBER, number_of
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, tokenize

ENVIRONMENT = (
    r"(?:dev(?:elopment)?|test(?:ing)?|qa|uat|stag(?:ing|e)|pre-?prod(?:uction)?|prod(?:uction)?|live|integration|demo|"
    r"sandbox|acceptance|training|canary)"
)
THINGS = {Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE, Sort.GROUP, Sort.PRODUCT, Sort.ROLE}
_JOINT = seldom(
    r"\s*,\s*(?:(?:and|plus)\s+)?|\s+(?:and|plus|\+|&|as well as|along with)\s+(?:also\s+)?"
)
_JOINED = seldom(r"\s*,\s*(?:and\s+)?|\s+(?:and|&)\s+")
_OWN = seldom(
    rf"^(?P<n>an?\s+(?:single|dedicated|separate)|(?:its|their|his|her)\s+(?:very\s+)?own|an?|another|{NUMBER})\s+(?:own\s+)?(?=\S)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One thing of a list: how often, and its words without the number. `is_thing` is not so where only what a thing
    has is told, and `counted` where its number or an article is."""

    count: int
    text: str
    is_thing: bool
    counted: bool = False


def environment_of(name: str, gazetteer: Gazetteer) -> str | None:
    """The environment that a name stands for."""
    items = tagged(name, gazetteer)
    return environment_named(items[0]) if len(items) == 1 else None


def parts_of(text: str) -> list[str]:
    """The names or phrases of `a, b and c`."""
    return [part for part in _JOINED.split(text) if part]


def line_for(environment: str, told: str) -> str:
    """What an environment gets, as a line of its own; "test:" would be the name of what follows."""
    return f"{'testing' if environment == 'test' else environment}: {told}"


def tagged(text: str, gazetteer: Gazetteer) -> Sequence[Item]:
    """The words of a text with what they can mean."""
    return gazetteer.tag(gazetteer.prepare(tokenize(text)).tokens)


def several(thing: Listed, times: int = 1) -> str:
    """The thing with its number, so many times."""
    return f"{thing.count * times} {thing.text}" if thing.is_thing else thing.text


def listed(text: str, gazetteer: Gazetteer) -> list[Listed]:
    """The things of a list; what does not begin with one belongs to the thing before it."""
    joints = [found.end() for found in _JOINT.finditer(text) if not _inside(text, found.start())]
    places = [0, *joints, len(text)]
    heads = [(begin, cut(text[begin:end], gazetteer)) for begin, end in pairwise(places)]
    begun = [(begin, head) for begin, head in heads if head is not None or not begin]
    ends = [*(begin for begin, _ in begun[1:]), len(text)]
    return [
        Listed(
            head[0] if head is not None else 1,
            _trimmed(text[begin + (head[1] if head is not None else 0) : end]),
            head is not None,
            head is not None and head[1] > 0,
        )
        for (begin, head), end in zip(begun, ends, strict=True)
    ]


def _trimmed(text: str) -> str:
    return re.sub(r"\s*(?:,\s*)?(?:\b(?:and|plus|as well as|along with)|[+&,])?\s*$", "", text)


def _inside(text: str, place: int) -> bool:
    return text.count("(", 0, place) > text.count(")", 0, place)


def cut(text: str, gazetteer: Gazetteer) -> tuple[int, int] | None:
    """How many of a thing are told there, and how long the words are that say so; None where no thing begins."""
    number = _OWN.match(text)
    rest = text[number.end() :] if number is not None else text
    items = tagged(rest, gazetteer)
    if not _heads(items, counted=number is not None):
        return None
    count = number_of(number["n"]) if number is not None else 1
    return count, number.end() if number is not None else 0


def _heads(items: Sequence[Item], *, counted: bool) -> bool:
    """Whether the phrase that begins there is of a thing, and not of what a thing has."""
    for item in items:
        if item.kind is Kind.SIZE and counted and items[-1].norm == "volume":
            continue
        if item.kind is not Kind.WORD or item.norm in {"with", "for", "of", "on", "in", "at"}:
            return False
        if item.terms.keys() & THINGS:
            return counted or Sort.SOFTWARE in item.terms or Sort.TYPE in item.terms
        if Sort.ATTRIBUTE in item.terms or not (counted or item.terms):
            return False
    return False
