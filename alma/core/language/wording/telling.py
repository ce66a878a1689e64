"""What is told of something that is there, as the order it is: "api needs 8GB", "api: 3 -> 5", "6 replicas of api",
"the cache isn't needed anymore".

People say how a thing should be as often as they say what to do with it. A statement about something known, in which an
amount, software or an end is said of it, is read as an order about it; anything else is left as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.vocabulary.running import runs
from alma.core.language.wording.choosing import rather
from alma.core.language.wording.counting import adds_copies, counted
from alma.core.language.wording.ends import ended, ill_sized
from alma.core.language.wording.forms import (
    TALKING,
    again,
    amounted,
    form,
    labelled,
    linked,
    parted,
)
from alma.core.language.wording.subjects import (
    AMOUNTS,
    COPIES,
    LISTING,
    definite,
    order_word,
    subject_of,
    tokens_of,
)
from alma.core.language.wording.wishing import desired, modal, requested, wished
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import DATA, Resource

_JOINTS = {"and", ",", "then", "but", "also", "&", "\n", "-", "•", "*"}
_ENDS = {".", "!", "?", ";", "…"}
_KNOWN = {"the", "our", "my"}
_LEAST_CUT = 2
# What can only be a name: `kafka-7`.
_IDENTIFIER = re.compile(r"(?=\S*[-_.\d])(?=\S*[A-Za-z])[\w.-]+")
_USING = frozenset(
    "read reads write writes consume consumes publish publishes subscribe subscribes listen".split()
)
_MOVING = {"moves", "switches", "goes", "migrates", "changes", "becomes"}

Skip = Callable[[Sequence[Token], int], tuple[int, bool]]
Verb = Callable[[Sequence[Token], int], str | None]
_FILLING = {
    "is",
    "better",
    "we",
    "i",
    "need",
    "want",
    "it",
    "make",
    "take",
    "use",
    "good",
    "would",
    "be",
    ":",
    "please",
}
# "Could we have two more workers?"
_ASKED_POLITELY = [[modal, who] for modal in ("can", "could", "may") for who in ("i", "we")]
_MAKING = {"create", "add", "deploy", "connect", "keep"}
# Verbs after a name that say something of it, and those that do so of one alone.
_SAYING_OF_ONE = frozenset("needs gets has goes wants takes moves requires stays becomes".split())
_SAYING = _SAYING_OF_ONE | frozenset("should must shall need get have to then instead".split())


def told(
    tokens: Sequence[Token],
    gazetteer: Gazetteer,
    resources: Sequence[Resource],
    skip: Skip,
    verb: Verb,
) -> tuple[Token, ...]:
    """The tokens with every such statement as an order. `skip` leads past the words that open a request,
    `verb` gives the
    group of the verb that stands at a place."""
    tokens = rather(tokens, gazetteer, resources)
    names = [resource.name for resource in resources]
    stores = {resource.name for resource in resources if resource.type in DATA}
    out: list[Token] = []
    changing = False
    gone = False
    before = ""
    for begin, end, asked in _segments(tokens, skip, verb):
        if gone and tokens[begin].norm == ",":  # "postgres not needed, the DBAs give us one"
            out.append(replace(tokens[begin], text=".", norm="."))
            gone = False
            continue
        start, polite = skip(tokens[:end], begin)
        start = min(start, end)
        polite = polite or [token.norm for token in tokens[start : start + 2]] in _ASKED_POLITELY
        said = _of_members(tokens[start:end], tokens[:begin], gazetteer)
        tagged = gazetteer.tag(said, names)
        copied = adds_copies(tagged, stores)
        order = requested(said, tagged, gazetteer)
        if said and order is None and (polite or not asked) and not copied:
            order = _labelled(said, tagged, verb)
            order = order or _order(said, tagged, gazetteer, resources)
            order = order or again(before, said, tagged)
        if order is None and changing and _begins_new(said, gazetteer, names):
            order = [order_word("add", said[0]), *said]
        if order is not None and out and out[-1].norm == "so":
            out[-1] = replace(out[-1], text=".", norm=".", kind=Kind.PUNCTUATION)
        out += [*tokens[begin:start], *(order if order is not None else said)]
        gone = order is not None and order[0].norm == "remove"
        if order is not None or (said and verb(said, 0) is not None):
            group = verb(order or said, 0)
            before = (order or said)[0].norm
            changing = group is not None and group not in _MAKING
    return tuple(out)


def _begins_new(said: Sequence[Token], gazetteer: Gazetteer, names: Sequence[str]) -> bool:
    """`…, also a kafka queue`: something new after an order about what is there."""
    if len(said) < _LEAST_CUT or said[0].norm not in {"a", "an", "another"}:
        return False
    item = gazetteer.tag(said[1:5], names)[0]
    return bool(item.terms.keys() & {Sort.TYPE, Sort.SOFTWARE, Sort.COMPUTE})


def _segments(tokens: Sequence[Token], skip: Skip, verb: Verb) -> Iterator[tuple[int, int, bool]]:
    """Where parts of a message begin and end at which a statement can, and whether they ask."""
    begin = 0
    for index, token in enumerate(tokens):
        so = (
            token.norm == "so"
            and tokens[index + 1 : index + 2]
            and (tokens[index + 1].norm in _KNOWN or tokens[index + 1].kind is Kind.QUOTED)
        )
        if token.kind is Kind.QUOTED or (token.norm not in _JOINTS | _ENDS and not so):
            continue
        if token.norm in LISTING and _lists(tokens, index):
            ordered = verb(tokens, skip(tokens, begin)[0])
            if not _told_of_next(tokens, index, ordered):
                continue
        if token.norm == "-" and tokens[index + 1 : index + 2] and tokens[index + 1].norm == ">":
            continue  # an arrow
        if index > begin:
            yield begin, index, token.text == "?"
        yield index, index + 1, False
        begin = index + 1
    if begin < len(tokens):
        yield begin, len(tokens), False


def _lists(tokens: Sequence[Token], index: int) -> bool:
    """Whether a joint stands between two names or numbers: "web-1 and web-2 need 8GB", "80 and 443"."""
    ports = tokens[index - 1 : index + 2 : 2] if index else ()
    if len(ports) > 1 and all(token.kind is Kind.NUMBER for token in ports):
        return index + 2 >= len(tokens) or tokens[index + 2].norm not in COPIES
    after = index + 1
    while after < len(tokens) and tokens[after].norm in {"and", "the"}:
        after += 1
    ends = index > 0 and tokens[index - 1].kind is Kind.QUOTED
    return ends and after < len(tokens) and tokens[after].kind is Kind.QUOTED


def _told_of_next(tokens: Sequence[Token], joint: int, ordered: str | None) -> bool:
    """Whether a verb says something else of the name after a joint: "remove web-3, web-1 needs 8GB" takes one away."""
    after = joint + 1
    while after < len(tokens) and tokens[after].norm in {"and", "the"}:
        after += 1
    said = tokens[after + 1].text.casefold() if after + 1 < len(tokens) else ""
    taken = ordered == "remove" and said in _SAYING
    return taken or (ordered is not None and said in _SAYING_OF_ONE)


def _order(
    said: Sequence[Token],
    items: Sequence[Item],
    gazetteer: Gazetteer,
    resources: Sequence[Resource],
) -> list[Token] | None:
    names = [resource.name for resource in resources]
    kind = _kind_there(items, resources)
    length = subject_of(items)
    if said[0].kind is Kind.WORD and _IDENTIFIER.fullmatch(said[0].text) and ended(said[1:]):
        return [
            order_word("remove", said[0]),
            *said[:1],
        ]  # what is not there is said to be not there
    if not (length or kind):
        fronted = items[0].norm == "for"
        return (
            _fronted(items) if fronted else desired(said, gazetteer, names) or counted(said, items)
        )
    subject = tokens_of(items[: length or kind])
    rest = said[len(subject) :]
    rest = rest[1:] if len(rest) > 1 and rest[0].norm in {"both", "all", "each"} else rest
    if length and rest and (order := _runs(subject, rest, items[0], gazetteer)):
        return order
    if length and rest and (order := _wanted(subject, rest, items[0], gazetteer)):
        return order
    named = any(item.existing for item in items[:length])
    plain = (
        kind and rest and (not length or rest[0].kind is not Kind.NUMBER)
    )  # "postgres 16" may be its version
    return form(definite(subject, items[0]), rest, gazetteer) if rest and (named or plain) else None


def _runs(
    subject: list[Token], rest: Sequence[Token], first: Item, gazetteer: Gazetteer
) -> list[Token] | None:
    """`the web boxes run ubuntu 24.04`: another system for what is there."""
    wish = modal(rest)
    rest = rest[wish:] if rest[wish : wish + 1] and rest[wish].norm == "run" else rest
    system = gazetteer.tag(rest[1:])[:1] if rest[0].norm in {"run", "use", "using"} else ()
    if not system or not (Sort.IMAGE in system[0].terms or system[0].kind is Kind.IMAGE):
        return None
    switch, to = order_word("switch", subject[0]), order_word("to", rest[0])
    return [switch, *definite(subject, first), to, *rest[1:]]


def _wanted(
    subject: list[Token], rest: Sequence[Token], first: Item, gazetteer: Gazetteer
) -> list[Token] | None:
    """What is said of a subject with a verb: that it is to go, to talk to something, or to have something."""
    if ended(rest):
        return [order_word("remove", subject[0]), *subject]
    if bigger := ill_sized(rest):
        return [
            order_word("make", subject[0]),
            *definite(subject, first),
            order_word(bigger, rest[-1]),
        ]
    return parted(subject, rest) or _done(definite(subject, first), rest, gazetteer)


def _done(subject: list[Token], rest: Sequence[Token], gazetteer: Gazetteer) -> list[Token] | None:
    """What a thing does, as the order that makes it so: `moves to mariadb`, `reads from players`, `should have 8GB`."""
    if rest[0].text.casefold() in _MOVING and len(rest) > 1:
        return _moves(subject, rest[1:], gazetteer)
    rest = rest[1:] if len(rest) > 1 and rest[0].norm in {"also", "now", "just"} else rest
    if rest[0].norm in _USING and rest[1:2] and rest[1].norm in {"to", "from", "in", "with"}:
        return linked(subject, [replace(rest[0], norm="reach"), *rest[2:]])
    if rest[0].norm in TALKING and rest[1:2] and rest[1].norm in {"to", "with"}:
        return linked(subject, list(rest))
    wish = modal(rest)
    return wished(subject, rest[wish:], gazetteer) if wish else None


def _moves(subject: list[Token], rest: Sequence[Token], gazetteer: Gazetteer) -> list[Token] | None:
    """`clients moves to mariadb`, `api goes to 4 instances`."""
    rest = [
        token
        for n, token in enumerate(rest)
        if n or token.norm not in {"over", "up", "down", "back"}
    ]
    if rest[:1] and rest[0].norm == "to":
        rest = rest[1:]
    system = gazetteer.tag(rest)[:1]
    if system and system[0].terms.keys() & {Sort.SOFTWARE, Sort.IMAGE}:
        return [order_word("switch", subject[0]), *subject, order_word("to", rest[0]), *rest]
    return amounted(subject, rest, only=True)


def _kind_there(items: Sequence[Item], resources: Sequence[Resource]) -> int:
    """How many items name a kind of what is there, without an article: `database`, `kubernetes cluster`."""
    item = items[0]
    kind, software = item.id_of(Sort.TYPE), item.id_of(Sort.SOFTWARE)
    named = any(
        (kind and kind == resource.type) or (software and runs(resource, software))
        for resource in resources
    )
    following = items[1:2]
    grouped = bool(following) and bool(following[0].terms.keys() & {Sort.GROUP, Sort.COMPUTE})
    return 0 if not named or item.plural else 1 + grouped


def _fronted(items: Sequence[Item]) -> list[Token] | None:
    """`for archive 300GB of disk would be better`: what it is for said first."""
    length = subject_of(items[1:])
    place = 1 + length
    while place < len(items) and items[place].norm in _FILLING:
        place += 1
    if not length or place >= len(items) or items[place].kind not in AMOUNTS:
        return None
    subject = definite(tokens_of(items[1 : 1 + length]), items[1])
    return amounted(subject, tokens_of(items[place:]), only=True)


def _of_members(
    said: Sequence[Token], before: Sequence[Token], gazetteer: Gazetteer
) -> Sequence[Token]:
    """`The control plane is a single point of failure, run 3 of them`: the members that were spoken of before."""
    place = next((n for n, token in enumerate(said) if token.norm in {"them", "it"}), None)
    named = {"specs.control_plane", "specs.workers"}
    members = [item for item in gazetteer.tag(before) if item.id_of(Sort.ATTRIBUTE) in named]
    counts = bool(said) and said[-1].kind is Kind.NUMBER
    if (
        place is None
        or not (members and counts)
        or any(token.kind is Kind.QUOTED for token in before)
    ):
        return said
    near = said[place]
    spoken = [replace(token, start=near.start, end=near.end) for token in members[-1].tokens]
    return [*said[:place], order_word("the", near), *spoken, *said[place + 1 :]]


def _labelled(said: Sequence[Token], items: Sequence[Item], verb: Verb) -> list[Token] | None:
    """`registry: add 300GB`."""
    subject = tokens_of(items[: subject_of(items)])
    rest = said[len(subject) :]
    if not subject or len(rest) < _LEAST_CUT or rest[0].norm != ":":
        return None
    group = verb(rest, 1)
    length = 2 if verb(rest, 2) is None and verb(rest[1:2], 0) is None else 1
    return labelled(subject, rest, group, length)
