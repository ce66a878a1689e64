"""How well a reading of a first request accounts for its clauses: what it leaves out, and what it makes for no reason.

A reading is no better than what calls for each of its resources: a clause that asks for it, not one that tells of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from alma.core.language.vocabulary.defaults import ENVIRONMENTS, MACHINES
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.weighing.coverage import leaves, number_of
from alma.core.language.weighing.standings import Standing
from alma.core.language.weighing.things import NODES
from alma.core.language.words.tokens import Kind
from alma.core.model.blueprint import COMPUTE, Resource, ResourceType
from alma.core.model.conversation import (
    AddResource,
    Edit,
    Interpretation,
    SetBlueprint,
    UseTemplate,
)

_NEGATING = frozenset("no not without neither nor never don't except".split())
_PARTING = frozenset(", ; . : but only just".split())
# "One named web-2", "two more of them": how many of what is not said by these words alone.
_REFERRING = frozenset("ones another same copy copies".split())
_WORTH = {
    "lost": 1.0,
    "told": 2.0,
    "missing": 1.5,
    "surplus": 1.0,
    "left": 1.0,
    "asked": 3.0,
    "doubted": 1.5,
    "short": 1.0,
    "nothing": 2.0,
}
_REACH = 4
_NAMED = {Sort.SOFTWARE, Sort.TYPE, Sort.IMAGE}
_AMOUNTS = {Kind.SIZE, Kind.ADDRESS, Kind.CIDR, Kind.REGION, Kind.MONEY, Kind.QUOTED, Kind.IMAGE}
_ARTICLES = {"a": 1, "an": 1, "another": 1, "single": 1}
_MEMBERS = frozenset("node broker instance replica member shard copy server".split())
_JOINED = re.compile(r"\b[a-z]{2,}(?:-[a-z\d]+)+\b", re.IGNORECASE)
_KNOWN = frozenset("the our my their his her its your this that these those".split())
_JOINING = frozenset("and with for of in on to behind plus or".split())
_ANY = (Sort.CAPABILITY, Sort.REPLICA, Sort.PRODUCT, Sort.GROUP)


@dataclass(frozen=True, slots=True)
class Mention:
    """Something named that could be made: how its clause stands, whether it is `denied`, how many are spoken of, and
    whether it is one that is known already (`definite`: "our own network")."""

    item: Item
    standing: Standing
    denied: bool = False
    many: int | None = None
    definite: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause as items, and as it was written."""

    items: Sequence[Item]
    standing: Standing
    text: str = ""

    def mentions(self) -> Iterator[Mention]:
        for index, item in enumerate(self.items):
            if item.terms or item.kind is Kind.QUOTED:
                many = None if self._in_members(index) else self._many(index)
                denied, definite = self._denied(index), self._definite(index)
                yield Mention(item, self.standing, denied, many, definite)

    def machines(self) -> Iterator[int]:
        """How many machines are spoken of at each place; 0 where no number says it."""
        following = [*self.items[1:], None]
        for index, (item, after) in enumerate(zip(self.items, following, strict=True)):
            if _is_machine(item) and not (after is not None and _is_machine(after)):
                yield 0 if self._denied(index) else self._many(index) or 0

    def amounts(self) -> Iterator[str]:
        for index, item in enumerate(self.items):
            counted = item.kind is Kind.NUMBER and _is_property(self.items[index + 1 : index + 2])
            if (item.kind in _AMOUNTS or counted) and not self._denied(index):
                yield str(item.tokens[0].value if item.tokens[0].value is not None else item.text)
        yield from alike(self.text)

    def refers(self) -> bool:
        """Whether some of what is counted is only referred to: "three new ones", "one named radarr"."""
        following = zip(self.items, self.items[1:], strict=False)
        return any(item.norm in _REFERRING for item in self.items) or any(
            item.kind is Kind.NUMBER and (after.kind is Kind.QUOTED or self._elided(index))
            for index, (item, after) in enumerate(following)
        )

    def _elided(self, index: int) -> bool:
        """`4 VMs for production and 1 for staging`, `for staging only 1`: one more of them in another environment."""
        after = self.items[index + 1]
        ends = after.kind is Kind.PUNCTUATION or after.norm in {"for", "in"}
        near = self.items[max(0, index - 2) : index + _REACH]
        return ends and any(each.id_of(Sort.MODIFIER) in ENVIRONMENTS for each in near)

    def _denied(self, index: int) -> bool:
        """Whether a negation stands close before a place, with nothing between that parts them."""
        for before in reversed(self.items[max(0, index - _REACH) : index]):
            word = before.norm
            if word in _NEGATING or before.text.casefold().endswith(("n't", "n’t")):
                return True
            if word in _PARTING:
                return False
        return False

    def _definite(self, index: int) -> bool:
        for before in reversed(self.items[max(0, index - _REACH) : index]):
            if before.norm in _KNOWN:
                return True
            if before.norm in _ARTICLES or before.kind in {Kind.NUMBER, Kind.PUNCTUATION}:
                return False
            if before.norm in _JOINING:
                return False
        return False

    def _in_members(self, index: int) -> bool:
        """Whether a thing is counted by what it is made of: `a Kafka with 3 nodes`."""
        following = self.items[index + 1 : index + 5]
        cluster = self.items[index].id_of(Sort.TYPE) == ResourceType.KUBERNETES_CLUSTER
        return not cluster and any(
            one.kind is Kind.NUMBER and other.norm in _MEMBERS for one, other in pairwise(following)
        )

    def _is_version(self, index: int) -> bool:
        before = self.items[index - 1 : index] if index else ()
        return any(item.terms.keys() & {Sort.SOFTWARE, Sort.IMAGE} for item in before)

    def _many(self, index: int) -> int | None:
        """The number before a noun phrase that ends at a place."""
        for place in range(index - 1, max(-1, index - 1 - _REACH), -1):
            before = self.items[place]
            if before.terms.keys() & {Sort.COMPUTE, Sort.ATTRIBUTE}:
                return None  # "a three-node cluster"
            if before.kind is Kind.NUMBER and not self._is_version(place):
                value = before.tokens[0].value
                return value if isinstance(value, int) else None
            if before.norm in _ARTICLES:
                return 1
            if before.kind is Kind.PUNCTUATION or before.norm in _JOINING:
                return None
        return None


