"""Who sits in the council, and what each looks at. Pure: a dossier in, findings out; a model has no part in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from alma.core.agent.examiners import architect, finops, secops
from alma.core.model.council import Agent, CouncilFinding
from alma.core.services.dossiers import Dossier

Examination = Callable[[Dossier], Iterator[CouncilFinding]]

EXAMINATIONS: Mapping[Agent, Examination] = {
    Agent.ARCHITECT: architect.examine,
    Agent.SECOPS: secops.examine,
    Agent.FINOPS: finops.examine,
}
