"""Asks questions of a real installation: its database, its simulation, its price book; only the clock is the test's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from alma.config import load_capacity, load_catalogue, load_prices, load_templates
from alma.config.controls import load_controls
from alma.config.loading import load_lifecycle
from alma.config.packs import PolicyFiles
from alma.config.signatures import signature_book
from alma.core.economics.capacity import size_for
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint, Origin, Revision
from alma.core.model.conversation import Intent, Interpretation
from alma.core.model.document import parse_blueprint
from alma.core.model.principal import LOCAL, Principal
from alma.core.model.software import Catalogue
from alma.core.services.answers import Answers, Told
from alma.core.services.compliance import Compliance
from alma.core.services.diagnosing import Diagnosing
from alma.core.services.estimates import Estimates
from alma.core.services.plans import Plans
from alma.core.services.policies import Policies
from alma.core.services.templates import Templates
from alma.llm.secrets import Redaction
from tests.world import World, world

WEB_AND_DB: dict[str, Any] = {
    "name": "shop",
    "resources": [
        {"name": "web-1", "type": "vm", "engine": "nginx", "specs": {"cpu": 2, "memory": "4GB"}},
        {"name": "web-2", "type": "vm", "engine": "nginx", "specs": {"cpu": 2, "memory": "4GB"}},
        {
            "name": "db-1",
            "type": "database",
            "engine": "postgresql",
            "specs": {"cpu": 2, "memory": "8GB", "disk": "100GB"},
        },
        {"name": "lb-1", "type": "load_balancer", "backends": ["web-1", "web-2"]},
    ],
}


@dataclass
class LaterClock:
    """Now, and as much later as a test says."""

    later: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def interpreter() -> Interpreter:
    return Interpreter(catalogue(), load_templates())


@cache
def estimates() -> Estimates:
    return Estimates(catalogue(), load_prices())


def compliance(made: World, clock: LaterClock) -> Compliance:
    """The shipped rules and frameworks, with the world's waivers."""
    policies = Policies(
        repositories=made.database,
        packs=PolicyFiles(),
        catalogue=catalogue(),
        lifecycle=load_lifecycle,
        clock=clock,
    )
    return Compliance(policies, load_controls)


def diagnosing(made: World) -> Diagnosing:
    """The shipped signatures over the world."""
    return Diagnosing(
        repositories=made.database,
        engines=made.engines,
        plans=made.plans,
        book=signature_book,
        redaction=Redaction().open,
    )


@dataclass
class Desk:
    """Where questions are asked."""

    world: World
    answers: Answers
    clock: LaterClock = field(default_factory=LaterClock)

    def told(
        self,
        intent: Intent,
        message: str,
        *,
        draft: Revision | Blueprint | None = None,
        origins: Mapping[str, Origin] | None = None,
        principal: Principal = LOCAL,
        **more: Any,
    ) -> Told:
        """The answer to a message of that intent."""
        revision = draft if isinstance(draft, Revision) else None
        blueprint = draft.blueprint if isinstance(draft, Revision) else draft
        with self.world.database.read() as transaction:
            told = self.answers.about(
                transaction,
                principal,
                Interpretation(intent=intent, **more),
                message=message,
                blueprint=blueprint,
                revision=revision,
                origins=origins if origins is not None else (revision.origins if revision else {}),
                engine="simulation",
            )
        assert told is not None
        return told

    def save(
        self, document: dict[str, Any], *, origins: Mapping[str, Origin] | None = None
    ) -> Revision:
        """A saved draft."""
        return self.world.blueprints.create(LOCAL, document, origins=origins)

    def saved_again(self, draft: Revision, document: dict[str, Any]) -> Revision:
        """A further revision of it."""
        return self.world.blueprints.update(LOCAL, draft.id, document)


@asynccontextmanager
async def desk(home: Path, **settings: Any) -> AsyncIterator[Desk]:
    """An installation to ask. `settings` are those of `world`; nothing is deployed unless it says `started`."""
    async with world(home, **{"started": False, **settings}) as made:
        clock = LaterClock()
        answers = Answers(
            templates=Templates(load_templates()),
            plans=Plans(
                repositories=made.database,
                engines=made.engines,
                catalogue=catalogue(),
                gate=made.gate,
                default_engine="simulation",
            ),
            engines=made.engines,
            catalogue=catalogue(),
            clock=clock,
            interpreter=interpreter(),
            estimates=estimates(),
            compliance=compliance(made, clock),
            diagnosing=diagnosing(made),
            size_for=partial(size_for, model=load_capacity()),
        )
        yield Desk(world=made, answers=answers, clock=clock)


def blueprint(document: dict[str, Any] | None = None, **more: Any) -> Blueprint:
    """A draft that is not saved."""
    return parse_blueprint({**(document or WEB_AND_DB), **more})


def changed(document: dict[str, Any], name: str, **fields: Any) -> dict[str, Any]:
    """The document with other fields for one resource."""
    return document | {
        "resources": [
            item | fields if item["name"] == name else item for item in document["resources"]
        ]
    }
