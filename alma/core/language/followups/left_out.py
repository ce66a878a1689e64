"""A number for something, where only the request before it said of what: "all of them need 32 GB", "web-2 just 24
though"; "give the vms 8 cores", "6 is enough for the second one".

By itself such a number would be read as how many there should be, or as a version.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.changing.targets import Focus, stem
from alma.core.language.editing.outcome import Outcome
from alma.core.language.followups.budgeting import budget_said
from alma.core.language.followups.context import Context
from alma.core.language.followups.partial import completed_names
from alma.core.language.followups.places import NUMERIC, written
from alma.core.language.followups.returning import Interpret
from alma.core.language.followups.segments import counts, segments
from alma.core.language.vocabulary.defaults import listed, title
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.base import Json
from alma.core.model.blueprint import (
    COMPUTE,
    DATA,
    Blueprint,
    Constraints,
    Resource,
    ResourceType,
)
from alma.core.model.conversation import Edit, SetBlueprint, SetField

_LONGEST = 8
_FILLING = frozenset(
    "and but only just except though for the on with at to it its it's needs need gets get should must have has "
    "had be is are can could stay stays keep keeps make give set put that this please pls too then also even "
    "enough suffices suffice sufficient fine plenty will would do does ok okay no not nah hm hmm oh so well "
    "actually sorry wait in of however rather again still as excepting apart besides from , . ! ; : - – — … = one "
    "ones back want wants like i'd we'd i we let let's go".split()
)
_PATHS = frozenset({*NUMERIC, "specs.memory", "specs.disk", "specs.storage"})
_ASKED = _PATHS | {"version"}
_CHOOSING = frozenset(
    "use take have better prefer rather go with instead say maybe about perhaps ?".split()
)
_EXCHANGING = frozenset("instead use switch swap change replace rather actually move".split())
_IT = {"it", "this", "that"}
_GIVING = {"give", "gets", "get", "needs", "need", "has", "have"}
_TOO = seldom(
    r"\btoo (?:much|little|big|large|high|low|small|tight|generous|expensive|(?P<counted>many|few))\b|"
    r"\bback (?:down |up )?to\b",
    re.IGNORECASE,
)
_SETTING_BACK = _FILLING | frozenset(
    "back to|go back to|get back to|back|go|too|much|little|big|large|high|low|small|tight|generous|expensive|many|few|"
    "too much|too many|too few|too little|there|that's|way|far|bit|a|is|try|take|use|set|down|up|after all|after|all|"
    "think|was|before|were|maybe|better|rather|instead|thanks".split("|")
)
_PUTTING = {"put", "set", "bring", "take", "turn", "go"}
# Fewer machines are ordered every day.
_MANY = 8
_TIMES = 5
_TARGETS = {Sort.TYPE, Sort.COMPUTE, Sort.ROLE, Sort.GROUP}
_MEMBERS = frozenset({"worker", "master"})
_WHICH = frozenset("other others second third fourth first last rest latter former both".split())


class LeftOut:
    """Finds what a short message leaves out. `interpret` reads the messages before it once more."""

    def __init__(self, gazetteer: Gazetteer, context: Context, interpret: Interpret) -> None:
        self._gazetteer = gazetteer
        self._context = context
        self._interpret = interpret

    def found(
        self, text: str, blueprint: Blueprint, said: Sequence[str], focus: Focus
    ) -> Outcome | None:
        """What becomes of a message that is nothing but a number, and of whom or of what budget; None for others."""
        return (
            self._budget(text, blueprint, said)
            or self._asked(text, blueprint, said, focus)
            or self._amount(text, blueprint, said, focus)
            or self._set_back(text, blueprint, said)
        )

    def _asked(
        self, text: str, blueprint: Blueprint, said: Sequence[str], focus: Focus
    ) -> Outcome | None:
        """`Which version did you pick?` … `make it 14`: as much of what was just asked about, or wanted more of."""
        if len(text.split()) > _LONGEST:
            return None
        names = [resource.name for resource in blueprint.resources]
        amount = bare_number(self._gazetteer.tag(self._context.tokens(text, names), names))
        spoken = focus.spoken(blueprint)
        if amount is None or not spoken or len(set(map(stem, spoken))) > 1:
            return None
        paths = self._asked_of(said[-1], names)
        if not paths and not text.casefold().startswith("make"):  # "make it 2" may count
            paths = self._exchanged(text, said[-1], spoken[0])
        if len(paths) != 1:
            return None
        path = str(*paths)
        if path == "version" and spoken[0].engine is None:
            return None
        value: Json = amount.value
        if path == "version":
            value = amount.text
        elif path not in NUMERIC:
            value = f"{amount.value}GB"
        what = f"{title(path)} of {listed([r.name for r in spoken])} to {value}"
        edits = [SetField(name=r.name, path=path, value=value) for r in spoken]
        return Outcome(edits=list(edits), understood=[what])

    def _budget(self, text: str, blueprint: Blueprint, said: Sequence[str]) -> Outcome | None:
        """`We can go up to 1200 a month`: another limit of what it may cost."""
        budget = budget_said(text, self._context.tokens(text, ()))
        before = blueprint.constraints.max_monthly_cost if blueprint.constraints else None
        if budget is None:
            return None
        named = budget.named and before is not None  # "raise the ceiling to 850"
        named = named or (budget.stretched and before is not None and _near(budget.amount, before))
        if not (budget.sure or named or _limits(self._last(blueprint, said))):
            return None
        limit = budget.beside(before)
        if limit is None:
            return None
        edit = SetBlueprint(constraints=Constraints(max_monthly_cost=limit))
        return Outcome(edits=[edit], understood=[f"at most {limit:g} a month"])

    def _asked_of(self, last: str, names: Sequence[str]) -> set[str]:
        """The properties that a message names without any amount of them."""
        asked = self._gazetteer.tag(self._context.tokens(last, names), names)
        if any(item.existing is None and _is_amount(item) for item in asked):
            return set()
        paths = {str(item.id_of(Sort.ATTRIBUTE)) for item in asked if Sort.ATTRIBUTE in item.terms}
        return paths & _ASKED

    def _exchanged(self, text: str, last: str, spoken: Resource) -> set[str]:
        """`Use mysql instead` … `8.4 please`: the version, where the last change was of the software; or `15`, after
        nothing but a store was asked for."""
        items = self._gazetteer.tag(self._context.tokens(last, ()))
        runs = spoken.engine in {item.id_of(Sort.SOFTWARE) for item in items} - {None}
        exchanged = any(item.norm in _EXCHANGING for item in items)
        named = spoken.type in DATA and spoken.version is None and text.strip(" .!")[:1].isdigit()
        exchanged = exchanged or (named and len(text.split()) == 1)
        counted = any(map(_is_amount, items))
        return {"version"} if runs and exchanged and not counted else set()

    def _amount(
        self, text: str, blueprint: Blueprint, said: Sequence[str], focus: Focus
    ) -> Outcome | None:
        """`Web-2 just 24` after `all of them need 32 GB`: as much of the same."""
        if "?" in text or len(text.split()) > _LONGEST or not counts(text):
            return None
        names = [resource.name for resource in blueprint.resources]
        tokens = self._context.tokens(text, names)
        items = self._gazetteer.tag(
            completed_names(tokens, blueprint.resources, self._gazetteer), names
        )
        amount = number_for(items)
        if amount is None:
            return None
        words = pointing(items)
        meant = self._context.spoken(words, blueprint, focus) if words else focus.recent
        if _of_members(items, meant, blueprint):
            return None
        elided = bool(words) and not {item.norm for item in items} & {"to", "make"}
        last = self._last(blueprint, said)
        edits = of_the_same(amount, meant, last, blueprint, elided=elided)
        what = [f"{title(edit.path)} of {edit.name} to {edit.value}" for edit in edits]
        return Outcome(edits=list(edits), understood=what) if edits else None

    def _set_back(self, text: str, blueprint: Blueprint, said: Sequence[str]) -> Outcome | None:
        """`Too much, back to 4` after `give it 16GB`: as much of what the last request set."""
        how = _TOO.search(text)
        if how is None:
            return None
        parts = segments(text, self._gazetteer, blueprint)
        items = [
            item for part in parts if part.amounts or not part.complains for item in part.items
        ]
        amounts = [item for item in items if item.existing is None and _is_amount(item)]
        rest = [item for item in items if item not in amounts and item.norm not in _SETTING_BACK]
        named = any(part.complains and part.of_something for part in parts)
        if len(amounts) != 1 or rest or named:
            return None
        last, amount = self._last(blueprint, said), amounts[0].tokens[0]
        names = [edit.name for edit in last if isinstance(edit, SetField)]
        edits = of_the_same(amount, names, last, blueprint)
        counted = how["counted"] is not None
        if not edits or not all(_fits(edit.path, amount, counted=counted) for edit in edits):
            return None
        what = [f"{title(edit.path)} of {edit.name} to {edit.value}" for edit in edits]
        return Outcome(edits=list(edits), understood=what)

    def _last(self, blueprint: Blueprint, said: Sequence[str]) -> Sequence[Edit]:
        """What the last message that changed anything would change now."""
        for place in range(len(said) - 1, -1, -1):
            read = self._interpret(said[place], blueprint=blueprint, history=said[:place])
            if read.edits:
                return read.edits
        return ()


def number_for(items: Sequence[Item]) -> Token | None:
    """The number that is all a message says of what it points at; None for every other message. "Give it 8" points at
    what was spoken of, where "make it 8" may count."""
    numbers = [n for n, item in enumerate(items) if item.existing is None and _is_amount(item)]
    if len(numbers) != 1:
        return None
    (place,) = numbers
    amount = items[place].tokens[0]
    rest = [item for n, item in enumerate(items) if n != place and item.norm not in _FILLING]
    after, before = items[place + 1 : place + 2], items[max(0, place - 1) : place]
    counted = any(map(_points, after)) or any(Sort.SOFTWARE in item.terms for item in before)
    words = {item.norm for item in items}
    giving = bool(words & {*_GIVING, "for"}) or ("to" in words and bool(words & _PUTTING))
    given = bool(words & _IT) and giving
    if amount.kind is not Kind.NUMBER or counted or not all(map(_points, rest)):
        return None
    if not (rest or given):
        return None
    return amount


def bare_number(items: Sequence[Item]) -> Token | None:
    """The number that is all a message says, of nothing at all."""
    numbers = [item for item in items if item.existing is None and _is_amount(item)]
    rest = [item for item in items if item not in numbers and item.norm not in _FILLING | _CHOOSING]
    if len(numbers) != 1 or rest or numbers[0].tokens[0].kind is not Kind.NUMBER:
        return None
    return numbers[0].tokens[0]


def pointing(items: Sequence[Item]) -> list[Token]:
    """The words of such a message that say what the number is for."""
    return [token for item in items if _points(item) for token in item.tokens]


def of_the_same(
    amount: Token,
    names: Sequence[str],
    last: Sequence[Edit],
    blueprint: Blueprint,
    *,
    elided: bool = False,
) -> list[SetField]:
    """The number as what the last request set, of these; nothing where it set no one amount, or where it may be how
    many there should be: "db to 16GB", "web to 3". `elided`: the verb is left out as well ("and blue 4"), so that one
    machine of the same kind has it like the one before."""
    set_ = [edit for edit in last if isinstance(edit, SetField)]
    paths = {edit.path for edit in set_}
    if len(set_) != len(last) or len(paths) != 1 or not paths <= _PATHS:
        return []
    before = {stem(r) for e in set_ if (r := blueprint.resource(e.name)) is not None}
    meant = [r for name in names if (r := blueprint.resource(name)) is not None]
    few = isinstance(amount.value, int) and amount.value < _MANY
    kinds = {r.type for e in set_ if (r := blueprint.resource(e.name)) is not None}
    single = elided and all(r.type in kinds and r.count == 1 and stem(r) == r.name for r in meant)
    if few and not single and any(r.type in COMPUTE and stem(r) not in before for r in meant):
        return []
    (path,) = paths
    value: Json = written(amount, set_[-1].value)
    whole = path not in NUMERIC or isinstance(value, int)
    return [SetField(name=name, path=path, value=value) for name in names] if whole else []


def _fits(path: str, amount: Token, *, counted: bool) -> bool:
    """Whether an amount can be of a property: a size of none that counts, and what is "too many" of none that does
    not."""
    counts_ = path in NUMERIC
    return not counts_ if amount.kind is Kind.SIZE else counts_ or not counted


def _of_members(items: Sequence[Item], names: Sequence[str], blueprint: Blueprint) -> bool:
    """`And the workers to 5`: what the number is of is said, where it is of a cluster."""
    meant = [blueprint.resource(name) for name in names]
    clusters = all(r is not None and r.type is ResourceType.KUBERNETES_CLUSTER for r in meant)
    return clusters and any(item.id_of(Sort.ROLE) in _MEMBERS for item in items)


def _near(amount: float, limit: float) -> bool:
    """Whether an amount may be of the money that a limit is of."""
    return limit / _TIMES <= amount <= limit * _TIMES


def _limits(edits: Sequence[Edit]) -> bool:
    """Whether all that edits do is limit what it may cost."""
    limits = [e.constraints for e in edits if isinstance(e, SetBlueprint) and e.constraints]
    return len(limits) == len(edits) == 1 and limits[0].max_monthly_cost is not None


def _is_amount(item: Item) -> bool:
    return item.kind in {Kind.NUMBER, Kind.SIZE, Kind.PERCENT, Kind.MONEY} and item.norm != "one"


def _points(item: Item) -> bool:
    which = item.existing is not None or item.norm in _WHICH
    return which or bool(item.terms.keys() & _TARGETS)
