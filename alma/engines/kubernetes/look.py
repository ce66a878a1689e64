"""Reads a stack: one list for each kind, however many objects there are."""

from __future__ import annotations

from typing import Final

from alma.core.model.state import Observation, StackRef
from alma.engines.kubernetes.session import Session

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


async def read(session: Session, stack: StackRef) -> Observation:
    """Everything with the stack's marker. A namespace that is not there is empty. Raises when a list fails."""
    raise NotImplementedError
