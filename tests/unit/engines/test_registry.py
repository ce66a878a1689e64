"""Engines are found by name, opened when first asked for, and an absent one says how to get it."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from alma.core.model.errors import EngineUnavailable, InvalidInput
from alma.core.ports import Engine
from alma.engines import ENGINES, EngineRegistry, Entry
from alma.engines.simulation import SimulationEngine, SimulationSettings


@pytest.fixture
def registry(tmp_path: Path) -> EngineRegistry:
    return EngineRegistry({"simulation": {"path": tmp_path / "simulation.db"}})


def test_the_names_are_sorted_and_hold_no_alias(registry: EngineRegistry) -> None:
    assert registry.names() == sorted(registry.names())
    assert {"docker", "simulation"} <= set(registry.names())
    assert "fake" not in registry.names()


@pytest.mark.parametrize("name", ["simulation", "Simulation", " simulation ", "fake", "FAKE"])
def test_an_engine_is_found_by_name_or_alias_whatever_the_case(
    registry: EngineRegistry, name: str
) -> None:
    assert isinstance(registry.get(name), SimulationEngine)


def test_an_engine_is_opened_once(registry: EngineRegistry) -> None:
    assert registry.get("simulation") is registry.get("fake")


def test_threads_that_ask_at_once_get_the_same_engine(registry: EngineRegistry) -> None:
    got: list[Engine] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        got.append(registry.get("simulation"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert len({id(engine) for engine in got}) == 1


def test_an_unknown_name_is_answered_with_the_known_ones(registry: EngineRegistry) -> None:
    with pytest.raises(InvalidInput) as raised:
        registry.get("vax")
    assert raised.value.message == "Unknown engine 'vax'"
    assert "docker" in str(raised.value.hint)
    assert "simulation" in str(raised.value.hint)


def test_an_engine_without_its_sdk_names_the_extra_to_install() -> None:
    table = {"vax": Entry("no_such_sdk_anywhere.vax:Vax", extra="vax")}
    with pytest.raises(EngineUnavailable) as raised:
        EngineRegistry(table=table).get("vax")
    assert 'pip install "alma[vax]"' in str(raised.value.hint)
    assert raised.value.details["engine"] == "vax"
    assert not raised.value.retryable, "trying again installs nothing"


def test_a_class_that_is_not_there_is_no_traceback() -> None:
    table = {"simulation": Entry("alma.engines.simulation:Gone")}
    with pytest.raises(EngineUnavailable, match="has no 'Gone'"):
        EngineRegistry(table=table).get("simulation")


def test_a_class_that_is_no_engine_is_refused_with_what_it_lacks() -> None:
    table = {"path": Entry("pathlib:Path")}
    with pytest.raises(EngineUnavailable, match="traits, check, support"):
        EngineRegistry(table=table).get("path")


def test_settings_that_do_not_fit_are_named_without_their_values() -> None:
    registry = EngineRegistry({"simulation": {"path": "x.db", "password": "hunter2-canary"}})
    with pytest.raises(InvalidInput) as raised:
        registry.get("simulation")
    assert "password" in raised.value.message
    assert "hunter2-canary" not in f"{raised.value.message} {raised.value.hint}"
    assert raised.value.__cause__ is None


def test_settings_may_be_given_as_the_engines_own_model(tmp_path: Path) -> None:
    settings = SimulationSettings(path=tmp_path / "simulation.db", seed=7)
    engine = EngineRegistry({"simulation": settings}).get("simulation")
    assert isinstance(engine, SimulationEngine)


_STUBBORN = """
from alma.core.model.errors import EngineUnavailable
from alma.engines.simulation import SimulationEngine

CLOSED = []

class Stubborn(SimulationEngine):
    def __init__(self, settings):
        super().__init__(settings)
        self.label = settings.path.stem

    async def close(self):
        CLOSED.append(self.label)
        if self.label == "first":
            raise EngineUnavailable("it will not let go")
"""


async def test_close_closes_what_was_opened_even_when_one_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alma_stubborn.py").write_text(_STUBBORN)
    monkeypatch.syspath_prepend(tmp_path)
    table = {name: Entry("alma_stubborn:Stubborn") for name in ("first", "second", "third")}
    registry = EngineRegistry({name: {"path": tmp_path / name} for name in table}, table=table)
    registry.get("first")
    registry.get("second")
    closed: list[str] = importlib.import_module("alma_stubborn").CLOSED
    with pytest.raises(EngineUnavailable, match="will not let go"):
        await registry.close()
    assert closed == ["first", "second"], "the third was never opened"
    await registry.close()
    assert closed == ["first", "second"], "what is closed is closed"


def test_a_third_partys_engine_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _distribution(tmp_path, "vax = alma_vax:VaxEngine\nsimulation = alma_vax:VaxEngine")
    source = "from alma.engines.simulation import SimulationEngine\n"
    source += "class VaxEngine(SimulationEngine):\n    name = 'vax'\n"
    (tmp_path / "alma_vax.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    registry = EngineRegistry({name: {"path": tmp_path / name} for name in ("vax", "simulation")})
    assert {*ENGINES, "vax"} == set(registry.names())
    assert registry.get("vax").name == "vax"
    assert registry.get("simulation").name == "simulation", "nobody takes over ALMA's own names"


def test_a_third_partys_engine_without_its_sdk_names_its_own_distribution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _distribution(tmp_path, "vax = no_such_sdk_anywhere:VaxEngine [cluster]")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EngineUnavailable) as raised:
        EngineRegistry().get("vax")
    assert 'pip install "alma-vax[cluster]"' in str(raised.value.hint)


def _distribution(directory: Path, entry_points: str) -> None:
    info = directory / "alma_vax-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: alma-vax\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[alma.engines]\n{entry_points}\n")


def test_naming_the_engines_imports_none_of_them() -> None:
    program = (
        "import sys, alma.engines as e; e.EngineRegistry().names();"
        "ours = {'alma.engines.connections', 'alma.engines.entries'};"
        "print([m for m in sys.modules if m.startswith(('aio', 'alma.engines.')) and m not in ours])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
