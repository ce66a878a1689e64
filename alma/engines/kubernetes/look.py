"""Reads a stack: one list for each kind, however many objects there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from alma.core.model.state import Observation, StackRef
from alma.engines.base import together
from alma.engines.kubernetes import adopted, marker, names, observe
from alma.engines.kubernetes.session import Session
from alma.engines.kubernetes.settings import KubernetesSettings

# Everything that a stack's objects can be, in the order in which they are removed.
KINDS: Final = (
    "HTTPRoute",
    "Ingress",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "Service",
    "VirtualMachine",
    "Cluster.postgresql.cnpg.io",
    "Redis.redis.redis.opstreelabs.in",
    "Deployment",
    "StatefulSet",
    "NetworkPolicy",
    "Secret",
    "ConfigMap",
    "PersistentVolumeClaim",
)
POD: Final = "Pod"
# What was there before may be in another namespace than the stack's.
ADOPTED: Final = frozenset(adopted.KINDS)


async def read(session: Session, stack: StackRef) -> Observation:
    """Everything with the stack's marker. A namespace that is not there is empty. Raises when a list fails."""
    place = await session.cluster.cluster_id()
    served = await session.cluster.served()
    kinds = [kind for kind in KINDS if served.serves(kind)]
    *lists, pods = await together([_listed(session, stack, kind) for kind in (*kinds, POD)])
    objects = [item for found in lists for item in found]
    return Observation(
        stack=stack,
        place=place_of(place, session.settings),
        resources=observe.observed(stack, objects, pods, served=served),
    )


async def _listed(session: Session, stack: StackRef, kind: str) -> Sequence[dict[str, Any]]:
    async with session.looks:
        return await session.cluster.listed(
            kind,
            namespace=where(kind, names.namespace_of(stack, session.settings), session.settings),
            labels=marker.selector_of(stack),
        )


def where(kind: str, namespace: str, settings: KubernetesSettings) -> str | None:
    """In which namespace objects of a stack that lives in this one are looked for; None: in all of them. Where one is
    set for all stacks, nothing outside of it is looked at."""
    return None if kind in ADOPTED and settings.namespace is None else namespace


def place_of(cluster: str, settings: KubernetesSettings) -> str:
    """See `Observation.place`: the cluster, the namespace, and what the settings do to everything made there."""
    words = [
        f"{cluster} in {settings.namespace or 'a namespace of its own'}",
        f"pods {settings.pod_security}",
        f"published by {settings.public_service}",
        f"storage {settings.storage_class or 'of the default class'}",
    ]
    if settings.ingress_class is not None:
        words.append(f"ingress {settings.ingress_class}")
    return ", ".join(words)
