"""People who change their mind in the middle of a sentence: "3 servers, no, make that 4". The last word counts; two
numbers that both want to be the last ("2 servers, exactly 3") are asked about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.wording.second_choice import without_first_choice
from alma.core.language.words.tokens import Kind, Token

Tag = Callable[[Sequence[Token]], Sequence[Item]]

_MIND = {
    "no",
    "nope",
    "wait",
    "sorry",
    "actually",
    "mean",
    "meant",
    "correction",
    "scratch",
    "rather",
    "better",
    "oops",
    "whoops",
    "eh",
    "plenty",
    "nah",
}
_MAKES = {("make", "that"), ("make", "it")}
_EXACTLY = {"exactly", "precisely"}
_INSISTING = {"exactly", "only", "precisely", "just", "also"}
_BETWEEN = _MIND | _INSISTING | set(
    ", . … - – — ; i that make it there have has to be the say let's lets uh um er hm hmm mm mmh or even and should "
    "well ok okay then of must not but is are we need want leave keep stay stick at with as".split()
)  # fmt: skip
_PHRASES = (
    ("no", "wait"), ("wait", "no"), ("no", ",", "wait"), ("i", "mean"), ("i", "meant"), ("scratch", "that"),
    ("sorry",), ("make", "that"), ("or", "rather"), ("correction",), ("eh",), ("no", ",", "sorry"), ("no", "sorry"),
)  # fmt: skip
_BY_FIRST = {first: [phrase for phrase in _PHRASES if phrase[0] == first] for first, *_ in _PHRASES}
_AMOUNTS = {Kind.NUMBER, Kind.SIZE, Kind.MONEY}
_AFTER_IT = {
    ",",
    ";",
    "-",
    "–",
    "—",
    "…",
    ".",
    "!",
    "and",
    "please",
    "of",
    "for",
    "instead",
    "each",
    "apiece",
}
_ENOUGH = frozenset(
    "is will would be do plenty enough fine better actually rather instead suffices".split()
)
_SAID_ENDS = {",", ";", "-", "–", "—", "…", ".", "!"}
_ARTICLES = {"a", "an", "the", "some"}
_ONLY = {"just", "only"}
_HESITATING = {"no", "nope", "nah", "oh", "hm", "hmm", "wait", "sorry", "actually", "ah", "well"}
_WISHING = frozenset(
    "give me us i we want need i'd we'd like have make it let's get use take do would please rather better".split()
)
_THINGS = {Sort.TYPE, Sort.SOFTWARE, Sort.PRODUCT, Sort.ROLE, Sort.COMPUTE, Sort.IMAGE}
_FURTHER = {"more", "extra", "additional", "further"}


@dataclass(frozen=True, slots=True)
class Settled:
    """What is left of a message once its corrections hold, and the amounts that contradict each other."""

    tokens: tuple[Token, ...]
    between: tuple[str, ...] = ()


def settle(tokens: Sequence[Token], tag: Tag) -> Settled:
    """The message with its corrections carried out."""
    left = without_first_choice(tokens, tag)
    first = _next_amount(left, 0)
    while first is not None:
        second = next((n for n in range(first + 1, len(left)) if _alike(left, first, n)), None)
        if second is None:
            first = _next_amount(left, first + 1)
            continue
        why = _turn(left, first, second, tag)
        if why == "contradicts":
            noun = _noun(left[first + 1 :], tag) or _noun(left[second + 1 :], tag)
            amounts = [left[first].text, left[second].text]
            return Settled(tuple(left), (noun or "of them", *amounts))
        if why == "corrects":
            left[first] = _in_its_unit(left[second], left[first])
            _drop_approval(left, second)
            tail = (
                second
                + 1
                + (
                    _noun_length(left[second + 1 :], tag)
                    if _said_before(left, first, second, tag)
                    else 0
                )
            )
            noun_end = first + 1 + _noun_length(left[first + 1 : second], tag)
            left[noun_end:tail] = []
        else:
            first = _next_amount(left, first + 1)
    return Settled(tuple(_without_taken_back(left, tag)))


def _alike(tokens: Sequence[Token], first: int, second: int) -> bool:
    """Whether two amounts may be of one thing: `64 GB - eh, 32 is plenty` leaves the unit out."""
    same = tokens[second].kind is tokens[first].kind
    bare = tokens[first].kind is Kind.SIZE and tokens[second].kind is Kind.NUMBER
    return same or (bare and _approved(tokens, second + 1) > second + 1)


def _approved(tokens: Sequence[Token], index: int) -> int:
    """Where words end that only say that an amount will do."""
    end = index
    while end < len(tokens) and tokens[end].norm in _ENOUGH:
        end += 1
    return end if end == len(tokens) or tokens[end].norm in _AFTER_IT else index


def _drop_approval(tokens: list[Token], amount: int) -> None:
    del tokens[amount + 1 : _approved(tokens, amount + 1)]


def _in_its_unit(new: Token, old: Token) -> Token:
    if new.kind is Kind.NUMBER and old.kind is Kind.SIZE:
        unit = str(old.value).lstrip("0123456789. ")
        return replace(
            old, text=f"{new.text}{unit}", norm=f"{new.norm}{unit}", value=f"{new.value}{unit}"
        )
    return replace(new, start=old.start)


def _next_amount(tokens: Sequence[Token], start: int) -> int | None:
    return next((n for n in range(start, len(tokens)) if tokens[n].kind in _AMOUNTS), None)


def _said_before(tokens: Sequence[Token], first: int, second: int, tag: Tag) -> bool:
    """Whether what is counted was said before the correction, and is not needed again after it."""
    return _noun(tokens[first + 1 : second], tag) is not None


def _turn(tokens: Sequence[Token], first: int, second: int, tag: Tag) -> str | None:
    """Whether the second amount corrects the first, contradicts it, or has nothing to do with it."""
    noun, again = _noun(tokens[first + 1 : second], tag), _noun(tokens[second + 1 :], tag)
    if _insists(tokens, first) and _insists(tokens, second) and _is_one(tokens[first + 1 : second]):
        return "contradicts"
    after = _approved(tokens, second + 1)
    last = after + (after < len(tokens) and tokens[after].norm in _FURTHER)
    alone = last >= len(tokens) or tokens[last].norm in _AFTER_IT
    if not (alone or (again is not None and again == noun)):
        return None
    length = _noun_length(tokens[first + 1 : second], tag)
    words = [token.norm for token in tokens[first + 1 + length : second]]
    known = {*_BETWEEN, *(noun or "").split()}
    if any(word not in known for word in words):
        return None
    if _MIND & set(words) or after > second + 1 or any(pair in _MAKES for pair in pairwise(words)):
        return "corrects"
    if again is not None and words in (["and"], ["and", "also"]):
        return "contradicts" if _both_of_one(tokens[second + 1 :], tag) else None
    return "contradicts" if noun is not None and _INSISTING & set(words) else None


def _insists(tokens: Sequence[Token], amount: int) -> bool:
    """`exactly 2`."""
    return amount > 0 and tokens[amount - 1].norm in _EXACTLY


def _is_one(between: Sequence[Token]) -> bool:
    """Whether nothing stands between two amounts but what holds them together: `exactly 2 and exactly 5 of them`."""
    return {token.norm for token in between} <= {"and", "but", "also", ",", "&", *_EXACTLY}


def _both_of_one(tokens: Sequence[Token], tag: Tag) -> bool:
    """Whether `2 cores and 8 cores` are said of the same thing, nothing else coming after them."""
    item = next(iter(tag(tokens[:4])), None)
    if item is None or item.id_of(Sort.ATTRIBUTE) not in {"specs.cpu", "specs.memory"}:
        return False
    after = tokens[len(item.tokens) :]
    return not after or after[0].kind is Kind.PUNCTUATION


def _noun(tokens: Sequence[Token], tag: Tag) -> str | None:
    """The head of the noun phrase that starts there: `server` of `web servers`."""
    length = _noun_length(tokens, tag)
    return tokens[length - 1].norm if length else None


def _noun_length(tokens: Sequence[Token], tag: Tag) -> int:
    length = 0
    for item in tag(tokens[:4]):
        further = not length and item.norm in _FURTHER
        if (not item.terms and not further) or item.tokens[0].norm in _BETWEEN:
            break
        length += len(item.tokens)
    return length


def _without_taken_back(tokens: list[Token], tag: Tag) -> list[Token]:
    """`add a cache, no wait, a queue`, `3 web servers … no, sorry, just one db`: what was said before goes, from its
    article or number on."""
    for place in range(1, len(tokens)):
        for phrase in _BY_FIRST.get(tokens[place].norm, ()):
            end = place + len(phrase)
            if tuple(token.norm for token in tokens[place:end]) != phrase or end >= len(tokens):
                continue
            begun = place
            while begun > 1 and tokens[begun - 1].norm in _HESITATING:
                begun -= 1
            if tokens[begun - 1].norm not in _SAID_ENDS:
                continue
            end = _past_wishing(tokens, end)
            start = _taken_back(tokens, begun, end, tag)
            if start is not None:
                return [*tokens[:start], *tokens[end:]]
    return tokens


def _taken_back(tokens: Sequence[Token], place: int, end: int, tag: Tag) -> int | None:
    """Where begins what is taken back before `place`, if what stands at `end` takes its place."""
    if tokens[end : end + 1] and tokens[end].norm in _ARTICLES:
        before = (n for n in range(place - 1, -1, -1) if tokens[n].norm in _ARTICLES)
        return next(before, 0 if _only_a_thing(tokens[:place], tag) else None)
    if not _counts(tokens, end, tag):
        return None
    return next((n for n in range(place - 1, -1, -1) if _counts(tokens[:place], n, tag)), None)


def _past_wishing(tokens: Sequence[Token], end: int) -> int:
    """Where begins what is wanted instead: after `give me`, `I want`, `make it just`."""
    while end < len(tokens) - 1 and tokens[end].norm in _SAID_ENDS | _ONLY | _WISHING:
        end += 1
    return end


def _only_a_thing(tokens: Sequence[Token], tag: Tag) -> bool:
    """`mosquitto broker …`: whether all that was said before is one thing without its article."""
    items = tag([token for token in tokens if token.norm not in _SAID_ENDS])
    return bool(items) and all(item.terms.keys() & _THINGS for item in items)


def _counts(tokens: Sequence[Token], index: int, tag: Tag) -> bool:
    """Whether a number there counts things: no cores, and no gigabytes."""
    if index >= len(tokens) or tokens[index].kind is not Kind.NUMBER:
        return False
    length = _noun_length(tokens[index + 1 :], tag)
    item = next(iter(tag(tokens[index + 1 : index + 1 + length])), None)
    return item is not None and not item.terms.keys() & {Sort.ATTRIBUTE}
