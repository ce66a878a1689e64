"""Which things of a draft the words of a message name: by their name or a part of it, their software, type or role."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.changing.targets import plays, stem
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.vocabulary.running import runs
from alma.core.language.weighing.signs import ARTICLES, SIGNS, Mark, Sign
from alma.core.language.words.tokens import Kind
from alma.core.model.blueprint import COMPUTE, Resource, ResourceType

_QUANTIFIERS = frozenset("all both each every".split())
_NEW = frozenset("a an new another additional extra second".split())
_EVERYTHING = frozenset("everything rest others remainder".split())
_SHORT = {"production": "prod", "development": "dev", "staging": "stage", "test": "test"}
_HEADS = {Sort.COMPUTE, Sort.TYPE, Sort.GROUP}
_OWN_KIND = {Sort.ROLE, Sort.TYPE, Sort.SOFTWARE}
NODES = frozenset({"node", "nod"})
Found = tuple[int, list[Mark]]
"""How many items were used, and the marks that they are."""


class Things:
    """Finds the things of one draft in messages."""

    def __init__(self, resources: Sequence[Resource], gazetteer: Gazetteer) -> None:
        self._resources = resources
        self._common = gazetteer.common
        self._called: dict[str, set[str]] = {}
        for resource in resources:
            for part in _callings(resource):
                self._called.setdefault(part, set()).add(resource.name)
        self.clustered = any(r.type is ResourceType.KUBERNETES_CLUSTER for r in resources)

    def everything(self, items: Sequence[Item], index: int) -> Found | None:
        """`Everything`, `the rest`, `everything else`."""
        word = items[index].text.casefold()
        if word not in _EVERYTHING:
            return None
        following = items[index + 1].norm if index + 1 < len(items) else ""
        if following in {"else", "other"}:
            return 2, [Mark(Sign.THING, "rest", names=("*",))]
        return 1, [Mark(Sign.THING, word, names=("*",))]

    def new(self, items: Sequence[Item], index: int) -> Found | None:
        """`An ubuntu vm`, `a new dns server`, `prod-api`: something that is not there."""
        item = items[index]
        if item.norm in _NEW and self._within(items, index + 1):
            return 1, [Mark(Sign.FOREIGN, item.norm)]
        compound = written_as_one(items, index)
        if compound > 1 and item.existing is None:
            return compound, [Mark(Sign.FOREIGN, item.norm)]
        return None

    def _within(self, items: Sequence[Item], start: int) -> bool:
        for item in items[start : start + 3]:
            if self.named(item) is not None:
                return True
            if not (item.kind is Kind.WORD and (item.terms or item.norm in _NEW)):
                return False
        return False

    def thing(self, items: Sequence[Item], index: int) -> Found | None:
        """`The web servers`, `all three vms`, `orders-db`."""
        start, several = self._quantified(items, index)
        end, found, plural = self._run(items, start)
        if found is None:
            return None
        words = [item.text for item in items[start:end]]
        if start == index and self._introduces(items, end):
            return end - index, [Mark(Sign.FOREIGN, " ".join(words))]
        names = tuple(r.name for r in self._resources if r.name in found)
        tier = len({stem(r) for r in self._resources if r.name in found}) == 1
        called = len(words) == 1 and words[0].casefold() in self._called
        bare = tier and called and items[index].norm not in ARTICLES
        meant = plural or several != 0 or bare or len(names) == 1
        mark = Mark(Sign.THING, " ".join(words), names=names, plain=meant)
        if several <= 0 or several == len(names) > 1:
            return end - index, [mark]
        if several == 1 or not (len(names) == 1 or tier):
            return end - index, [Mark(Sign.FOREIGN, mark.word)]
        count = Mark(Sign.AMOUNT, "number", path="count", text=str(several))
        return end - index, [count, Mark(Sign.LINK, "of"), mark]

    def _quantified(self, items: Sequence[Item], index: int) -> tuple[int, int]:
        """Where the noun begins after articles, and how many are meant: -1 for all, 0 where nothing is said."""
        several = 0
        while index < len(items):
            item = items[index]
            if item.norm in _QUANTIFIERS:
                several = several or -1
            elif self._counts(items, index):
                several = int(float(item.tokens[0].value or 0))
            elif item.norm not in ARTICLES:
                break
            index += 1
            index += index < len(items) and items[index].norm == "of"
        return index, several

    def _counts(self, items: Sequence[Item], index: int) -> bool:
        """Whether a number counts the things named after it: in "to 4 instances" it names none."""
        token = items[index].tokens[0]
        following = items[index + 1] if index + 1 < len(items) else None
        if token.kind is not Kind.NUMBER or not isinstance(token.value, int | float):
            return False
        machines = [r for r in self._resources if r.type in COMPUTE]
        if following is not None and following.existing is None and Sort.COMPUTE in following.terms:
            own = following.terms.keys() & _OWN_KIND
            return bool(own) or token.value == len(machines) > 1
        return token.value == int(token.value)

    def _run(self, items: Sequence[Item], end: int) -> tuple[int, set[str] | None, bool]:
        """The words from a place on that narrow down one thing, what they name, and whether they are plural."""
        found: set[str] | None = None
        plural = False
        while end < len(items) and (names := self.named(items[end])) is not None:
            narrowed = names if found is None else found & names
            if not narrowed:
                break
            found, plural = narrowed, items[end].plural or self._is_plural(items[end])
            end += 1
            if items[end - 1].existing is not None:
                return end + _head_after(items, end), found, plural
        return end, found, plural

    def _introduces(self, items: Sequence[Item], end: int) -> bool:
        """`vm signage 1 core`: a kind, and the name of a new one."""
        said = items[end - 1].text.casefold().split()
        if end >= len(items) or any(part in self._called for part in said):
            return False
        item = items[end]
        if item.existing is not None:
            return False
        if item.kind is Kind.QUOTED or written_as_one(items, end) > 1:
            return True
        unknown = item.kind is Kind.WORD and not item.terms and item.norm.isascii()
        return unknown and item.norm not in self._common and item.norm not in SIGNS

    def _is_plural(self, item: Item) -> bool:
        word = item.text.casefold()
        return word.endswith("s") and word not in self._called and word[:-1] in self._called

    def named(self, item: Item) -> set[str] | None:
        """The names that a word may stand for; None if it names nothing that is there."""
        if item.existing is not None:
            return {item.existing}
        word = item.text.casefold().removesuffix("'s").removesuffix("’s")
        short = _SHORT.get(item.id_of(Sort.MODIFIER) or "", word)
        for form in (word, item.norm, word.removesuffix("s"), short):
            if form in self._called and not form.isdigit():
                return self._called[form]
        for fits in (_runs, _of_type, _plays, self._computes):
            if found := {r.name for r in self._resources if fits(r, item)}:
                return found
        return None

    def _computes(self, resource: Resource, item: Item) -> bool:
        """Machines by a word for any; in a draft with a cluster, "nodes" are the cluster's."""
        if Sort.COMPUTE not in item.terms:
            return False
        if item.norm in NODES and self.clustered:
            return resource.type is ResourceType.KUBERNETES_CLUSTER
        return resource.type in COMPUTE


