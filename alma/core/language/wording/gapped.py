"""What several get, one after the other, where all but the first leave words out: `dev gets one VM, staging two with
4GB`, `the gateway tier needs 2 VMs, the application tier 5`, `in test one VM, in production three`.

Environments are told line by line. A tier says what its machines are, and a team only whom they are for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.vocabulary.terms import Sort
from alma.core.language.wording.listing import (
    cut,
    environment_of,
    line_for,
    tagged,
)
from alma.core.language.words.amounts import NUMBER, UNIT, number_of
from alma.core.language.words.seldom import seldom

_VERB = (
    r"(?:(?:(?:should|must|will|would)\s+)?(?:gets?|needs?|wants?|has|have|requires?|receives?|takes?|"
    r"consists? of|compris(?:es|e))|runs? on|sits? on|lives? on|is|"
    r"(?:we|i)(?:\s+(?:need|want|would like|have)|['’]d (?:like|want))|there (?:should be|is|are|will be))"
)
_STOP = (
    r"(?:with|of|and|or|each|all|both|which|that|where|we|i|you|they|it|he|she|an?|from|is|are|please|also|"
    r"so|but|as|this|these|those|there|plus|to|by|than|per|only|just|about|behind|running|using|called|named)\b"
)
_SUBJECT = seldom(
    rf"^\W*(?P<place>(?:(?:in|for|on)\s+)?)(?:the\s+|our\s+|my\s+)?(?P<who>(?!{_STOP}|{_VERB}\b|{NUMBER}\b)[a-z][\w-]*"
    rf"(?:\s+(?!{_STOP}|{_VERB}\b|{NUMBER}\b|for\b|in\b|on\b)[a-z][\w-]*){{0,2}}),?"
    rf"(?P<verb>\s+{_VERB})?\s+(?:(?:only|just)\s+)?(?P<n>{NUMBER}|an?)(?![\w.,]*\d|[a-z%])(?P<what>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_PARTS = seldom(
    r"(\.\s+|\.$|;\s*|\n+|\s*,\s*(?:(?:and|while|whereas|but)\s+)?|\s+(?:and|while|whereas)\s+)",
    re.IGNORECASE,
)
_NOUN = seldom(
    r"^\s*(?P<noun>[^,;(]*?)(?=\s+(?:with|for|of|on|in|at|running|having|each|and)\b|\s*[,;(.]|\s*$)",
    re.IGNORECASE,
)
_TIER = seldom(r"\s+(?:tier|layer|level)$", re.IGNORECASE)
_ELIDED = seldom(r"^\s*(?:$|(?:with|of|at|having|on|running|ones?|each)\b|[.,;(])", re.IGNORECASE)
_LEAD = seldom(r"^(?:[^:\n]{0,80}:\s*)(?=[a-z])", re.IGNORECASE)
_TELLING = seldom(
    r"^(?>.*?\b(?:needs?|gets?|has|have|wants?|requires?|takes?|consists|in|for|on|is)\b)"
    rf".*?\b(?:{NUMBER}|an?)\b",
    re.IGNORECASE | re.MULTILINE,
)
_THINGS = {
    Sort.TYPE,
    Sort.SOFTWARE,
    Sort.COMPUTE,
    Sort.GROUP,
    Sort.PRODUCT,
    Sort.ENGINE,
    Sort.IMAGE,
}
_ALL = seldom(
    rf"^\W*(?:both|all|each|they (?:all|both)|every one)(?: of them)?(?:\s+also)?\s+{_VERB}\s+"
    rf"(?=(?:an?|{NUMBER}|their|its)\s)",
    re.IGNORECASE,
)
# "QA the same", "staging gets exactly the same", "the same again for staging".
_SAME = seldom(
    rf"^\W*(?:(?:the\s+|our\s+)?(?P<who>(?!{_STOP}|{_VERB}\b)[a-z][\w-]*)\s+(?:(?:{_VERB})\s+)?"
    r"(?:exactly\s+|just\s+)?the same(?:\s+(?:things?|again|setup|set))?|"
    r"(?:exactly\s+)?the same(?:\s+(?:things?|again|setup|set|once more))?\s+"
    r"(?:for|in|on)\s+(?:the\s+|our\s+)?(?P<whom>[a-z][\w-]*))\s*$",
    re.IGNORECASE,
)
_OF_THEM = seldom(r"^\s*(?:ones?\b|of (?:them|those|these)\b)", re.IGNORECASE)
_AMOUNT = seldom(
    rf"\b(?:needs?|gets?|has|with|wants?|requires?|takes?)\s+\d+\s?(?P<unit>{UNIT})(?![\w-])",
    re.IGNORECASE,
)
# "Grafana needs 2 cores, Prometheus 4": the number is of what the first was said to need.
_BARE = seldom(
    rf"(?P<before>[,;]\s*(?:and\s+)?|\s+and\s+)(?P<who>(?:the\s+)?(?!{_STOP}|{_VERB}\b)[a-z][\w-]*(?:\s+(?!{_STOP}|{_VERB}\b)[a-z][\w-]*)?)"
    r"\s+(?P<n>\d{1,3})(?=\s*(?:[,;.!)]|$|\n|\s+and\b))",
    re.IGNORECASE,
)
_SENTENCE = seldom(r"\.(?:\s|$)|\n")
_LEAST, _MOST = 2, 12


@dataclass(slots=True)
class _Told:
    """Who gets how many of what."""

    who: str
    number: str
    what: str
    verb: bool
    place: bool


def ungapped(message: str, gazetteer: Gazetteer) -> str:
    """The message with what each gets told in full; the message where nothing is told so."""
    if _TELLING.search(message) is None:
        return message
    lead = _LEAD.match(message)
    begin = lead.end() if lead is not None else 0
    told, rest = _parsed(message[begin:])
    if not _alike(told, gazetteer):
        return _with_units(message)
    environments = [env for each in told if (env := environment_of(each.who, gazetteer))]
    sections = len(set(environments)) == len(told)
    if not sections and (told[0].place or any(_is_thing(each.who, gazetteer) for each in told)):
        return _with_units(message)
    before = message[:begin].strip(" :")
    if sections:
        lines = zip(environments, told, strict=True)
        each = [f"{line_for(name, one.number + one.what)}." for name, one in lines]
        return " ".join([*([f"{before}."] if before else []), *rest, *each])
    wishes = ", ".join(_wish(each, gazetteer) for each in told)
    return " ".join([f"{before}:" if before else "I need", f"{wishes}.", *rest])


def _alike(told: Sequence[_Told], gazetteer: Gazetteer) -> bool:
    """Whether several get things, the first of them in a whole clause. Puts the noun where only its number was said."""
    if not _LEAST <= len(told) <= _MOST or not (told[0].verb or told[0].place):
        return False
    if any(each.place and not told[0].place for each in told):
        return False
    _fill(told)
    return all(cut(f"{each.number}{each.what}", gazetteer) is not None for each in told)


def _with_units(message: str) -> str:
    """`Grafana needs 2 cores, Prometheus 4` with the unit of the second, too."""
    first = _AMOUNT.search(message)
    if first is None:
        return message
    after = message[first.end() :]
    end = _SENTENCE.search(after)
    rest = after[: end.start()] if end is not None else after
    told = _BARE.sub(rf"\g<before>\g<who> with \g<n> {first['unit']}", rest)
    return message[: first.end()] + told + after[len(rest) :]


def _parsed(text: str) -> tuple[list[_Told], list[str]]:
    """Who gets what, in their order, and the sentences beside it."""
    told: list[_Told] = []
    rest: list[str] = []
    common: list[str] = []
    parts = _PARTS.split(text)
    before = "."
    for part, joint in zip(parts[::2], [*parts[1::2], ""], strict=True):
        found, all_ = _SUBJECT.match(part), _ALL.match(part)
        same = _SAME.match(part) if told else None
        if same is not None:
            told.append(replace(told[-1], who=same["who"] or same["whom"]))
        elif told and all_ is not None:
            common.append(part[all_.end() :])
        elif found is not None:
            what = found["what"].rstrip()
            told.append(
                _Told(found["who"], found["n"], what, bool(found["verb"]), bool(found["place"]))
            )
        elif told and not (before.strip().startswith(".") or "\n" in before):
            told[-1].what += f"{before}{part}"
        elif part.strip():
            rest.append(f"{part.strip()}.")
        before = joint
    for each in told:
        each.what += "".join(f", {what}" for what in common)
    return told, rest


def _is_thing(who: str, gazetteer: Gazetteer) -> bool:
    return any(item.terms.keys() & _THINGS for item in tagged(_TIER.sub("", who), gazetteer))


def _fill(told: Sequence[_Told]) -> None:
    """Puts the noun where only its number was said."""
    noun = ""
    for each in told:
        if noun and _ELIDED.match(each.what):
            each.what = f" {noun}{_OF_THEM.sub('', each.what)}"
        elif (found := _NOUN.match(each.what)) is not None:
            noun = found["noun"]


def _wish(each: _Told, gazetteer: Gazetteer) -> str:
    who = _TIER.sub("", each.who)
    role = who != each.who or any(Sort.ROLE in item.terms for item in tagged(who, gazetteer))
    number = f"{number_of(each.number)}"
    if role:
        return f"{number} {who}{each.what}"
    noun = _NOUN.match(each.what)
    end = noun.end() if noun is not None else 0
    return f"{number}{each.what[:end]} for {who}{each.what[end:]}"
