"""What a stack was brought to last: the instances of the last deployment that succeeded, as the engine was told them.

Not the revision resolved again: a newer software catalogue would make something else of the same words.
"""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.model.deployment import DeploymentState
from alma.core.model.plan import PlanKind
from alma.core.model.state import DesiredResource
from alma.core.ports import Transaction


def deployed(transaction: Transaction, *, stack_id: str, project: str) -> Sequence[DesiredResource]:
    """The instances; none before the first success and after a destroy."""
    last = transaction.deployments.list(
        project=project, stack_id=stack_id, state=DeploymentState.SUCCEEDED, limit=1
    )
    if not last or last[0].plan.target.kind is PlanKind.DESTROY:
        return ()
    return [change.desired for change in last[0].plan.changes if change.desired]
