"""How the system is."""

from __future__ import annotations

import strawberry

from alma import __version__
from alma.api.graphql.context import Info
from alma.api.graphql.deriving import noun, shown
from alma.core.services.health import ComponentHealth, HealthReport


@strawberry.type(description="Whether the system can work, in short.")
class SystemStatus:
    """Whether the system can work, in short."""

    status: str = strawberry.field(description="healthy, degraded or unhealthy.")
    name: str = "ALMA"
    version: str = __version__


@noun(ComponentHealth)
class Component:
    """One part of the system."""

    name: str


@noun(HealthReport, without=frozenset({"components"}))
class Health:
    """All parts, asked now."""

    components: list[Component]


@strawberry.type
class Queries:
    """What is asked about the system."""

    @strawberry.field(description="Whether requests can be taken: the database and the workflow.")
    async def status(self, info: Info) -> SystemStatus:
        return SystemStatus(status=(await info.context.alma.health.ready()).status)

    @strawberry.field(description="The database, the workflow and every engine, asked now.")
    async def health(self, info: Info) -> Health:
        report = await info.context.alma.health.report()
        parts = [
            shown(Component, {"name": name, **part.model_dump(mode="json")})
            for name, part in report.components.items()
        ]
        return shown(
            Health, {"status": report.status, "version": report.version, "components": parts}
        )
