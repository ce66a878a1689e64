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
_LEAST_CUT = 2
_LEAST_DESIRE = 4
_MEASURED = 6
_LACKING = (("is", "missing"), ("is", "still", "missing"), ("is", "needed"), ("would", "be", "nice"), ("would", "be", "good"),
            ("would", "be", "great"), ("would", "help"), ("is", "needed", "too"), ("would", "be", "nice", "too"))  # fmt: skip
_MORE = {"more", "additional", "extra", "further", "other"}
_FEWER = {"fewer", "less"}
# What the verb before a number of copies does with it.
_SIGNS = {
    frozenset({"add", "adding"}): "up",
    frozenset({"remove", "drop", "delete", "kill", "rm"}): "down",
    frozenset({"run", "make", "have", "set", "scale", "use", "keep", "want", "need"}): "to",
}
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
Verb = Callable[[Sequence[Token], int], str | None]
_MAKING = {"create", "add", "deploy", "connect", "keep"}


def told(
    tokens: Sequence[Token], gazetteer: Gazetteer, names: Sequence[str], skip: Skip, verb: Verb
) -> tuple[Token, ...]:
    """The tokens with every such statement as an order. `skip` leads past the words that open a request, `verb` gives the
    group of the verb that stands at a place."""
    tokens = _rather(tokens, gazetteer)
    out: list[Token] = []
    changing = False
    for begin, end, asked in _segments(tokens):
        start = min(skip(tokens[:end], begin)[0], end)
        said = tokens[start:end]
        order = None if asked or not said else _order(said, gazetteer, names)
        if order is None and changing and _begins_new(said, gazetteer, names):
            order = [_word("add", said[0]), *said]
        out += [*tokens[begin:start], *(order if order is not None else said)]
        if order is not None or (said and verb(said, 0) is not None):
            group = verb(order or said, 0)
            changing = group is not None and group not in _MAKING
    return tuple(out)


