"""Which of the new things a load sizes: the servers that answer the requests, and the database behind them."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.editing.sketch import Sketch, amount
from alma.core.language.parsing.phrases import Attribute, Phrase
from alma.core.language.vocabulary.defaults import BARE_MEMORY_LIMIT
from alma.core.model.base import Json
from alma.core.model.blueprint import COMPUTE, Origin, Resource, ResourceType
from alma.core.model.conversation import Edit, SetField
from alma.core.model.sizing import Sizing

# What answers the requests, the likeliest first: where there is an application, web servers only pass them on.
ANSWERING = ("app", "api", "backend", "web", "frontend")


def tier(phrases: Sequence[Phrase]) -> Phrase | None:
    """The phrase whose machines answer the requests: by role, else the only machines there are."""
    machines = [phrase for phrase in phrases if phrase.type in COMPUTE]
    for role in ANSWERING:
        for phrase in machines:
            if phrase.role == role:
                return phrase
    plain = [
        machine
        for machine in machines
        if machine.generic and not (machine.software or machine.role)
    ]
    return plain[0] if len(machines) == len(plain) == 1 else None


def left_of_all(phrase: Phrase, said: Sequence[Attribute]) -> list[Attribute]:
    """What is said of all, as far as nothing else was said of this one; a large size beside its memory is its disk."""
    own = {attribute.path: attribute for attribute in phrase.attributes}
    return [a for a in said if a.path not in own or _is_disk(a, own[a.path])]


def _is_disk(attribute: Attribute, own: Attribute) -> bool:
    if not attribute.bare or own.bare:
        return False
    return amount(str(attribute.value)).bytes > BARE_MEMORY_LIMIT


def size(sketch: Sketch, sizing: Sizing, *, front: bool) -> bool:
    """Gives a new resource the sizes that the load asks for, where none was said; says whether it did."""
    sizes: dict[str, Json]
    if front:
        sizes = {"specs.cpu": sizing.app_cpu, "specs.memory": str(sizing.app_memory)}
    elif sketch.type is ResourceType.DATABASE and not sketch.phrase.replica:
        sizes = {"specs.cpu": sizing.database_cpu, "specs.memory": str(sizing.database_memory)}
    else:
        return False
    before = len(sketch.values)
    for path, value in sizes.items():
        sketch.put(path, value, Origin.INFERRED)
    return len(sketch.values) > before


def template_sizes(resources: Sequence[Resource], sizing: Sizing, said: set[str]) -> list[Edit]:
    """The same for what a template has, except for what was `said` ("count", "specs.cpu")."""
    front = _front(resources)
    stores = [r for r in resources if r.type is ResourceType.DATABASE]
    wanted: list[tuple[Resource, str, int | str]] = []
    if front is not None:
        wanted += [(front, "count", sizing.app_servers), (front, "specs.cpu", sizing.app_cpu)]
        wanted.append((front, "specs.memory", str(sizing.app_memory)))
    for store in stores[:1]:
        wanted += [(store, "specs.cpu", sizing.database_cpu)]
        wanted.append((store, "specs.memory", str(sizing.database_memory)))
    return [
        SetField(name=resource.name, path=path, value=value, origin=Origin.INFERRED)
        for resource, path, value in wanted
        if path not in said
    ]


def _front(resources: Sequence[Resource]) -> Resource | None:
    machines = [resource for resource in resources if resource.type in COMPUTE]
    for role in ANSWERING:
        for resource in machines:
            if role in resource.name.split("-"):
                return resource
    return machines[0] if len(machines) == 1 else None
