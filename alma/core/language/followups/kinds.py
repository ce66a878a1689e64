"""Machines that are to be of another kind: "actually containers will do, not VMs", "turn the vms into containers".

What was only drafted a moment ago holds no data yet, and becomes what it should have been, by the name of its kind.
What was there before the conversation may run already: named, it becomes that by its own
name, and the answer tells that it is made anew; not named, it is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from alma.core.language.changing.becoming import STAYS_BEHIND, told
from alma.core.language.changing.targets import Focus, stem
from alma.core.language.editing.outcome import Asks, Outcome
from alma.core.language.vocabulary.defaults import DEFAULT_SPECS, TITLES, listed, plural
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.naming import Names
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind
from alma.core.model.blueprint import Blueprint, Resource, ResourceType, dump_plain
from alma.core.model.conversation import Edit, RenameResource, SetField

_KINDS = {ResourceType.VM, ResourceType.CONTAINER}
_WORDS = frozenset(
    "actually sorry no nope nah wait hm hmm oh oops on second thought thoughts i we i'd we'd meant mean it they those "
    "them that this these all both every each of should could can be will would do does fine enough suffice suffices "
    "ok okay good better instead rather than not the a an my our make turn turns turned into convert change switch to "
    "use used for as please pls want prefer have let let's lets go with just only simple plain well then too might "
    "must need needs so and but hey is are was were correction , . ! ; : - – — ? lxc linux proper real one ones".split()
)
_CORRECTING = frozenset(
    "actually sorry no nope nah wait oops meant mean instead rather thought thoughts correction turn convert change "
    "switch make prefer should enough suffice suffices better it they those them that these".split()
)
_AGAINST = {
    "not",
    "no",
    "than",
    "of",
    "instead",
    "the",
    "a",
    "an",
    "my",
    "our",
    "all",
    "those",
    "these",
}
_TAKING = {"not", "no", "than", "instead", "turn", "convert", "change", "switch"}


_ALONE = seldom(
    r"^\W*(?:(?:ok|okay|well|oh|just|as|use|plain|simple)\W+)*(?:(?P<vm>vms|virtual machines)|containers|lxcs|"
    r"lxc containers)"
    r"(?:\W+(?:please|pls|thanks|then|will do|are fine|would be fine))*\W*$",
    re.IGNORECASE,
)


def kind_alone(text: str) -> ResourceType | None:
    """The kind of machines that is all a message says."""
    found = _ALONE.match(text)
    if found is None:
        return None
    return ResourceType.VM if found["vm"] else ResourceType.CONTAINER


def other_kind(
    items: Sequence[Item], blueprint: Blueprint, focus: Focus
) -> tuple[ResourceType, Sequence[Resource]] | None:
    """The kind that is all a message wants, and what should be of it; None for every other message."""
    said = [n for n, item in enumerate(items) if item.id_of(Sort.TYPE) in _KINDS]
    words = {item.norm for n, item in enumerate(items) if n not in said}
    named = [item.existing for item in items if item.existing is not None]
    plain = all(
        n in said or item.existing or item.norm in _WORDS or item.kind is Kind.PUNCTUATION
        for n, item in enumerate(items)
    )
    kinds = {ResourceType(str(items[n].id_of(Sort.TYPE))): n for n in said}
    old = [kind for kind, place in kinds.items() if _against(items, place)]
    new = [kind for kind in kinds if kind not in old]
    if not plain or len(new) != 1 or not (old or words & _CORRECTING):
        return None
    among = [r for r in blueprint.resources if r.type in _KINDS - set(new)]
    spoken = [r for r in among if r.name in (named or (() if old else focus.recent))]
    owners = spoken or ([] if named else among)
    return (new[0], owners) if owners else None


def _against(items: Sequence[Item], place: int) -> bool:
    """Whether a kind is the one that is not wanted any more: `not VMs`, `turn the vms into …`."""
    before = place - 1
    while before >= 0 and items[before].norm in _AGAINST - _TAKING:
        before -= 1
    return before >= 0 and items[before].norm in _TAKING


def turned(
    kind: ResourceType,
    owners: Sequence[Resource],
    blueprint: Blueprint,
    *,
    runs: bool,
    said: Collection[str] = (),
) -> Outcome:
    """What becomes of these: the same in everything that was said of them (`said` are those paths), by the name that
    its kind has. What may run already (`runs`) keeps its name."""
    names = Names(resource.name for resource in blueprint.resources)
    outcome = Outcome()
    for owner in owners:
        outcome.edits.append(SetField(name=owner.name, path="type", value=str(kind)))
        outcome.edits += [] if runs else _assumed_anew(owner, kind, said)
        if not runs and stem(owner) == _usual(owner.type):
            outcome.edits.append(RenameResource(name=owner.name, to=names.numbered(_usual(kind))))
    outcome.understood.append(told(owners, kind))
    outcome.assumptions += [STAYS_BEHIND] if runs else []
    return outcome


def kept_kind(kind: ResourceType, owners: Sequence[Resource]) -> Outcome:
    """The question about what may run already, where nobody named it."""
    names = listed([owner.name for owner in owners])
    one = len(owners) == 1
    question = (
        f"{names} {'is a' if one else 'are'} {TITLES[owners[0].type]}{'' if one else 's'} and can't become "
        f"{'a ' if one else ''}{TITLES[kind]}{'' if one else 's'} in {'its' if one else 'their'} place: what is on "
        f"{'it' if one else 'them'} would stay behind. Should I remove {names} and add "
        f"{plural(TITLES[kind], len(owners))}?"
    )
    return Outcome(asks=[Asks(question)])


def amounts_said(items: Iterable[Item]) -> frozenset[str]:
    """The paths of the amounts that a request names: of those, nothing was assumed."""
    found = list(items)
    named = {path for item in found if (path := item.id_of(Sort.ATTRIBUTE))}
    sized = any(item.kind is Kind.SIZE for item in found) and "specs.disk" not in named
    return frozenset(named | ({"specs.memory"} if sized else set()))


def _assumed_anew(owner: Resource, kind: ResourceType, said: Collection[str]) -> list[Edit]:
    """The sizes of the new kind, where those of the old one were only assumed."""
    assumed, new = DEFAULT_SPECS.get(owner.type, {}), DEFAULT_SPECS.get(kind, {})
    if dump_plain(owner).get("specs", {}) != assumed:
        return []
    return [
        SetField(name=owner.name, path=f"specs.{key}", value=new.get(key))
        for key in {**assumed, **new}
        if f"specs.{key}" not in said
    ]


def _usual(kind: ResourceType) -> str:
    return str(kind)
