"""Whole systems ("a web application"): built from the parts that were named, or taken from a template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alma.core.language.creating.create import Creator
from alma.core.language.creating.makers import makers
from alma.core.language.creating.sizes import template_sizes
from alma.core.language.creating.stack_names import stack_name
from alma.core.language.creating.wiring import connect
from alma.core.language.editing.outcome import Asks
from alma.core.language.editing.sketch import amount, bare_path
from alma.core.language.parsing.phrases import Attribute, Parsed, Phrase
from alma.core.language.vocabulary.defaults import TITLES, listed, plural, title
from alma.core.model.base import Json
from alma.core.model.blueprint import DATA, Origin, Resource, ResourceType
from alma.core.model.conversation import Edit, SetField, UseTemplate
from alma.core.model.template import Template
from alma.core.model.units import Size

Templates = Mapping[str, Template]

_T = ResourceType
_MACHINES = {_T.VM, _T.CONTAINER, _T.SERVICE}
_BROUGHT = DATA | {_T.LOAD_BALANCER}
_LISTING = {":", "("}
_RUNNING = {"app", "frontend", "backend", "api"}
_COUNTS = {"count", "specs.workers", "specs.nodes"}
_SAID_BY = {
    "instance_count": "count",
    "cpu_per_instance": "specs.cpu",
    "memory_per_instance": "specs.memory",
}
_PARAMETERS = {
    "specs.cpu": "cpu_per_instance",
    "specs.memory": "memory_per_instance",
    "specs.disk": "database_size",
    "backup": "backup_enabled",
}


@dataclass
class Made:
    """What a creating clause leads to: `name` is the blueprint's, if there is none yet."""

    edits: list[Edit] = field(default_factory=list)
    name: str | None = None
    name_origin: Origin = Origin.INFERRED


def build(creator: Creator, parsed: Parsed, templates: Templates) -> Made:
    """Everything a clause wants made. Raises Asks when something is missing or impossible."""
    phrases = makers(parsed)
    if not phrases:
        raise Asks(
            "What would you like to run? For example: 2 web servers and a PostgreSQL database."
        )
    product = next((phrase for phrase in phrases if phrase.product), None)
    parts = [phrase for phrase in phrases if not phrase.product]
    if product is not None and _is_title(creator, product, parts):
        phrases.remove(product)
        product = None
    if product is None:
        creator.create(parsed, parts)
        connect(creator, parsed)
        return Made(list(creator.added), *_name_of(creator, parts))
    made = (
        _composed(creator, parsed, product, parts)
        if _composes(creator, product, parts, templates) or _does_without(creator, product, parsed)
        else None
    )
    return made or _from_template(creator, parsed, product, parts, templates)


def _is_title(creator: Creator, product: Phrase, parts: Sequence[Phrase]) -> bool:
    """`observability: prometheus, grafana and loki`: the list says what it consists of, and no template does."""
    listed_ = len(parts) > 1 and parts[0].joint in _LISTING and all(p.software for p in parts)
    return listed_ and not _entry(creator, product).get("composes")


def _entry(creator: Creator, product: Phrase) -> Mapping[str, Any]:
    entry: Mapping[str, Any] = creator.gazetteer.data["products"][product.product or ""]
    return entry


def _composes(
    creator: Creator, product: Phrase, parts: Sequence[Phrase], templates: Templates
) -> bool:
    entry = _entry(creator, product)
    return bool(
        entry.get("composes")
        and (parts or product.attributes or product.image or entry["template"] not in templates)
    )


def _does_without(creator: Creator, product: Phrase, parsed: Parsed) -> bool:
    """`a website, no database`: a template would bring what was refused."""
    refused = any(p.negated and p.type in _BROUGHT for p in parsed.phrases)
    return refused and bool(_entry(creator, product).get("composes"))


def _composed(creator: Creator, parsed: Parsed, product: Phrase, parts: list[Phrase]) -> Made:
    """The parts as named; machines without a role get the product's, and there is at least one of that role."""
    role = str(_entry(creator, product).get("role", "app"))
    machines = [
        part for part in parts if part.generic or (part.type in _MACHINES and not part.software)
    ]
    for part in machines:
        part.role = part.role or role
    for part in parts:
        part.modifiers += ["ha"] if "ha" in product.modifiers else []
    front = next((part for part in parts if part.role == role), None)
    built_with = _entry(creator, product).get("built_with", ())
    front = front or next((part for part in parts if part.software in built_with), None)
    # "A web app with two application servers": they are what runs it.
    front = front or next((part for part in machines if part.role in _RUNNING), None)
    if front is None and parts and parts[0].joint in _LISTING:
        front = next(
            iter(machines), None
        )  # "for the new app: 3 API servers, …": the list says it all
    if front is None:
        front = Phrase(type=_T.VM, generic=True, role=role, words=[role, "server"])
        front.count = product.count
        if parsed.sizing is None and product.count is None:
            number = 2 if _available(product, parsed) else 1
            creator.outcome.assumptions.append(
                f"{'2' if number > 1 else 'one'} {role} server to run the {_words(product)}"
            )
            front.count = number
        parts.insert(0, front)
    front.count = front.count or product.count
    front.take(product.attributes)
    front.modifiers += [
        modifier for modifier in product.modifiers if modifier in {"public", "private"}
    ]
    front.image = front.image or product.image
    creator.create(parsed, parts)
    connect(creator, parsed)
    return Made(list(creator.added), *_product_name(product))


