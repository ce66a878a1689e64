"""What is left of a first request, put as plainly as the grammar reads it.

"What I have in mind is X" and "X will do" ask for X; "4 cores per node would be perfect" is said of what was named just
before, "Debian is what they know" of what has no system yet, and "a proper one" is one of what was told of.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.weighing.standings import Standing
from alma.core.language.weighing.wants import Said
from alma.core.language.words.seldom import Seldom, seldom
from alma.core.language.words.tokens import Kind

_NUMBER = r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|a pair of|a couple of|\d+)"
_ENOUGH = (
    r"(?:(?:will|would|should|'ll|'d) (?:do|suffice|be (?:fine|enough|okay?|plenty|perfect|great|ideal|sufficient|"
    r"handy|nice|good|useful|helpful|lovely|appreciated|welcome)(?: too| as well)?)|"
    r"(?:is|are) (?:enough|plenty|fine|sufficient|perfect|(?:all|what) (?:i|we) need))\b(?: for (?:us|now|me))?"
)
_LEAD = r"^(?P<lead>\W*(?:(?:so|and|then|well|ok|okay|now|hence|therefore|thus)\b\W*)*)"
_I_NEED = r"\g<lead>I need"
_PLAINLY: Sequence[tuple[Seldom, str]] = tuple(
    (seldom(pattern, re.IGNORECASE), plain)
    for pattern, plain in (
        (
            _LEAD + rf"what(?:'s|\b)[^.,:;?]{{2,50}}? (?:is|are|would be):?\s+(?={_NUMBER} )",
            _I_NEED + " ",
        ),
        (_LEAD + r"(?P<what>[\w .-]{2,40}?) it is(?=\W*$)", _I_NEED + r" \g<what>"),
        (_LEAD + r"(?:i'm|i am|we're|we are) (?:asking|applying) for\b", _I_NEED),
        (r"[,;]? (?:and )?nothing (?:more|else|fancy|special)\b", ""),
        (_LEAD + r"(?:what|all) (?:i|we)\b[^.,:;]{0,40}? (?:is|are|would be)\b:?\s*", _I_NEED + " "),
        (
            _LEAD + r"(?:the )?(?:first|only|one|other|next|main) things? (?:that )?(?:i|we)\b"
            r"[^.,:;]{0,40}? (?:is|are)\b",
            _I_NEED,
        ),
        (
            _LEAD + r"(?:please|(?:could|can|would|will) you|(?:could|can|may) (?:we|i)|"
            r"(?:is|would) it (?:be )?possible to)(?: please| kindly| maybe| possibly)? "
            r"(?:draft|prepare|arrange|sketch|make|set up|spin up|get|give|build|"
            r"provide|create|have|put up|add|plan(?: for)?|order|provision|deploy|reserve|line up|organi[sz]e)"
            r"(?: me| us| up| out| together)*(?= )",
            _I_NEED,
        ),
        (r" of (?:our|my|their|its) own\b", ""),
        (_LEAD + rf"(?P<what>{_NUMBER} [^.,;]{{3,60}}?) it is\b", _I_NEED + r" \g<what>"),
        (
            _LEAD + rf"(?:[\w' ]{{3,20}}? )??(?P<what>{_NUMBER} [^.,;]{{3,60}}?) {_ENOUGH}",
            _I_NEED + r" \g<what>",
        ),
        (
            _LEAD + r"(?:the|our|my) (?:idea|plan|goal|wish|request) (?:is|would be) (?:to|for you to)\b",
            r"\g<lead>please",
        ),
        (_LEAD + r"i(?:'d| would) say\b", _I_NEED),
        (_LEAD + r"(?:we|i)(?:'ve| have)? (?:agreed|settled|decided) on\b", _I_NEED),
        (_LEAD + r"(?:i'm|i am|we're|we are) thinking (?:of|about)\b", _I_NEED),
    )
)  # fmt: skip
# Where the wish itself begins, after when, why or what for it is wished.
_WISH = seldom(
    r"\b(?:(?:i|we)(?:'d| would|'ll)? (?:\w+ )?(?:need|want|like|love|require)\b|please\b|"
    r"(?:could|can) (?:you|we|i)\b)",
    re.IGNORECASE,
)
_FRONTED = seldom(
    r"^\W*(?:(?:so|and|now|but|then|well)\W+)*(?:after|before|since|for|in|on|at|with|as|during|until|from|by|"
    r"because of|due to|given|following|instead of|[a-z]+ly)\b",
    re.IGNORECASE,
)
# "A small Debian VM will do": what was asked for just before, said more closely.
_WILL_DO = seldom(rf"{_LEAD}(?:an?|one) (?P<what>[^.,;:]{{3,60}}?) {_ENOUGH}\W*", re.IGNORECASE)
_IT = seldom(r"it|that|this", re.IGNORECASE)
_SETTING = seldom(
    r"install|set up|deploy|have|run|host|get|add|put|create|try|use|take", re.IGNORECASE
)
_TAIL = seldom(rf"\s*\b{_ENOUGH}", re.IGNORECASE)
_EACH = seldom(
    r"^\W*(?:each|every)(?: node| one| of (?:them|the nodes))? ?(?:should (?:have|get)|needs?|gets?|has|with)?\s*",
    re.IGNORECASE,
)
_OF_ALL = seldom(
    r"^\W*(?:the )?nodes? (?:should (?:have|get)|needs?|gets?|have|with)\s*", re.IGNORECASE
)
_AMOUNTS = {Kind.SIZE, Kind.NUMBER}
_THINGS = {Sort.TYPE, Sort.SOFTWARE, Sort.PRODUCT, Sort.ROLE, Sort.GROUP, Sort.CONTENT}
_MACHINES = {"vm", "container"}


@dataclass(frozen=True, slots=True)
class Part:
    """A clause, and its words as items."""

    said: Said
    items: Sequence[Item]

    def has(self, *sorts: Sort) -> bool:
        return any(item.terms.keys() & set(sorts) for item in self.items)


def as_wishes(
    message: str, parts: Sequence[Part], kept: Collection[Standing], *, bare: bool = False
) -> str:
    """The clauses that stand so, as plain wishes; `bare`: each from where its wish begins."""
    out, before = "", None
    for index, part in enumerate(parts):
        if part.said.standing not in kept:
            before = None
            continue
        text = _plain(part.said.text)
        text = _bared(text) if bare else text
        amounts = _amounts_only(part, parts[index - 1] if index else None)
        if amounts is not None and out:
            out = f"{out.rstrip(' .!?')} with {amounts}"
        else:
            joint = message[before.end : part.said.start] if before is not None else ""
            out += joint or (_gap(out) if out else "")
            out += text
        before = part.said
    return out + _without(parts)


def _gap(out: str) -> str:
    return " " if out.rstrip()[-1:] in ".!?…:" else ". "


def _plain(text: str) -> str:
    text = text.replace("’", "'")
    asked = text
    for pattern, plain in _PLAINLY:
        text = pattern.sub(plain, text, count=1)
    return text if text == asked else re.sub(r"\?\s*$", ".", text)


def _bared(text: str) -> str:
    wish = _WISH.search(text) if _FRONTED.match(text) else None
    return text[wish.start() :] if wish is not None else text


def _amounts_only(part: Part, before: Part | None) -> str | None:
    """The amounts of a clause that says nothing else, after what is asked for: "4 cores per node would do"."""
    if before is None or before.said.standing is not Standing.WANTED or not before.has(*_THINGS):
        return None
    if part.has(*_THINGS) or part.has(Sort.IMAGE):
        return None
    nodes = any("node" in item.norm.split() for item in part.items)
    if not nodes or not any(item.kind in _AMOUNTS for item in part.items):
        return None
    text = _EACH.sub("", _OF_ALL.sub("", part.said.text.strip(" .!?")))
    return _TAIL.sub("", text)


def _spoken_of(part: Part, earlier: Sequence[Part]) -> tuple[str, int] | None:
    """The clause with `a proper one`, or `install it`, as what was told of before, and where that was."""
    if part.said.standing is not Standing.WANTED or part.has(Sort.COMPUTE):
        return None
    place = _pronoun(part)
    known = [
        (item, index)
        for index, other in enumerate(earlier)
        for item in other.items
        if item.terms.keys() & {Sort.SOFTWARE, Sort.TYPE}
    ]
    if place is None or not known:
        return None
    thing, index = known[-1]
    if earlier[index].said.standing is Standing.WANTED and _IT.fullmatch(place.text):
        return None
    start, end = place.tokens[0].start, place.tokens[-1].end
    return f"{part.said.text[:start]}{thing.text}{part.said.text[end:]}", index


def _pronoun(part: Part) -> Item | None:
    """The word that stands for something in an order, where nothing new is named before it."""
    for before, item in pairwise(part.items):
        if item.terms.keys() & _THINGS and not _hosts(item):
            return None
        if item.norm == "one" and not before.terms and before.norm not in {"of", "just"}:
            return item
        if _IT.fullmatch(item.text) and _SETTING.fullmatch(before.norm):
            return item
    return None


def _hosts(item: Item) -> bool:
    """Whether a word only says where something runs: `a new one on a VM`."""
    return item.id_of(Sort.TYPE) in _MACHINES


def _without(parts: Sequence[Part]) -> str:
    """What would be put before several servers by itself, where it is told to be elsewhere."""
    standings = {
        part.said.standing
        for part in parts
        for item in part.items
        if item.id_of(Sort.TYPE) == "load_balancer"
    }
    return " No load balancer." if standings == {Standing.TOLD} else ""


def with_preferences(parts: Sequence[Part]) -> list[Part]:
    """The clauses with what is said of no thing, `Debian is what they know`, before the one that it can only be of; and
    with `a small VM will do` as more of what was asked for."""
    found = list(parts)
    for index, part in enumerate(parts):
        owner = _spoken_of(part, found[:index])
        if owner is not None:
            text, told = owner
            found[index] = part = replace(part, said=replace(part.said, text=text))
            if found[told].said.standing is Standing.OPEN:
                said = replace(found[told].said, standing=Standing.TOLD)
                found[told] = replace(found[told], said=said)
            continue
        closer = _closer(part, found[index - 1]) if index else None
        sort = Sort.IMAGE if closer is not None else _preferred(part)
        word = next((item for item in part.items if sort in item.terms), None) if sort else None
        place = _unspecified(found[:index], word, roles=closer is not None) if word else None
        if place is not None and word is not None:
            found[place[0]] = _with_word(found[place[0]], _versioned(part, word), place[1])
        if closer is not None:
            found[index - 1] = _ended(found[index - 1])
            found[index] = replace(part, said=replace(part.said, text=closer))
        elif place is not None:
            found[index] = replace(part, said=replace(part.said, standing=Standing.TOLD))
    return found


def _versioned(part: Part, word: Item) -> str:
    """A word with the version right after it: `Ubuntu 22.04`."""
    following = next((b for a, b in pairwise(part.items) if a is word), None)
    versioned = following is not None and following.kind is Kind.NUMBER
    return f"{word.text} {following.text}" if versioned and following else word.text


def _with_word(part: Part, word: str, offset: int) -> Part:
    text = f"{part.said.text[:offset]}{word} {part.said.text[offset:]}"
    return replace(part, said=replace(part.said, text=text))


def _ended(part: Part) -> Part:
    text = re.sub(r"[\s.!?]+$", "", re.sub(r"\binstead\b", "", part.said.text))
    return replace(part, said=replace(part.said, text=f"{text},"))


def _closer(part: Part, before: Part) -> str | None:
    """What is left of a clause that only says more closely what the one before asked for: one machine, if any."""
    described = _WILL_DO.match(part.said.text)
    if described is None or before.said.standing is not Standing.WANTED:
        return None
    named = [
        item for item in before.items if item.terms.keys() & _THINGS or Sort.COMPUTE in item.terms
    ]
    own = {Sort.SOFTWARE, Sort.PRODUCT, Sort.ROLE}
    kind = {item.id_of(Sort.TYPE) for item in part.items} - {None}
    machine = kind <= _MACHINES and (kind or part.has(Sort.COMPUTE))
    if len(named) != 1 or named[0].plural or part.has(*own) or not machine:
        return None
    return part.said.text[described.end() :]


def _preferred(part: Part) -> Sort | None:
    """Whether a clause names a system, or software, and nothing that could be made."""
    if part.said.standing not in {Standing.OPEN, Standing.WANTED}:
        return None
    sizes = any(item.kind is Kind.SIZE or Sort.ATTRIBUTE in item.terms for item in part.items)
    if sizes or part.has(Sort.TYPE, Sort.COMPUTE, Sort.ROLE):
        return None
    return Sort.IMAGE if part.has(Sort.IMAGE) else None


def _is_machine(item: Item, *, roles: bool) -> bool:
    return (
        item.id_of(Sort.TYPE) in _MACHINES
        or Sort.COMPUTE in item.terms
        or (roles and Sort.ROLE in item.terms)
    )


def _unspecified(
    parts: Sequence[Part], word: Item, *, roles: bool = False
) -> tuple[int, int] | None:
    """Where the only noun stands that a word for a system can be of: the clause, and the place in it."""
    places = [
        (at, item.tokens[0].start)
        for at, part in enumerate(parts)
        if part.said.standing is Standing.WANTED
        for index, item in enumerate(part.items)
        if _is_machine(item, roles=roles)
        and not (index and _is_machine(part.items[index - 1], roles=roles))
    ]
    taken = any(Sort.IMAGE in item.terms for part in parts for item in part.items)
    return places[0] if len(places) == 1 and not taken else None
