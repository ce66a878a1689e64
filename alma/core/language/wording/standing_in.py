"""A number that stands for a thing which was named before: `give the shop two servers and the office one with 16GB`,
`a VM with 8 cores, and one half that size`, `a VM with a public IP and one without`.

The number is told with what it counts, and who gets it is what it is for. Clauses of one form are told by `gapped`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.vocabulary.terms import Sort
from alma.core.language.wording.listing import tagged
from alma.core.language.words.amounts import NUMBER, UNIT
from alma.core.language.words.seldom import seldom

_WHO = r"(?:(?:the|our|my|his|her|their|your)\s+(?:[\w'’-]+\s+){0,2}?[\w'’-]+|[A-Za-z][\w'’-]*)"
_VERB = r"(?:gets?|needs?|has|have|wants?|requires?|should\s+(?:get|have)|will\s+(?:get|have|need)|must\s+have)"
_THING = (
    rf"(?P<n>an?|{NUMBER})\s+(?P<kind>(?:[\w.-]+\s+){{0,2}}?)(?P<noun>[a-z][\w-]*)(?=\s|[,.;:()]|$)"
)
_FIRST = seldom(
    rf"(?:(?:\b(?:please\s+)?(?:give|get|assign|order)\s+)(?P<whom>{_WHO})|(?<!\w)(?P<who>{_WHO})\s+{_VERB})\s+{_THING}",
    re.IGNORECASE,
)
_LATER = seldom(
    rf"(?P<joint>[,;.]\s*(?:and\s+|but\s+|while\s+)?|\s+(?:and|while|but)\s+)(?:give\s+)?(?P<who>{_WHO})\s+"
    rf"(?:{_VERB}\s+)?(?P<n>another|{NUMBER})(?:\s+ones?)?"
    r"(?=\s*(?:[,;.)!](?!\d)|$)|\s+(?:with(?:out)?|half|twice|that|and|for)\b)",
    re.IGNORECASE,
)
_ONE = seldom(
    r"(?P<joint>[,;]\s*(?:and\s+|plus\s+)?|\s+(?:and|plus)\s+)(?P<n>one|another|a second|two|three|\d)(?:\s+ones?)?"
    r"(?=\s+(?:without|half|twice)\b)",
    re.IGNORECASE,
)
_NAMED = seldom(
    rf"(?<![\w-]){_THING.replace('(?P<n>an?|', '(?P<n>an?|another|a second|')}", re.IGNORECASE
)
_SIZE = r"(?:size|specs?|power|amount|resources|capacity)"
_RELATIVE = seldom(
    rf"[\s,]*\b(?:(?:of|at|with|that is|which is)\s+)?(?:(?P<half>half)|(?P<twice>twice|double))\s+"
    rf"(?:(?:of\s+)?(?:that|the|its|this)\s+{_SIZE}|"
    r"as\s+(?:big|large|much|powerful|strong)(?:\s+as\s+(?:that|his|hers|the first))?)",
    re.IGNORECASE,
)
_AMOUNT = seldom(
    rf"(?P<n>\d+(?:\.\d+)?)(?P<unit>\s?{UNIT})\b",
    re.IGNORECASE,
)
_ONESELF = frozenset("i we me us".split())
_HEADS = {Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE}
_MEANING = _HEADS | {Sort.ATTRIBUTE, Sort.IMAGE}


def named_again(message: str, gazetteer: Gazetteer) -> str:
    """The message with every number of things told with what they are."""

    def thing(word: str) -> bool:
        return bool(_terms(word, gazetteer) & _HEADS)

    def person(words: str) -> bool:
        return not _terms(words.rsplit(maxsplit=1)[-1], gazetteer) & _MEANING

    message = _gapped(message, thing, person)
    message = _ones(message, thing)
    return _relative(message, thing)


def _terms(word: str, gazetteer: Gazetteer) -> set[Sort]:
    return {sort for item in tagged(word, gazetteer) for sort in item.terms}


def _gapped(message: str, thing: Callable[[str], bool], person: Callable[[str], bool]) -> str:
    first = next((f for f in _FIRST.finditer(message) if thing(f["noun"])), None)
    if first is None:
        return message
    later = [f for f in _LATER.finditer(message, first.end()) if person(f["who"])]
    if not later:
        return message
    begin = first.start()
    told = [_part(f"{first['n']} {first['kind']}{first['noun']}", first["whom"] or first["who"],
                  message[first.end() : later[0].start()])]  # fmt: skip
    for number, found in enumerate(later):
        end = later[number + 1].start() if number + 1 < len(later) else len(message)
        count = "1" if found["n"].casefold() in {"one", "another"} else found["n"]
        noun = _form(first["noun"], single=count == "1")
        told.append(_part(f"{count} {noun}", found["who"], message[found.end() : end]))
    return f"{message[:begin]}I need {', '.join(told)}".strip()


def _part(what: str, who: str, rest: str) -> str:
    """A number of things, what is said of them, and whom they are for."""
    said, end = re.match(r"(?s)(.*?)(\s*(?:[.;!]\s.*|[.!]?\s*))$", rest).groups()  # type: ignore[union-attr]
    whom = "" if who.casefold() in _ONESELF else f" for {who}"
    return f"{what}{said.rstrip(' ,')}{whom}{end}"


def _form(noun: str, *, single: bool) -> str:
    plural = noun.casefold().endswith("s") and not noun.casefold().endswith(
        ("ss", "redis", "postgres")
    )
    if single and plural:
        return re.sub(r"(?<=x)es$|s$", "", noun, flags=re.IGNORECASE)
    return noun if single or plural else f"{noun}s"


def _ones(message: str, thing: Callable[[str], bool]) -> str:
    """`and one without`: one more of what was named last."""
    found = _ONE.search(message)
    named = _last_named(message[: found.start()], thing) if found is not None else None
    if found is None or named is None:
        return message
    noun = _form(named["noun"], single=found["n"].casefold() in {"one", "another", "a second", "1"})
    return f"{message[: found.start()]}{found['joint']}{found['n']} {noun}{message[found.end() :]}"


def _last_named(text: str, thing: Callable[[str], bool]) -> re.Match[str] | None:
    return next((f for f in reversed(list(_NAMED.finditer(text))) if thing(f["noun"])), None)


def _relative(message: str, thing: Callable[[str], bool]) -> str:
    """`one VM half that size`: with half of each amount that the one before has."""
    found = _RELATIVE.search(message)
    things = (
        [f for f in _NAMED.finditer(message[: found.start()]) if thing(f["noun"])] if found else []
    )
    if found is None or len(things) < 2:
        return message
    factor = 0.5 if found["half"] else 2.0
    said = list(_AMOUNT.finditer(message, things[-2].end(), things[-1].start()))
    if not said:
        return message
    amounts = [f"{_scaled(each, factor)}{each['unit']}" for each in said]
    return f"{message[: found.start()]} with {' and '.join(amounts)}{message[found.end() :]}"


def _scaled(amount: re.Match[str], factor: float) -> str:
    value = float(amount["n"]) * factor
    counted = re.search(r"cpu|core", amount["unit"], re.IGNORECASE) is not None
    return f"{math.ceil(value) if counted else value:g}"
