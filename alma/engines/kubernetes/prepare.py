"""Before a plan is shown: every fault that can be found in a cluster without doing anything.

The server itself is asked whether it would take what is new or changes (a dry run of every manifest), so that its own
rules, webhooks and policies are heard before anybody approves. What is as it should be costs nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from alma.core.model.base import canonical_json
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.engine import Preparation
from alma.core.model.errors import ChangeRejected, EngineAuthFailed
from alma.core.model.plan import Effect
from alma.core.model.state import DesiredResource, Observation, ObservedResource, differing
from alma.engines.base import together
from alma.engines.kubernetes import existing, imported, marker, names, rehearsal, room, shape
from alma.engines.kubernetes.between import faults_between
from alma.engines.kubernetes.discovery import MissingKind, Served
from alma.engines.kubernetes.manifests import Manifests, build
from alma.engines.kubernetes.options import ENGINE, faults
from alma.engines.kubernetes.rehearsal import Scene
from alma.engines.kubernetes.session import Session

Object = Mapping[str, Any]
# Stands in for keys and secrets: what is rehearsed is not kept, and a plan may be made before there are any.
_STAND_IN: Final = "rehearsed"
_DEFAULT_CLASS: Final = "storageclass.kubernetes.io/is-default-class"


@dataclass(frozen=True)
class Wanted:
    """What is new or changes: `paths` differ from `observed`; `anew`: it is removed and made again."""

    desired: DesiredResource
    built: Manifests
    observed: ObservedResource | None = None
    paths: frozenset[str] = frozenset()
    anew: bool = False

    @property
    def fresh(self) -> bool:
        """Whether nothing is there yet."""
        return self.observed is None


async def prepare(
    session: Session, desired: Sequence[DesiredResource], observation: Observation
) -> Preparation:
    """See `Prepares.prepare`. There is nothing to place: the cluster's own scheduler does that."""
    found = [fault for item in desired for fault in faults(item)]
    served = await session.cluster.served()
    found += faults_between(desired, session.settings, served)
    # A thousand resources are a second's work, in which others want their answers from the event loop.
    wanted, missing = await asyncio.to_thread(_wanted, session, desired, observation, served)
    found += missing + await imported.faults(session, desired, observation)
    if wanted:
        found += await _looked_at(session, wanted, desired, observation)
    return Preparation(diagnostics=tuple(found))


def _wanted(
    session: Session,
    desired: Sequence[DesiredResource],
    observation: Observation,
    served: Served,
) -> tuple[list[Wanted], list[Diagnostic]]:
    there = {item.address: item for item in observation.resources}
    found: list[Wanted] = []
    missing: list[Diagnostic] = []
    for item in desired:
        if existing.place_of(item) is not None:
            continue  # nothing is made of it
        observed = there.get(item.address)
        paths = _changed(session, item, observed)
        if observed is not None and not paths:
            continue
        try:
            built = build(
                item,
                observation.stack,
                served=served,
                settings=session.settings,
                secret=lambda name: _STAND_IN,
                key=_STAND_IN,
            )
        except MissingKind as error:
            missing.append(_of(error, item.address, "missing_kind"))
        except ChangeRejected:
            continue  # `support` says that it can't be made here, which stops the plan
        else:
            anew = any(shape.effect_of(item, path) is Effect.REPLACE for path in paths)
            found.append(Wanted(item, built, observed, paths, anew))
    return found, missing


def _changed(
    session: Session, item: DesiredResource, observed: ObservedResource | None
) -> frozenset[str]:
    if observed is None:
        return frozenset()
    wish = shape.shape_of(item, session.settings)
    if observed.type is not item.type:
        return frozenset({shape.KIND})
    return (
        frozenset()
        if wish == observed.properties
        else frozenset(differing(wish, observed.properties))
    )


def _of(error: ChangeRejected, path: str, code: str, *, warn: bool = False) -> Diagnostic:
    severity = Severity.WARNING if warn else Severity.ERROR
    return Diagnostic(
        severity=severity, code=code, path=path, message=error.message, hint=error.hint
    )


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


async def _looked_at(
    session: Session,
    wanted: Sequence[Wanted],
    desired: Sequence[DesiredResource],
    observation: Observation,
) -> list[Diagnostic]:
    namespace = names.namespace_of(observation.stack, session.settings)
    found = await _lacking(session, wanted)
    if any(item.severity is Severity.ERROR for item in found):
        return found  # without these rights, everything else would be refused for the same reason
    home = await session.cluster.get("Namespace", namespace)
    active = home is not None and (home.get("status") or {}).get("phase") != "Terminating"
    if home is None and session.settings.namespace is not None:
        return [*found, _no_namespace(namespace)]
    scene = Scene(session, namespace if active else None)
    checks = [
        _storage(session, wanted),
        _nodes(session, wanted),
        rehearsal.faults(scene, _different(wanted)),
    ]
    if active:
        removed = {item.address for item in observation.resources} - {d.address for d in desired}
        checks.append(_quotas(session, namespace, wanted, frees=bool(removed)))
    return [*found, *(item for answer in await together(checks) for item in answer)]


