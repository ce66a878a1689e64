"""The blueprint for the new place: what stays, what takes another form there, and what there is nothing for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from alma.core.migration.platforms import Equivalent, Fidelity, PlatformMap, Way
from alma.core.model.blueprint import COMPUTE, DATA, Blueprint, Resource, ResourceType
from alma.core.model.document import parse_blueprint
from alma.core.model.software import Catalogue

_T = ResourceType
_PURCHASE = "purchase"
_RUN_BY_PROVIDER = DATA | {_T.LOAD_BALANCER, _T.KUBERNETES_CLUSTER}


class Strategy(StrEnum):
    """How much changes on the way: nothing that need not; services where the target has them; containers too."""

    LIFT = "lift-and-shift"
    REPLATFORM = "replatform"
    REFACTOR = "refactor"


@dataclass(frozen=True)
class Arrived:
    """What became of one resource of the source."""

    name: str
    type: ResourceType
    becomes: ResourceType | None
    equivalent: Equivalent
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Move:
    """From where, to where, and how."""

    source: str
    target: str
    strategy: Strategy
    table: PlatformMap
    catalogue: Catalogue
    region: str | None = None


def arrived(blueprint: Blueprint, move: Move) -> tuple[Blueprint, tuple[Arrived, ...]]:
    """The blueprint for the target, which is valid, and the account of every resource."""
    accounts = []
    documents = []
    gone: set[str] = set()
    written = {item["name"]: item for item in blueprint.dump().get("resources", [])}
    for resource in blueprint.resources:
        found = _equivalent(resource, move)
        if found.form is Way.NONE:
            gone.add(resource.name)
            accounts.append(Arrived(resource.name, resource.type, None, found, ()))
            continue
        document = dict(written[resource.name])
        notes = tuple(_changed(resource, document, found, move))
        documents.append(document)
        accounts.append(Arrived(resource.name, resource.type, _T(document["type"]), found, notes))
    for document in documents:
        _forget(document, gone)
    return parse_blueprint(_whole(blueprint, documents, move)), tuple(accounts)


def _equivalent(resource: Resource, move: Move) -> Equivalent:
    usual = move.catalogue.defaults.get(resource.type)
    entry = move.catalogue.find(resource.engine or usual or "")
    managed = move.strategy is not Strategy.LIFT or resource.type in {
        _T.OBJECT_STORE,
        _T.KUBERNETES_CLUSTER,
    }
    return move.table.equivalent(
        resource, move.source, move.target, managed=managed, software=entry.id if entry else None
    )


def _whole(blueprint: Blueprint, documents: list[dict[str, Any]], move: Move) -> dict[str, Any]:
    platform = move.table.platforms[move.target]
    made = {**blueprint.dump(), "resources": documents}
    made["name"] = f"{blueprint.name[:80]}-{move.target}"
    made["engine"] = platform.engine or move.target
    limits = dict(made.pop("constraints", None) or {})
    limits.pop("region", None)
    if move.region:
        limits["region"] = move.region
    if limits:
        made["constraints"] = limits
    return made


def _changed(
    resource: Resource, document: dict[str, Any], found: Equivalent, move: Move
) -> Iterator[str]:
    yield from _as_container(resource, document, found, move)
    engine = move.table.platforms[move.target].engine
    options = document.pop("options", None) or {}
    if kept := {name: value for name, value in options.items() if name == engine}:
        document["options"] = kept
    for name in options.keys() - kept.keys():
        yield f"options for {name} mean nothing there and are left out"
    if isinstance(resource.network.public_ip, str):
        document["network"] = {**document["network"], "public_ip": True}
        yield "its outside address belongs to the old place: it gets another"
    yield from _metadata(resource, document, found)


def _as_container(
    resource: Resource, document: dict[str, Any], found: Equivalent, move: Move
) -> Iterator[str]:
    """Machines become containers where that is wanted and an image of their software is known."""
    wanted = move.strategy is Strategy.REFACTOR or (
        move.strategy is Strategy.REPLATFORM and found.form is Way.CONTAINER
    )
    if not wanted or resource.type not in COMPUTE - {_T.CONTAINER}:
        return
    entry = move.catalogue.find(resource.engine) if resource.engine else None
    if entry is None or entry.image is None:
        yield "it stays a machine: which image has its software, is not known"
        return
    document["type"] = str(_T.CONTAINER)
    if document.pop("image", None):
        yield "the system below it is left behind"
    yield f"it becomes a container of {entry.image}"


def _metadata(resource: Resource, document: dict[str, Any], found: Equivalent) -> Iterator[str]:
    metadata = dict(document.pop("metadata", None) or {})
    bought = metadata.get(_PURCHASE)
    if isinstance(bought, Mapping) and "type" in bought:
        kept = {key: value for key, value in bought.items() if key != "type"}
        metadata[_PURCHASE] = kept
        if not kept:
            del metadata[_PURCHASE]
        yield f"the type {bought['type']} belongs to the old place: one that fits is chosen"
    if found.form is Way.MANAGED and resource.type in _RUN_BY_PROVIDER:
        metadata["service"] = found.target
    if metadata:
        document["metadata"] = metadata


def _forget(document: dict[str, Any], gone: set[str]) -> None:
    """Takes out references to what there is no more."""
    for key in ("depends_on", "backends"):
        if key in document:
            document[key] = [name for name in document[key] if name not in gone]
            if not document[key]:
                del document[key]
    for key, side in (("mounts", ("volume",)), ("rules", ("source", "target"))):
        if key in document:
            document[key] = [
                item for item in document[key] if not {item.get(s) for s in side} & gone
            ]
            if not document[key]:
                del document[key]
    network = document.get("network")
    if network and "attach" in network:
        joined = [name for name in network["attach"] if name not in gone]
        document["network"] = {**network, "attach": joined}
    env = document.get("env") or {}
    for name, value in list(env.items()):
        if isinstance(value, Mapping) and str(value.get("secret")).rpartition(".")[0] in gone:
            del env[name]


def worst(accounts: tuple[Arrived, ...]) -> Fidelity:
    """The worst of all."""
    order = list(Fidelity)
    return max(
        (item.equivalent.fidelity for item in accounts), key=order.index, default=Fidelity.EQUAL
    )
