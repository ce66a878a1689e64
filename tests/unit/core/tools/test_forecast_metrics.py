"""Measurements in, an outlook out; what can't be used is refused with what to do."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alma.core.model.errors import ArgumentsInvalid, InvalidInput
from tests.unit.core.tools.kit import calling

START = datetime(2026, 9, 1, tzinfo=UTC)


def days(*values: Any, name: str = "disk_usage") -> list[dict[str, Any]]:
    return [
        {"timestamp": (START + timedelta(days=day)).isoformat(), "metrics": {name: value}}
        for day, value in enumerate(values)
    ]


async def used(tmp_path: Path, **arguments: Any) -> dict[str, Any]:
    async with calling(tmp_path) as calls:
        return await calls.use("forecast_metrics", **arguments)


async def test_a_disk_that_fills_by_one_percent_a_day_is_full_on_the_day_that_can_be_counted(
    tmp_path: Path,
) -> None:
    found = await used(tmp_path, historical_data=days(*range(50, 80)), forecast_period="30 days")
    (outlook,) = found["forecasts"]
    (crossing,) = outlook["crossings"]
    assert (crossing["threshold"], crossing["why"]) == (100, "full, read as percent")
    assert crossing["expected"] == (START + timedelta(days=50)).isoformat().replace("+00:00", "Z")
    assert outlook["end"]["value"] == 109
    assert "2026-10-21" in found["summary"]


async def test_a_size_beside_the_metric_is_its_limit(tmp_path: Path) -> None:
    rows = days(*range(10, 40), name="disk_used_gb")
    for row in rows:
        row["metrics"]["disk_total_gb"] = 60
    found = await used(tmp_path, historical_data=rows, metrics=["disk_used_gb"], forecast_period=60)
    assert found["forecasts"][0]["crossings"][0]["threshold"] == 60
    assert "disk_total_gb" in found["forecasts"][0]["crossings"][0]["why"]


async def test_a_threshold_may_be_a_size(tmp_path: Path) -> None:
    rows = days(*(10**9 * n for n in range(10, 40)), name="used_bytes")
    found = await used(
        tmp_path, historical_data=rows, thresholds={"used_bytes": "50GB"}, forecast_period="1 month"
    )
    assert found["forecasts"][0]["crossings"][0]["threshold"] == 50e9
    assert found["forecasts"][0]["crossings"][0]["expected"].startswith("2026-10-11")


async def test_seconds_and_milliseconds_since_1970_are_moments_too(tmp_path: Path) -> None:
    first = START.timestamp()
    rows = [
        {"timestamp": (first + 86_400 * n) * 1000, "metrics": {"cpu": n + 2}} for n in range(10)
    ]
    found = await used(tmp_path, historical_data=rows, forecast_period="1 day")
    assert found["forecasts"][0]["since"].startswith("2026-09-01")
    assert found["forecasts"][0]["end"]["value"] == 12


@pytest.mark.parametrize("written", [0.9, 90, "90 %"])
async def test_confidence_is_a_share_or_percent(tmp_path: Path, written: Any) -> None:
    found = await used(tmp_path, historical_data=days(*range(10)), confidence_level=written)
    assert found["confidence_level"] == 0.9


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"historical_data": []}, "historical_data"),
        ({}, "historical_data"),
        ({"historical_data": days(1, 2, 3, 4), "confidence_level": 7}, "confidence_level"),
        ({"historical_data": days(1, 2, 3, 4), "confidence_level": "nan"}, "confidence_level"),
        ({"historical_data": days(1, 2, 3, 4), "confidence_level": True}, "confidence_level"),
        ({"historical_data": days(1, 2, 3, 4), "forecast_period": "some days"}, "forecast_period"),
        ({"historical_data": days(1, 2, 3, 4), "forecast_period": "0 days"}, "forecast_period"),
        ({"historical_data": days(1, 2, 3, 4), "forecast_period": "900 years"}, "forecast_period"),
        ({"historical_data": days(1, 2, 3, 4), "chart": "pdf"}, "chart"),
        (
            {"historical_data": [{"timestamp": "yesterday", "metrics": {"cpu": 1}}]},
            "historical_data.0.timestamp",
        ),
        (
            {"historical_data": [{"timestamp": "9999-12-31", "metrics": {"cpu": 1}}]},
            "historical_data.0.timestamp",
        ),
        (
            {"historical_data": [{"timestamp": 0, "metrics": {"cpu": "much"}}]},
            "historical_data.0.metrics.cpu",
        ),
        (
            {"historical_data": days(1, 2, 3, 4), "thresholds": {"disk_usage": "4 pints"}},
            "thresholds.disk_usage",
        ),
    ],
)
async def test_wrong_arguments_are_refused_at_their_place(
    tmp_path: Path, arguments: dict[str, Any], path: str
) -> None:
    with pytest.raises(ArgumentsInvalid) as caught:
        await used(tmp_path, **arguments)
    assert [item.path for item in caught.value.diagnostics] == [path]


@pytest.mark.parametrize(
    "values", [(math.nan,) * 9, (None, None, None, None), (1, 2, 3), (1, math.nan, 2, None, 3)]
)
async def test_a_history_without_four_numbers_is_refused_with_what_to_do(
    tmp_path: Path, values: tuple[Any, ...]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await used(tmp_path, historical_data=days(*values))
    assert "four values" in caught.value.message
    assert "four moments" in str(caught.value.hint)


async def test_a_metric_that_is_too_short_is_named_and_the_others_are_forecast(
    tmp_path: Path,
) -> None:
    rows = days(*range(10))
    rows[0]["metrics"]["rare"] = 1
    found = await used(tmp_path, historical_data=rows)
    assert [item["metric"] for item in found["forecasts"]] == ["disk_usage"]
    assert found["left_out"] == ["rare: fewer than four values can be used"]


async def test_a_metric_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no metric 'ram'") as caught:
        await used(tmp_path, historical_data=days(1, 2, 3, 4), metrics=["ram"])
    assert "disk_usage" in str(caught.value.hint)


async def test_png_is_answered_with_svg_and_a_word_about_it(tmp_path: Path) -> None:
    found = await used(tmp_path, historical_data=days(*range(10)), chart="PNG")
    assert found["forecasts"][0]["chart"].startswith("<svg")
    assert "svg only" in found["notes"][0]
    plain = await used(tmp_path, historical_data=days(*range(10)))
    assert plain["forecasts"][0]["chart"] is None


async def test_what_was_done_to_the_history_is_in_the_answer(tmp_path: Path) -> None:
    rows = days(1, 2, None, 4, 5, 6, 7, 8)
    found = await used(tmp_path, historical_data=[*rows[::-1], rows[0]])
    told = " ".join(found["forecasts"][0]["treatment"])
    assert "out of order" in told
    assert "share their moment" in told
    assert "missing" in told