def _available(product: Phrase, parsed: Parsed) -> bool:
    return "ha" in {*product.modifiers, *parsed.modifiers}


def _words(product: Phrase) -> str:
    return str(product.product).replace("-", " ").replace("app", "application")


def _from_template(
    creator: Creator, parsed: Parsed, product: Phrase, parts: list[Phrase], templates: Templates
) -> Made:
    entry = _entry(creator, product)
    available = _available(product, parsed) and "ha_template" in entry
    template = str(entry["ha_template"] if available else entry["template"])
    if template not in templates:
        raise Asks(
            f"I know no template '{template}' here. Which servers, databases and so on should it have?"
        )
    versions = _versions(product, templates[template])
    parameters, rest, changes = _parameters(creator, parsed, product, parts, templates[template])
    changes += versions
    if parsed.sizing is not None:
        said = {_SAID_BY.get(name, name) for name in parameters}
        sized = template_sizes(templates[template].blueprint.resources, parsed.sizing, said)
        changes += sized
        parsed.sized = bool(sized)
    creator.create(parsed, rest)
    connect(creator, parsed)
    creator.outcome.understood.insert(
        0, f"the template {template} ({_summary(templates[template])})"
    )
    creator.outcome.assumptions.insert(0, f"everything else as the template {template} has it")
    name, origin = _product_name(product)
    if name == product.product and not product.names:
        name = template if entry.get("role") == "web" and product.product == "web-app" else name
    return Made(
        [UseTemplate(template=template, parameters=parameters), *changes, *creator.added],
        name,
        origin,
    )


def _versions(product: Phrase, template: Template) -> list[Edit]:
    """The version that was said of the whole, for what the template has of the same version."""
    said = [a for a in product.attributes if a.path == "version" and a.op == "set"]
    product.attributes = [a for a in product.attributes if a not in said]
    resources = template.blueprint.resources
    main = next((r for r in resources if r.type in DATA and r.version), None)
    if not said or main is None:
        return []
    alike = [r for r in resources if r.version == main.version]
    return [SetField(name=r.name, path="version", value=said[-1].value) for r in alike]


def _parameters(
    creator: Creator, parsed: Parsed, product: Phrase, parts: Sequence[Phrase], template: Template
) -> tuple[dict[str, Json], list[Phrase], list[Edit]]:
    """What the words say about the template's own knobs, the parts that are no knob, and changes of what it has."""
    found: dict[str, Json] = {}
    rest: list[Phrase] = []
    changes: list[Edit] = []
    for part in parts:
        has = [r for r in template.blueprint.resources if r.type is part.type]
        if (
            part.replica
            and part.count is None
            and "leaders" in _entry(creator, product).get("counted", {})
        ):
            continue  # the template has its standbys
        knob = _count_knob(creator, product, part, template)
        if knob is not None:
            found[knob] = _counted(creator, product, part)
            _knobs(creator, part.attributes, template, found)
        elif has and part.count is None and not part.names and part.type not in _MACHINES:
            _knobs(creator, [a for a in part.attributes if a.path == "backup"], template, found)
            changes += _changes(creator, part, has)
        else:
            rest.append(part)
    _knobs(creator, product.attributes, template, found)
    environment = template.parameters.get("environment")
    if (
        parsed.environment
        and environment
        and (not environment.choices or parsed.environment in environment.choices)
    ):
        found["environment"] = parsed.environment
    for name, value in found.items():
        _check(name, value, template)
    creator.outcome.understood += _told(found, template)
    return found, rest, changes


def _summary(template: Template) -> str:
    """`2 services, 1 database`: what a template has, in instances."""
    numbers: dict[str, int] = {}
    for resource in template.blueprint.resources:
        kind = TITLES[resource.type]
        numbers[kind] = numbers.get(kind, 0) + resource.count
    return listed([plural(kind, number) for kind, number in numbers.items()], shown=12)


