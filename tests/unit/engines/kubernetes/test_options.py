"""What only Kubernetes knows is checked strictly, and amounts survive the way there and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.core.model.state import DesiredResource
from alma.core.model.units import Size
from alma.engines.kubernetes import quantities
from alma.engines.kubernetes.options import faults, options_of
from tests.unit.engines.kubernetes import wishes
from tests.unit.engines.kubernetes.wishes import patient, wish


def test_good_options_have_no_fault() -> None:
    given_ = {
        "pod_security": "baseline",
        "user": "image",
        "autoscale": {"min": 2, "max": 5, "cpu": 70},
        "operator": "cloudnative-pg",
        "gateway": "edge/main",
        "host": "shop.example",
        "node_selector": {"disk": "ssd"},
    }
    assert faults(wish(options=given_)) == []
    assert faults(wish()) == []
    assert faults(wishes.volume(options={"storage_class": "fast"})) == []


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"pod_securty": "baseline"}, "pod_securty"),
        ({"user": 0}, "user"),
        ({"user": "root"}, "user"),
        ({"autoscale": {"max": 0}}, "autoscale.max"),
        ({"autoscale": {"min": 3, "max": 2}}, "autoscale"),
        ({"autoscale": {}}, "autoscale.max"),
        ({"operator": "magic"}, "operator"),
        ({"gateway": "a/b/c"}, "gateway"),
        ({"host": "Not A Host"}, "host"),
        ({"node_selector": {"a b": "c"}}, "node_selector"),
    ],
)
def test_a_fault_is_found_where_it_is(options: dict[str, Any], path: str) -> None:
    found = faults(wish(options=options))
    assert found
    assert all(fault.severity == "error" for fault in found)
    assert found[0].path.startswith(f"web-1.options.kubernetes.{path}")


def test_a_key_that_was_meant_otherwise_is_said() -> None:
    (fault,) = faults(wish(options={"autoscal": {"max": 3}}))
    assert "autoscale" in f"{fault.message} {fault.hint}"


@pytest.mark.parametrize(
    "desired",
    [
        wishes.volume(options={"user": 7}),
        wishes.network(options={"host": "a"}),
        wish(options={"storage_class": "fast"}),
    ],
    ids=["volume", "network", "service"],
)
def test_each_type_has_options_of_its_own(desired: DesiredResource) -> None:
    assert len(faults(desired)) == 1


def test_what_is_not_valid_counts_as_not_written() -> None:
    assert options_of(wish(options={"user": 7, "nope": 1})).user is None


@patient
@given(st.floats(0.001, 4096).map(lambda cores: round(cores, 4)))
def test_cpus_come_back_as_they_were_asked_for(cores: float) -> None:
    text = quantities.cpu_quantity(cores)
    assert text.endswith("m")
    assert quantities.cpu_property(text, cores) == cores


@patient
@given(st.integers(1, 2**50))
def test_sizes_come_back_as_they_were_asked_for(amount: int) -> None:
    size = Size.of_bytes(amount)
    assert quantities.size_property(quantities.memory_quantity(size)) == str(size)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("500m", "0.5"),
        ("1.5", "1.5"),
        ("2", "2"),
        ("1Ki", "1024"),
        ("1.5Gi", "1610612736"),
        ("20G", "20000000000"),
        ("1e3", "1000"),
        ("12E", "12000000000000000000"),
        ("1n", "1E-9"),
        ("soon", None),
        ("1.2.3", None),
        ("", None),
    ],
)
def test_an_amount_is_read_however_the_server_writes_it(text: str, amount: str | None) -> None:
    found = quantities.parsed(text)
    assert found == (None if amount is None else Decimal(amount))


def test_what_is_no_amount_is_shown_as_it_is() -> None:
    assert quantities.size_property("soon") == "soon"
    assert quantities.size_property(None) is None
    assert quantities.cpu_property(None) is None
    assert quantities.cpu_property("2") == 2
