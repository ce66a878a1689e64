"""docs/costs.md shows what the code prints, for the examples that it gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from alma.config import load_capacity, load_catalogue, load_prices
from alma.core.economics.capacity import size_for
from alma.core.economics.figures import shown
from alma.core.economics.hardware import Host, Settings
from alma.core.economics.words import explained, in_words, offered
from alma.core.model.blueprint import Blueprint, Origin
from alma.core.model.cost import Estimate
from alma.core.model.document import parse_text
from alma.core.model.sizing import Load
from alma.core.services.estimates import Estimates

PAGE = (Path(__file__).parents[4] / "docs" / "costs.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def example() -> Blueprint:
    (text,) = blocks("yaml blueprint")
    return parse_text(text)


def in_full(estimate: Estimate) -> list[str]:
    """Without the book's digest, which changes with every word in it."""
    return [in_words(estimate), *(re.sub(r"@\w+$", "@…", line) for line in explained(estimate))]


def own_folder(tmp_path: Path, kind: str, file: str) -> Path:
    (text,) = blocks(f"yaml {kind}")
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    return tmp_path


def printed(tmp_path: Path) -> list[list[str]]:
    """What the code says to the page's examples, in the page's order."""
    plan, catalogue = example(), load_catalogue()
    standing_in = Estimates(catalogue, load_prices())
    own = load_prices(own_folder(tmp_path, "prices", "prices/onprem.yaml"))
    guessed = dict.fromkeys(
        ["resources.web.specs.cpu", "resources.web.specs.memory"], Origin.DEFAULT
    )
    sizing = size_for(Load(users=1_000_000), model=load_capacity())
    return [
        in_full(standing_in.estimate(plan)),
        in_full(Estimates(catalogue, own).estimate(plan)),
        [offered(standing_in.cheaper(plan, 250, origins=guessed))],
        [*sizing.working, *sizing.sensitivity],
    ]


@pytest.mark.parametrize("number", range(4))
def test_the_page_shows_what_the_code_prints(tmp_path: Path, number: int) -> None:
    shown_on_page = [text.splitlines() for text in blocks("text")]
    assert len(shown_on_page) == 4
    assert shown_on_page[number] == printed(tmp_path)[number]


def test_the_page_lists_every_setting_with_its_shipped_value() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", PAGE, re.MULTILINE))
    settings = load_prices().settings
    assert rows == {name: shown(getattr(settings, name).value) for name in Settings.model_fields}


def test_the_page_lists_every_field_of_a_host() -> None:
    named = {
        word
        for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
        for word in re.findall(r"`(\w+)`", row)
    }
    assert set(Host.model_fields) <= named


def test_the_example_of_measured_capacity_is_used(tmp_path: Path) -> None:
    model = load_capacity(own_folder(tmp_path, "capacity", "capacity.yaml"))
    found = size_for(Load(requests_per_second=100), model=model)
    assert "4.2 ms of a core (our shop) × 1 " in found.working[1]
