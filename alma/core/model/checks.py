"""What only the whole document can show: names used twice, references to nothing, cycles, clashes.

Every check looks at all resources and reports all it finds; none needs an engine or the software catalogue. A mistake
that would make the result differ from what was written is an error; what works but is probably not meant is a warning.
Costs grow with the document, never with its square: 10,000 resources are checked in well under a second.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from alma.core.model.blueprint import (
    WORKLOADS,
    Blueprint,
    Resource,
    ResourceType,
    SecretRef,
)
from alma.core.model.checks_fields import check_fields
from alma.core.model.checks_network import check_networks
from alma.core.model.checks_sense import check_sense
from alma.core.model.cycles import find_cycles
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.suggest import did_you_mean

MAX_INSTANCES = 20_000
_MAX_NAME = 63
_MAX_HINTS = 200
_MAX_CYCLES = 20
_SHOWN_OF_A_CYCLE = 12
_INSTANCE = re.compile(r"^(.+)-([1-9][0-9]{0,3})$")

Indexed = Sequence[tuple[int, Resource]]


def diagnose(blueprint: Blueprint) -> tuple[Diagnostic, ...]:
    """Everything to say about a blueprint as a whole: errors and warnings, in the order of the document."""
    indexed = tuple(enumerate(blueprint.resources))
    found = check_resources(indexed)
    if not any(item.severity is Severity.ERROR for item in found):
        doubtful = tuple(check_sense(indexed))
        found = tuple(sorted((*found, *doubtful), key=_document_order)) if doubtful else found
    if not blueprint.resources:
        hint = "add what you want to run under resources"
        found = (_warning("no_resources", "resources", "the blueprint asks for nothing", hint),)
    return found


def check_resources(resources: Indexed, *, unread: Iterable[str] = ()) -> tuple[Diagnostic, ...]:
    """The cross-checks over resources with their place in the document. `unread` are names of resources that could not
    be read: to refer to them is no further mistake."""
    names = _Names(resources, frozenset(unread))
    found = [
        *_unique_names(resources),
        *_instance_limits(resources),
        *_references(resources, names),
        *_cycles(resources),
        *check_fields(resources),
        *check_networks(resources),
    ]
    return tuple(sorted(found, key=_document_order))


def _document_order(item: Diagnostic) -> tuple[int, str]:
    parts = item.path.split(".", 2)
    return (int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else -1), item.path


def _error(code: str, path: str, message: str, hint: str | None) -> Diagnostic:
    return Diagnostic(code=code, path=path, message=message, hint=hint)


def _warning(code: str, path: str, message: str, hint: str | None) -> Diagnostic:
    return Diagnostic(severity=Severity.WARNING, code=code, path=path, message=message, hint=hint)


# ── names ────────────────────────────────────────────────────────────────────────────────────────


def _unique_names(resources: Indexed) -> Iterator[Diagnostic]:
    """Names are hosts' names: case does not tell them apart, and instances count. The first keeps its name."""
    owners: dict[str, tuple[int, Resource]] = {}
    for index, resource in resources:
        folded = resource.name.casefold()
        if folded in owners:
            where, other = owners[folded]
            message = f"name '{resource.name}' is taken by resources.{where}"
            if other.name != resource.name:
                message += f" ('{other.name}': case makes no difference)"
            yield _error("duplicate_name", _at(index, "name"), message, "give it another name")
        else:
            owners[folded] = (index, resource)
    for folded, (index, resource) in owners.items():
        match = _INSTANCE.match(folded)
        owner = owners.get(match[1]) if match else None
        if match and owner and 2 <= int(match[2]) <= owner[1].count:
            message = f"name '{resource.name}' is taken by an instance of '{owner[1].name}'"
            hint = f"'{owner[1].name}' with count {owner[1].count} makes '{owner[1].name}-2' and on"
            yield _error(
                "duplicate_name", _at(index, "name"), message, f"rename one of them: {hint}"
            )


def _instance_limits(resources: Indexed) -> Iterator[Diagnostic]:
    for index, resource in resources:
        longest = len(resource.name) + len(str(resource.count)) + 1
        if resource.count > 1 and longest > _MAX_NAME:
            message = (
                f"with count {resource.count} the instances' names are longer than {_MAX_NAME}"
            )
            hint = f"shorten the name by {longest - _MAX_NAME}"
            yield _error("name_too_long", _at(index, "name"), message, hint)
    total = sum(resource.count for _, resource in resources)
    if total > MAX_INSTANCES:
        message = f"{total} instances in all, more than {MAX_INSTANCES}"
        hint = "lower some counts, or split the blueprint"
        yield _error("too_many_instances", "resources", message, hint)


# ── references ───────────────────────────────────────────────────────────────────────────────────


@dataclass
class _Names:
    """What can be referred to. Hints are searched for the first mistakes only: a search looks at every name."""

    resources: Indexed
    unread: frozenset[str]
    hints: int = 0
    by_name: dict[str, Resource] = field(init=False)

    def __post_init__(self) -> None:
        self.by_name = {resource.name: resource for _, resource in reversed(self.resources)}

    def instance_of(self, name: str) -> Resource | None:
        match = _INSTANCE.match(name)
        owner = self.by_name.get(match[1]) if match else None
        return owner if match and owner and 2 <= int(match[2]) <= owner.count else None

    def hint(self, name: str, wanted: frozenset[ResourceType]) -> str | None:
        self.hints += 1
        if self.hints > _MAX_HINTS:
            return None
        return did_you_mean(name, (n for n, r in self.by_name.items() if r.type in wanted))


