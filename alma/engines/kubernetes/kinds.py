"""Which kind of object says what an address is. Pure.

`served` is what a cluster serves; without it, what is asked for is taken to be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alma.core.model.blueprint import DATA, ResourceType
from alma.core.model.state import DesiredResource
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.options import Operator, options_of

DEPLOYMENT: Final = "Deployment"
STATEFUL_SET: Final = "StatefulSet"
SERVICE: Final = "Service"
CLAIM: Final = "PersistentVolumeClaim"
POLICY: Final = "NetworkPolicy"
MACHINE: Final = "VirtualMachine"
POSTGRES: Final = "Cluster.postgresql.cnpg.io"
REDIS: Final = "Redis.redis.redis.opstreelabs.in"
OPERATED: Final = frozenset({POSTGRES, REDIS})
# Of these ALMA writes the pods itself.
PODDED: Final = frozenset({DEPLOYMENT, STATEFUL_SET})

OPERATORS: Mapping[Operator, str] = {Operator.CLOUDNATIVE_PG: POSTGRES, Operator.REDIS: REDIS}
# The software that an operator runs.
RUNS: Mapping[Operator, str] = {Operator.CLOUDNATIVE_PG: "postgresql", Operator.REDIS: "redis"}


def kind_of(desired: DesiredResource, served: Served | None) -> str:
    """The primary object's kind, as `Served` names it."""
    match desired.type:
        case ResourceType.VOLUME:
            return CLAIM
        case ResourceType.NETWORK:
            return POLICY
        case ResourceType.VM:
            return MACHINE
        case ResourceType.LOAD_BALANCER if is_plain(desired):
            return SERVICE
    return operator_kind(desired, served) or _plain_kind(desired)


def _plain_kind(desired: DesiredResource) -> str:
    if existing := options_of(desired).existing:
        return existing.partition("/")[0]
    return STATEFUL_SET if desired.type in DATA else DEPLOYMENT


def operator_kind(desired: DesiredResource, served: Served | None) -> str | None:
    """The kind that an operator takes care of, where one is asked for, runs that software and is there."""
    operator = options_of(desired).operator
    if operator is None or desired.type not in DATA or desired.software != RUNS[operator]:
        return None
    kind = OPERATORS[operator]
    return kind if served is None or served.serves(kind) else None


def is_plain(desired: DesiredResource) -> bool:
    """Whether Kubernetes' own Service is the load balancer: no software was asked for, and all it spreads over is one
    address and one port."""
    asked = desired.resource
    return asked.engine is None and asked.image is None and len(set(desired.backends)) == 1


def short(kind: str) -> str:
    """A kind as its manifests name it."""
    return kind.partition(".")[0]
