from __future__ import annotations

import pytest

from alma.core.language.words.tokens import Kind, tokenize
from alma.core.model.units import Size


def values(message: str, kind: Kind) -> list[object]:
    return [token.value for token in tokenize(message) if token.kind is kind]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("4x VMs", [4]),
        ("three servers", [3]),
        ("twenty-five containers", [25]),
        ("a pair of servers", [2]),
        ("half a dozen boxes", [6]),
        ("two dozen boxes", [24]),
        ("a few servers", [3]),
        ("3-replica and two-node", [3, 2]),
        ("1M users", [1_000_000]),
        ("1,500 requests", [1500]),
    ],
)
def test_numbers_are_read_in_figures_and_in_words(message: str, expected: list[int]) -> None:
    assert values(message, Kind.NUMBER) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("8GB", "8GB"),
        ("8 GB", "8GB"),
        ("8g", "8GB"),
        ("16 gigs", "16GB"),
        ("512 MiB", "512MiB"),
        ("1.5TB", "1.5TB"),
        ("half a terabyte", "500GB"),
        ("28G", "28GB"),
        ("512 megabytes", "512MB"),
    ],
)
def test_sizes_are_one_token_and_mean_exact_bytes(message: str, expected: str) -> None:
    (size,) = values(message, Kind.SIZE)
    assert size == expected
    assert Size(str(size)) == Size(expected)


def test_a_rough_number_is_marked_so_that_it_can_be_said() -> None:
    assert [token.rounded for token in tokenize("a few servers")] == [True, False]


def test_one_is_a_pronoun_after_the() -> None:
    assert values("a main store and a secondary one", Kind.NUMBER) == []
    assert values("one server", Kind.NUMBER) == [1]


def test_money_percent_addresses_and_regions_are_told_apart() -> None:
    message = "under $1,500 or 800 dollars, 30%, 10.0.0.0/24, 10.0.0.5, eu-central-1"
    assert values(message, Kind.MONEY) == [1500.0, 800.0]
    assert values(message, Kind.PERCENT) == [30.0]
    assert values(message, Kind.CIDR) == ["10.0.0.0/24"]
    assert values(message, Kind.ADDRESS) == ["10.0.0.5"]
    assert values(message, Kind.REGION) == ["eu-central-1"]


def test_names_with_digits_stay_whole() -> None:
    words = [token.text for token in tokenize("web-01 and db.internal.example.org, don't")]
    assert words == ["web-01", "and", "db.internal.example.org", ",", "don't"]


@pytest.mark.parametrize(
    "message", ["4c/8g of RAM", "three  web servers, ünïcode 🎉 8 GB", "a ‘b’ “c d”"]
)
def test_offsets_point_into_the_message(message: str) -> None:
    tokens = tokenize(message)
    assert all(message[token.start : token.end] for token in tokens)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)


def test_amounts_inside_quotes_are_no_name() -> None:
    assert values('set it to "Memory 512 MiB"', Kind.SIZE) == ["512MiB"]
    assert values('called "web front"', Kind.QUOTED) == ["web front"]
