"""Sentences that only narrate: "we opened it two years ago", "the agency called", "I'll come back to you about it".

People who write whole mails tell what happened, who said what, and what may come later. Whatever such a sentence names,
it orders nothing: what is wanted is said in another one. It is known by its verb: one in the past that somebody or
something does, or a promise for later. A sentence that wishes for anything is never one of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from alma.core.language.words.seldom import seldom

_PEOPLE = frozenset(
    "i we he she they you nobody somebody someone everybody everyone i've we've he's she's they've you've i'd we'd "
    "they'd it nothing".split()
)
# Past forms that are hardly ever participles of a noun ("a vm called web" is no story).
_PAST = frozenset(
    "was were wasn't weren't had hadn't did didn't went came told asked knew saw felt began broke spoke wrote "
    "fell grew held swore taught understood woke won gave took stood happened died crashed choked stopped started "
    "worked looked complained reported mentioned noticed remembered survived joined hired quit retired resigned "
    "returned announced laughed cried struggled suffered collapsed froze ate hated liked loved paid spent lost "
    "signed approved met heard learned learnt sank rose flew drove picked phoned promised insisted "
    "became remained cleaned".split()
)
# … and those that are nouns as well.
_PAST_OF_PEOPLE = frozenset("thought found left ran sat cut built sold sent felt".split())
# Past forms by which something is settled or taken back: what follows them is wanted.
_SETTLING = frozenset(
    "decided agreed chose chosen settled meant said forgot wanted needed wished missed planned moved switched migrated "
    "requested ordered needed called named required supposed preferred".split()
)
_WISHING = frozenset(
    "need needs want wants like likes should must shall please pls plz let's lets gotta ought prefer prefers rather "
    "require requires wish make give add instead if whether wondering thinking suppose ignore".split()
)
# "An agency that should know better" wishes for nothing.
_RELATIVE = frozenset({"that", "which", "who"})
_MODALS = frozenset({"should", "must", "shall"})
_PASSED_ON = frozenset({"asked", "told", "asks", "tells"})
_HAVING_TO = frozenset("has have had got need needs".split())
_ASKING = frozenset("can could would will may might".split())
_ASKED = frozenset("you we i it they us".split())
_LATER = seldom(
    r"\b(?:i|we)(?:['’]ll| will| am going to|['’]m going to)(?: then| also| just)? "
    r"(?:come back|get back|write|let you know|tell you|ask|be in touch|send|report|check|see|think|talk|call|ping|"
    r"follow up|look into)\b|"
    r"\b(?:maybe|perhaps|possibly|probably|not (?:yet|now)|someday|one day|some day|at some point)\b"
    r".*\b(?:next (?:season|year|month|quarter|week|spring|summer|autumn|fall|winter|term|time)|later|in the future|"
    r"one day|some day|at some point|down the road|another time)\b|"
    r"\b(?:another time|some other time|in the future|down the road)\W*$",
    re.IGNORECASE,
)
_CONCLUDING = seldom(
    r"\b(?:so(?! (?:much|many|far|that|little|often|well|long|slow|fast|bad|good))|therefore|hence|thus)\b",
    re.IGNORECASE,
)
_SHORT = 5
_WHEN = frozenset(
    "in on at after before last yesterday today this back then since when until over during by and but so well hi hey "
    "hello".split()
)
# "We go from 40 to 400 sensors": how much there is of what is no machine.
_GROWTH = seldom(
    r"\b(?:we|they|it)(?:['’]ll| will|['’]re going to| are going to)? (?:go|grow|went|grew|jump|jumped|move|moved) "
    r"from [\w.,]+ to [\w.,]+ (?P<what>[a-z]+(?: [a-z]+){0,2})",
    re.IGNORECASE,
)
_COUNTED = frozenset(
    "server servers node nodes worker workers vm vms replica replicas instance instances machine machines core cores "
    "cpu cpus gig gigs gb tb copies boxes container containers pod pods broker brokers of memory ram disk".split()
)
_BEFORE = seldom(
    r"\b(?:in my (?:last|previous|first|other) (?:mail|email|message|note|letter|ticket|request)|last time|"
    r"(?:a|some) (?:while|time) ago|(?:\w+) (?:days?|weeks?|months?|years?) ago|"
    r"last (?:week|month|year|summer|winter))\b"
)
_MANNER = frozenset(
    "just only even also never always already all both then basically really recently finally simply almost nearly "
    "certainly obviously apparently once".split()
)
_ED = seldom(r"[a-z]{2,}ed", re.IGNORECASE)
_JOINTS = frozenset({",", ";", "and", "but", "so", "then", "-", "–", "—", ":", "("})


def narrates(text: str) -> bool:
    """Whether a sentence, or a clause of one, only tells what happened or what is put off."""
    if _LATER.search(text):
        return not {"please", "pls", "plz"} & set(_words(text))
    words = _words(text)
    if (grown := _GROWTH.search(text)) is not None and not _COUNTED & set(_words(grown["what"])):
        return True
    if ":" in words or _CONCLUDING.search(text):
        return False  # "we got another card: gpu-c, like gpu-a", "we closed the lobby, so both kiosks go"
    return not _wishes(words) and any(_happened(words, place) for place in _first_clause(words))


def _first_clause(words: Sequence[str]) -> range:
    """The places of the first clause, and of the second where the first only says when: an order may stand before a
    story ("take two of them away, four was generous"), but then the sentence does not begin with what happened."""
    joints = [place for place, word in enumerate(words) if word in _JOINTS and place]
    start = joints[0] if joints and joints[0] <= _SHORT and words[0] in _WHEN else 0
    end = next((place for place in joints if place > start), len(words))
    return range(start + 1, end)


def _words(text: str) -> list[str]:
    return re.findall(r"[\w'-]+|[,;:()–—]", text.casefold().replace("’", "'"))


def _wishes(words: Sequence[str]) -> bool:
    """Whether anything is wished for, asked for or settled now: "in my last mail I asked for …" is over."""
    if _BEFORE.search(" ".join(words)):
        words = [
            word for word in words if word not in _PASSED_ON | {"wanted", "requested", "ordered"}
        ]
    said = {
        word
        for before, word in pairwise(("", *words))
        if not (word in _MODALS and before in _RELATIVE)
    }
    if said & (_WISHING | _SETTLING):
        return True
    if said & _PASSED_ON and {"to", "for"} & said:
        return True  # "my boss told me to add a cache"
    for place, word in enumerate(words[:-1]):
        following = words[place + 1]
        if word in _HAVING_TO and following == "to":
            return True
        if word in _ASKING and following in _ASKED:
            return True
    return False


def _happened(words: Sequence[str], place: int) -> bool:
    """Whether the verb of somebody or something in the past stands there."""
    subject = place - 1
    while subject > 0 and words[subject] in _MANNER:
        subject -= 1
    who = words[subject]
    if who in _JOINTS or who in {"that", "which"}:
        return False
    told = _ED.fullmatch(words[place]) is not None or words[place] in _PAST_OF_PEOPLE
    return words[place] in _PAST or (who in _PEOPLE and told)
