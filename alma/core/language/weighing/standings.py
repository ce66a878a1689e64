"""How a clause of a first request stands to what should be made: asked for, told of, asked about, refused, or open.

What others suggested, what was wanted once, what stays where it is and what may come next year are told. Only words
that leave little doubt count as such: a clause that merely describes ("orders are kept in postgres") stays open.
"""

from __future__ import annotations

import re
from enum import StrEnum

from alma.core.language.intent.clausing import CREATING, Clausing
from alma.core.language.words.seldom import Seldom, seldom
from alma.core.language.words.tokens import tokenize


class Standing(StrEnum):
    """How a clause stands to what should be made."""

    WANTED = "wanted"
    OPEN = "open"
    TOLD = "told"
    ASKED = "asked"
    REFUSED = "refused"


_MONTHS = "january|february|march|april|june|july|august|september|october|november|december"
_SEASONS = f"week|month|year|sprint|quarter|season|summer|spring|autumn|winter|{_MONTHS}"
_NUMBERS = r"an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|\d+"


def _any(*patterns: str) -> Seldom:
    return seldom(rf"\b(?:{'|'.join(patterns)})", re.IGNORECASE)


# Who wishes, and has not taken it back.
_WISHED = _any(
    r"(?:please|pls|plz)\b",
    r"what (?:i|we)(?:'d| would)? (?:really |actually )?(?:like|need|want|have to provide|have in mind)\b",
    r"(?:i|we)(?:'d| would| do|'ll)? (?:\w+ )?(?:(?:much|far) )?(?:rather|need|want|like|love|require|prefer)\b",
    r"let(?:'s| us)\b",
    r"(?:the|our|my) (?:idea|plan|goal|request|wish|order) (?:is|would be)\b",
    r"i(?:'d| would) say\b",
    r"(?:will|would|should|'ll) (?:do|be (?:\w+ )?(?:fine|enough|okay?|plenty|perfect|great|handy|nice|good|"
    r"useful|helpful|lovely|appreciated|welcome))\b",
    r"(?:agreed|settled|decided) on\b",
    r"i(?:'m| am) thinking of\b",
    r"(?:asked|asking|ask you) (?:for|to provide)\b",
    r"(?:name|call|make|give) (?:it|them|that|this|each|him|her)\b",
    r"(?:could|can|may) (?:i|we|you)\b",
    r"(?:go|going|went) with\b",
    r"(?:is|are) (?:required|preferred|mandatory|needed|a must)\b",
)
_SUFFICES = seldom(
    rf"^\W*(?:[\w']+ ){{0,3}}?(?:{_NUMBERS}) [^,.;]{{3,60}}? (?:is|are) "
    r"(?:enough|plenty|fine|sufficient|all (?:i|we) need)\b",
    re.IGNORECASE,
)
# Who only wants to know, or says that nothing is to be made.
_NOTHING = _any(
    r"nothing (?:to be |has to be |should be )?(?:set up|built|made|deployed|created|changed)\b",
    r"(?:don't|do not|not|didn't) (?:want|need|have to|build|create|deploy|set up|make) (?:\w+ )?anything\b",
    r"no need to (?:build|set up|create|deploy|do) (?:\w+ )?anything\b",
    r"(?:it's|this is|that's) (?:only|just) (?:a question|for (?:a|the|my) (?:slide|talk|homework|report))\b",
)
# "The lab needs two VMs": who needs something new, and is none of those that were spoken of before.
_THEY_NEED = seldom(
    rf"^(?:[^:]{{0,40}}:)?\W*(?:(?:so|and|but|well|now)\W+)*"
    rf"(?!(?:he|she|they|who|which|that|nobody|somebody|someone)\b)[\w' -]{{3,50}}? "
    rf"(?:needs|requires|requests|wants)(?: to have)? (?:{_NUMBERS}) ",
    re.IGNORECASE,
)
_IT_IS = seldom(
    rf"^\W*(?:(?:so|then|well|ok|okay)\W+)*(?:(?:{_NUMBERS}) [^,.]{{3,40}} it is\b|"
    rf"(?:(?!is\b|are\b|was\b|wh\w+\b|how\b|as\b|than\b|that\b)[\w.-]+ ){{1,5}}it is\W*$)",
    re.IGNORECASE,
)
_WHAT_IS = seldom(
    rf"^\W*(?:(?:so|and|but|well|now)\W+)*what(?:'s|\b)[^.,:;?]{{2,50}}? (?:is|are|would be):? (?:{_NUMBERS}) ",
    re.IGNORECASE,
)
_NO_WISH = _any(
    r"(?:i|we) (?:really |actually |still )?(?:don't|do not|didn't|never|can't|won't) (?:\w+ )?"
    r"(?:need|want|like|see|have)\b"
)
_NEEDED = _any(
    r"(?:needs?|needed|wants?|require[sd]?|requires|should|must|has to|have to|ha(?:s|ve) got to|ought|required|"
    r"request\w*|ordered|shall)\b"
)
# What was, might have been, or was thought of for a while.
_PAST = _any(
    r"(?:was|were) (?:about|going|thinking|considering|planning)\b",
    r"(?:would(?: have|'ve|n't have)|'d have)\b",
    r"(?:had|'d) (?:hoped|planned|wanted|thought|considered)\b",
    r"(?:i|we)(?: \w+)? wanted\b(?! to\b)",
    r"i (?:know i )?(?:first |once |originally )?(?:thought|hoped|said|asked|wondered|considered)\b",
    r"i(?:'ve)? (?:told|convinced|persuaded|talked|spoke|read|heard|learned|learnt|watched|looked|wrote)\b",
    r"(?:used to|turned? (?:\w+ )?down|had (?:a|an|some|the)|first (?:thought|wanted|planned))\b",
)
# What the person did: no order, unless a need is told with it.
_DID = seldom(
    r"^\W*(?:(?:and|so|but|yes|well|also)\W+)*(?:i|we)(?:'ve)? (?:\w+ )?(?:took|joined|started|lost|bought|inherited|"
    r"built|moved|switched|ran|tried|used|made|met|finished|launched|found|saw|sold|grew|opened|signed|changed)\b",
    re.IGNORECASE,
)
# When something happened that is over, and that it happened.
_WHEN = _any(
    rf"last (?:{_SEASONS}|night|time|semester|term|christmas|easter|\w+day)(?:'s)?\b",
    r"(?:weeks?|months?|years?|days?) ago\b",
    r"(?:yesterday|previously|back then|until now|so far|in 20[012]\d)\b",
)
_HAPPENED = _any(
    r"(?!need|want)\w{2,}ed\b",
    r"(?:was|were|went|ran|had|did|didn't|broke|fell|died|lost|left|took|hit|got|came|gave|made|sank|froze|burnt|"
    r"shut|cost|held|couldn't)\b",
)
# What others said or did: no order of theirs is one of the person's.
_REPORTED = _any(
    r"(?:suggest(?:s|ed)|recommend(?:s|ed)|thinks|said|says|mentioned|propose[sd]|offer(?:s|ed)|argue[sd]|claim(?:s|ed)|"
    r"reckons|swears|describe[sd]?|preferred|advise[sd])\b"
)
_STANDS = _any(
    r"stays?\b(?! below| under| within)",
    r"already (?:exist|run|there|have|has|paid)\w*",
    r"(?:is|are) (?:already|still)\b",
    r"(?:is|are) fine (?:where|as)\b",
    r"still (?:on|in|running|runs)\b",
    r"(?:at the moment|right now|currently|nowadays|these days)\b",
    r"(?:lives?|run|handled|managed|owned|maintained|looked after|provided|operated) (?:at|by|with)\b",
    r"belongs? to\b",
    r"not (?:our|my) (?:problem|job|concern|business|department)\b",
    r"(?:their|his|her) (?:ticket|problem|job)\b",
    r"(?:doesn't|does not|don't) concern\b",
    r"not going anywhere\b",
    r"nothing (?:(?:needs|has) to|(?:is )?needed)\b",
    r"(?:can't|cannot|won't|must not|don't want to) (?:change|touch|move|fix|replace)\b",
    r"leave (?:it|that|them) (?:out|alone)\b",
    r"(?:have|has|had|need|needs) to (?:move|relocate|leave|clear|give up|shut down|hand over|return)\b",
    r"leav(?:e|es|ing) [\w ]{2,30} behind\b",
    r"(?:will be|is being|are being|gets?|to be) (?:switched off|shut down|retired|replaced|decommissioned|phased out|"
    r"turned off|removed|scrapped)\b",
    r"(?:get(?:ting)? rid of|mov(?:e|es|ing) (?:away|off)|has its own|have their own)\b",
    r"(?:hands off|keeps? (?:on )?filling|the old|the legacy|the existing)\b",
)
_LATER = _any(
    rf"(?:can|could|will|'ll|might|may|we'll) (?:\w+ ){{0,4}}?(?:later|next (?:{_SEASONS})|one day|some ?day|then|"
    rf"eventually|at some point|in (?:{_MONTHS}|the (?:{_SEASONS}))|over the (?:{_SEASONS}))\b",
    r"(?:might|may|could|can|will) (?:follow|come later|wait)\b",
    r"talk about (?:it |that |them )?(?:next|later|another)\b",
    r"something (?:for|we'll do)[\w\s]* (?:later|next|another)\b",
    rf"next (?:{_SEASONS})(?:'s)? (?:topic|thing|project)\b",
    r"(?:comes?|follows?|is|are|be) (?:\w+ )?(?:later|another day)\b",
    r"maybe (?:later|one day|some ?day|next)\b",
)
_SETS_IT = _any(
    r"(?:install|set up|deploy|have|run|host|get|add|put up|put|create|try|use|take|need|want|like) (?:\w+ )?"
    r"(?:it|that|this|them|both|those|these|one)\b(?! (?:is|would|will|should|needs))"
)
_NEEDS = seldom(
    rf"^\W*(?:(?:and|also|plus)\W+)*(?:it|they|these|those|each|both|all of (?:them|it))"
    rf"(?:'ll| will| should| must| need| needs| uses?| has to| have to)\b[^.,]*?\b(?:{_NUMBERS}) ",
    re.IGNORECASE,
)
_OWN = _any(r"(?:themselves|itself|their own|its own|on their laptops?)\b")
_EXPLAIN = _any(
    r"(?:explain|difference|tell me|what (?:is|are|does)|how (?:do|does|is|are|much|many)|why|compare|"
    r"which (?:is|one))\b"
)
_ASKED_FOR = _any(r"(?:asked for|asks for|wants?|wanted|would like|begged for|lobbied for)\b")
# "The three VMs stay private" says how they should be.
_SHUT = _any(
    r"(?:stays?|remains?|kept|be|are|is) (?:\w+ )?(?:private|internal|isolated|hidden|offline)\b"
)
_FIRST = seldom(r"\W*(?:i|we)(?:'\w+)?\b", re.IGNORECASE)
_REFUSED = _any(r"(?:not|no|never|nothing|none)\b", r"\w+n't\b", r"that's \w+\W*$")
# "Its database is with a provider and it stays there": what is told of a thing is told of what named it.
_OF_IT = seldom(r"\W*(?:it|they|that|those|which|he|she|is|are|has|have)\b", re.IGNORECASE)


