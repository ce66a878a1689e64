"""A second reading of a message about a draft: taken where it accounts for what was said and the first does not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from alma.core.language.followups.context import Context
from alma.core.language.reader import Reader
from alma.core.language.reading import ACTS
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item
from alma.core.language.weighing.asking import asked_for_rest
from alma.core.language.weighing.coverage import coverage
from alma.core.language.weighing.inventions import only_called_for
from alma.core.language.weighing.marks import Marker
from alma.core.language.weighing.parts import Part, statements
from alma.core.language.weighing.passing import told_in_passing
from alma.core.language.weighing.plain import plain
from alma.core.language.weighing.signs import Mark, Sign
from alma.core.language.wording.narrating import narrates
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import tokenize
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import (
    AddResource,
    Edit,
    Interpretation,
    RemoveResource,
    SetField,
    UseTemplate,
)

# Characters. Longer messages are read once: twice would take its time.
_LONGEST = 1000
_ASKED = seldom(r"\?")
_POLITE = seldom(
    r"^\W*(?:(?:hi|hello|hey|good morning|morning|please|so|and|ok|okay|thanks)\W+)*"
    r"(?:(?:can|could|would|will) (?:you|we|i)(?: please)?|"
    r"(?:is|would) it (?:be )?possible (?:that|to)|would you mind)\b",
    re.IGNORECASE,
)
# "Can the worker have 8GB?" asks for it; "can the worker handle 8GB?" does not.
_ASKED_FOR = seldom(r"^\W*(?:can|could|may) [\w\s,-]{2,60}? (?:have|get)\b", re.IGNORECASE)
# … which are no doubts: "if you ask me, 32GB would do".
_COURTESIES = seldom(
    r"\bif (?:you (?:ask me|can|could|please|don['’]?t mind|would|like)|possible|"
    r"that['’]?s (?:ok|okay|possible|fine))\b|"
    r"\bwould (?:do|suffice|help|work|be (?:enough|great|nice|good|fine|plenty|perfect|ideal|better|lovely|ok|okay|"
    r"sufficient|appreciated|helpful|more than enough))\b",
    re.IGNORECASE,
)
# "Web doesn't need that much": less of something, and nothing that goes.
_NOT_SO_MUCH = seldom(
    r"\b(?:do(?:es)?(?: not|n['’]?t)) (?:really |actually )?need (?:(?:quite |all )?(?:that|so|this) |as |\d)",
    re.IGNORECASE,
)
_DOUBTED = seldom(
    r"\b(?:if|whether|maybe|perhaps|might|wonder\w*|would|suppose|imagine|said|says|told|yesterday|tomorrow)\b",
    re.IGNORECASE,
)

_EXCEPT = seldom(r"\b(?:all|every\w*|each|any\w*)\b[^.;!?]*? except ", re.IGNORECASE)


_CALLED = seldom(r"\b(?:called|named)\s+[\"'`]?(?P<name>[\w.-]*\w)", re.IGNORECASE)


class SecondReading:
    """Reads what is wished of things that are there, however it was put together."""

    def __init__(self, gazetteer: Gazetteer, context: Context, reader: Reader) -> None:
        self._gazetteer = gazetteer
        self._context = context
        self._reader = reader

    def weighed(
        self, text: str, read: Interpretation, blueprint: Blueprint | None, said: Sequence[str]
    ) -> Interpretation:
        """The reading that stands: the first, unless the second one says what is missing or amiss in it."""
        if blueprint is None or not blueprint.resources or not _may_order(text, read):
            return read
        if (
            _NOT_SO_MUCH.search(text)
            or _leaves_out(text, read)
            or _not_there(text, read, blueprint)
        ):
            return read
        text = _POLITE.sub("", text)
        names = [resource.name for resource in blueprint.resources]
        recent = tuple(self._context.focus(said, blueprint).recent)
        marks = without_stories(text, self._marks(text, blueprint))
        nothing = read.question is not None or not read.edits
        parts = statements(marks, names, recent, alone=nothing)
        second = self._written(text, parts, blueprint, said)
        told = _told_of(parts)
        if second is not None and _takes_all_asked(read, second):
            return read
        if second is not None and not (
            _says_all(read, second, told) or _takes_for(read, second, blueprint)
        ):
            read = second
        left = coverage(marks, read.edits, blueprint)
        if not (left.left or read.question or not read.edits):
            return read
        parts = told_in_passing(marks, blueprint.resources, recent)
        third = self._written(text, parts, blueprint, said)
        made = third.edits if third is not None else ()
        new = coverage(marks, made, blueprint, bare=not read.edits)
        if third is not None and (new.better_than(left) or not (read.edits or new.left)):
            read, left = third, new
        return asked_for_rest(text, read, left.left)

    def called_for(
        self, text: str, read: Interpretation, blueprint: Blueprint | None
    ) -> Interpretation:
        """The reading of a change without what it would make that nobody asked for."""
        makes = any(isinstance(edit, AddResource | UseTemplate) for edit in read.edits)
        if blueprint is None or not blueprint.resources or not makes:
            return read
        return only_called_for(
            self._items(text, blueprint), read, blueprint, self._gazetteer.common
        )

    def _written(
        self, text: str, parts: Sequence[Part], blueprint: Blueprint, said: Sequence[str]
    ) -> Interpretation | None:
        """What the plain orders for what is clear are read as; None where nothing comes of them."""
        written = in_plain_orders(text, parts, blueprint)
        read = self._reader.read(written, blueprint, said).finished() if written else None
        return read if read is not None and read.edits and not read.question else None

    def _marks(self, text: str, blueprint: Blueprint) -> list[Mark]:
        items = self._items(text, blueprint)
        return Marker(blueprint.resources, self._gazetteer).marks(items)

    def _items(self, text: str, blueprint: Blueprint) -> Sequence[Item]:
        names = [resource.name for resource in blueprint.resources]
        return self._gazetteer.tag(self._gazetteer.prepare(tokenize(text), names).tokens, names)


def _not_there(text: str, read: Interpretation, blueprint: Blueprint) -> bool:
    """`remove the vm called phoenix`, of which there is none: that is asked about, and means no other vm."""
    found = _CALLED.search(text)
    if found is None or read.question is None:
        return False
    return blueprint.resource(found["name"]) is None and found["name"] in read.question


def _leaves_out(text: str, read: Interpretation) -> bool:
    """Whether all but some go: what is said to be left out of it is nothing that goes."""
    gone = [edit for edit in read.edits if isinstance(edit, RemoveResource)]
    return bool(gone) and not read.question and _EXCEPT.search(text) is not None


def _takes_all_asked(first: Interpretation, second: Interpretation) -> bool:
    """Whether all would go of which it is asked which should: "remove one of them" never means all."""
    words = set((first.question or "").replace(",", " ").replace("?", " ").split())
    gone = [edit.name for edit in second.edits if isinstance(edit, RemoveResource)]
    if gone and {"of", "what", "should", "go"} <= words:
        return True  # "remove 6 of them" where there is one
    kept = {edit.name for edit in first.edits if isinstance(edit, SetField)}
    if first.question is None and len(kept) == len(first.edits) and kept & set(gone):
        return True  # what is left of something is no order to remove it
    return len(gone) > 1 and {"Which", "go:"} <= words and words >= set(gone)


def _told_of(parts: Sequence[Part]) -> frozenset[str]:
    """Which things are spoken of in a message that is clear as a whole."""
    if any(part.statements is None for part in parts):
        return frozenset()
    return frozenset(
        name for part in parts for said in part.statements or () for name in said.names
    )


def _says_all(first: Interpretation, second: Interpretation, told: frozenset[str]) -> bool:
    """Whether the first reading has all that the second has; and, where all of the message is clear, takes nothing
    away of which something else is `told`."""
    more = _effects(first.edits) - _effects(second.edits)
    takes = any(effect[0] == "remove_resource" and effect[1] in told for effect in more)
    whole = _effects(second.edits) <= _effects(first.edits) or _only_takes_more(first, second)
    return not first.question and not takes and whole


def _takes_for(first: Interpretation, second: Interpretation, blueprint: Blueprint) -> bool:
    """`We also need 2 containers with 6 cores` where there are more: nothing goes for what is only added."""
    added = [edit.resource.type for edit in first.edits if isinstance(edit, AddResource)]
    gone = [edit.name for edit in second.edits if isinstance(edit, RemoveResource)]
    taken = {r.type for name in gone if (r := blueprint.resource(name)) is not None}
    only = len(added) == len(first.edits) and not first.question
    return only and bool(taken & set(added))


def _only_takes_more(first: Interpretation, second: Interpretation) -> bool:
    """`Drop two of them`: nothing is taken away that the grammar has left, where both do nothing but that."""
    some, more = _effects(first.edits), _effects(second.edits)
    return bool(some) and some < more and all(effect[0] == "remove_resource" for effect in more)


def in_plain_orders(text: str, parts: Sequence[Part], blueprint: Blueprint) -> str | None:
    """The message with plain orders for what is clear in it, and without remarks; None where nothing is clear."""
    written, clear = [], False
    ends = [*(part.place for part in parts[1:]), len(text)]
    for part, end in zip(parts, ends, strict=False):
        orders = plain(part.statements, blueprint.resources) if part.statements else None
        clear = clear or orders is not None
        if part.statements is None or (part.statements and orders is None):
            orders = text[part.place : end].strip(" \n.;*-")
        written += [orders] if orders else []
    return ". ".join(written) if clear else None


def without_stories(text: str, marks: Sequence[Mark]) -> list[Mark]:
    """The marks without what sentences say that only narrate: of those, things alone, for "it" may mean them."""
    ends = [mark.place for mark in marks if mark.sign is Sign.BREAK]
    told = [
        (begin, end)
        for begin, end in pairwise([0, *ends, len(text)])
        if narrates(text[begin:end].strip(" .;\n"))
    ]
    return [
        mark
        for mark in marks
        if mark.sign in {Sign.THING, Sign.BREAK}
        or not any(begin <= mark.place < end for begin, end in told)
    ]


def _may_order(text: str, read: Interpretation) -> bool:
    """Whether a message may order a change of the draft, and nothing else is done by it."""
    acting = any(act in ACTS for act in (read.intent, *read.acts))
    said = _POLITE.sub("", _COURTESIES.sub("", text))
    asked = (
        _POLITE.match(text) is None
        and not _ASKED_FOR.match(text)
        and _ASKED.search(text) is not None
    )
    return not (acting or asked or len(text) > _LONGEST or _DOUBTED.search(said))


def _effects(edits: Sequence[Edit]) -> set[tuple[str, ...]]:
    """What comes of edits, each told from the others: of one field set twice, the last."""
    fields = ("op", "name", "path", "value", "to")
    told = [tuple(str(getattr(edit, field, None)) for field in fields) for edit in edits]
    last = {effect[:3]: effect for effect in told if effect[0] == "set_field"}
    return {effect for effect in told if last.get(effect[:3], effect) == effect}
