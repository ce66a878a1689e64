"""Clauses that order nothing by their form: facts, reports, and orders in the shape of a statement."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from alma.core.language.intent.act import Act
from alma.core.language.intent.clausing import CONDITIONS
from alma.core.language.intent.remarks import Remarks
from alma.core.language.intent.topics import Topics, buildable
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.vocabulary.phrasebook import Phrases
from alma.core.language.wording.narrating import narrates
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.conversation import Intent

_CAN_GO = (
    ("can", "go"), ("must", "go"), ("should", "go"), ("has", "to", "go"), ("have", "to", "go"),
    ("is", "not", "needed"), ("isn't", "needed"), ("no", "longer", "needed"), ("is", "unnecessary"),
    ("is", "no", "longer", "needed"), ("are", "no", "longer", "needed"), ("is", "not", "necessary"),
)  # fmt: skip
_SUFFICING = {"enough", "plenty", "sufficient", "suffice", "better", "fine", "right", "ideal"}
_NEAR_END = 5
_AMOUNTS = {Kind.NUMBER, Kind.SIZE}
_MEASURES = {"core", "cpu", "vcpu", "ram", "memory", "disk", "storage"}
_DESCRIBING = {"cheap", "billing"}
_SUPPOSED = {*CONDITIONS, "whenever"}


class Statements:
    """Reads statements, one clause at a time."""

    def __init__(self, gazetteer: Gazetteer, topics: Topics, remarks: Remarks) -> None:
        self._gazetteer = gazetteer
        self._facts = Phrases.flat(gazetteer.data["facts"])
        self._topics = topics
        self._remarks = remarks

    def read(self, body: tuple[Token, ...], asked: bool) -> Act:
        """What a clause without verb or wish is about: an order after all, a report, a fact, or words to be read on."""
        meant = None if asked else _meant_by(body)
        if meant is not None:
            return meant
        topics = self._topics.groups(self._without_adjectives(body))
        wrong = next((Intent(topic) for topic in ("troubleshoot", "cost") if topic in topics), None)
        bounded = self._topics.limits_money(body)
        if asked:
            return Act(self._topics.of(body, Intent.EXPLAIN, avoid=set()), None, body, asks=True)
        supposed = bool(body) and body[0].norm in _SUPPOSED
        told = supposed or (self._facts.at(body, 0) is not None and not bounded)
        told = told or (not bounded and self._remarks.tells(body))
        told = told or narrates(" ".join(token.text for token in body))
        if told or (_tells(body) and not bounded):
            intent = wrong or Intent.UNKNOWN
            return Act(
                intent, None, body, statement=True, asks=wrong is not None, describes=not told
            )
        if wrong is Intent.TROUBLESHOOT or (wrong is Intent.COST and not bounded):
            return Act(wrong, None, body, asks=True)
        report = None if bounded else self._topics.report(body)
        if report is not None:
            return Act(report, None, body, asks=True)
        return Act(Intent.UNKNOWN, None, body)

    def _without_adjectives(self, body: tuple[Token, ...]) -> tuple[Token, ...]:
        """`a cheap VPS`, `a billing service` ask for no costs: what describes a thing to build is no topic."""
        if not any(map(buildable, self._gazetteer.tag(body))):
            return body
        return tuple(token for token in body if token.norm not in _DESCRIBING)


def _meant_by(body: tuple[Token, ...]) -> Act | None:
    """`The load balancer can go`, `4 nodes are enough`: an order in the shape of a statement."""
    words = [token.norm for token in body]
    for tail in sorted(_CAN_GO, key=len, reverse=True):
        if len(words) > len(tail) and tuple(words[-len(tail) :]) == tail:
            return Act(Intent.CHANGE, "remove", body[: -len(tail)], word="remove")
    if len(words) > 2 and words[-1] in _SUFFICING and any(t.kind in _AMOUNTS for t in body):
        ends = [
            n for n, word in enumerate(words) if word in {"is", "are", "should", "will", "would"}
        ]
        if len(ends) > 1:
            return None  # "64GB is over the top, 32 would be plenty"
        end = ends[0] if ends else -1
        if len(words) - end > _NEAR_END:
            return None  # "6GB, from an agency that should know better"
        return Act(Intent.CHANGE, "set", (*_of_it(body[:end]), *body[:end]), word="make")
    return None


def _of_it(said: Sequence[Token]) -> list[Token]:
    """`1 core and 512MB` is of what was spoken of, where it is said of nothing."""
    sized = any(token.kind is Kind.SIZE or token.norm in _MEASURES for token in said)
    named = any(token.kind is Kind.QUOTED for token in said)
    starts = bool(said) and said[0].kind in _AMOUNTS
    if not sized or named or not starts:
        return []
    return [Token("it", "it", said[0].start, said[0].start, Kind.WORD)]


def _tells(body: Sequence[Token]) -> bool:
    """`VMs are created with 1 CPU`: a finite verb after a noun says how things are."""
    words = [token.norm for token in body[:7]]
    wish = {"should", "must", "shall"} & set(words)
    finite = [
        word
        for before, word in pairwise(words)
        if word in {"is", "are", "was", "were", "has", "have"} and before not in {"that", "which"}
    ]
    return not wish and bool(finite)