def alike(text: str) -> list[str]:
    """Words that can only be names: two or more that begin alike, `qa-red, qa-green`."""
    words = _JOINED.findall(text)
    begun = Counter(word.split("-")[0].casefold() for word in words)
    return [word for word in words if begun[word.split("-")[0].casefold()] > 1]


def _is_property(following: Sequence[Item]) -> bool:
    return bool(following) and (following[0].id_of(Sort.ATTRIBUTE) or "").startswith("specs.")


@dataclass(frozen=True, slots=True)
class Account:
    """What is amiss in a reading, as (kind, what) pairs."""

    amiss: tuple[tuple[str, str], ...] = ()

    @property
    def worth(self) -> float:
        return sum(_WORTH[kind] for kind, _ in self.amiss)


def account(
    read: Interpretation, clauses: Sequence[Clause], first: Interpretation | None = None
) -> Account:
    """What is amiss in a reading, given the clauses of the message and how they stand; `first` is the reading that it
    would replace."""
    mentions = [mention for clause in clauses for mention in clause.mentions()]
    wanted = [m for m in mentions if m.standing is Standing.WANTED and not m.denied]
    asks = any(clause.standing in _MAKING_NOTHING for clause in clauses)
    calling = frozenset({Standing.WANTED}) if asks and not wanted else _CALLING
    made = [edit.resource for edit in read.edits if isinstance(edit, AddResource)]
    referring = {c.standing for c in clauses if c.refers()}
    patterns = [edit.template for edit in read.edits if isinstance(edit, UseTemplate)]
    return Account(
        (
            *_told(made, mentions, calling, refers=Standing.WANTED in referring),
            *(_unbound(read, first) if first is not None else ()),
            *(_patterned(read, first) if first is not None else ()),
            *(_lost(made, first, mentions) if first is not None and calling is _CALLING else ()),
            *_patterns_told(patterns, mentions, calling),
            *(() if patterns else _missing(made, wanted)),
            *(() if referring & _CALLING else _surplus(made, wanted)),
            *_counted_along(made, clauses),
            *_left(read.edits, clauses),
            *_stuck(read, wanted),
        )
    )


