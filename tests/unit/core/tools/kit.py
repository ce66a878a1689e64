"""A call of a tool over a real database and the simulation, wired as the installation wires it.

async with calling(tmp_path) as calls:
    answer = await TOOL({"blueprint": SHOP}, calls.call)
    answer = await calls.use("validate_blueprint", blueprint=SHOP)
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from alma.bootstrap import Alma, build
from alma.core.model.blueprint import Blueprint
from alma.core.model.deployment import Deployment
from alma.core.model.document import parse_blueprint
from alma.core.model.ipr import ReviewAction
from alma.core.model.principal import LOCAL, Principal
from alma.core.ports import LanguageModel
from alma.core.tools.kit import Call, Kit
from alma.settings import Settings

SHOP: dict[str, Any] = {
    "name": "shop",
    "resources": [
        {"name": "web", "type": "vm", "engine": "nginx", "count": 3, "depends_on": ["db"]},
        {"name": "db", "type": "database"},
        {"name": "lb", "type": "load_balancer", "backends": ["web"]},
    ],
}


@dataclass
class Calls:
    """An installation whose tools a test uses. `told` is what progress said so far."""

    alma: Alma
    told: list[tuple[str, float | None]] = field(default_factory=list)

    @property
    def kit(self) -> Kit:
        return self.alma.tools.kit

    @property
    def call(self) -> Call:
        """A call by the operator of the machine, about nothing in particular."""
        return Call(
            principal=LOCAL,
            kit=self.kit,
            progress=lambda message, share: self.told.append((message, share)),
        )

    def about(self, document: dict[str, Any] | Blueprint, **context: Any) -> Call:
        """A call from a conversation about that draft."""
        draft = document if isinstance(document, Blueprint) else parse_blueprint(document)
        return replace(self.call, draft=draft, context=context)

    async def use(self, name: str, /, *, by: Principal = LOCAL, **arguments: Any) -> dict[str, Any]:
        """A tool's answer by way of the registry, as plain values: what every surface shows."""
        answer = await self.alma.tools.execute(
            by, name, arguments, progress=lambda message, share: self.told.append((message, share))
        )
        return answer.plain()

    def saved(self, document: dict[str, Any] = SHOP) -> int:
        """The number under which the document is saved."""
        return self.alma.blueprints.create(LOCAL, document).id

    async def deployed(self, document: dict[str, Any] = SHOP) -> Deployment:
        """The document, running on the simulation; `calling(started=True)` only."""
        ipr = await self.alma.iprs.open(LOCAL, title="run it", blueprint_id=self.saved(document))
        self.alma.iprs.review(LOCAL, ipr.id, action=ReviewAction.APPROVE)
        queued = await self.alma.iprs.deploy(LOCAL, ipr.id)
        async for _ in self.alma.deployments.follow(LOCAL, queued.id):
            pass
        return self.alma.deployments.get(LOCAL, queued.id)


@asynccontextmanager
async def calling(
    home: Path, *, started: bool = False, model: LanguageModel | None = None, **settings: Any
) -> AsyncIterator[Calls]:
    """Opens the installation in `home`. Not started, it works out and saves, and deploys nothing: that is quicker."""
    settings = {"default_engine": "simulation", "simulation_time_scale": 0, **settings}
    alma = build(Settings(home=home, **settings), model=model)
    try:
        if started:
            await alma.start()
        else:
            alma.database.migrate()
        yield Calls(alma)
    finally:
        await alma.stop()
