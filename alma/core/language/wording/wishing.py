"""How a thing should be, said as a wish: "should have 8GB", "can the api have 4GB", "I want mysql backed up daily"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.wording.forms import amounted, linked, opened
from alma.core.language.wording.subjects import (
    AMOUNTS,
    INDEFINITE,
    definite,
    order_word,
    subject_of,
    tokens_of,
)
from alma.core.language.words.tokens import Kind, Token

_MATCHING = {"match", "equal", "mirror"}
_SIZES_SAID = frozenset(
    "memory ram mem core cores cpu cpus disk storage size big large strong".split()
)
_REACH = 6
_LEAST_CUT = 2
_LEAST_DESIRE = 4
_OBJECTS = {"they": "them"}
_IT_HAS = [[who, verb] for who in ("it", "they", "both") for verb in ("have", "get")]
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


def modal(rest: Sequence[Token]) -> int:
    words = [token.norm for token in rest[:4]]
    texts = [token.text.casefold() for token in rest[:4]]
    for phrase in _MODALS:
        if tuple(words[: len(phrase)]) == phrase or tuple(texts[: len(phrase)]) == phrase:
            return len(phrase)
    return 0


def requested(
    said: Sequence[Token], items: Sequence[Item], gazetteer: Gazetteer
) -> list[Token] | None:
    """`can the api have 4GB`: an order, as polite as a question."""
    if not said or said[0].norm not in {"can", "could", "may"}:
        return None
    if [token.norm for token in said[1:3]] in _IT_HAS:
        return _of_it(said)
    length = subject_of(items[1:])
    subject = tokens_of(items[1 : 1 + length])
    rest = said[1 + len(subject) :]
    if not length or len(rest) < _LEAST_CUT or rest[0].norm not in {"have", "get", "run", "go"}:
        return None
    return wished(definite(subject, items[1]), rest, gazetteer)


def _of_it(said: Sequence[Token]) -> list[Token] | None:
    """`can it have 6GB instead`: an order about what was spoken of right before."""
    if not said[3:4] or said[3].kind not in AMOUNTS:
        return None
    whom = _OBJECTS.get(said[1].norm, said[1].norm)
    return [order_word("give", said[0]), order_word(whom, said[1]), *said[3:]]


def wished(subject: list[Token], rest: Sequence[Token], gazetteer: Gazetteer) -> list[Token] | None:
    """`should have 8GB`, `should run mysql`: what follows the wish decides whether it is one about the subject."""
    rest = list(rest)
    if alike := _alike(subject, rest):
        return alike
    if told_so := linked(subject, rest) or opened(subject, rest):
        return told_so
    verb = ""
    while rest and (
        rest[0].norm in _VERBS or (verb and rest[0].norm in _AFTER_VERB) or rest[0].norm == "now"
    ):
        verb, rest = rest[0].norm, rest[1:]
    if not rest or rest[0].norm in {"not", "never"}:
        return None
    if verb == "use" and rest[0].kind is Kind.QUOTED:
        return linked(
            subject, [replace(rest[0], text="reach", norm="reach", kind=Kind.WORD), *rest]
        )
    return _had(subject, rest, gazetteer, verb=verb)


def _alike(subject: list[Token], rest: Sequence[Token]) -> list[Token] | None:
    """`must match db-1 in cores`, `needs the same memory as db-1`, `should have as many cores as db-1`."""
    words = [token.norm for token in rest]
    if len(words) > 1 and words[0] in _MATCHING:
        same, as_ = order_word("same", rest[0]), order_word("as", rest[0])
        return [order_word("make", subject[0]), *subject, same, as_, *rest[1:]]
    while words[:1] and words[0] in {"have", "get", "be", "the", "exactly", "just"}:
        words = words[1:]
    compared = words[:1] in (["same"], ["as"]) and "as" in words[2:_REACH]
    sized = any(word in _SIZES_SAID for word in words[1:_REACH])
    if not (compared and sized):
        return None
    said = list(rest[len(rest) - len(words) :])
    return [order_word("make", subject[0]), *subject, *said]


def _had(
    subject: list[Token], rest: list[Token], gazetteer: Gazetteer, *, verb: str
) -> list[Token] | None:
    """What should be had: availability, backups, an amount, other software."""
    items = gazetteer.tag(rest)
    if rest[0].kind is Kind.ADDRESS:  # "has to move to 10.0.5.20"
        return [order_word("give", subject[0]), *subject, order_word("ip", rest[0]), *rest]
    if items[0].id_of(Sort.MODIFIER) == "ha":  # "must survive a crash"
        return [order_word("make", subject[0]), *subject, *items[0].tokens]
    if any(item.id_of(Sort.ATTRIBUTE) == "backup" for item in items[:4]):
        return _kept(items, subject)
    if any(token.kind in AMOUNTS for token in rest):
        made = items[0].norm in INDEFINITE and any(
            item.terms.keys() & {Sort.TYPE, Sort.PRODUCT} for item in items
        )
        return None if made else amounted(subject, rest)
    if verb and len(items) > 1 and items[0].norm in {"a", "an"}:
        rest, items = rest[1:], items[1:]  # "ought to be a postgres"
    if verb and items[0].terms.keys() & {Sort.SOFTWARE, Sort.IMAGE}:
        return [order_word("switch", subject[0]), *subject, order_word("to", rest[0]), *rest]
    return None


def _kept(items: Sequence[Item], subject: list[Token]) -> list[Token]:
    """`be backed up every night` as `enable backup for it every night`."""
    place = next(n for n, item in enumerate(items) if item.id_of(Sort.ATTRIBUTE) == "backup")
    near = items[place].tokens[0]
    before, after = tokens_of(items[:place]), tokens_of(items[place + 1 :])
    verb = [order_word("enable", subject[0])]
    return [*verb, *before, order_word("backup", near), order_word("for", near), *subject, *after]


def desired(
    said: Sequence[Token], gazetteer: Gazetteer, names: Sequence[str]
) -> list[Token] | None:
    """`I want mysql backed up daily`, `we need api to have 4GB`."""
    if len(said) < _LEAST_DESIRE or said[0].norm not in {"i", "we", "i'd", "we'd"}:
        return None
    start = 2 if said[1].norm in {"want", "need", "like"} else 0
    if start == 0 and [token.norm for token in said[1:3]] == ["would", "like"]:
        start = 3
    items = gazetteer.tag(said[start:], names) if start else ()
    length = subject_of(items)
    rest = said[start + sum(len(item.tokens) for item in items[:length]) :] if length else ()
    if (
        not rest
        or rest[0].norm not in {"backed", "to", "back", "running", "on", "at"}
        or len(rest) < _LEAST_CUT
    ):
        return None
    subject = definite(tokens_of(items[:length]), items[0])
    return wished(subject, rest[1:] if rest[0].norm in {"to", "at"} else rest, gazetteer)
