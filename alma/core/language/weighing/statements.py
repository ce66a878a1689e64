"""What is wished of things that are there, told from marks by where they stand: who gets which amount, and what goes.

"web 4 and api 2 cores", "8GB for db and 16 for web", "4 and 8 cores respectively", "v1: remove": amounts stand before
or after what they are for, properties are said once for all, and what belongs together is told by what follows. Nothing
is guessed: what can't be shared out in one way is left to others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from alma.core.language.weighing.cursor import ENDS, NEEDING
from alma.core.language.weighing.signs import GIVING, PRONOUNS, WORDS, Mark, Sign
from alma.core.language.weighing.ways import MORE_OR_LESS, Ways, counting, way_of
from alma.core.language.words.tokens import Kind

_LEADING = {Sign.LINK, Sign.TO, Sign.AMOUNT, Sign.PROPERTY, Sign.ORDER, Sign.MORE, Sign.LESS}
_ROLES = {"specs.control_plane", "specs.workers"}
_COUNTED = {"specs.cpu", "specs.gpu", "count", *_ROLES, "specs.nodes"}


class Unclear(Exception):
    """The marks can't be shared out in one way."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One wish: `names` get the amount (`op` is set, add or subtract), or go; `beside`: it was said in one breath with
    other amounts."""

    names: tuple[str, ...]
    amount: Mark | None
    op: str = "set"
    beside: bool = False


@dataclass
class Sharing(Ways):
    """Shares out the marks of one sentence. `about` is the property named last, `way` what the order does to amounts,
    `ending` what happens to the things that follow; `given` is what the last things got that were named after it."""

    everything: tuple[str, ...]
    spoken: set[str]
    last: tuple[str, ...]
    known: tuple[str, ...]
    recent: tuple[str, ...] = ()
    found: list[Statement] = field(default_factory=list)
    group: list[Mark] = field(default_factory=list)
    given: list[tuple[Mark, str]] = field(default_factory=list)
    previous: Mark | None = None
    was: str = ""
    left_out: set[str] = field(default_factory=set)
    excepted: set[int] = field(default_factory=set)
    about: str | None = None
    scaling: bool = False

    def statements(self) -> list[Statement]:
        for index, mark in enumerate(self.marks):
            self.index = index
            self._take(mark)
        self._close()
        if self.pending:
            self._of_last()
        return self.found

    def _judges(self) -> bool:
        """Whether the amounts so far were neither ordered nor wished, so that what is said of them is what they are."""
        clause = takewhile(lambda mark: mark.sign is not Sign.JOINT, self.marks[: self.index][::-1])
        said = {mark.sign for mark in clause}
        return Sign.AMOUNT in said and not said & {
            Sign.ORDER,
            Sign.TO,
            Sign.STATE,
            Sign.PAST,
            *ENDS,
        }

    def _of_last(self) -> None:
        """`The db is slow. 16GB please`, `500 instead of 100`: amounts of what was spoken of last."""
        said = [amount for amount, _ in self.pending]
        sized = all(a.path in WORDS or a.word == Kind.SIZE for a in said)
        told = all(a.was for a in said) or (self.last != self.known and sized)
        if not (self.last and told):
            raise Unclear
        self.group = [Mark(Sign.THING, "it", names=self.last)]
        self.values, self.pending = self.pending, []
        self._close()

    def _take(self, mark: Mark) -> None:
        if mark.sign in {Sign.FOREIGN, Sign.NOT}:
            raise Unclear
        if mark.sign is Sign.THING:
            self._thing(mark)
        elif mark.sign is Sign.AMOUNT:
            self._amount(mark)
        elif mark.sign is Sign.PROPERTY:
            self._property(mark)
        elif mark.sign is Sign.ORDER:
            self._order(mark)
        elif mark.sign in ENDS:
            self._end(mark)
        elif mark.sign is Sign.STATE and self._judges():
            raise Unclear  # "64GB for the cache is over the top"
        elif mark.word in {"while", "whereas"}:
            self._close()

    # ── things ───────────────────────────────────────────────────────────────────────────────────────

    def _thing(self, mark: Mark) -> None:
        if self.index in self.excepted:
            return
        if not mark.plain:
            raise Unclear
        mark, before = self._resolved(mark), self.before()
        if before is not None and self._is_excepted(mark, before):
            return
        self.spoken.update(mark.names)
        self.last = mark.names
        leads = before is not None and (before.sign in _LEADING or self.is_taken())
        if self.is_handed(before):
            self._handed(mark)
        elif self.pending and before is not None and leads:
            self._served(mark, before)
        else:
            self._joins(mark, before)

    def _joins(self, mark: Mark, before: Mark | None) -> None:
        """A thing that goes, gets what others got, or begins what is said of it."""
        if self.ending is not None and not self.claims():
            if self.is_taken_out_of(before):
                raise Unclear
            self._finish([mark])
        elif self.given and self.joined() and not self.claims():
            self._close()
            self.group, self.values = [mark], list(self.given)
            self._close()
        elif self.joined() and self.ends_next() and not self._goes_on():
            self._close()
            self.group, self.way, self.ending = [mark], "set", None
        elif self.values:
            self._close()
            self.group = [mark]
        else:
            self.group.append(mark)

    def _goes_on(self) -> bool:
        """`Mailer and the queue may go`: whether a thing only goes on with a list, of which nothing was said yet."""
        before = self.marks[self.index - 2] if self.index > 1 else None
        listed = before is not None and before.sign is Sign.THING and bool(self.group)
        return listed and not self.values and self.ending is None and self.way == "set"

    def _handed(self, mark: Mark) -> None:
        self._close()
        self.group, self.values = [mark], [(amount, "add") for amount, _ in self.taken]
        self._close()
        self.taken, self.taking, self.ending = [], None, None

    def _served(self, mark: Mark, before: Mark) -> None:
        """A thing that gets what was said before it: `8GB for web`, `5 web servers`, `add 2 cores to web`."""
        self._close()
        said = self.pending
        if before.sign is Sign.TO and self.way == "set" and not self.gives:
            said = [(amount, "add") for amount, _ in said]
        if before.sign in {Sign.AMOUNT, *MORE_OR_LESS}:
            said = [(counting(amount), op) for amount, op in said]
        self.taken = said if self.is_taken() else []
        self.group, self.values, self.given, self.pending = [mark], said, said, []
        self.ending = None

    def _is_excepted(self, mark: Mark, but: Mark) -> bool:
        """`Everything but the db`, `every container, except web`, `not the cache`: whether a thing is left out."""
        if but.word == "not" or set(mark.names) <= self.left_out:
            return True
        if but.sign is not Sign.BUT or not self.group or but.word == "but":
            return False
        left = tuple(name for name in self.group[-1].names if name not in mark.names)
        self.group[-1] = replace(self.group[-1], names=left)
        return True

    def _resolved(self, mark: Mark) -> Mark:
        """`Everything` is all there is, `the rest` what was not spoken of yet, `it` what was spoken of last."""
        if mark.names == ("^",):
            return replace(mark, names=self.last)
        if mark.names != ("*",):
            return self._without_excepted(mark)
        self.left_out = self._left_out() if mark.word == "everything" else set(self.spoken)
        names = tuple(name for name in self.everything if name not in self.left_out)
        return replace(mark, names=names, word="everything")

    def _without_excepted(self, mark: Mark) -> Mark:
        """`The web servers except web-1`: what stands after the exception is taken off, and is not spoken of again."""
        after = self.marks[self.index + 1 :]
        if not after or after[0].sign is not Sign.BUT or after[0].word == "but":
            return mark
        out = list(takewhile(lambda later: later.sign in {Sign.THING, Sign.JOINT}, after[1:]))
        left = {name for later in out for name in later.names}
        if not left:
            raise Unclear
        self.excepted.update(range(self.index + 2, self.index + 2 + len(out)))
        return replace(mark, names=tuple(name for name in mark.names if name not in left))

    def _left_out(self) -> set[str]:
        """What `everything but …` leaves out."""
        after = self.marks[self.index + 1 :]
        if not after or after[0].sign is not Sign.BUT:
            return set()
        beside = {Sign.THING, Sign.JOINT, Sign.LINK, Sign.PAST}
        things = takewhile(lambda mark: mark.sign in beside, after[1:])
        names = {name for mark in things for name in mark.names}
        if not names:
            raise Unclear  # what is left out is not known: then nothing is sure to be meant
        return names

    def _borrowed(self, thing: Mark) -> bool:
        """Whether a thing is only known from the messages before, which others read better."""
        return thing.word in PRONOUNS and thing.names == self.recent

    def _finish(self, things: Sequence[Mark]) -> None:
        if not all(thing.names and not self._borrowed(thing) for thing in things):
            raise Unclear
        if self.ending is Sign.GONE:
            self.found += [Statement(thing.names, None) for thing in things]

    def _close(self) -> None:
        """The things of the group get what was said of them."""
        if self.values and not self.group:
            raise Unclear
        if self.values:
            self.found += self._shared()
        elif self.group and self.ending is not None:
            self._finish(self.group)
        elif self.group and self.way == "drop":
            self.found += [Statement(thing.names, None) for thing in self.group]
        self.group, self.values = [], []

    def _shared(self) -> Iterator[Statement]:
        """Each thing with all amounts, or with its own where there are as many of one kind as there are things."""
        amounts = [amount for amount, _ in self.values]
        if {amount.path for amount in amounts} == {"name"}:
            return self._named(amounts)
        each = len(amounts) == len(self.group) > 1 and len({a.path for a in amounts}) == 1
        if len({(a.path, a.factor) for a in amounts}) < len(amounts) and not each:
            raise Unclear
        return self._given_to(each=each)

    def _named(self, amounts: Sequence[Mark]) -> Iterator[Statement]:
        """`Call them red, green and blue`: each of them by one of the names."""
        names = [name for thing in self.group for name in thing.names]
        if len(names) != len(amounts):
            raise Unclear
        return (Statement((name,), amount) for name, amount in zip(names, amounts, strict=True))

    def _given_to(self, *, each: bool) -> Iterator[Statement]:
        for place, thing in enumerate(self.group):
            if not thing.names or thing.word == "everything":
                raise Unclear  # not everything can have every amount: that is decided elsewhere
            for amount, op in [self.values[place]] if each else self.values:
                if amount.path is None and not amount.was and self._borrowed(thing):
                    raise Unclear
                yield Statement(thing.names, amount, op, beside=len(self.values) > 1)

    # ── amounts ──────────────────────────────────────────────────────────────────────────────────────

    def _amount(self, mark: Mark) -> None:
        if self.is_past():
            self._was(mark)
            return
        if self.ending is Sign.GONE and len(self.group) > 1:
            raise Unclear  # "remove web-3, web-1 needs 8GB": not all of them go, nor does the amount
        mark, self.was = replace(mark, was=self.was), ""
        op = self.op(mark)
        if mark.word == Kind.PERCENT and op == "set":
            raise Unclear
        mark = self._in_full(mark)
        if (
            mark.factor
            and mark.path is None
            and self.coming(mark) is None
            and not self.property_comes()
        ):
            raise Unclear  # "twice as big": of whatever it has
        late = (
            len(self.group) == 1
            and self.values
            and (mark.path, mark.was) == (None, "")
            and mark.word != Kind.SIZE
            and self.joined()
        )
        if late and not self._for_next():
            raise Unclear  # "set web to 32GB, thanks a million"
        self.previous = mark
        said = (mark, op)
        if self._for_next():
            if self.group:
                self._close()
            self.pending.append(said)
        elif self.group:
            self.values.append(said)
            self.given = []
        else:
            self.pending.append(said)

    def _was(self, mark: Mark) -> None:
        """An amount that was before: of the next one, or of the one said before it ("500 instead of 100")."""
        before = self.before()
        told = self.values or self.pending
        instead = (
            before is not None
            and before.sign in {Sign.PAST, Sign.LINK}
            and told
            and not self.more_comes()
        )
        if instead:
            told[-1] = (replace(told[-1][0], was=mark.text), told[-1][1])
        else:
            self.was = mark.text

    def _in_full(self, mark: Mark) -> Mark:
        """An amount with the property that was said before it, or comes after; and the unit of the one before."""
        if mark.path == "times" and self.about is not None:
            return replace(mark, factor=True, path=self.about)
        before = self.previous
        same = before is not None and before.word == mark.word and before.path in WORDS
        if before is not None and self._of_one_kind(before, mark) and not self._counts_cores():
            unit = before.text.lstrip("0123456789.")
            return replace(mark, word=Kind.SIZE.value, path=before.path, text=f"{mark.text}{unit}")
        if self.about in _ROLES and mark.path == "specs.nodes":
            return replace(mark, path=self.about)  # "make the control plane three nodes"
        path = mark.path or self.about or self.coming(mark)
        if path is None and self.scaling and mark.word == Kind.NUMBER:
            path = "count"
        return replace(mark, path=before.path if same and before and path is None else path)

    @staticmethod
    def _of_one_kind(before: Mark, mark: Mark) -> bool:
        """`16GB for db and 8 for web`: whether a bare number has the unit that was said before it."""
        return before.word == Kind.SIZE and mark.word == Kind.NUMBER and mark.path is None

    def _counts_cores(self) -> bool:
        """`24GB and its cpu to 6`: whether a property that has no unit was named since the last amount."""
        since = takewhile(lambda mark: mark.sign is not Sign.AMOUNT, self.marks[: self.index][::-1])
        return any(mark.sign is Sign.PROPERTY and mark.path in _COUNTED for mark in since)

    def _for_next(self) -> bool:
        """Whether an amount stands before what it is for: `8GB for web`."""
        passed = {Sign.PROPERTY, *MORE_OR_LESS}
        rest = [
            mark.sign
            for mark in self.marks[self.index + 1 : self.index + 4]
            if mark.sign not in passed
        ]
        led = rest[:2] in ([Sign.LINK, Sign.THING], [Sign.TO, Sign.THING])
        linked = led or (rest[:1] == [Sign.THING] and self.joined())
        return linked and (bool(self.values) or not self.group)

    def _property(self, mark: Mark) -> None:
        if mark.path not in {*WORDS, "count", "network.ports"}:
            raise Unclear
        self.about = mark.path
        for said in (self.values, self.pending):
            if said and said[-1][0].path is None:
                said[-1] = (replace(said[-1][0], path=mark.path), said[-1][1])

    # ── orders ───────────────────────────────────────────────────────────────────────────────────────

    def _order(self, mark: Mark) -> None:
        if mark.word in NEEDING and self.group and not self.values:
            return
        if mark.word == "give" and self.gives_back():
            self.gives = True
            return
        if mark.word == "drop" and self.pending:
            raise Unclear  # "5 workers with 32GB each, and drop the monitor": of what is not told
        if self.values or self.ending is not None or self.way == "drop":
            self._close()
        elif self.group and self.thing_comes():
            self.group = []  # "grafana alone is enough, drop prometheus": nothing was said of it
        self.ending, self.gives = None, mark.word in GIVING
        self.scaling = mark.word == "scale"
        if self.scaling:
            self.about = self.previous = None
        self.way, self.taking = way_of(mark.word), self.takes(mark)
        if mark.word not in {"up", "down"}:
            self.given = []

    def _end(self, mark: Mark) -> None:
        """What goes or stays: said before or after the things. What was told of others before an order is a remark."""
        sign, after = mark.sign, self.after()
        if sign is Sign.GONE and not self.group and self.of_size(after):
            self._close()
            self.way, self.taking = "subtract", mark.word
            return
        if sign is Sign.GONE and self.group and mark.denied and self.thing_comes():
            raise Unclear  # "web doesn't need the cache anymore": what it depends on
        first = after is not None and after.sign is Sign.THING
        if sign is Sign.GONE and self.group and not self.values and first:
            self.group, self.ending, self.way = [], sign, "set"
            return
        if self.group and not self.values and self.ending is None and self.way != "drop":
            self.ending = sign
            self._finish(self.group)
            self.group, self.ending = [], None
            return
        self._close()
        self.ending, self.way, self.about = sign, "set", None
