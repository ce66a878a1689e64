"""The ways to say that something gets another name, as one: "A should be called B", "call A B from now on", "change
A's name to B", "the name of A is B" are "rename A to B".

Read before names are marked: a name may be any word, and "called" is what marks one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from alma.core.language.words.tokens import Kind, Token

_ENDS = {".", "!", "?", ";", "…", "\n", ","}
_JOINTS = {"and", "then", "but", "also", *_ENDS}
_POINTING = {"the", "our", "my", "its", "this", "that", "it"}
_WISHES = {
    "should",
    "must",
    "shall",
    "will",
    "needs",
    "need",
    "has",
    "have",
    "wants",
    "is",
    "was",
    "are",
    "ought",
    "gets",
}
_BETWEEN = {
    "now",
    "be",
    "to",
    "rather",
    "better",
    "get",
    "really",
    "also",
    "just",
    "already",
    "henceforth",
}
_CALLED = {"called", "named", "renamed", "titled", "known"}
_FILLING = {"to", "as", "into", "it"}
_BECOMING = {"becomes", "become"}
_CALLING = {"call", "name", "rename"}
_NAMES = {"name", "hostname"}
_CHANGING = {"change", "set", "update", "switch", "make", "edit"}
_COPULAS = {"is", "be", "to", "as", "should", "must", "shall", ":", "=", "now", "will"}
_NO_NAME = {"a", "an", "the", "it", "this", "that", "them", "something", "what", "like", "after"}
_LONGEST = 6
# What may stand behind a name without being part of it.
_AFTER = {
    "instead",
    "please",
    "pls",
    "plz",
    "thanks",
    "thank",
    "thx",
    "now",
    "then",
    "asap",
    "from",
    "for",
    "henceforth",
    "in",
    "going",
    "too",
    "again",
    "ok",
    "after",
    "cheers",
    "if",
    "-",
    "–",
    "(",
}


def renames(tokens: Sequence[Token], names: Sequence[str]) -> tuple[Token, ...]:
    """The tokens with every such order as `rename A to "B"`. `names` are those of what is there."""
    known = {name.casefold() for name in names}
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        found = _at(tokens, index, known) if known and _free(out) else None
        if found is None:
            out.append(tokens[index])
            index += 1
            continue
        who, name, index = found
        to = Token("to", "to", name.start, name.start, Kind.WORD)
        verb = Token("rename", "rename", who[0].start, who[0].start, Kind.WORD)
        out += [verb, *who, to, _quoted(name)]
        while (pair := _another_pair(tokens, index, known)) is not None:
            who, name, after = pair
            out += [tokens[index], verb, *who, to, _quoted(name)]
            index = after
    return tuple(out)


def _another_pair(
    tokens: Sequence[Token], index: int, known: set[str]
) -> tuple[Sequence[Token], Token, int] | None:
    """`… and sessions main-cache`, `, the db to orders`: what goes on renaming, after a joint."""
    if _norm(tokens, index) not in {"and", ",", "&"}:
        return None
    begin = index + 1
    end = begin + (_norm(tokens, begin) in {"the", "our", "my"})
    if end >= len(tokens) or _plain(tokens[end]) not in known:
        return None
    place = end + 1
    while _norm(tokens, place) in {"to", "as", "into"}:
        place += 1
    return _result(tokens, begin, end + 1, place)


def _free(before: Sequence[Token]) -> bool:
    """Whether an order may begin here: not in the middle of another thing's description."""
    clause = []
    for token in reversed(before):
        if token.norm in {".", "!", "?", ";", "\n"}:
            break
        clause.append(token.norm)
    return not {"add", "create", "deploy", "build", "launch", "spin", "provision"} & set(clause)


def _at(
    tokens: Sequence[Token], index: int, known: set[str]
) -> tuple[Sequence[Token], Token, int] | None:
    """What gets which name by an order that begins there, and where the order ends."""
    word = tokens[index].norm
    if word in _CALLING:
        return _called(tokens, index + 1, known)
    if word in _CHANGING or word == "give":
        return _changed(tokens, index + 1, known)
    if word in {"the", "its"} and _norm(tokens, index + 1) in _NAMES:
        return _named(tokens, index + 2, known)
    begins = word in _POINTING or _plain(tokens[index]) in known or tokens[index].kind is Kind.WORD
    fresh = (
        index == 0
        or tokens[index - 1].norm in {*_JOINTS, ":"}
        or word in _POINTING
        or _plain(tokens[index]) in known
    )
    return _told(tokens, index, known) if begins and fresh else None


def _called(
    tokens: Sequence[Token], index: int, known: set[str]
) -> tuple[Sequence[Token], Token, int] | None:
    """`call A B`, `rename A to B`, `rename A B`."""
    end = _phrase(tokens, index, known)
    if end is None:
        return None
    place = end
    while _norm(tokens, place) in {"to", "as", "into", "be"} or _norm(tokens, place) in _CALLED:
        place += 1
    return _result(tokens, index, end, place)


