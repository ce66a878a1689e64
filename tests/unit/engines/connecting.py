"""A simulation that has to be told where it is, with secrets to keep: what connections are tried on."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, Field, SecretStr

from alma.core.model.base import Frozen
from alma.core.model.engine import Health
from alma.engines.simulation import SimulationEngine, SimulationSettings

TARGET = "tests.unit.engines.connecting:LabEngine"
CANARY = "canary-1c5e77"


def _somewhere() -> Path:
    return Path(tempfile.mkdtemp(prefix="alma-lab-")) / "lab.db"


class LabSettings(Frozen):
    """`url` and `token` as every vendor has them; `state` is the installation's."""

    url: str | None = None
    token: SecretStr | None = None
    ca_file: Path | None = None
    retries: int = 3
    state: Path = Field(default_factory=_somewhere)


class LabEngine(SimulationEngine):
    """Remembers who opened and closed it."""

    name: ClassVar[str] = "lab"
    Settings: ClassVar[type[BaseModel]] = LabSettings  # type: ignore[assignment]  # it needs less than its parent
    opened: ClassVar[list[LabEngine]] = []

    def __init__(self, settings: Any) -> None:
        super().__init__(SimulationSettings(path=settings.state, time_scale=0))
        self.settings: LabSettings = settings
        self.closed = False
        LabEngine.opened.append(self)

    async def check(self) -> Health:
        """Up, and says where, if it was told."""
        if self.settings.url is None:
            return Health(engine="lab", available=False, detail="nothing says where it is")
        return Health(
            engine="lab",
            available=True,
            detail=f"answers at {self.settings.url}",
            facts={"nodes": [{"name": "n1", "online": True}], "bridges": ["vmbr0", "vmbr1"]},
        )

    async def close(self) -> None:
        self.closed = True
        await super().close()
