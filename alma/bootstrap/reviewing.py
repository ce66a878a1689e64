"""What a plan goes through before it may run: the gate of mandatory rules, and the council."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alma.bootstrap.ground import Ground
from alma.bootstrap.reckoning import Reckoning
from alma.core.agent.council import Council
from alma.core.services.dossiers import Dossiers
from alma.core.services.gate import Gate
from alma.core.services.scrutiny import Scrutiny
from alma.llm import Models
from alma.llm.settings import Use

if TYPE_CHECKING:
    from alma.core.ports import LanguageModel


@dataclass(frozen=True, slots=True)
class Reviewing:
    """What stands between a blueprint and its deployment."""

    gate: Gate
    council: Council
    scrutiny: Scrutiny


def review_with(ground: Ground, reckoning: Reckoning, model: LanguageModel | None) -> Reviewing:
    """Wires it. Where a project wants its model only for what was not understood, requests are examined without."""
    gate = Gate(reckoning.policies, reckoning.estimates)
    council = Council(
        Dossiers(repositories=ground.database, gate=gate, estimates=reckoning.estimates),
        model=model,
        speaks=(lambda project: model.use(project) is Use.ALWAYS)
        if isinstance(model, Models)
        else lambda project: True,
    )
    scrutiny = Scrutiny(repositories=ground.database, gate=gate, examiner=council)
    return Reviewing(gate, council, scrutiny)
