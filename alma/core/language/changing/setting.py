"""Amounts and properties of what is there: whose they are, and what they become. Only what was named changes."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.changing.resize import Resizer
from alma.core.language.changing.sums import combined, possible
from alma.core.language.changing.tags import has_release, has_tag, released, tagged
from alma.core.language.changing.targets import Focus, Targets
from alma.core.language.editing.outcome import Asks, Outcome
from alma.core.language.editing.sketch import bare_path, guessed, path_of
from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Attribute, Parsed, Phrase
from alma.core.language.vocabulary.defaults import (
    APPLIES,
    DEFAULT_SPECS,
    RUNS,
    SIZED,
    TITLES,
    listed,
    title,
)
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.model.base import Json
from alma.core.model.blueprint import DATA, Blueprint, Origin, Resource, ResourceType
from alma.core.model.conversation import SetField
from alma.core.model.software import Catalogue
from alma.core.model.units import Size

_T = ResourceType
MEMBERS = {"specs.nodes", "specs.workers", "specs.control_plane"}
"""Members of a cluster: numbers of one resource."""
_THEM = {"them", "these", "those", "they"}
_OPENING = {"expose", "open", "publish"}
_ALSO = {"also", "too", "open", "opened", "additionally", "another", "extra", "additional"}


class Setting:
    """Sets amounts and properties of one blueprint. Its methods raise Asks instead of guessing."""

    def __init__(
        self,
        gazetteer: Gazetteer,
        catalogue: Catalogue,
        blueprint: Blueprint,
        *,
        focus: Focus | None = None,
    ) -> None:
        self.gazetteer = gazetteer
        self.catalogue = catalogue
        self.blueprint = blueprint
        self.targets = Targets(blueprint, focus)
        self.pointed = True
        self.outcome = Outcome()
        self.resizer = Resizer(blueprint, self.targets, self.outcome)

    @staticmethod
    def attributes(parsed: Parsed) -> list[Attribute]:
        return [
            *parsed.loose,
            *(attribute for phrase in parsed.phrases for attribute in phrase.attributes),
        ]

    def amounts(self, act: Act, parsed: Parsed) -> bool:
        """Sets every amount of the clause where it belongs. Says whether there was any."""
        for phrase in parsed.phrases:
            if phrase.attributes and not phrase.negated:
                for attribute in phrase.attributes:
                    self.set_on(self._owners(phrase, attribute, parsed), attribute, act)
        for attribute in parsed.loose:
            self.set_on(self.loose_owners(parsed, attribute), attribute, act)
        return bool(self.attributes(parsed))

    def _owners(self, phrase: Phrase, attribute: Attribute, parsed: Parsed) -> list[Resource]:
        if self.resizer.new and phrase.more:
            return self._applicable(self.resizer.new, attribute)  # "one more web with 8GB"
        if phrase.count is not None and (resized := self._resized_with(attribute)):
            return resized
        if phrase.generic and phrase.role is None and phrase.count is None and parsed.pronoun:
            return self.loose_owners(parsed, attribute)
        each = self.targets.find(phrase) if parsed.each and phrase.tier else []  # "16GB per VM"
        return self._applicable(each or self.targets.one_or_all(phrase), attribute)

    def _resized_with(self, attribute: Attribute) -> list[Resource]:
        """`Make it 3 VMs with 8GB`: what is said of a tier is said of those that it gets as well."""
        if not self.resizer.staying or not attribute.path.startswith("specs."):
            return []
        return self._applicable([*self.resizer.staying, *self.resizer.new], attribute)

    def loose_owners(self, parsed: Parsed, attribute: Attribute) -> list[Resource]:
        pointing = [
            phrase
            for phrase in parsed.phrases
            if not phrase.negated and phrase.link != "from" and self.targets.find(phrase)
        ]
        if pointing:
            listed_too = [p for p in pointing[1:] if p.joint in {"and", ",", "&"} and p.existing]
            found = [r for p in (pointing[0], *listed_too) for r in self.targets.one_or_all(p)]
            owners = list({resource.name: resource for resource in found}.values())
            return self._applicable(owners, attribute)
        certain = (
            self._resized_with(attribute)
            or self._cluster_of(parsed, attribute)
            or self._spoken_store(parsed, attribute)
        )
        if certain:
            return certain
        types = APPLIES.get(attribute.path, RUNS)
        if attribute.path in {"specs.cpu", "specs.memory", "backup"}:
            types = types & SIZED | ({_T.KUBERNETES_CLUSTER} if not self._any(SIZED) else set())
        fitting = [resource for resource in self.targets.present if resource.type in types]
        if attribute.path == "backup":
            fitting = _backed_up(fitting, parsed)
            if fitting and not parsed.everything:
                return fitting
        recent = [resource for resource in fitting if resource.name in self.targets.recent]
        if parsed.pronoun in _THEM and not parsed.everything and recent:
            return recent
        if parsed.everything or parsed.each or parsed.pronoun in _THEM:
            return fitting or self.targets.spoken_of(
                fitting, what=title(attribute.path), pointed=self.pointed
            )
        sized = [resource for resource in recent if _is_machine_said(resource, attribute.path)]
        # "A VM with 32GB for jenkins" … "16GB then": of what a size was said of, where one was made with it.
        return self.targets.spoken_of(
            sized if _beside_services(recent) and sized else fitting,
            what=title(attribute.path),
            pointed=self.pointed,
        )

    def _cluster_of(self, parsed: Parsed, attribute: Attribute) -> list[Resource]:
        """The cluster of `5 workers with 32GB each`."""
        members = any(a.path in MEMBERS for a in parsed.loose)
        if not (members and attribute.path.startswith("specs.")):
            return []
        clusters = [r for r in self.targets.present if r.type is _T.KUBERNETES_CLUSTER]
        return clusters if len(clusters) == 1 else []

    def _spoken_store(self, parsed: Parsed, attribute: Attribute) -> list[Resource]:
        """What was spoken of last, if it only stores: a bare size is its own ("grow it to 1TB")."""
        last = next(iter(self.targets.focus), None) if parsed.pronoun else None
        resource = self.blueprint.resource(last) if last and attribute.bare else None
        return [] if resource is None or guessed(attribute, resource.type) else [resource]

    def _any(self, types: frozenset[ResourceType]) -> bool:
        return any(resource.type in types for resource in self.blueprint.resources)

    def _applicable(self, resources: Sequence[Resource], attribute: Attribute) -> list[Resource]:
        fitting = [resource for resource in resources if _takes(resource, attribute)]
        if not fitting and resources:
            kind = TITLES[resources[0].type]
            raise Asks(
                f"{resources[0].name} is a {kind}, which has no {title(attribute.path)}. What should change instead?"
            )
        return fitting

    def set_on(self, resources: Sequence[Resource], attribute: Attribute, act: Act) -> None:
        for resource in resources:
            path = path_of(attribute, resource)
            value = self._value(resource, path, attribute, act)
            if path == "version" and has_tag(resource):
                path, value = "image", tagged(str(resource.image), str(value))
            elif path == "version" and has_release(resource):
                path, value = "image", released(str(resource.image), str(value))
            guess = guessed(attribute, resource.type)
            origin = Origin.INFERRED if guess else attribute.origin
            self.outcome.edits += [
                SetField(name=resource.name, path=inner, value=part, origin=origin)
                for inner, part in self._parts(resource, path, value)
            ]
        if resources:
            path = path_of(attribute, resources[0])
            shown = self._shown(resources[0], path, attribute, act)
            self.outcome.understood.append(
                f"{title(path)} of {listed([r.name for r in resources])} {shown}"
            )
            if guessed(attribute, resources[0].type):
                self.outcome.assumptions.append(
                    f"{attribute.value} is {title(path)}, as it was not said of what"
                )

    def _shown(self, resource: Resource, path: str, attribute: Attribute, act: Act) -> str:
        value = self._value(resource, path, attribute, act)
        if path == "backup" and isinstance(value, dict):
            days = value.get("retention_days")
            kept = f", kept {days} days" if days else ""
            return f"{value.get('schedule') or 'on'}{kept}" if value.get("enabled", True) else "off"
        if value is True or value is False:
            return "on" if value else "off"
        return (
            f"to {listed([str(port) for port in value])}"
            if isinstance(value, list)
            else f"to {value}"
        )

    def _value(self, resource: Resource, path: str, attribute: Attribute, act: Act) -> Json:
        if attribute.op == "remove":
            return {"enabled": False} if path == "backup" else None
        if path == "network.ports" and isinstance(attribute.value, list):
            opening = act.verb == "add" or act.word in _OPENING
            opening = opening or bool(_ALSO & {token.norm for token in act.body})
            kept = [port.dump() for port in resource.network.ports] if opening else []
            return [*kept, *(port for port in attribute.value if port not in kept)]
        if path == "backup" and isinstance(attribute.value, dict):
            present = (
                resource.backup.model_dump(exclude_unset=True, exclude_none=True)
                if resource.backup
                else {}
            )
            return {**present, **attribute.value}
        relative = attribute.op in {"add", "subtract"} or (
            act.verb == "add" and act.word != "put" and not _equals(act)
        )
        if not relative or path.partition(".")[0] != "specs":
            return attribute.value
        down = act.verb in {"decrease", "remove"} or act.word in {"scale down", "shrink"}
        sign = -1 if down or attribute.op == "subtract" else 1
        return self._sum(resource, path, attribute.value, sign)

    def _sum(self, resource: Resource, path: str, value: Json, sign: int) -> Json:
        present = self.present(resource, path)
        if present is None:
            raise Asks(
                f"How much {title(path)} should {resource.name} have in all? It has none of its own yet.",
                open=True,
            )
        return possible(combined(present, value, lambda a, b: a + sign * b), resource, path)

    def present(self, resource: Resource, path: str) -> Json:
        """The amount a resource has now: its own, else its software's, else the default of its type."""
        name = path.partition(".")[2]
        own = resource.specs.disk_size if name == "disk" else getattr(resource.specs, name)
        if own is None and resource.engine and (software := self.catalogue.find(resource.engine)):
            own = getattr(software, {"disk": "storage"}.get(name, name), None)
        if own is None:
            return DEFAULT_SPECS.get(resource.type, {}).get(name)
        return str(own) if isinstance(own, Size) else own

    def _parts(self, resource: Resource, path: str, value: Json) -> list[tuple[str, Json]]:
        """The edits of one setting: a cluster whose roles are counted gets its nodes as workers."""
        specs = resource.specs
        if path == "specs.disk" and specs.storage is not None:
            return [
                ("specs.storage", value)
            ]  # one amount under two names: what was written stays one
        if path == "specs.nodes" and isinstance(value, int | float) and specs.workers is not None:
            workers = int(value) - (specs.control_plane or 1)
            if workers < 0:
                raise Asks(
                    f"{resource.name} has {specs.control_plane} control-plane nodes: how many workers do you want?",
                    open=True,
                )
            return [("specs.workers", workers)]
        if path in {"specs.workers", "specs.control_plane"} and specs.nodes is not None:
            return [("specs.nodes", None), (path, value)]
        return [(path, value)]

    def which_amount(self, parsed: Parsed) -> None:
        """A change of an amount that was not given: asks for it, having found out of what. Always raises Asks."""
        path = parsed.mentioned[0] if parsed.mentioned else None
        attribute = Attribute(path or "specs.memory")
        owners = self.loose_owners(parsed, attribute)
        resource = owners[0]
        if path is not None:
            present = self.present(resource, path) if path.startswith("specs.") else None
            now = f" It has {present} now." if present is not None else ""
            raise Asks(
                f"To what should I change the {title(path)} of {resource.name}?{now}", open=True
            )
        sizes = ((name, self.present(resource, f"specs.{name}")) for name in ("cpu", "memory"))
        own = listed([f"{value} {title(f'specs.{name}')}" for name, value in sizes if value])
        raise Asks(
            f"How big should {resource.name} be? It has {own or 'no size of its own'}: "
            "say for example '8GB memory and 4 cores'.",
            open=True,
            size_of=resource.name,
        )


