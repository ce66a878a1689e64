"""Rates of one's own hardware follow from what was entered, and the nearest layer that says something counts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from alma.core.economics.hardware import parts
from alma.core.model.cost import PriceKind
from tests.unit.core.economics.books import DOCUMENT, HOST, book


def near(value: Decimal, expected: str, *, places: str) -> bool:
    return value.quantize(Decimal(places)) == Decimal(expected)


def test_a_hosts_hour_is_capital_maintenance_energy_and_space() -> None:
    # Five years of 8,766 hours; 5 % a year; 0.4 kW at a PUE of 1.54 and 0.2054 a kWh; two units at 75 a month.
    (host,) = book(hosts={"pve1": HOST}).settled(["pve1"])
    found = parts(host)
    assert near(found["capital"], "0.2738", places="0.0001")
    assert near(found["maintenance"], "0.0684", places="0.0001")
    assert near(found["energy"], "0.1265", places="0.0001")
    assert near(found["rack"], "0.2055", places="0.0001")
    assert near(sum(found.values(), Decimal(0)), "0.6742", places="0.0001")


def test_what_is_got_for_it_at_the_end_is_not_lost_and_work_and_licences_cost() -> None:
    own = HOST | {"residual": 3234, "admin_month": 730, "licence_year": 17532}
    (host,) = book(hosts={"pve1": own}).settled(["pve1"])
    found = parts(host)
    assert found["capital"] == Decimal("0.2")
    assert (found["work"], found["licences"]) == (Decimal(1), Decimal(2))


def test_the_rates_of_the_worked_example() -> None:
    rates = book(hosts={"pve1": HOST}).common
    assert near(rates.vcpu_hour.value, "0.00571", places="0.00001")
    assert near(rates.gib_hour.value, "0.000766", places="0.000001")
    assert rates.vcpu_hour.kind is PriceKind.DERIVED
    assert "pve1" in rates.vcpu_hour.source
    month = (4 * rates.vcpu_hour.value + 8 * rates.gib_hour.value) * 730
    assert near(month, "21.2", places="0.1")


def test_what_is_sold_of_a_host_at_its_rates_pays_for_the_host() -> None:
    (host,) = (own := book(hosts={"pve1": HOST | {"vcpu_overcommit": 3}})).settled(["pve1"])
    rates, used = own.common, Decimal("0.6")
    earned = 128 * used * 3 * rates.vcpu_hour.value + 512 * used * rates.gib_hour.value
    assert abs(earned - sum(parts(host).values())) < Decimal("1e-20")


def test_disks_with_a_price_of_their_own_are_paid_by_the_gib_and_no_more_with_the_machine() -> None:
    disks = HOST | {"disk_purchase": 3000, "usable_gib": 10000}
    (host,) = (own := book(hosts={"pve1": disks})).settled(["pve1"])
    rates, used = own.common, Decimal("0.6")
    earned = (
        128 * used * rates.vcpu_hour.value
        + 512 * used * rates.gib_hour.value
        + 10000 * used * rates.disk_gib_hour.value
    )
    assert abs(earned - sum(parts(host).values())) < Decimal("1e-20")


def test_disks_without_a_price_are_part_of_the_machine() -> None:
    assert book(hosts={"pve1": HOST}).common.disk_gib_hour.value == 0


def test_energy_that_nobody_told_is_not_counted_and_that_is_said() -> None:
    (host,) = (own := book(hosts={"pve1": HOST | {"watts": None}})).settled(["pve1"])
    assert parts(host)["energy"] == 0
    assert any("pve1" in guess and "watts" in guess for guess in own.guesses)


def test_without_hosts_list_prices_stand_in() -> None:
    rates = book().common
    assert (rates.vcpu_hour.value, rates.vcpu_hour.kind) == (Decimal("0.01"), PriceKind.LIST)


def test_the_nearest_layer_counts_guest_then_host_then_cluster_then_site() -> None:
    own = book(
        guests={"web": {"vcpu_hour": 1}},
        hosts={"pve1": HOST | {"cluster": "lab"}, "pve2": HOST | {"purchase": 24000}},
        clusters={"lab": {"gpu_hour": 2, "gib_hour": 9}},
        site={"disk_gib_hour": 3, "gpu_hour": 4},
    )
    placed = own.rates("web-2", "web", host="pve1")
    assert placed.vcpu_hour.value == 1
    assert placed.gib_hour == book(hosts={"pve1": HOST}).common.gib_hour
    assert placed.gpu_hour.value == 2
    assert own.rates("db").disk_gib_hour.value == 3
    assert own.rates("db").gpu_hour.value == 4
    assert own.rates("db").gib_hour.value > placed.gib_hour.value


def test_settings_of_a_host_win_over_its_clusters_and_these_over_the_sites() -> None:
    own = book(
        hosts={
            "a": HOST | {"cluster": "lab", "pue": 1},
            "b": HOST | {"cluster": "lab"},
            "c": HOST,
        },
        clusters={"lab": {"settings": {"pue": 2}}},
    )
    assert [h.value("pue") for h in own.settled("abc")] == [1, 2, Decimal("1.54")]


def test_a_bare_number_was_entered_by_somebody_and_a_shipped_figure_says_its_source() -> None:
    assert book(site={"gpu_hour": 0.5}).common.gpu_hour.source == "entered by you"
    assert book().common.gpu_hour.source == "a test"


def test_the_version_changes_with_every_price_and_with_nothing_else() -> None:
    assert book().version == book().version
    assert book().version.startswith("round@")
    assert book(site={"gpu_hour": 0.5}).version != book().version


@pytest.mark.parametrize(
    ("host", "word"),
    [
        ({"threads": 8, "memory_gib": 32}, "purchase"),
        (HOST | {"purchase": 0}, "purchase"),
        (HOST | {"life_years": 0}, "life_years"),
        (HOST | {"wats": 400}, "wats"),
    ],
)
def test_a_host_that_can_not_be_computed_is_refused_when_it_is_read(
    host: dict[str, object], word: str
) -> None:
    with pytest.raises(ValidationError, match=word):
        book(hosts={"pve1": host})


def test_amounts_in_another_currency_are_refused_rather_than_mixed() -> None:
    with pytest.raises(ValidationError, match="USD"):
        book(currency="EUR")  # type: ignore[arg-type]
    assert "currency" not in DOCUMENT
