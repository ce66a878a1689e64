"""Short orders about what is there that name an amount first: `6 replicas of api`, `8 cores for the cache`,
`+4GB for web`,
`fedora on app-1`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.wording.subjects import (
    AMOUNTS,
    COPIES,
    INDEFINITE,
    KNOWN,
    definite,
    order_word,
    subject_of,
    tokens_of,
)
from alma.core.language.words.tokens import Kind, Token

_THINGS = {Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE, Sort.ROLE}
_SYSTEMS = {Sort.IMAGE, Sort.SOFTWARE}
_PUTTING = {
    "put",
    "install",
    "run",
    "use",
    "have",
    "prefer",
    "i",
    "i'd",
    "we",
    "we'd",
    "would",
    "rather",
    "want",
    "get",
    "like",
    "make",
    "let",
    "it",
}
_OF_ONESELF = {"i", "we", "i'd", "we'd", "would", "like", "can", "could", "may"}
_GOING = {"i", "we", "want", "need", "to", "go", "grow", "move", "from", "scale", "let's", "lets"}
_WITH_ARTICLE = 2
_LEAST_CUT = 2
_MEASURED = 6
_JUDGING = frozenset(
    "is are was were isn't aren't wasn't weren't seems seem looks look feels feel sounds won't doesn't don't".split()
)
_LACKING = (
    ("is", "missing"),
    ("is", "still", "missing"),
    ("is", "needed"),
    ("would", "be", "nice"),
    ("would", "be", "good"),
    ("would", "be", "great"),
    ("would", "help"),
    ("is", "needed", "too"),
    ("would", "be", "nice", "too"),
)
_MORE = {"more", "additional", "extra", "further", "other"}
_FEWER = {"fewer", "less"}
_ADDING = {"add", "adding", "create"}
_STORE_COPIES = {"replica", "copy", "mirror"}
# What the verb before a number of copies does with it.
_SIGNS = {
    frozenset({"add", "adding"}): "up",
    frozenset({"remove", "drop", "delete", "kill", "rm"}): "down",
    frozenset({"run", "make", "have", "set", "scale", "use", "keep", "want", "need"}): "to",
}


def _names_new(items: Sequence[Item]) -> bool:
    """`a copy of the worker called jobs`: a thing of its own."""
    return any(item.kind is Kind.QUOTED and item.existing is None for item in items)


def _counted(items: Sequence[Item]) -> list[Token] | None:
    """`6 replicas of api`, `add two more instances to api`, `remove one copy of api`."""
    while len(items) > 1 and items[0].norm in _OF_ONESELF:
        items = items[1:]
    sign = next((sign for words, sign in _SIGNS.items() if items[0].norm in words), None)
    place = int(sign is not None)
    place += int(place < len(items) and items[place].norm == "it")
    if place >= len(items) or not (
        items[place].kind is Kind.NUMBER or items[place].norm in INDEFINITE
    ):
        return None
    number, place = items[place].tokens[0], place + 1
    more = number.norm == "another"
    while place < len(items) and items[place].norm in _MORE | _FEWER:
        more, sign = True, "down" if items[place].norm in _FEWER else sign
        place += 1
    if place + 1 >= len(items) or items[place].norm not in COPIES:
        return None
    if items[place + 1].norm not in {"of", "for", "to", "from", "on"}:
        return None
    place += 2 + (place + 2 < len(items) and items[place + 2].norm in KNOWN)
    known = items[place - 1].norm in KNOWN and sign == "to" and not more
    spoken = subject_of(items[place - 1 :]) if known else 0
    if place >= len(items) or not (items[place].existing or spoken):
        return None
    named = items[place].existing is not None
    start, end = (place, place + 1) if named else (place - 1, place - 1 + spoken)
    after = [] if named and _sign(items, end) == "more" else tokens_of(items[end:])
    return [
        *_order_of(number, sign, more=more),
        *tokens_of(items[start:end]),
        *_amount_of(number, sign, more=more),
        *after,
    ]


def _sign(items: Sequence[Item], index: int) -> str:
    return items[index].norm if index < len(items) else ""


def _order_of(number: Token, sign: str | None, *, more: bool) -> list[Token]:
    """`scale`, `scale up`, `scale down`."""
    way = {"down": ["down"]}.get(sign or "", ["up"] if more or sign == "up" else [])
    return [order_word(word, number) for word in ("scale", *way)]


def _amount_of(number: Token, sign: str | None, *, more: bool) -> list[Token]:
    """`to 3`, `by 1`."""
    link = "to" if not more and sign in {None, "to"} else "by"
    if number.kind is not Kind.NUMBER:
        number = replace(number, text="1", norm="1", kind=Kind.NUMBER, value=1)
    return [order_word(link, number), number]


def adds_copies(items: Sequence[Item], stores: Collection[str]) -> bool:
    """`add a replica of orders`: a store's copy is a resource of its own, and no higher count of the store."""
    if not items or items[0].norm not in _ADDING | INDEFINITE:
        return False
    copy = next((n for n, item in enumerate(items[:_MEASURED]) if item.norm in _STORE_COPIES), None)
    after = items[copy + 1 : copy + 4] if copy is not None else ()
    linked = bool(after) and after[0].norm in {"of", "for", "to", "from"}
    return linked and any(item.existing in stores for item in after[1:])


