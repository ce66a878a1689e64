"""What is told of something that is there, as the order it is: "api needs 8GB", "api: 3 -> 5", "6 replicas of api", "the
cache isn't needed anymore".

People say how a thing should be as often as they say what to do with it. A statement about something known, in which an
amount, software or an end is said of it, is read as an order about it; anything else is left as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from alma.core.language.gazetteer import Gazetteer, Item, Sort
from alma.core.language.tokens import Kind, Token

_JOINTS = {"and", ",", "then", "but", "also", "&", "\n", "-", "•", "*"}
_ENDS = {".", "!", "?", ";", "…"}
_LISTING = {"and", ",", "&"}
_KNOWN = {"the", "our", "my", "this", "that", "its", "their", "both", "all"}
_NOUNS = {Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE, Sort.GROUP, Sort.ROLE}
_AMOUNTS = {Kind.NUMBER, Kind.SIZE, Kind.PERCENT}
_COPIES = {"replica", "instance", "copy", "time", "pod", "unit"}
_SYSTEMS = {Sort.IMAGE, Sort.SOFTWARE}
_PUTTING = {"put", "install", "run", "use", "have", "prefer", "i", "i'd", "we", "we'd", "would", "rather", "want", "get",
            "like", "make", "let", "it"}  # fmt: skip
_WITH_ARTICLE = 2
_INDEFINITE = {"a", "an", "another", "some", "one"}
# What makes a wish of a statement, the longest first.
_MODALS = tuple(
    tuple(words.split())
    for words in sorted(
        (
            "need|needs|require|requires|want|wants|get|gets|should|must|shall|could use|can use|deserves|"
            "has to|have to|needs to|need to|ought to|had better|is supposed to|are supposed to|is to|will|would need|"
            "will need|should now|must now|now needs|now need|also needs|also need|only needs|only need|really needs"
        ).split("|"),
        key=lambda phrase: -len(phrase.split()),
    )
)
_VERBS = {
    "have",
    "get",
    "be",
    "run",
    "use",
    "become",
    "receive",
    "go",
    "move",
    "switch",
    "be on",
    "grow",
    "be running",
}
_AFTER_VERB = {"to", "on", "with", "at", "up", "running", "now", "using", "have", "of"}
_ENDED = tuple(
    tuple(words.split())
    for words in (
        "not needed|not required|not necessary|not used|not in use|no longer needed|no longer required|"
        "no longer necessary|no longer used|no longer in use|no longer wanted|obsolete|unnecessary|superfluous|"
        "redundant now|useless|not wanted"
    ).split("|")
)
_NEGATED = {"isn't": "is not", "aren't": "are not", "isnt": "is not", "arent": "are not"}
_GOING = {("go",), ("leave",), ("be", "removed"), ("be", "deleted"), ("be", "dropped"), ("be", "gone"), ("disappear",),
          ("be", "killed"), ("be", "scrapped"), ("be", "taken", "out")}  # fmt: skip

Skip = Callable[[Sequence[Token], int], tuple[int, bool]]


def told(
    tokens: Sequence[Token], gazetteer: Gazetteer, names: Sequence[str], skip: Skip
) -> tuple[Token, ...]:
    """The tokens with every such statement as an order. `skip` leads past the words that open a request."""
    out: list[Token] = []
    for begin, end, asked in _segments(tokens):
        start = min(skip(tokens[:end], begin)[0], end)
        out += tokens[begin:start]
        said = tokens[start:end]
        order = None if asked else _order(said, gazetteer, names)
        out += order if order is not None else said
    return tuple(out)


def _segments(tokens: Sequence[Token]) -> Iterator[tuple[int, int, bool]]:
    """Where parts of a message begin and end at which a statement can, and whether they ask."""
    begin = 0
    for index, token in enumerate(tokens):
        if token.kind is Kind.QUOTED or token.norm not in _JOINTS | _ENDS:
            continue
        if token.norm in _LISTING and _lists(tokens, index):
            continue
        if index > begin:
            yield begin, index, token.text == "?"
        yield index, index + 1, False
        begin = index + 1
    if begin < len(tokens):
        yield begin, len(tokens), False


def _lists(tokens: Sequence[Token], index: int) -> bool:
    """Whether a joint stands between two names: "web-1 and web-2 need 8GB"."""
    after = index + 1
    while after < len(tokens) and tokens[after].norm in {"and", "the"}:
        after += 1
    ends = index > 0 and tokens[index - 1].kind is Kind.QUOTED
    return ends and after < len(tokens) and tokens[after].kind is Kind.QUOTED


def _order(said: Sequence[Token], gazetteer: Gazetteer, names: Sequence[str]) -> list[Token] | None:
    items = gazetteer.tag(said, names)
    length = _subject(items)
    if not length:
        return _counted(items) or _put_on(items)
    subject = [token for item in items[:length] for token in item.tokens]
    rest = said[len(subject) :]
    named = any(item.existing for item in items[:length])
    if not rest:
        return None
    if _ended(rest):
        return [_word("remove", subject[0]), *subject]
    modal = _modal(rest)
    if modal:
        return _wished(subject, rest[modal:], gazetteer)
    if not named:
        return None
    if rest[0].norm in {":", "=", "to", "with", "at", "x", "×"} and len(rest) > 1:
        times = rest[0].norm in {"x", "×"}
        return _amounted(subject, rest[1:], times=times, only=True)
    if rest[0].kind in _AMOUNTS:
        return _amounted(subject, rest, only=True)
    if rest[0].norm[:1] in {"x", "×"} and rest[0].norm[1:].isdigit():
        number = replace(
            rest[0], norm=rest[0].norm[1:], kind=Kind.NUMBER, value=int(rest[0].norm[1:])
        )
        return _amounted(subject, [number, *rest[1:]], times=True)
    return None


def _subject(items: Sequence[Item]) -> int:
    """How many items at the beginning name something known: `the web servers`, `api`, `mysql`."""
    index = 0
    definite = bool(items) and items[0].norm in _KNOWN
    index += definite
    begun = index
    while index < len(items) and (items[index].existing or items[index].terms.keys() & _NOUNS):
        if items[index].existing:
            return _listed(items, index + 1)
        index += 1
    if index == begun:
        return 0
    software = all(Sort.SOFTWARE in item.terms for item in items[begun:index])
    plural = items[index - 1].plural
    return index if definite or software or plural else 0


def _listed(items: Sequence[Item], index: int) -> int:
    """The end of a list of names of which the first ends at `index`."""
    place = index
    while place < len(items) and items[place].norm in {*_LISTING, "the"}:
        place += 1
    if place == index or place >= len(items) or items[place].existing is None:
        return index
    return _listed(items, place + 1)


def _modal(rest: Sequence[Token]) -> int:
    words = [token.norm for token in rest[:4]]
    texts = [token.text.casefold() for token in rest[:4]]
    for phrase in _MODALS:
        if tuple(words[: len(phrase)]) == phrase or tuple(texts[: len(phrase)]) == phrase:
            return len(phrase)
    return 0


def _ended(rest: Sequence[Token]) -> bool:
    """Whether it is said to be over with it: `isn't needed anymore`, `can go`."""
    words = " ".join(
        _NEGATED.get(token.text.casefold(), token.text.casefold()) for token in rest
    ).split()
    if words[:1] in (["is"], ["are"]):
        words = [word for word in words[1:] if word not in {"now", "just", "really", "completely"}]
        return any(tuple(words[: len(phrase)]) == phrase for phrase in _ENDED)
    modal = words[:1] in (["can"], ["should"], ["must"], ["may"], ["could"])
    rest_words = (
        words[1:]
        if modal
        else words[2:]
        if words[:2] in (["has", "to"], ["have", "to"], ["needs", "to"])
        else []
    )
    return (
        any(tuple(rest_words[: len(phrase)]) == phrase for phrase in _GOING)
        and "to" not in rest_words
    )


def _wished(
    subject: list[Token], rest: Sequence[Token], gazetteer: Gazetteer
) -> list[Token] | None:
    """`should have 8GB`, `should run mysql`: what follows the wish decides whether it is one about the subject."""
    rest = list(rest)
    verb = ""
    while rest and (
        rest[0].norm in _VERBS or (verb and rest[0].norm in _AFTER_VERB) or rest[0].norm == "now"
    ):
        verb, rest = rest[0].norm, rest[1:]
    if not rest or rest[0].norm in {"not", "never"}:
        return None
    items = gazetteer.tag(rest)
    if any(token.kind in _AMOUNTS for token in rest):
        made = items[0].norm in _INDEFINITE and any(
            item.terms.keys() & {Sort.TYPE, Sort.PRODUCT} for item in items
        )
        return None if made else _amounted(subject, rest)
    if verb and items[0].terms.keys() & {Sort.SOFTWARE, Sort.IMAGE}:
        return [_word("switch", subject[0]), *subject, _word("to", rest[0]), *rest]
    return None


def _amounted(
    subject: list[Token], rest: Sequence[Token], *, times: bool = False, only: bool = False
) -> list[Token] | None:
    rest = _from(rest)
    if not rest or (only and not any(token.kind in _AMOUNTS for token in rest[:2])):
        return None
    first, second = rest[0], rest[1] if len(rest) > 1 else None
    if first.norm == "to" and second is not None:
        first, second, rest = second, rest[2] if len(rest) > 2 else None, rest[1:]
    copies = times or second is None or second.norm in _COPIES
    if first.kind is Kind.NUMBER and copies:
        return [_word("scale", subject[0]), *subject, _word("to", first), first, *_after(rest[1:])]
    return [_word("set", subject[0]), *subject, _word("to", first), *rest]


def _after(rest: Sequence[Token]) -> list[Token]:
    return list(rest[1:] if rest and rest[0].norm in _COPIES else rest)


def _from(rest: Sequence[Token]) -> list[Token]:
    """`3 to 5`, without where it comes from."""
    same = (
        len(rest) > 2
        and rest[0].kind in _AMOUNTS
        and rest[1].norm == "to"
        and rest[2].kind is rest[0].kind
    )
    return list(rest[2:]) if same else list(rest)


def _counted(items: Sequence[Item]) -> list[Token] | None:
    """`6 replicas of api`."""
    words = [item.norm for item in items[:5]]
    if len(items) < 4 or items[0].kind is not Kind.NUMBER or words[1] not in _COPIES:
        return None
    place = 2 + (words[2] in {"of", "for"})
    place += items[place].norm in _KNOWN if place < len(items) else 0
    if place == 2 or place >= len(items) or items[place].existing is None:
        return None
    subject, number = list(items[place].tokens), items[0].tokens[0]
    after = [token for item in items[place + 1 :] for token in item.tokens]
    return [_word("scale", number), *subject, _word("to", number), number, *after]


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
    left, right = rest[:turn], rest[turn + 1 :]
    right = right[1:] if right[0].norm in _KNOWN and len(right) > 1 else right
    if (
        right[0].existing is not None
        and left[0].terms.keys() & _SYSTEMS
        and rest[turn].norm != "with"
    ):
        who, what, after = right[:1], left, right[1:]
    elif (
        start
        and left[-1].existing is not None
        and len(left) <= _WITH_ARTICLE
        and Sort.IMAGE in right[0].terms
    ):
        who, what, after = left[-1:], right, ()
    else:
        return None
    if not all(item.terms.keys() & _SYSTEMS or item.kind is Kind.NUMBER for item in what[:2]):
        return None
    tokens = [_tokens(part) for part in (who, what, after)]
    near = items[0].tokens[0]
    return [_word("switch", near), *tokens[0], _word("to", near), *tokens[1], *tokens[2]]


def _tokens(items: Sequence[Item]) -> list[Token]:
    return [token for item in items for token in item.tokens]


def _word(text: str, near: Token) -> Token:
    return Token(text, text, near.start, near.start, Kind.WORD)
