"""Puts phrases together from what a reader finds: what waits, what it belongs to, and when a phrase begins.

What comes before a head waits in `pending` until the head, a connector or the end shows what it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from alma.core.language.parsing.phrases import Attribute, Determiner, Parsed, Phrase
from alma.core.language.vocabulary.defaults import MACHINES
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item
from alma.core.model.blueprint import DATA, ResourceType

_RUNNING = {"running", "runs", "run", "hosting", "host", "serving", "using", "with", "for"}
OFTEN = {"hourly", "daily", "weekly", "monthly", "yearly"}
# "Files" and "mails" are what is kept and sent, and no machines.
_KEPT = {"files", "mails"}
_PURPOSE = {"for", "host", "hosting", "run", "serving"}


@dataclass(slots=True)
class Pending:
    """Words before a head."""

    count: int | None = None
    rounded: bool = False
    determiner: Determiner = Determiner.BARE
    negated: bool = False
    excepted: bool = False
    more: bool = False
    own: bool = False
    apart: bool = False
    fewer: bool = False
    plural: bool = False
    selector: str | None = None
    role: str | None = None
    software: str | None = None
    image: str | None = None
    names: list[str] = field(default_factory=list)
    modifiers: list[str] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


class Assembly:
    """The phrases of one clause while it is read. `link` is the connecting word before what comes next, `aside` whether
    that is in a subordinate clause."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.parsed = Parsed()
        self.pending = Pending()
        self.current: Phrase | None = None
        self.link: str | None = None
        self.joint: str | None = None
        self.aside = False
        self.elided: list[Pending] = []
        self.all = self.opened = False

    def flush_before_count(self) -> None:
        """A count starts something new, unless what waits is only an adjective."""
        if self.pending.software or self.pending.role:
            self.flush()

    def attach(self, attributes: Sequence[Attribute], *, before_head: bool) -> None:
        """Gives attributes to the head that follows, to the phrase before, or to the clause."""
        waits = bool(self.pending.software or self.pending.role)
        if self.current is not None and not before_head and not waits:
            self.current.attributes += attributes
        elif before_head or self.pending.software or self.pending.role or self.pending.image:
            self.pending.attributes += attributes
        elif self.all:
            self.parsed.for_all += attributes
        else:
            self.parsed.loose += attributes

    def start(self, phrase: Phrase, *items: Item) -> None:
        """Begins a phrase: it takes what waits and becomes the one that attributes belong to, unless it is negated."""
        pending, self.pending = self.pending, Pending()
        phrase.count, phrase.rounded = pending.count, pending.rounded
        phrase.determiner, phrase.negated, phrase.more = (
            pending.determiner,
            pending.negated,
            pending.more,
        )
        phrase.excepted = pending.excepted or self._excepted_too(pending)
        phrase.negated = phrase.negated or phrase.excepted
        phrase.selector, phrase.fewer = phrase.selector or pending.selector, pending.fewer
        phrase.own, phrase.later = pending.own, bool(self.parsed.for_all)
        phrase.enclosed = self.opened
        phrase.role = phrase.role or pending.role
        phrase.software = pending.software or phrase.software
        phrase.image = pending.image
        phrase.names += pending.names
        phrase.modifiers += pending.modifiers
        phrase.attributes += pending.attributes
        phrase.words = [*pending.words, *(item.text for item in items)]
        phrase.link, phrase.aside = (None if self.link == "(" else self.link), self.aside
        if self._parallel(pending):
            self.link = "and"
        phrase.joint = self.joint
        pointing = phrase.determiner in {Determiner.DEFINITE, Determiner.POSSESSIVE}
        run = pointing and self.link in {"runs", "running"}  # "a VM that runs the backup schedule"
        phrase.purpose = self.link in _PURPOSE or (run and bool(self.parsed.phrases))
        self.link = self.joint = None
        self._settle(phrase)
        self._complete_elided(phrase)
        self.parsed.phrases.append(phrase)
        if not phrase.negated:
            self.current = phrase

    def _excepted_too(self, pending: Pending) -> bool:
        """`everything except the api and the db`: the second is left out as well."""
        before = self.parsed.phrases[-1] if self.parsed.phrases else None
        listed = self.joint in {"and", ",", "&", "or"} and self.link in {None, "and"}
        plain = pending.count is None and not pending.attributes
        return listed and plain and before is not None and before.excepted

    def _parallel(self, pending: Pending) -> bool:
        """`servers for our blog and a database`: a thing beside the servers, not one more purpose of theirs."""
        if self.link not in _PURPOSE or self.joint != "and" or not self.parsed.phrases:
            return False
        before = self.parsed.phrases[-1]
        program = before.software and not before.purpose and before.type not in MACHINES
        if program and pending.software:
            return True  # "redis for caching and mysql": no program is for another
        fresh = pending.determiner is Determiner.INDEFINITE or pending.count is not None
        return fresh and not (before.purpose and before.determiner is Determiner.INDEFINITE)

    def _complete_elided(self, phrase: Phrase) -> None:
        """`two public and two private networks`: the first two are networks as well."""
        for elided in self.elided:
            twin = replace(
                phrase, names=[], attributes=list(elided.attributes), modifiers=elided.modifiers
            )
            twin.count, twin.words = elided.count, [*elided.words, *phrase.words[-1:]]
            self.parsed.phrases.append(twin)
            self.parsed.unused = [word for word in self.parsed.unused if word not in elided.words]
        self.elided = []

    def _settle(self, phrase: Phrase) -> None:
        """`redis instance` and `memcached cluster` are what their software is."""
        if phrase.software and (phrase.generic or phrase.group):
            type_ = ResourceType(self._software(phrase.software)["type"])
            if type_ in DATA or type_ is ResourceType.LOAD_BALANCER:
                phrase.type, phrase.generic, phrase.group = type_, False, False
            elif phrase.group:
                phrase.type, phrase.group = type_, False

    def flush(self) -> None:
        """What waits and gets no head: software stands for itself, an image describes what was said before."""
        pending = self.pending
        if pending.software:
            if self._names_software(pending):
                return
        elif pending.role:
            if self._names_role(pending):
                return
        elif pending.image:
            if self._names_image(pending):
                return
        elif pending.count is not None and set(pending.modifiers) - OFTEN:
            self.elided.append(pending)
        elif pending.attributes and not pending.more and self.current is not None:
            self.current.attributes += pending.attributes  # "…, backups daily"
        elif pending.attributes and self.all:
            self.parsed.for_all += pending.attributes  # "all 2 cores, 4GB, private"
        self._leave(pending, self.current)
        negated, self.pending = pending.negated and not pending.words, Pending()
        self.pending.negated, self.pending.excepted = negated, negated and pending.excepted

    def _names_software(self, pending: Pending) -> bool:
        """Whether software without a head is a thing of its own, which then has begun."""
        current = self.current
        if current is not None and self._describes(pending, current):
            current.software, current.told = pending.software, True
            current.attributes += pending.attributes
            return False
        type_ = ResourceType(self._software(pending.software or "")["type"])
        made = [p for p in self.parsed.phrases if p.creates]
        plain = [p for p in made if p.type is type_ and not p.software]
        if type_ is ResourceType.SERVICE and all(p.type in MACHINES for p in made):
            plain = [p for p in made if not p.software]  # "a vm and an lxc, both nginx"
        if self.all and plain and pending.count is None:
            for phrase in plain:  # "three databases, all mysql"
                phrase.software = pending.software
                phrase.attributes += pending.attributes
            return False
        self.start(Phrase(type=type_, plural=pending.plural))
        return True

    def _names_role(self, pending: Pending) -> bool:
        """Whether a role without a head is a machine, which then has begun ("2 web and 1 api server")."""
        several = bool(pending.words) and pending.words[-1].casefold() in _KEPT
        if several or not self.gazetteer.data["roles"][pending.role].get("alone"):
            self.parsed.unused += pending.words
            return False
        used = self.current is not None and self.current.type in DATA and self.current.creates
        if self.link == "for" and self.current is not None and not used:
            self.current.role = self.current.role or pending.role
            return False
        self.start(Phrase(type=ResourceType.VM, generic=True, tier=True, plural=pending.plural))
        return True

    def _names_image(self, pending: Pending) -> bool:
        """Whether an image without a head is a machine all the same, which then has begun."""
        counted = pending.count is not None or pending.determiner is Determiner.INDEFINITE
        last = pending.words[-1].casefold() if pending.words else ""
        server = last.endswith(("server", "servers"))  # "an ubuntu server"
        current = self.current
        free = current is not None and current.image is None
        describes = free and (current.generic or current.type not in DATA) if current else False
        several = pending.count is not None and self.link not in {"with", "running"}
        if several or (server and (counted or not describes)):  # "two windows 10 clients"
            self.start(Phrase(type=ResourceType.VM, generic=True, plural=last.endswith("s")))
            return True
        if current is not None and describes:
            current.image = pending.image
            current.attributes += pending.attributes
        elif pending.image:
            self.parsed.images.append(pending.image)
            self.parsed.loose += pending.attributes
        return False

    def _leave(self, pending: Pending, current: Phrase | None) -> None:
        if current is not None:
            current.modifiers += pending.modifiers
        if pending.more and pending.attributes:
            self.parsed.loose += pending.attributes
        self.parsed.modifiers += pending.modifiers
        self.parsed.fewer = self.parsed.fewer or pending.fewer
        if pending.count is not None and not pending.software:
            if pending.fewer or pending.more:
                self.parsed.by_number = pending.count
            elif self.link == "to" or (self.parsed.pronoun is not None and current is None):
                self.parsed.to_number = pending.count
            elif pending.words:
                self.parsed.bare_number = pending.count
                self.parsed.unused.append(pending.words[0])

    def _describes(self, pending: Pending, current: Phrase) -> bool:
        """`a VM running postgres`: the software of the machine; `a web app with postgres`: a thing of its own."""
        taken = (
            current.software
            or current.product
            or current.replica
            or current.group
            or current.existing
            or "/" in (current.image or "")
        )
        if taken or pending.count is not None or pending.apart or pending.negated:
            return False
        software = self._software(pending.software or "")
        type_ = ResourceType(software["type"])
        if self.link in {None, "("}:
            return self._apposed(pending, current, software)
        if self.link not in _RUNNING or current.type not in MACHINES | {type_}:
            return False
        return not self._own(pending, current, type_)

    def _apposed(self, pending: Pending, current: Phrase, software: Mapping[str, Any]) -> bool:
        """`database postgres`, `container nginx`, `a load balancer (nginx)`; not `2 app servers a mongo`."""
        told = {Determiner.INDEFINITE, Determiner.DEFINITE}
        if self.link is None and (pending.determiner in told or self._spoken_for(pending)):
            return False
        if current.type is ResourceType.LOAD_BALANCER and software.get("balances"):
            return True
        same = current.type is ResourceType(software["type"])
        return same or current.generic or current.type in MACHINES

    def _spoken_for(self, pending: Pending) -> bool:
        """`a postgres, 2 servers; postgres needs 8GB`: software of another thing that was named before."""
        others = (p for p in self.parsed.phrases if p is not self.current and not p.negated)
        return any(p.software == pending.software for p in others)

    def _own(self, pending: Pending, current: Phrase, type_: ResourceType) -> bool:
        """Whether software after "with" or "running" is a thing beside the machine."""
        introduced = pending.determiner is Determiner.INDEFINITE and self.joint == "and"
        stored = type_ in DATA
        before = self.parsed.phrases[-2] if len(self.parsed.phrases) > 1 else None
        hosting = (
            current.link in {"on", "in"}
            and before is not None
            and bool(before.tier or before.product or before.type is ResourceType.SERVICE)
        )
        beside = self.link == "with" and bool(current.role or hosting)
        return introduced or (stored and (pending.determiner is not Determiner.BARE or beside))

    def _software(self, id_: str) -> Mapping[str, Any]:
        return self.gazetteer.software[id_]
