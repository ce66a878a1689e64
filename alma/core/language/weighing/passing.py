"""What is told in passing: a message clause by clause, where its sentences as a whole are not clear.

"The cache is mostly idle though, 1GB will do there": the first clause names what the second is about. Clauses that say
how things are, and those that give a reason, order nothing; but they tell the thing and the property of what follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from alma.core.language.weighing.parts import Part
from alma.core.language.weighing.plain import value_of
from alma.core.language.weighing.signs import FINE, PRONOUNS, WORDS, Mark, Sign
from alma.core.language.weighing.statements import Sharing, Statement, Unclear
from alma.core.language.words.tokens import Kind
from alma.core.model.blueprint import Resource
from alma.core.model.units import Size

_SAYING = {
    Sign.AMOUNT, Sign.GONE, Sign.STATE, Sign.ENOUGH, Sign.STAYS, Sign.NOT, Sign.BREAK,
}  # fmt: skip
_TELLING = {*_SAYING, Sign.ORDER}
_ALWAYS = {Sign.BREAK, Sign.THUS, Sign.REASON}
_LEFT_OUT = {Sign.STATE, Sign.ENOUGH, Sign.LINK, Sign.OTHER, Sign.JOINT}


@dataclass(slots=True)
class Clause:
    """Marks that say one thing; a `reason` orders nothing. `ends`: a sentence ends with it."""

    marks: list[Mark] = field(default_factory=list)
    reason: bool = False
    ends: bool = False

    def has(self, *signs: Sign) -> bool:
        return any(mark.sign in signs for mark in self.marks)


def clauses(marks: Sequence[Mark]) -> Iterator[Clause]:
    """The clauses of a message, in their order."""
    clause = Clause()
    for index, mark in enumerate(marks):
        if mark.sign in _ALWAYS or _parts(clause, mark, marks[index + 1 :]):
            clause.ends = mark.sign is Sign.BREAK
            yield clause
            clause = Clause(reason=mark.sign is Sign.REASON)
        else:
            clause.marks.append(mark)
    clause.ends = True
    yield clause


def _parts(clause: Clause, mark: Mark, rest: Sequence[Mark]) -> bool:
    """Whether a clause ends at a comma, a colon, an "and" or a "but"."""
    if mark.sign is Sign.TO and mark.word == ":":
        return clause.has(Sign.STATE) or not clause.has(Sign.THING)
    if mark.sign is Sign.BUT:
        return mark.word == "but" and _is_told(rest)
    if mark.sign is not Sign.JOINT:
        return False
    told = clause.has(*_SAYING) or (clause.reason and mark.word == ",")
    return (told or (clause.has(Sign.FOREIGN, Sign.OTHER) and not clause.has(Sign.THING))) and (
        _is_told(rest)
    )


def _is_told(rest: Sequence[Mark]) -> bool:
    """Whether what follows says something of its own, and does not only go on with a list."""
    begun: list[Sign] = []
    for mark in rest:
        if mark.sign in _ALWAYS | {Sign.JOINT, Sign.BUT}:
            break
        begun.append(mark.sign)
    own = {Sign.THING, Sign.ORDER, Sign.GONE, Sign.ENOUGH, Sign.STATE} & set(begun)
    return bool(own) and bool(_TELLING & set(begun))


@dataclass
class Passing:
    """Reads clauses. `topic` is what was named last, `about` the property, `previous` the amount;
    `named`: by this very message."""

    resources: Sequence[Resource]
    topic: tuple[str, ...] = ()
    about: str | None = None
    previous: Mark | None = None
    named: bool = False

    def parts(self, marks: Sequence[Mark]) -> list[Part]:
        """What each clause says: its statements, none of a remark; None where that is not clear."""
        found: list[Part] = []
        for clause in clauses(marks):
            if clause.marks:
                found.append(Part(clause.marks[0].place, self._said(clause)))
            if clause.ends:
                self.about = None
        return found

    def _said(self, clause: Clause) -> tuple[Statement, ...] | None:
        try:
            said = self._statements(clause)
        except Unclear:
            said = None
        named = [mark for mark in clause.marks if mark.sign is Sign.THING and mark.names != ("^",)]
        if named and named[-1].names != ("*",):
            one = named[-1].plain  # "the database", where there are two, is neither
            self.topic, self.named = (named[-1].names if one else ()), one
        for mark in clause.marks:
            if mark.sign is Sign.PROPERTY and mark.path in WORDS:
                self.about = mark.path
        return said

    def _statements(self, clause: Clause) -> tuple[Statement, ...]:
        amounts = [mark for mark in clause.marks if mark.sign is Sign.AMOUNT]
        if any(a.text == "1" and a.word == Kind.NUMBER and a.path is None for a in amounts):
            raise Unclear  # "the orders one"
        ordered = clause.has(Sign.ORDER, Sign.TO, Sign.ENOUGH)
        remark = clause.reason or (clause.has(Sign.NOT) and not clause.has(Sign.GONE))
        if amounts and clause.has(Sign.STATE) and not ordered:
            remark = True
            self.previous = self._present(clause, amounts) or self.previous
        if remark or not (amounts or clause.has(Sign.GONE, Sign.STAYS)):
            if clause.has(Sign.FOREIGN) and not remark:
                raise Unclear
            return ()
        return self._shared(clause, amounts)

    def _present(self, clause: Clause, amounts: Sequence[Mark]) -> Mark | None:
        """The amount that tells what the topic has, or what is named there: "16GB each is tight"."""
        named = {n for mark in clause.marks if mark.sign is Sign.THING for n in mark.names} - {"^"}
        for resource in self.resources:
            for amount in amounts if resource.name in (named or self.topic) else ():
                for path in WORDS:
                    if _same(amount, value_of(resource, path)):
                        return replace(amount, path=path)
        return None

    def _shared(self, clause: Clause, amounts: Sequence[Mark]) -> tuple[Statement, ...]:
        marks = [self._resolved(mark) for mark in clause.marks if mark.sign not in FINE]
        things = [mark for mark in marks if mark.sign is Sign.THING]
        if len({mark.names for mark in things}) <= 1 and amounts:
            if not (things or self.named):
                raise Unclear  # nothing in this message says what it is about
            one = things[:1] or [Mark(Sign.THING, "topic", names=self.topic)]
            rest = [m for m in marks if m.sign not in {Sign.THING, *_LEFT_OUT}]
            marks = [*one, *_order_first(rest)]
        sharing = Sharing(marks, tuple(r.name for r in self.resources), set(), self.topic, (), ())
        sharing.about, sharing.previous = self.about, self.previous
        found = sharing.statements()
        if not found and amounts:
            raise Unclear
        self.previous = sharing.previous
        return tuple(found)

    def _resolved(self, mark: Mark) -> Mark:
        """A pronoun as what it means."""
        if mark.word in PRONOUNS and mark.names == ("^",):
            return replace(mark, word="topic", names=self.topic)
        return mark


def told_in_passing(
    marks: Sequence[Mark], resources: Sequence[Resource], recent: tuple[str, ...]
) -> list[Part]:
    """What the clauses of a message order; what is not clear in it orders nothing. `recent` is what "it" may mean."""
    parts = Passing(resources, recent).parts(marks)
    return [part if part.statements is not None else replace(part, statements=()) for part in parts]


def _order_first(marks: Sequence[Mark]) -> list[Mark]:
    """The order before its amounts: "8GB is what it needs"."""
    orders = [mark for mark in marks if mark.sign is Sign.ORDER]
    return [*orders, *(mark for mark in marks if mark.sign is not Sign.ORDER)]


def _same(amount: Mark, present: object) -> bool:
    if present is None:
        return False
    if amount.word == Kind.SIZE:
        return isinstance(present, Size) and Size(amount.text) == present
    return str(present) == amount.text
