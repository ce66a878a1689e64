"""Names people give: `named web-01`, `called "orders"`, `hostnames: a1, a2`, `node{1,2,3}.example.org`.

Names are marked before anything else is read, because a name may be any word: in "a cache called web" there is no web
server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from alma.core.language.words.tokens import Kind, Token
from alma.core.model.base import NAME_PATTERN, slug

_CALLED = {"named", "called", "titled", "hostname", "hostnames", "fqdn", "dubbed"}
# What fingers make of them.
_MISTYPED = frozenset(
    "calld caled calle calledd callled clled caleld cald callde namd naemd nmaed namedd namned namde nmed".split()
)
_TRIGGERS = _CALLED | _MISTYPED
_MAYBE = {"name", "names"}
_FILLERS = {":", "=", "is", "are", "as", "should", "must", "will", "be"}
_LISTING = {"names", "hostnames"}
# What may stand before "name" and after what it names: "…, name pacs, 1TB disk", "with the name crm and …".
_BEFORE = {",", "(", ";", ".", "\n", "-", "/", "with", "under", "w"}
_AFTER = {"\n"} | set(
    ", ; . ! ? ) ( - and & with on in for each all both please at plus running from instead as along next which "
    "that".split()
)
_LEADING = {"with", "the", "under", "by", "a", "w", "host", "dns"}
_ENDED = {".", "!", "?", ";"}
_CALLING = {"name", "call", "calling"}
_PLEAS = frozenset(
    "i'd i would let's lets let us please you can could just we we'll i'll like to will should".split()
)
_SAID = {"it", "them", "this", "these", "those", "that"}
_CORES = {"c", "cpu", "cpus", "core", "cores", "vcpu", "vcpus", "x"}
_LISTED = {",", "and", "&", "/", "\n"}
_OPENING = {":", "(", "-", "–", "—", ","}
_LOOK_BACK = 8
# What tells two machines apart and nothing else of them: "two VMs, master and slave".
_SIDES = frozenset(
    "master slave primary secondary replica standby main backup leader follower active passive left right north south "
    "east west blue green red black white upper lower inner outer hot cold odd even spare".split()
)
_MACHINES = frozenset(
    "vm vms container containers server servers machine machines box boxes lxc lxcs instance instances droplet "
    "droplets ct cts".split()
)
_PLACES = frozenset("networks vlans subnets lans volumes buckets".split())
_KEEPING = frozenset("databases dbs caches queues stores".split())
# Before names of which it is said behind them that they are, and what says so.
_PARTING = {",", ";", ".", "\n", "(", "-", "–", "—", "and", ":"}
_BEING = {"is", "are", "be", "should", "shall", "will", "would", "must", "being"}
_WHOSE = {"the", "its", "their", "his", "her", "my", "our"}
_SINGLE = {"hostname", "hostnames"}
_NO_NAMES = frozenset(
    "a an the it them this that these those my our after by to with and of in on for dont doesn't doesnt don't not "
    "whatever something anything up isn't accordingly convention conventions scheme like what server resolution "
    "no none nothing nobody never ready irrelevant each all how please pls plz kindly can could would thanks".split()
)
_NUMBERED = re.compile(r"^(.*?)(\d{1,4})$")
# Words that tell of things rather than being their names: "… - no load balancer needed".
_SAYING_MORE = frozenset(
    "no not without never none don't just only each both all please thanks".split()
)
_SPAN = re.compile(r"^(.*?)(\d{1,4})-\1(\d{1,4})$")
_BRACED = re.compile(r"^(\d{1,4})\.\.(\d{1,4})$")
_MOST_NAMES = 100
_NAME = re.compile(NAME_PATTERN)


def mark_names(
    tokens: Sequence[Token],
    ordinary: Callable[[str], bool],
    known: Callable[[str], bool] | None = None,
    *,
    saying: Callable[[str], bool] | None = None,
    fresh: bool = False,
) -> list[Token]:
    """The tokens, with those that follow a naming word turned into quoted ones and the naming word left out.

    More names follow a first one while they look like names: `ordinary` words end the list, unless so many were to be
    named; `known` words have a meaning here, and `saying` ones tell what a thing is or how. `fresh`: nothing is there
    yet, so that "call it x" names what was asked for before.
    """
    known = known or ordinary
    reader = _Names(tokens, ordinary, known, saying or known, fresh)
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        found = reader.at(index)
        if found is None:
            out.append(tokens[index])
            index += 1
            continue
        names, end = found
        while reader.introduced(index) and out and out[-1].norm in _LEADING:
            out.pop()
        out = out[: len(out) - reader.wished(index)]
        while reader.called(index) and out and out[-1].norm in _PLEAS:
            out.pop()
        out += _ranged(names, tokens[end : end + 2])
        index = end + 2 * _is_range(names, tokens[end : end + 2])
    return out


class _Names:
    """Finds where names are given in one message."""

    def __init__(
        self,
        tokens: Sequence[Token],
        ordinary: Callable[[str], bool],
        known: Callable[[str], bool],
        saying: Callable[[str], bool],
        fresh: bool,
    ) -> None:
        self.tokens = tokens
        self.ordinary = ordinary
        self.known = known
        self.saying = saying
        self.fresh = fresh
        self._naming = any(token.norm in _MAYBE | _CALLED for token in tokens)

    def at(self, index: int) -> tuple[list[Token], int] | None:
        """The names given from there on, with what leads to them, and where they end."""
        start = self._start(index)
        if start is not None:
            end = self._end(index, start)
            return [_as_name(t) for t in self.tokens[start:end] if not _filler(t)], end
        return self._roster(index) or self._span(index) or self._told_after(index)

    def _told_after(self, index: int) -> tuple[list[Token], int] | None:
        """`…, web mail and ftp are their names`, `…, vpn-gw is the name`: first the names, and then that they are."""
        if not self._naming or index < 2 or self._norm(index - 1) not in _PARTING:
            return None
        place, wanted = index, self._wanted(index)
        names: list[Token] = []
        while _nameable(self.tokens, place) and self._norm(place) not in _BEING:
            names.append(self.tokens[place])
            place += 1
            while names and self._norm(place) in {",", "and", "&"}:
                place += 1
        single = self._norm(place) == "is" or (len(names) == 1 and wanted < 2)
        if not names or len(names) > _MOST_NAMES or (single and len(names) > 1):
            return None
        end = self._says_name(place) if not wanted or single or len(names) == wanted else None
        return (list(map(_as_name, names)), end) if end is not None else None

    def _says_name(self, place: int) -> int | None:
        """Where `are their names`, `should be the hostname`, `is what it is called` ends."""
        start = place
        while self._norm(place) in _BEING:
            place += 1
        if place == start:
            return None
        if self._norm(place) == "what":
            last = next((n for n in range(place, place + 6) if self._norm(n) in _CALLED), None)
            return last + 1 if last is not None else None
        place += self._norm(place) in _WHOSE
        place += self._norm(place) in {"host", "dns"}
        return place + 1 if self._norm(place) in _MAYBE | _SINGLE else None

    def introduced(self, index: int) -> bool:
        """Whether the words before belong to the naming: `with the name crm`."""
        return self.tokens[index].norm in _MAYBE

    def called(self, index: int) -> bool:
        """Whether `call it` stands there, which names what was asked for right before."""
        tokens = self.tokens
        if tokens[index].norm not in _CALLING or index < 2 or index + 2 >= len(tokens):
            return False
        place = index - 1
        while place > 0 and tokens[place].norm in _PLEAS:
            place -= 1
        ends = {",", "and", "\n", "&", "-", "–", "("}
        if self.fresh and place > 0:
            ends = ends | _ENDED
        return tokens[index + 1].norm in _SAID and tokens[place].norm in ends and place > 0

    def wished(self, index: int) -> int:
        """How many words before `called` say no more than that: `I'd like it to be called x`."""
        if not self.fresh or self.tokens[index].norm not in _TRIGGERS:
            return 0
        place = index - 1
        while place >= 0 and self.tokens[place].norm in _PLEAS | _SAID | {"be", "want"}:
            place -= 1
        said = {token.norm for token in self.tokens[place + 1 : index]}
        opened = place > 0 and self.tokens[place].norm in {*_ENDED, ",", "and", "\n"}
        return index - 1 - place if opened and said & _SAID and "be" in said else 0

    def _start(self, index: int) -> int | None:
        """Where the first name stands after a naming word."""
        word, calls = self.tokens[index].norm, self.called(index)
        if word not in _TRIGGERS | _MAYBE and not calls:
            return None
        place = index + 1 + calls
        while self._norm(place) in _FILLERS or (place > index + 1 and self._norm(place) == "of"):
            place += 1
        if word in _MAYBE and self._norm(index + 1) == "of" and self._norm(index - 2) == "by":
            place += 1  # "by the name of x"
        sure = word in _TRIGGERS or place > index + 1 or calls or self._placed(index)
        if word in _TRIGGERS and self._norm(place) == "after":  # "named after my cat: minka"
            place = next((n + 1 for n in range(place, place + 6) if self._norm(n) == ":"), place)
        if place >= len(self.tokens):
            return None
        spoken = self.tokens[place].kind is Kind.NUMBER and self.tokens[place].text.isalpha()
        if word in {"called", "named"} and spoken:
            return place  # "called six"
        if not _nameable(self.tokens, place):
            return None
        return place if sure or looks_like_name(self.tokens[place]) else None

    def _placed(self, index: int) -> bool:
        """Whether "name" stands where a name follows it, and not where something is to be named."""
        before = self._norm(index - 1)
        named = self._norm(index + 1)
        unknown = self.fresh and named.isascii() and named.isalpha() and len(named) > 2
        if unknown and not self.ordinary(named) and not self.known(named):
            return self._norm(index + 2) in {"", *_AFTER}
        if before == "the" and self._norm(index - 2) in _BEFORE:
            before = "with"
        return (before in _BEFORE or index == 0) and self._norm(index + 2) in {"", *_AFTER}

    def _norm(self, index: int) -> str:
        return self.tokens[index].norm if 0 <= index < len(self.tokens) else ""

    def _end(self, index: int, start: int) -> int:
        """Where the names end of which the first one stands at `start`."""
        wanted, place, number = self._wanted(index), start + 1, 1
        if (run := self._run(index, start, wanted)) is not None:
            return run
        listing = self._norm(index) in _LISTING
        while (following := self._next(place, apart=not listing)) is not None:
            token = self.tokens[following]
            alone = self._norm(following + 1) in {"", *_AFTER}
            expected = number < wanted or (listing and not wanted and not self.known(token.norm))
            plain = token.kind is Kind.WORD and not self.ordinary(token.norm)
            if not (looks_like_name(token) or plain or (alone and expected)):
                break
            place, number = following + 1, number + 1
        return place

    def _run(self, index: int, start: int, wanted: int) -> int | None:
        """`vms named huey dewey and louie`: names that nothing parts but an "and" before the last."""
        several = self._norm(index - 1).endswith("s") and self.known(self._norm(index - 1))
        if not (several or wanted):
            return None
        place, number, closed = start, 0, False
        while _nameable(self.tokens, place) and not (closed or self.saying(self._norm(place))):
            place, number = place + 1, number + 1
            if self._norm(place) in {"and", "&"} and number > 1:
                place, closed = place + 1, True
        if closed and _nameable(self.tokens, place):
            place, number = place + 1, number + 1
        ends = self._norm(place) in {"", *_AFTER, "of", "at"} or (
            place < len(self.tokens) and self.tokens[place].kind is Kind.SIZE
        )
        enough = number == wanted if wanted else closed
        return place if number > 2 and ends and enough else None

    def _next(self, place: int, *, apart: bool = True) -> int | None:
        """Where a further name would stand, after `,` or `and`."""
        start = place
        while place < len(self.tokens) and self.tokens[place].norm in {",", "and", "&"}:
            place += 1
        together = not apart and start < len(self.tokens) and looks_like_name(self.tokens[start])
        return place if (place > start or together) and _nameable(self.tokens, place) else None

    def _wanted(self, index: int) -> int:
        """How many things were counted right before: as many names are expected."""
        for place in range(index - 1, max(-1, index - 1 - _LOOK_BACK), -1):
            token = self.tokens[place]
            named = token.norm in _TRIGGERS | _MAYBE and self._norm(place + 1) != "after"
            if named or token.kind is Kind.QUOTED:
                return 0
            if token.kind is Kind.NUMBER and isinstance(token.value, int):
                counts = 1 < token.value <= _MOST_NAMES and self._norm(place + 1) not in _CORES
                return token.value if counts else 0
        return 0

    def _roster(self, index: int) -> tuple[list[Token], int] | None:
        """`three VMs: alpha, beta and gamma`: as many words as things, most of which mean nothing here."""
        sign = self._norm(index)
        wanted = self._wanted(index) if sign in _OPENING else 0
        if not wanted:
            return None
        near = 1 if sign == "," else 4
        if not any(self.known(self._norm(place)) for place in range(index - near, index)):
            return None
        names, place = self._separated(index + 1, wanted)
        apart = len(names) == wanted == len({n.norm for n in names})
        if not apart or self._norm(place) not in {"", *_AFTER} or self._telling(index, names):
            return None
        return [self.tokens[index], *map(_as_name, names)], place

    def _telling(self, index: int, names: Sequence[Token]) -> bool:
        """Whether listed words say what the things are for or how they are: `two servers: web and db`."""
        head, sign = self._norm(index - 1), self._norm(index)
        said = [n for n in names if self.saying(n.norm)]
        if head in _PLACES:
            return False  # a network is for nothing but what it is called after
        if head in _MACHINES and all(n.norm in _SIDES for n in names):
            return False
        if head in _KEEPING:
            return bool(said)
        meant = [n for n in names if self.known(n.norm) or (sign == "," and self.ordinary(n.norm))]
        return 2 * len(meant) > len(names) or (2 * len(meant) == len(names) and bool(said))

    def _separated(self, place: int, most: int) -> tuple[list[Token], int]:
        """Words with a joint between each, and where they end."""
        names: list[Token] = []
        while _nameable(self.tokens, place) and self._norm(place) not in _SAYING_MORE:
            names.append(self.tokens[place])
            place += 1
            if len(names) == most or self._norm(place) not in _LISTED:
                break
            while self._norm(place) in _LISTED:
                place += 1
        return names, place

    def _span(self, index: int) -> tuple[list[Token], int] | None:
        """`5 vms vm1 to vm5`: from the first to the last, where so many were counted."""
        first, last = self.tokens[index], self.tokens[index + 1 : index + 3]
        if first.kind is not Kind.WORD or not _is_range([first], last):
            return None
        names = _ranged([_as_name(first)], last)
        return ([names[0]], index + 1) if len(names) == self._wanted(index) else None


def _is_range(names: Sequence[Token], following: Sequence[Token]) -> bool:
    """`ct1 to ct4`: a last name after the first."""
    if (
        len(names) != 1
        or len(following) != 2
        or following[0].norm not in {"to", "-", "–", "through", "thru", "till", "until", "…"}
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


def _nameable(tokens: Sequence[Token], place: int) -> bool:
    if place >= len(tokens):
        return False
    token = tokens[place]
    return token.kind is Kind.QUOTED or (token.kind is Kind.WORD and token.norm not in _NO_NAMES)


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
    """`node{1,2}.org` as `node1.org`, `node2.org`; `node{1..3}` likewise."""
    match = re.match(r"^(.*?)\{([^{}]*)\}(.*)$", name)
    if match is None:
        return [name]
    numbers = _BRACED.match(match[2])
    parts = match[2].split(",")
    if numbers and 0 <= int(numbers[2]) - int(numbers[1]) < _MOST_NAMES:
        parts = [str(number) for number in range(int(numbers[1]), int(numbers[2]) + 1)]
    return [longer for part in parts for longer in expand(match[1] + part.strip() + match[3])]


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
