"""Prices and capacity: what is shipped says where each figure is from; people enter their own beside it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from alma.config import load_capacity, load_prices
from alma.core.economics.capacity import size_for
from alma.core.economics.figures import Figure
from alma.core.model.cost import PriceKind
from alma.core.model.errors import InvalidInput
from alma.core.model.sizing import Load

OWN_HOST = """
hosts:
  pve1: {purchase: 12000, threads: 128, memory_gib: 512, watts: 400, rack_units: 2}
settings: {tariff_per_kwh: 0.31}
"""


def own(tmp_path: Path, text: str, *, file: str = "prices/onprem.yaml") -> Path:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    return tmp_path


def figures(value: Any) -> list[Figure]:
    if isinstance(value, Figure):
        return [value]
    inner = (
        value.values()
        if isinstance(value, dict)
        else vars(value).values()
        if hasattr(value, "__dict__")
        else ()
    )
    return [figure for item in inner for figure in figures(item)]


@pytest.mark.parametrize("loaded", [load_prices(), load_capacity()], ids=["prices", "capacity"])
def test_every_shipped_figure_has_a_kind_a_source_and_a_date(loaded: object) -> None:
    found = figures(loaded)
    assert len(found) > 10
    assert all(figure.source and figure.date for figure in found)


def test_the_shipped_book_has_no_host_and_says_that_its_prices_stand_in() -> None:
    book = load_prices()
    assert not book.hosts
    assert book.fallback.label == "list-price proxy, not your own cost"
    assert book.common.vcpu_hour.kind is PriceKind.LIST
    assert "OpenCost" in book.common.vcpu_hour.source


def test_own_hosts_are_entered_beside_what_is_shipped(tmp_path: Path) -> None:
    book = load_prices(own(tmp_path, OWN_HOST))
    (host,) = book.settled(["pve1"])
    assert host.value("tariff_per_kwh") == Decimal("0.31")
    assert host.value("pue") == Decimal("1.54")
    assert book.common.vcpu_hour.kind is PriceKind.DERIVED
    assert book.version != load_prices().version


def test_what_was_read_is_kept_for_the_next_process_and_is_the_same(tmp_path: Path) -> None:
    first = load_prices(kept=tmp_path)
    load_prices.cache_clear()
    again = load_prices(kept=tmp_path)
    assert (tmp_path / "prices" / "onprem.json").exists()
    assert again is not first
    assert again.version == first.version == load_prices().version


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hosts: {pve1: {threads: 8, memory_gib: 32}}", ["hosts.pve1.purchase"]),
        ("hosts: {pve1: {purchase: -1, threads: 8, memory_gib: 32}}", ["hosts.pve1.purchase"]),
        ("hostz: {}", ["hostz", "did you mean 'hosts'"]),
        ("site: {gpu_hour: much}", ["site.gpu_hour", "must be a number"]),
        ("currency: EUR", ["currency"]),
        (
            "settings: {target_utilisation: 0}\n" + OWN_HOST.partition("settings")[0],
            ["pve1", "target_utilisation"],
        ),
        ("- pve1", ["mapping"]),
    ],
)
def test_a_mistake_names_the_file_and_the_place(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_prices(own(tmp_path, text))
    for word in ["onprem.yaml", *words]:
        assert word in caught.value.message
    assert caught.value.hint


def test_a_measured_figure_takes_the_place_of_an_assumption(tmp_path: Path) -> None:
    folder = own(tmp_path, "traffic: {business_logic_factor: 1}", file="capacity.yaml")
    found = size_for(Load(users=1_000_000), model=load_capacity(folder))
    assert found.app_servers == 2
    assert any(said == "business logic factor 1: entered by you" for said in found.assumptions)


def test_a_station_of_ones_own_is_known_by_its_name(tmp_path: Path) -> None:
    text = "stations: {shop: {title: our shop, us: 900, query_us: 80}}\nusual: shop"
    model = load_capacity(own(tmp_path, text, file="capacity.yaml"))
    assert "our shop" in size_for(Load(users=10), model=model).working[2]
    assert set(model.stations) == {*load_capacity().stations, "shop"}


def test_a_usual_station_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cobol"):
        load_capacity(own(tmp_path, "usual: cobol", file="capacity.yaml"))
