"""Whether a person asked for what a model proposes: what only text from elsewhere suggests is never done, but offered.

A model can be talked into anything by a log line or a name. So each of its edits is held against the person's own
words, by the vocabulary that the offline reading uses. What they ask for is done. What they leave open is done only
while nothing but the person's words could have suggested it. The rest waits for a yes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.words.tokens import Kind, tokenize
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint, Resource, ResourceType, dump_plain
from alma.core.model.conversation import (
    AddResource,
    Edit,
    Interpretation,
    RemoveResource,
    RenameResource,
    SetBlueprint,
    SetField,
    UseTemplate,
)
from alma.core.model.template import Template
from alma.core.model.units import Size

_T = ResourceType
_MACHINES = frozenset({_T.VM, _T.CONTAINER, _T.SERVICE})
_SIZE = re.compile(r"\d[\d.]*\s*[a-zA-Z]+")
_REFERENCES = frozenset({"depends_on", "backends", "network.attach"})
_WORDS_OF_A_NAME = 3


@dataclass(frozen=True)
class Mentions:
    """What somebody's words name."""

    types: frozenset[ResourceType] = frozenset()
    software: frozenset[str] = frozenset()
    templates: frozenset[str] = frozenset()
    engines: frozenset[str] = frozenset()
    images: frozenset[str] = frozenset()
    modifiers: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    amounts: frozenset[float] = frozenset()

    def value(self, value: Json) -> bool:
        """Whether a value stands in the words: an amount in any unit, a word in any case, each entry of a list."""
        match value:
            case bool() | None:
                return False
            case int() | float():
                return float(value) in self.amounts
            case str():
                return value.casefold() in self.words or _bytes(value) in self.amounts
            case list():
                return all(self.value(inner) for inner in value)
            case _:
                return all(self.value(inner) for inner in value.values())

    def resource(self, resource: Resource) -> bool:
        """Whether the words can mean a thing like this: by its name, its kind or its software."""
        return (
            resource.name.casefold() in self.words
            or resource.type in self.types
            or (resource.engine or "") in self.software
        )


class Vocabulary:
    """Finds what words name."""

    def __init__(self, gazetteer: Gazetteer, templates: Mapping[str, Template]) -> None:
        self._gazetteer = gazetteer
        self._templates = templates

    def mentions(self, texts: Iterable[str], names: Collection[str] = ()) -> Mentions:
        """What the texts name together. `names` are the draft's resources."""
        items = [
            item
            for text in texts
            for item in self._gazetteer.tag(
                self._gazetteer.prepare(tokenize(text), names).tokens, names
            )
        ]
        found = Mentions(words=frozenset(_words(items)), amounts=frozenset(_amounts(items)))
        ids = {sort: {i.terms[sort].id for i in items if sort in i.terms} for sort in Sort}
        software = ids[Sort.SOFTWARE]
        return Mentions(
            types=frozenset(self._types(ids)),
            software=frozenset(software),
            templates=frozenset(self._named_templates(items, found.words)),
            engines=frozenset(ids[Sort.ENGINE]),
            images=frozenset(ids[Sort.IMAGE]),
            modifiers=frozenset(ids[Sort.MODIFIER]),
            words=found.words,
            amounts=found.amounts,
        )

    def _types(self, ids: Mapping[Sort, set[str]]) -> Iterable[ResourceType]:
        yield from (_T(id_) for id_ in ids[Sort.TYPE])
        yield from (_T(self._gazetteer.software[id_]["type"]) for id_ in ids[Sort.SOFTWARE])
        if ids[Sort.COMPUTE] or ids[Sort.ROLE]:
            yield from _MACHINES
        if ids[Sort.REPLICA]:
            yield _T.DATABASE

    def _named_templates(self, items: Sequence[Item], words: Collection[str]) -> Iterable[str]:
        yield from (id_ for id_ in self._templates if id_ in words)
        for item in items:
            product = item.terms.get(Sort.PRODUCT)
            if product is not None:
                yield from (
                    str(product.data[key])
                    for key in ("template", "ha_template")
                    if key in product.data
                )


def _words(items: Iterable[Item]) -> Iterable[str]:
    for item in items:
        yield item.text.casefold()
        for token in item.tokens:
            yield token.text.casefold()
            yield token.norm
            yield str(token.value).casefold()


def _amounts(items: Iterable[Item]) -> Iterable[float]:
    for token in (token for item in items for token in item.tokens):
        if isinstance(token.value, int | float):
            yield float(token.value)
        elif token.kind is Kind.SIZE:
            yield from filter(None, [_bytes(str(token.value))])


def _bytes(text: str) -> float | None:
    if not _SIZE.fullmatch(text.strip()):
        return None
    try:
        return float(Size(text).bytes)
    except (ValueError, ValidationError):
        return None


@dataclass(frozen=True)
class Judged:
    """A model's edits: those that are done, and those that are only offered."""

    done: tuple[Edit, ...] = ()
    offered: tuple[Edit, ...] = ()


