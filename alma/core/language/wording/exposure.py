"""Who may reach a thing, in words: "must never be reachable from the internet", "accessible from outside".

There are many ways to say two things, so they are brought into one word each before a message is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, Token

_NOT = frozenset(
    "not never no without isn't aren't shouldn't mustn't cannot can't don't doesn't nothing hidden nobody noone".split()
)
_BEING = frozenset(
    "be is are being get directly publicly ever it should must may can will to also with any a have "
    "having has".split()
)
_REACHED = frozenset(
    "reachable accessible exposed available visible reached accessed open facing routable reach access "
    "connected".split()
)
_ADDRESSES = {"ip", "ips", "access", "address", "internet"}
_LEADS = {"from", "to", "on", "by", "over", "via", "for", "the", "public", "whole", "at", "in"}
_OUTSIDE = frozenset(
    "internet outside world everyone anyone anywhere everywhere web public externally publicly".split()
)
_INSIDE = {"internally", "inside", "within", "internal", "lan", "private"}
_LONGEST = 6


def mark_exposure(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, with what says who may reach a thing put into `public` or `internal`."""
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        found = _exposed(tokens, index)
        if found is None:
            out.append(tokens[index])
            index += 1
            continue
        word, end = found
        negated = _negated(out)
        for _ in range(negated):
            out.pop()
        word = "internal" if negated and word == "public" else word
        text = " ".join(token.text for token in tokens[index:end])
        first, last = tokens[index], tokens[end - 1]
        out.append(Token(text, word, first.start, last.end, Kind.WORD))
        index = end
    return out


def _exposed(tokens: Sequence[Token], index: int) -> tuple[str, int] | None:
    """What is said from there, and where it ends: `reachable from the internet` is `public`."""
    if (
        tokens[index].norm == "public"
        and index + 1 < len(tokens)
        and tokens[index + 1].norm in _ADDRESSES
    ):
        return "public", index + 2 + (
            index + 2 < len(tokens) and tokens[index + 2].norm == "address"
        )
    if tokens[index].norm not in _REACHED:
        away = tokens[index].norm in {"off", "offline"}
        end = _internet(tokens, index + 1) if away else 0
        return ("internal", end) if end else None
    place = index + 1
    while (
        place < len(tokens)
        and place - index < _LONGEST
        and tokens[place].norm in _LEADS - {"public"}
    ):
        place += 1
    if place == len(tokens):
        return None
    norm = tokens[place].norm
    led = any(token.norm in {"from", "to", "by", "over", "on"} for token in tokens[index:place])
    if norm in _OUTSIDE and (led or norm in {"externally", "publicly"}):
        longer = place + 1 < len(tokens) and tokens[place + 1].norm == "internet"
        return "public", place + 1 + longer
    if norm in _INSIDE and norm != "private":
        return "internal", place + 1
    return None


def _internet(tokens: Sequence[Token], place: int) -> int:
    """Where `the public internet` ends, if that stands there; else 0."""
    while place < len(tokens) and tokens[place].norm in {"from", "the", "public", "open"}:
        place += 1
    return place + 1 if place < len(tokens) and tokens[place].norm in {"internet", "web"} else 0


_OPENED_UP = seldom(
    r"\b(?:expose|open(?: up)?|publish)\s+(?P<what>(?:the |our |my )?[\w.-]+(?: \w+)?) (?:to|for) (?:the )?"
    r"(?:outside(?: world)?|internet|world|public|everyone|web)\b(?:\s+(?:on|via|at)(?: the)? (?:ports? )?(?P<ports>\d+"
    r"(?:(?:,| and|, and) \d+)*))?(?!\s*(?:only|from))",
    re.IGNORECASE,
)
_HIDDEN = seldom(
    r"\bhide (?P<what>(?:the |our |my )?[\w.-]+(?: \w+)?) from (?:the )?"
    r"(?:outside(?: world)?|(?:public )?internet|world|public|everyone|web)\b",
    re.IGNORECASE,
)


