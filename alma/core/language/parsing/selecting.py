"""Which of several: the first, the last, the other, the bigger, both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alma.core.language.parsing.phrases import Phrase
from alma.core.model.blueprint import Resource

ORDINALS: Mapping[str, int] = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3, "fifth": 4, "5th": 4,
    "last": -1, "latest": -1, "final": -1,
}  # fmt: skip
BIG = frozenset({"bigger", "biggest", "larger", "largest", "stronger", "strongest"})
SMALL = frozenset({"smaller", "smallest", "tiniest", "weakest", "weaker"})
SELECTORS = frozenset({"other", "others", "both", "remaining", *ORDINALS, *BIG, *SMALL})


def select(phrase: Phrase, choices: Sequence[Resource], focus: Sequence[str]) -> list[Resource]:
    """What the phrase's selector leaves of the choices, in their order."""
    selector = phrase.selector
    if selector is None or selector == "both":
        return list(choices)
    if selector in {"other", "others", "remaining"}:
        spoken = focus[:1] if selector == "other" else focus
        return [resource for resource in choices if resource.name not in spoken]
    if selector in ORDINALS:
        return _counted(choices, ORDINALS[selector], phrase.count or 1)
    ranked = sorted(choices, key=by_size, reverse=selector in BIG)
    if len(ranked) > 1 and by_size(ranked[0]) == by_size(ranked[1]):
        return ranked
    return ranked[:1]


def _counted(choices: Sequence[Resource], start: int, count: int) -> list[Resource]:
    if start < 0:
        return list(choices[-count:])
    return list(choices[start : start + count])


def by_size(resource: Resource, name: str = "") -> tuple[float, ...]:
    """What the sizes of resources are compared by: one of them, else memory, cpu and disk in this order."""
    specs = resource.specs
    disk = specs.disk_size
    sizes = {
        "memory": float(specs.memory.bytes) if specs.memory else 0.0,
        "cpu": float(specs.cpu or 0),
        "disk": float(disk.bytes) if disk else 0.0,
    }
    return (sizes[name],) if name else tuple(sizes.values())