def _beside_services(spoken: Sequence[Resource]) -> bool:
    """Whether machines were spoken of together with what was to run on them, and with nothing else."""
    services = [resource for resource in spoken if _is_unsized_service(resource)]
    machines = [resource for resource in spoken if resource.type in {_T.VM, _T.CONTAINER}]
    return bool(services) and len(services) + len(machines) == len(spoken)


def _is_unsized_service(resource: Resource) -> bool:
    return resource.type is _T.SERVICE and not (resource.specs.cpu or resource.specs.memory)


def _is_machine_said(resource: Resource, path: str) -> bool:
    """Whether a machine has such a size of its own, which what runs on it need not have."""
    field = path.removeprefix("specs.")
    machine = resource.type in {_T.VM, _T.CONTAINER} and field in {"cpu", "memory"}
    return machine and getattr(resource.specs, field) is not None


def _backed_up(fitting: Sequence[Resource], parsed: Parsed) -> list[Resource]:
    """Whose backups are meant, where nothing is named: those there are ("hourly instead"), else those of data."""
    kept = [r for r in fitting if r.backup and r.backup.enabled] if parsed.instead else []
    stores = [r for r in fitting if r.type in DATA - {_T.CACHE}]
    return kept or (list(fitting) if parsed.everything else stores or list(fitting))


def _takes(resource: Resource, attribute: Attribute) -> bool:
    """Whether a resource can have it: a size said without its noun is the disk of what only stores."""
    return resource.type in APPLIES.get(bare_path(attribute, resource.type, {}), RUNS)


def _equals(act: Act) -> bool:
    return any(token.norm in {"=", ":"} for token in act.body)
