"""What a clause is parsed into: noun phrases with their attributes, and what is said about the whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from alma.core.model.base import Json
from alma.core.model.blueprint import Origin, ResourceType
from alma.core.model.sizing import Sizing


class Determiner(StrEnum):
    """Whether a phrase speaks of something new or of something known."""

    BARE = "bare"
    INDEFINITE = "indefinite"
    DEFINITE = "definite"
    POSSESSIVE = "possessive"


@dataclass(frozen=True, slots=True)
class Attribute:
    """An amount or property: `path` inside a resource. `op` is set, add, multiply or remove; a `bare` size was said
    without its noun ("a database with 16GB")."""

    path: str
    value: Json = None
    op: str = "set"
    bare: bool = False
    origin: Origin = Origin.WORDS


@dataclass(slots=True)
class Phrase:
    """One noun phrase. `link` is the connecting word before it, `joint` the sign or word of a
    list; `purpose`: it says what for; `aside`: a side clause;
    `part`: one of several that were named before ("one for the web"); `networks`: those it is in, by name;
    `excepted`: it is left out of what is said of all; `member_of`: the several that it is one of, by its own name;
    `told`: its software was said after it. `copied`: its count is one of copies; `later`: it comes after
    what was said of all; `enclosed`: it stands in brackets; `itself`: "the app itself"."""

    type: ResourceType | None = None
    generic: bool = False
    group: bool = False
    product: str | None = None
    role: str | None = None
    software: str | None = None
    image: str | None = None
    count: int | None = None
    rounded: bool = False
    determiner: Determiner = Determiner.BARE
    plural: bool = False
    negated: bool = False
    excepted: bool = False
    more: bool = False
    replica: bool = False
    existing: str | None = None
    names: list[str] = field(default_factory=list)
    modifiers: list[str] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    requirements: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    link: str | None = None
    joint: str | None = None
    purpose: bool = False
    aside: bool = False
    selector: str | None = None
    one: bool = False
    tier: bool = False
    fewer: bool = False
    part: bool = False
    own: bool = False
    told: bool = False
    copied: bool = False
    later: bool = False
    enclosed: bool = False
    itself: bool = False
    networks: list[str] = field(default_factory=list)
    member_of: Phrase | None = None

    @property
    def creates(self) -> bool:
        """Whether the phrase introduces something, rather than pointing at it or saying what something is for."""
        if (
            self.negated
            or self.existing is not None
            or (self.group and not (self.software or self.product))
        ):
            return False
        counted = self.count is not None
        if self.purpose:
            return counted
        if self.determiner is Determiner.POSSESSIVE:
            return counted or (self.link is None and not self.aside)
        places = {"in", "on", "into", "to", "from", "of", "onto", "inside", "front"}
        if self.aside or self.link in places:
            named = self.link == "front" and bool(self.names) and self.existing is None
            return counted or named or self.determiner is Determiner.INDEFINITE
        return True

    def take(self, attributes: Iterable[Attribute]) -> None:
        """Adds what is said of another, but for properties of which this one has its own."""
        own = {attribute.path for attribute in self.attributes}
        self.attributes += [said for said in attributes if said.path not in own]

    @property
    def text(self) -> str:
        """The phrase's own words, for answers."""
        return " ".join(self.words)


@dataclass(slots=True)
class Parsed:
    """A clause. `loose` attributes belong to no phrase; `each_after` is the phrase that "each" was said after; `makers`
    are found by `makers.makers`, once; `title` is the role that a colon made a title of."""

    phrases: list[Phrase] = field(default_factory=list)
    loose: list[Attribute] = field(default_factory=list)
    mentioned: list[str] = field(default_factory=list)
    capabilities: list[str] = field(default_factory=list)
    modifiers: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    engine: str | None = None
    environments: list[str] = field(default_factory=list)
    region: str | None = None
    max_cost: float | None = None
    notes: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    shared: bool = False
    for_all: list[Attribute] = field(default_factory=list)
    quantity: int | None = None
    multiple: int | None = None
    rules: list[dict[str, Json]] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    fresh: bool = False
    sizing: Sizing | None = None
    sized: bool = False
    to_number: int | None = None
    by_number: int | None = None
    bare_number: int | None = None
    to_text: str | None = None
    percent: float | None = None
    factor: float | None = None
    fewer: bool = False
    pronoun: str | None = None
    instead: bool = False
    each: bool = False
    bounded: str | None = None
    each_after: Phrase | None = None
    new_names: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    title: str | None = None
    makers: list[Phrase] | None = None

    @property
    def environment(self) -> str | None:
        """What the whole is for; the last word counts."""
        return self.environments[-1] if self.environments else None

    @property
    def everything(self) -> bool:
        """Whether the clause speaks of all there is."""
        return "everything" in self.modifiers
