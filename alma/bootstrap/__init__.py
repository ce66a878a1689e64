"""The one composition root: settings in, wired services out. Nothing else knows both the core and the adapters.

`build` makes everything and starts nothing; `Alma.start` migrates the database and begins to take deployments off the
queue. Tests override a part by passing it. One module for each part of the wiring, each handed what those before made:
`ground` → `reckoning` → `reviewing` → `running` → `conversing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from alma import __version__
from alma.bootstrap.access import admit_with
from alma.bootstrap.conversing import converse_with, models
from alma.bootstrap.ground import Ground, SystemClock, lay
from alma.bootstrap.installation import Alma
from alma.bootstrap.reckoning import Reckoning, reckon_with, toolbox
from alma.bootstrap.reviewing import review_with
from alma.bootstrap.running import Later, Running, run_with
from alma.bootstrap.telemetry import look_at
from alma.core.agent.convening import Convening
from alma.core.agent.dialogue import Dialogue
from alma.core.agent.drafts import Drafts
from alma.core.agent.generating import Generating
from alma.core.agent.live import GRACE_SECONDS
from alma.core.services.auditing import Auditing
from alma.core.services.connections import Connections
from alma.core.services.conversations import Conversations
from alma.core.services.declaring import Declaring
from alma.core.services.denials import Denials
from alma.core.services.gathering import Gathering
from alma.core.services.health import HealthChecks
from alma.core.services.idempotency import Idempotency
from alma.core.services.language_models import LanguageModels
from alma.core.services.members import Members
from alma.core.services.monitoring import Monitoring
from alma.core.services.projects import Projects
from alma.core.services.rendering import Renderings
from alma.core.services.rulebook import Rulebook
from alma.core.services.secrets import SecretKeys
from alma.core.services.standing import Standings
from alma.db.usage_ledger import UsageLedger
from alma.llm import ModelMeter, Models
from alma.llm.secrets import Redaction
from alma.renderers import RendererRegistry
from alma.settings import Settings

if TYPE_CHECKING:
    from alma.core.ports import Clock, LanguageModel
    from alma.core.tools.registry import Toolbox

__all__ = ["Alma", "SystemClock", "build"]


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    model: LanguageModel | None = None,
    grace: float = GRACE_SECONDS,
) -> Alma:
    """Wires all parts. Touches the data directory (to find the secret key), but no engine and no database row. `model`
    is asked instead of the one in the settings; an answer that nobody has followed for `grace` seconds is given up."""
    ground, answering = lay(settings, clock), Later()
    meter = ModelMeter(ground.telemetry.meters)
    model = models(ground, meter) if model is None else model
    reckoning = reckon_with(ground)
    reviewing = review_with(ground, reckoning, model)
    running = run_with(ground, answering, reviewing)
    talking = _talk(ground, reckoning, running, model=model, grace=grace)
    answering.dialogue = talking.dialogue
    look_at(ground.telemetry, settings, ground.database, running.queue)
    return _put_together(
        ground,
        reckoning,
        running,
        talking,
        model=model,
        convening=Convening(
            reviewing.council,
            generating=talking.generating,
            blueprints=running.blueprints,
            plans=running.plans,
            iprs=running.iprs,
        ),
        health=_health(ground, running, model, meter),
    )


@dataclass(frozen=True)
class _Talking:
    """What conversations and their answers take."""

    conversations: Conversations
    tools: Toolbox
    dialogue: Dialogue
    generating: Generating
    drafts: Drafts


def _talk(
    ground: Ground,
    reckoning: Reckoning,
    running: Running,
    *,
    model: LanguageModel | None,
    grace: float,
) -> _Talking:
    conversations = Conversations(
        repositories=ground.database, clock=ground.clock, hide=Redaction().open()
    )
    tools = toolbox(ground, running, reckoning)
    parts = converse_with(
        ground, running, reckoning, conversations=conversations, tools=tools, model=model
    )
    dialogue = Dialogue(
        parts,
        queue=running.queue,
        bus=running.bus,
        grace=grace,
        tell=None if ground.settings.alone else ground.database.whispers.tell,
    )
    generating = Generating(parts)
    return _Talking(conversations, tools, dialogue, generating, Drafts(generating, grace=grace))


def _put_together(
    ground: Ground,
    reckoning: Reckoning,
    running: Running,
    talking: _Talking,
    *,
    model: LanguageModel | None,
    convening: Convening,
    health: HealthChecks,
) -> Alma:
    """Every part under the name by which the edges know it, and the small ones that need nothing but the ground."""
    access = admit_with(ground)
    return Alma(
        settings=ground.settings,
        accounts=access.accounts,
        keys=access.keys,
        signing_in=access.signing_in,
        authenticator=access.authenticator,
        passwords=access.passwords,
        provider_sign_in=access.provider_sign_in,
        device_login=access.device_login,
        access_changes=access.changes,
        catalogue=ground.catalogue,
        templates=ground.templates,
        blueprints=running.blueprints,
        plans=running.plans,
        iprs=running.iprs,
        deployments=running.deployments,
        stacks=running.stacks,
        importing=running.importing,
        declaring=Declaring(repositories=ground.database, plans=running.plans, iprs=running.iprs),
        projects=Projects(
            repositories=ground.database,
            clock=ground.clock,
            changes=access.changes,
            spelled=ground.engines.spelled,
        ),
        members=Members(repositories=ground.database, clock=ground.clock, changes=access.changes),
        gathering=Gathering(ground.database),
        idempotency=Idempotency(repositories=ground.database, clock=ground.clock),
        connections=Connections(
            repositories=ground.database, engines=ground.engines, known=ground.engines
        ),
        conversations=talking.conversations,
        standings=Standings(repositories=ground.database, conversations=talking.conversations),
        dialogue=talking.dialogue,
        generating=talking.generating,
        drafts=talking.drafts,
        estimates=reckoning.estimates,
        policies=Rulebook(reckoning.policies),
        converting=reckoning.converting,
        renderings=Renderings(
            renderers=RendererRegistry(),
            blueprints=running.blueprints,
            catalogue=ground.catalogue,
            estimates=reckoning.estimates,
        ),
        convening=convening,
        tools=talking.tools,
        model=model,
        language_models=_language_models(ground, model),
        health=health,
        engines=ground.engines,
        database=ground.database,
        queue=running.queue,
        bus=running.bus,
        watching=running.watching,
        worker=running.worker,
        preparing=running.preparing,
        telemetry=ground.telemetry,
        auditing=_auditing(ground),
        denials=Denials(repositories=ground.database, clock=ground.clock),
        secret_keys=SecretKeys(ground.database),
        derived_keys=access.derived,
        slowing=access.slowing,
        monitoring=Monitoring(ground.telemetry.measurements, clock=ground.clock),
    )


def _language_models(ground: Ground, model: LanguageModel | None) -> LanguageModels:
    return LanguageModels(
        model.chain if isinstance(model, Models) else lambda project: None,
        ledger=UsageLedger(ground.database),
        clock=ground.clock,
    )


def _auditing(ground: Ground) -> Auditing:
    days = ground.settings.audit_retention
    return Auditing(
        repositories=ground.database,
        clock=ground.clock,
        retention=timedelta(days=days) if days else None,
    )


def _health(
    ground: Ground, running: Running, model: LanguageModel | None, meter: ModelMeter
) -> HealthChecks:
    return HealthChecks(
        repositories=ground.database,
        queue=running.queue,
        engines=ground.engines,
        default_engine=ground.settings.default_engine,
        version=__version__,
        model=model,
        usage=meter.facts,
    )
