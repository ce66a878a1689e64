"""The short forms in which an order is told of something: `api: 3`, `api to 4 replicas`, `lb → edge`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.wording.subjects import (
    AMOUNTS,
    COPIES,
    INDEFINITE,
    order_word,
    subject_of,
)
from alma.core.language.words.tokens import Kind, Token

_TIMES = {"x", "×"}
_LINKS = {":", "=", "to", "with", "at", *_TIMES}
_ARROWS = {"→", "⇒", "➔", ">"}
TALKING = {"talk", "speak", "access", "reach", "connect", "see", "contact", "communicate"}
_NO_LONGER = {
    "no longer",
    "doesn't",
    "does not",
    "doesnt",
    "don't",
    "needn't",
    "shouldn't",
    "should not",
}
_PRONOUNS = {"it", "them", "that", "this"}
_USING = {"need", "needs", "use", "uses", "require", "requires", "depend"}
_GIVING = {"add", "give", "remove", "take", "increase", "decrease", "attach", "assign", "reduce"}
_SAVING = {"backup", "back", "enable"}
_OFTEN = {"every", "daily", "hourly", "weekly", "nightly", "monthly", "each"}
_LEAST_CUT = 2


def form(subject: list[Token], rest: Sequence[Token], gazetteer: Gazetteer) -> list[Token] | None:
    """`api: 3`, `api to 4 replicas`, `api x3`, `api 8GB`, `db to version 17`, `lb → edge`."""
    if (
        len(rest) > 1
        and rest[0].norm in COPIES
        and (rest[1].kind is Kind.NUMBER or rest[1].norm in _LINKS)
    ):
        after = rest[2:] if rest[1].norm in _LINKS else rest[1:]
        return amounted(subject, after, times=True, only=True)  # "worker replicas 2 to 4"
    drawn = _arrow(rest)
    if drawn and len(rest) > drawn:
        return _drawn(subject, rest[drawn:], gazetteer)
    words = [token.norm for token in rest[:2]]
    if words[:1] == ["becomes"] and len(rest) >= _LEAST_CUT:
        said = gazetteer.tag(rest[1:])[0]
        if said.norm in INDEFINITE or Sort.MODIFIER in said.terms:
            return [order_word("make", subject[0]), *subject, *rest[1:]]
        return _drawn(subject, rest[1:], gazetteer) if len(rest) == _LEAST_CUT else None
    if words[:1] == ["to"] and words[1:] and words[1] in {"version", "v", "release"}:
        return [order_word("upgrade", subject[0]), *subject, *rest]
    return _plain(subject, rest) if rest else None


def _plain(subject: list[Token], rest: Sequence[Token]) -> list[Token] | None:
    """`api: 3`, `api back to 2`, `api x3`, `api 8GB`."""
    first = rest[0].norm
    if first in {"up", "down", "back"} and len(rest) > 1 and rest[1].norm == "to":
        return amounted(subject, rest[2:], only=True)
    if first == ":" and len(rest) > 1 and rest[1].kind is Kind.IMAGE:
        return [order_word("switch", subject[0]), *subject, order_word("to", rest[0]), *rest[1:]]
    if first in _LINKS and len(rest) > 1:
        return amounted(subject, rest[1:], times=first in _TIMES, only=True)
    if rest[0].kind in AMOUNTS:
        return amounted(subject, rest, only=True)
    if first[:1] in _TIMES and first[1:].isdigit():
        number = replace(rest[0], norm=first[1:], kind=Kind.NUMBER, value=int(first[1:]))
        return amounted(subject, [number, *rest[1:]], times=True)
    return None


def _arrow(rest: Sequence[Token]) -> int:
    """How many tokens an arrow takes that stands there."""
    if [token.norm for token in rest[:2]] in (["-", ">"], ["=", ">"]):
        return 2
    return int(bool(rest) and rest[0].norm in _ARROWS)


def _drawn(subject: list[Token], rest: Sequence[Token], gazetteer: Gazetteer) -> list[Token] | None:
    """`lb → edge`, `db → mysql`: another name, or other software."""
    items = gazetteer.tag(rest)
    near = subject[0]
    first = rest[0].text.casefold().partition("-")[0]  # "debian-12"
    meaning = items[0].terms.keys() | gazetteer.meaning(first).keys()
    if meaning & {Sort.SOFTWARE, Sort.IMAGE}:
        return [order_word("switch", near), *subject, order_word("to", near), *rest]
    if len(rest) == 1 and rest[0].kind in {Kind.WORD, Kind.QUOTED}:
        name = replace(rest[0], kind=Kind.QUOTED, value=rest[0].value or rest[0].text)
        return [order_word("rename", near), *subject, order_word("to", near), name]
    return amounted(subject, rest, only=True)


def linked(subject: list[Token], rest: list[Token]) -> list[Token] | None:
    """`has to be able to talk to the db`: "connect it to the db"."""
    if [token.norm for token in rest[:3]] == ["be", "able", "to"]:
        rest = rest[3:]
    if [token.norm for token in rest[:1]] == ["use"] and _PRONOUNS & {t.norm for t in rest[1:2]}:
        rest = [replace(rest[0], text="reach", norm="reach"), *rest[1:]]
    if len(rest) < _LEAST_CUT or rest[0].norm not in TALKING:
        return None
    rest = rest[1 + (rest[1].norm in {"to", "with"}) :]
    near = subject[0]
    return [order_word("connect", near), *subject, order_word("to", near), *rest] if rest else None


def opened(subject: list[Token], rest: list[Token]) -> list[Token] | None:
    """`needs 80 and 443 open`: "open 80 and 443 on it"."""
    rest = [token for token in rest if token.norm not in {"have", "be", "to", "port"}]
    numbers = [token for token in rest if token.kind is Kind.NUMBER]
    plain = all(token.kind is Kind.NUMBER or token.norm in {"and", ","} for token in rest[:-1])
    if not numbers or not plain or rest[-1].norm not in {"open", "opened", "exposed", "reachable"}:
        return None
    near = subject[0]
    return [order_word("open", near), *rest[:-1], order_word("on", near), *subject]


def amounted(
    subject: list[Token], rest: Sequence[Token], *, times: bool = False, only: bool = False
) -> list[Token] | None:
    rest = _without_present(_from(rest))
    if not rest or (only and not any(token.kind in AMOUNTS for token in rest[:2])):
        return None
    first, second = rest[0], rest[1] if len(rest) > 1 else None
    if first.norm == "to" and second is not None:
        first, second, rest = second, rest[2] if len(rest) > 2 else None, rest[1:]
    copies = times or second is None or second.norm in COPIES
    if first.kind is Kind.NUMBER and copies:
        counted = times or second is not None
        return [
            order_word("scale" if counted else "set", subject[0]),
            *subject,
            order_word("to", first),
            first,
            *_after(rest[1:]),
        ]
    return [order_word("set", subject[0]), *subject, order_word("to", first), *rest]


def _after(rest: Sequence[Token]) -> list[Token]:
    return list(rest[1:] if rest and rest[0].norm in COPIES else rest)


def _from(rest: Sequence[Token]) -> list[Token]:
    """`3 to 5`, without where it comes from."""
    same = (
        len(rest) > 2
        and rest[0].kind in AMOUNTS
        and rest[1].norm == "to"
        and rest[2].kind is rest[0].kind
    )
    return list(rest[2:]) if same else list(rest)


def labelled(
    subject: list[Token], rest: Sequence[Token], verb: str | None, length: int
) -> list[Token] | None:
    """`registry: add 300GB`, by the group of the `verb` that stands after the colon."""
    said, after = rest[1 : 1 + length], rest[1 + length :]
    if verb == "add":
        return [*said, *after, order_word("to", rest[-1]), *subject] if after else None
    if verb in {"increase", "decrease", "scale", "set"}:
        return [*said, *subject, *after]
    return [*said, *subject] if verb == "remove" and not after else None


def parted(subject: list[Token], rest: Sequence[Token]) -> list[Token] | None:
    """`no longer needs the db`, `doesn't talk to the cache anymore`: "disconnect it from the db"."""
    words = [token.text.casefold().replace("’", "'") for token in rest]
    length = next((n for n in (1, 2) if " ".join(words[:n]) in _NO_LONGER), 0)
    if not length or len(rest) < length + _LEAST_CUT or rest[length].norm not in _USING | TALKING:
        return None
    other = list(rest[length + 1 :])
    while other and other[-1].norm in {"anymore", "any", "more", "longer"}:
        other.pop()
    other = other[1:] if other and other[0].norm in {"to", "with"} else other
    known = [token for token in other if token.norm not in {"the", "our"}]
    thing = len(known) == 1 and (known[0].kind is Kind.QUOTED or len(other) > 1)
    if not thing or known[0].kind not in {Kind.WORD, Kind.QUOTED}:
        return None
    near = subject[0]
    return [order_word("disconnect", near), *subject, order_word("from", near), *other]


def again(verb: str, said: Sequence[Token], items: Sequence[Item]) -> list[Token] | None:
    """The verb of the order before, where a part goes on as that order did: `add 4GB to api | and 10GB to its db`,
    `back up api daily | and the db hourly`."""
    if verb in _GIVING and items[0].kind in AMOUNTS:
        turn = next((n for n, item in enumerate(items) if item.norm in {"to", "for", "from"}), 0)
        plain = all(
            item.kind in AMOUNTS or Sort.ATTRIBUTE in item.terms or item.norm in {"of", "more"}
            for item in items[:turn]
        )
        return [order_word(verb, said[0]), *said] if turn and plain else None
    length = subject_of(items)
    often = [item.norm for item in items[length:]]
    if length and verb in _SAVING and often and often[0] in _OFTEN:
        return [order_word("backup", said[0]), *said]
    return None


def _without_present(rest: Sequence[Token]) -> list[Token]:
    """`4GB instead of 2`: without what there is now."""
    for place in range(1, len(rest) - 1):
        old = (
            rest[place + 2 : place + 3]
            if rest[place].norm == "instead"
            else rest[place + 1 : place + 2]
        )
        turned = rest[place].norm in {"instead", "not"} or (
            [token.norm for token in rest[place : place + 2]] == ["rather", "than"]
        )
        if turned and old and old[0].kind in AMOUNTS:
            return list(rest[:place])
    return list(rest)
