"""How the engines of an installation are reached: what settings, files and projects say."""

from __future__ import annotations

from alma.config import load_connections
from alma.core.services.connections import SavedConnections
from alma.db.database import Database
from alma.engines import ConnectionFile, EngineRegistry
from alma.settings import Settings, variable

# One node is one URL.
_PLURAL = {"url": "urls"}


def engine_registry(settings: Settings, database: Database) -> EngineRegistry:
    folder = settings.home / "config"
    return EngineRegistry(
        _engine_settings(settings),
        common=_common_settings(settings),
        file=ConnectionFile(folder, load_connections(folder)),
        saved=SavedConnections(database),
        shared=settings.shared_engines,
        variable=variable,
    )


def _engine_settings(settings: Settings) -> dict[str, dict[str, object]]:
    """The default connection of each engine, as plain values: the engine's own model makes settings of them."""
    return {
        "simulation": {
            "seed": settings.simulation_seed,
            "time_scale": settings.simulation_time_scale,
            "faults_file": settings.simulation_faults,
        },
        "docker": {
            "host": settings.docker_host,
            "publish_address": settings.docker_publish_address,
        },
        "kubernetes": dict(settings.kubernetes),
        "proxmox": {_PLURAL.get(name, name): value for name, value in settings.proxmox.items()},
    }


def _common_settings(settings: Settings) -> dict[str, dict[str, object]]:
    """Where engines keep what is theirs: the same for every connection, and nobody else's to say."""
    return {
        "simulation": {"path": settings.home / "simulation.db"},
        "proxmox": {"state_dir": settings.home / "proxmox"},
    }