def _added(said: Sequence[Token]) -> list[Token] | None:
    """`+4GB of memory for api`, `a cache is missing`."""
    if said[0].text == "+" and len(said) > 1 and said[1].kind in AMOUNTS:
        return [order_word("add", said[0]), *said[1:]]
    words = tuple(token.norm for token in said)
    for tail in _LACKING:
        if (
            said[0].norm in INDEFINITE
            and words[-len(tail) :] == tail
            and len(words) > len(tail) + 1
        ):
            return [order_word("add", said[0]), *said[: -len(tail)]]
    return None


def _cut(items: Sequence[Item]) -> list[Token] | None:
    """`cut the cache`, with no amount to cut it by."""
    if items[0].norm not in {"cut", "lower"} or len(items) < _LEAST_CUT:
        return None
    whole = subject_of(items[1:]) == len(items) - 1
    return [order_word("remove", items[0].tokens[0]), *tokens_of(items[1:])] if whole else None


def _measured(items: Sequence[Item]) -> list[Token] | None:
    """`8 cores for backend`, `4GB more memory for the cache`."""
    if items[0].kind not in {Kind.SIZE, Kind.NUMBER}:
        return None
    turn = next(
        (n for n, item in enumerate(items[:_MEASURED]) if item.norm in {"for", "on", "in"}), None
    )
    if turn is None or not all(_of_amount(item) for item in items[1:turn]):
        return None
    length = subject_of(items[turn + 1 :])
    if not length or (turn == 1 and items[0].kind is Kind.NUMBER):
        return None
    who = definite(tokens_of(items[turn + 1 : turn + 1 + length]), items[turn + 1])
    what = [token for item in items[:turn] if item.norm not in _MORE for token in item.tokens]
    after = tokens_of(items[turn + 1 + length :])
    if after and after[0].norm in _JUDGING:
        return None  # "64GB for the cache is overkill"
    near = items[0].tokens[0]
    if any(item.norm in _MORE for item in items[:turn]):
        return [order_word("add", near), *what, order_word("to", near), *who, *after]
    return [order_word("set", near), *who, order_word("to", near), *what, *after]


def _of_amount(item: Item) -> bool:
    return (
        item.norm in {"of", "and", *_MORE} or Sort.ATTRIBUTE in item.terms or item.kind in AMOUNTS
    )