def written_as_one(items: Sequence[Item], index: int, *, new: bool = False) -> int:
    """How many items are written as one word with hyphens; of a `new` name any part may be one that is there."""
    end = index + 1
    while end < len(items) and items[end].tokens[0].glued and (new or items[end].existing is None):
        end += 1
    return end - index


def _callings(resource: Resource) -> set[str]:
    """By what a resource may be called, beside its name."""
    name = resource.name.casefold()
    return {name, stem(resource).casefold(), *re.split(r"[-_.]", name)} - {""}


def _head_after(items: Sequence[Item], end: int) -> int:
    """`the moodle instances`, `the orders database`: a noun after a name that only says what it is."""
    if end >= len(items) or items[end].existing is not None or Sort.ATTRIBUTE in items[end].terms:
        return 0
    return int(bool(items[end].terms.keys() & _HEADS))


def _runs(resource: Resource, item: Item) -> bool:
    software = item.id_of(Sort.SOFTWARE)
    return software is not None and runs(resource, software)


def _of_type(resource: Resource, item: Item) -> bool:
    type_ = item.id_of(Sort.TYPE)
    if item.norm == "cluster" and resource.type is ResourceType.KUBERNETES_CLUSTER:
        return True
    loosely = type_ == ResourceType.CONTAINER and resource.type is ResourceType.SERVICE
    return type_ is not None and (resource.type == type_ or loosely)


def _plays(resource: Resource, item: Item) -> bool:
    role = item.id_of(Sort.ROLE)
    return role is not None and plays(resource, role)
