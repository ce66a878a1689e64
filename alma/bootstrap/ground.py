"""What everything else stands on: the database, the engines, the clock, and the files that users may edit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from alma.bootstrap.engines import engine_registry
from alma.bootstrap.telemetry import Telemetry, watch_with
from alma.config import load_catalogue, load_templates
from alma.core.model.software import Catalogue
from alma.core.services.templates import Templates
from alma.db.database import Database, open_database
from alma.engines import EngineRegistry
from alma.settings import Settings

if TYPE_CHECKING:
    from alma.core.ports import Clock


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Ground:
    """Handed to every other part. `own` is the folder with the user's configuration, `kept` the one for what was read
    from files before."""

    settings: Settings
    clock: Clock
    own: Path
    kept: Path
    catalogue: Catalogue
    templates: Templates
    database: Database
    engines: EngineRegistry
    telemetry: Telemetry


def lay(settings: Settings, clock: Clock | None) -> Ground:
    """Reads the configuration and opens the database, without touching a row of it. Without a clock the database uses
    its own: workers on several machines must agree on the time."""
    settings.home.mkdir(parents=True, exist_ok=True)
    own, kept = settings.home / "config", settings.home / "cache"
    telemetry = watch_with(settings)
    database = open_database(
        settings.url,
        home=settings.home,
        secret_key=settings.secret_key,
        secret_key_command=settings.secret_key_command,
        clock=clock,
        meters=telemetry.meters,
        connections=settings.database_connections,
    )
    return Ground(
        settings=settings,
        clock=clock or SystemClock(),
        own=own,
        kept=kept,
        catalogue=load_catalogue(own, kept=kept),
        templates=Templates(load_templates(own, kept=kept)),
        database=database,
        engines=engine_registry(settings, database),
        telemetry=telemetry,
    )