def standing_of(text: str, clausing: Clausing) -> Standing:
    """How a clause stands by itself."""
    said = text.replace("’", "'")
    if _PAST.search(said) or _LATER.search(said):
        return Standing.TOLD
    ordered = _orders(said, clausing) or _adds(said)
    if _NOTHING.search(said):
        return Standing.REFUSED
    if ordered and _EXPLAIN.search(said):
        return Standing.ASKED
    if (_REPORTED.search(said) or _DID.match(said)) and not _NEEDED.search(said):
        return Standing.TOLD
    leads = (_IT_IS, _WHAT_IS, _THEY_NEED, _SUFFICES)
    wished = any(lead.match(said) for lead in leads) or (
        _WISHED.search(said) and not _NO_WISH.search(said)
    )
    if ordered or wished:
        return Standing.WANTED
    happened = _WHEN.search(said) and _HAPPENED.search(said) and not _NEEDED.search(said)
    told = happened or (_STANDS.search(said) and not _SHUT.search(said))
    return Standing.TOLD if told else Standing.OPEN


def taken_back(text: str, after: str) -> bool:
    """`Marta thinks we should take Kubernetes, but I don't see it`: what others think, and the person does not."""
    others = _REPORTED.search(text) or (_ASKED_FOR.search(text) and not _FIRST.match(text))
    answer = after.replace("’", "'")
    return bool(others) and bool(_REFUSED.search(answer) or _FIRST.match(answer))