async def _lacking(session: Session, wanted: Sequence[Wanted]) -> list[Diagnostic]:
    """Rights that are missing: a fault where this plan can't do without, else only said."""
    served = await session.cluster.served()
    kinds = {served.of_manifest(manifest).resource for item in wanted for manifest in item.built}
    return [
        Diagnostic(
            severity=Severity.ERROR if lack.resource in kinds else Severity.WARNING,
            code="not_allowed",
            message=f"ALMA {lack}",
            hint="add it to its Role in the cluster, and bind that to who the kubeconfig is of",
        )
        for lack in await session.lacking()
    ]


def _no_namespace(name: str) -> Diagnostic:
    return Diagnostic(
        code="no_namespace",
        message=f"The cluster has no namespace {name}, which the settings of the connection name",
        hint="make it, or set none and let ALMA make one for each stack",
    )


def _different(wanted: Sequence[Wanted]) -> list[Wanted]:
    """One of each that are new and equal but for their names: the server would say the same of all."""
    found: dict[str, Wanted] = {}
    for item in wanted:
        declared = item.built.primary["metadata"]["annotations"].get(marker.DECLARED, "")
        name = "" if item.fresh else item.desired.address
        key = canonical_json([item.desired.type, name, declared])
        found.setdefault(key, item)
    return list(found.values())


# ── storage ──────────────────────────────────────────────────────────────────────────────────────


async def _storage(session: Session, wanted: Sequence[Wanted]) -> list[Diagnostic]:
    """Classes that are named and not there. Who may not list them hears of it from the claims."""
    claims = [
        (item, manifest)
        for item in wanted
        for manifest in item.built
        if manifest["kind"] == "PersistentVolumeClaim"
    ]
    if not claims:
        return []
    try:
        classes = await session.cluster.listed("StorageClass")
    except EngineAuthFailed:
        return []
    return list(_without_class(claims, classes))


def _without_class(
    claims: Iterable[tuple[Wanted, Object]], classes: Sequence[Object]
) -> Iterator[Diagnostic]:
    known = sorted(str(found["metadata"]["name"]) for found in classes)
    marks = [(found["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) for found in classes]
    for item, manifest in claims:
        name, address = manifest["spec"].get("storageClassName"), item.desired.address
        if name is not None and name not in known:
            yield Diagnostic(
                code="no_storage_class",
                path=f"{address}.options.{ENGINE}.storage_class",
                message=f"The cluster has no storage class {name}",
                hint=f"choose one of {', '.join(known)}"
                if known
                else "the cluster has none at all",
            )
        elif name is None and "true" not in marks:
            yield Diagnostic(
                severity=Severity.WARNING,
                code="no_default_storage_class",
                path=address,
                message="The cluster has no default storage class, so this volume may never be made",
                hint="set storage_class for the connection or the volume, or make a volume by hand",
            )


# ── nodes ─────────────────────────────────────────────────────────────────────────────────────────


async def _nodes(session: Session, wanted: Sequence[Wanted]) -> list[Diagnostic]:
    """Pods that no node can take, however empty it is. A cluster may get bigger nodes by itself, so it is no fault."""
    try:
        nodes = await session.cluster.listed("Node")
    except EngineAuthFailed:  # a right that is only good to have
        return []
    return [
        Diagnostic(
            severity=Severity.WARNING,
            code="no_node_fits",
            path=f"{item.desired.address}.specs.{name}",
            message=f"No node of the cluster has {room.written(want)} of {name} for one pod: the biggest has "
            f"{room.written(most)}",
            hint="ask for less, or add a bigger node; until then its pods wait",
        )
        for item in wanted
        for name, (want, most) in room.too_big(item.built.primary, nodes).items()
    ]


# ── quotas ───────────────────────────────────────────────────────────────────────────────────────


async def _quotas(
    session: Session, namespace: str, wanted: Sequence[Wanted], *, frees: bool
) -> list[Diagnostic]:
    """Quotas without room for all that is new. Where something is to be removed, there may be more room by then."""
    try:
        quotas = await session.cluster.listed("ResourceQuota", namespace=namespace)
    except EngineAuthFailed:  # a right that is only good to have
        return []
    needed = room.needs(manifest for item in wanted if item.fresh for manifest in item.built)
    return [
        Diagnostic(
            severity=Severity.WARNING if frees else Severity.ERROR,
            code="quota",
            message=f"Namespace {namespace}: {shortage}",
            hint="ask for less, remove what is not needed, or raise the quota",
        )
        for shortage in room.shortages(quotas, needed)
    ]
