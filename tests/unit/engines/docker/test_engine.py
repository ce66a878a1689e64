"""The Docker engine where there is no Docker: it says so, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from alma.core.model.errors import EngineUnavailable, InvalidInput
from alma.core.ports import Engine, ReadsLogs, Undoes
from alma.engines import EngineRegistry
from alma.engines.docker import DockerEngine, DockerSettings
from tests.contract.harness import new_stack


async def test_a_daemon_that_is_absent_says_what_to_do(tmp_path: Path) -> None:
    engine = DockerEngine(DockerSettings(host=f"unix://{tmp_path}/none.sock"))
    health = await engine.check()
    with pytest.raises(EngineUnavailable):
        await engine.read(new_stack("docker"))
    await engine.close()
    assert not health.available
    assert "is Docker running?" in health.problems[0]


async def test_a_host_that_is_none_is_refused_with_what_to_write() -> None:
    engine = DockerEngine(DockerSettings(host="somewhere"))
    with pytest.raises(InvalidInput) as refused:
        await engine.read(new_stack("docker"))
    assert "tcp://" in str(refused.value.hint)
    assert not (await engine.check()).available


def test_the_registry_opens_it_and_it_keeps_the_optional_protocols() -> None:
    engine: Engine = EngineRegistry({"docker": {"max_parallel": 2}}).get("docker")
    assert isinstance(engine, DockerEngine)
    assert isinstance(engine, ReadsLogs)
    assert isinstance(engine, Undoes)