def _rather(tokens: Sequence[Token], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`not mysql, mongo`: "use mongo instead of mysql"."""
    for index in range(len(tokens) - 3):
        if tokens[index].norm != "not" or (index and tokens[index - 1].norm not in _JOINTS | _ENDS):
            continue
        old, joint, *new = tokens[index + 1 : index + 6]
        while new and new[0].norm in {"but", "rather", "use", "just", ","}:
            new = new[1:]
        known = [Sort.SOFTWARE in gazetteer.tag([token])[0].terms for token in (old, *new[:1])]
        if joint.norm in {",", "but", "-"} and new and all(known):
            place = tokens.index(new[0], index)
            said = [_word("use", old), new[0], _word("instead", old), _word("of", old), old]
            return (*tokens[:index], *said, *tokens[place + 1 :])
    return tuple(tokens)


def _begins_new(said: Sequence[Token], gazetteer: Gazetteer, names: Sequence[str]) -> bool:
    """`…, also a kafka queue`: something new after an order about what is there."""
    if len(said) < _LEAST_CUT or said[0].norm not in {"a", "an", "another"}:
        return False
    item = gazetteer.tag(said[1:5], names)[0]
    return bool(item.terms.keys() & {Sort.TYPE, Sort.SOFTWARE, Sort.COMPUTE})


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
    if not said:
        return None
    items = gazetteer.tag(said, names)
    length = _subject(items)
    if not length:
        return (
            _added(said)
            or _desired(said, gazetteer, names)
            or _cut(items)
            or _counted(items)
            or _measured(items)
            or _put_on(items)
        )
    subject = [token for item in items[:length] for token in item.tokens]
    rest = said[len(subject) :]
    named = any(item.existing for item in items[:length])
    if not rest:
        return None
    if _ended(rest):
        return [_word("remove", subject[0]), *subject]
    modal = _modal(rest)
    if modal:
        return _wished(_definite(subject, items[0]), rest[modal:], gazetteer)
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
    if any(item.id_of(Sort.ATTRIBUTE) == "backup" for item in items[:4]):
        return _kept(items, subject)
    if any(token.kind in _AMOUNTS for token in rest):
        made = items[0].norm in _INDEFINITE and any(
            item.terms.keys() & {Sort.TYPE, Sort.PRODUCT} for item in items
        )
        return None if made else _amounted(subject, rest)
    if verb and items[0].terms.keys() & {Sort.SOFTWARE, Sort.IMAGE}:
        return [_word("switch", subject[0]), *subject, _word("to", rest[0]), *rest]
    return None


def _kept(items: Sequence[Item], subject: list[Token]) -> list[Token]:
    """`be backed up every night` as `enable backup for it every night`."""
    place = next(n for n, item in enumerate(items) if item.id_of(Sort.ATTRIBUTE) == "backup")
    near = items[place].tokens[0]
    before, after = _tokens(items[:place]), _tokens(items[place + 1 :])
    verb = [_word("enable", subject[0])]
    return [*verb, *before, _word("backup", near), _word("for", near), *subject, *after]


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
    """`6 replicas of api`, `add two more instances to api`, `remove one copy of api`."""
    sign = next((sign for words, sign in _SIGNS.items() if items[0].norm in words), None)
    place = sign is not None
    place += items[place].norm in {"it"} if place < len(items) else 0
    if place >= len(items) or not (
        items[place].kind is Kind.NUMBER or items[place].norm in _INDEFINITE
    ):
        return None
    number, place = items[place].tokens[0], place + 1
    more = number.norm == "another"
    while place < len(items) and items[place].norm in _MORE | _FEWER:
        more, sign = True, "down" if items[place].norm in _FEWER else sign
        place += 1
    if place + 1 >= len(items) or items[place].norm not in _COPIES:
        return None
    if items[place + 1].norm not in {"of", "for", "to", "from", "on"}:
        return None
    place += 2 + (place + 2 < len(items) and items[place + 2].norm in _KNOWN)
    if place >= len(items) or items[place].existing is None:
        return None
    if number.kind is not Kind.NUMBER:
        number = replace(number, text="1", norm="1", kind=Kind.NUMBER, value=1)
    after = (
        []
        if items[place + 1 : place + 2] and items[place + 1].norm == "more"
        else _tokens(items[place + 1 :])
    )
    verb, link = ("scale", "to") if not more and sign in {None, "to"} else ("increase", "by")
    if sign == "down":
        verb, link = "decrease", "by"
    words = [_word("scale", number)]
    if link == "by":
        words.append(_word("down" if verb == "decrease" else "up", number))
    return [*words, *items[place].tokens, _word(link, number), number, *after]


def _added(said: Sequence[Token]) -> list[Token] | None:
    """`+4GB of memory for api`, `a cache is missing`."""
    if said[0].text == "+" and len(said) > 1 and said[1].kind in _AMOUNTS:
        return [_word("add", said[0]), *said[1:]]
    words = tuple(token.norm for token in said)
    for tail in _LACKING:
        if (
            said[0].norm in _INDEFINITE
            and words[-len(tail) :] == tail
            and len(words) > len(tail) + 1
        ):
            return [_word("add", said[0]), *said[: -len(tail)]]
    return None


def _cut(items: Sequence[Item]) -> list[Token] | None:
    """`cut the cache`, with no amount to cut it by."""
    if items[0].norm not in {"cut", "lower"} or len(items) < _LEAST_CUT:
        return None
    whole = _subject(items[1:]) == len(items) - 1
    return [_word("remove", items[0].tokens[0]), *_tokens(items[1:])] if whole else None


def _definite(subject: list[Token], first: Item) -> list[Token]:
    """`mysql` as `the mysql`, where it is spoken of as something that is there."""
    known = first.norm in _KNOWN or first.existing is not None or first.plural
    return subject if known else [_word("the", subject[0]), *subject]


def _measured(items: Sequence[Item]) -> list[Token] | None:
    """`8 cores for backend`, `4GB more memory for the cache`."""
    if items[0].kind not in {Kind.SIZE, Kind.NUMBER}:
        return None
    turn = next(
        (n for n, item in enumerate(items[:_MEASURED]) if item.norm in {"for", "on", "in"}), None
    )
    if turn is None or not all(_of_amount(item) for item in items[1:turn]):
        return None
    length = _subject(items[turn + 1 :])
    if not length or (turn == 1 and items[0].kind is Kind.NUMBER):
        return None
    who = _definite(_tokens(items[turn + 1 : turn + 1 + length]), items[turn + 1])
    what = [token for item in items[:turn] if item.norm not in _MORE for token in item.tokens]
    after = _tokens(items[turn + 1 + length :])
    near = items[0].tokens[0]
    if any(item.norm in _MORE for item in items[:turn]):
        return [_word("add", near), *what, _word("to", near), *who, *after]
    return [_word("set", near), *who, _word("to", near), *what, *after]


def _of_amount(item: Item) -> bool:
    return (
        item.norm in {"of", "and", *_MORE} or Sort.ATTRIBUTE in item.terms or item.kind in _AMOUNTS
    )


def _desired(
    said: Sequence[Token], gazetteer: Gazetteer, names: Sequence[str]
) -> list[Token] | None:
    """`I want mysql backed up daily`, `we need api to have 4GB`."""
    if len(said) < _LEAST_DESIRE or said[0].norm not in {"i", "we", "i'd", "we'd"}:
        return None
    start = 2 if said[1].norm in {"want", "need", "like"} else 0
    if start == 0 and [token.norm for token in said[1:3]] == ["would", "like"]:
        start = 3
    items = gazetteer.tag(said[start:], names) if start else ()
    length = _subject(items)
    rest = said[start + sum(len(item.tokens) for item in items[:length]) :] if length else ()
    if (
        not rest
        or rest[0].norm not in {"backed", "to", "back", "running", "on", "at"}
        or len(rest) < _LEAST_CUT
    ):
        return None
    subject = _definite(_tokens(items[:length]), items[0])
    return _wished(subject, rest[1:] if rest[0].norm in {"to", "at"} else rest, gazetteer)


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
    length = _subject(right)
    if length and left[0].terms.keys() & _SYSTEMS and rest[turn].norm != "with":
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
    if not all(item.terms.keys() & _SYSTEMS or item.kind is Kind.NUMBER for item in what[:2]):
        return None
    tokens = [_tokens(part) for part in (who, what, after)]
    near = items[0].tokens[0]
    return [_word("switch", near), *tokens[0], _word("to", near), *tokens[1], *tokens[2]]


def _tokens(items: Sequence[Item]) -> list[Token]:
    return [token for item in items for token in item.tokens]


def _word(text: str, near: Token) -> Token:
    return Token(text, text, near.start, near.start, Kind.WORD)
