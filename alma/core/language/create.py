"""Noun phrases to new resources: what was said is the user's, the rest is a default or inferred, and says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from alma.core.language.edits import flatten
from alma.core.language.gazetteer import Gazetteer
from alma.core.language.naming import Names, valid
from alma.core.language.phrases import Attribute, Determiner, Parsed, Phrase
from alma.core.language.vocabulary import (
    APPLIES,
    BARE_MEMORY_LIMIT,
    DEFAULT_IMAGE,
    DEFAULT_SPECS,
    MACHINES,
    MAX_WRITTEN_OUT,
    STEMS,
    TITLES,
    listed,
    plural,
    title,
)
from alma.core.model.base import Json
from alma.core.model.blueprint import (
    COMPUTE,
    DATA,
    MAX_COUNT,
    Blueprint,
    Origin,
    Resource,
    ResourceType,
)
from alma.core.model.conversation import AddResource, Edit, Intent
from alma.core.model.faults import faults_of
from alma.core.model.software import Catalogue
from alma.core.model.units import Size

_T = ResourceType


class Asks(Exception):
    """Something is missing or impossible: the question to put instead of guessing. Never leaves this package.

    `open` questions may be answered with a fragment ("the database", "8GB") that completes the request.
    """

    def __init__(self, question: str, *, open: bool = False) -> None:
        super().__init__(question)
        self.question = question
        self.open = open


@dataclass
class Outcome:
    """What a clause became."""

    edits: list[Edit] = field(default_factory=list)
    understood: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    intent: Intent | None = None


@dataclass
class _Sketch:
    """One resource being written: values with their origins, by path."""

    type: ResourceType
    phrase: Phrase
    values: dict[str, Json] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)

    def put(self, path: str, value: Json, origin: Origin, *, keep: bool = True) -> bool:
        """Sets a value unless there is one already; says whether it did."""
        if keep and path in self.values:
            return False
        self.values[path] = value
        self.origins[path] = origin
        return True


class Creator:
    """Turns the phrases of one message into resources of one draft."""

    def __init__(
        self, gazetteer: Gazetteer, catalogue: Catalogue, blueprint: Blueprint | None
    ) -> None:
        self.gazetteer = gazetteer
        self.catalogue = catalogue
        self.blueprint = blueprint
        self.known: list[Resource] = list(blueprint.resources) if blueprint else []
        self.names = Names(resource.name for resource in self.known)
        self.added: list[AddResource] = []
        self.roles: dict[str, str] = {}
        self.outcome = Outcome()

    # ── a whole message ──────────────────────────────────────────────────────────────────────────────

    def create(self, parsed: Parsed, phrases: Sequence[Phrase]) -> list[AddResource]:
        """The resources of all phrases, connected to each other where their roles say how. Raises Asks."""
        for phrase in phrases:
            self._phrase(phrase, parsed)
        return self.added

    def _phrase(self, phrase: Phrase, parsed: Parsed) -> None:
        sketch = self._sketch(phrase, parsed)
        count = self._count(phrase, parsed)
        given = [valid(name) for name in phrase.names]
        for said, taken in zip(phrase.names, given, strict=True):
            if said != taken:
                self.outcome.assumptions.append(
                    f"'{said}' is written '{taken}': a name takes no other characters"
                )
        if count > MAX_WRITTEN_OUT and not len(given) == count:
            if sketch.type in {_T.NETWORK, _T.FIREWALL}:
                raise Asks(
                    f"{count} {TITLES[sketch.type]}s at once? Please name the ones you want, at most a dozen at a time."
                )
            sketch.put("count", count, Origin.WORDS)
            names = [self._one_name(sketch, given[0] if given else None)]
        else:
            names = self._all_names(sketch, given, count)
        before = len(self.added)
        for name in names:
            self._finish(sketch, name, said=name in given)
            if phrase.role:
                self.roles[name] = phrase.role
        self._understood(
            phrase, sketch, count, [edit.resource.name for edit in self.added[before:]]
        )

    def _count(self, phrase: Phrase, parsed: Parsed) -> int:
        if phrase.count is not None:
            if phrase.count < 1:
                raise Asks(f"0 {_noun(phrase)}s is nothing to make: how many do you want?")
            if phrase.count > MAX_COUNT:
                raise Asks(
                    f"{phrase.count} {_noun(phrase)}s are more than the {MAX_COUNT} that one resource can have: how many do you want?"
                )
            return phrase.count
        if len(phrase.names) > 1 and phrase.plural:
            return len(phrase.names)
        compute = phrase.type in COMPUTE
        if "ha" in {*phrase.modifiers, *parsed.modifiers} and phrase.generic and phrase.role:
            self.outcome.assumptions.append(f"2 {_noun(phrase)}s, so that one can fail")
            return 2
        if (
            phrase.plural
            and (compute or phrase.type is _T.NETWORK)
            and phrase.determiner is not Determiner.INDEFINITE
        ):
            self.outcome.assumptions.append(f"2 {_noun(phrase)}s, as the number was left open")
            return 2
        return 1

    # ── names ────────────────────────────────────────────────────────────────────────────────────────

    def _stem(self, sketch: _Sketch) -> str:
        phrase = sketch.phrase
        if phrase.role and sketch.type in COMPUTE:
            return phrase.role
        if phrase.software and sketch.type in COMPUTE:
            return phrase.software
        return STEMS[sketch.type]

    def _one_name(self, sketch: _Sketch, given: str | None) -> str:
        if given is None:
            return self.names.take(self._stem(sketch))
        if not self.names.free(given):
            raise Asks(
                f"There is already a resource called {given}: what should the new one be called?"
            )
        return self.names.take(given)

    def _all_names(self, sketch: _Sketch, given: Sequence[str], count: int) -> list[str]:
        if len(given) >= count:
            return [self._one_name(sketch, name) for name in given[:count]]
        if len(given) == 1:
            return [self.names.numbered(given[0]) for _ in range(count)]
        names = [self._one_name(sketch, name) for name in given]
        return names + [self.names.numbered(self._stem(sketch)) for _ in range(count - len(given))]

    # ── one resource ─────────────────────────────────────────────────────────────────────────────────

    def _sketch(self, phrase: Phrase, parsed: Parsed) -> _Sketch:
        type_ = phrase.type or (self._copied() if phrase.replica else _T.VM)
        sketch = _Sketch(type_, phrase)
        self._software(sketch)
        for attribute in phrase.attributes:
            self._attribute(sketch, attribute)
        self._modifiers(sketch, parsed)
        self._image(sketch, parsed)
        self._defaults(sketch)
        requirements = [*phrase.requirements, *self._wishes(sketch.type, parsed)]
        if requirements:
            sketch.put("metadata.requirements", list(dict.fromkeys(requirements)), Origin.WORDS)
        if phrase.replica:
            self._replica(sketch)
        return sketch

    def _copied(self) -> ResourceType:
        """The type of a replica of nothing in particular: that of the only data store. Raises Asks."""
        stores = {resource.type for resource in self.known if resource.type in DATA}
        if len(stores) != 1:
            raise Asks("A replica of what? Name the database or cache it copies.", open=True)
        return stores.pop()

    def _software(self, sketch: _Sketch) -> None:
        phrase = sketch.phrase
        if phrase.software is not None:
            sketch.put("engine", phrase.software, Origin.WORDS)
            if self.catalogue.find(phrase.software) is None:
                named = self.gazetteer.software[phrase.software].get("title", phrase.software)
                self.outcome.assumptions.append(
                    f"{named} is not in the software catalogue yet, so a plan will need an image for it"
                )
            return
        role = self.gazetteer.data["roles"].get(phrase.role or "", {})
        default = (
            role.get("software")
            if sketch.type in MACHINES
            else self.catalogue.defaults.get(sketch.type)
        )
        if phrase.image is None and default and self.catalogue.find(default):
            sketch.put("engine", default, Origin.DEFAULT)

    def _attribute(self, sketch: _Sketch, attribute: Attribute) -> None:
        if attribute.op == "remove" or attribute.value is None:
            return
        path = bare_path(attribute, sketch.type, sketch.values)
        if sketch.type not in APPLIES.get(path, frozenset({sketch.type})):
            self.outcome.unused.append(f"{title(path)} {attribute.value}")
            return
        sketch.put(path, attribute.value, attribute.origin)
        if attribute.bare and path == "specs.memory":
            self.outcome.assumptions.append(
                f"{attribute.value} is memory, as it was not said of what"
            )

    def _modifiers(self, sketch: _Sketch, parsed: Parsed) -> None:
        said = [*sketch.phrase.modifiers]
        for modifier in said:
            for path, value in self.gazetteer.data["sizes"].get(modifier, {}).items():
                applies = sketch.type in DEFAULT_SPECS or sketch.type in DATA
                if (
                    applies
                    and sketch.type is not _T.VOLUME
                    and sketch.put(path, value, Origin.INFERRED)
                    and path == "specs.cpu"
                ):
                    sizes = self.gazetteer.data["sizes"][modifier]
                    self.outcome.assumptions.append(
                        f"'{modifier}' is {sizes['specs.cpu']} CPU and {sizes['specs.memory']} memory"
                    )
        if "public" in said and sketch.type in APPLIES["network.public_ip"]:
            sketch.put("network.public_ip", True, Origin.WORDS)
        if "private" in said and sketch.type in APPLIES["network.public_ip"]:
            sketch.put("network.public_ip", False, Origin.WORDS)
        if "ha" in {*said, *parsed.modifiers}:
            self._available(sketch)

    def _available(self, sketch: _Sketch) -> None:
        """High availability: what can be built is built, what can't is recorded as a wish and said."""
        if sketch.type is _T.KUBERNETES_CLUSTER:
            nodes = sketch.values.get("specs.nodes")
            if "specs.workers" not in sketch.values and (not isinstance(nodes, int) or nodes >= 3):
                sketch.put("specs.control_plane", 3, Origin.INFERRED)
                sketch.put("specs.nodes", 5, Origin.INFERRED)
                self.outcome.assumptions.append("3 control-plane nodes, so that one can fail")
        elif sketch.type in DATA:
            sketch.put("metadata.requirements", ["high-availability"], Origin.WORDS)
            self.outcome.assumptions.append(
                f"high availability of the {TITLES[sketch.type]} is recorded as a requirement: ALMA does not set up its replication yet"
            )

    def _image(self, sketch: _Sketch, parsed: Parsed) -> None:
        image = sketch.phrase.image or (
            parsed.images[0] if parsed.images and sketch.type in MACHINES else None
        )
        if image is not None:
            sketch.put("image", image, Origin.WORDS)
        elif sketch.type in MACHINES and "engine" not in sketch.values:
            sketch.put("image", DEFAULT_IMAGE, Origin.DEFAULT)
            self.outcome.assumptions.append(f"image {DEFAULT_IMAGE}")

    def _defaults(self, sketch: _Sketch) -> None:
        given: list[str] = []
        for key, value in DEFAULT_SPECS.get(sketch.type, {}).items():
            roles = {"specs.workers", "specs.control_plane"} & set(sketch.values)
            if key == "nodes" and roles:
                continue
            if sketch.put(f"specs.{key}", value, Origin.DEFAULT):
                given.append(f"{value} {title(f'specs.{key}')}")
        if given:
            each = " for each" if sketch.phrase.plural or (sketch.phrase.count or 1) > 1 else ""
            self.outcome.assumptions.append(f"{listed(given)}{each}")
        if sketch.type is _T.FIREWALL:
            self.outcome.assumptions.append("the firewall has no rules yet")
        if sketch.type is _T.LOAD_BALANCER:
            sketch.put("network.public_ip", True, Origin.DEFAULT)
            sketch.put("network.ports", [80], Origin.DEFAULT)

    def _wishes(self, type_: ResourceType, parsed: Parsed) -> list[str]:
        table = self.gazetteer.data["capabilities"]
        return [wish for wish in parsed.capabilities if type_ in table[wish].get("on", ())]

    def _replica(self, sketch: _Sketch) -> None:
        primary = next(
            (edit.resource for edit in reversed(self.added) if edit.resource.type is sketch.type),
            None,
        )
        primary = primary or next(
            (resource for resource in self.known if resource.type is sketch.type), None
        )
        if primary is None:
            raise Asks(f"A replica of which {TITLES[sketch.type]}?")
        for path in ("engine", "version"):
            if getattr(primary, path) is not None:
                sketch.put(path, getattr(primary, path), Origin.INFERRED, keep=False)
        sketch.put("metadata.role", "replica", Origin.WORDS)
        sketch.put("metadata.replica_of", primary.name, Origin.INFERRED)
        sketch.put("depends_on", [primary.name], Origin.INFERRED)
        self.outcome.assumptions.append(
            f"the replica is recorded as one of {primary.name}: ALMA does not set up replication yet"
        )

    def _finish(self, sketch: _Sketch, name: str, *, said: bool) -> None:
        values = {"name": name, "type": str(sketch.type), **sketch.values}
        origins = {
            **sketch.origins,
            "name": Origin.WORDS if said else Origin.INFERRED,
            "type": Origin.WORDS,
        }
        if sketch.phrase.generic or (
            sketch.phrase.software and not said and sketch.phrase.type is None
        ):
            origins["type"] = Origin.INFERRED
        if said and sketch.phrase.role:
            values["labels"] = {"role": sketch.phrase.role}
            origins["labels.role"] = Origin.WORDS
        self.append(values, origins)

    def append(self, values: Mapping[str, Json], origins: Mapping[str, Origin]) -> Resource:
        """Adds one resource from values by path. Raises Asks with what is wrong with them."""
        document = _nested(values)
        try:
            resource = Resource.model_validate(document)
        except ValidationError as error:
            faults = [fault.diagnostic for fault in faults_of(error, document, model=Resource)]
            raise Asks(_impossible(str(values["name"]), faults)) from error
        full = {path: _origin(path, origins) for path in flatten(document)}
        self.added.append(AddResource(resource=resource, origins=full))
        return resource

    def _understood(self, phrase: Phrase, sketch: _Sketch, count: int, names: list[str]) -> None:
        self.outcome.understood.append(
            f"{plural(self.title_of(sketch.type, sketch.values, phrase.role), count)} ({listed(names)})"
        )
        if phrase.software is None and "engine" in sketch.values and sketch.type not in COMPUTE:
            engine = str(sketch.values["engine"])
            named = self.gazetteer.software.get(engine, {}).get("title", engine)
            self.outcome.assumptions.append(f"{named} as the {TITLES[sketch.type]}")

    def title_of(self, type_: ResourceType, values: Mapping[str, Json], role: str | None) -> str:
        """What to call a resource in an answer: `web server`, `PostgreSQL database`, `Alpine container`."""
        engine, image = values.get("engine"), values.get("image")
        named = (
            self.gazetteer.software.get(str(engine), {}).get("title", engine) if engine else None
        )
        if type_ in MACHINES and role:
            return f"{role} server" if type_ is _T.VM else f"{role} container"
        if type_ in MACHINES and not named and image and image != DEFAULT_IMAGE:
            return f"{str(image).split('-')[0].title()} {TITLES[type_]}"
        return f"{named} {TITLES[type_]}" if named else TITLES[type_]


