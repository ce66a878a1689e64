"""Controls of public frameworks, by their numbers and our own titles: what findings are evidence for.

A control is shown by rules, in part, or can't be shown by a blueprint at all, and then it has the reason. Nobody is
compliant by a blueprint alone, so the second kind is as much a part of the list as the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import Field

from alma.core.model.base import Frozen
from alma.core.model.errors import InvalidInput
from alma.core.model.finding import Rule
from alma.core.model.suggest import nearest

_PLAIN = re.compile(r"[^a-z0-9]+")
_NUMBERS = re.compile(r"([0-9]+)")


class Control(Frozen):
    """One control. `hidden` is why no blueprint can show it; None where rules may."""

    id: str
    title: str
    hidden: str | None = None


class Framework(Frozen):
    """A list of controls. `data` are the classes of data that bring it into force; empty: it always concerns."""

    id: str
    name: str
    title: str
    publisher: str
    aliases: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    depth: str = Field(description="How far the list goes.")
    controls: tuple[Control, ...]


class Frameworks:
    """Every known framework, found by any of its names."""

    def __init__(self, known: Iterable[Framework]) -> None:
        self._known = {framework.id: framework for framework in known}
        self._words: dict[str, str] = {}
        for framework in self._known.values():
            for word in (framework.id, framework.name, *framework.aliases):
                owner = self._words.setdefault(plain(word), framework.id)
                if owner != framework.id:
                    raise ValueError(f"'{word}' is {owner} and {framework.id}")

    @property
    def known(self) -> Sequence[Framework]:
        """All of them, in their order."""
        return tuple(self._known.values())

    def find(self, word: str) -> Framework:
        """The framework of that name, whatever its case and hyphens. Raises InvalidInput naming those there are."""
        found = self._words.get(plain(word))
        if found is None:
            names = ", ".join(framework.id for framework in self.known)
            near = nearest(plain(word), self._words)
            guess = f"did you mean {self._words[near]}? " if near else ""
            raise InvalidInput(f"there is no standard '{word}'", hint=f"{guess}known: {names}")
        return self._known[found]

    def find_all(self, words: Iterable[str]) -> tuple[Framework, ...]:
        """The same for several, each once."""
        return tuple({(found := self.find(word)).id: found for word in words}.values())

    def extended(self, rules: Iterable[Rule]) -> Frameworks:
        """With what rules of people name beyond this: controls that a framework's list lacks, and frameworks of their
        own. Nothing that a rule is said to be evidence for is lost."""
        named: dict[str, dict[str, str]] = {}
        for rule in rules:
            for framework, ids in rule.controls.items():
                for id_ in ids:
                    named.setdefault(framework, {}).setdefault(id_, rule.title)
        own = [
            Framework(
                id=id_, name=id_, title=id_, publisher="", depth="what rules name",
                controls=_titled(titles),
            )
            for id_, titles in named.items()
            if plain(id_) not in self._words
        ]  # fmt: skip
        return Frameworks([*(_with(f, named.get(f.id, {})) for f in self.known), *own])


def plain(word: str) -> str:
    """`PCI-DSS 4.0`, `pci_dss_4_0` and `PCIDSS40` are one word."""
    return _PLAIN.sub("", word.casefold())


def frameworks_of(document: Mapping[str, Any]) -> Frameworks:
    """The frameworks of a document of the shape of `controls.yaml`. Raises KeyError, TypeError or a pydantic
    ValidationError for another one."""
    reasons: Mapping[str, str] = document["reasons"]
    return Frameworks(
        _framework(id_, entry, reasons) for id_, entry in document["frameworks"].items()
    )


def _framework(id_: str, entry: Mapping[str, Any], reasons: Mapping[str, str]) -> Framework:
    shown = [Control(id=key, title=title) for key, title in entry["shown"].items()]
    hidden = [
        Control(id=key, title=title, hidden=reasons[reason])
        for reason, titles in entry.get("hidden", {}).items()
        for key, title in titles.items()
    ]
    said = {key: entry[key] for key in entry if key not in {"shown", "hidden"}}
    controls = tuple(sorted([*shown, *hidden], key=lambda control: natural(control.id)))
    return Framework.model_validate({**said, "id": id_, "controls": controls})


def _with(framework: Framework, named: Mapping[str, str]) -> Framework:
    present = {control.id for control in framework.controls}
    added = {id_: title for id_, title in named.items() if id_ not in present}
    if not added:
        return framework
    controls = sorted([*framework.controls, *_titled(added)], key=lambda item: natural(item.id))
    return framework.model_copy(update={"controls": tuple(controls)})


def _titled(titles: Mapping[str, str]) -> tuple[Control, ...]:
    return tuple(Control(id=id_, title=title) for id_, title in titles.items())


def natural(id_: str) -> tuple[tuple[int, str], ...]:
    """Sorts 1.2 before 1.10, and AC-4 before AC-17."""
    return tuple(
        (int(part), "") if part.isdigit() else (-1, part) for part in _NUMBERS.split(id_) if part
    )
