"""What settings say reaches the parts they are meant for."""

from __future__ import annotations

from pathlib import Path

import pytest

from alma.bootstrap import build
from alma.core.model.errors import InvalidInput
from alma.engines import ENGINES
from alma.settings import Settings


@pytest.mark.parametrize("name", sorted(ENGINES))
async def test_every_engine_opens_with_the_default_settings(name: str, tmp_path: Path) -> None:
    alma = build(Settings(home=tmp_path))
    alma.database.migrate()
    try:
        assert alma.engines.get(name).name == name
    finally:
        await alma.stop()


async def test_the_faults_to_rehearse_are_read_from_their_file(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text("- {kind: nonsense}")
    alma = build(Settings(home=tmp_path, simulation_faults=file))
    alma.database.migrate()
    try:
        with pytest.raises(InvalidInput, match=r"faults\.yaml"):
            alma.engines.get("simulation")
    finally:
        await alma.stop()
