"""Which way an amount goes: to be had, added or taken away; and what is taken from one thing and given to another."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from alma.core.language.weighing.cursor import Cursor
from alma.core.language.weighing.signs import DOWN, HANDING, TAKING, UP, WORDS, Mark, Sign
from alma.core.language.words.tokens import Kind

MORE_OR_LESS = {Sign.MORE, Sign.LESS}


def way_of(order: str) -> str:
    """What an order does to amounts: sets, adds, takes away; "plus" and "drop" may be about things as well."""
    if order in {"drop", "add"}:
        return "drop" if order == "drop" else "plus"
    return "add" if order in UP else "subtract" if order in DOWN else "set"


def counting(amount: Mark) -> Mark:
    """`5 web servers`: a number right before a thing is how many there are."""
    counts = amount.path is None and amount.word == Kind.NUMBER
    return replace(amount, path="count") if counts else amount


@dataclass(kw_only=True)
class Ways(Cursor):
    """What is known of the amounts so far. `way` is what the order does to them, `values` are those of the things named
    before, `pending` those of what comes; `taking` is the order that takes away, `taken` what it took."""

    values: list[tuple[Mark, str]] = field(default_factory=list)
    pending: list[tuple[Mark, str]] = field(default_factory=list)
    way: str = "set"
    gives: bool = False
    taking: str | None = None
    taken: list[tuple[Mark, str]] = field(default_factory=list)
    ending: Sign | None = None

    def is_taken(self) -> bool:
        """`Take 4GB from win`: whether the amounts so far are taken away from what follows."""
        return self.taking is not None and all(op == "subtract" for _, op in self.pending)

    def is_taken_out_of(self, before: Mark | None) -> bool:
        """`Remove web-3 from the load balancer`: what stands there is what it leaves, and does not go."""
        earlier = any(mark.sign is Sign.THING for mark in self.marks[: self.index])
        return earlier and before is not None and before.sign in {Sign.PAST, Sign.LINK}

    def is_handed(self, before: Mark | None) -> bool:
        """`Move 4GB from web to db`, `take 2 cores from web and give them to db`: what was taken goes to the next."""
        to = before is not None and before.sign is Sign.TO
        gives = self.taking in HANDING or self.gives
        return to and gives and not self.pending and self.taken != []

    def op(self, mark: Mark) -> str:
        """What happens to what there is: set, add or subtract."""
        before, after = self.before(), self.after()
        told = self._told(before, after)
        if told is not None:
            return told
        to = before is not None and before.sign is Sign.TO
        if self.way == "drop" and mark.path == "count" and not to:
            return "subtract"
        by = before is not None and before.sign is Sign.BY
        if to or mark.factor or not (self.way == "plus" or by):
            return "set"
        return "subtract" if self.way in {"subtract", "drop"} else "add"

    def _told(self, before: Mark | None, after: Mark | None) -> str | None:
        """What the words right around an amount say."""
        if self.ending is Sign.GONE:
            return "subtract"
        for near in (before, after):
            if near is not None and near.sign in MORE_OR_LESS:
                return "add" if near.sign is Sign.MORE else "subtract"
        if self.taking and after is not None and after.word == "from":
            return "subtract"
        joined = before is not None and before.sign is Sign.JOINT
        return (self.values or self.pending)[-1][1] if joined and self.by_before() else None

    def takes(self, mark: Mark) -> str | None:
        """The order itself where it may take an amount from a thing: `take 2 cores from web`, `drop 4GB of memory`."""
        taking = mark.word in TAKING or (mark.word in DOWN and self.of_size(self.after()))
        return mark.word if taking else None

    @staticmethod
    def of_size(amount: Mark | None) -> bool:
        return amount is not None and (amount.path in WORDS or amount.word == Kind.SIZE)

    def gives_back(self) -> bool:
        """`… and give them to web`: of what was taken before, and no thing."""
        rest = [mark.sign for mark in self.marks[self.index + 1 : self.index + 4]]
        word = self.after()
        told = word is not None and word.word in {"it", "them"}
        return bool(self.taken) and told and rest[1:] == [Sign.TO, Sign.THING]

    def by_before(self) -> bool:
        """`By 4GB and 1 core`: whether the amount before was one to add or to take away, said with "by"."""
        by = [mark.sign for mark in self.marks[max(0, self.index - 4) : max(0, self.index - 1)]]
        return by[-2:] == [Sign.BY, Sign.AMOUNT] and bool(self.values or self.pending)