def _changed(
    tokens: Sequence[Token], index: int, known: set[str]
) -> tuple[Sequence[Token], Token, int] | None:
    """`change the name of A to B`, `change A's name to B`, `give A the name B`."""
    place = index + (_norm(tokens, index) in {"the", "its"})
    if _norm(tokens, place) in _NAMES and _norm(tokens, place + 1) in {"of", "for"}:
        begin = place + 2
        end = _phrase(tokens, begin, known)
        return _behind(tokens, begin, end, {"to", "as", "into"}) if end is not None else None
    end = _phrase(tokens, index, known)
    if end is None and _norm(tokens, index) in _KINDS and _norm(tokens, index + 1) in _NAMES:
        end = index + 1  # "change db name to ledger"
    if end is None:
        return None
    place = end + (_norm(tokens, end) in {"the", "a"})
    place += _norm(tokens, place) == "new"
    if _norm(tokens, place) not in _NAMES:
        return None
    place += 1
    while _norm(tokens, place) in {"to", "as", "of", ":"}:
        place += 1
    return _result(tokens, index, end, place)


def _named(
    tokens: Sequence[Token], index: int, known: set[str]
) -> tuple[Sequence[Token], Token, int] | None:
    """`the name of A should be B`."""
    if _norm(tokens, index) not in {"of", "for"}:
        return None
    end = _phrase(tokens, index + 1, known)
    return _behind(tokens, index + 1, end, _COPULAS) if end is not None else None


def _told(
    tokens: Sequence[Token], index: int, known: set[str]
) -> tuple[Sequence[Token], Token, int] | None:
    """`A should be called B`, `A is now named B`, `A's name is B`."""
    end = _phrase(tokens, index, known)
    if end is None:
        return None
    if _norm(tokens, end) in _NAMES and _norm(tokens, end + 1) in _COPULAS:
        return _behind(tokens, index, end + 1, _COPULAS, who=end)
    place = end
    if _norm(tokens, place) not in _WISHES | _BECOMING:
        return None
    while _norm(tokens, place) in _WISHES | _BETWEEN:
        place += 1
    if _norm(tokens, place) in _BECOMING and _compound(tokens[place + 1 : place + 2]):
        return _result(tokens, index, end, place + 1)
    if _norm(tokens, place) not in _CALLED:
        return None
    place += 1
    while _norm(tokens, place) in _FILLING:
        place += 1
    return _result(tokens, index, end, place)


def _compound(tokens: Sequence[Token]) -> bool:
    """`hr-app`: what is a name by its looks, where `debian-12` may be a system."""
    last = re.split(r"[-_]", tokens[0].text)[1:] if tokens and tokens[0].kind is Kind.WORD else []
    return bool(last) and last[-1].isalpha()


def _behind(
    tokens: Sequence[Token], begin: int, place: int, links: set[str], *, who: int | None = None
) -> tuple[Sequence[Token], Token, int] | None:
    end = place if who is None else who
    if _norm(tokens, place) not in links:
        return None
    while _norm(tokens, place) in links:
        place += 1
    return _result(tokens, begin, end, place)


def _phrase(tokens: Sequence[Token], index: int, known: set[str]) -> int | None:
    """Where the words end that point at something: a name with what it is, `the postgres db`, `it`; None if
    they don't."""
    if index >= len(tokens):
        return None
    if tokens[index].norm == "it":
        return index + 1
    end = index
    pointing = tokens[end].norm in _POINTING
    end += pointing
    if end < len(tokens) and _plain(tokens[end]) in known:
        end += 1
        while end < len(tokens) and _is_kind(tokens[end]):
            end += 1
        return end
    start = end
    stops = _WISHES | _JOINTS | _FILLING | _NAMES | _CALLED | {"so", "that", "which", "with"}
    while (
        end < len(tokens)
        and end - start < _LONGEST
        and tokens[end].norm not in stops
        and tokens[end].kind is Kind.WORD
    ):
        if _norm(tokens, end) in _KINDS or tokens[end].text.casefold().endswith(("'s", "’s")):
            end += 1
            while _norm(tokens, end) in _KINDS:
                end += 1
            return end if pointing else None
        end += 1
    linked = end < len(tokens) and tokens[end].norm in stops - _JOINTS
    return end if linked and end > start and (pointing or end - start == 1) else None


_KINDS = frozenset(
    (
        "server database db cache queue machine vm box container service bucket volume disk network cluster balancer "
        "lb instance store broker firewall node host app api proxy nas website site lxc ct subnet vpc vlan"
    ).split()
)


def _result(
    tokens: Sequence[Token], begin: int, end: int, place: int
) -> tuple[Sequence[Token], Token, int] | None:
    if place >= len(tokens) or end <= begin:
        return None
    name = tokens[place]
    if name.kind not in {Kind.WORD, Kind.QUOTED} or name.norm in _NO_NAME | _JOINTS | _FILLING:
        return None
    following = _norm(tokens, place + 1)
    if following and following not in _JOINTS | _AFTER:
        return None  # several words: left to the reader of names
    end_of = place + 1
    if following == "instead":
        end_of += 1
    if [_norm(tokens, end_of + n) for n in range(3)] == ["from", "now", "on"]:
        end_of += 3
    who = [replace(token) for token in tokens[begin:end]]
    return who, name, end_of


def _is_kind(token: Token) -> bool:
    return token.kind is Kind.WORD and _plain(token) in _KINDS | {"load", "message"}


def _quoted(name: Token) -> Token:
    value = str(name.value) if name.kind is Kind.QUOTED else name.text.rstrip(".")
    return replace(name, kind=Kind.QUOTED, value=value, norm=value.casefold())


def _plain(token: Token) -> str:
    written = str(token.value) if token.kind is Kind.QUOTED else token.text
    return written.casefold().removesuffix("'s").removesuffix("’s")


def _norm(tokens: Sequence[Token], index: int) -> str:
    return (
        tokens[index].norm
        if 0 <= index < len(tokens) and tokens[index].kind is not Kind.QUOTED
        else ""
    )