def needs_more(text: str) -> bool:
    """`They'll talk to a PostgreSQL`: what was asked for right before needs something new."""
    return _NEEDS.match(text.replace("’", "'")) is not None and _OWN.search(text) is None


def recommends(text: str) -> bool:
    """Whether somebody else said so."""
    return _REPORTED.search(text) is not None


def asks_for_it(text: str) -> bool:
    """`Could you install it for us?`: what was told of before is asked for."""
    return _SETS_IT.search(text) is not None


def goes_on(after: str) -> bool:
    """Whether a clause goes on about what the one before it named."""
    return _OF_IT.match(after) is not None


_ADDED = seldom(
    rf"^\W*(?:(?:and|plus|also|then)\W+)+(?:{_NUMBERS}|another) (?P<what>[^,.]+)", re.IGNORECASE
)
_FINITE = _any(
    r"(?:is|are|was|were|has|have|had|will|would|can|could|may|might|should|must|runs?|ran|keeps?|kept|lives?|stands?|sits?|"
    r"does|did|comes?|came|goes|went|says?|said|got|gets|\w+n't)\b"
)


def _adds(text: str) -> bool:
    """`And a second VM for the wiki`: one more of what is wanted, and nothing told of it."""
    added = _ADDED.match(text)
    return added is not None and _FINITE.search(added["what"]) is None


def _orders(text: str, clausing: Clausing) -> bool:
    """Whether a clause begins with an order to make something, or with a wish."""
    tokens = tokenize(text)
    begin, _ = clausing.skip(tokens, 0)
    verb = clausing.verbs.at(tokens, begin)
    if verb is not None and verb[1] in CREATING | {"explain", "compare"}:
        return True
    return clausing.desires.at(tokens, begin) is not None
