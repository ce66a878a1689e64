"""What those get who were counted earlier in the message: `my two daughters study informatics, they each need a vm`,
`our 3 teams work separately: each team has a gitlab and a runner`, `both a blue and a green copy, each being a server`.

Those who are counted right before what each of them gets are told by `apiece`.
"""

from __future__ import annotations

import re

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.vocabulary.terms import Sort
from alma.core.language.wording.listing import listed, several, tagged
from alma.core.language.words.amounts import NUMBER, number_of
from alma.core.language.words.seldom import seldom

_VERB = (
    r"(?:(?:(?:should|must|shall|will|would|is to|needs? to|ought to)\s+)?(?:gets?|have|has|needs?|wants?|receives?|"
    r"requires?|be given|is given|is|be|being|consists? of|consisting of))"
)
_EACH = seldom(
    r"(?P<before>^|[.,;:!(\n–—-]\s*|\b(?:and|so|where|that|then)\s+)"
    rf"(?:(?:each|every)(?:\s+of\s+(?:them|these|those|us|(?:our|the|my|these|their)\s+(?:(?P<n>{NUMBER})\s+)?"
    r"(?P<whom>[a-z][\w-]*))|\s+(?!of\b)(?P<who>[a-z][\w-]*))?|they\s+(?:each|all))"
    rf"\s+(?P<verb>{_VERB})\s+(?=(?:an?|one|1|its own|their own)\s)",
    re.IGNORECASE,
)
_COUNTED = seldom(
    rf"(?<![\w.])(?P<n>{NUMBER})\s+(?:[a-z][\w-]*\s+){{0,2}}?(?P<who>[a-z][a-z-]{{2,}}(?:s|ren|men|people)|of us)\b",
    re.IGNORECASE,
)
_COPIES = seldom(
    r"\bboth\s+an?\s+[a-z][\w-]*\s+and\s+an?\s+[a-z][\w-]*\s+(?P<who>[a-z][\w-]*)\b[^.;\n]*?"
    rf"[,;:.]\s*(?:with\s+)?(?:each|every)(?:\s+(?:(?P=who)|one)(?:\s+of them)?)?\s*(?:{_VERB}|:|,)?\s+"
    r"(?P<things>(?:an?|one|1)\s[^.;\n]+)",
    re.IGNORECASE,
)
_END = seldom(r"[;!?\n]|\.(?!\d)|$")
_BEARERS = {Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE}
_STEM, _MOST = 4, 40


def by_count(message: str, gazetteer: Gazetteer) -> str:
    """The message with so many things in place of what each of those gets."""
    if (copies := _COPIES.search(message)) is not None:
        told = _times(copies["things"], 2, gazetteer)
        if told is not None:
            return f"{message[: copies.start()]}{told}{message[copies.end() :]}"
    for each in _EACH.finditer(message):
        if (said := _told(message, each, gazetteer)) is not None:
            return said
    return message


def _told(message: str, each: re.Match[str], gazetteer: Gazetteer) -> str | None:
    before, rest = message[: each.start()], message[each.end() :]
    number = each["n"]
    if number is None:
        who = _who(before, each["whom"] or each["who"])
        if who is None or any(i.terms.keys() & _BEARERS for i in tagged(who["who"], gazetteer)):
            return None
        number = who["n"]
        before = f"{before[: who.start('n')]}{before[who.end('n') :].lstrip()}"
    end = _END.search(rest)
    until = end.start() if end is not None else len(rest)
    things = _times(rest[:until], number_of(number), gazetteer)
    if things is None:
        return None
    lead = before.rstrip(" ,;.:")
    if each["before"].strip().casefold() in {"where", "that"}:
        return f"{lead}, {things}{rest[until:]}"
    return f"{lead}. I need {things}{rest[until:]}" if lead else f"I need {things}{rest[until:]}"


def _who(before: str, who: str | None) -> re.Match[str] | None:
    """Who was counted last before that, or those that are named again."""
    counted = list(_COUNTED.finditer(before))
    if who is not None and who.casefold() != "one":
        stem = who.casefold()[:_STEM]
        counted = [found for found in counted if found["who"].casefold().startswith(stem)]
    return counted[-1] if counted else None


def _times(text: str, number: int, gazetteer: Gazetteer) -> str | None:
    """A list with so many of each of its things; None where its first is none."""
    things = listed(text, gazetteer)
    if not 1 < number <= _MOST or not things[0].is_thing:
        return None
    return ", ".join(several(thing, number) for thing in things)
