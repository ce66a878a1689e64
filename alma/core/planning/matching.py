"""Which resource of one blueprint is which of another, also where it was renamed: the ground that differences stand on.

A name that both have is the same thing. Of the others those pair that are equal but for their name, then those of one
type that are most alike: by the share of fields they have in common, what they refer to and who refers to them counted
in. What is not alike enough is gone, and something else is new.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from alma.core.model.blueprint import Blueprint, Resource
from alma.core.model.units import Size

ALIKE = 0.5
"""From this likeness on (0 to 1) two resources of one type are taken for one that was renamed."""
_NAME_SHARE = 0.2
_WEIGHTS = {"engine": 3, "image": 2}
# Beyond this many pairs of one type only those that run the same are compared: a search grows with the square.
_MOST_PAIRS = 40_000
_UNNAMED = {"name", "description"}
_SAME_IN_ANY_ORDER = {"depends_on", "backends"}
_EMPTY: tuple[Any, ...] = (None, "", [], {}, ())

Features = Mapping[str, Any]


def flat(document: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The dotted paths of a plain document's values, and the values; a list is one value, what is empty none."""
    if isinstance(document, Mapping) and document:
        for key, inner in document.items():
            yield from flat(inner, f"{prefix}.{key}" if prefix else str(key))
    elif prefix and document not in _EMPTY:
        yield prefix, document


def fields_of(item: Resource, renamed: Mapping[str, str]) -> dict[str, Any]:
    """Every value of a resource but its name and description, by path: those that are not set have their defaults, the
    two names of a disk are one, and references have the names that they have after renaming."""
    return _renamed(_written(item), renamed)


def _written(item: Resource) -> dict[str, Any]:
    found = dict(flat(item.model_dump(mode="json", exclude=_UNNAMED)))
    disk = found.pop("specs.storage", None)
    if disk is not None:
        found.setdefault("specs.disk", disk)
    return found


def _renamed(written: Features, renamed: Mapping[str, str]) -> dict[str, Any]:
    if not renamed:
        return dict(written)
    return {path: _followed(path, value, renamed) for path, value in written.items()}


def equal(path: str, one: Any, other: Any) -> bool:
    """Whether two values of a field mean the same: sizes by their bytes, lists without an order whatever theirs is."""
    if one == other:
        return True
    if path in {"specs.memory", "specs.disk"} and isinstance(one, str) and isinstance(other, str):
        return Size(one) == Size(other)
    if path in _SAME_IN_ANY_ORDER and isinstance(one, list) and isinstance(other, list):
        return sorted(one) == sorted(other)
    return False


