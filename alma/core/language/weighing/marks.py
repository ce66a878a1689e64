"""What a message says, word by word, of a draft that is there: its things, amounts, properties, what goes or stays.

The grammar reads a message left to right and decides as it goes. Marks are found without deciding anything: they are
what a second reading is made of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.weighing.signs import (
    ARTICLES,
    PRONOUNS,
    SIGNS,
    WORDS,
    Mark,
    Sign,
    ordinary,
    sign_of,
)
from alma.core.language.weighing.things import NODES, Found, Things, written_as_one
from alma.core.language.words.numerals import FURTHER
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import COMPUTE, Resource

_COUNTED = frozenset(
    "replica instance copy pod nod node member worker machine box server vm container unit broker".split()
)
_MEMBERS = {"worker": "specs.workers", "agent": "specs.workers", "master": "specs.control_plane"}
_FACTORS = {
    "double": "2", "twice": "2", "doubled": "2", "triple": "3", "quadruple": "4", "half": "0.5", "halve": "0.5",
}  # fmt: skip
_VERSION = re.compile(r"v(\d+(?:\.\d+){0,2})", re.IGNORECASE)
_TIMES = re.compile(r"[x×](\d{1,4})", re.IGNORECASE)
_VERSIONING = frozenset("upgrade update downgrade upgrading updating".split())
_NEAR = 5
_FULL = frozenset("full used usage utilisation utilization load busy free idle cpu".split())
_NAMING = frozenset({"rename", "call", "renamed"})
_BEFORE_NAMES = {*ARTICLES, *PRONOUNS, *SIGNS, "to", "as", "into", "is", "be", "from"}
_KNOWN = {Sort.ATTRIBUTE, Sort.MODIFIER, Sort.REPLICA, Sort.COMPUTE, Sort.IMAGE}
_NEW_THINGS = {Sort.TYPE, Sort.SOFTWARE, Sort.PRODUCT, Sort.COMPUTE, Sort.REPLICA, Sort.ROLE}
_NOT_OURS = {Sort.CAPABILITY, Sort.ENGINE, Sort.CLOUD}
_ELSEWHERE = {
    Kind.MONEY,
    Kind.REGION,
    Kind.CIDR,
    Kind.ADDRESS,
    Kind.PATH,
    Kind.VARIABLE,
    Kind.RULES,
    Kind.MACHINE,
}
# Verbs of these orders are none of amounts; some of their words are said for changes, too.
_OTHERWISE = frozenset(
    "connect close deploy destroy migrate rollback undo approve reject operate show list explain compare audit "
    "forecast troubleshoot suggest disable".split()
)
_NOT_GONE = {"skip", "strip", "exclude", "detach", "forget"}
_ALSO_CHANGING = {"save", "put", "take", "drop", "run"}


class Marker:
    """Marks messages about one draft."""

    def __init__(self, resources: Sequence[Resource], gazetteer: Gazetteer) -> None:
        self._things = Things(resources, gazetteer)
        self._common = gazetteer.common
        groups = gazetteer.data["verbs"]
        verbs = {word for group in _OTHERWISE for word in groups.get(group, ()) if " " not in word}
        self._verbs = verbs - _ALSO_CHANGING
        self._gone = (
            {word for word in groups["remove"] if " " not in word} - _ALSO_CHANGING - _NOT_GONE
        )

    def marks(self, items: Sequence[Item]) -> list[Mark]:
        """The marks, in their order; words that say nothing by themselves have none."""
        found: list[Mark] = []
        index, naming = 0, False
        while index < len(items):
            item = items[index]
            used, marks = 1, []
            if item.norm in _NAMING:
                naming, marks = True, [Mark(Sign.ORDER, "name")]
            elif naming and self._is_new_name(item):
                used = written_as_one(items, index, new=True)
                written = "-".join(part.text for part in items[index : index + used])
                marks = [Mark(Sign.AMOUNT, "name", path="name", text=written)]
                naming = self._another_name(items, index + used)
            else:
                used, marks = self._at(items, index)
            found += [replace(mark, place=item.tokens[0].start) for mark in marks]
            index += used
        return found

    def _another_name(self, items: Sequence[Item], index: int) -> bool:
        """Whether a list of names goes on: `call them red, green and blue`."""
        place = index
        while place < len(items) and items[place].norm in {",", "and"}:
            place += 1
        if place == index or place >= len(items) or not self._is_new_name(items[place]):
            return False
        after = items[place + 1].norm if place + 1 < len(items) else ""
        return after in {"", ",", "and", ".", "please"} and sign_of(items, place) is None

    def _is_new_name(self, item: Item) -> bool:
        """Whether what follows "rename" or "call it" is the name itself."""
        shaped = item.kind in {Kind.WORD, Kind.QUOTED} and item.norm not in _BEFORE_NAMES
        return shaped and self._things.named(item) is None

    def _at(self, items: Sequence[Item], index: int) -> Found:
        if self._unknown_kind(items, index):
            return 1, [Mark(Sign.FOREIGN, items[index].norm)]
        things = self._things
        for step in (things.new, things.thing, self._amount, self._property, things.everything):
            if (found := step(items, index)) is not None:
                return found
        if (mark := sign_of(items, index)) is not None:
            return 1, [mark]
        return 1, self._rest(items[index])

    def _unknown_kind(self, items: Sequence[Item], index: int) -> bool:
        """`The ReCAP VMs`: machines of a kind that nothing here is called after."""
        item, following = items[index], items[index + 1 : index + 2]
        if not following or item.kind is not Kind.WORD:
            return False
        if not (Sort.COMPUTE in following[0].terms or following[0].id_of(Sort.TYPE) in COMPUTE):
            return False
        plain = item.terms or item.norm in self._common or sign_of(items, index) is not None
        verb = item.norm in self._gone | self._verbs
        return not (plain or verb) and self._things.named(item) is None

    def _rest(self, item: Item) -> list[Mark]:
        """The mark of a word that has no sign of its own, if it means anything at all."""
        word = item.norm
        if word in self._gone:
            return [Mark(Sign.GONE, word)]
        if word in self._verbs:
            return [Mark(Sign.FOREIGN, word)]
        if item.kind is Kind.PUNCTUATION or word in self._common or word in ARTICLES:
            return []
        return [Mark(Sign.FOREIGN if item.terms.keys() & _NEW_THINGS else Sign.OTHER, word)]

    @staticmethod
    def _property(items: Sequence[Item], index: int) -> Found | None:
        """A property by its name, and what belongs to every one that an amount is for: `per node`."""
        item = items[index]
        if (path := item.id_of(Sort.ATTRIBUTE)) is not None:
            return 1, [Mark(Sign.PROPERTY, item.norm, path=path)]
        if item.terms.keys() & _NOT_OURS or item.kind in _ELSEWHERE:
            return 1, [Mark(Sign.FOREIGN, item.norm)]
        if item.id_of(Sort.MODIFIER) == "each":
            return 1, []
        if item.norm in {"per", "apiece"}:
            return 1 + (index + 1 < len(items)), []
        return None

    # ── amounts ──────────────────────────────────────────────────────────────────────────────────────

    def _amount(self, items: Sequence[Item], index: int) -> Found | None:
        item = items[index]
        if (spoken := _spoken(items, index)) is not None:
            return spoken
        if Sort.IMAGE in item.terms and item.kind is Kind.WORD:
            following = items[index + 1] if index + 1 < len(items) else None
            numbered = following is not None and following.kind is Kind.NUMBER
            text = (
                f"{item.text} {following.text}" if following is not None and numbered else item.text
            )
            return 1 + numbered, [Mark(Sign.AMOUNT, item.norm, text=text, path="image")]
        token = item.tokens[0]
        if token.kind not in {Kind.SIZE, Kind.NUMBER, Kind.PERCENT} or token.value is None:
            return None
        if self._stands_for(items, index):
            return 1, []
        return self._with_unit(items, index)

    def _stands_for(self, items: Sequence[Item], index: int) -> bool:
        """`The MySQL one`: the pronoun, and no number."""
        if items[index].text.casefold() != "one" or not index:
            return False
        begun = index - 1
        while begun and self._things.named(items[begun]) is not None:
            begun -= 1
        return begun < index - 1 and items[begun].norm in {*ARTICLES, "a", "both", "old", "new"}

    def _with_unit(self, items: Sequence[Item], index: int) -> Found:
        """`8GB`, `8GB of memory`, `4 more cores`, `3 replicas`; `30 days` are no amount of anything here."""
        token = items[index].tokens[0]
        place, between = index + 1, []
        while place < len(items) and _between(items[place]):
            between.append(items[place].id_of(Sort.MODIFIER))
            place += 1
        unit = items[place] if place < len(items) else None
        path = self._path(token, unit) if unit is not None else None
        if unit is not None and path is None and token.kind is Kind.NUMBER and self._of_else(unit):
            return 2, [Mark(Sign.OTHER, unit.norm)]
        if token.kind is Kind.NUMBER and token.text.count(".") > 1:  # "5.1.0"
            return 1, [Mark(Sign.AMOUNT, token.kind.value, path="version", text=token.text)]
        mark = Mark(Sign.AMOUNT, token.kind.value, path=path, text=_written(token))
        if path is None and token.kind is Kind.NUMBER and _is_version(items, index):
            return 1, [replace(mark, path="version", text=token.text)]
        if token.kind is Kind.PERCENT and _is_state(items, index):
            return 1, [Mark(Sign.OTHER, token.text)]
        if path is None:
            return 1, [mark]
        changed = [Mark(Sign.MORE, "more")] if "more" in between else []
        changed += [Mark(Sign.LESS, "less")] if "fewer" in between else []
        return place - index + 1, [*changed, mark]

    def _path(self, token: Token, unit: Item) -> str | None:
        """Which property a unit says an amount is of."""
        path = unit.id_of(Sort.ATTRIBUTE)
        if path in WORDS or token.kind is not Kind.NUMBER or unit.norm not in _COUNTED:
            return path if path in WORDS else None
        if not self._things.clustered:
            return "count"
        return _MEMBERS.get(unit.norm) or ("specs.nodes" if unit.norm in NODES else "count")

    def _of_else(self, unit: Item) -> bool:
        """`30 days`, `5000 users`: a number of what no resource has."""
        plain = unit.kind is Kind.WORD and unit.norm.isalpha() and self._things.named(unit) is None
        return plain and not ordinary(unit.norm) and not unit.terms.keys() & _KNOWN


def _is_version(items: Sequence[Item], index: int) -> bool:
    """`Upgrade redis to 8`, `db to postgres 17`, `to version 17`: a number that counts nothing."""
    before = [item.norm for item in items[max(0, index - _NEAR) : index]]
    if before[-1:] == ["version"]:
        return True
    led = before[-1:] == ["to"]
    place = index - 1 - led
    if place < 0 or Sort.SOFTWARE not in items[place].terms:
        return False
    if not led and before[-2:-1] in (["to"], ["onto"]):
        return True
    return bool(_VERSIONING.intersection(before))


def _is_state(items: Sequence[Item], index: int) -> bool:
    """`At 92%`, `98% full`: a share that tells how it is."""
    before = items[index - 1].norm if index else ""
    after = items[index + 1].norm if index + 1 < len(items) else ""
    return before == "at" or after in _FULL


def _between(item: Item) -> bool:
    return item.norm == "of" or item.id_of(Sort.MODIFIER) in {"more", "fewer"}


def _written(token: Token) -> str:
    text = f"{token.value:g}" if isinstance(token.value, int | float) else str(token.value)
    return f"{text}%" if token.kind is Kind.PERCENT else text


def _one_more(items: Sequence[Item], index: int) -> Found | None:
    """`Another gig`, `a core more`: one of them."""
    before = items[index - 1].norm if index else ""
    after = items[index + 1].norm if index + 1 < len(items) else ""
    more = before in FURTHER or (before in {"a", "an"} and after in FURTHER)
    if not more or items[index].plural:
        return None
    if items[index].norm in {"gig", "gb", "gigabyte"}:
        return 1, [Mark(Sign.AMOUNT, "size", path="specs.memory", text="1GB")]
    cores = items[index].id_of(Sort.ATTRIBUTE) == "specs.cpu"
    return (1, [Mark(Sign.AMOUNT, "number", path="specs.cpu", text="1")]) if cores else None


def _factor(items: Sequence[Item], index: int) -> Found:
    """`Double`, `twice as many`: of what follows, or of how many there are."""
    item = items[index]
    rest = [other.norm for other in items[index + 1 : index + 4]]
    mark = Mark(Sign.AMOUNT, item.norm, text=_FACTORS[item.norm], factor=True)
    if rest[:2] == ["as", "many"] and rest[2:] in ([], [","], ["."], ["and"], [";"]):
        return 3, [replace(mark, path="count")]
    return 1, [mark]


def _spoken(items: Sequence[Item], index: int) -> Found | None:
    """Amounts by their words: `double`, `x2`, `v16`, `a single replica`."""
    item = items[index]
    if (one := _one_more(items, index)) is not None:
        return one
    if item.norm == "single":
        unit = items[index + 1] if index + 1 < len(items) else None
        path = unit.id_of(Sort.ATTRIBUTE) if unit is not None else None
        counted = unit is not None and (unit.norm in _COUNTED or path in WORDS)
        path = path if path in WORDS else "count"
        return 1 + counted, [Mark(Sign.AMOUNT, "number", path=path, text="1")]
    if item.norm in _FACTORS:
        return _factor(items, index)
    if (times := _TIMES.fullmatch(item.text)) is not None:
        return 1, [Mark(Sign.AMOUNT, item.norm, text=times[1], path="times")]
    if (version := _VERSION.fullmatch(item.text)) is not None:
        return 1, [Mark(Sign.AMOUNT, item.norm, text=version[1], path="version")]
    return None