def bare_path(attribute: Attribute, type_: ResourceType, values: Mapping[str, Any]) -> str:
    """Where a size goes that was said without its noun: memory first, unless only a disk makes sense."""
    if not attribute.bare:
        return attribute.path
    storage = type_ in {_T.VOLUME, _T.OBJECT_STORE}
    big = Size(str(attribute.value)).bytes > BARE_MEMORY_LIMIT
    return "specs.disk" if storage or big or "specs.memory" in values else "specs.memory"


def makers(parsed: Parsed) -> list[Phrase]:
    """The phrases that introduce something. If none does, what the message is about is what is wanted
    ("a way to speed up repeated lookups"). Merges what is mentioned twice, and therefore looks only once."""
    if parsed.makers is None:
        parsed.makers = _makers(parsed)
    return parsed.makers


def _makers(parsed: Parsed) -> list[Phrase]:
    found: list[Phrase] = []
    for phrase in parsed.phrases:
        same = [known for known in found if _again(phrase, known)]
        known = next((known for known in same if not (phrase.names and known.names)), None)
        if known is None:
            if phrase.creates and not same:
                found.append(phrase)
        elif phrase.names and (known.count or 1) > len(phrase.names):
            found.insert(found.index(known), _peeled(phrase, known))
        else:
            own = {attribute.path for attribute in phrase.attributes}
            if known.count == len(phrase.names):  # what is left of several
                known.attributes = [a for a in known.attributes if a.path not in own]
            known.attributes += [
                a for a in phrase.attributes if a.path not in {own.path for own in known.attributes}
            ]
            known.names += phrase.names
            known.software = known.software or phrase.software
    found = [phrase for phrase in found if phrase.count != 0 or phrase.words]
    if found:
        return found
    wanted = [
        p
        for p in parsed.phrases
        if not (p.negated or p.aside or p.existing or p.group or p.replica)
    ]
    return [phrase for phrase in wanted if phrase.determiner is not Determiner.POSSESSIVE][:1]