def _count_knob(creator: Creator, product: Phrase, part: Phrase, template: Template) -> str | None:
    """The template's parameter that a number of machines means: "5 workers" of a data pipeline."""
    followers = part.replica and "leaders" in _entry(creator, product).get("counted", {})
    if followers and part.count is not None:
        return "instance_count"
    if part.type not in _MACHINES or part.count is None or part.software or part.names:
        return None
    if part.role in {None, _entry(creator, product).get("role")}:
        knob = str(_entry(creator, product).get("counted", {}).get("knob", "instance_count"))
        return knob if part.generic and knob in template.parameters else None
    for id_, parameter in template.parameters.items():
        named = any(
            part.role in str(sets.resource) or sets.path == f"specs.{part.role}s"
            for sets in parameter.sets
        )
        if (
            parameter.type == "integer"
            and named
            and any(sets.path in _COUNTS for sets in parameter.sets)
        ):
            return id_
    return None


def _counted(creator: Creator, product: Phrase, part: Phrase) -> int | None:
    """What a number of machines comes to: 3 nodes of a PostgreSQL cluster are a primary and 2 standbys."""
    counted = _entry(creator, product).get("counted", {})
    if part.count is None or part.role or part.replica or "says" not in counted:
        return part.count
    leaders, shards = int(counted.get("leaders", 0)), int(counted.get("shards", 1))
    number, left = divmod(part.count - leaders, shards)
    if left or number < 1:
        raise Asks(f"{part.count} nodes can't be had: {counted['fits']}. How many should it be?")
    creator.outcome.assumptions.append(f"{part.count} nodes are {counted['says'].format(number)}")
    return number


def _told(found: Mapping[str, Json], template: Template) -> list[str]:
    """What a template's parameters are set to, in its own words."""
    return [
        f"{template.parameters[name].title}: {_shown(value)}"
        for name, value in found.items()
        if name != "environment"
    ]


def _shown(value: Json) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def _changes(creator: Creator, part: Phrase, has: Sequence[Resource]) -> list[Edit]:
    """The template's own database, with what was said of it."""
    changes: list[Edit] = []
    if part.software and part.software not in {resource.engine for resource in has}:
        changes += [
            SetField(name=resource.name, path="engine", value=part.software) for resource in has
        ]
    for attribute in part.attributes:
        path = bare_path(attribute, has[0].type, {})
        if attribute.path != "backup" and attribute.op == "set":
            changes += [
                SetField(name=resource.name, path=path, value=attribute.value) for resource in has
            ]
    if changes:
        creator.outcome.understood.append(
            f"{listed([resource.name for resource in has])} as you said"
        )
    return changes


def _check(name: str, value: Json, template: Template) -> None:
    """Raises Asks when an amount is beyond what the template can do."""
    parameter = template.parameters[name]
    said = amount(str(value)) if parameter.type == "size" else value
    what = f"{template.id} takes at {{}} {{}} as {parameter.title.lower()}. How much should it be?"
    if _below(said, parameter.minimum):
        raise Asks(what.format("least", parameter.minimum))
    if _below(parameter.maximum, said):
        raise Asks(what.format("most", parameter.maximum))


def _below(low: Json | Size, high: Json | Size) -> bool:
    if isinstance(low, Size) and isinstance(high, Size):
        return low < high
    return isinstance(low, int | float) and isinstance(high, int | float) and low < high


def _knobs(
    creator: Creator, attributes: Sequence[Attribute], template: Template, found: dict[str, Json]
) -> None:
    for attribute in attributes:
        if attribute.bare and not _is_memory(str(attribute.value)):
            raise Asks(
                f"{attribute.value} of what? Say for example '{attribute.value} memory' or '{attribute.value} disk'."
            )
        if attribute.bare:
            creator.outcome.assumptions.append(
                f"{attribute.value} is memory, as it was not said of what"
            )
        parameter = _PARAMETERS.get(attribute.path)
        value = attribute.op != "remove" if attribute.path == "backup" else attribute.value
        if parameter is not None and parameter in template.parameters:
            found[parameter] = value
        else:
            creator.outcome.unused.append(f"{title(attribute.path)} {attribute.value}")


def _is_memory(text: str) -> bool:
    """Whether a size without its noun is hardly anything else than memory: disks of 8 or 16 GB are not ordered."""
    size = amount(text).bytes
    return size in {n * unit for n in (1, 2, 4, 8, 16, 32) for unit in (1000**3, 1024**3)}


def _product_name(product: Phrase) -> tuple[str, Origin]:
    if product.names:
        return product.names[0], Origin.WORDS
    base = str(product.product)
    prefix = "ha-" if "ha" in product.modifiers and base == "web-app" else ""
    simple = "simple-" if "simple" in product.modifiers and base == "web-app" and not prefix else ""
    return f"{prefix}{simple}{base}", Origin.INFERRED


def _name_of(creator: Creator, parts: Sequence[Phrase]) -> tuple[str | None, Origin]:
    """A blueprint of plain parts is named after what they are together."""
    if not creator.added:
        return None, Origin.INFERRED
    return stack_name(parts, [edit.resource for edit in creator.added]), Origin.INFERRED
