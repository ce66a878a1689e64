"""SecOps: every mandatory rule, and all that concern who gets in, who reads along, and what is out of date."""

from __future__ import annotations

from collections.abc import Iterator

from alma.core.agent.examiners.by_rules import by_rules
from alma.core.model.council import Agent, CouncilFinding
from alma.core.services.dossiers import Dossier


def examine(dossier: Dossier) -> Iterator[CouncilFinding]:
    """What the rules say."""
    yield from by_rules(Agent.SECOPS, dossier)