def _put_on(items: Sequence[Item]) -> list[Token] | None:
    """`fedora on app-1`, `run app-1 on fedora`, `I'd prefer mongo for orders-db`: other software or another system."""
    start = 0
    while start < len(items) and items[start].norm in _PUTTING:
        start += 1
    rest = items[start:]
    turn = next(
        (n for n, item in enumerate(rest) if item.norm in {"on", "for", "in", "onto", "with"}), None
    )
    if not turn or turn + 1 >= len(rest):
        return None
    left, right = _chosen(rest[:turn]), rest[turn + 1 :]
    length = subject_of(right)
    system = left[0].terms.keys() & _SYSTEMS or left[0].kind is Kind.IMAGE
    if length and system and rest[turn].norm != "with":
        who, what, after = right[:length], left, right[length:]
    elif (
        start
        and left[-1].existing is not None
        and len(left) <= _WITH_ARTICLE
        and Sort.IMAGE in right[0].terms
    ):
        who, what, after = left[-1:], right, ()
    else:
        return None
    kinds = {Kind.NUMBER, Kind.IMAGE}
    if not all(item.terms.keys() & _SYSTEMS or item.kind in kinds for item in what[:2]):
        return None
    tokens = [tokens_of(part) for part in (who, what, after)]
    near = items[0].tokens[0]
    return [order_word("switch", near), *tokens[0], order_word("to", near), *tokens[1], *tokens[2]]


def _chosen(items: Sequence[Item]) -> Sequence[Item]:
    """`debian` of `debian instead of ubuntu`: what was there before is not what is put."""
    turn = next((n for n, item in enumerate(items) if item.norm == "instead"), 0)
    return (
        items[:turn] if turn and [item.norm for item in items[turn + 1 :]][:1] == ["of"] else items
    )


def _instead(items: Sequence[Item]) -> list[Token] | None:
    """`three web servers instead of two`: "scale the web servers to three"."""
    turn = next((n for n, item in enumerate(items) if item.norm == "instead"), None)
    if turn is None or items[0].kind is not Kind.NUMBER or len(items) <= turn + 2:
        return None
    counted = items[turn + 2].kind is Kind.NUMBER and len(items) == turn + 3
    length = subject_of(items[1:turn])
    nouns = all(item.terms.keys() & {Sort.COMPUTE, Sort.TYPE} for item in items[1 + length : turn])
    if not (counted and length and nouns):
        return None
    number, near = items[0].tokens[0], items[0].tokens[0]
    who = definite(tokens_of(items[1:turn]), items[1])
    return [order_word("scale", near), *who, order_word("to", near), number]


def _more_or_less(items: Sequence[Item]) -> list[Token] | None:
    """`2 more web servers`, `1 less worker`."""
    while len(items) > 1 and items[0].norm in _OF_ONESELF | {"want", "need"}:
        items = items[1:]
    if len(items) <= _LEAST_CUT or items[0].kind is not Kind.NUMBER:
        return None
    sign = items[1].norm
    nouns = all(item.terms.keys() & _THINGS or item.existing for item in items[2:])
    if sign not in _FEWER | {"more"} or not (nouns or subject_of(items[2:]) + 2 == len(items)):
        return None
    near = items[0].tokens[0]
    if sign == "more":
        return [order_word("add", near), *tokens_of(items)]
    return [order_word("remove", near), near, *tokens_of(items[2:])]


def _ranged(items: Sequence[Item]) -> list[Token] | None:
    """`go from 2 to 5 web servers`: "scale the web servers to 5"."""
    while len(items) > 1 and items[0].norm in _GOING:
        items = items[1:]
    kinds = [item.kind for item in items[:3:2]]
    if kinds != [Kind.NUMBER, Kind.NUMBER] or items[1].norm != "to" or not subject_of(items[3:]):
        return None
    who = definite(tokens_of(items[3:]), items[3])
    number = items[2].tokens[0]
    return [order_word("scale", number), *who, order_word("to", number), number]


def counted(said: Sequence[Token], items: Sequence[Item]) -> list[Token] | None:
    """Such an order with its verb, None where it is none."""
    return (
        _instead(items)
        or _more_or_less(items)
        or _ranged(items)
        or _added(said)
        or _cut(items)
        or (None if _names_new(items) else _counted(items))
        or _measured(items)
        or _put_on(items)
    )
