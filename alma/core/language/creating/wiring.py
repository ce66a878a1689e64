"""How new resources belong together: who stands in front of whom, who needs whom. All of it inferred, and said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from alma.core.language.creating.addressing import settle_addresses
from alma.core.language.creating.create import Creator
from alma.core.language.parsing.phrases import Parsed
from alma.core.language.vocabulary.defaults import listed
from alma.core.model.blueprint import COMPUTE, DATA, Origin, Resource, ResourceType, dump_plain
from alma.core.model.conversation import AddResource

_T = ResourceType
_FOR = re.compile(r"-(prod|production|staging|stage|dev|test|qa|uat)(?:-\d+)?$")
_SPREAD_ROLES = {"web", "frontend"}
_NEEDS_DATA = {"web", "frontend", "app", "api", "backend", "worker"}


def connect(creator: Creator, parsed: Parsed) -> None:
    """Adds the load balancer that several web servers need, and the references between what one message adds."""
    roles = creator.roles
    _network(creator)
    settle_addresses(creator)
    _volumes(creator, parsed)
    _data(creator, roles)
    _balance(creator, parsed, roles)


def _replace(creator: Creator, name: str, field: str, value: Any) -> None:
    for index, edit in enumerate(creator.added):
        if edit.resource.name == name:
            document = dump_plain(edit.resource)
            document[field] = (
                {**document.get(field, {}), **value} if isinstance(value, dict) else value
            )
            path = f"{field}.{next(iter(value))}" if isinstance(value, dict) else field
            origins = {**edit.origins, path: Origin.INFERRED}
            creator.added[index] = AddResource(
                resource=Resource.model_validate(document), origins=origins
            )


def _new(creator: Creator, *types: ResourceType) -> list[Resource]:
    return [edit.resource for edit in creator.added if edit.resource.type in types]


def _network(creator: Creator) -> None:
    networks = _new(creator, _T.NETWORK)
    if len(networks) > 1:
        _networks(creator)
    if len(networks) != 1:
        return
    joining = _new(creator, *COMPUTE, *DATA, _T.LOAD_BALANCER, _T.KUBERNETES_CLUSTER)
    for resource in joining:
        if resource.network.attach:
            continue
        _replace(creator, resource.name, "network", {"attach": [networks[0].name]})
    if joining:
        creator.outcome.assumptions.append(
            f"{listed([r.name for r in joining])} on {networks[0].name}"
        )


def _networks(creator: Creator) -> None:
    """Of several networks, `a subnet with a database` holds what follows, `a server in the subnet` what was before."""
    waiting: list[str] = []
    here: list[str] = []
    joined: dict[str, list[str]] = {}
    for phrase, names in creator.made:
        if phrase.type is _T.NETWORK:
            inside = phrase.link in {"in", "into", "on", "inside", "onto"}
            for name in waiting if inside else ():
                joined.setdefault(name, []).extend(names[:1])
            waiting, here = [], [] if inside else names[:1] if len(names) == 1 else []
        elif phrase.type in {*COMPUTE, *DATA, _T.LOAD_BALANCER, _T.KUBERNETES_CLUSTER}:
            held = bool(here) and phrase.link in {"with", "for", "and", None}
            for name in names if held else ():
                joined.setdefault(name, []).extend(here)
            waiting += [] if held else names
    said = {r.name for r in _new(creator, *_T) if r.network.attach}
    for name, networks in joined.items():
        if name in said:
            continue
        _replace(creator, name, "network", {"attach": list(dict.fromkeys(networks))})
        creator.outcome.assumptions.append(f"{name} on {listed(networks)}")


def _volumes(creator: Creator, parsed: Parsed) -> None:
    """Where new volumes appear: in the machine there is, in each of several if they share one or have one each."""
    volumes = _new(creator, _T.VOLUME)
    machines = [resource for resource in _new(creator, *COMPUTE) if resource.count == 1]
    path = parsed.paths[0] if parsed.paths else "/data"
    if len(volumes) == len(machines) > 1:
        pairs = list(zip(volumes, machines, strict=True))
    elif len(volumes) == 1 and (len(machines) == 1 or parsed.shared):
        pairs = [(volumes[0], machine) for machine in machines]
    else:
        creator.outcome.unused += parsed.paths
        return
    for volume, machine in pairs:
        _replace(creator, machine.name, "mounts", [{"volume": volume.name, "path": path}])
        creator.outcome.assumptions.append(f"{volume.name} appears as {path} in {machine.name}")


def _data(creator: Creator, roles: dict[str, str]) -> None:
    stores = [r.name for r in _new(creator, *DATA) if r.metadata.get("role") != "replica"]
    needing = [r for r in _new(creator, *COMPUTE) if roles.get(r.name) in _NEEDS_DATA]
    if not stores:
        return
    for resource in needing:
        near = [store for store in stores if _same_environment(resource.name, store)]
        if near:
            _replace(creator, resource.name, "depends_on", [*resource.depends_on, *near])


def _environment(name: str) -> str | None:
    """What a name says it is for: `db-prod`, `web-staging-2`."""
    found = _FOR.search(name.casefold())
    return found[1] if found else None


def _same_environment(one: str, other: str) -> bool:
    """Whether nothing keeps two things apart: what is for production has nothing to do with what is for tests."""
    environments = {_environment(one), _environment(other)} - {None}
    return len(environments) < 2


def _balance(creator: Creator, parsed: Parsed, roles: dict[str, str]) -> None:
    refused = any(phrase.negated and phrase.type is _T.LOAD_BALANCER for phrase in parsed.phrases)
    balancers = _new(creator, _T.LOAD_BALANCER)
    backends = _backends(creator, roles, asked=bool(balancers))
    for balancer in balancers:
        if backends:
            _replace(creator, balancer.name, "backends", [resource.name for resource in backends])
            creator.outcome.assumptions.append(
                f"{balancer.name} spreads over {listed([r.name for r in backends])}"
            )
        else:
            creator.outcome.assumptions.append(f"{balancer.name} has nothing to spread over yet")
    spread = [r for r in backends if roles.get(r.name) in _SPREAD_ROLES]
    known = any(resource.type is _T.LOAD_BALANCER for resource in creator.known)
    asked = "balanced" in parsed.modifiers or any("balanced" in p.modifiers for p in parsed.phrases)
    if asked and not balancers and not spread:
        spread = _backends(creator, roles, asked=True)
    if refused or balancers or known:
        return
    for environment in dict.fromkeys(_environment(resource.name) for resource in spread):
        near = [resource for resource in spread if _environment(resource.name) == environment]
        if sum(resource.count for resource in near) > 1 or asked:
            _infer_balancer(creator, near)


def _backends(creator: Creator, roles: dict[str, str], *, asked: bool) -> list[Resource]:
    """What a load balancer stands before: new web servers, else new machines, else the machines there are."""
    machines = _new(creator, *COMPUTE)
    web = [resource for resource in machines if roles.get(resource.name) in _SPREAD_ROLES]
    if web or not asked:
        return web
    if machines:
        return machines
    if creator.behind:
        return list(creator.behind)
    existing = [resource for resource in creator.known if resource.type in COMPUTE]
    front = [
        r
        for r in existing
        if r.name.split("-")[0] in _SPREAD_ROLES or r.labels.get("role") in _SPREAD_ROLES
    ]
    return front or existing


def _infer_balancer(creator: Creator, spread: Sequence[Resource]) -> None:
    names = [resource.name for resource in spread]
    values: dict[str, Any] = {
        "name": creator.names.numbered("lb"), "type": "load_balancer", "network.public_ip": True,
        "network.ports": [80], "backends": names,
    }  # fmt: skip
    default = creator.catalogue.defaults.get(_T.LOAD_BALANCER)
    if default:
        values["engine"] = default
    origins = dict.fromkeys(values, Origin.INFERRED)
    if default:
        origins["engine"] = Origin.DEFAULT
    added = creator.append(values, origins)
    creator.outcome.assumptions.append(
        f"a load balancer ({added.name}) on port 80 in front of {listed(names)}, because there is more than one"
    )
