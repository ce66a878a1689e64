"""Importing on the command line and over HTTP: list, plan, ask, adopt; and what is said when it can't be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from alma.core.model.blueprint import Network, Resource, ResourceType, Specs
from alma.core.model.state import Status
from alma.core.model.units import Size
from alma.engines.simulation import SimulationEngine, SimulationSettings
from tests.e2e.server import serving
from tests.e2e.test_cli_simulation import alma, done


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory on which a server runs."""
    path = tmp_path_factory.mktemp("imports")
    with serving(path):
        yield path


def plant(home: Path, *names: str, status: Status | None = None) -> list[str]:
    """Guests on a network of their own that somebody made without ALMA; their ids."""

    async def planted() -> list[str]:
        engine = SimulationEngine(SimulationSettings(path=home / "simulation.db", time_scale=0))
        lan = f"{names[0]}-lan"
        await engine.plant(Resource(name=lan, type=ResourceType.NETWORK))
        specs = Specs(cpu=2, memory=Size("1GiB"))
        guests = [
            Resource(name=name, type=ResourceType.VM, specs=specs, network=Network(attach=(lan,)))
            for name in names
        ]
        ids = [await engine.plant(guest, status=status) for guest in guests]
        await engine.close()
        return ids

    return asyncio.run(planted())


def test_nothing_to_import_says_so(tmp_path: Path) -> None:
    assert "belongs to a stack, or nothing is there" in done(alma(tmp_path, "import", "simulation"))


def test_list_import_and_an_empty_plan(home: Path) -> None:
    ids = plant(home, "old-web", "old-db")
    listed = done(alma(home, "import", "simulation"))
    assert ids[0] in listed
    assert "old-web" in listed
    assert "--name NAME" in listed

    unasked = alma(home, "import", "simulation", ids[0], "--name", "legacy")
    assert "= vm old-web" in unasked.stdout
    done(unasked, 2)

    answer = done(alma(home, "import", "simulation", ids[0], "db=old-db", "--name", "legacy", "-y"))
    assert "it is there as 'old-db' and stays as it is" in answer
    assert "3 to be adopted as it is" in answer
    assert "Deployed legacy on simulation" in answer

    assert "No changes" in done(alma(home, "plan", "--blueprint", "legacy", "--exit-code"))
    assert "db" in done(alma(home, "status", "legacy"))
    destroyed = done(alma(home, "destroy", "legacy", "--yes"))
    assert "Nothing to destroy" in destroyed
    assert "Kept, with their data: " in destroyed


def test_json_is_one_document(home: Path) -> None:
    (id_,) = plant(home, "plain")
    found = json.loads(done(alma(home, "import", "simulation", "--json")))
    assert found["engine"] == "simulation"
    assert id_ in {item["object_id"] for item in found["items"]}
    words = ("import", "simulation", "plain", "--name", "plain", "--yes", "--json")
    document = json.loads(done(alma(home, *words)))
    assert document["plan"]["summary"]["adopt"] == 2
    assert document["deployment"]["status"] == "succeeded"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("simulation", "nonesuch", "--name", "x"), "there is no 'nonesuch' on simulation"),
        (("simulation", "105"), "--name or --blueprint"),
        (("simulation", "105", "--name", "x", "--blueprint", "y"), "--name or --blueprint"),
        (("simulation", "105", "--blueprint", "nonesuch"), "there is no blueprint nonesuch"),
        (("docker",), "Docker takes labels only when"),
        (("nonesuch",), "available engines"),
    ],
)
def test_what_can_not_be_is_told_with_the_next_step(
    home: Path, words: tuple[str, ...], told: str
) -> None:
    answer = alma(home, "import", *words)
    done(answer, 2)
    assert told in answer.stderr
    assert "hint: " in answer.stderr


def test_what_is_stopped_is_listed_and_its_plan_says_that_it_can_t_run(home: Path) -> None:
    plant(home, "asleep", status=Status.STOPPED)
    assert "stopped" in done(alma(home, "import", "simulation"))
    answer = alma(home, "import", "simulation", "asleep", "--name", "asleep", "--yes")
    done(answer, 2)
    assert "what is in a stack is kept running" in answer.stdout
    assert "is adopted" not in answer.stdout