_NOBODY_OUTSIDE = seldom(
    r"\b(?:nobody|no one|no-one|noone) (?:from )?(?:the )?outside (?:should|must|may|can)(?: be able to)? "
    r"(?:see|reach|access|get to|get at|use|connect to|find) (?P<what>(?:the |our |my )?[\w.-]+)",
    re.IGNORECASE,
)


def exposing(message: str) -> str:
    """`Expose api to the outside on 3000`, `hide the db from the internet`: who may reach it, as a property of it."""
    message = _NOBODY_OUTSIDE.sub(r"make \g<what> internal", message)
    return _HIDDEN.sub(r"make \g<what> internal", _OPENED_UP.sub(_opened_up, message))


_PUBLIC = (
    r"(?:an? )?(?:public(?:ly)?(?: (?:ip|ipv4|address|ip address|facing|accessible|reachable|available))?|"
    r"(?:exposed|reachable|accessible|visible|open)(?: to| from| on)? (?:the )?(?:public )?"
    r"(?:internet|outside|web|world))"
)
_HAVING = (
    r"(?:should|may|must|can|shall|will|is|are|be|have|has|having|gets?|needs?|to|allowed|with)"
)
_THING = (
    r"(?:the |our |my |a |an )?[\w-]+"
    r"(?: (?!(?:should|may|must|can|shall|will|is|are|gets?|needs?|has)\b)[\w-]+){0,2}?"
)
_ALONE = seldom(
    rf"(?P<before>^\W*|[.;,:–—-]\s+|\band )(?:only|just) (?P<what>{_THING})(?: {_HAVING})+ "
    rf"{_PUBLIC}(?= ?(?:[.;,!\n]|$|and\b))",
    re.IGNORECASE,
)
_THE_ONLY = seldom(
    rf"(?<![\w-])(?P<what>(?:the|our|a) [\w-]+(?: [\w-]+)?) (?:is|as|should be|will be|being) the only "
    rf"(?:one|thing|machine|part|server|vm|host)?(?: that)?(?: {_HAVING})* {_PUBLIC}"
    r"(?= ?(?:[.;,!\n]|$|and\b))",
    re.IGNORECASE,
)
_ALL_ELSE = seldom(
    r"(?P<joint>[,;.–—-]?)\s*(?:and |but |while )?(?:everything|anything|all) else(?: (?:should|must|is|to|be|"
    r"stays?|remains?|kept|strictly|completely|shall|has|only))*,? (?:private|internal|hidden)(?: only)?"
    r"(?P<list>\s*:)?(?=\s|[.;,!]|$)",
    re.IGNORECASE,
)
_KEPT_IN = seldom(
    r"(?: (?:that|which|should|must|shall|will|can|have to|has to|all|both))* (?:stays?|remains?|be|are|is|keeps?|kept)"
    r"(?: (?:all|both|kept|strictly|completely))* (?:private|internal)(?: only)?(?= ?(?:[.;,!\n]|$))",
    re.IGNORECASE,
)


def exposed_alone(message: str) -> str:
    """`Only the load balancer should have a public IP, everything else stays private: 2 VMs` as what each of them is:
    what is not said to be public is not. For what is not there yet."""
    alone = _THE_ONLY.sub(r"\g<what> with a public IP", message)
    alone = _ALONE.sub(r"\g<before>\g<what> with a public IP", alone)
    if "public" not in alone.casefold():
        return alone
    if alone != message:
        alone = _KEPT_IN.sub(", private", alone)  # else a sentence that only tells of them
    return _ALL_ELSE.sub(lambda found: "," if found["list"] else "", alone)


def _opened_up(found: re.Match[str]) -> str:
    public = f"make {found['what']} public"
    return f"open {found['ports']} on {found['what']}. {public}" if found["ports"] else public


def _negated(out: Sequence[Token]) -> int:
    """How many of the words before say that it is not so."""
    used = 0
    while used < len(out) and out[len(out) - 1 - used].norm in _BEING:
        used += 1
    if used < len(out) and out[len(out) - 1 - used].norm in _NOT:
        return used + 1
    return 0
