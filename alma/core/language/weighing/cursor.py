"""Where a reader of marks stands in a sentence, and what comes before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from alma.core.language.weighing.signs import Mark, Sign

ENDS = {Sign.GONE, Sign.STAYS}
NEEDING = {"need", "get"}


@dataclass
class Cursor:
    """A place, `index`, among the marks of one sentence."""

    marks: Sequence[Mark]
    index: int = field(default=0, kw_only=True)

    def before(self) -> Mark | None:
        return self.marks[self.index - 1] if self.index else None

    def after(self) -> Mark | None:
        return self.marks[self.index + 1] if self.index + 1 < len(self.marks) else None

    def joined(self) -> bool:
        before = self.before()
        return before is not None and before.sign is Sign.JOINT

    def ends_next(self) -> bool:
        """Whether a thing is said to go or to stay right after it: `drop media, nas stays`."""
        after = self.after()
        return after is not None and after.sign in ENDS

    def thing_comes(self) -> bool:
        """Whether a thing is named before any amount from here on."""
        for mark in self.marks[self.index + 1 :]:
            needed = mark.sign is Sign.ORDER and mark.word in NEEDING
            if mark.sign in {Sign.AMOUNT, Sign.PROPERTY, Sign.ORDER} and not needed:
                return False
            if mark.sign is Sign.THING:
                return True
        return False

    def claims(self) -> bool:
        """Whether what follows a thing is said of it: an amount or an end, before another order."""
        for place, mark in enumerate(self.marks[self.index + 1 :], self.index + 1):
            if mark.sign in {Sign.AMOUNT, *ENDS}:
                return not self._leads_on(place)
            if mark.sign is Sign.ORDER:
                return mark.word in NEEDING
        return False

    def _leads_on(self, place: int) -> bool:
        """Whether an amount after a joint is that of the thing it is put to: `…, and 4 cores to db`."""
        if (
            self.marks[place].sign is not Sign.AMOUNT
            or self.marks[place - 1].sign is not Sign.JOINT
        ):
            return False
        after = [m.sign for m in self.marks[place + 1 :] if m.sign is not Sign.PROPERTY][:2]
        return after in ([Sign.LINK, Sign.THING], [Sign.TO, Sign.THING])

    def more_comes(self) -> bool:
        return any(mark.sign is Sign.AMOUNT for mark in self.marks[self.index + 1 :])

    def property_comes(self) -> bool:
        after = self.after()
        return after is not None and after.sign is Sign.PROPERTY

    def coming(self, mark: Mark) -> str | None:
        """The property of the next amount: `web 4 and api 2 cores`."""
        for later in self.marks[self.index + 1 :]:
            if later.sign is Sign.AMOUNT:
                return later.path if later.word == mark.word else None
            if later.sign in {Sign.ORDER, *ENDS}:
                return None
        return None

    def is_past(self) -> bool:
        """Whether an amount is what was: `from 8GB`, `instead of 4`, `3 -> 5`, `it has 4GB, make that 8`."""
        before = self.before()
        if before is not None and before.sign is Sign.LINK and self.index > 1:
            before = self.marks[self.index - 2]
        if before is not None and before.sign is Sign.PAST:
            return True
        after = [mark.sign for mark in self.marks[self.index + 1 : self.index + 3]]
        if after == [Sign.TO, Sign.AMOUNT]:
            return True
        telling = [
            mark.sign
            for mark in self.marks[: self.index]
            if mark.sign in {Sign.STATE, Sign.ORDER, Sign.TO}
        ]
        return telling[-1:] == [Sign.STATE]
