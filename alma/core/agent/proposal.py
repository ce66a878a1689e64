"""What a language model may answer: a flat, bounded document, and the edits of a blueprint that it stands for.

Flat because small models lose their way in nested documents; bounded because they never stop on their own. There is no
word in it for deploying, approving, destroying or undoing anything, so no answer can ask for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from alma.core.agent.knowledge import ToolSpec
from alma.core.agent.schemas import bounded
from alma.core.language.editing.edits import Templates, apply_edits
from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Blueprint, Constraints, Origin, Resource, ResourceType
from alma.core.model.conversation import (
    AddResource,
    Edit,
    RemoveResource,
    RenameResource,
    SetBlueprint,
    SetField,
    UseTemplate,
)
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.errors import AlmaError, BlueprintInvalid, InvalidInput
from alma.core.model.faults import faults_of
from alma.core.model.software import Catalogue
from alma.core.model.suggest import did_you_mean

MAX_EDITS = 16
MAX_CALLS = 3
_MACHINES = frozenset({ResourceType.VM, ResourceType.CONTAINER, ResourceType.SERVICE})
_ALWAYS = frozenset({"calls", "say", "edits"})

FIELDS: Mapping[str, str] = {
    "software": "engine",
    "version": "version",
    "image": "image",
    "description": "description",
    "count": "count",
    "cpu": "specs.cpu",
    "memory": "specs.memory",
    "disk": "specs.disk",
    "gpu": "specs.gpu",
    "nodes": "specs.nodes",
    "control_plane": "specs.control_plane",
    "workers": "specs.workers",
    "ports": "network.ports",
    "public": "network.public_ip",
    "private_ip": "network.private_ip",
    "attach": "network.attach",
    "depends_on": "depends_on",
    "backends": "backends",
    "backup": "backup",
    "cidr": "cidr",
    "vlan": "vlan",
}
"""A resource's properties by the names a model uses, and where each is in a resource."""

Named = Annotated[str, Field(max_length=63)]
Short = Annotated[str, Field(max_length=64)]
Names = Annotated[tuple[Named, ...], Field(max_length=24)]


class Facts(Frozen):
    """What can be said of a resource. Values are checked where they are put: in the blueprint."""

    software: Short | None = None
    version: Annotated[str, Field(max_length=32)] | None = None
    image: Annotated[str, Field(max_length=128)] | None = None
    description: Annotated[str, Field(max_length=160)] | None = None
    count: int | None = None
    cpu: float | None = None
    memory: Annotated[str, Field(max_length=16)] | None = None
    disk: Annotated[str, Field(max_length=16)] | None = None
    gpu: int | None = None
    nodes: int | None = None
    control_plane: int | None = None
    workers: int | None = None
    ports: Annotated[tuple[int, ...], Field(max_length=8)] | None = None
    public: bool | None = None
    private_ip: Annotated[str, Field(max_length=45)] | None = None
    attach: Names | None = None
    depends_on: Names | None = None
    backends: Names | None = None
    backup: Literal["hourly", "daily", "weekly", "monthly", "off"] | None = None
    cidr: Annotated[str, Field(max_length=45)] | None = None
    vlan: int | None = None

    def values(self) -> Iterator[tuple[str, Json]]:
        """What is given, by its path in a resource."""
        given = self.model_dump(mode="json", include=set(FIELDS), exclude_none=True)
        for name, value in given.items():
            if name == "backup":
                value = {"enabled": False} if value == "off" else {"schedule": value}
            yield FIELDS[name], value


class Add(Facts):
    """A new resource."""

    op: Literal["add"]
    name: Named
    type: ResourceType


class Change(Facts):
    """Other values for a resource of the draft; `clear` names what it shall no longer say."""

    op: Literal["change"]
    name: Named
    clear: Annotated[tuple[Short, ...], Field(max_length=8)] = ()


class Remove(Frozen):
    """A resource that is no longer wanted in the draft."""

    op: Literal["remove"]
    name: Named


class Rename(Frozen):
    """Another name for a resource."""

    op: Literal["rename"]
    name: Named
    to: Named


class Whole(Frozen):
    """The blueprint itself. `max_monthly_cost` is in US dollars."""

    op: Literal["blueprint"]
    name: Annotated[str, Field(max_length=100)] | None = None
    engine: Short | None = None
    max_monthly_cost: float | None = None
    region: Short | None = None


class FromTemplate(Frozen):
    """Everything of a template."""

    op: Literal["template"]
    template: Short


ProposedEdit = Annotated[
    Add | Change | Remove | Rename | Whole | FromTemplate, Field(discriminator="op")
]


