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
TITLES: Mapping[Agent, str] = {
    Agent.ARCHITECT: "Architect",
    Agent.SECOPS: "SecOps",
    Agent.FINOPS: "FinOps",
}
CONCERNS: Mapping[Agent, str] = {
    Agent.ARCHITECT: "what the engine honours, what goes away or restarts and whom that touches, single points of "
    "failure, availability, backups, sizes, and where instances land",
    Agent.SECOPS: "every mandatory rule, exposure, encryption, identity, logs, data protection, and software at the "
    "end of its life",
    Agent.FINOPS: "what it costs a month and what it is compared with, the limit, what nobody uses, and what could be "
    "paid less for",
}
