"""An engine that needs nothing: people try ALMA on it, rehearse failures with it, and tests stand on it.

It keeps the same contract as the real ones, limits included: its world outlives the process and is shared by several,
a network that is used can't be deleted, and a reply can get lost. What it shows is marked as simulated.
"""

from alma.engines.simulation.engine import SimulationEngine
from alma.engines.simulation.settings import (
    Fault,
    FaultKind,
    FaultPoint,
    SimulationSettings,
    read_faults,
    rehearsals,
)
from alma.engines.simulation.store import Operation

__all__ = [
    "Fault",
    "FaultKind",
    "FaultPoint",
    "Operation",
    "SimulationEngine",
    "SimulationSettings",
    "read_faults",
    "rehearsals",
]