def renamed_between(before: Blueprint, after: Blueprint) -> dict[str, str]:
    """The old and new names of what was renamed, in the order of `before`."""
    match = _Match(before, after)
    if match.old and match.new:
        match.pair_equal()
        match.pair_alike()
    order = {item.name: number for number, item in enumerate(before.resources)}
    return dict(sorted(match.renamed.items(), key=lambda pair: order[pair[0]]))


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the unpaired resources, with what it is compared by."""

    resource: Resource
    features: Features


class _Match:
    """What has no counterpart of the same name, and the pairs found so far."""

    def __init__(self, before: Blueprint, after: Blueprint) -> None:
        one, two = ({item.name: item for item in side.resources} for side in (before, after))
        self.renamed: dict[str, str] = {}
        self._stays = one.keys() & two.keys()
        self.old = {name: item for name, item in one.items() if name not in two}
        self.new = {name: item for name, item in two.items() if name not in one}
        self._written = [
            {name: _written(item) for name, item in free.items()} for free in (self.old, self.new)
        ]
        self._referring = [
            _referring(side.resources, free) if free else {}
            for side, free in ((before, self.old), (after, self.new))
        ]

    def pair_equal(self) -> None:
        """Pairs what is the same but for its name; of several, those whose names are nearest."""
        free: dict[str, list[str]] = defaultdict(list)
        for name, side in self._sides(0).items():
            free[_signature(side)].append(name)
        for name, side in self._sides(1).items():
            same = free.get(_signature(side))
            if same:
                best = (
                    max(same, key=lambda old: _nearness(old, name)) if len(same) <= 50 else same[0]
                )
                same.remove(best)
                self.renamed[best] = name
        self._drop_paired()

    def pair_alike(self) -> None:
        """Pairs the rest of each type, the most alike first."""
        for olds, news in self._groups():
            scored = [
                (likeness(one.features, two.features, (old, new)), number, old, new)
                for number, (old, one) in enumerate(olds.items())
                for new, two in news.items()
            ]
            taken: set[str] = set()
            for score, _, old, new in sorted(scored, key=lambda item: (-item[0], item[1])):
                if score >= ALIKE and old not in self.renamed and new not in taken:
                    self.renamed[old] = new
                    taken.add(new)
        self._drop_paired()

    def _groups(self) -> Iterator[tuple[dict[str, _Side], dict[str, _Side]]]:
        """Who may be whom: what has one type; where that are too many, one type and one software."""
        olds, news = self._sides(0), self._sides(1)
        for kind in sorted({side.resource.type for side in olds.values()}):
            one, two = (_of_kind(sides, kind) for sides in (olds, news))
            if len(one) * len(two) <= _MOST_PAIRS:
                yield one, two
                continue
            for software in {side.resource.engine for side in one.values()}:
                some = [
                    {n: s for n, s in sides.items() if s.resource.engine == software}
                    for sides in (one, two)
                ]
                if len(some[0]) * len(some[1]) <= _MOST_PAIRS:
                    yield some[0], some[1]

    def _sides(self, which: int) -> dict[str, _Side]:
        """The unpaired ones of one side. A name that is not paired is told by nothing but that there is one."""
        free = self.new if which else self.old
        names = dict.fromkeys(free, "?") | ({} if which else self.renamed)
        return {
            name: _Side(item, self._features(item, which, names)) for name, item in free.items()
        }

    def _features(self, item: Resource, which: int, names: Mapping[str, str]) -> Features:
        """The fields, and who refers to it."""
        found = _renamed(self._written[which][item.name], names)
        for name, path in self._referring[which].get(item.name, ()):
            told = name if name in self._stays else names.get(name, name)
            if told != "?":
                found[f"<{told}.{path}"] = True
        return found

    def _drop_paired(self) -> None:
        paired = set(self.renamed.values())
        self.old = {name: item for name, item in self.old.items() if name not in self.renamed}
        self.new = {name: item for name, item in self.new.items() if name not in paired}


def likeness(one: Features, other: Features, names: tuple[str, str]) -> float:
    """How alike two resources are, 0 to 1: the weight of what is equal by the weight of what either says; a fifth of
    it is how near their names are."""
    weights = {path: _WEIGHTS.get(path, 1) for path in one.keys() | other.keys()}
    same = sum(
        weight
        for path, weight in weights.items()
        if path in one and path in other and equal(path, one[path], other[path])
    )
    share = same / sum(weights.values()) if weights else 1.0
    return (1 - _NAME_SHARE) * share + _NAME_SHARE * _nearness(*names)


def _nearness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _signature(side: _Side) -> str:
    return repr(sorted((path, repr(value)) for path, value in side.features.items()))


def _of_kind(sides: Mapping[str, _Side], kind: str) -> dict[str, _Side]:
    return {name: side for name, side in sides.items() if side.resource.type == kind}


# ── references ───────────────────────────────────────────────────────────────────────────────────


def _referring(
    resources: Iterable[Resource], free: Mapping[str, Resource]
) -> Mapping[str, Sequence[tuple[str, str]]]:
    """For each of those that are free: who refers to it, and in which field."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for item in resources:
        lists = (
            ("depends_on", item.depends_on),
            ("backends", item.backends),
            ("network.attach", item.network.attach),
            ("mounts", [mount.volume for mount in item.mounts]),
        )
        for path, names in lists:
            for name in names:
                if name in free:
                    found[name].append((item.name, path))
    return found


def _followed(path: str, value: Any, renamed: Mapping[str, str]) -> Any:
    """A value with the names that what it refers to has now."""
    if path in {"depends_on", "backends", "network.attach"}:
        return [renamed.get(name, name) for name in value]
    if path == "mounts":
        return [{**item, "volume": renamed.get(item["volume"], item["volume"])} for item in value]
    if path == "rules":
        sides = ("source", "target")
        return [{**item, **{s: _instance(item[s], renamed) for s in sides}} for item in value]
    if path.startswith("env.") and path.endswith(".secret"):
        owner, dot, name = str(value).rpartition(".")
        return f"{_instance(owner, renamed)}{dot}{name}"
    return value


def _instance(name: str, renamed: Mapping[str, str]) -> str:
    """The name now, of a resource or of one of its instances: `web-2` of what is called `front` now is `front-2`."""
    owner, dash, number = name.rpartition("-")
    if name not in renamed and dash and number.isdecimal() and owner in renamed:
        return f"{renamed[owner]}-{number}" if renamed[owner] != "?" else "?"
    return renamed.get(name, name)
