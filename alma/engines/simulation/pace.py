"""Simulated time and simulated chance: neither asks the machine, so that a run can be repeated exactly."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from pathlib import Path

from alma.engines.simulation.settings import Kind, SimulationSettings

_LOOK_SECONDS = 0.05


def chance(seed: int, *what: object) -> float:
    """A number from 0 up to 1 that depends on nothing but its arguments.

    Not on a generator's state: changes run in parallel, and their order must not decide what happens to whom.
    """
    text = "\0".join(map(str, (seed, *what)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


class Pace:
    """Lets operations take their time. `elapsed` is the simulated time since the engine was opened, in seconds: what
    runs in parallel counts once."""

    def __init__(self, settings: SimulationSettings) -> None:
        self._settings = settings
        self.elapsed = 0.0

    def duration(self, kind: Kind, address: str = "") -> float:
        """How long one operation takes, in simulated seconds."""
        least, most = self._settings.seconds(kind)
        return least + (most - least) * chance(self._settings.seed, "latency", kind, address)

    async def spend(self, seconds: float) -> None:
        """Lets that much simulated time go by. Gives way to others at least once, however short it is."""
        end = self.elapsed + seconds
        await asyncio.sleep(seconds * self._settings.time_scale)
        self.elapsed = max(self.elapsed, end)

    async def hold(self, files: Iterable[Path]) -> None:
        """Waits in real time until every one of the files is there. No simulated time goes by."""
        for file in files:
            there = await asyncio.to_thread(file.exists)
            while not there:
                await asyncio.sleep(_LOOK_SECONDS)
                there = await asyncio.to_thread(file.exists)
