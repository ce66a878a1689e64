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
