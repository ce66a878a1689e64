"""Asks the API server whether it would take some manifests, and tells its no where a blueprint says what caused it.

Where the stack's namespace is not there yet, the question is asked in `default`, under names that nobody has: what is
wrong in itself shows there too. Nothing is made by it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from alma.core.model.base import canonical_json
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.errors import ChangeRejected
from alma.engines.base import together
from alma.engines.kubernetes import names
from alma.engines.kubernetes.changes import ownership
from alma.engines.kubernetes.client import (
    Exists,
    FieldConflict,
    Invalid,
    MissingKind,
    NotAllowed,
    NotAllowedToRead,
    QuotaExceeded,
    Terminating,
    TurnedAway,
)
from alma.engines.kubernetes.session import Session

if TYPE_CHECKING:
    from alma.engines.kubernetes.prepare import Wanted

Object = Mapping[str, Any]
_ELSEWHERE: Final = "default"
_PODDED: Final = frozenset({"Deployment", "StatefulSet"})
# Where a blueprint says what a field of a manifest has. The first that matches counts.
_CAUSES: Final = (
    (re.compile(r"resources\.\w+\[?\.?cpu|\bcpu\b"), "specs.cpu"),
    (re.compile(r"resources\.\w+\[?\.?memory|\bmemory\b"), "specs.memory"),
    (re.compile(r"storage\b.*\brequests|requests.*\bstorage"), "specs.disk"),
    (re.compile(r"storageClassName"), "options.kubernetes.storage_class"),
    (re.compile(r"nodeSelector"), "options.kubernetes.node_selector"),
    (re.compile(r"containers\[\d+\]\.image"), "image"),
    (re.compile(r"containers\[\d+\]\.env"), "env"),
    (re.compile(r"spec\.replicas"), "count"),
    (re.compile(r"nodePort|spec\.ports|\bports\["), "network.ports"),
    (re.compile(r"metadata\.labels"), "labels"),
)
_CODES: Final[tuple[tuple[type[ChangeRejected], str], ...]] = (
    (MissingKind, "missing_kind"),
    (QuotaExceeded, "quota"),
    (TurnedAway, "turned_away"),
    (NotAllowed, "not_allowed"),
    (Exists, "name_taken"),
    (Invalid, "refused"),
)


@dataclass(frozen=True)
class Scene:
    """Where the question is asked: in the stack's namespace, or with None elsewhere."""

    session: Session
    namespace: str | None


Ask = Callable[[Scene, "Wanted", Object], Coroutine[Any, Any, Diagnostic | None]]


async def faults(scene: Scene, wanted: Sequence[Wanted]) -> list[Diagnostic]:
    """The server's no to each of these, the same words once. Raises EngineUnavailable, EngineAuthFailed."""
    answers = await together([ask(scene, item, manifest) for ask, item, manifest in _asks(wanted)])
    unlike = {(found.path, found.message): found for found in answers if found is not None}
    return list(unlike.values())


def _asks(wanted: Sequence[Wanted]) -> Iterator[tuple[Ask, Wanted, Object]]:
    """Every question once: of what is new and equal but for its names, the server would say the same."""
    for ask, kinds in ((_asked, None), (_pod, _PODDED)):
        known: set[str] = set()
        for item in wanted:
            for manifest in item.built:
                if kinds is not None and manifest["kind"] not in kinds:
                    continue
                like = _likeness(item, manifest)
                if not item.fresh or like not in known:
                    known.add(like)
                    yield ask, item, manifest


def _likeness(item: Wanted, manifest: Object) -> str:
    """The same for two manifests that differ in the names of their addresses and in ALMA's notes only."""
    address = item.desired.address
    own = {address, names.label_value(address), *(made["metadata"]["name"] for made in item.built)}
    metadata = {"labels": manifest["metadata"].get("labels")}
    return canonical_json(_unnamed({**manifest, "metadata": metadata}, own))


def _unnamed(value: Any, own: Set[str]) -> Any:
    if isinstance(value, str):
        return "" if value in own else value
    if isinstance(value, Mapping):
        return {key: _unnamed(inner, own) for key, inner in value.items()}
    return [_unnamed(inner, own) for inner in value] if isinstance(value, list) else value


async def _asked(scene: Scene, item: Wanted, manifest: Object) -> Diagnostic | None:
    cluster = scene.session.cluster
    try:
        async with scene.session.looks:
            if item.fresh or item.anew or scene.namespace is None:
                await cluster.create(_placed(scene, manifest), dry_run=True)
            else:
                await cluster.apply(manifest, dry_run=True)
    except (Exists, QuotaExceeded) as error:
        return (
            None if item.anew else _fault(item, error)
        )  # what has the name goes first, and frees its room
    except Terminating:
        return None  # a deployment waits until it is gone
    except FieldConflict as error:
        return _owned(item, manifest, error)
    except ChangeRejected as error:
        return _fault(item, error)
    return None


async def _pod(scene: Scene, item: Wanted, manifest: Object) -> Diagnostic | None:
    """What makes pods is taken by a server that will refuse the pods: so one of them is asked for. Who may not do that
    hears of it from the rollout."""
    if scene.namespace is None:
        return None  # ranges and quotas are a namespace's own, and a new one has none
    template = manifest["spec"]["template"]
    meta = {**template["metadata"], "name": _stranger(manifest), "namespace": scene.namespace}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]}
    try:
        async with scene.session.looks:
            await scene.session.cluster.create(pod, dry_run=True)
    except (NotAllowed, NotAllowedToRead, Terminating):
        return None
    except QuotaExceeded as error:
        return _fault(item, error) if item.fresh else None  # the pod that goes makes room
    except ChangeRejected as error:
        return _fault(item, error)
    return None


def _placed(scene: Scene, manifest: Object) -> Object:
    if scene.namespace is not None:
        return manifest
    meta = {**manifest["metadata"], "namespace": _ELSEWHERE, "name": _stranger(manifest)}
    return {**manifest, "metadata": meta}


def _stranger(manifest: Object) -> str:
    """A name that nobody has."""
    meta = manifest["metadata"]
    text = f"{manifest['kind']} {meta.get('namespace')} {meta['name']}"
    return f"alma-rehearsal-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


# ── telling ──────────────────────────────────────────────────────────────────────────────────────


def _fault(item: Wanted, error: ChangeRejected) -> Diagnostic:
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "refused")
    return Diagnostic(
        code=code,
        path=_path(item, error),
        message=error.message,
        hint=error.hint,
    )


def _path(item: Wanted, error: ChangeRejected) -> str:
    """The field of the blueprint that the server's words are about, as far as that shows."""
    words = " ".join(error.fields) if isinstance(error, Invalid) else error.message
    told = isinstance(error, Invalid | QuotaExceeded)
    cause = next((path for pattern, path in _CAUSES if pattern.search(words)), "") if told else ""
    return f"{item.desired.address}.{cause}" if cause else item.desired.address


def _owned(item: Wanted, manifest: Object, error: FieldConflict) -> Diagnostic | None:
    """Fields of others that the change does not name: the deployment would stop there."""
    left = ownership.not_approved(error.owners, item.paths)
    if not left:
        return None
    whose = "; ".join(f"{by} owns {', '.join(fields)}" for by, fields in sorted(left.items()))
    what = f"{manifest['kind']} {manifest['metadata']['name']}"
    return Diagnostic(
        severity=Severity.WARNING,
        code="field_conflict",
        path=item.desired.address,
        message=f"{what} has fields that another field manager has set: {whose}",
        hint="let the other one give them up, or the change will be refused",
    )
