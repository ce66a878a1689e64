"""What each of several places or people gets, told once for all: `dev, staging and prod, each with an app server and a
Redis cache`, `for each of our two brands a web VM and an app VM, all sharing a single Postgres`.

Environments get a line of their own each, so that their things are told apart. Of other places and people it counts how
many they are: so many of each thing are told. What each of several machines has is its own, and read by the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.vocabulary.terms import Item, Sort
from alma.core.language.wording.listing import (
    ENVIRONMENT,
    Listed,
    cut,
    environment_of,
    line_for,
    listed,
    several,
    tagged,
)
from alma.core.language.words.amounts import NUMBER, number_of
from alma.core.language.words.seldom import seldom

_EACH = seldom(
    r"\b(?P<place>(?:for|in|on|at|to|per)\s+)?(?P<each>each|every(?: single)?(?: one)?|both|all)\b"
    r"(?P<of>\s+(?:one\s+)?of)?",
    re.IGNORECASE,
)
_STOP = (
    r"(?:with|for|of|on|in|at|and|or|each|all|both|which|that|where|we|i|you|they|it|an?|one|the|our|my|to|from|is|are|"
    r"have|has|need|needs|want|get|gets|please|then|also|so|but|as|this|these|those|there|plus)\b"
)
_SORT = r"(?:office|environment|env|team|site|branch|stage|department|customer|tenant|store|campus|brand)s?"
_NAME = rf"(?:(?:the|our|my)\s+)?(?!{_STOP})[a-z][\w-]*(?:\s+{_SORT}\b)?"
_NAMES = rf"(?P<names>{_NAME}(?:\s*[,/+&]\s*(?:and\s+)?{_NAME})*\s*,?\s*(?:\band\b|as well as|&|\+|/|,)\s*{_NAME})"
_MANY = rf"(?:(?:our|the|my|these|all|of)\s+)*(?P<n>{NUMBER})\s+"
_NOUN = rf"(?:(?!{_STOP})[a-z][\w-]*\s+){{0,2}}(?!{_STOP})[a-z][\w-]*(?:s|ren|ple)(?![\w-])"
_COUNTED = rf"{_MANY}(?P<noun>{_NOUN})(?:\s*[,:(–-]+\s*(?:namely\s+)?{_NAMES}\)?)?"
_SUBJECT = rf"(?:{_COUNTED}|{_NAMES.replace('names', 'only')})"
_BEFORE = seldom(
    rf"(?:(?<=^)|(?<=[\s(])){_SUBJECT}\s*[,;:.(–—-]*\s*(?:\b(?:and|where|of which|that)\s+)?$",
    re.IGNORECASE,
)
_AFTER = seldom(rf"^\s+{_SUBJECT}(?![\w-])", re.IGNORECASE)
_HAS = (
    r"(?:(?:(?:should|must|will|is to|are to|shall)\s+)?(?:with|gets?|has|have|having|needs?|wants?|requires?|"
    r"receives?|contain(?:s|ing)?|consist(?:s|ing)? of|compris(?:es|ing)|made of|made up of|(?:be )?on))"
)
# "Each of them", "each one has", "every developer gets".
_THEM = seldom(
    rf"^(?:\s+(?:of\s+)?(?:them|which|these|those))?(?:\s+(?:ones?|(?!an?\b|one\b|{_HAS}\b)[a-z]{{3,}})"
    rf"(?=\s+(?:an?\b|{_HAS}\b)))?",
    re.IGNORECASE,
)
_LINK = seldom(
    r"^\s*[,:–—-]?\s*(?:(?:we|i)(?:\s+(?:need|want|would like)|['’]d like)|there (?:should be|must be|is|are|will be)|"
    rf"(?P<having>{_HAS}))?\s+",
    re.IGNORECASE,
)
_ENDS = seldom(r"\.(?=\s|$)|[;!?\n]")
_SHARED = seldom(
    r"[,;(–—-]*\s*(?:\b(?:and|but|while|with|plus)\s+)?\b(?:all|both|they(?: all)?|everything|everybody|everyone)"
    r"(?: of (?:them|which|it))?\s+(?:(?:will|should|must|can|to)\s+)?(?:shar(?:e|es|ing)|us(?:e|es|ing)|"
    r"talk(?:s|ing)? to|connect(?:s|ed|ing)? to|back(?:ed)? by|behind|on|against|point(?:s|ing)? (?:at|to))\s+",
    re.IGNORECASE,
)
_COMMON = seldom(
    r"\b(?:shared|common|central|joint|in total|for all|for both|for everyone|for everybody|across|between them)\b",
    re.IGNORECASE,
)
# Where people say what they want it for, and nothing that is made of its own.
_FRAME = seldom(
    r"(?:\b(?:an?|the|our|some|separate|own|isolated|identical|independent|\d+)\s+)*"
    r"(?:\b(?!(?:need|want|us|me|up)\b)[\w-]+\s+){0,2}"
    r"\b(?:sandbox(?:es)?|lab|labs|environments?|set-?ups?|stacks?|systems?|installations?|playgrounds?|landscapes?|"
    r"infrastructure|platform|deployments?|arrangement)\s+(?:for|of|across|in which|where|with|so that|such that)\s*$",
    re.IGNORECASE,
)
_OWNING = r"\b(?:we|i)(?: have|['’]ve(?: got)?| got)"
_HAVING = seldom(
    rf"(?:{_OWNING}|\b(?:we|i)(?: are| run| serve| teach)|\bthere (?:are|['’]re)|^\W*(?:our|the|for|in))\s*$",
    re.IGNORECASE,
)
_OWNED = seldom(rf"{_OWNING}\s*$", re.IGNORECASE)
_TOLD = seldom(r"(?:has|have|having|with|on)$", re.IGNORECASE)
# What bears something itself: it gets no thing of its own that way.
_BEARERS = {Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE, Sort.GROUP, Sort.ROLE, Sort.PRODUCT}
_PLACES = frozenset("site sandbox lab demo store shop branch environment".split())
_MEASURES = frozenset(
    "core cpu second minute hour day night week month year user request client visitor zone time port replica copy "
    "disk pod gig thing way".split()
)
_PEOPLE = seldom(
    rf"(?P<before>^|[.;,:]\s+(?:and\s+)?|\band\s+){_MANY}(?P<noun>{_NOUN})\s+(?:should\s+|must\s+|will\s+)?(?:gets?|needs?|"
    rf"wants?|have|require|receive)\s+(?P<what>(?!{_STOP}|{NUMBER}\b)(?:[a-z][\w.-]*\s+){{0,2}}?[a-z]+(?:s|xes|xen))"
    r"(?=\s+(?:with|of|running|on|having)\b|\s*(?:[.,;(]|$))",
    re.IGNORECASE,
)
_WINDOW, _MOST, _TRIES = 160, 40, 6


@dataclass(frozen=True, slots=True)
class _Shares:
    """Who gets what: what stands `before`, the things that each gets, and the rest of the message."""

    before: str
    subject: re.Match[str]
    things: Sequence[Listed]
    rest: str
    common: Sequence[str] = ()


def apiece(message: str, gazetteer: Gazetteer) -> str:
    """The message with what each of several gets told for all of them; the message where nothing is told so."""
    for found in islice(_EACH.finditer(message), _TRIES):
        shares = _to_those_before(message, found, gazetteer)
        told = _written(shares, gazetteer) if shares is not None else None
        told = told or _to_those_after(message, found, gazetteer)
        if told is not None:
            return told
    return _to_people(message, gazetteer)


def _to_people(message: str, gazetteer: Gazetteer) -> str:
    """`the two data scientists get boxes with 64GB`: one for each, where no number says otherwise."""

    def told(found: re.Match[str]) -> str:
        things = tagged(found["what"], gazetteer)
        machines = things[-1].plural and things[-1].terms.keys() & {Sort.COMPUTE, Sort.TYPE}
        if not machines or not _count(found, gazetteer):
            return found[0]
        return f"{found['before']}{number_of(found['n'])} {found['what']}"

    return _PEOPLE.sub(told, message)


def _to_those_before(message: str, found: re.Match[str], gazetteer: Gazetteer) -> _Shares | None:
    """`dev and prod, each with …`, `3 customers and each of them needs …`."""
    if found["place"]:
        return None
    window = message[max(0, found.start() - _WINDOW) : found.start()]
    subject = _BEFORE.search(window)
    if subject is None:
        return None
    start = found.start() - len(window) + subject.start()
    rest = message[found.end("each") :]
    them = _THEM.match(rest)
    return _shares(message[:start], subject, rest[them.end() if them else 0 :], gazetteer)


def _to_those_after(message: str, found: re.Match[str], gazetteer: Gazetteer) -> str | None:
    """`each of our 4 squads has …`, `for each of dev and prod: …`, `… for both dev and prod`."""
    after = message[found.end() :]
    subject = _AFTER.match(after)
    if subject is None:
        return None
    before, rest = message[: found.start()], after[subject.end() :]
    shares = _shares(before, subject, rest, gazetteer)
    told = _written(shares, gazetteer) if shares is not None else None
    if (
        told is not None
        or not found["place"]
        or re.match(r"\W*\w", rest.split(".")[0].split(",")[0])
    ):
        return told
    begin = max((end.end() for end in _ENDS.finditer(before)), default=0)
    begin += _lead(before[begin:], gazetteer)
    return _written(
        _Shares(before[:begin], subject, listed(before[begin:], gazetteer), rest), gazetteer
    )


def _lead(text: str, gazetteer: Gazetteer) -> int:
    """Where the first thing begins that somebody wishes for."""
    found = re.search(rf"(?:^|\s|:)(?=(?:an?|{NUMBER})\s)", text, re.IGNORECASE)
    return found.end() if found is not None and cut(text[found.end() :], gazetteer) else 0


def _shares(before: str, subject: re.Match[str], rest: str, gazetteer: Gazetteer) -> _Shares | None:
    link = _LINK.match(rest)
    if link is None:
        return None
    having = (link["having"] or "").casefold()
    if _TOLD.search(having) and _OWNED.search(before):
        return None  # "we have 3 teams, each with a vm" tells how it is
    rest = rest[link.end() :]
    end = next((found.start() for found in _ENDS.finditer(rest)), len(rest))
    things, more = rest[:end], rest[end:]
    shared = _SHARED.search(things)
    common = [] if shared is None else [things[shared.end() :].strip(" )")]
    own = listed(things[: shared.start() if shared is not None else None], gazetteer)
    if not own[0].counted and (having or "on").endswith("on"):
        return None  # "www1 and www2, both apache" says what they are
    return _Shares(before, subject, own, more, common)


def _written(shares: _Shares, gazetteer: Gazetteer) -> str | None:
    """All of it in full; None where no things are told, or those who get them are things themselves."""
    own = [each for each in shares.things if not _COMMON.search(each.text)]
    if not own or own[0] is not shares.things[0] or not own[0].is_thing:
        return None
    names = _names(shares.subject, gazetteer)
    count = len(names) or _count(shares.subject, gazetteer)
    if not 1 < count <= _MOST:
        return None
    lead = _HAVING.sub("", _FRAME.sub("", shares.before)).rstrip(" ,(")
    together = [*(each.text for each in shares.things if each not in own), *shares.common]
    environments = [env for name in names if (env := environment_of(name, gazetteer))]
    if names and len(set(environments)) == len(names):
        return _lines(environments, own, together, [_ended(lead), shares.rest.strip(" .,;")])
    told = ", ".join([*(several(each, count) for each in own), *together])
    order = "" if re.search(r"\w", lead) else "I need "
    return f"{lead} {order}{told}{shares.rest}".strip()


def _lines(
    environments: Sequence[str],
    own: Sequence[Listed],
    together: Sequence[str],
    beside: Sequence[str],
) -> str:
    """A line for each environment, after what is for none of them."""
    lines = [line_for(name, ", ".join(map(several, own))) for name in environments]
    told = [*beside, ", ".join(together), *lines]
    return ". ".join(part.rstrip(" .") for part in told if part) + "."


def _ended(lead: str) -> str:
    """The sentences before, without the beginning of the one that each line tells anew."""
    return re.sub(r"(?:^|(?<=[.!?\n]))[^.!?\n]*$", "", lead).strip()


def _names(subject: re.Match[str], gazetteer: Gazetteer) -> list[str]:
    """The names of those who get something; none where they are counted, or are things that bear it themselves."""
    listing = subject["names"] or subject["only"] or ""
    parts = re.split(r"\s*[,/+&]\s*(?:and\s+)?|\s+and\s+|\s+as well as\s+", listing)
    names = [
        re.sub(rf"^(?:the|our|my)\s+|\s+{_SORT}$", "", part, flags=re.IGNORECASE) for part in parts
    ]
    borne = any(_bears(tagged(name, gazetteer)) for name in names if name)
    return [] if borne else [name for name in names if name]


def _count(subject: re.Match[str], gazetteer: Gazetteer) -> int:
    if not subject["noun"]:
        return 0
    items = tagged(subject["noun"].split()[-1].casefold(), gazetteer)
    return 0 if _bears(items) or items[-1].norm in _MEASURES else number_of(subject["n"])


def _bears(items: Sequence[Item]) -> bool:
    return any(
        item.terms.keys() & _BEARERS
        and item.norm not in _PLACES
        and not re.fullmatch(ENVIRONMENT, item.text, re.IGNORECASE)
        for item in items
    )