def _told(
    made: Sequence[Resource],
    mentions: Sequence[Mention],
    calling: frozenset[Standing],
    *,
    refers: bool,
) -> Iterator[tuple[str, str]]:
    """What is made, and only told of, or not wished for; machines that are referred to ("3 new ones") are."""
    clustered = any(r.type is ResourceType.KUBERNETES_CLUSTER for r in made)
    for resource in made:
        if refers and resource.type in COMPUTE:
            continue
        if clustered and resource.type is ResourceType.VM and not _machines(mentions):
            yield "told", resource.name  # the nodes of the cluster
            continue
        named = [m for m in mentions if calls(m.item, resource)]
        own = [m for m in named if not _of_kind_only(m.item) or not resource.engine] or named
        if own and not any(m.standing in calling and not m.denied for m in own):
            yield "told", resource.name


_MAKING_NOTHING = frozenset({Standing.ASKED, Standing.REFUSED})
_CALLING = frozenset({Standing.WANTED, Standing.OPEN})


def _machines(mentions: Sequence[Mention]) -> bool:
    """Whether machines are spoken of that are no nodes."""
    return any(
        (Sort.COMPUTE in m.item.terms and m.item.norm not in NODES)
        or m.item.terms.keys() & {Sort.ROLE, Sort.IMAGE, Sort.SOFTWARE}
        or m.item.id_of(Sort.TYPE) in {"vm", "container", "service"}
        for m in mentions
    )


def _lost(
    made: Sequence[Resource], first: Interpretation, mentions: Sequence[Mention]
) -> Iterator[tuple[str, str]]:
    """What the first reading makes of clauses that leave it open, and this one does not."""
    for edit in first.edits:
        resource = edit.resource if isinstance(edit, AddResource) else None
        if resource is None or any(_alike(resource, other) for other in made):
            continue
        named = [m for m in mentions if calls(m.item, resource) and not m.denied]
        if any(m.standing is Standing.OPEN and not m.definite for m in named):
            yield "lost", resource.name
    patterns = [edit for edit in first.edits if isinstance(edit, UseTemplate)]
    if patterns and not any(_patterns_told([patterns[0].template], mentions, _CALLING)):
        yield "told", patterns[0].template


def _patterned(read: Interpretation, first: Interpretation) -> Iterator[tuple[str, str]]:
    """A template that only this reading takes: what is said more exactly was read by the first."""
    taken = {edit.template for edit in first.edits if isinstance(edit, UseTemplate)}
    for edit in read.edits if first.edits else ():
        if isinstance(edit, UseTemplate) and edit.template not in taken:
            yield "told", edit.template


def _unbound(read: Interpretation, first: Interpretation) -> Iterator[tuple[str, str]]:
    """Limits that the first reading found, and this one does not."""
    kept = dict(_limits(read))
    for field, value in _limits(first):
        if kept.get(field) != value:
            yield "lost", field


def _limits(read: Interpretation) -> Iterator[tuple[str, object]]:
    for edit in read.edits:
        if isinstance(edit, SetBlueprint) and edit.constraints is not None:
            yield from edit.constraints.model_dump(exclude_unset=True, exclude_none=True).items()


def _alike(one: Resource, other: Resource) -> bool:
    return one.type == other.type and one.engine == other.engine


def _of_kind_only(item: Item) -> bool:
    """Whether a word says what kind of thing something is, and not which: `database`."""
    return not item.terms.keys() & {Sort.SOFTWARE, Sort.IMAGE} and item.kind is not Kind.QUOTED


def _patterns_told(
    patterns: Sequence[str], mentions: Sequence[Mention], calling: frozenset[Standing]
) -> Iterator[tuple[str, str]]:
    naming = [m for m in mentions if m.item.terms.keys() & {Sort.PRODUCT, Sort.ROLE}]
    for pattern in patterns:
        if naming and not any(
            m.standing in calling and not (m.denied or (m.definite and m.standing is Standing.OPEN))
            for m in naming
        ):
            yield "told", pattern


