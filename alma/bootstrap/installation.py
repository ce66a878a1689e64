"""What an installation consists of, and how it is started and stopped."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alma.bootstrap.telemetry import Telemetry
from alma.core.agent.convening import Convening
from alma.core.agent.dialogue import Dialogue
from alma.core.agent.drafts import Drafts
from alma.core.agent.generating import Generating
from alma.core.model.credential import DerivedKeys
from alma.core.model.errors import AlmaError, InvalidInput
from alma.core.model.software import Catalogue
from alma.core.services.access import AccessChanges
from alma.core.services.accounts import Accounts
from alma.core.services.auditing import Auditing
from alma.core.services.authentication import Authenticator
from alma.core.services.blueprints import Blueprints
from alma.core.services.connections import Connections
from alma.core.services.conversations import Conversations
from alma.core.services.converting import Converting
from alma.core.services.declaring import Declaring
from alma.core.services.denials import Denials
from alma.core.services.deployments import Deployments
from alma.core.services.device_login import DeviceLogin
from alma.core.services.estimates import Estimates
from alma.core.services.gathering import Gathering
from alma.core.services.health import HealthChecks
from alma.core.services.idempotency import Idempotency
from alma.core.services.importing import Importing
from alma.core.services.iprs import IPRs
from alma.core.services.keys import Keys
from alma.core.services.language_models import LanguageModels
from alma.core.services.members import Members
from alma.core.services.monitoring import NOTE_SECONDS, Monitoring
from alma.core.services.plans import Plans
from alma.core.services.projects import Projects
from alma.core.services.providers import ProviderSignIn
from alma.core.services.rendering import Renderings
from alma.core.services.rulebook import Rulebook
from alma.core.services.secrets import SecretKeys
from alma.core.services.signing_in import SigningIn
from alma.core.services.slowing import Slowing
from alma.core.services.stacks import Stacks
from alma.core.services.standing import Standings
from alma.core.services.templates import Templates
from alma.core.services.watching import Watching
from alma.core.tools.registry import Toolbox
from alma.credentials.passwords import Argon2
from alma.db.database import Database
from alma.engines import EngineRegistry
from alma.settings import Settings
from alma.workflow.bus import LocalBus
from alma.workflow.durable import DurableQueue, Worker

if TYPE_CHECKING:
    from alma.core.ports import LanguageModel

# How often engines that nobody uses any more are looked for.
_TEND_SECONDS = 60.0

logger = logging.getLogger(__name__)


@dataclass
class Alma:
    """Everything an edge (HTTP, command line, worker) may call."""

    settings: Settings
    accounts: Accounts
    keys: Keys
    signing_in: SigningIn
    authenticator: Authenticator
    passwords: Argon2
    provider_sign_in: ProviderSignIn
    device_login: DeviceLogin
    access_changes: AccessChanges
    catalogue: Catalogue
    templates: Templates
    blueprints: Blueprints
    plans: Plans
    iprs: IPRs
    deployments: Deployments
    stacks: Stacks
    importing: Importing
    declaring: Declaring
    projects: Projects
    members: Members
    gathering: Gathering
    idempotency: Idempotency
    connections: Connections
    conversations: Conversations
    standings: Standings
    dialogue: Dialogue
    generating: Generating
    drafts: Drafts
    estimates: Estimates
    policies: Rulebook
    converting: Converting
    renderings: Renderings
    convening: Convening
    tools: Toolbox
    model: LanguageModel | None
    language_models: LanguageModels
    health: HealthChecks
    engines: EngineRegistry
    database: Database
    queue: DurableQueue
    bus: LocalBus
    watching: Watching
    worker: Worker | None
    preparing: Worker
    telemetry: Telemetry
    monitoring: Monitoring
    auditing: Auditing
    denials: Denials
    secret_keys: SecretKeys
    derived_keys: tuple[DerivedKeys, ...]
    slowing: Slowing
    _started: bool = field(default=False, init=False)
    _tending: asyncio.Task[None] | None = field(default=None, init=False)
    _measuring: asyncio.Task[None] | None = field(default=None, init=False)

    async def start(self) -> None:
        """Brings the database up to date and starts to run deployments. Raises AlmaError when that can't be, and when
        the default engine does not exist or its settings are not valid."""
        await self._bring_up_to_date()
        await self._renew_keys()
        await asyncio.to_thread(self._refuse_open_door)
        await asyncio.to_thread(self.engines.get, self.settings.default_engine)
        self.listen()
        await (self.worker.start() if self.worker else self.preparing.prepare())
        self._tending = asyncio.create_task(self._tend())
        self._measuring = asyncio.create_task(self._measure())
        self._started = True

    def warm_up(self) -> None:
        """Has messages read before a person's first one comes, for a server that stays."""
        self.tools.kit.interpreter.warm_up()

    async def upgrade(self) -> None:
        """Brings the database up to date, with the tables and queues of the workflow engine, and starts nothing: what
        `start` does first. Raises DatabaseUnavailable, also for a file that a running server owns."""
        await self._bring_up_to_date()
        await self.preparing.prepare()

    async def _bring_up_to_date(self) -> None:
        await asyncio.to_thread(self.database.claim)
        await asyncio.to_thread(self.database.migrate)

    def listen(self) -> None:
        """Hears from now on what other processes write and say."""
        self.database.listen(
            self.bus.notify,
            missed=self.bus.notify_all,
            whispered=self.dialogue.following.hear,
        )

    def _refuse_open_door(self) -> None:
        demanded = self.settings.auth_demanded and self.settings.auth_enabled is None
        if demanded and not self.authenticator.required():
            raise InvalidInput(
                "other machines could reach this server, and it would do what anybody says",
                hint="set ALMA_API_KEY, or make the first account or key before; ALMA_AUTH_ENABLED=false says "
                "that it is meant so",
            )

    async def drain(self) -> None:
        """What comes before `stop`, where others go on: says that it is not ready, takes no more work, and lets the
        steps under way end, for as long as the settings say."""
        self.health.leave()
        delay = asyncio.create_task(asyncio.sleep(self.settings.shutdown_delay))
        if self.worker is not None and not await self.worker.drain(self.settings.drain_seconds):
            logger.warning(
                "steps still run after %g s: they are broken off, and done again by whoever takes over",
                self.settings.drain_seconds,
            )
        await delay

    async def stop(self) -> None:
        """Stops taking work and gives everything back; a deployment under way goes on at the next start."""
        # Last in, first out, and each even if one before it fails.
        async with AsyncExitStack() as closing:
            closing.callback(self.database.close)
            closing.callback(self.passwords.close)
            closing.push_async_callback(self.engines.close)
            closing.callback(self.queue.close)
            if self.model is not None:
                closing.push_async_callback(self.model.close)
            for watch in (self._tending, self._measuring):
                if watch is not None:
                    watch.cancel()
            closing.callback(self.telemetry.close)
            if self._started:
                closing.callback(self.denials.close)
            if self._started and self.worker is not None:
                closing.push_async_callback(self.worker.stop)
            self._started = False
            closing.push_async_callback(self.dialogue.close)
            closing.push_async_callback(self.drafts.close)

    async def _measure(self) -> None:
        """Notes now and then what the meters stand at: rates are differences."""
        while True:
            try:
                await asyncio.to_thread(self.telemetry.refresh)
                await asyncio.to_thread(self.monitoring.note)
            except (AlmaError, OSError) as error:
                # Its folder was swept, or the disk is full: the next look may find them mended.
                logger.warning("what the meters stand at was not noted: %s", error)
            await asyncio.sleep(NOTE_SECONDS)

    async def _tend(self) -> None:
        """Gives back engines whose connection was changed, now and then."""
        while True:
            await asyncio.sleep(_TEND_SECONDS)
            try:
                await self.engines.tend()
            except AlmaError as error:
                logger.warning("an engine that was replaced did not close: %s", error.message)
            await self._renew_keys()
            await self._note_uses()
            await self._forget_answers()
            await self._forget_attempts()
            await self._tend_audit()

    async def _tend_audit(self) -> None:
        """Notes refusals that were only counted, and lets go of entries that are older than is kept."""
        try:
            await asyncio.to_thread(self.denials.flush)
            await asyncio.to_thread(self.auditing.retire)
        except AlmaError as error:
            logger.warning("the audit log was not tended: %s", error.message)

    async def _renew_keys(self) -> None:
        """Looks for data keys that another process has made."""
        try:
            for keys in self.derived_keys:
                await asyncio.to_thread(keys.renew)
        except AlmaError as error:
            logger.warning("the keys of credentials can't be read: %s", error.message)

    async def _forget_answers(self) -> None:
        try:
            await asyncio.to_thread(self.idempotency.forget_old)
        except AlmaError as error:
            logger.warning("answers of yesterday were not forgotten: %s", error.message)

    async def _forget_attempts(self) -> None:
        try:
            await asyncio.to_thread(self.slowing.forget)
        except AlmaError as error:
            logger.warning("failed attempts of a while ago were not forgotten: %s", error.message)

    async def _note_uses(self) -> None:
        try:
            await asyncio.to_thread(self.authenticator.note_uses)
        except AlmaError as error:
            logger.warning("when keys were last used was not written down: %s", error.message)
