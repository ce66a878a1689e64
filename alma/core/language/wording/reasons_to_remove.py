"""Why something is to go: "drop the load balancer, we don't need it with one server", "…, it's overkill for one VM".

What stands in such a reason is spoken of and never meant to go as well, so the reason is left out before the order is
read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from alma.core.language.words.tokens import Kind, Token

_Verb = Callable[[Sequence[Token], int], str | None]
_Skip = Callable[[Sequence[Token], int], tuple[int, bool]]
_JOINTS = frozenset({",", ".", ";", ":", "-", "–", "—", "(", ")", "\n", "!", "…"})
_BECAUSE = frozenset("because cuz cause coz since seeing given considering which".split())
_TELLING = frozenset(
    "it it's its that that's thats there there's theres this they they're nothing nobody noone".split()
)
_UNDER = frozenset("with for on given having".split())
_PERSONS = frozenset("we i you".split())
_NOT = frozenset("don't dont not never no won't wont hardly barely can't cannot".split())
_NEEDING = frozenset("need use want require needs uses".split())
_IT = frozenset("it one them that this any".split())
_HAVING = frozenset("have run use got 've".split())
_POINTLESS = frozenset(
    "overkill pointless useless unnecessary unneeded superfluous redundant wasteful".split()
)
# Words by which such a part asks for something itself.
_ORDERING = frozenset(
    "add create remove delete drop replace instead also too either go should must shall please make give set want "
    "rename move scale keep".split()
)
_ONE = frozenset("one single 1 a an only just".split())
_LEAST = 2
_OVER = (("can", "go"), ("must", "go"), ("should", "go"), ("has", "to", "go"))


def without_reasons_to_remove(
    tokens: Sequence[Token], skip: _Skip, verb: _Verb
) -> tuple[Token, ...]:
    """The tokens without why something is to go."""
    out: list[Token] = []
    removing = False
    for part in _parts(tokens):
        words = [_word(token) for token in part]
        lead = 1 if words[0] in _JOINTS else 0
        said, rest = words[lead:], part[lead:]
        if removing and _explains(said, rest):
            continue
        order = verb(part, skip(part, lead)[0]) if rest else None
        over = any(_within(said, ending) for ending in _OVER)
        if order is not None or over or said[:1] not in ([], ["and"]):
            removing = order == "remove" or over
        out += part[: lead + _unneeded_until(said)]
    return tuple(out)


def _word(token: Token) -> str:
    return "" if token.kind is Kind.QUOTED else token.text.casefold().replace("’", "'")


def _within(words: Sequence[str], said: Sequence[str]) -> bool:
    return any(tuple(words[n : n + len(said)]) == said for n in range(len(words)))


def _parts(tokens: Sequence[Token]) -> list[tuple[Token, ...]]:
    """The parts of a message, each with the joint before it; a reason begins one without a joint, too."""
    found: list[tuple[Token, ...]] = []
    begin = 0
    words = [_word(token) for token in tokens]
    for index in range(1, len(tokens)):
        after_joint = words[index - 1] in _JOINTS
        if words[index] in _JOINTS or (not after_joint and _begins(words, index)):
            found.append(tuple(tokens[begin:index]))
            begin = index
    return [*found, tuple(tokens[begin:])] if tokens else found


def _begins(words: Sequence[str], index: int) -> bool:
    reason = words[index] in _BECAUSE
    subject = words[index + 1 : index + 2]
    told = words[index] == "as" and subject in (["the"], ["we"], ["our"], ["there"], ["it"])
    needless = words[index] in {"we", "i"} and _needless(words[index:])
    return reason or (told and _finite(words[index + 2 :])) or needless


def _finite(words: Sequence[str]) -> bool:
    return bool({"has", "have", "is", "are", "does", "runs", "only", "can", "don't"} & set(words))


def _explains(words: Sequence[str], tokens: Sequence[Token]) -> bool:
    """Whether a part that follows such an order says why, and asks for nothing."""
    if len(words) < _LEAST or any(token.kind is Kind.SIZE for token in tokens):
        return False
    first, rest = words[0], words[1:]
    worth = first == "not" and "worth" in rest
    too_much = (first == "too" and len(rest) > 1) or first in _POINTLESS or worth
    if _ORDERING & set(rest):
        return False
    if first in _BECAUSE or too_much or first in _TELLING:
        return True
    if first == "as":
        return _finite(rest)
    if first in _UNDER:
        return words[1:2] not in (["it"], ["them"]) and bool((_TELLING | _POINTLESS) & set(rest))
    only = words[1:2] in (["only"], ["just"]) and bool(_HAVING & set(words[2:3]))
    return first in _PERSONS and (only or _needless(words))


def _needless(words: Sequence[str]) -> bool:
    """`we don't need it`, `i never use that`: said of what was just ordered to go."""
    near = words[1:6]
    place = next((n for n, word in enumerate(near) if word in _NEEDING), 0)
    return bool(place and _NOT & set(near[:place]) and _IT & set(words[place + 2 : place + 3]))


def _unneeded_until(words: Sequence[str]) -> int:
    """How much of `we don't need a balancer with one server` says what is not needed."""
    if not _NOT & set(words) or not _NEEDING & set(words):
        return len(words)
    for place in range(2, len(words) - 2):
        if words[place] in {"with", "for", "on"} and words[place + 1] in _ONE:
            return place
    return len(words)
