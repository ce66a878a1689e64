"""What somebody else keeps declared: a blueprint whose text lives outside of ALMA, such as an object in a cluster.

Whoever keeps it says the same thing again and again, from several processes and after a crash in any of them. What
ALMA has made of it so far is therefore written down here, in the transactions that made it.
"""

from __future__ import annotations

from alma.core.model.access import Permission
from alma.core.model.base import Frozen
from alma.core.model.plan import PlanKind
from alma.core.model.principal import Principal, PrincipalKind

KEEPER = "kubernetes:"
APPROVERS = "kubernetes-approvers:"

KEEPING = frozenset(
    {
        Permission.BLUEPRINT_READ,
        Permission.BLUEPRINT_WRITE,
        Permission.BLUEPRINT_DELETE,
        Permission.PLAN,
        Permission.IPR_READ,
        Permission.IPR_OPEN,
        Permission.IPR_CANCEL,
        Permission.DEPLOYMENT_READ,
        Permission.DEPLOY,
        Permission.DEPLOYMENT_CANCEL,
        Permission.STACK_READ,
        Permission.STACK_VERIFY,
    }
)
"""What a keeper may do: everything on the way from a document to a verified deployment, but for deciding on it."""
DECIDING = frozenset({Permission.IPR_READ, Permission.IPR_APPROVE})
"""What those may do in ALMA whom the cluster lets approve. It waives no rule."""


class Declaration(Frozen):
    """What became of one declared blueprint. `source` names it, the same for ever; `holder` is the very object that
    declares it now (None: it was let go, and what is deployed stays), and `generation` the state of that object which
    `revision` has. `settled` is the last revision that nothing had to be done for."""

    source: str
    project: str
    holder: str | None
    generation: int
    blueprint_id: int
    revision: int
    engine: str | None = None
    ipr_id: int | None = None
    kind: PlanKind = PlanKind.DEPLOY
    settled: int = 0
    asked: str | None = None


def keeper(namespace: str, name: str, *, project: str) -> Principal:
    """Whoever declares the blueprint of that name: answers for its revisions and requests, and decides on none."""
    return Principal(
        id=f"{KEEPER}{namespace}/{name}",
        display=f"Blueprint {namespace}/{name}",
        project=project,
        kind=PrincipalKind.SYSTEM,
        permissions=KEEPING,
    )


def approvers(namespace: str, *, project: str) -> Principal:
    """Those whom the cluster lets approve in a namespace. Who of them it was only the cluster knows, so together they
    are one approver: never two different people."""
    return Principal(
        id=f"{APPROVERS}{namespace}",
        display=f"approvers of namespace {namespace}",
        project=project,
        kind=PrincipalKind.SYSTEM,
        permissions=DECIDING,
    )


def cap_of(principal: str) -> frozenset[Permission] | None:
    """All that the principal of that id may do in any project, if it is one of these; None for everybody else."""
    if principal.startswith(KEEPER):
        return KEEPING
    return DECIDING if principal.startswith(APPROVERS) else None