class Call(Frozen):
    """A tool the model wants to use before it answers."""

    tool: Short
    arguments: Mapping[str, Json] = Field(default_factory=dict)


class Proposal(Frozen):
    """A whole answer. `calls` come first: who looks something up has nothing to say yet."""

    calls: Annotated[tuple[Call, ...], Field(max_length=MAX_CALLS)] = ()
    say: Annotated[str, Field(max_length=1_000)] = ""
    edits: Annotated[tuple[ProposedEdit, ...], Field(max_length=MAX_EDITS)] = ()
    assumptions: Annotated[
        tuple[Annotated[str, Field(max_length=160)], ...], Field(max_length=6)
    ] = ()
    question: Annotated[str, Field(max_length=240)] | None = None


def proposal_of(document: Mapping[str, Json]) -> Proposal:
    """The answer in a model's document; null is the same as nothing. Raises BlueprintInvalid naming every fault."""
    given = _given(dict(document))
    try:
        return Proposal.model_validate(given)
    except ValidationError as error:
        found = [fault.diagnostic for fault in faults_of(error, given, model=Proposal)]
        raise BlueprintInvalid(found) from None


def _given(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _given(inner) for key, inner in value.items() if inner is not None}
    return [_given(inner) for inner in value] if isinstance(value, list) else value


# ── the form of an answer ────────────────────────────────────────────────────────────────────────────


class Form:
    """The schema of an answer, made for one installation's software, templates and tools."""

    def __init__(self, catalogue: Catalogue, templates: Sequence[str]) -> None:
        self._software = sorted(catalogue.names())
        self._catalogue = catalogue
        self._templates = sorted(templates)

    def schema(self, *, edits: bool, tools: Sequence[ToolSpec] = ()) -> dict[str, Any]:
        """What an answer may look like: with or without edits, and with the tools that may still be used."""
        properties = bounded(_schema())["properties"]
        properties["calls"] = _calls(tools, properties["calls"])
        if not edits:
            for name in ("edits", "assumptions", "question"):
                del properties[name]
        else:
            self._narrow(properties["edits"]["items"]["anyOf"])
        if not tools:
            del properties["calls"]
        return {
            "type": "object",
            "properties": properties,
            "required": [name for name in properties if name in _ALWAYS],
            "additionalProperties": False,
        }

    def check(self, proposal: Proposal) -> None:
        """Raises BlueprintInvalid for software that nobody here knows, or that is no such thing: models make it up."""
        faults = [
            Diagnostic(
                code="unfit_software", path=f"edits.{index}.software", message=wrong, hint=hint
            )
            for index, edit in enumerate(proposal.edits)
            if isinstance(edit, Facts) and edit.software
            for wrong, hint in self._wrong(edit, edit.software)
        ]
        if faults:
            raise BlueprintInvalid(faults)

    def _wrong(self, edit: Facts, software: str) -> Iterator[tuple[str, str | None]]:
        entry = self._catalogue.find(software)
        if entry is None:
            yield f"unknown software '{software}'", did_you_mean(software, self._software)
        elif isinstance(edit, Add) and edit.type not in {*entry.types, *_MACHINES}:
            yield f"{software} is no {edit.type}", f"its type is {' or '.join(entry.types)}"

    def _narrow(self, operations: Sequence[dict[str, Any]]) -> None:
        for operation in operations:
            properties = operation["properties"]
            # The kind of edit first: what follows depends on it.
            operation["properties"] = {
                "op": properties.pop("op"),
                **{key: properties.pop(key) for key in ("name", "type", "to") if key in properties},
                **properties,
            }
            known = operation["properties"]
            if "software" in known:
                known["software"] = {"type": "string", "enum": self._software}
            if "template" in known:
                known["template"] = {"type": "string", "enum": self._templates}
            if "clear" in known:
                known["clear"]["items"] = {"type": "string", "enum": list(FIELDS)}


@cache
def _schema() -> dict[str, Any]:
    return Proposal.model_json_schema()


def _calls(tools: Sequence[ToolSpec], plain: Mapping[str, Any]) -> dict[str, Any]:
    one_of = [
        {
            "type": "object",
            "properties": {
                "tool": {"type": "string", "enum": [tool.name]},
                "arguments": bounded(tool.schema),
            },
            "required": ["tool", "arguments"],
            "additionalProperties": False,
        }
        for tool in tools
    ]
    return {**plain, "items": {"anyOf": one_of} if len(one_of) > 1 else (one_of or [{}])[0]}


# ── the edits it stands for ──────────────────────────────────────────────────────────────────────────


