"""Noun phrases to new resources: what was said is the user's, the rest is a default or inferred, and says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alma.core.language.creating.sizes import tier
from alma.core.language.creating.sketching import OWN, Sketching
from alma.core.language.editing.outcome import Asks, Outcome
from alma.core.language.editing.sketch import Sketch, make
from alma.core.language.parsing.phrases import Determiner, Parsed, Phrase
from alma.core.language.parsing.places import into_known
from alma.core.language.vocabulary.defaults import (
    DEFAULT_IMAGE,
    MACHINES,
    MAX_WRITTEN_OUT,
    STEMS,
    TITLES,
    is_packed,
    listed,
    plural,
)
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.words.naming import Names, valid
from alma.core.language.words.ranges import is_address
from alma.core.model.base import Json, slug
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
# A game's server is called like the game.
_GAMES = {"minecraft", "valheim", "csgo"}


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
        # What was said to be behind a new load balancer, of what is there.
        self.behind: Sequence[Resource] = ()
        self.outcome = Outcome()
        self._sketching = Sketching(gazetteer, catalogue, self.known, self.added, self.outcome)

    # ── a whole message ──────────────────────────────────────────────────────────────────────────────

    def create(self, parsed: Parsed, phrases: Sequence[Phrase]) -> list[AddResource]:
        """The resources of all phrases, connected to each other where their roles say how. Raises Asks."""
        into_known(parsed, self.known)
        self.tier = tier(phrases) if parsed.sizing is not None else None
        for phrase in phrases:
            self._phrase(phrase, parsed)
        return self.added

    def _phrase(self, phrase: Phrase, parsed: Parsed) -> None:
        sketch = self._sketching.sketch(phrase, parsed, front=phrase is self.tier)
        count = self._count(phrase, parsed)
        given = [valid(name) for name in phrase.names]
        for said, taken in zip(phrase.names, given, strict=True):
            if said != taken:
                self.outcome.assumptions.append(
                    f"'{said}' is written '{taken}': a name takes no other characters"
                )
        alike = sketch.type is _T.SERVICE or (phrase.copied and sketch.type is _T.CONTAINER)
        replicated = alike and len(given) == 1 and count > 1
        if replicated or (count > MAX_WRITTEN_OUT and len(given) != count):
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
            if attribute.path in OWN and attribute.value is not None:
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
            said = " ".join(phrase.words).casefold().split()
            return next((word for word in said if word in _GAMES), phrase.role)
        if phrase.software and sketch.type in COMPUTE:
            return phrase.software
        image = str(sketch.values.get("image") or "")
        if sketch.type in COMPUTE and is_packed(image):
            return slug(image.rpartition("/")[2].partition(":")[0])  # "acme/api:3"
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

    # ── what is said of it ───────────────────────────────────────────────────────────────────────────

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
