"""The answer to "which one do you mean: a or b?" that chooses without a name: "the first", "both", "the bigger one".

The request is put again with the names in the place of the words that could mean any of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.followups.mentions import naming
from alma.core.language.parsing.phrases import Phrase
from alma.core.language.parsing.selecting import BIG, ORDINALS, SMALL, select
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Resource

_LEAD = (
    r"^\W*(?:(?:oh|uh|um|well|hm+|sorry|please|just|only|make it|that would be|it'?s|i mean|i meant|i'?d say|obviously|"
    r"of course|go with|take|for|on|to|of|in|and|also|use)\b\W*)*"
)
_TAIL = r"(?:\W+(?:please|pls|thanks|thx|of course|obviously|then|only|i mean|i guess))*\W*$"
_ALL = seldom(
    _LEAD + r"(?:both|all(?: (?:\d+|two|three|four|five))?|each|every ?one|either|any(?: of)?)"
    r"(?:(?: of)? (?:them|these|those|it|the \w+|you (?:said|named|listed)))?" + _TAIL,
    re.IGNORECASE,
)
_ONE = seldom(
    _LEAD + r"(?:the )?(?:very )?(?P<which>[\w-]+)(?: (?P<number>two|2|three|3))?"
    r"(?: (?:ones?|databases?|db|server|vm|container|cache|of (?:them|these|those|the \w+)))?"
    + _TAIL,
    re.IGNORECASE,
)
# "I mean the last one, immich": by its place and its name at once.
_BY_NAME = seldom(
    _LEAD + r"(?:the )?(?P<which>[\w-]+)(?: one)?\W+(?P<name>[\w.-]+)" + _TAIL, re.IGNORECASE
)
_THE_ONE = seldom(
    _LEAD + r"the [\w-]+ (?:one|database|db|server|vm|container|cache)" + _TAIL, re.IGNORECASE
)
_WHICH = {**ORDINALS, "former": 0, "latter": -1}
_NUMBERS = {"two": 2, "2": 2, "three": 3, "3": 3}
_FILLING = frozenset(
    "the and both please one for to on of i mean meant just only it's that's of course obviously sorry oh server "
    "servers vm vms machine container database db service of them then one called named name is with".split()
)
_SHORTEST = 3
_NUMBER = seldom(r"-\d+$")
_POINTING = seldom(r"\b(?:it|that|this|one)\b", re.IGNORECASE)


def chooses(answer: str) -> bool:
    """Whether a message may be such an answer."""
    found = _ONE.match(answer) or _BY_NAME.match(answer)
    known = found is not None and found["which"].casefold() in {*_WHICH, *BIG, *SMALL}
    one = _THE_ONE.match(answer) is not None
    return known or one or _ALL.match(answer) is not None


def chosen(answer: str, among: Sequence[str], resources: Sequence[Resource]) -> Sequence[str]:
    """The names that an answer chooses, in their order; none where it chooses in no such way."""
    if _ALL.match(answer):
        return among
    if named := _named(answer, among):
        return named
    found = _ONE.match(answer)
    word = found["which"].casefold() if found else ""
    if found is None or not among:
        return ()
    if word in _WHICH:
        return _counted(among, _WHICH[word], _NUMBERS.get((found["number"] or "").casefold(), 1))
    known = [r for r in resources if r.name in among]
    if word in BIG | SMALL:
        return [r.name for r in select(Phrase(selector=word), known, ())]
    fitting = [r.name for r in known if _runs(r, word)]
    return fitting if len(fitting) == 1 else ()


def _runs(resource: Resource, word: str) -> bool:
    """Whether a resource is of that kind, or runs what is called so, at least for short: `mongo` for MongoDB."""
    if len(word) < _SHORTEST:
        return False
    runs = [each.casefold() for each in (resource.engine, resource.image) if each]
    return word == resource.type or any(
        each.startswith(word) or (word.startswith(each) and each.isalpha()) for each in runs
    )


def misplaced(answer: str, among: Sequence[str]) -> bool:
    """Whether an answer names another than stands at the place that it says: "the first one, b" of a and b."""
    named = set(_named(answer, among))
    said = {word for word in re.findall(r"[\w'-]+", answer.casefold()) if word in _WHICH}
    placed = {name for word in said - named for name in _counted(among, _WHICH[word], 1)}
    return bool(named and placed) and named != placed


def _named(answer: str, among: Sequence[str]) -> Sequence[str]:
    """The names that are all an answer says."""
    left, found = answer, []
    for name in sorted(among, key=len, reverse=True):
        pattern = naming(name)
        if pattern.search(left):
            found.append(name)
            left = pattern.sub(" ", left)
    rest = set(re.findall(r"[\w'-]+", left.casefold())) - _FILLING
    return [name for name in among if name in found] if rest <= _WHICH.keys() else []


def _counted(among: Sequence[str], start: int, number: int) -> Sequence[str]:
    if start < 0:
        return among[-number:]
    return among[start : start + number]


def put_again(request: str, about: str, names: Sequence[str]) -> str:
    """The request about these, in the place of the words that could mean any of them."""
    said = listed(list(names))
    for what in filter(None, (about, *about.split(), _NUMBER.sub("", names[0]))):
        words = r"\s+".join(map(re.escape, what.split()))
        pattern = re.compile(
            rf"(?:\b(?:the|my|our|a|an|one of the|this|that)\s+(?:(?!of|for|on|in|to)\w+\s+)?)?\b{words}\b",
            re.IGNORECASE,
        )
        if pattern.search(request):
            return pattern.sub(said, request, count=1)
    if _POINTING.search(request):
        return _POINTING.sub(said, request, count=1)
    return f"{request} for {said}"
