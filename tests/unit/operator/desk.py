"""One Blueprint with its requests, as a cluster would keep them, over services with a real database: looks are made
one by one, so that a test says what happens between two of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alma.core.services.declaring import Declaring
from alma.core.services.stacks import Stacks
from alma.operator.documents import BlueprintStatus
from alma.operator.parts import Parts
from alma.operator.reconciling import Reconciling
from alma.operator.removing import Removing
from alma.operator.seen import SeenBlueprint, SeenRequest
from alma.operator.settings import OperatorSettings
from alma.operator.turn import Notice, Outcome
from tests.world import SystemClock, World

WEB: dict[str, Any] = {"name": "web", "type": "service", "engine": "nginx"}


class Time:
    """The machine's, and as far ahead as a test says."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> datetime:
        return SystemClock().now() + timedelta(seconds=self.ahead)


def parts(alma: World, now: Callable[[], datetime]) -> Parts:
    return Parts(
        declaring=Declaring(repositories=alma.database, plans=alma.plans, iprs=alma.iprs),
        blueprints=alma.blueprints,
        plans=alma.plans,
        iprs=alma.iprs,
        deployments=alma.deployments,
        stacks=Stacks(repositories=alma.database, engines=alma.engines),
        now=now,
    )


@dataclass
class Desk:
    alma: World
    settings: OperatorSettings = field(default_factory=OperatorSettings)
    name: str = "shop"
    uid: str = "u-1"
    generation: int = 1
    resources: list[dict[str, Any]] = field(default_factory=lambda: [WEB])
    deploy: dict[str, Any] = field(default_factory=lambda: {"engine": "simulation"})
    annotations: dict[str, str] = field(default_factory=dict)
    deleting: bool = False
    status: BlueprintStatus = field(default_factory=BlueprintStatus)
    requests: dict[str, SeenRequest] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    time: Time = field(default_factory=Time)

    def edit(self, *resources: dict[str, Any], **deploy: Any) -> None:
        """Another generation."""
        self.resources = list(resources) or self.resources
        self.deploy |= deploy
        self.generation += 1

    def annotate(self, word: str, said: str) -> None:
        self.annotations[f"alma.dev/{word}"] = said

    def decide(self, word: str, said: str) -> None:
        """An annotation on the request at hand."""
        name = self.status.request
        assert name is not None
        found = self.requests[name]
        said_before = {**found.annotations, f"alma.dev/{word}": said}
        self.requests[name] = found.model_copy(update={"annotations": said_before})

    def approve(self) -> None:
        found = self.requests[self.status.request or ""].status
        assert found is not None
        self.decide("approve", found.digest)

    @property
    def seen(self) -> SeenBlueprint:
        return SeenBlueprint(
            uid=self.uid,
            namespace="team",
            name=self.name,
            generation=self.generation,
            spec={"resources": self.resources, "deploy": self.deploy},
            annotations=dict(self.annotations),
            status=self.status,
            deleting=self.deleting,
        )

    async def look(self) -> Outcome:
        """As the first look of a process that knows nothing."""
        made = Removing if self.deleting else Reconciling
        looking = made(parts(self.alma, self.time.now), self.settings)
        outcome = await looking.look(self.seen, dict(self.requests))
        self.status = outcome.status
        self.notices += outcome.notices
        for wanted in outcome.requests:
            there = self.requests.get(wanted.name)
            self.requests[wanted.name] = SeenRequest(
                uid=f"uid-of-{wanted.name}",
                namespace="team",
                name=wanted.name,
                ipr_id=wanted.ipr_id,
                blueprint=wanted.blueprint,
                of_blueprint=wanted.owner,
                annotations=there.annotations if there else {},
                status=wanted.status,
            )
        for name in outcome.remove:
            self.requests.pop(name, None)
        return outcome

    async def ran(self) -> Outcome:
        """The look after the deployment at hand has ended."""
        assert self.status.deployment is not None
        await self.alma.ended(self.status.deployment.id)
        return await self.look()

    async def deployed(self) -> Outcome:
        """Planned, approved, run."""
        await self.look()
        self.approve()
        await self.look()
        return await self.ran()

    def condition(self, kind: str) -> tuple[str, str]:
        found = next(c for c in self.status.conditions if c.type == kind)
        return str(found.status), found.reason

    def message(self, kind: str) -> str:
        return next(c for c in self.status.conditions if c.type == kind).message

    @property
    def told(self) -> list[str]:
        return [notice.reason for notice in self.notices]