_ANYTHING = frozenset(ResourceType)
_NETWORKS = frozenset({ResourceType.NETWORK})
_VOLUMES = frozenset({ResourceType.VOLUME})


def _references(resources: Indexed, names: _Names) -> Iterator[Diagnostic]:
    for index, resource in resources:
        lists = (
            ("depends_on", resource.depends_on, _ANYTHING),
            ("backends", resource.backends, WORKLOADS),
            ("network.attach", resource.network.attach, _NETWORKS),
        )
        for path, targets, wanted in lists:
            yield from _listed(resource, _at(index, path), targets, (names, wanted))
        for number, mount in enumerate(resource.mounts):
            yield from _one(mount.volume, _at(index, f"mounts.{number}.volume"), names, _VOLUMES)
        yield from _secrets(index, resource, names)
        yield from _rules(index, resource, names)


def _listed(
    resource: Resource,
    path: str,
    targets: Sequence[str],
    allowed: tuple[_Names, frozenset[ResourceType]],
) -> Iterator[Diagnostic]:
    names, wanted = allowed
    seen: set[str] = set()
    for number, target in enumerate(targets):
        here = f"{path}.{number}"
        if target in seen:
            yield _warning("repeated", here, f"'{target}' is listed twice", "list it once")
            continue
        seen.add(target)
        if target == resource.name:
            message = f"'{target}' refers to itself"
            yield _error("self_reference", here, message, "remove it")
        else:
            yield from _one(target, here, names, wanted)


def _one(
    target: str, path: str, names: _Names, wanted: frozenset[ResourceType]
) -> Iterator[Diagnostic]:
    resource = names.by_name.get(target)
    if resource is None and target not in names.unread:
        owner = names.instance_of(target)
        hint = f"refer to all instances as '{owner.name}'" if owner else names.hint(target, wanted)
        yield _error("unknown_reference", path, f"there is no resource '{target}'", hint)
    elif resource is not None and resource.type not in wanted:
        kinds = "a workload" if len(wanted) > 1 else f"a {min(wanted)}"
        message = f"'{target}' is a {resource.type}, not {kinds}"
        yield _error("wrong_reference", path, message, names.hint(target, wanted))


def _secrets(index: int, resource: Resource, names: _Names) -> Iterator[Diagnostic]:
    """`db-1.password` belongs to an instance; a name without a dot is a secret that people keep for the stack."""
    for key, value in resource.env.items():
        owner = value.secret.rpartition(".")[0] if isinstance(value, SecretRef) else ""
        known = owner in names.by_name or owner in names.unread or names.instance_of(owner)
        if owner and not known:
            path = _at(index, f"env.{key}.secret")
            message = f"there is no resource '{owner}' to have this secret"
            yield _error("unknown_reference", path, message, names.hint(owner, WORKLOADS))


def _rules(index: int, resource: Resource, names: _Names) -> Iterator[Diagnostic]:
    for number, rule in enumerate(resource.rules):
        for side, text in (("source", rule.source), ("target", rule.target)):
            known = text == "any" or text in names.by_name or text in names.unread
            if known or names.instance_of(text) or _is_network(text):
                continue
            hint = names.hint(text, _ANYTHING)
            message = f"'{text}' is no resource, no network and not 'any'"
            yield _error("unknown_reference", _at(index, f"rules.{number}.{side}"), message, hint)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


# ── cycles ───────────────────────────────────────────────────────────────────────────────────────


def _edges(resources: Indexed) -> dict[str, list[str]]:
    """What has to be there before what. A load balancer comes after its backends, and so on."""
    names = {resource.name for _, resource in resources}
    edges: dict[str, list[str]] = {}
    for _, resource in resources:
        owners = [
            value.secret.rpartition(".")[0]
            for value in resource.env.values()
            if isinstance(value, SecretRef)
        ]
        volumes = [mount.volume for mount in resource.mounts]
        wanted = [*resource.depends_on, *resource.backends, *resource.network.attach]
        targets = dict.fromkeys([*wanted, *volumes, *owners])
        edges[resource.name] = [n for n in targets if n in names and n != resource.name]
    return edges


def _cycles(resources: Indexed) -> Iterator[Diagnostic]:
    places = {resource.name: index for index, resource in reversed(resources)}
    for cycle in islice(find_cycles(_edges(resources)), _MAX_CYCLES):
        shown = cycle[:_SHOWN_OF_A_CYCLE] + (["…"] if len(cycle) > _SHOWN_OF_A_CYCLE else [])
        message = f"dependency cycle: {' → '.join([*shown, cycle[0]])}"
        hint = "remove one of these dependencies: nothing of it could be made first"
        yield _error("dependency_cycle", _at(places[cycle[0]], "depends_on"), message, hint)


def _at(index: int, path: str) -> str:
    return f"resources.{index}.{path}"