def edits_of(
    proposal: Proposal, draft: Blueprint | None, *, fresh: frozenset[str], templates: Templates
) -> tuple[Edit, ...]:
    """The typed edits of an answer, those that change nothing left out: a value that is there already keeps its origin.

    `fresh` are the resources that this very message has added to the draft: adding one of them again means to say more
    of it. Raises BlueprintInvalid with every fault, each at the edit it is in (`edits.2`).
    """
    edits: list[Edit] = []
    faults: list[Diagnostic] = []
    for index, proposed in enumerate(proposal.edits):
        try:
            telling = changing(tuple(_typed(proposed, fresh)), draft, templates=templates)
            draft = apply_edits(draft, telling, templates=templates)[0] if telling else draft
            edits += telling
        except AlmaError as error:
            faults += faults_at(f"edits.{index}", error)
    if faults:
        raise BlueprintInvalid(faults)
    return tuple(edits)


def changing(
    edits: Sequence[Edit], draft: Blueprint | None, *, templates: Templates
) -> tuple[Edit, ...]:
    """The edits that change something, one after the other. Raises as `apply_edits` does."""
    kept: list[Edit] = []
    for edit in edits:
        after = apply_edits(draft, [edit], templates=templates)[0]
        if after != draft:
            kept.append(edit)
        draft = after
    return tuple(kept)


def faults_at(place: str, error: AlmaError) -> list[Diagnostic]:
    """What an error says, as diagnostics at one place of an answer."""
    if isinstance(error, BlueprintInvalid):
        return [
            item
            if item.path.startswith("edits.")
            else item.model_copy(
                update={"path": place, "message": f"{_field(item.path)}{item.message}"}
            )
            for item in error.diagnostics
        ]
    return [Diagnostic(code=error.code, path=place, message=error.message, hint=error.hint)]


def _field(path: str) -> str:
    """`resources.3.specs.memory` in the words of the answer: `memory: `."""
    inner = path.split(".", 2)[2] if path.startswith("resources.") and path.count(".") > 1 else path
    names = {whole: name for name, whole in FIELDS.items()}
    return f"{names.get(inner, inner)}: " if inner else ""


def _typed(proposed: ProposedEdit, fresh: frozenset[str]) -> Iterator[Edit]:
    match proposed:
        case Add() if proposed.name in fresh:
            yield from _set(proposed.name, proposed)
        case Add():
            yield _added(proposed)
        case Change():
            yield from _set(proposed.name, proposed)
            for name in proposed.clear:
                yield SetField(name=proposed.name, path=_path(name), origin=Origin.MODEL)
        case Remove():
            yield RemoveResource(name=proposed.name)
        case Rename():
            yield RenameResource(name=proposed.name, to=proposed.to)
        case Whole():
            yield from _whole(proposed)
        case FromTemplate():
            yield UseTemplate(template=proposed.template)


def _set(name: str, facts: Facts) -> Iterator[Edit]:
    for path, value in facts.values():
        yield SetField(name=name, path=path, value=value, origin=Origin.MODEL)


def _added(add: Add) -> AddResource:
    document: dict[str, Any] = {"name": add.name, "type": add.type}
    paths = ["name", "type"]
    for path, value in add.values():
        *parents, last = path.split(".")
        inner = document
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[last] = value
        paths += [f"{path}.{key}" for key in value] if isinstance(value, Mapping) else [path]
    try:
        resource = Resource.model_validate(document)
    except ValidationError as error:
        found = [fault.diagnostic for fault in faults_of(error, document, model=Resource)]
        placed = [item.model_copy(update={"path": f"resources.0.{item.path}"}) for item in found]
        raise BlueprintInvalid(placed) from None
    return AddResource(resource=resource, origins=dict.fromkeys(paths, Origin.MODEL))


def _whole(whole: Whole) -> Iterator[Edit]:
    """One edit for each value: each is judged by itself."""
    if whole.name is not None:
        yield SetBlueprint(name=whole.name, origin=Origin.MODEL)
    if whole.engine is not None:
        yield SetBlueprint(engine=whole.engine, origin=Origin.MODEL)
    limits = {"max_monthly_cost": whole.max_monthly_cost, "region": whole.region}
    for key, value in limits.items():
        if value is not None:
            yield SetBlueprint(constraints=_limit(key, value), origin=Origin.MODEL)


def _limit(key: str, value: float | str) -> Constraints:
    try:
        return Constraints.model_validate({key: value})
    except ValidationError as error:
        found = faults_of(error, {key: value}, model=Constraints)
        raise BlueprintInvalid([fault.diagnostic for fault in found]) from None


def _path(name: str) -> str:
    if name not in FIELDS:
        raise InvalidInput(f"there is no property '{name}'", hint=f"known: {', '.join(FIELDS)}")
    return FIELDS[name]
