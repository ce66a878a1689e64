"""What conversations are made of: reading what is said, offline or with a model, answering, and drafting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alma.bootstrap.ground import Ground
from alma.bootstrap.reckoning import Reckoning
from alma.bootstrap.running import Running
from alma.config import load_models
from alma.core.agent.live import LiveTurns
from alma.core.agent.lookups import look_ups
from alma.core.agent.parts import Parts
from alma.core.agent.reading import Reader
from alma.core.agent.with_tools import WithTools
from alma.core.model.document import diagnose
from alma.core.services.answers import Answers
from alma.core.services.conversations import Conversations
from alma.core.services.drafting import Drafting
from alma.core.services.known import Known
from alma.core.services.proposals import Proposals
from alma.core.services.replying import Replying
from alma.core.tools.registry import Toolbox
from alma.db.usage_ledger import UsageLedger
from alma.llm import ModelMeter, Models, Surroundings, build_models
from alma.llm.settings import Use
from alma.settings import variable

if TYPE_CHECKING:
    from alma.core.ports import LanguageModel


def models(ground: Ground, meter: ModelMeter) -> Models | None:
    """The language models that are configured, if any are."""
    return build_models(
        ground.settings.llm,
        Surroundings(clock=ground.clock, ledger=UsageLedger(ground.database), counts=meter),
        projects=load_models(ground.own),
        folder=ground.own,
        variable=variable,
    )


def converse_with(
    ground: Ground,
    running: Running,
    reckoning: Reckoning,
    *,
    conversations: Conversations,
    tools: Toolbox,
    model: LanguageModel | None,
) -> Parts:
    """Wires what a turn of a conversation needs."""
    plans, estimates = running.plans, reckoning.estimates
    diagnosed, answers = Known(diagnose), _answers(ground, running, reckoning, tools)
    return Parts(
        repositories=ground.database,
        conversations=conversations,
        interpreter=reckoning.interpreter,
        drafting=Drafting(
            templates=ground.templates, plans=plans, estimates=estimates, diagnosed=diagnosed
        ),
        replying=Replying(plans=plans, answers=answers, diagnosed=diagnosed),
        proposals=Proposals(
            repositories=ground.database, plans=plans, iprs=running.iprs, estimates=estimates
        ),
        live=LiveTurns(),
        reader=None if model is None else _reader(ground, reckoning, tools, model),
        use=model.use if isinstance(model, Models) else lambda project: Use.ALWAYS.value,
    )


def _answers(ground: Ground, running: Running, reckoning: Reckoning, tools: Toolbox) -> Answers:
    """Answers from what tools compute, by the same services."""
    return Answers(
        templates=ground.templates,
        plans=running.plans,
        engines=ground.engines,
        catalogue=ground.catalogue,
        clock=ground.clock,
        interpreter=reckoning.interpreter,
        estimates=reckoning.estimates,
        compliance=tools.kit.compliance,
        diagnosing=tools.kit.diagnosing,
        size_for=reckoning.size_for,
    )


def _reader(ground: Ground, reckoning: Reckoning, tools: Toolbox, model: LanguageModel) -> Reader:
    found = look_ups(
        repositories=ground.database,
        templates=ground.templates,
        catalogue=ground.catalogue,
        estimate=reckoning.estimates.estimate,
        size_for=reckoning.size_for,
    )
    return Reader(
        model=model,
        knowledge=WithTools(found, tools),
        interpreter=reckoning.interpreter,
        templates=ground.templates,
    )
