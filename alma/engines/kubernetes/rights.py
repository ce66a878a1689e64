"""What ALMA has to be allowed in a cluster, and what of it the cluster's RBAC does not allow.

The cluster itself is asked (SelfSubjectAccessReview), so whatever decides there is heard. Who may do everything is
found out with a single question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from alma.engines.base import together
from alma.engines.kubernetes.client import Cluster
from alma.engines.kubernetes.discovery import Api, MissingKind

LOOK = ("get", "list", "watch")
CHANGE = (*LOOK, "create", "patch", "delete")
# Everything that a stack's objects can be; what the cluster does not serve needs no right.
MADE = (
    "ConfigMap",
    "Secret",
    "Service",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "Ingress",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "HTTPRoute",
    "VirtualMachine",
    "Cluster.postgresql.cnpg.io",
    "Redis.redis.redis.opstreelabs.in",
)
_AT_ONCE = 16


@dataclass(frozen=True)
class Right:
    """To do `verb` on a kind, or on a part of it such as a pod's `log`."""

    verb: str
    kind: str
    part: str = ""


@dataclass(frozen=True)
class Lack:
    """What ALMA may not do on one resource (as RBAC names it), in one namespace or, with None, in all."""

    resource: str
    verbs: tuple[str, ...]
    namespace: str | None

    def __str__(self) -> str:
        where = f"in namespace {self.namespace}" if self.namespace else "in every namespace"
        return f"may not {', '.join(self.verbs)} {self.resource} {where}"


_LOOKED_AT = (
    *(Right(verb, "Pod") for verb in LOOK),
    Right("get", "Pod", "log"),
    Right("list", "ReplicaSet"),
    Right("list", "Event"),
    Right("list", "EndpointSlice"),
    Right("list", "ResourceQuota"),
    Right("list", "LimitRange"),
)
NEEDED = (*(Right(verb, kind) for kind in MADE for verb in CHANGE), *_LOOKED_AT)
# Where each stack gets a namespace of its own. It is looked at in any case: it says which cluster this is.
NAMESPACES = tuple(Right(verb, "Namespace") for verb in ("get", "create", "patch", "delete"))


async def lacking(cluster: Cluster, namespace: str | None) -> Sequence[Lack]:
    """What ALMA needs and may not do, by resource; `namespace` None: in all of them, and the namespaces themselves.
    Kinds that the cluster does not serve are left out. Raises EngineError when it can't be asked."""
    if await cluster.may_do_everything():
        return []
    rights = [*NEEDED, *(NAMESPACES if namespace is None else NAMESPACES[:1])]
    turns = asyncio.Semaphore(_AT_ONCE)
    answers = await together([_refused(cluster, right, namespace, turns) for right in rights])
    return _merged([found for found in answers if found is not None], namespace)


async def _refused(
    cluster: Cluster, right: Right, namespace: str | None, turns: asyncio.Semaphore
) -> tuple[Api, Right] | None:
    async with turns:
        try:
            api = await cluster.api(right.kind)
        except MissingKind:
            return None
        allowed = await cluster.may(
            right.verb, right.kind, namespace=namespace, subresource=right.part
        )
        return None if allowed else (api, right)


def _merged(refused: Sequence[tuple[Api, Right]], namespace: str | None) -> list[Lack]:
    verbs: dict[tuple[str, str | None], list[str]] = {}
    for api, right in refused:
        resource = f"{api.plural}/{right.part}" if right.part else api.plural
        named = f"{resource}.{api.group}" if api.group else resource
        where = namespace if api.namespaced else None
        verbs.setdefault((named, where), []).append(right.verb)
    return [Lack(resource, tuple(found), where) for (resource, where), found in verbs.items()]