class Grounds:
    """What one message gives a model to stand on.

    `person` is what the person's words name, `others` what earlier answers do. `touched` are the resources that the
    offline reading of this message is about, `fresh` those it has added. `sure`: the words were understood in full, so
    that nothing else was asked for. `foreign`: text that somebody else may have written is in sight.
    """

    def __init__(
        self,
        person: Mentions,
        *,
        draft: Blueprint | None = None,
        others: Mentions | None = None,
        touched: Collection[str] = (),
        fresh: Collection[str] = (),
        sure: bool = False,
        foreign: bool = False,
    ) -> None:
        self._person = person
        self._others = others or Mentions()
        self._resources = {r.name: r for r in draft.resources} if draft else {}
        self._touched = frozenset(touched)
        self._fresh = frozenset(fresh)
        self._sure = sure
        self._free = not sure and not foreign

    def judge(self, edits: Sequence[Edit]) -> Judged:
        """Sorts the edits. What needs something that is only offered, is only offered itself."""
        done: list[Edit] = []
        offered: list[Edit] = []
        missing: set[str] = set()
        own = set(self._fresh)
        for edit in edits:
            added = {edit.resource.name} if isinstance(edit, AddResource) else set()
            if not _needs(edit, missing) and self._accepts(edit, own):
                done.append(edit)
                own |= added
            else:
                offered.append(edit)
                missing |= added
        return Judged(tuple(done), tuple(offered))

    def _accepts(self, edit: Edit, own: Collection[str]) -> bool:
        match edit:
            case AddResource():
                return self._adds(edit.resource)
            case SetField():
                return self._sets(edit, edit.name in own)
            case RemoveResource():
                return edit.name in own or self._named(edit.name)
            case RenameResource():
                return edit.name in own or (self._named(edit.name) and self._person.value(edit.to))
            case SetBlueprint():
                return self._describes(edit)
            case UseTemplate():
                asked = edit.template in self._person.templates
                return not self._sure and (
                    asked or (self._free and edit.template not in self._others.templates)
                )

    def _named(self, name: str) -> bool:
        return name.casefold() in self._person.words

    # ── new things ───────────────────────────────────────────────────────────────────────────────

    def _adds(self, resource: Resource) -> bool:
        if self._sure:
            return False
        wanted = self._asked(resource) or (self._free and not self._suggested(resource))
        return wanted and all(self._safe(path, value) for path, value in _risks(resource))

    def _asked(self, resource: Resource) -> bool:
        """Whether the words ask for it. Beside other people's text, a kind of thing that the draft has already is taken
        for what it has: "the web server" asks for no further one."""
        if self._named(resource.name) or (resource.engine or "") in self._person.software:
            return True
        there = {known.type for known in self._resources.values()}
        return resource.type in self._person.types and (self._free or resource.type not in there)

    def _suggested(self, resource: Resource) -> bool:
        """Whether an earlier answer has named it and the person has not."""
        others, person = self._others, self._person
        return (
            resource.type in others.types - person.types
            or (resource.engine or "") in others.software - person.software
            or resource.name.casefold() in others.words - person.words
        )

    # ── values ───────────────────────────────────────────────────────────────────────────────────

    def _sets(self, edit: SetField, own: bool) -> bool:
        resource = self._resources.get(edit.name)
        if not self._safe(edit.path, edit.value):
            return False
        about = own or edit.name in self._touched
        about = about or (resource is not None and self._person.resource(resource))
        if self._free:
            return about or self._person.value(edit.value) or not self._others.value(edit.value)
        # References lead to what is there anyway: they make nothing.
        return about and (self._person.value(edit.value) or edit.path in _REFERENCES)

    def _safe(self, path: str, value: Json) -> bool:
        """Whether what decides which code runs, how often, and who reaches it may be so."""
        person, others = self._person, self._others
        match path:
            case "image":
                return str(value).partition(":")[0] in person.images or person.value(value)
            case "count":
                return person.value(value) or (self._free and not others.value(value))
            case "network.public_ip" if value is not False:
                asked = "public" in person.modifiers or person.value(value)
                return asked or (self._free and "public" not in others.modifiers)
            case "engine":
                return value in person.software or value not in others.software
            case _:
                return True

    def _describes(self, edit: SetBlueprint) -> bool:
        limits = edit.constraints.model_dump(exclude_none=True) if edit.constraints else {}
        if limits:
            return all(self._person.value(value) for value in limits.values())
        if edit.engine is not None:
            return edit.engine in self._person.engines or self._person.value(edit.engine)
        return self._free


def _risks(resource: Resource) -> Iterable[tuple[str, Json]]:
    if resource.count > 1:
        yield "count", resource.count
    if resource.image is not None:
        yield "image", resource.image
    if resource.engine is not None:
        yield "engine", resource.engine
    if resource.network.public_ip:
        yield "network.public_ip", dump_plain(resource.network).get("public_ip")


def _needs(edit: Edit, missing: Collection[str]) -> bool:
    """Whether an edit is about something that is not going to be there."""
    match edit:
        case AddResource():
            document: Json = dump_plain(edit.resource)
        case SetField():
            document = edit.value if edit.name not in missing else edit.name
        case RemoveResource() | RenameResource():
            document = edit.name
        case _:
            return False
    return any(text in missing for text in _texts(document))


def _texts(value: Json) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def tells_more_than_a_name(text: str) -> bool:
    """Whether a text is long enough to carry an instruction: more than three words."""
    return len(re.findall(r"[^\W\d_]{2,}", text)) > _WORDS_OF_A_NAME


def understood_fully(offline: Interpretation) -> bool:
    """Whether the offline reading has made something of every word."""
    return bool(offline.edits) and not offline.question and not offline.unused


def added_by(edits: Sequence[Edit]) -> frozenset[str]:
    """The names of what the edits add by themselves."""
    return frozenset(edit.resource.name for edit in edits if isinstance(edit, AddResource))


def touched_by(edits: Sequence[Edit]) -> frozenset[str]:
    """The names of the resources that the edits are about."""
    named = (SetField, RemoveResource, RenameResource)
    return frozenset(edit.name for edit in edits if isinstance(edit, named)) | added_by(edits)
