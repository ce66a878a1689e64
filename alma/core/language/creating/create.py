"""Noun phrases to new resources: what was said is the user's, the rest is a default or inferred, and says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alma.core.language.changing.wishes import POLICIES, policies
from alma.core.language.creating.sizes import size, tier
from alma.core.language.editing.outcome import Asks, Outcome
from alma.core.language.editing.sketch import Sketch, bare_path, guessed, make, settled_sizes
from alma.core.language.parsing.phrases import Attribute, Determiner, Parsed, Phrase
from alma.core.language.parsing.places import into_known
from alma.core.language.vocabulary.defaults import (
    APPLIES,
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
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.words.naming import Names, valid
from alma.core.language.words.ranges import is_address
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
from alma.core.model.conversation import AddResource
from alma.core.model.software import Catalogue

_T = ResourceType
# What no two of a kind share.
_OWN = {"cidr", "vlan", "network.private_ip"}


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
        self.made: list[tuple[Phrase, list[str]]] = []
        self.tier: Phrase | None = None
        self.outcome = Outcome()

    # ── a whole message ──────────────────────────────────────────────────────────────────────────────

    def create(self, parsed: Parsed, phrases: Sequence[Phrase]) -> list[AddResource]:
        """The resources of all phrases, connected to each other where their roles say how. Raises Asks."""
        into_known(parsed, self.known)
        self.tier = tier(phrases) if parsed.sizing is not None else None
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
        if count > MAX_WRITTEN_OUT and len(given) != count:
            if sketch.type in {_T.NETWORK, _T.FIREWALL}:
                raise Asks(
                    f"{count} {TITLES[sketch.type]}s at once? Please name the ones you want, at most a dozen at a time."
                )
            sketch.put("count", count, Origin.WORDS)
            names = [self._one_name(sketch, given[0] if given else None)]
        else:
            names = self._all_names(sketch, given, count)
        if count > 1 and sketch.type in DATA and not phrase.replica:
            self.outcome.assumptions.append(
                "each of them stands alone: ALMA does not join them into a cluster yet"
            )
        before = len(self.added)
        for number, name in enumerate(names):
            for path, values in self._spread(phrase, count).items():
                sketch.put(path, values[number % len(values)], Origin.WORDS, keep=False)
            self._finish(sketch, name, said=name in given)
            if phrase.role:
                self.roles[name] = phrase.role
        added = [edit.resource.name for edit in self.added[before:]]
        self.made.append((phrase, added))
        self._understood(phrase, sketch, count, added)

    @staticmethod
    def _spread(phrase: Phrase, count: int) -> dict[str, list[Json]]:
        """`two subnets 10.0.1.0/24 and 10.0.2.0/24`: what each of several has for itself, in order."""
        found: dict[str, list[Json]] = {}
        for attribute in phrase.attributes:
            if attribute.path in _OWN and attribute.value is not None:
                found.setdefault(attribute.path, []).append(attribute.value)
        return {path: values for path, values in found.items() if count == len(values) > 1}

    @staticmethod
    def _said_number(phrase: Phrase, count: int) -> int:
        """A number that was said. Raises Asks when so many can't be made."""
        if count < 1:
            raise Asks(f"{count} {_noun(phrase)}s is nothing to make: how many do you want?")
        if count > MAX_COUNT:
            raise Asks(
                f"{count} {_noun(phrase)}s are more than the {MAX_COUNT} that one resource can have: "
                "how many do you want?"
            )
        return count

    def _count(self, phrase: Phrase, parsed: Parsed) -> int:
        if phrase.count is not None:
            return self._said_number(phrase, phrase.count)
        if len(phrase.names) > 1:
            return len(phrase.names)
        if phrase is self.tier and parsed.sizing is not None and not phrase.names:
            parsed.sized = True
            return parsed.sizing.app_servers
        compute = phrase.type in COMPUTE
        available = "ha" in {*phrase.modifiers, *parsed.modifiers}
        software = phrase.type is _T.SERVICE and phrase.software
        if available and ((phrase.generic and phrase.role) or software):
            of_what = "of it" if software else f"{_noun(phrase)}s"
            self.outcome.assumptions.append(f"2 {of_what}, so that one can fail")
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

    def _stem(self, sketch: Sketch) -> str:
        phrase = sketch.phrase
        if phrase.role and sketch.type in COMPUTE:
            return phrase.role
        if phrase.software and sketch.type in COMPUTE:
            return phrase.software
        return STEMS[sketch.type]

    def _one_name(self, sketch: Sketch, given: str | None) -> str:
        if given is None:
            return self.names.take(self._stem(sketch))
        if not self.names.free(given):
            raise Asks(
                f"There is already a resource called {given}: what should the new one be called?"
            )
        return self.names.take(given)

    def _all_names(self, sketch: Sketch, given: Sequence[str], count: int) -> list[str]:
        if len(given) >= count:
            return [self._one_name(sketch, name) for name in given[:count]]
        if len(given) == 1:
            return [self.names.numbered(given[0]) for _ in range(count)]
        names = [self._one_name(sketch, name) for name in given]
        return names + [self.names.numbered(self._stem(sketch)) for _ in range(count - len(given))]

    # ── one resource ─────────────────────────────────────────────────────────────────────────────────

    def _sketch(self, phrase: Phrase, parsed: Parsed) -> Sketch:
        primary = self._primary(phrase, parsed)
        type_ = phrase.type or (primary.type if primary else None)
        type_ = type_ or (self._copied() if phrase.replica else _T.VM)
        sketch = Sketch(type_, phrase)
        self._software(sketch)
        for attribute in settled_sizes(phrase.attributes):
            self._attribute(sketch, attribute)
        if phrase.networks:
            sketch.put("network.attach", list(dict.fromkeys(phrase.networks)), Origin.WORDS)
        self._modifiers(sketch, parsed)
        if parsed.sizing is not None:
            parsed.sized = size(sketch, parsed.sizing, front=phrase is self.tier) or parsed.sized
        self._image(sketch, parsed)
        self._defaults(sketch, parsed)
        requirements = [*phrase.requirements, *self._wishes(sketch.type, parsed)]
        if sketch.type is _T.KUBERNETES_CLUSTER:
            for path, value in policies(parsed).items():
                sketch.put(path, value, Origin.WORDS)
            requirements = [wish for wish in requirements if wish not in POLICIES]
        if requirements:
            sketch.put("metadata.requirements", list(dict.fromkeys(requirements)), Origin.WORDS)
        if phrase.replica:
            self._replica(sketch, primary)
        return sketch

    def _primary(self, phrase: Phrase, parsed: Parsed) -> Resource | None:
        """What a replica is said to be of, by its name: `a replica of db-1`."""
        if not phrase.replica or phrase not in parsed.phrases:
            return None
        later = parsed.phrases[parsed.phrases.index(phrase) + 1 :]
        if not later or later[0].link not in {"of", "for"}:
            return None
        return next((item for item in self.known if item.name == later[0].existing), None)

    def _copied(self) -> ResourceType:
        """The type of a replica of nothing in particular: that of the only data store. Raises Asks."""
        stores = {resource.type for resource in self.known if resource.type in DATA}
        if len(stores) != 1:
            raise Asks("A replica of what? Name the database or cache it copies.", open=True)
        return stores.pop()

    def _software(self, sketch: Sketch) -> None:
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

    def _attribute(self, sketch: Sketch, attribute: Attribute) -> None:
        if attribute.op == "remove" or attribute.value is None:
            self._without(sketch, attribute)
            return
        path = bare_path(attribute, sketch.type, sketch.values)
        if sketch.type not in APPLIES.get(path, frozenset({sketch.type})):
            self.outcome.unused.append(f"{title(path)} {attribute.value}")
            return
        guess = guessed(attribute, sketch.type)
        origin = Origin.INFERRED if guess else attribute.origin
        if (
            not sketch.put(path, attribute.value, origin)
            and path not in _OWN
            and sketch.values[path] != attribute.value
        ):
            self.outcome.unused.append(f"{title(path)} {attribute.value}")
        elif guess:
            self.outcome.assumptions.append(
                f"{attribute.value} is {title(path)}, as it was not said of what"
            )

    def _without(self, sketch: Sketch, attribute: Attribute) -> None:
        """ "Without backups": what can be left out is; what can't is said."""
        if attribute.path == "backup":
            sketch.put("backup", {"enabled": False}, attribute.origin)
        elif attribute.path == "network.public_ip":
            sketch.put("network.public_ip", False, attribute.origin)
        elif attribute.op == "remove":
            self.outcome.unused.append(f"no {title(attribute.path)}")

    def _modifiers(self, sketch: Sketch, parsed: Parsed) -> None:
        said = [*sketch.phrase.modifiers]
        if {"public", "private"} <= set(said) and sketch.type in APPLIES["network.public_ip"]:
            raise Asks(
                f"Should the {TITLES[sketch.type]} be reachable from the internet or not? Both were said.",
                open=True,
            )
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

    def _available(self, sketch: Sketch) -> None:
        """High availability: what can be built is built, what can't is recorded as a wish and said."""
        if sketch.type is _T.KUBERNETES_CLUSTER:
            nodes = sketch.values.get("specs.nodes")
            if "specs.workers" not in sketch.values and (not isinstance(nodes, int) or nodes >= 3):
                sketch.put("specs.control_plane", 3, Origin.INFERRED)
                sketch.put("specs.nodes", 5, Origin.INFERRED)
                self.outcome.assumptions.append("3 control-plane nodes, so that one can fail")
        elif sketch.type in DATA:
            self._wish_for_availability(sketch, "ALMA does not set up its replication yet")
        elif sketch.type in MACHINES and not (_several(sketch) and "engine" in sketch.values):
            # Several of one program get a load balancer in front, which passes over the one that is lost.
            self._wish_for_availability(sketch, "nothing takes over from one that is lost")

    def _wish_for_availability(self, sketch: Sketch, reason: str) -> None:
        sketch.put("metadata.requirements", ["high-availability"], Origin.WORDS)
        recorded = f"high availability of the {TITLES[sketch.type]} is recorded as a requirement"
        self.outcome.assumptions.append(f"{recorded}: {reason}")

    def _image(self, sketch: Sketch, parsed: Parsed) -> None:
        image = sketch.phrase.image or (
            parsed.images[0] if parsed.images and sketch.type in MACHINES else None
        )
        if image is not None:
            sketch.put("image", image, Origin.WORDS)
        elif sketch.type in MACHINES and "engine" not in sketch.values:
            sketch.put("image", DEFAULT_IMAGE, Origin.DEFAULT)
            self.outcome.assumptions.append(f"image {DEFAULT_IMAGE}")

    def _defaults(self, sketch: Sketch, parsed: Parsed) -> None:
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
        if sketch.type is _T.FIREWALL and not parsed.rules:
            self.outcome.assumptions.append("the firewall has no rules yet")
        if sketch.type is _T.LOAD_BALANCER:
            sketch.put("network.public_ip", True, Origin.DEFAULT)
            sketch.put("network.ports", [80], Origin.DEFAULT)

    def _wishes(self, type_: ResourceType, parsed: Parsed) -> list[str]:
        table = self.gazetteer.data["capabilities"]
        return [wish for wish in parsed.capabilities if type_ in table[wish].get("on", ())]

    def _replica(self, sketch: Sketch, named: Resource | None = None) -> None:
        added = [edit.resource for edit in self.added if edit.resource.type is sketch.type]
        primary = named or (added[-1] if added else None)
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

    def _finish(self, sketch: Sketch, name: str, *, said: bool) -> None:
        values = {"name": name, "type": str(sketch.type), **sketch.values}
        origins = {
            **sketch.origins,
            "name": Origin.WORDS if said else Origin.INFERRED,
            "type": Origin.WORDS,
        }
        said_address = str(values.get("network.private_ip") or "")
        if said_address and not is_address(said_address):
            del values["network.private_ip"]
            origins.pop("network.private_ip", None)
            self.outcome.asks.append(
                Asks(f"{said_address} is no address: which one should {name} have?", open=True)
            )
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
        added = make(values, origins)
        self.added.append(added)
        return added.resource

    def _understood(self, phrase: Phrase, sketch: Sketch, count: int, names: list[str]) -> None:
        self.outcome.understood.append(
            f"{plural(self.title_of(sketch.type, sketch.values, phrase.role), count)} ({listed(names)})"
        )
        default = phrase.software is None and not phrase.replica
        if default and "engine" in sketch.values and sketch.type not in COMPUTE:
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


def _noun(phrase: Phrase) -> str:
    if phrase.role and phrase.generic:
        return f"{phrase.role} server"
    return "server" if phrase.generic else TITLES[phrase.type or _T.VM]


def _several(sketch: Sketch) -> bool:
    """Whether there will be more than one: of a role, high availability alone makes two."""
    phrase = sketch.phrase
    if phrase.count is not None:
        return phrase.count > 1
    return phrase.plural or bool(phrase.generic and phrase.role)
