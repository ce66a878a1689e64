"""What each of several places or people gets, told once for all of them: `dev, staging and prod, each with an app server
and a Redis cache`, `for each of our two brands a web VM and an app VM, all sharing a single Postgres`.

Environments get a line of their own each, so that their things are told apart. Of other places and people it counts how
many they are: so many of each thing are told. Each of several machines that gets something gets it itself; that is read
by the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.vocabulary.terms import Item, Sort
from alma.core.language.wording.listing import (
    ENVIRONMENT,
    NUMBER,
    Listed,
    cut,
    environment_of,
    listed,
    number_of,
    several,
    tagged,
)

_EACH = re.compile(
    r"\b(?P<place>(?:for|in|on|at|to|per)\s+)?(?P<each>each|every(?: single)?(?: one)?|both|all)\b(?P<of>\s+(?:one\s+)?of)?",
    re.IGNORECASE,
)
_STOP = (
    r"(?:with|for|of|on|in|at|and|or|each|all|both|which|that|where|we|i|you|they|it|an?|one|the|our|my|to|from|is|are|"
    r"have|has|need|needs|want|get|gets|please|then|also|so|but|as|this|these|those|there|plus)\b"
)
_SORT = r"(?:office|environment|env|team|site|branch|stage|department|customer|tenant|store|campus|brand)s?"
_NAME = rf"(?:(?:the|our|my)\s+)?(?!{_STOP})[a-z][\w-]*(?:\s+{_SORT}\b)?"
_NAMES = rf"{_NAME}(?:\s*[,/+&]\s*(?:and\s+)?{_NAME})*\s*,?\s*(?:\band\b|as well as|&|\+|/|,)\s*{_NAME}"
_COUNTED = (
    rf"(?:(?:our|the|my|these|all|of)\s+)*(?P<n>{NUMBER})\s+(?P<noun>(?:(?!{_STOP})[a-z][\w-]*\s+){{0,2}}"
    rf"(?!{_STOP})[a-z][\w-]*(?:s|ren|ple))(?![\w-])"
)
_SUBJECT = rf"(?:{_COUNTED}\s*[,:(–-]*\s*(?:namely\s+)?)?(?P<names>{_NAMES})\)?|{_COUNTED.replace('?P<n>', '?P<m>').replace('?P<noun>', '?P<nouns>')}"
_BEFORE = re.compile(
    rf"(?:(?<=^)|(?<=[\s(]))(?:{_SUBJECT})(?P<more>\s*[,;:.(–—-]*\s*(?:\b(?:and|where|of which|that)\s+)?)$",
    re.IGNORECASE,
)
_AFTER = re.compile(rf"^\s+(?:{_SUBJECT})(?![\w-])", re.IGNORECASE)
_THEM = re.compile(
    r"^(?:\s+(?:of\s+)?(?:them|which|these|those))?(?:\s+(?:ones?|(?!(?:an?|one)\b)[a-z]{3,})(?=\s+(?:an?|with|having|gets?|has|have|needs?|wants?|"
    r"should|will|must|consist\w*|contain\w*)\b))?",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"^\s*[,:–—-]?\s*(?:(?:we|i)(?:\s+(?:need|want|would like)|['’]d like)|there (?:should be|must be|is|are|will be)|"
    r"(?P<having>(?:(?:should|must|will|is to|are to|shall)\s+)?(?:with|gets?|has|have|having|needs?|wants?|requires?|"
    r"receives?|contain(?:s|ing)?|consist(?:s|ing)? of|compris(?:es|ing)|made of|made up of|(?:be )?on)))?\s+",
    re.IGNORECASE,
)
_ENDS = re.compile(r"\.(?=\s|$)|[;!?\n]")
_SHARED = re.compile(
    r"[,;(–—-]*\s*(?:\b(?:and|but|while|with|plus)\s+)?\b(?:all|both|they(?: all)?|everything|everybody|everyone)(?: of (?:them|which|it))?"
    r"\s+(?:(?:will|should|must|can|to)\s+)?(?:shar(?:e|es|ing)|us(?:e|es|ing)|talk(?:s|ing)? to|connect(?:s|ed|ing)? to|"
    r"back(?:ed)? by|behind|on|against|point(?:s|ing)? (?:at|to))\s+",
    re.IGNORECASE,
)
_COMMON = re.compile(
    r"\b(?:shared|common|central|joint|in total|for all|for both|for everyone|for everybody|across|between them)\b",
    re.IGNORECASE,
)
# Where people say what they want it for, and nothing that is made of its own.
_FRAME = re.compile(
    r"(?:\b(?:an?|the|our|some|separate|own|isolated|identical|independent|\d+)\s+)*(?:(?!(?:need|want|us|me|up)\b)[\w-]+\s+){0,2}"
    r"\b(?:sandbox(?:es)?|lab|labs|environments?|set-?ups?|stacks?|systems?|installations?|playgrounds?|landscapes?|"
    r"infrastructure|platform|deployments?|arrangement)\s+(?:for|of|across|in which|where|with|so that|such that)\s*$",
    re.IGNORECASE,
)
_HAVING = re.compile(
    r"(?:\b(?:we|i)(?: have|['’]ve(?: got)?| got| are| run| serve| teach)|\bthere (?:are|['’]re)|^\W*(?:our|the|for|in))\s*$",
    re.IGNORECASE,
)
_TOLD = re.compile(r"(?:has|have|having|with|on)$", re.IGNORECASE)
# What bears something itself: it gets no thing of its own that way.
_BEARERS = {Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE, Sort.GROUP, Sort.ROLE, Sort.PRODUCT}
_PLACES = frozenset("site sandbox lab demo store shop branch environment".split())
_MEASURES = frozenset(
    "core cpu second minute hour day night week month year user request client visitor zone time port replica copy disk "
    "pod gig thing way".split()
)
_WINDOW, _MOST = 160, 40


def apiece(message: str, gazetteer: Gazetteer) -> str:
    """The message with what each of several gets told for all of them; the message where nothing is told so."""
    for found in _EACH.finditer(message):
        told = _of_those_before(message, found, gazetteer) or _of_those_after(
            message, found, gazetteer
        )
        if told is not None:
            return told
    return message


def _of_those_before(message: str, found: re.Match[str], gazetteer: Gazetteer) -> str | None:
    """`dev and prod, each with …`, `3 customers and each of them needs …`."""
    if found["place"]:
        return None
    window = message[max(0, found.start() - _WINDOW) : found.start()]
    subject = _BEFORE.search(window)
    if subject is None:
        return None
    start = found.start() - len(window) + subject.start()
    rest = message[found.start("each") + len(found["each"]) :]
    rest = rest[len(them[0]) :] if (them := _THEM.match(rest)) else rest
    return _told(message[:start], subject, rest, gazetteer)


def _of_those_after(message: str, found: re.Match[str], gazetteer: Gazetteer) -> str | None:
    """`each of our 4 squads has …`, `for each of dev and prod: …`, `… for both dev and prod`."""
    after = message[found.end() :]
    subject = _AFTER.match(after)
    if subject is None:
        return None
    before, rest = message[: found.start()], after[subject.end() :]
    told = _told(before, subject, rest, gazetteer)
    if told is not None or not found["place"]:
        return told
    begin = max((end.end() for end in _ENDS.finditer(before)), default=0)
    lead = _lead(before[begin:], gazetteer)
    if lead is None or _ENDS.match(f"{rest.strip()[:1] or '.'} ") is None:
        return None
    things = listed(before[begin + lead :], gazetteer)
    return _written(message[: begin + lead], subject, things, rest, gazetteer)


def _lead(text: str, gazetteer: Gazetteer) -> int | None:
    """Where the first thing begins that somebody wishes for."""
    found = re.search(
        rf"(?:^|\s|:)(?=(?:an?|{NUMBER})\s)", text, re.IGNORECASE
    )
    return found.end() if found is not None and cut(text[found.end() :], gazetteer) else None


def _told(
    before: str, subject: re.Match[str], rest: str, gazetteer: Gazetteer
) -> str | None:
    link = _LINK.match(rest)
    if link is None:
        return None
    if (_TOLD.search(link["having"] or "") and _HAVING.search(before)) and re.search(
        r"\bhave|\bgot", before[-12:], re.IGNORECASE
    ):
        return None  # "we have 3 teams, each with a vm" tells how it is
    rest = rest[link.end() :]
    end = next((found.start() for found in _ENDS.finditer(rest)), len(rest))
    things, more = rest[:end], rest[end:]
    shared = _SHARED.search(things)
    common: list[str] = []
    if shared is not None:
        common.append(things[shared.end() :].strip(" )"))
        things = things[: shared.start()]
    own = listed(things, gazetteer)
    if not own[0].counted and (link["having"] or "on").casefold().endswith("on"):
        return None  # "www1 and www2, both apache" says what they are
    return _written(before, subject, own, more, gazetteer, common)


def _written(
    before: str,
    subject: re.Match[str],
    things: Sequence[Listed],
    rest: str,
    gazetteer: Gazetteer,
    common: Sequence[str] = (),
) -> str | None:
    """All of it in full; None where no things are told, or those who get them are things themselves."""
    own = [each for each in things if not _COMMON.search(each.text)]
    if not own or not things[0].is_thing or _COMMON.search(things[0].text):
        return None
    names = _names(subject, gazetteer)
    count = len(names) or _count(subject, gazetteer)
    if not 1 < count <= _MOST:
        return None
    lead = _HAVING.sub("", _FRAME.sub("", before)).rstrip(" ,(")
    together = [*(each.text for each in things if each not in own), *common]
    sections = [environment_of(name, gazetteer) for name in names]
    if names and all(sections) and len(set(sections)) == len(names):
        told = ". ".join(f"{name}: {', '.join(map(several, own))}" for name in sections)
        first = ". ".join(filter(None, (lead and "I need the following", ", ".join(together))))
        asked = re.search(r"\w", re.sub(r"^.*[.!?\n]", "", lead, flags=re.DOTALL))
        kept = lead if not asked else ""
        return " ".join(
            filter(None, (kept, rest.strip(" .;"), f"{first}." if first else "", f"{told}."))
        )
    told = ", ".join([*(several(each, count) for each in own), *together])
    return f"{lead} {told}{rest}" if re.search(r"\w", lead) else f"{lead} I need {told}{rest}".strip()


def _names(subject: re.Match[str], gazetteer: Gazetteer) -> list[str]:
    """The names of those who get something; none where they are counted, or are things that bear it themselves."""
    if not subject["names"]:
        return []
    parts = re.split(r"\s*[,/+&]\s*(?:and\s+)?|\s+and\s+|\s+as well as\s+", subject["names"])
    names = [re.sub(rf"^(?:the|our|my)\s+|\s+{_SORT}$", "", part, flags=re.IGNORECASE) for part in parts]
    borne = any(_bears(tagged(name, gazetteer)) for name in names)
    return [] if borne else [name for name in names if name]


def _count(subject: re.Match[str], gazetteer: Gazetteer) -> int:
    if subject["names"]:
        return 0
    noun = subject["nouns"].split()[-1].casefold()
    items = tagged(noun, gazetteer)
    if _bears(items) or items[-1].norm in _MEASURES:
        return 0
    return number_of(subject["m"])


def _bears(items: Sequence[Item]) -> bool:
    return any(
        item.terms.keys() & _BEARERS
        and item.norm not in _PLACES
        and not re.fullmatch(ENVIRONMENT, item.text, re.IGNORECASE)
        for item in items
    )