def _again(phrase: Phrase, known: Phrase) -> bool:
    """`create a disk and attach the disk …`, `two networks (VPCs)`: a thing mentioned again."""
    if phrase.type is None or phrase.type is not known.type or phrase.product or phrase.more:
        return False
    pointing = phrase.determiner is Determiner.DEFINITE or (
        phrase.determiner is Determiner.BARE
        and phrase.count is None
        and not phrase.names
        and not phrase.image
    )
    other = phrase.role not in {None, known.role} or phrase.software not in {None, known.software}
    return pointing and not other and phrase.replica == known.replica and not phrase.negated


def _peeled(phrase: Phrase, known: Phrase) -> Phrase:
    """`two networks. The first, named a, is …`: one of several, with what is said of it alone."""
    taken = max(1, len(phrase.names))
    known.count = (known.count or taken) - taken
    if known.count == 0:
        known.words = []
    own = {attribute.path for attribute in phrase.attributes}
    attributes = [*phrase.attributes, *(a for a in known.attributes if a.path not in own)]
    return replace(
        known,
        count=taken,
        plural=False,
        names=list(phrase.names),
        attributes=attributes,
        words=phrase.words,
    )


def _noun(phrase: Phrase) -> str:
    if phrase.role and phrase.generic:
        return f"{phrase.role} server"
    return "server" if phrase.generic else TITLES[phrase.type or _T.VM]


def _nested(values: Mapping[str, Json]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for path, value in values.items():
        *parents, last = path.split(".")
        inner = document
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[last] = value
    return document


def _origin(path: str, origins: Mapping[str, Origin]) -> Origin:
    """The origin of the value or of what it is part of (`backup.enabled` is part of `backup`)."""
    while path:
        if path in origins:
            return origins[path]
        path = path.rpartition(".")[0]
    return Origin.INFERRED


def _impossible(name: str, faults: Iterable[Any]) -> str:
    said = "; ".join(
        f"{fault.path}: {fault.message}{f' ({fault.hint})' if fault.hint else ''}"
        for fault in faults
    )
    return f"{name} can't be made like that: {said}. What should it be instead?"
