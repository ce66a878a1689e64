"""Names people give: `named web-01`, `called "orders"`, `hostnames: a1, a2`, `node{1,2,3}.example.org`.

Names are marked before anything else is read, because a name may be any word: in "a cache called web" there is no web
server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from alma.core.language.tokens import Kind, Token
from alma.core.model.base import NAME_PATTERN, slug

_TRIGGERS = {"named", "called", "titled", "hostname", "hostnames"}
_MAYBE = {"name", "names"}
_FILLERS = {":", "=", "is", "are", "as"}
_NO_NAMES = {"a", "an", "the", "it", "them", "this", "that", "these", "those", "my", "our", "after", "by", "to", "with",
             "and", "of", "in", "on", "for"}  # fmt: skip
_NUMBERED = re.compile(r"^(.*?)(\d{1,4})$")
_SPAN = re.compile(r"^(.*?)(\d{1,4})-\1(\d{1,4})$")
_MOST_NAMES = 100
_NAME = re.compile(NAME_PATTERN)


def mark_names(tokens: Sequence[Token], ordinary: Callable[[str], bool]) -> list[Token]:
    """The tokens, with those that follow a naming word turned into quoted ones and the naming word left out.

    More names follow a first one while they look like names: `ordinary` words end the list.
    """
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        end = _names_at(tokens, index, ordinary)
        if end is None:
            out.append(tokens[index])
            index += 1
            continue
        names = [
            _as_name(t)
            for t in tokens[index + 1 + _calls_it(tokens, index) : end]
            if not _filler(t)
        ]
        out += _ranged(names, tokens[end : end + 2])
        end += 2 * (len(out) > 0 and _is_range(names, tokens[end : end + 2]))
        index = end
    return out


def _is_range(names: Sequence[Token], following: Sequence[Token]) -> bool:
    """`ct1 to ct4`: a last name after the first."""
    if (
        len(names) != 1
        or len(following) != 2
        or following[0].norm not in {"to", "-", "–", "through"}
    ):
        return False
    first, last = (_NUMBERED.match(str(t.value or t.text)) for t in (names[0], following[1]))
    return bool(
        first and last and first[1] == last[1] and 0 < int(last[2]) - int(first[2]) < _MOST_NAMES
    )


def _ranged(names: list[Token], following: Sequence[Token]) -> list[Token]:
    """The names, with those between the first and the last of a range."""
    if len(names) == 1 and (span := _SPAN.match(str(names[0].value or ""))):
        return _between(names[0], span[1], span[2], span[3])
    if not _is_range(names, following):
        return names
    first, last = (_NUMBERED.match(str(t.value or t.text)) for t in (names[0], following[1]))
    assert first is not None
    assert last is not None
    return _between(names[0], first[1], first[2], last[2])


def _between(token: Token, stem: str, first: str, last: str) -> list[Token]:
    names = [f"{stem}{number:0{len(first)}d}" for number in range(int(first), int(last) + 1)]
    return [replace(token, value=name, norm=name.casefold()) for name in names[:_MOST_NAMES]]


def _names_at(tokens: Sequence[Token], index: int, ordinary: Callable[[str], bool]) -> int | None:
    word = tokens[index].norm
    calls = _calls_it(tokens, index)
    if word not in _TRIGGERS | _MAYBE and not calls:
        return None
    place = index + 1 + calls
    while place < len(tokens) and tokens[place].norm in _FILLERS:
        place += 1
    sure = word in _TRIGGERS or place > index + 1 or calls
    if not _nameable(tokens, place) or not (sure or looks_like_name(tokens[place])):
        return None
    place += 1
    while (following := _next(tokens, place)) is not None:
        token = tokens[following]
        if not (looks_like_name(token) or (token.kind is Kind.WORD and not ordinary(token.norm))):
            break
        place = following + 1
    return place


def _calls_it(tokens: Sequence[Token], index: int) -> bool:
    """`…, name it watchdog`: what was asked for right before gets the name."""
    if tokens[index].norm not in {"name", "call"} or index < 2 or index + 1 >= len(tokens):
        return False
    return tokens[index + 1].norm in {"it", "them", "this"} and tokens[index - 1].norm in {
        ",",
        "and",
        "\n",
        "&",
        "-",
    }


def _nameable(tokens: Sequence[Token], place: int) -> bool:
    if place >= len(tokens):
        return False
    token = tokens[place]
    return token.kind is Kind.QUOTED or (token.kind is Kind.WORD and token.norm not in _NO_NAMES)


def _next(tokens: Sequence[Token], place: int) -> int | None:
    """Where a further name would stand, after `,` or `and`."""
    start = place
    while place < len(tokens) and tokens[place].norm in {",", "and", "&"}:
        place += 1
    return place if place > start and _nameable(tokens, place) else None


def _filler(token: Token) -> bool:
    return token.norm in _FILLERS | {",", "and", "&"}


def _as_name(token: Token) -> Token:
    value = token.value if token.kind is Kind.QUOTED else token.text.rstrip(".")
    return replace(token, kind=Kind.QUOTED, value=value, norm=str(value).casefold())


def looks_like_name(token: Token) -> bool:
    """Quoted, or letters with a digit, hyphen, dot or underscore among them."""
    if token.kind is Kind.QUOTED:
        return True
    return token.kind is Kind.WORD and any(char in "-_.{" or char.isdigit() for char in token.text)


def expand(name: str) -> list[str]:
    """`node{1,2}.org` as `node1.org`, `node2.org`."""
    match = re.match(r"^(.*?)\{([^{}]*)\}(.*)$", name)
    if match is None:
        return [name]
    return [
        longer
        for part in match[2].split(",")
        for longer in expand(match[1] + part.strip() + match[3])
    ]


def valid(name: str) -> str:
    """The name if engines can take it, else the nearest that they can."""
    return name if _NAME.match(name) else slug(name)


class Names:
    """Free names: `web-1`, `web-2` …, never one that is taken, whatever its case."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.casefold() for name in taken}

    def numbered(self, stem: str) -> str:
        """The first free `<stem>-<number>`."""
        number = 1
        while f"{stem}-{number}".casefold() in self._taken:
            number += 1
        return self.take(f"{stem}-{number}")

    def take(self, name: str) -> str:
        """That name, or that name with a number if it is taken."""
        if name.casefold() in self._taken:
            return self.numbered(name)
        self._taken.add(name.casefold())
        return name

    def free(self, name: str) -> bool:
        """Whether nothing has that name."""
        return name.casefold() not in self._taken