def _missing(made: Sequence[Resource], wanted: Sequence[Mention]) -> Iterator[tuple[str, str]]:
    """What is asked for, and nothing is made of it."""
    for mention in wanted:
        place = Sort.ENGINE in mention.item.terms and mention.many is None  # "in our Kubernetes"
        named = bool(mention.item.terms.keys() & _NAMED) and not place
        if named and not any(calls(mention.item, r) for r in made):
            yield "missing", mention.item.norm


def _surplus(made: Sequence[Resource], wanted: Sequence[Mention]) -> Iterator[tuple[str, str]]:
    """More of a kind than the clauses that ask for it speak of, all together."""
    kinds: dict[str, int] = {}
    counted: dict[str, bool] = {}
    for mention in wanted:
        kind = (
            mention.item.id_of(Sort.SOFTWARE)
            or mention.item.id_of(Sort.TYPE)
            or (mention.item.id_of(Sort.ROLE))
        )
        if kind is None:
            continue
        kinds[kind] = kinds.get(kind, 0) + (mention.many or 1)
        counted[kind] = counted.get(kind, True) and mention.many is not None
    for kind, many in kinds.items():
        present = sum(r.count for r in made if kind in {r.engine, str(r.type)} or _stemmed(r, kind))
        if counted[kind] and present != many and present:
            yield ("surplus" if present > many else "short"), kind


def _counted_along(
    made: Sequence[Resource], clauses: Sequence[Clause]
) -> Iterator[tuple[str, str]]:
    """`We went down with 3 servers. I want 10 web servers`: machines counted in what is told, made as well."""
    told = sum(sum(c.machines()) for c in clauses if c.standing is Standing.TOLD)
    wanted = [many for c in clauses if c.standing is Standing.WANTED for many in c.machines()]
    present = sum(r.count for r in made if r.type in COMPUTE)
    if told and wanted and 0 not in wanted and present == sum(wanted) + told:
        yield "surplus", "servers"


def _is_machine(item: Item) -> bool:
    return bool(item.terms.keys() & {Sort.ROLE, Sort.COMPUTE}) or item.id_of(Sort.TYPE) in MACHINES


def _stemmed(resource: Resource, role: str) -> bool:
    return resource.name.split("-")[0] == role


def _left(edits: Sequence[Edit], clauses: Sequence[Clause]) -> Iterator[tuple[str, str]]:
    """Amounts that are asked for, and in no edit."""
    values = [value for edit in edits for value in leaves(edit.model_dump(mode="json"))]
    numbers = {number_of(value) for value in values}
    words = {str(value).casefold() for value in values}
    for clause in clauses:
        if clause.standing is not Standing.WANTED:
            continue
        for amount in clause.amounts():
            number = number_of(amount)
            if amount.casefold() not in words and (number is None or number not in numbers):
                yield "left", amount


def _stuck(read: Interpretation, wanted: Sequence[Mention]) -> Iterator[tuple[str, str]]:
    if not any(isinstance(edit, AddResource | UseTemplate) for edit in read.edits) and wanted:
        yield "nothing", ""
    if read.question:
        yield ("asked" if wanted and not read.edits else "doubted"), read.question


def calls(item: Item, resource: Resource) -> bool:
    """Whether a word may be what a resource was made of."""
    if item.kind is Kind.QUOTED:
        return str(item.tokens[0].value).casefold() == resource.name.casefold()
    software, image = item.id_of(Sort.SOFTWARE), item.id_of(Sort.IMAGE)
    role, computes = item.id_of(Sort.ROLE), resource.type in COMPUTE
    return (
        (software is not None and _runs(resource, software))
        or (image is not None and (resource.image or "").startswith(image))
        or str(resource.type) in {item.id_of(Sort.TYPE), item.id_of(Sort.CONTENT)}
        or (role is not None and (computes or _stemmed(resource, role)))
        or (computes and Sort.COMPUTE in item.terms)
        or any(sort in item.terms for sort in _ANY)
    )


def _runs(resource: Resource, software: str) -> bool:
    return software in {resource.engine, resource.image} or (resource.image or "").startswith(
        software
    )
