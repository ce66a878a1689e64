"""One resource being written: values by path with their origins, and the resource they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from alma.core.language.editing.edits import flatten
from alma.core.language.editing.outcome import Asks
from alma.core.language.parsing.phrases import Attribute, Phrase
from alma.core.language.vocabulary.defaults import BARE_MEMORY_LIMIT
from alma.core.model.base import Json
from alma.core.model.blueprint import COMPUTE, Origin, Resource, ResourceType, dump_plain
from alma.core.model.conversation import AddResource
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.faults import faults_of
from alma.core.model.units import Size

_T = ResourceType
_KEEPING = frozenset({_T.DATABASE, _T.SERVICE})
# What a size without its noun may come to for each core and still be memory.
_PER_CORE = 8 * 1024**3
# How many times what there is of memory may be wished for in one go.
_NEAR = 4
_MEMORY = {1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64}
_STORAGE = frozenset({_T.VOLUME, _T.OBJECT_STORE})


@dataclass
class Sketch:
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


def make(values: Mapping[str, Json], origins: Mapping[str, Origin]) -> AddResource:
    """The resource that values by path make. Raises Asks with what is wrong with them."""
    document = _nested(values)
    try:
        resource = Resource.model_validate(document)
    except ValidationError as error:
        faults = [fault.diagnostic for fault in faults_of(error, document, model=Resource)]
        raise Asks(_impossible(str(values["name"]), faults)) from error
    return AddResource(
        resource=resource, origins={path: _origin(path, origins) for path in flatten(document)}
    )


def with_network(edit: AddResource, values: Mapping[str, Json], *, origin: Origin) -> AddResource:
    """The same resource with other values inside its network; without those that are None."""
    document = dump_plain(edit.resource)
    network = {**document.pop("network", {}), **values}
    network = {key: value for key, value in network.items() if value is not None}
    origins = {
        p: said for p, said in edit.origins.items() if p.removeprefix("network.") not in values
    }
    said = {f"network.{key}": origin for key in values if values[key] is not None}
    return make({**document, **({"network": network} if network else {})}, {**origins, **said})


def amount(text: str) -> Size:
    """A size that was said. Raises Asks when there is no such size."""
    try:
        return Size(text)
    except PydanticCustomError as error:
        hint = (error.context or {}).get("hint", "write a number and a unit")
        raise Asks(f"{text} is no size I can use: {hint}. What should it be instead?") from error


def guessed(attribute: Attribute, type_: ResourceType) -> bool:
    """Whether what a size is of was left open: a volume's size can only be one thing."""
    return attribute.bare and type_ not in _STORAGE


def settled_sizes(attributes: Sequence[Attribute]) -> list[Attribute]:
    """`16 cores, 128GB, 2TB NVMe`: beside a disk, a size without its noun is memory; so is one that fits the cores."""
    said = {attribute.path: attribute.value for attribute in attributes if not attribute.bare}
    bare = [attribute for attribute in attributes if attribute.bare]
    memory = "specs.memory" not in said and ("specs.disk" in said or _fits(bare, said))
    return [replace(a, bare=False) if a.bare and memory else a for a in attributes]


def _fits(bare: Sequence[Attribute], said: Mapping[str, Json]) -> bool:
    """Whether the only size without a noun is as much memory as the cores may want."""
    cores = said.get("specs.cpu")
    if len(bare) != 1 or not isinstance(cores, int):
        return False
    return amount(str(bare[0].value)).bytes <= cores * _PER_CORE


def bare_path(attribute: Attribute, type_: ResourceType, values: Mapping[str, Any]) -> str:
    """Where a size goes that was said without its noun: memory first, unless only a disk makes sense."""
    if not attribute.bare:
        return attribute.path
    size = amount(str(attribute.value)).bytes
    big = size > BARE_MEMORY_LIMIT or (type_ in _KEEPING and not _usual_memory(size))
    return "specs.disk" if type_ in _STORAGE or big or "specs.memory" in values else "specs.memory"


def path_of(attribute: Attribute, resource: Resource) -> str:
    """The same for what is there: much for memory is still memory where there is nearly as much, and no such disk."""
    path = bare_path(attribute, resource.type, {})
    memory, disk = resource.specs.memory, resource.specs.disk_size
    if path != "specs.disk" or not attribute.bare or resource.type not in COMPUTE or memory is None:
        return path
    size = amount(str(attribute.value)).bytes
    near = size <= memory.bytes * _NEAR and (disk is None or size < disk.bytes)
    return "specs.memory" if near else path


def _usual_memory(size: int) -> bool:
    """Whether memory comes in that size: powers of two and their halves more, up to half a gigabyte any."""
    gigabytes = {size / 1000**3, size / 1024**3}
    return size < 10**9 or bool(gigabytes & _MEMORY)


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


def _impossible(name: str, faults: Iterable[Diagnostic]) -> str:
    said = "; ".join(
        f"{fault.path}: {fault.message}{f' ({fault.hint})' if fault.hint else ''}"
        for fault in faults
    )
    return f"{name} can't be made like that: {said}. What should it be instead?"
