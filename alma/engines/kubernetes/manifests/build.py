"""From a wish to its manifests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from alma.core.model.base import canonical_json
from alma.core.model.errors import ChangeRejected
from alma.core.model.state import DesiredResource, StackRef
from alma.engines.kubernetes import existing, instead, kinds, marker, names, shape
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.labels import HAS_RULES, own_labels
from alma.engines.kubernetes.manifests import (
    files,
    machines,
    operated,
    policies,
    scale,
    services,
    storage,
    workloads,
)
from alma.engines.kubernetes.manifests.parts import Ground, Manifest, Manifests, Secrets
from alma.engines.kubernetes.settings import KubernetesSettings, PodSecurity

_Parts = tuple[Iterable[Manifest], Manifest, Iterable[Manifest]]
_SECURITY: Final = "pod-security.kubernetes.io"


def build(
    desired: DesiredResource,
    stack: StackRef,
    *,
    served: Served,
    settings: KubernetesSettings,
    secret: Secrets,
    key: str,
) -> Manifests:
    """The objects of one address. The same wish gives the same manifests, whatever the order of what is in it.

    `secret` is asked for every value; what it raises comes through. Raises MissingKind for what the cluster does not
    serve, ChangeRejected for a type that has no manifest (`support_of` names both before).
    """
    if desired.type not in shape.TYPES:
        raise ChangeRejected(
            f"A Kubernetes cluster has nothing that is a {desired.type}, so {desired.address} can't be made there",
            hint="leave it out, or choose another engine",
        )
    if existing.place_of(desired) is not None:
        raise ChangeRejected(
            f"{desired.address} is {existing.place_of(desired)}, which was there before: nothing is written for it",
            hint="take the option `existing` away to have it made as the blueprint describes it",
        )
    ground = Ground(stack=stack, served=served, settings=settings, secret=secret, key=key)
    before, primary, after = _made(desired, ground)
    primary["metadata"]["annotations"] |= _annotations(desired, ground)
    return Manifests(
        tuple(_apart(item) for item in before),
        _apart(primary),
        tuple(_apart(item) for item in after),
    )


def _annotations(desired: DesiredResource, ground: Ground) -> dict[str, str]:
    """What was made, and what was asked for where that is something else."""
    settings, served = ground.settings, ground.served
    made = shape.made_of(desired, settings, served)
    found = {marker.DECLARED: canonical_json(shape.declared_of(made))}
    asked, lacks = shape.shape_of(desired, settings), instead.lacking(desired, settings, served)
    note = instead.note_of(asked, made, lacks)
    return found | ({marker.INSTEAD: note} if note else {})


def _apart(manifest: Manifest) -> Manifest:
    """The same without any part that it shares with others, or with itself."""
    found: Manifest = json.loads(json.dumps(manifest))
    return found


def _made(desired: DesiredResource, ground: Ground) -> _Parts:
    return _MAKERS[kinds.kind_of(desired, ground.served)](desired, ground)


def _deployed(desired: DesiredResource, ground: Ground) -> _Parts:
    before = files.objects(desired, ground)
    return before, workloads.deployment(desired, ground), _around(desired, ground)


def _stateful(desired: DesiredResource, ground: Ground) -> _Parts:
    before = files.objects(desired, ground)
    return before, workloads.stateful_set(desired, ground), _around(desired, ground)


def _operated_postgres(desired: DesiredResource, ground: Ground) -> _Parts:
    selector = operated.postgres_selector(desired)
    around = services.objects(desired, ground, selector=selector)
    policed = policies.objects(desired, ground)
    before = [operated.postgres_secret(desired, ground)]
    return before, operated.postgres(desired, ground), [*around, *policed]


def _operated_redis(desired: DesiredResource, ground: Ground) -> _Parts:
    before = [operated.redis_secret(desired, ground)]
    return before, operated.redis(desired, ground), policies.objects(desired, ground)


def _around(desired: DesiredResource, ground: Ground) -> Iterator[Manifest]:
    yield from services.objects(desired, ground)
    yield from scale.objects(desired, ground)
    yield from policies.objects(desired, ground)


def _spread(desired: DesiredResource, ground: Ground) -> _Parts:
    """A Service that spreads over the pods of another address."""
    backend = desired.backends[0]
    selector = marker.selector_of(ground.stack, backend.address)
    found = ground.primary(desired, kinds.SERVICE, names.object_name(desired.address))
    found["metadata"]["labels"] = {**own_labels(desired), **found["metadata"]["labels"]}
    ports = services.spreading(desired, backend.port)
    spec: Manifest = {"type": "ClusterIP", "selector": selector, "ports": ports}
    after = [*services.public(desired, ground, selector, target=backend.port)]
    if after:
        # Rules about the backend decide for themselves who reaches it.
        free = {"matchExpressions": [{"key": HAS_RULES, "operator": "DoesNotExist"}]}
        port = {"protocol": "TCP", "port": backend.port}
        after += policies.opened(desired, ground, {"matchLabels": selector, **free}, [port])
    return (), found | {"spec": spec}, after


_MAKERS: Mapping[str, Callable[[DesiredResource, Ground], _Parts]] = {
    kinds.CLAIM: lambda desired, ground: ((), storage.claim(desired, ground), ()),
    kinds.POLICY: lambda desired, ground: ((), policies.network(desired, ground), ()),
    kinds.SERVICE: _spread,
    kinds.MACHINE: lambda d, ground: ((), machines.machine(d, ground), _around(d, ground)),
    kinds.POSTGRES: _operated_postgres,
    kinds.REDIS: _operated_redis,
    kinds.STATEFUL_SET: _stateful,
    kinds.DEPLOYMENT: _deployed,
}


def namespace(stack: StackRef, settings: KubernetesSettings, *, level: PodSecurity) -> Manifest:
    """The stack's own namespace, with the level of the Pod Security Standards that it holds its pods to."""
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": names.namespace_of(stack, settings),
            "labels": {
                marker.MANAGED_BY: marker.MANAGER,
                **marker.selector_of(stack),
                f"{_SECURITY}/enforce": level,
                f"{_SECURITY}/warn": settings.pod_security,
            },
            "annotations": {
                marker.STACK: stack.id,
                marker.STACK_NAME: stack.name,
                marker.PROJECT: stack.project,
            },
        },
    }
