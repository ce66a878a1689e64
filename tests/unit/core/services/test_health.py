"""A language model is part of the picture, and never a reason to be down: without it everything is answered offline."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from alma.bootstrap import Alma, build
from alma.llm.scripted import ScriptedModel
from alma.settings import Settings


@asynccontextmanager
async def started(home: Path, model: ScriptedModel | None) -> AsyncIterator[Alma]:
    made = build(Settings(home=home), model=model)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@pytest.mark.parametrize(("available", "status"), [(True, "healthy"), (False, "degraded")])
async def test_a_language_model_that_is_down_degrades_and_no_more(
    tmp_path: Path, available: bool, status: str
) -> None:
    async with started(tmp_path, ScriptedModel(available=available)) as alma:
        report = await alma.health.report()

    assert report.components["language_model"].status == status
    assert report.components["language_model"].facts["model"] == "scripted:test"
    assert report.status != "unhealthy"


async def test_where_no_model_is_configured_none_is_reported(tmp_path: Path) -> None:
    async with started(tmp_path, None) as alma:
        report = await alma.health.report()

    assert "language_model" not in report.components
