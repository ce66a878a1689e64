"""One new resource, as far as its phrase and its type say what it is like; its name comes later."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.changing.wishes import POLICIES, policies
from alma.core.language.creating.sizes import size
from alma.core.language.editing.outcome import Asks, Outcome
from alma.core.language.editing.sketch import Sketch, bare_path, guessed, settled_sizes
from alma.core.language.parsing.phrases import Attribute, Parsed, Phrase
from alma.core.language.vocabulary.defaults import (
    APPLIES,
    DEFAULT_IMAGE,
    DEFAULT_SPECS,
    MACHINES,
    TITLES,
    is_packed,
    listed,
    title,
)
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.model.blueprint import DATA, Origin, Resource, ResourceType
from alma.core.model.conversation import AddResource
from alma.core.model.software import Catalogue

_T = ResourceType
# What no two of a kind share.
OWN = {"cidr", "vlan", "network.private_ip"}


class Sketching:
    """Sketches resources of one draft: `known` are those it has, `added` those that were made so far."""

    def __init__(
        self,
        gazetteer: Gazetteer,
        catalogue: Catalogue,
        known: Sequence[Resource],
        added: Sequence[AddResource],
        outcome: Outcome,
    ) -> None:
        self._gazetteer = gazetteer
        self._catalogue = catalogue
        self._known = known
        self._added = added
        self._outcome = outcome

    def sketch(self, phrase: Phrase, parsed: Parsed, *, front: bool) -> Sketch:
        """What a phrase asks for; `front` says that it answers the requests of a load. Raises Asks."""
        primary = self._primary(phrase, parsed)
        type_ = phrase.type or (primary.type if primary else None)
        type_ = type_ or (self._copied() if phrase.replica else _T.VM)
        if type_ is _T.VM and phrase.generic and is_packed(phrase.image):
            type_ = (
                _T.CONTAINER
            )  # "one api, image python:3.12": whatever machine that is, it is no virtual one
        sketch = Sketch(type_, phrase)
        self._software(sketch)
        for attribute in settled_sizes(phrase.attributes):
            self._attribute(sketch, attribute)
        if phrase.networks:
            sketch.put("network.attach", list(dict.fromkeys(phrase.networks)), Origin.WORDS)
        self._modifiers(sketch, parsed)
        if parsed.sizing is not None:
            parsed.sized = size(sketch, parsed.sizing, front=front) or parsed.sized
        self._image(sketch, parsed)
        self._defaults(sketch, parsed)
        requirements = [*phrase.requirements, *self._wishes(sketch.type, parsed)]
        if sketch.type is _T.KUBERNETES_CLUSTER:
            self._members_add_up(sketch)
            for path, value in policies(parsed).items():
                sketch.put(path, value, Origin.WORDS)
            requirements = [wish for wish in requirements if wish not in POLICIES]
        if requirements:
            sketch.put("metadata.requirements", list(dict.fromkeys(requirements)), Origin.WORDS)
        if phrase.replica:
            self._replica(sketch, primary)
        return sketch

    @staticmethod
    def _members_add_up(sketch: Sketch) -> None:
        """`three nodes in total: 3 masters and 4 workers` can't be. Raises Asks."""
        paths = ("specs.nodes", "specs.control_plane", "specs.workers")
        said = [
            sketch.values.get(path) for path in paths if sketch.origins.get(path) is Origin.WORDS
        ]
        nodes, planes, workers = [*said, None, None, None][:3]
        if not (isinstance(nodes, int) and isinstance(planes, int) and isinstance(workers, int)):
            return
        if planes + workers != nodes:
            raise Asks(
                f"{planes} control-plane nodes and {workers} workers are {planes + workers} nodes, not {nodes}: "
                "how many of each should there be?",
                open=True,
            )

    def _primary(self, phrase: Phrase, parsed: Parsed) -> Resource | None:
        """What a replica is said to be of, by its name: `a replica of db-1`."""
        if not phrase.replica or phrase not in parsed.phrases:
            return None
        later = parsed.phrases[parsed.phrases.index(phrase) + 1 :]
        if not later or later[0].link not in {"of", "for"}:
            return None
        return next((item for item in self._known if item.name == later[0].existing), None)

    def _copied(self) -> ResourceType:
        """The type of a replica of nothing in particular: that of the only data store. Raises Asks."""
        stores = {resource.type for resource in self._known if resource.type in DATA}
        if len(stores) != 1:
            raise Asks("A replica of what? Name the database or cache it copies.", open=True)
        return stores.pop()

    def _software(self, sketch: Sketch) -> None:
        phrase = sketch.phrase
        if phrase.software is not None:
            sketch.put("engine", phrase.software, Origin.WORDS)
            if self._catalogue.find(phrase.software) is None:
                named = self._gazetteer.software[phrase.software].get("title", phrase.software)
                self._outcome.assumptions.append(
                    f"{named} is not in the software catalogue yet, so a plan will need an image for it"
                )
            return
        role = self._gazetteer.data["roles"].get(phrase.role or "", {})
        default = (
            role.get("software")
            if sketch.type in MACHINES
            else self._catalogue.defaults.get(sketch.type)
        )
        if phrase.image is None and default and self._catalogue.find(default):
            sketch.put("engine", default, Origin.DEFAULT)

    def _attribute(self, sketch: Sketch, attribute: Attribute) -> None:
        if attribute.op == "remove" or attribute.value is None:
            self._without(sketch, attribute)
            return
        path = bare_path(attribute, sketch.type, sketch.values)
        if sketch.type not in APPLIES.get(path, frozenset({sketch.type})):
            self._outcome.unused.append(f"{title(path)} {attribute.value}")
            return
        guess = guessed(attribute, sketch.type)
        origin = Origin.INFERRED if guess else attribute.origin
        if (
            not sketch.put(path, attribute.value, origin)
            and path not in OWN
            and sketch.values[path] != attribute.value
        ):
            self._outcome.unused.append(f"{title(path)} {attribute.value}")
        elif guess:
            self._outcome.assumptions.append(
                f"{attribute.value} is {title(path)}, as it was not said of what"
            )

    def _without(self, sketch: Sketch, attribute: Attribute) -> None:
        """ "Without backups": what can be left out is; what can't is said."""
        if attribute.path == "backup":
            sketch.put("backup", {"enabled": False}, attribute.origin)
        elif attribute.path == "network.public_ip":
            sketch.put("network.public_ip", False, attribute.origin)
        elif attribute.op == "remove":
            self._outcome.unused.append(f"no {title(attribute.path)}")

    def _modifiers(self, sketch: Sketch, parsed: Parsed) -> None:
        said = [*sketch.phrase.modifiers]
        if {"public", "private"} <= set(said) and sketch.type in APPLIES["network.public_ip"]:
            raise Asks(
                f"Should the {TITLES[sketch.type]} be reachable from the internet or not? Both were said.",
                open=True,
            )
        for modifier in said:
            for path, value in self._gazetteer.data["sizes"].get(modifier, {}).items():
                applies = sketch.type in DEFAULT_SPECS or sketch.type in DATA
                if (
                    applies
                    and sketch.type is not _T.VOLUME
                    and sketch.put(path, value, Origin.INFERRED)
                    and path == "specs.cpu"
                ):
                    sizes = self._gazetteer.data["sizes"][modifier]
                    self._outcome.assumptions.append(
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
                self._outcome.assumptions.append("3 control-plane nodes, so that one can fail")
        elif sketch.type in DATA:
            self._wish_for_availability(sketch, "ALMA does not set up its replication yet")
        elif sketch.type in MACHINES and not (_several(sketch) and "engine" in sketch.values):
            # Several of one program get a load balancer in front, which passes over the one that is lost.
            self._wish_for_availability(sketch, "nothing takes over from one that is lost")

    def _wish_for_availability(self, sketch: Sketch, reason: str) -> None:
        sketch.put("metadata.requirements", ["high-availability"], Origin.WORDS)
        recorded = f"high availability of the {TITLES[sketch.type]} is recorded as a requirement"
        self._outcome.assumptions.append(f"{recorded}: {reason}")

    def _image(self, sketch: Sketch, parsed: Parsed) -> None:
        image = sketch.phrase.image or (
            parsed.images[0] if parsed.images and sketch.type in MACHINES else None
        )
        if image is not None:
            sketch.put("image", image, Origin.WORDS)
        elif sketch.type in MACHINES and "engine" not in sketch.values:
            sketch.put("image", DEFAULT_IMAGE, Origin.DEFAULT)
            self._outcome.assumptions.append(f"image {DEFAULT_IMAGE}")

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
            self._outcome.assumptions.append(f"{listed(given)}{each}")
        if sketch.type is _T.FIREWALL and not parsed.rules:
            self._outcome.assumptions.append("the firewall has no rules yet")
        if sketch.type is _T.LOAD_BALANCER:
            sketch.put("network.public_ip", True, Origin.DEFAULT)
            sketch.put("network.ports", [80], Origin.DEFAULT)

    def _wishes(self, type_: ResourceType, parsed: Parsed) -> list[str]:
        table = self._gazetteer.data["capabilities"]
        return [wish for wish in parsed.capabilities if type_ in table[wish].get("on", ())]

    def _replica(self, sketch: Sketch, named: Resource | None = None) -> None:
        added = [edit.resource for edit in self._added if edit.resource.type is sketch.type]
        primary = named or (added[-1] if added else None)
        primary = primary or next(
            (resource for resource in self._known if resource.type is sketch.type), None
        )
        if primary is None:
            raise Asks(f"A replica of which {TITLES[sketch.type]}?")
        for path in ("engine", "version"):
            if getattr(primary, path) is not None:
                sketch.put(path, getattr(primary, path), Origin.INFERRED, keep=False)
        sketch.put("metadata.role", "replica", Origin.WORDS)
        sketch.put("metadata.replica_of", primary.name, Origin.INFERRED)
        sketch.put("depends_on", [primary.name], Origin.INFERRED)
        self._outcome.assumptions.append(
            f"the replica is recorded as one of {primary.name}: ALMA does not set up replication yet"
        )


def _several(sketch: Sketch) -> bool:
    """Whether there will be more than one: of a role, high availability alone makes two."""
    phrase = sketch.phrase
    if phrase.count is not None:
        return phrase.count > 1
    return phrase.plural or bool(phrase.generic and phrase.role)
